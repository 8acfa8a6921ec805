"""A wanted title, the result of looking for it in TMDB, and how long an absence is believed."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from list_sync.model.moments import is_in_future
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.titles import MediaItem, MediaType, TitleKey, with_year

# How long to believe that TMDB lacks a title depends on the clean runs (without a TMDB failure) that saw it.
ENOUGH_RUNS = 2
# The servers cache the answers to searches for this time.
CONFIRM_AFTER = timedelta(minutes=5)
LOOK_AGAIN_AFTER = timedelta(days=1)
SPREAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an entry on one list: its rank there, from 1, in the order of the list's terms, and since when.

    `season` and `rating` are what the list states besides: one season of a show, and its own rating.
    """

    source: ListKey
    rank: int
    added_at: datetime | None = None
    season: int | None = None
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class WantedItem:
    """One title that at least one list wants, and these lists, most important first.

    `places` are its places on those lists whose terms ask for them, or that name seasons of a show. `entries` are the
    entries of all lists that hold it, if there are several, also of those that do not want it.
    """

    item: MediaItem
    sources: tuple[ListRef, ...]
    places: tuple[Place, ...] = field(default=(), compare=False)
    entries: tuple[tuple[ListRef, MediaItem], ...] = field(default=(), compare=False, repr=False)

    @property
    def all_entries(self) -> tuple[tuple[ListRef, MediaItem], ...]:
        """Return every list that holds the title, with its own entry."""
        return self.entries or tuple((source, self.item) for source in self.sources)

    @property
    def log_fields(self) -> dict[str, str]:
        """Return the fields of log lines about this title: its name and the most important list."""
        found = {"list": str(self.sources[0])} if self.sources else {}
        return {"title": self.item.label, **found}

    def find_place(self, source: ListKey) -> Place | None:
        """Return the best place of the title on a list, if the terms of the list ask for it."""
        return min((place for place in self.places if place.source == source), key=_rank_of, default=None)

    def find_named_seasons(self, source: ListKey) -> frozenset[int] | None:
        """Return the seasons of a show that a list names; None if it wants the show as a whole."""
        named = {place.season for place in self.places if place.source == source} or {None}
        return None if None in named else frozenset(season for season in named if season is not None)

    def narrowed_to(self, sources: Collection[ListRef]) -> Self:
        """Return the title as only these lists want it."""
        keys = {source.key for source in sources}
        return replace(
            self,
            sources=tuple(source for source in self.sources if source.key in keys),
            places=tuple(place for place in self.places if place.source in keys),
        )


def _rank_of(place: Place) -> int:
    return place.rank


class MatchMethod(StrEnum):
    """How a title was found; the order is the order of trust."""

    PIN = "pin"
    TMDB_ID = "tmdb_id"
    REMEMBERED = "remembered"
    IMDB_ID = "imdb_id"
    TVDB_ID = "tvdb_id"
    TITLE_AND_YEAR = "title_and_year"


