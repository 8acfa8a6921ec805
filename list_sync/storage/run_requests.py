"""What a run requested, what changed with it, and which runs stand before it and take it back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from list_sync.database.schema import item_events, item_lists, sent_requests, sync_history
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.runs import RunStatus
from list_sync.model.titles import with_year
from list_sync.storage.journal import ENTRY_COLUMNS, REACHED_THE_SERVER, read_entry
from list_sync.storage.request_history import server_of
from list_sync.storage.runs import of_household
from list_sync.storage.title_search import find_rows

_SENT, _LINKS, _RUNS = sent_requests.c, item_lists.c, sync_history.c
# These are told one by one.
_NOTABLE = (
    RequestState.SENT,
    RequestState.LOST,
    RequestState.REFUSED,
    RequestState.VANISHED,
    RequestState.WITHDRAWING,
)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A request of a run with its title as it is now; `status` is None for a title that is not known any more."""

    entry: JournalEntry
    title: str
    item_id: int | None = None
    status: ItemStatus | None = None
    reason: str = ""

    @property
    def refusal(self) -> str:
        """Return why the server refused it; "" if it did not."""
        return (self.reason or self.entry.answer) if self.entry.state is RequestState.REFUSED else ""


@dataclass(frozen=True, slots=True)
class Sending:
    """How many requests a run sent, and when the first and the last one."""

    requests: int
    first_at: datetime | None
    last_at: datetime | None


def find_run_requests(
    connection: Connection, household: str, run_id: int, *, limit: int, before: int | None = None, notable: bool = False
) -> tuple[RunRequest, ...]:
    """Return requests of a run, newest first; with `notable`, those that took another course than most."""
    chosen = _SENT.run_id == run_id
    if before is not None:
        chosen &= _SENT.id < before
    if notable:
        chosen &= _SENT.state.in_([state.value for state in _NOTABLE]) | (_SENT.note != "")
    rows = connection.execute(select(*ENTRY_COLUMNS).where(chosen).order_by(_SENT.id.desc()).limit(limit))
    entries = [read_entry(row) for row in rows]
    known = find_rows(connection, household, [entry.quality_key for entry in entries])
    return tuple(_build(entry, known.get(entry.quality_key)) for entry in entries)


def find_latest_requests(connection: Connection, household: str, *, limit: int) -> tuple[RunRequest, ...]:
    """Return the requests that reached the server of a household, also those that were withdrawn, newest first."""
    reached = _SENT.state.in_([state.value for state in (*REACHED_THE_SERVER, RequestState.WITHDRAWN)])
    ours = (_SENT.server_id == server_of(household)) & reached
    statement = select(*ENTRY_COLUMNS).where(ours).order_by(_SENT.sent_at.desc(), _SENT.id.desc()).limit(limit)
    entries = [read_entry(row) for row in connection.execute(statement)]
    known = find_rows(connection, household, [entry.quality_key for entry in entries])
    return tuple(_build(entry, known.get(entry.quality_key)) for entry in entries)


def _build(entry: JournalEntry, row: Row[Any] | None) -> RunRequest:
    if row is None:
        return RunRequest(entry, _name(entry))
    title = with_year(row.title, row.year) if row.title else _name(entry)
    return RunRequest(entry, title, row.id, ItemStatus(row.status), row.reason)


def _name(entry: JournalEntry) -> str:
    return f"tmdb:{entry.media_type.value}:{entry.tmdb_id}"


def find_sending(connection: Connection, run_id: int) -> Sending:
    """Return how many requests a run sent, and when."""
    at = _SENT.sent_at
    columns = (func.count(), func.min(at, type_=at.type), func.max(at, type_=at.type))
    return Sending(*connection.execute(select(*columns).where(_SENT.run_id == run_id)).one())


def count_changes(connection: Connection, run_id: int) -> Mapping[ItemStatus, int]:
    """Return how many titles came to each state in a run."""
    columns = item_events.c
    counts = select(columns.status, func.count()).where(columns.run_id == run_id).group_by(columns.status)
    return {ItemStatus(status): number for status, number in connection.execute(counts)}


def find_undone(connection: Connection, run_ids: Collection[int]) -> dict[int, int]:
    """Return which runs took back which of these runs, to the end."""
    if not run_ids:
        return {}
    # No index has the undone runs, and an undo is always later than what it undoes.
    done = _RUNS.undoes.in_(run_ids) & (_RUNS.id > min(run_ids)) & (_RUNS.status == RunStatus.COMPLETED.value)
    return dict(connection.execute(select(_RUNS.undoes, _RUNS.id).where(done).order_by(_RUNS.id)).all())


def find_previous(connection: Connection, household: str, run_id: int) -> int | None:
    """Return the last sync before a run that went through and sent what it decided."""
    through = (_RUNS.status == RunStatus.COMPLETED.value) & _RUNS.dry_run.is_(False) & _RUNS.undoes.is_(None)
    earlier = of_household(household) & through & (_RUNS.id < run_id)
    found: int | None = connection.scalar(select(func.max(_RUNS.id)).where(earlier))
    return found
