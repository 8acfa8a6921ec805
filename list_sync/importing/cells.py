"""What single values of a database of ListSync 0.6 mean; any of them may be of another type, empty or nonsense."""

import re
from datetime import UTC, datetime, timedelta

from list_sync.model.titles import MediaType

_NOTHING = {"", "none", "null", "nan", "undefined"}
_KINDS = {
    **dict.fromkeys(("movie", "movies", "film", "films"), MediaType.MOVIE),
    **dict.fromkeys(("tv", "show", "shows", "series", "tv show", "tvshow", "tv_show"), MediaType.TV),
}
_WHOLE = re.compile(r"\d{1,10}(\.0*)?")
_IMDB = re.compile(r"tt\d{5,12}")
# As large as the numbers of TMDB and of users may become.
_LARGEST = 2**31 - 1
_FIRST_YEAR, _LAST_YEAR = 1870, 2100
_FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_LONGEST_TEXT = 2_000
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def find_text(value: object) -> str:
    """Return a value as text on one line without control characters.

    Return "" for nothing, in any of the ways in which 0.6 stored that.
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = "" if value is None else " ".join(_CONTROL.sub(" ", str(value)[:_LONGEST_TEXT]).split())
    return "" if text.casefold() in _NOTHING else text


def find_number(value: object) -> int | None:
    """Return a positive whole number, also from text and from 949.0; None for anything else."""
    text = find_text(value)
    if not text.isascii() or not _WHOLE.fullmatch(text):
        return None
    number = int(text.partition(".")[0])
    return number if 0 < number <= _LARGEST else None


def find_count(value: object) -> int:
    """Return a number of things; 0 if it is not known."""
    return find_number(value) or 0


def find_year(value: object) -> int | None:
    """Return the year of a title, also from a whole date."""
    year = find_number(find_text(value)[:4])
    return year if year and _FIRST_YEAR <= year <= _LAST_YEAR else None


def find_imdb_id(value: object) -> str | None:
    """Return an IMDb id."""
    text = find_text(value).lower()
    return text if _IMDB.fullmatch(text) else None


def find_kind(value: object) -> MediaType | None:
    """Return the kind of a title."""
    return _KINDS.get(find_text(value).casefold())


def find_moment(value: object, *, now: datetime) -> datetime | None:
    """Return a moment, which 0.6 stored in UTC; None for none, and for one that cannot be right."""
    try:
        moment = datetime.fromisoformat(find_text(value))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return min(moment, now) if _FIRST_MOMENT <= moment <= now + timedelta(days=1) else None
