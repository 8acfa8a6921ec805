"""What monitoring reads: runs that ended, the last reading of each list, titles by state, and open requests."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from list_sync.database.dialects import one_of
from list_sync.database.schema import households, lists, run_lists, sent_requests, sync_history, synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.runs import RunStatus
from list_sync.model.sources import FetchState
from list_sync.storage.journal import OPEN
from list_sync.storage.runs import find_last_success
from list_sync.storage.sightings import is_of
from list_sync.storage.title_search import count_statuses

_RUNS = sync_history.c
_RUN_COLUMNS = ("id", "status", "sync_started", "sync_completed", "dry_run", "reads", "writes", "counts")
_SELECT_RUNS = select(*(_RUNS[name] for name in _RUN_COLUMNS))
# The other ends are those of no run, or were found out later.
_TIMED = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.STOPPED)
_WATCHED = (*OPEN, RequestState.VANISHED)


@dataclass(frozen=True, slots=True)
class RunFigures:
    """One run, and how many titles ended in each state."""

    run_id: int
    status: RunStatus
    started_at: datetime | None
    finished_at: datetime | None
    dry_run: bool
    reads: int
    writes: int
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def duration(self) -> timedelta | None:
        """Return how long the run took; None if it did not begin, or its end is not known."""
        if self.started_at is None or self.finished_at is None or self.status not in _TIMED:
            return None
        # Negative if the clock was set back meanwhile.
        return max(timedelta(), self.finished_at - self.started_at)


@dataclass(frozen=True, slots=True)
class RunPosition:
    """Up to which run everything is known, and which of those runs were not over then."""

    newest: int = 0
    unfinished: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class RunNews:
    """The runs that ended after a position, oldest first, the one that is running, and the position after them."""

    ended: tuple[RunFigures, ...]
    running: RunFigures | None
    position: RunPosition


@dataclass(frozen=True, slots=True)
class ListFigures:
    """How a list of the last full run was read.

    `entries` counts entries of any kind, as `expected` does. `read_at` is when the source gave the copy that counts.
    """

    provider: str
    list_id: str
    state: FetchState
    route: str
    entries: int
    expected: int | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the store says at one moment; `requests` counts open and vanished ones."""

    news: RunNews
    last_run: RunFigures | None
    last_success_at: datetime | None
    lists: tuple[ListFigures, ...]
    titles: Mapping[ItemStatus, int]
    requests: Mapping[RequestState, int]


def load_snapshot(connection: Connection, household: str, position: RunPosition | None) -> Snapshot:
    """Return everything that monitoring shows, but for the reasons of waiting titles."""
    return Snapshot(
        find_run_news(connection, household, position),
        _find_last_run(connection, household),
        find_last_success(connection, household),
        _find_lists(connection, household),
        count_statuses(connection, household),
        _count_requests(connection, household),
    )


def find_run_news(connection: Connection, household: str, position: RunPosition | None) -> RunNews:
    """Return what happened to runs after a position; without one, only the present position and the running one.

    If the newest run of the position is gone, the database is another one, whose former runs are no news.
    """
    known = position or _find_position(connection, household)
    runs = _find_runs(connection, household, known)
    if known.newest and all(run.run_id != known.newest for run in runs):
        known = _find_position(connection, household)
        runs = _find_runs(connection, household, known)
    news = [run for run in runs if run.run_id > known.newest or run.run_id in known.unfinished]
    unfinished = frozenset(run.run_id for run in news if not run.status.is_over)
    return RunNews(
        tuple(run for run in news if run.status.is_over and not run.dry_run),
        next((run for run in news if run.status is RunStatus.RUNNING), None),
        RunPosition(max((run.run_id for run in runs), default=0), unfinished),
    )


def count_waiting_reasons(connection: Connection, household: str) -> dict[str, int]:
    """Return how many titles wait for each reason that people read."""
    reason = synced_items.c.reason
    is_waiting = is_of(household) & (synced_items.c.status == ItemStatus.WAITING.value)
    return dict(connection.execute(select(reason, func.count()).where(is_waiting).group_by(reason)).all())


def count_lists(connection: Connection, household: str) -> int:
    """Return how many lists the last full run had."""
    return connection.scalar(select(func.count()).select_from(lists).where(lists.c.household == household)) or 0


def count_synced_since(connection: Connection, household: str, since: datetime) -> dict[str, int]:
    """Return how many titles that a run saw since a moment are in each state."""
    columns = synced_items.c
    seen = is_of(household) & (columns.last_synced > since)
    counts = select(columns.status, func.count()).where(seen).group_by(columns.status)
    return dict(connection.execute(counts).all())


def _find_position(connection: Connection, household: str) -> RunPosition:
    mine = _RUNS.household == household
    unfinished = _RUNS.status.in_([RunStatus.QUEUED.value, RunStatus.RUNNING.value])
    newest = connection.scalar(select(func.max(_RUNS.id)).where(mine))
    return RunPosition(newest or 0, frozenset(connection.scalars(select(_RUNS.id).where(mine & unfinished))))


def _find_runs(connection: Connection, household: str, position: RunPosition) -> tuple[RunFigures, ...]:
    """Return the newest run of a position, those that were not over then, and all later ones."""
    later = (_RUNS.id >= position.newest) | one_of(_RUNS.id, position.unfinished)
    return _load_runs(connection, _SELECT_RUNS.where((_RUNS.household == household) & later).order_by(_RUNS.id))


def _find_last_run(connection: Connection, household: str) -> RunFigures | None:
    """Return the latest run that began and came to an end of its own, and was no dry run."""
    is_real = _RUNS.status.in_([status.value for status in _TIMED]) & _RUNS.dry_run.is_(False)
    latest = _SELECT_RUNS.where((_RUNS.household == household) & is_real).order_by(_RUNS.id.desc()).limit(1)
    return next(iter(_load_runs(connection, latest)), None)


def _load_runs(connection: Connection, statement: Select[Any]) -> tuple[RunFigures, ...]:
    return tuple(
        RunFigures(
            run_id=row.id,
            status=RunStatus(row.status),
            started_at=row.sync_started,
            finished_at=row.sync_completed,
            dry_run=row.dry_run,
            reads=row.reads,
            writes=row.writes,
            counts=row.counts or {},
        )
        for row in connection.execute(statement)
    )


def _find_lists(connection: Connection, household: str) -> tuple[ListFigures, ...]:
    """Return the lists of the last full run, sorted by provider and id."""
    known = lists.c
    entries = known.item_count + known.unsupported + known.not_understood
    read_at = func.coalesce(known.copied_at, known.fetched_at, type_=known.fetched_at.type)
    columns = (known.list_type, known.list_id, known.state, known.route, entries, run_lists.c.expected, read_at)
    is_same = [lists.c[name] == run_lists.c[name] for name in ("run_id", "list_type", "list_id")]
    found = select(*columns).outerjoin_from(lists, run_lists, and_(*is_same)).where(known.household == household)
    return tuple(
        ListFigures(provider, list_id, FetchState(state), *rest)
        for provider, list_id, state, *rest in connection.execute(found.order_by(known.list_type, known.list_id))
    )


def _count_requests(connection: Connection, household: str) -> dict[RequestState, int]:
    """Return how many requests to the household's server are open, by state, or vanished from it."""
    columns = sent_requests.c
    of_household = columns.server_id.in_(select(households.c.server_id).where(households.c.name == household))
    watched = of_household & columns.state.in_([state.value for state in _WATCHED])
    rows = connection.execute(select(columns.state, func.count()).where(watched).group_by(columns.state))
    return {RequestState(state): count for state, count in rows}
