"""Titles that left all lists while our request for them was still pending."""

from dataclasses import dataclass
from enum import StrEnum

from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaType, Quality, QualityKey, with_year

# A list that suddenly loses most of its titles must not take as many requests with it.
MOST_WITHDRAWN_IN_A_RUN = 10


class LeftState(StrEnum):
    """What became of the request: a dry run only says that it would be withdrawn."""

    WITHDRAWN = "withdrawn"
    WOULD_WITHDRAW = "would_withdraw"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class LeftTitle:
    """One request for a title that left all lists; `source` is the list that it was made for.

    `item_id` is the number of its row, `entry_id` that of the entry in the journal.
    """

    item_id: int
    entry_id: int
    title: str
    year: int | None
    media_type: MediaType
    tmdb_id: int
    quality: Quality
    source: ListKey
    request_id: int | None = None
    seasons: tuple[int, ...] = ()
    requester_id: int | None = None
    state: LeftState = LeftState.KEPT
    reason: str = ""

    @property
    def key(self) -> QualityKey:
        """Return the kind, the TMDB id and the quality."""
        return (self.media_type, self.tmdb_id, self.quality)

    @property
    def is_withdrawn(self) -> bool:
        """Return whether the request is gone."""
        return self.state is LeftState.WITHDRAWN

    @property
    def label(self) -> str:
        """Return the title with its year."""
        return with_year(self.title, self.year)
