"""The runs: started, finished, closed after a kill, found, and deleted when they are old."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, Text, exists, func, insert, select, true, update

from list_sync.database.schema import sent_requests, sync_history
from list_sync.database.store import Store
from list_sync.errors import StorageError, SyncCancelled
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import ExitCode
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import IMPORTED_BY, Run, RunChoice, RunStatus
from list_sync.model.sources import ListKey
from list_sync.storage.item_links import mark_left
from list_sync.storage.journal import REACHED_THE_SERVER
from list_sync.storage.orders import ask, parse_order
from list_sync.storage.run_lists import record_moves, record_run_lists

# A data folder has one worker at a time: the process that holds its lock.
FOLDER = "folder"
# A worker on another machine that is silent for this long has ended.
LEASE = timedelta(minutes=5)
PROCESS_ENDED = "the process ended before the run did"
_TITLE = sent_requests.c.media_type + ":" + sent_requests.c.tmdb_id.cast(Text) + ":" + sent_requests.c.quality
_LOAD = select(
    sync_history,
    select(func.count(_TITLE.distinct()))
    .where((sent_requests.c.run_id == sync_history.c.id) & sent_requests.c.state.in_(REACHED_THE_SERVER))
    .scalar_subquery()
    .label("titles_sent"),
)

_RUNS = sync_history.c
_FAULTS = [status.value for status in (RunStatus.FAILED, RunStatus.INTERRUPTED, RunStatus.STOPPED)]
_CHOICES: Mapping[RunChoice, ColumnElement[bool]] = {
    RunChoice.ALL: true(),
    RunChoice.REQUESTS: (_RUNS.items_requested > 0) | exists().where(sent_requests.c.run_id == _RUNS.id),
    RunChoice.FAULTS: _RUNS.status.in_(_FAULTS) | (_RUNS.lists_failed > 0) | (_RUNS.items_errored > 0),
    RunChoice.DRY: _RUNS.dry_run,
}


def start_run(
    connection: Connection,
    household: str,
    *,
    mode: SyncMode,
    started_at: datetime,
    dry_run: bool,
    run_id: int | None = None,
    undoes: int | None = None,
    owner: str = FOLDER,
) -> int:
    """Record that a run began, the queued one of that number or a new one, and return its number.

    `undoes` is the run that it undoes. Raise SyncCancelled if the run is not queued any more.
    """
    row: dict[str, object] = {
        "sync_mode": mode.value,
        "sync_started": started_at,
        "dry_run": dry_run,
        "status": RunStatus.RUNNING.value,
        "owner": owner,
        "undoes": undoes,
        "lease_until": started_at + LEASE,
    }
    if run_id is None:
        row |= {"household": household, "asked_at": started_at}
        return int(connection.execute(insert(sync_history).returning(sync_history.c.id), row).scalar_one())
    queued = (sync_history.c.id == run_id) & (sync_history.c.status == RunStatus.QUEUED.value)
    if not connection.execute(update(sync_history).where(queued).values(row)).rowcount:
        raise SyncCancelled(f"run {run_id} was cancelled before it began")
    return run_id


def renew_lease(connection: Connection, run_id: int, *, at: datetime) -> None:
    """Record that the process of a run is alive."""
    running = (sync_history.c.id == run_id) & (sync_history.c.status == RunStatus.RUNNING.value)
    connection.execute(update(sync_history).where(running).values(lease_until=at + LEASE))


def finish_run(
    connection: Connection,
    household: str,
    report: SyncReport,
    *,
    is_full_run: bool = True,
    resting: Collection[ListKey] = (),
    is_ending: bool = False,
) -> None:
    """Record the end of a run; call it after record_outcomes. If the process ends, its order may be queued again.

    Titles that a completely read list does not hold any more are marked here.
    """
    this, status = sync_history.c.id == report.run_id, RunStatus.of(report)
    is_cut_off = is_ending and status is RunStatus.STOPPED
    orders = connection.scalars(select(sync_history.c.run_order).where(this)).all() if is_cut_off else ()
    values: dict[str, object] = {
        "sync_completed": report.finished_at,
        "sync_mode": report.mode.value,
        "status": status.value,
        "exit_code": int(report.exit_code),
        "dry_run": report.dry_run,
        "error": report.error,
        "reads": report.calls.reads,
        "writes": report.calls.writes,
        "lists_total": len(report.fetched),
        "lists_failed": len(report.failed_lists),
        "counts": dict(report.counts),
        "run_order": None,
    }
    connection.execute(update(sync_history).where(this).values(values | _totals(report)))
    _ask_again(connection, household, orders, at=report.finished_at)
    record_run_lists(connection, report)
    if report.error is None:
        mark_left(connection, household, report, is_full_run=is_full_run, resting=resting)
    if report.fetched and not report.dry_run:
        record_moves(connection, household, report)


def close_interrupted(connection: Connection, household: str, *, at: datetime, owner: str = FOLDER) -> int:
    """Mark the runs whose process is gone as interrupted, queue their orders again, and return how many there were.

    Only the process that holds the lock of `owner` may call this.
    """
    is_gone = _is_owned(owner) | (sync_history.c.lease_until < at)
    orders = _close(connection, household, RunStatus.INTERRUPTED, is_gone, at=at, error=PROCESS_ENDED)
    for order in filter(None, map(parse_order, orders)):
        ask(connection, household, order, at=at)
    return len(orders)


def close_broken_off(
    connection: Connection,
    household: str,
    status: RunStatus,
    *,
    since: datetime,
    at: datetime,
    error: str,
    owner: str = FOLDER,
) -> None:
    """Record why the run of this process, which began since a moment, ended early; a stopped one may be queued again.

    Only the process that holds the lock of `owner` may call this.
    """
    is_ours = _is_owned(owner) & (sync_history.c.sync_started >= since)
    orders = _close(connection, household, status, is_ours, at=at, error=error)
    if status is RunStatus.STOPPED:
        _ask_again(connection, household, orders, at=at)


def _ask_again(connection: Connection, household: str, orders: Iterable[str | None], *, at: datetime) -> None:
    """Queue orders that the end of the process cut off, if no schedule would do them."""
    for order in filter(None, map(parse_order, orders)):
        if order.is_begun_again:
            ask(connection, household, order, at=at)


def _is_owned(owner: str) -> ColumnElement[bool]:
    return sync_history.c.owner == owner


def _close(
    connection: Connection, household: str, status: RunStatus, which: ColumnElement[bool], *, at: datetime, error: str
) -> list[str | None]:
    running = of_household(household) & (sync_history.c.status == RunStatus.RUNNING.value)
    code = ExitCode.INTERRUPTED if status is RunStatus.STOPPED else ExitCode.FAILURES
    values = {"status": status.value, "sync_completed": at, "error": error, "exit_code": int(code)}
    orders = list(connection.scalars(select(sync_history.c.run_order).where(running & which)))
    connection.execute(update(sync_history).where(running & which).values(**values, run_order=None))
    return orders


def find_runs(
    connection: Connection,
    household: str,
    *,
    limit: int = 20,
    only_started: bool = False,
    before: int | None = None,
    choice: RunChoice = RunChoice.ALL,
) -> tuple[Run, ...]:
    """Return the latest runs, or those before a number, newest first; requests of an interrupted run are counted
    from the journal.
    """
    found = _LOAD.where(of_household(household) & _CHOICES[choice])
    if only_started:
        found = found.where(sync_history.c.sync_started.is_not(None))
    if before is not None:
        found = found.where(sync_history.c.id < before)
    rows = connection.execute(found.order_by(sync_history.c.id.desc()).limit(limit))
    return tuple(_to_record(row) for row in rows)


def find_latest(connection: Connection, household: str, *, limit: int) -> dict[int, RunStatus]:
    """Return the states of the latest runs by their numbers, in ascending order."""
    columns = sync_history.c
    latest = select(columns.id, columns.status).where(of_household(household)).order_by(columns.id.desc()).limit(limit)
    return {run_id: RunStatus(status) for run_id, status in reversed(connection.execute(latest).all())}


def find_run(connection: Connection, run_id: int) -> Run | None:
    """Return one run."""
    row = connection.execute(_LOAD.where(sync_history.c.id == run_id)).first()
    return None if row is None else _to_record(row)


def find_last_success(connection: Connection, household: str) -> datetime | None:
    """Return when the last run of ours ended that went through and was neither a dry run nor an undo, if any did."""
    columns = sync_history.c
    is_ours = func.coalesce(columns.asked_by, "") != IMPORTED_BY
    is_sync = columns.dry_run.is_(False) & columns.undoes.is_(None) & is_ours
    through = (columns.status == RunStatus.COMPLETED.value) & is_sync
    last = select(columns.sync_completed).where(of_household(household) & through).order_by(columns.id.desc()).limit(1)
    return connection.scalar(last)


def load_past_runs(
    store: Store,
    *,
    limit: int,
    only_started: bool = False,
    before: int | None = None,
    choice: RunChoice = RunChoice.ALL,
) -> tuple[Run, ...]:
    """Return the latest runs as people see them, newest first: a run whose process is gone is not called running."""

    def load() -> tuple[Run, ...]:
        with store.reading() as connection:
            return find_runs(
                connection, store.household, limit=limit, only_started=only_started, before=before, choice=choice
            )

    runs = load()
    if all(run.status is not RunStatus.RUNNING for run in runs) or is_run_in_progress(store):
        return runs
    # Read again: a run may have ended in between; it records its end before it releases the lock.
    return tuple(
        replace(run, status=RunStatus.INTERRUPTED, error=PROCESS_ENDED) if run.status is RunStatus.RUNNING else run
        for run in load()
    )


def is_run_in_progress(store: Store) -> bool:
    """Return whether a process runs a sync in this folder; True if that cannot be found out."""
    with suppress(StorageError):
        return FileLock(store.path.with_name(RUN_LOCK)).is_held_elsewhere()
    return True


def of_household(household: str) -> ColumnElement[bool]:
    """Return the condition on runs of one household."""
    return sync_history.c.household == household


def _totals(report: SyncReport) -> dict[str, int]:
    requested = report.counts.get(ItemStatus.REQUESTED, 0)
    errored = sum(outcome.is_failure for outcome in report.outcomes)
    processed = len(report.outcomes)
    return {
        "items_processed": processed,
        "items_requested": requested,
        "items_errored": errored,
        "items_skipped": processed - requested - errored,
    }


def _to_record(row: Row[tuple[object, ...]]) -> Run:
    status = RunStatus(row.status)
    return Run(
        run_id=row.id,
        asked_at=row.asked_at,
        started_at=row.sync_started,
        finished_at=row.sync_completed,
        mode=SyncMode(row.sync_mode),
        status=status,
        dry_run=row.dry_run,
        error=row.error,
        exit_code=row.exit_code,
        items_processed=row.items_processed,
        items_requested=row.items_requested
        if status is RunStatus.COMPLETED
        else max(row.items_requested, row.titles_sent),
        items_skipped=row.items_skipped,
        items_errored=row.items_errored,
        reads=row.reads,
        writes=row.writes,
        lists_total=row.lists_total,
        lists_failed=row.lists_failed,
        counts=row.counts or {},
        undoes=row.undoes,
        applies=row.applies,
        asked_by=row.asked_by or "",
    )
