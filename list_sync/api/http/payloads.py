"""Checked reading of foreign JSON: a wrong shape is an error that names it, a wrong value is None."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast

from list_sync.errors import UnexpectedResponse
from list_sync.model.cleaning import clean_title as clean_title
from list_sync.model.cleaning import find_count as find_count
from list_sync.model.cleaning import find_imdb_id as find_imdb_id
from list_sync.model.cleaning import find_int as find_int
from list_sync.model.cleaning import find_moment as find_moment
from list_sync.model.cleaning import find_positive_int as find_positive_int
from list_sync.model.cleaning import find_rating as find_rating
from list_sync.model.cleaning import find_size as find_size
from list_sync.model.cleaning import find_year as find_year


def expect_object(value: object, *, service: str, what: str) -> Mapping[str, object]:
    """Return `value` if it is a JSON object; raise UnexpectedResponse that names `what` was expected."""
    if not isinstance(value, dict):
        raise UnexpectedResponse(service, f"{_kind(value)}, expected {what} (a JSON object)")
    return cast(Mapping[str, object], value)


def expect_list(value: object, *, service: str, what: str) -> Sequence[object]:
    """Return `value` if it is a JSON array; raise UnexpectedResponse that names `what` was expected."""
    if not isinstance(value, list):
        raise UnexpectedResponse(service, f"{_kind(value)}, expected {what} (a JSON array)")
    return cast(Sequence[object], value)


def expect_text(value: object, *, service: str, what: str) -> str:
    """Return `value` if it is a text that is not empty; raise UnexpectedResponse that names `what` was expected."""
    if not isinstance(value, str) or not value.strip():
        raise UnexpectedResponse(service, f"{_kind(value)}, expected {what} (a text)")
    return value


def find_date(value: object) -> date | None:
    """Return the day of a text that begins like 2026-11-22."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def find_codes(value: object) -> tuple[str, ...]:
    """Return the two-letter codes in a list of countries in capitals; other values are ignored."""
    texts = [text.strip().upper() for text in value if isinstance(text, str)] if isinstance(value, list) else []
    return tuple(text for text in texts if len(text) == 2 and text.isalpha())


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        keys = ", ".join(sorted(str(key) for key in value)[:5])
        return f"an object ({clean_title(keys)[:80]})" if keys else "an empty object"
    if isinstance(value, list):
        return "an array"
    return "an empty text" if value == "" else f"a {'text' if isinstance(value, str) else type(value).__name__}"
