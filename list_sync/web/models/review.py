"""Titles that wait for a decision: the queue, and one of them with its candidates side by side."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from list_sync.matching.comparing import Likeness, compare
from list_sync.model.facts import NO_FACTS, TitleFacts
from list_sync.model.titles import MediaIds, MediaItem, MediaType, TitleKey
from list_sync.storage.title_search import TitleRecord
from list_sync.web.models.answers import Moment
from list_sync.web.models.items import ReviewItem, TmdbTitle, build_candidate, build_review


class ReviewCandidate(TmdbTitle):
    """A title that may be meant, and how it differs from the entry of the list."""

    has_name: bool = Field(description="it has exactly this name")
    has_year: bool | None = Field(description="null if the list or TMDB states no year")
    has_kind: bool | None = Field(description="null if the list states no kind")
    hint: str = Field(examples=["Agrees in name; 8 years too early."])
    runtime: int | None = Field(examples=[79], description="minutes")
    votes: int | None = Field(examples=[1204], description="votes at TMDB")
    rating: float | None = Field(examples=[6.9], description="of 10, at TMDB")
    genres: list[str] = Field(examples=[["Horror"]])
    countries: list[str] = Field(examples=[["US"]])


class ReviewDetails(ReviewItem):
    """A title that waits for a decision, with its candidates as they compare."""

    name: str = Field(examples=["Heat (1995)"])
    changed_at: Moment | None = Field(description="since when it waits")
    snoozed_until: Moment | None = Field(description="it was put off until then; null if it was not")
    compared: list[ReviewCandidate] = Field(description="the candidates, in the same order")


class QueuedReview(BaseModel):
    """One title of the queue."""

    id: int
    name: str = Field(examples=["Heat (1995)"])
    title: str
    year: int | None
    media_type: MediaType | None
    candidates: int = Field(examples=[3])
    lists: int = Field(examples=[2])
    settled: bool = Field(description="there is a decision, which the next sync uses")
    later: bool = Field(description="it was put off")


class ReviewQueue(BaseModel):
    """The titles that wait: those to decide now first, then those that were put off, then those that are decided."""

    items: list[QueuedReview]
    total: int = Field(description="all of them; the queue holds the first 200")
    open: int = Field(description="how many of the queue are to decide now")

    @property
    def first(self) -> QueuedReview | None:
        """Return the title to decide about now."""
        return self.items[0] if self.open else None

    def after(self, item_id: int) -> QueuedReview | None:
        """Return the next title to decide about now, after another one."""
        numbers = [one.id for one in self.items[: self.open]]
        place = numbers.index(item_id) + 1 if item_id in numbers else 0
        return self.items[place % len(numbers)] if numbers and numbers[place % len(numbers)] != item_id else None


def build_queue(
    records: Sequence[TitleRecord], *, settled: frozenset[int], put_off: frozenset[int], total: int
) -> ReviewQueue:
    """Return the queue: the more candidates fit, and the longer it waits, the earlier a title comes."""

    def order(record: TitleRecord) -> tuple[bool, bool, bool, int]:
        number = record.item_id
        return number in settled, number in put_off, not record.candidates, number

    queue = [
        QueuedReview(
            id=record.item_id,
            name=record.label,
            title=record.title,
            year=record.year,
            media_type=record.media_type,
            candidates=len(record.candidates),
            lists=len(record.lists),
            settled=record.item_id in settled,
            later=record.item_id in put_off,
        )
        for record in sorted(records, key=order)
    ]
    return ReviewQueue(items=queue, total=total, open=sum(not (one.settled or one.later) for one in queue))


def build_review_details(
    record: TitleRecord,
    facts: Mapping[TitleKey, TitleFacts],
    *,
    is_settled: bool,
    snoozed_until: datetime | None,
) -> ReviewDetails:
    """Return a title with its candidates as they compare."""
    ids = MediaIds(imdb=record.imdb_id, tvdb=record.tvdb_id)
    item = MediaItem(record.title, record.media_type, record.year, ids)
    likenesses = compare(item, record.candidates)
    compared = [
        _build_compared(build_candidate(one), likeness, facts.get((one.media_type, one.tmdb_id), NO_FACTS))
        for one, likeness in zip(record.candidates, likenesses, strict=True)
    ]
    known = build_review(record, is_settled=is_settled)
    return ReviewDetails(
        **dict(known),
        name=record.label,
        changed_at=record.changed_at,
        snoozed_until=snoozed_until,
        compared=compared,
    )


def _build_compared(candidate: TmdbTitle, likeness: Likeness, facts: TitleFacts) -> ReviewCandidate:
    return ReviewCandidate(
        **dict(candidate),
        has_name=likeness.has_name,
        has_year=likeness.has_year,
        has_kind=likeness.has_kind,
        hint=likeness.hint,
        runtime=facts.runtime,
        votes=facts.votes,
        rating=facts.rating,
        genres=list(facts.genres),
        countries=list(facts.countries),
    )
