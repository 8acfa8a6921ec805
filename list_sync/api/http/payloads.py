"""Checked reading of foreign JSON: a wrong shape is an error that names it, a wrong value is None."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast

from list_sync.errors import UnexpectedResponse

_LARGEST_INT = 2**63 - 1
# The servers keep TMDB and TVDB numbers in 32-bit columns.
_LARGEST_ID = 2**31 - 1
_LONGEST_TITLE = 500
_IMDB_ID = re.compile(r"(?<![a-z0-9])tt(\d{1,12})(?![a-z0-9])", re.IGNORECASE | re.ASCII)
# A number of four digits, or of eight that are a date such as 19990331.
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)|(?<!\d)(\d{4})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)", re.ASCII)
# Columns of numbers with empty cells are often saved as 603.0; 603.000 may mean 603,000.
_WHOLE_NUMBER = re.compile(r"\s*(-?\d{1,19})(?:[.,]0{1,2})?\s*", re.ASCII)


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


def find_int(value: object) -> int | None:
    """Return a whole number that is stated as a number or as digits; None for zero and anything else."""
    number = _int_of(value)
    return number if number and abs(number) <= _LARGEST_INT else None


def find_positive_int(value: object) -> int | None:
    """Return a number that can be an id, or None."""
    number = find_int(value)
    return number if number is not None and 0 < number <= _LARGEST_ID else None


def find_count(value: object) -> int | None:
    """Return a number of entries, from 0 up, or None."""
    number = _int_of(value)
    return number if number is not None and 0 <= number <= _LARGEST_ID else None


def _int_of(value: object) -> int | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    found = _WHOLE_NUMBER.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) if found else None


def find_year(value: object) -> int | None:
    """Return the year in a number, a text or a date of any order, if a film or show can have it.

    If there are several, the first counts, as in "2008–2013". 10/25/78 has no year of four digits.
    """
    if isinstance(value, str):
        numbers = (int(found[1] or found[2]) for found in _YEAR.finditer(value[:200]))
    else:
        numbers = (number for number in (_int_of(value),) if number is not None)
    return next((number for number in numbers if 1870 <= number <= 2100), None)


def find_date(value: object) -> date | None:
    """Return the day of a text that begins like 2026-11-22."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def find_imdb_id(value: object) -> str | None:
    """Return the IMDb title id in an id, an `imdb://` address or a URL: lower case, at least seven digits."""
    found = _IMDB_ID.search(value) if isinstance(value, str) else None
    number = found.group(1).lstrip("0") if found else ""
    return f"tt{number.zfill(7)}" if number else None


def find_codes(value: object) -> tuple[str, ...]:
    """Return the two-letter codes in a list of countries in capitals; other values are ignored."""
    texts = [text.strip().upper() for text in value if isinstance(text, str)] if isinstance(value, list) else []
    return tuple(text for text in texts if len(text) == 2 and text.isalpha())


def clean_title(value: object) -> str:
    """Return a text as one line without control characters, at most 500 characters; "" if it is no text."""
    if not isinstance(value, str):
        return ""
    text = value[:5000]
    if not text.isprintable():
        # Lone surrogates (JSON allows them) can be neither stored nor sent.
        text = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter for letter in text)
    return " ".join(text.split())[:_LONGEST_TITLE].rstrip()


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        keys = ", ".join(sorted(str(key) for key in value)[:5])
        return f"an object ({clean_title(keys)[:80]})" if keys else "an empty object"
    if isinstance(value, list):
        return "an array"
    return "an empty text" if value == "" else f"a {'text' if isinstance(value, str) else type(value).__name__}"
