"""The contents of the sample sources: entries of lists, and the lists by source and id."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One entry in its source; `kind` is movie or tv.

    `source_type` is the source's own word if it is not the usual one for `kind`: IMDb's titleType.id
    (tvEpisode, videoGame, …), or season, episode and person at Trakt.
    """

    title: str
    kind: str = "movie"
    year: int | None = None
    imdb: str | None = None
    tmdb: int | None = None
    tvdb: int | None = None
    season: int | None = None
    source_type: str | None = None


@dataclass(frozen=True, slots=True)
class SourceList:
    """One list; its entries are read from the sequence when a page is requested."""

    source: str
    list_id: str
    items: Sequence[SourceEntry]
    is_private: bool = False
    name: str = ""


class Library:
    """All lists of all sources, safe to change while they are read."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], SourceList] = {}
        self._lock = threading.Lock()

    def add(self, content: SourceList) -> None:
        """Add a list; it replaces a list with the same id."""
        with self._lock:
            self._lists[content.source, content.list_id] = content

    def remove(self, source: str, list_id: str) -> None:
        """Remove a list as its owner would."""
        with self._lock:
            del self._lists[source, list_id]

    def find(self, source: str, list_id: str) -> SourceList | None:
        """Return the list with that id, if there is one."""
        with self._lock:
            return self._lists.get((source, list_id))
