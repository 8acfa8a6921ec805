"""Lists: how each was read the last time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from list_sync.config.policy.origins import Origin
from list_sync.config.policy.stating import state_terms
from list_sync.config.policy.words import describe_shortly
from list_sync.model.decisions import ItemStatus
from list_sync.model.routes import RouteRecord
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState, ListRef
from list_sync.model.terms import Terms
from list_sync.storage.list_history import MOST_READINGS, Reading
from list_sync.storage.lists import ListRecord
from list_sync.web.models.answers import Moment


class AttemptAnswer(BaseModel):
    """One way of reading a list that was tried."""

    route: str = Field(examples=["api"])
    outcome: AttemptOutcome
    reason: str
    until: Moment | None
    since: Moment | None = Field(description="since when it has had this outcome; null if that is not known")


# The field `list` hides the type of that name.
Attempts = list[AttemptAnswer]


class ListAnswer(BaseModel):
    """One list, and how it was read the last time; `state` is null if it was not read yet."""

    list: str = Field(examples=["imdb:ls123456789"], description="provider and id, as `POST /api/sync` takes it")
    written: str = Field(examples=["imdb:https://www.imdb.com/list/ls123456789/"], description="as the setting has it")
    name: str | None = Field(examples=["Best of 1994"], description="the name that lists.yaml gives it")
    configured: bool = Field(description="false for a list of the last run that is not set any more")
    enabled: bool = Field(description="false for a list that lists.yaml switches off")
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


class ReadingAnswer(BaseModel):
    """How a run read a list."""

    run_id: int = Field(examples=[42])
    at: Moment | None
    state: FetchState
    route: str = Field(examples=["api"])
    items: int = Field(examples=[250])
    expected: int | None = Field(examples=[250])
    reason: str | None


class ListRow(ListAnswer):
    """A list with what became of its titles, and its last readings."""

    summary: str = Field(examples=["alice · HD · 5 a day"], description="as which user and how much, in a few words")
    titles: dict[ItemStatus, int] = Field(examples=[{"already_available": 204}], description="its titles by state")
    readings: list[ReadingAnswer] = Field(description=f"the last ones, at most {MOST_READINGS}, oldest first")


class TermAnswer(BaseModel):
    """A term of a list, and where it is stated."""

    key: str = Field(examples=["max_new_per_day"], description="as in lists.yaml")
    words: str = Field(examples=["5 at most"])
    origin: str = Field(examples=["lists.yaml, line 14"], description="a line of lists.yaml, a setting, or default")
    line: int = Field(examples=[14], description="of lists.yaml; 0 for none")
    setting: str = Field(examples=["SYNC_INTERVAL"], description="the setting that states it, if one does")


class ListDetails(ListRow):
    """A list with everything that is known of it."""

    origin: str = Field(examples=["IMDB_LISTS"], description="the file or the setting that names it")
    file_line: int = Field(examples=[12], description="the line of lists.yaml that names it; 0 if none does")
    policy: list[TermAnswer] = Field(description="what is wanted of its titles")


def build_details(row: ListRow, origin: str, said: Mapping[str, str], origins: Mapping[str, Origin]) -> ListDetails:
    """Return a list with its terms in words, each with its origin."""
    policy = [
        TermAnswer(key=key, words=words, origin=str(at), line=at.line, setting=at.setting)
        for key, words in said.items()
        for at in [origins[key]]
    ]
    return ListDetails(**dict(row), origin=origin, file_line=origins["source"].line, policy=policy)


def build_row(
    answer: ListAnswer, terms: Terms | None, titles: Mapping[ItemStatus, int] | None, readings: Sequence[Reading] | None
) -> ListRow:
    """Return a list with what became of its titles."""
    told = [ReadingAnswer(**{name: getattr(one, name) for name in Reading.__slots__}) for one in readings or ()]
    summary = describe_shortly(terms) if terms else ""
    return ListRow(**dict(answer), summary=summary, titles=dict(titles or {}), readings=told)


def build_list(
    ref: ListRef,
    record: ListRecord | None,
    *,
    expected: int | None,
    is_configured: bool,
    is_enabled: bool,
    next_sync: datetime | None,
    terms: Terms | None,
    now: datetime,
) -> ListAnswer:
    """Return a list with its last reading."""
    is_next = is_configured and is_enabled
    named = {"list": ref.name, "written": str(ref), "configured": is_configured, "enabled": is_enabled}
    named |= {"name": ref.terms.name or None, "terms": terms and state_terms(terms)}
    if record is None:
        names = ListAnswer.model_fields.keys() - named.keys()
        blank = dict.fromkeys(names) | {"unsupported": 0, "not_understood": 0, "attempts": []}
        return ListAnswer(**named, **blank | {"next_try_at": next_sync if is_next else None})  # type: ignore[arg-type]
    read_at = record.copied_at or record.fetched_at
    names = ListAnswer.model_fields.keys() & ListRecord.__dataclass_fields__.keys()
    values = {name: getattr(record, name) for name in names} | {
        "items": record.item_count,
        "expected": expected,
        "age_seconds": max(0, int((now - read_at).total_seconds())) if read_at else None,
        "next_try_at": _find_next_try(record, next_sync, now=now) if is_next else None,
        "attempts": [build_attempt(attempt, record.routes) for attempt in record.attempts],
    }
    return ListAnswer(**named, **values)  # type: ignore[arg-type]


def _find_next_try(record: ListRecord, next_sync: datetime | None, *, now: datetime) -> datetime | None:
    until = record.backoff_until
    return until if until is not None and until > now else next_sync


def build_attempt(attempt: Attempt, routes: Sequence[RouteRecord] = ()) -> AttemptAnswer:
    """Return one way of reading a list that was tried, and since when it has had this outcome."""
    known = next((one for one in routes if one.route == attempt.route), None)
    values = {name: getattr(attempt, name) for name in ("route", "outcome", "reason", "until")}
    return AttemptAnswer(**values, since=known.since if known else None)