class NoMatchReason(StrEnum):
    """Why a title has no TMDB id; an outage is never recorded as absence."""

    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    LOOKUP_FAILED = "lookup_failed"
    BANNED = "banned"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A title that the server's search returned; `countries` are the codes of its countries, if known."""

    media_type: MediaType
    tmdb_id: int
    title: str
    original_title: str = ""
    year: int | None = None
    popularity: float = 0.0
    countries: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Return the candidate as people read it in a review queue."""
        return f"{with_year(self.title, self.year)} [{self.media_type.value} {self.tmdb_id}]"


@dataclass(frozen=True, slots=True)
class Match:
    """A wanted title and the one TMDB title that it is.

    `seasons` are the only seasons that the lists ask for; None means the show as a whole. `name` is that of the TMDB
    title, if the lists state only an id and it is known. `considered` are the best candidates of a search by name.
    """

    wanted: WantedItem
    media_type: MediaType
    tmdb_id: int
    method: MatchMethod
    seasons: frozenset[int] | None = None
    name: str = field(default="", compare=False)
    considered: tuple[Candidate, ...] = field(default=(), compare=False)

    @property
    def label(self) -> str:
        """Return what people call the title."""
        return self.name or self.wanted.item.label

    def narrowed_to(self, sources: Collection[ListRef]) -> Self:
        """Return the match as only these lists want it, with the seasons that they name."""
        wanted = self.wanted.narrowed_to(sources)
        named = [wanted.find_named_seasons(source.key) for source in wanted.sources]
        known = [seasons for seasons in named if seasons is not None]
        seasons = frozenset[int]().union(*known) if len(known) == len(named) else None
        is_named = self.media_type is MediaType.TV and self.wanted.places
        return replace(self, wanted=wanted, seasons=seasons if is_named else self.seasons)


@dataclass(frozen=True, slots=True)
class NoMatch:
    """A wanted title without a TMDB id, the reason, and the candidates."""

    wanted: WantedItem
    reason: NoMatchReason
    detail: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def label(self) -> str:
        """Return what people call the entry."""
        return self.wanted.item.label

    def narrowed_to(self, sources: Collection[ListRef]) -> Self:
        """Return the entry as only these lists want it."""
        return replace(self, wanted=self.wanted.narrowed_to(sources))


MatchResult = Match | NoMatch


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of the server's title search, people and collections left out."""

    candidates: tuple[Candidate, ...]
    page: int
    total_pages: int
    total_results: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """The title that a key (see MediaItem.keys) was resolved to, and how.

    `title` and `year` are those of the TMDB title, as far as they are known.
    """

    key: str
    media_type: MediaType
    tmdb_id: int
    method: MatchMethod
    title: str = field(default="", compare=False)
    year: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Pin:
    """The user's decision about a key: it is this TMDB title, or, if `tmdb_id` is None, it is banned."""

    key: str
    media_type: MediaType | None = None
    tmdb_id: int | None = None


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A title that was searched and not found; it is kept so that not every run searches it.

    `key` holds all of the item's keys, so that an additional id leads to a new search. `clean_runs` counts the runs
    with this result in which TMDB never failed, see overdue_by.
    """

    key: str
    reason: NoMatchReason
    detail: str
    candidates: tuple[Candidate, ...]
    looked_up_at: datetime
    clean_runs: int = ENOUGH_RUNS


@dataclass(frozen=True, slots=True)
class MissingNumber:
    """A TMDB number that TMDB does not have, when that was last seen, and in how many clean runs."""

    media_type: MediaType
    tmdb_id: int
    seen_at: datetime
    clean_runs: int

    @property
    def title_key(self) -> TitleKey:
        """Return the kind and the number."""
        return (self.media_type, self.tmdb_id)


def overdue_by(key: str, seen_at: datetime, *, clean_runs: int, now: datetime) -> timedelta:
    """Return how long a new check of an absence is overdue; negative while no check is due.

    Without a clean run, a check is due at once. After one clean run, it is due when the servers' caches have expired.
    After that, it is due every one to two days, at a different time for each key.
    """
    if is_in_future(seen_at, now=now):
        return seen_at - now
    age = max(now - seen_at, timedelta())
    if clean_runs == 0:
        return age
    if clean_runs < ENOUGH_RUNS:
        return age - CONFIRM_AFTER
    digest = hashlib.blake2b(key.encode(errors="replace"), digest_size=4).digest()
    return age - LOOK_AGAIN_AFTER - SPREAD * (int.from_bytes(digest) / 0xFFFFFFFF)


def set_back(seen_at: datetime, *, now: datetime) -> datetime:
    """Return the time to store after a failed check: the next check is due at once, after those that wait longer."""
    longest_held = now - LOOK_AGAIN_AFTER - SPREAD
    return longest_held if is_in_future(seen_at, now=now) else max(seen_at, longest_held)
