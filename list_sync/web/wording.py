"""What is wrong with a request, in plain words: values that are not accepted, addresses that do not exist."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any

# By the types of pydantic's errors; all others keep their own text.
_WORDS = {
    "missing": "this is missing",
    "extra_forbidden": "this key is not known",
    "string_type": "must be text",
    "string_too_short": "this is too short",
    "string_too_long": "must have at most {max_length} characters",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "this is too large",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "list_type": "must be an array",
    "tuple_type": "must be an array",
    "too_long": "must have at most {max_length} entries",
    "dict_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "datetime_type": "must be a time, as in 2026-12-01T18:00:00Z",
    "datetime_parsing": "must be a time, as in 2026-12-01T18:00:00Z",
    "datetime_from_date_parsing": "must be a time, as in 2026-12-01T18:00:00Z",
    "value_error": "{error}",
}
# Python 3.13 names these otherwise; programs that read our answers, and the audit log, have one name.
_STATUSES = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}
_KINDS = ("str", "int", "float", "bool", "datetime")
_MOST_TOLD = 10
# A key that is not known may be as long as the body, and need not come back.
_LONGEST_PLACE = 100


def describe_errors(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return what is wrong with the values of a request, each place once."""
    told: dict[tuple[str, ...], list[str]] = {}
    for error in errors:
        told.setdefault(_place_of(error["loc"]), []).append(_describe(error))
    # Of a value that may be of several kinds, the errors of the kind that it has say more.
    outer = {place[:length] for place in told for length in range(len(place))}
    deepest = islice((place for place in told if place not in outer), _MOST_TOLD)
    return "; ".join(f"{_name(place)}: {' or '.join(dict.fromkeys(told[place]))}" for place in deepest)


def describe_status(status: int, method: str) -> str:
    """Return why a request fits no route."""
    if status == HTTPStatus.NOT_FOUND:
        return "there is nothing at this address: /docs shows all addresses"
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"this address does not take {method}: /docs shows what it takes"
    return name_status(status)


def name_status(status: int) -> str:
    """Return the name of a status of HTTP, the same with every version of Python."""
    return _STATUSES.get(status) or HTTPStatus(status).phrase


def _describe(error: Mapping[str, Any]) -> str:
    words = _WORDS.get(error["type"])
    return words.format(**error.get("ctx", {})) if words else str(error["msg"])


def _place_of(location: Sequence[str | int]) -> tuple[str, ...]:
    """Return where a value is, without the names of the kinds that it may have."""
    parts = map(str, location)
    return tuple(part for part in parts if part.replace("_", "").isalnum() and part not in _KINDS)


def _name(place: tuple[str, ...]) -> str:
    name = ".".join(place)
    return name if len(name) <= _LONGEST_PLACE else f"{name[:_LONGEST_PLACE]}…"
