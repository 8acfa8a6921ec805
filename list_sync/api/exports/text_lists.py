"""Plain ids, one a line: IMDb, TMDB and TVDB numbers and addresses, with comments after #."""

import re
from collections.abc import Callable, Iterable

from list_sync.api.exports.entries import SERVICE, build_page
from list_sync.api.payloads import find_imdb_id, find_positive_int
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import NotUnderstood, Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType

FORMS = "tt0133093, imdb:tt0133093, tmdb:movie:603, tmdb:tv:1399, tvdb:81189, or an address at IMDb or TMDB"
_COMMENT = re.compile(r"(?:^|\s)#.*$")


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.ASCII)


def _imdb(found: re.Match[str]) -> MediaItem | None:
    imdb = find_imdb_id(found["id"])
    return MediaItem("", None, None, MediaIds(imdb=imdb)) if imdb else None


def _tmdb(found: re.Match[str]) -> MediaItem | None:
    number = find_positive_int(found["id"])
    media_type = MediaType.MOVIE if found["kind"].lower() == "movie" else MediaType.TV
    return MediaItem("", media_type, None, MediaIds(tmdb=number)) if number else None


def _tvdb(found: re.Match[str]) -> MediaItem | None:
    number = find_positive_int(found["id"])
    return MediaItem("", MediaType.TV, None, MediaIds(tvdb=number)) if number else None


_SITE = r"(?:https?://)?(?:(?:www|m|beta)\.)?"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], MediaItem | None]], ...] = (
    (_pattern(r"(?:imdb:(?://)?)?(?P<id>tt\d{1,12})"), _imdb),
    (_pattern(_SITE + r"imdb\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?title/(?P<id>tt\d{1,12})(?:[/?#].*)?"), _imdb),
    (_pattern(r"(?:tmdb:(?://)?)?(?P<kind>movie|tv|show)[:/](?P<id>\d{1,10})"), _tmdb),
    (_pattern(_SITE + r"themoviedb\.org/(?P<kind>movie|tv)/(?P<id>\d{1,10})(?:[-/?#].*)?"), _tmdb),
    (_pattern(r"tvdb:(?://)?(?:(?:series|show|tv):)?(?P<id>\d{1,10})"), _tvdb),
    (_pattern(_SITE + r"thetvdb\.com/dereferrer/series/(?P<id>\d{1,10})(?:[/?#].*)?"), _tvdb),
    (_pattern(_SITE + r"thetvdb\.com/(?:index\.php)?\?tab=series&id=(?P<id>\d{1,10})(?:&.*)?"), _tvdb),
)


def parse_lines(text: str) -> Page:
    """Return the ids in a text; raise UnexpectedResponse when not one line holds one."""
    lines = [(number, _COMMENT.sub("", line).strip()) for number, line in enumerate(text.splitlines(), start=1)]
    entries = [(number, line, parse_id(line)) for number, line in lines if line]
    unread = [number for number, _, item in entries if item is None]
    if len(unread) == len(entries):
        raise UnexpectedResponse(SERVICE, f"neither JSON nor CSV, and no line is an id: write {FORMS}, one a line")
    return build_page([item or NotUnderstood(f"line {number}", "no id") for number, _, item in entries])


def parse_id(text: str) -> MediaItem | None:
    """Return the film or show that one id or address names, or None."""
    word = text.strip().strip("\"',")
    for pattern, build in _FORMS:
        found = pattern.fullmatch(word)
        if found:
            return build(found)
    return None


def find_ids(addresses: Iterable[str]) -> MediaItem | None:
    """Return what several addresses of one entry say together, or None if none is an id."""
    merged: MediaItem | None = None
    for item in filter(None, map(parse_id, addresses)):
        if merged is None:
            merged = item
        # A TMDB number means nothing without the kind that it was stated with.
        elif merged.media_type in (None, item.media_type) or item.media_type is None:
            merged = MediaItem("", merged.media_type or item.media_type, None, merged.ids.merged_with(item.ids))
    return merged
