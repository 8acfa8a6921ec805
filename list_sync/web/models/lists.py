"""Lists: how each was read the last time."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from list_sync.config.policy.stating import state_terms
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState, ListRef
from list_sync.model.terms import Terms
from list_sync.storage.lists import ListRecord
from list_sync.web.models.answers import Moment


class AttemptAnswer(BaseModel):
    """One way of reading a list that was tried."""

    route: str = Field(examples=["api"])
    outcome: AttemptOutcome
    reason: str
    until: Moment | None


# The field `list` hides the type of that name.
Attempts = list[AttemptAnswer]


class ListAnswer(BaseModel):
    """One list, and how it was read the last time; `state` is null if it was not read yet."""

    list: str = Field(examples=["imdb:ls123456789"], description="provider and id, as `POST /api/sync` takes it")
    written: str = Field(examples=["imdb:https://www.imdb.com/list/ls123456789/"], description="as the setting has it")
    name: str | None = Field(examples=["Best of 1994"], description="the name that lists.yaml gives it")
    configured: bool = Field(description="false for a list of the last run that is not set any more")
    state: FetchState | None
    items: int | None = Field(examples=[250], description="the titles that were read")
    expected: int | None = Field(examples=[250], description="the entries that the source states")
    unsupported: int = Field(description="entries that cannot be requested, such as persons")
    not_understood: int = Field(description="entries that may be titles, but cannot be read as such")
    route: str | None = Field(examples=["api"])
    reason: str | None = Field(description="why it is not complete")
    fetched_at: Moment | None
    complete_at: Moment | None = Field(description="when it was read completely for the last time")
    copied_at: Moment | None = Field(description="when the copy was read that stands in for the list")
    age_seconds: int | None = Field(examples=[720], description="how old the titles are")
    next_try_at: Moment | None = Field(description="when it is read again: after its pause, or at the next sync")
    attempts: Attempts
    terms: dict[str, Any] | None = Field(
        examples=[{"quality": "4k", "seasons": "first", "schedule": "6h", "priority": 10}],
        description="what is wanted of its titles, by the keys of lists.yaml; null for a list that is not set any more",
    )


def build_list(
    ref: ListRef,
    record: ListRecord | None,
    *,
    expected: int | None,
    is_configured: bool,
    next_sync: datetime | None,
    terms: Terms | None,
    now: datetime,
) -> ListAnswer:
    """Return a list with its last reading."""
    named = {"list": ref.name, "written": str(ref), "configured": is_configured}
    named |= {"name": ref.terms.name or None, "terms": terms and state_terms(terms)}
    if record is None:
        names = ListAnswer.model_fields.keys() - named.keys()
        blank = dict.fromkeys(names) | {"unsupported": 0, "not_understood": 0, "attempts": []}
        return ListAnswer(**named, **blank | {"next_try_at": next_sync if is_configured else None})  # type: ignore[arg-type]
    read_at = record.copied_at or record.fetched_at
    names = ListAnswer.model_fields.keys() & ListRecord.__dataclass_fields__.keys()
    values = {name: getattr(record, name) for name in names} | {
        "items": record.item_count,
        "expected": expected,
        "age_seconds": max(0, int((now - read_at).total_seconds())) if read_at else None,
        "next_try_at": _find_next_try(record, next_sync, now=now) if is_configured else None,
        "attempts": [build_attempt(attempt) for attempt in record.attempts],
    }
    return ListAnswer(**named, **values)  # type: ignore[arg-type]


def _find_next_try(record: ListRecord, next_sync: datetime | None, *, now: datetime) -> datetime | None:
    until = record.backoff_until
    return until if until is not None and until > now else next_sync


def build_attempt(attempt: Attempt) -> AttemptAnswer:
    """Return one way of reading a list that was tried."""
    return AttemptAnswer(**{name: getattr(attempt, name) for name in AttemptAnswer.model_fields})
