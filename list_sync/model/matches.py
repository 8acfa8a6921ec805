"""What became of looking for a wanted title in TMDB."""

from dataclasses import dataclass
from enum import StrEnum

from list_sync.model.sources import WantedItem
from list_sync.model.titles import MediaType


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
    """A title that the server's search offered."""

    media_type: MediaType
    tmdb_id: int
    title: str
    original_title: str = ""
    year: int | None = None
    popularity: float = 0.0

    @property
    def label(self) -> str:
        """Return the candidate as people read it in a review queue."""
        year = f" ({self.year})" if self.year else ""
        return f"{self.title}{year} [{self.media_type.value} {self.tmdb_id}]"


@dataclass(frozen=True, slots=True)
class Match:
    """A wanted title and the one TMDB title that it is."""

    wanted: WantedItem
    media_type: MediaType
    tmdb_id: int
    method: MatchMethod


@dataclass(frozen=True, slots=True)
class NoMatch:
    """A wanted title without a TMDB id, why, and who the candidates were."""

    wanted: WantedItem
    reason: NoMatchReason
    detail: str = ""
    candidates: tuple[Candidate, ...] = ()


MatchResult = Match | NoMatch
