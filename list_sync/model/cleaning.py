"""Reads single facts of titles from values that others wrote: a value that cannot be right is None."""

import math
import re
import unicodedata
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from list_sync.model.titles import MediaIds, MediaItem, MediaType

_LARGEST_INT = 2**63 - 1
# The servers keep TMDB and TVDB numbers in 32-bit columns.
_LARGEST_ID = 2**31 - 1
_LONGEST_TITLE = 500
NAMELESS = "an entry without title and id"
_KINDS = tuple(MediaType)
_IMDB_ID = re.compile(r"(?<![a-z0-9])tt(\d{1,12})(?![a-z0-9])", re.IGNORECASE | re.ASCII)
# A number of four digits, or of eight that are a date such as 19990331.
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)|(?<!\d)(\d{4})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)", re.ASCII)
# Columns of numbers with empty cells are often saved as 603.0; 603.000 may mean 603,000.
_WHOLE_NUMBER = re.compile(r"\s*(-?\d{1,19})(?:[.,]0{1,2})?\s*", re.ASCII)


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


def find_size(value: object) -> int | None:
    """Return a number of bytes, from 0 up, or None."""
    number = _int_of(value)
    return number if number is not None and 0 <= number <= _LARGEST_INT else None


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


def find_moment(value: object) -> datetime | None:
    """Return the moment in a date of ISO 8601 or of a feed, or in seconds since 1970; a day is its beginning in UTC."""
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, str):
            text = value.strip()[:50]
            moment = datetime.fromisoformat(text) if text[:4].isdecimal() else parsedate_to_datetime(text)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            return None
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
    # Lists of titles are younger than 1990.
    return moment if 1990 <= moment.year <= 2100 else None


def find_rating(value: object) -> float | None:
    """Return a rating of 10, stated as a number or as digits."""
    try:
        rating = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return rating if 0 < rating <= 10 else None


def find_imdb_id(value: object) -> str | None:
    """Return the IMDb title id in an id, an `imdb://` address or a URL: lower case, at least seven digits."""
    found = _IMDB_ID.search(value) if isinstance(value, str) else None
    number = found.group(1).lstrip("0") if found else ""
    return f"tt{number.zfill(7)}" if number else None


def clean_title(value: object) -> str:
    """Return a text as one line without control characters, at most 500 characters; "" if it is no text."""
    if not isinstance(value, str):
        return ""
    text = value[:5000]
    if not text.isprintable():
        # Lone surrogates (JSON allows them) can be neither stored nor sent.
        text = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter for letter in text)
    return " ".join(text.split())[:_LONGEST_TITLE].rstrip()


def clean_item(item: MediaItem) -> MediaItem | None:
    """Return an entry without facts that cannot be right, of any type; None if neither its title nor an id is left.

    An entry that is right is returned as it is, because copies of a long list take as much memory again.
    """
    ids, kind = item.ids, item.media_type
    own = (item.title, kind, item.year, ids.tmdb, ids.imdb, ids.tvdb, item.season, item.added_at, item.rating)
    given = (*own, *item.other_titles)
    title, others = clean_title(item.title), tuple(filter(None, map(clean_title, item.other_titles)))
    kind = MediaType(kind) if kind in _KINDS else None
    ids = MediaIds(find_positive_int(ids.tmdb), find_imdb_id(ids.imdb), find_positive_int(ids.tvdb))
    if not title and not ids:
        return None
    year, season = find_year(item.year), find_count(item.season)
    added_at, rating = find_moment(item.added_at), find_rating(item.rating)
    right = (title, kind, year, ids.tmdb, ids.imdb, ids.tvdb, season, added_at, rating, *others)
    is_right = given == right and [*map(type, given)] == [*map(type, right)]
    return item if is_right else MediaItem(title, kind, year, ids, season, others, added_at, rating)
