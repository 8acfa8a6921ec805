"""What the webhook agent of Overseerr, Jellyseerr or Seerr sends: in its own form, or in one that the user wrote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from list_sync.model.titles import MediaType, TitleKey

# A request of ListSync causes these as well.
_REQUESTS = frozenset({"MEDIA_PENDING", "MEDIA_APPROVED", "MEDIA_AUTO_APPROVED", "MEDIA_AUTO_REQUESTED"})
_TMDB = ("tmdbid", "mediatmdbid", "tmdb")
_TVDB = ("tvdbid", "mediatvdbid", "tvdb")
_KIND = ("mediatype", "type", "kind")
_KINDS = {"movie": MediaType.MOVIE, "tv": MediaType.TV, "show": MediaType.TV, "series": MediaType.TV}
_NUMBER = re.compile("[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class Notification:
    """The title that a message is about, if any; `is_request` if it was only requested or approved."""

    key: TitleKey | None
    is_request: bool


def parse_notification(document: object) -> Notification:
    """Return what a message is about; its ids are texts or numbers, and the names may be those of another template."""
    words: dict[str, str] = {}
    for name, value in _values_of(document):
        words.setdefault(re.sub("[^a-z]", "", name.lower()), str(value).strip())
    tmdb_id = next((words[name] for name in _TMDB if _NUMBER.fullmatch(words.get(name, ""))), None)
    kind = next((_KINDS[words[name].lower()] for name in _KIND if words.get(name, "").lower() in _KINDS), None)
    if kind is None and any(words.get(name) for name in _TVDB):
        kind = MediaType.TV
    key = (kind, int(tmdb_id)) if kind is not None and tmdb_id is not None else None
    return Notification(key, words.get("notificationtype", "").upper() in _REQUESTS)


def _values_of(document: object) -> Iterator[tuple[str, str | int]]:
    """Yield the texts and numbers of a message with their names, those of the outer objects first."""
    level: list[Any] = [document]
    while level:
        objects = [one for one in level if isinstance(one, dict)]
        for one in objects:
            for name, value in one.items():
                if isinstance(value, str | int) and not isinstance(value, bool):
                    yield name, value
        level = [value for one in objects for value in one.values() if isinstance(value, dict)]
