"""The filters of a list: which titles it wants, by facts of the title."""

from dataclasses import dataclass
from enum import StrEnum

from list_sync.model.titles import MediaType


class IfUnknown(StrEnum):
    """What becomes of a title of which the fact is not known: it passes, waits until it is known, or is left out."""

    ACCEPT = "accept"
    WAIT = "wait"
    REJECT = "reject"


class RatingSource(StrEnum):
    """Who rates: TMDB, IMDb, the critics of Rotten Tomatoes, or the list itself."""

    TMDB = "tmdb"
    IMDB = "imdb"
    RT = "rt"
    LIST = "list"


class Released(StrEnum):
    """How far a title must be: in cinemas, as a digital or physical release; a show or season must have aired."""

    CINEMA = "cinema"
    DIGITAL = "digital"
    AIRED = "aired"


@dataclass(frozen=True, slots=True)
class Range:
    """A number from `least` to `most`, both included; None is no limit."""

    least: float | None = None
    most: float | None = None
    unknown: IfUnknown = IfUnknown.ACCEPT


@dataclass(frozen=True, slots=True)
class Words:
    """Facts with several values: one of `wanted` is needed if there are any, and none of `unwanted` may be there."""

    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()
    unknown: IfUnknown = IfUnknown.ACCEPT


@dataclass(frozen=True, slots=True)
class Rating:
    """The least rating (of 10; of 100 for RT), by at least so many votes."""

    source: RatingSource = RatingSource.TMDB
    least: float = 0.0
    votes: int = 0
    unknown: IfUnknown = IfUnknown.ACCEPT


@dataclass(frozen=True, slots=True)
class Release:
    """The release that a title needs."""

    needed: Released
    unknown: IfUnknown = IfUnknown.WAIT


@dataclass(frozen=True, slots=True)
class NotOn:
    """Streaming services of a region (a code of a country) on which a title must not be."""

    region: str
    services: frozenset[str] = frozenset()
    unknown: IfUnknown = IfUnknown.ACCEPT


@dataclass(frozen=True, slots=True)
class Filters:
    """The rules that a title must pass; None is no rule.

    Genres and services are compared without regard to letter case. Languages and countries are codes as in `en`, `DE`;
    `runtime` is in minutes.
    """

    kind: MediaType | None = None
    year: Range | None = None
    genres: Words | None = None
    languages: Words | None = None
    countries: Words | None = None
    runtime: Range | None = None
    rating: Rating | None = None
    released: Release | None = None
    not_on: NotOn | None = None
