"""The undo of a run: its requests are looked at one by one, and those that nothing else wants are withdrawn."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from list_sync.api.mediaserver.tmdb_watch import TmdbWatch
from list_sync.api.overseerr import OverseerrClient
from list_sync.api.sources.arr_library import find_held
from list_sync.api.sources.servarr import Server as ArrServer
from list_sync.correcting.stored import build_match
from list_sync.database.store import Store
from list_sync.errors import ListSyncError, PlanRefused, ServiceError, ServiceUnavailable, SyncCancelled
from list_sync.log import name_run
from list_sync.model.arrs import HeldTitle
from list_sync.model.decisions import ItemStatus, RequestOutcome, Skip
from list_sync.model.exit_codes import FailureKind
from list_sync.model.journal import STANDING, JournalEntry, RequestState, describe_taken_back
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import RETENTION_DAYS, Run
from list_sync.model.servers import CallCounts, ServerRequest, TitleDetails
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.titles import MediaType, QualityKey, with_year
from list_sync.requesting.lost import recover
from list_sync.requesting.undo import Otherwise, UndoLine, judge_entry, was_made
from list_sync.requesting.withdraw import withdraw
from list_sync.storage.item_links import load_links
from list_sync.storage.journal import OPEN, RequestJournal
from list_sync.storage.record import Record
from list_sync.storage.runs import find_runs, is_run_in_progress
from list_sync.storage.server_memory import forget_fingerprint
from list_sync.storage.servers import find_answering
from list_sync.storage.title_search import TitleRecord, find_matched
from list_sync.storage.wanted_otherwise import load_other_lists, load_pinned_since
from list_sync.surveying.reading import read_details, read_page

_ANOTHER_SERVER = "another server answers at OVERSEERR_URL than the one that the run was for"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UndoParts:
    """What an undo works with; `lists` are the configured lists, `arrs` the user's own Radarr and Sonarr.

    `is_ending` returns whether the process ends.
    """

    client: OverseerrClient
    store: Store
    lists: Collection[ListKey]
    stop: threading.Event
    now: Callable[[], datetime]
    arrs: Mapping[MediaType, ArrServer] = field(default_factory=dict)
    workers: int = 5
    retention_days: int = RETENTION_DAYS
    is_ending: Callable[[], bool] = field(default=lambda: False)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the database knows of a run and of its titles."""

    run: Run
    entries: tuple[JournalEntry, ...]
    records: dict[QualityKey, TitleRecord]
    otherwise: Otherwise


def preview_undo(parts: UndoParts, run_id: int) -> tuple[UndoLine, ...]:
    """Return what an undo of a run would do with each of its requests; nothing is changed.

    Raise PlanRefused if there is no such run, or if it is still at work.
    """
    info = parts.client.check_access()
    with parts.store.reading() as connection:
        server = find_answering(connection, parts.store.household, info, address=parts.client.url)
    if server is None:
        raise PlanRefused(_ANOTHER_SERVER)
    journal = RequestJournal(parts.store, server_id=server.server_id, run_id=0, now=parts.now)
    facts = _load_facts(parts, journal, run_id)
    keys = dict.fromkeys(entry.title_key for entry in facts.entries)
    reading = read_details(keys, parts.client, workers=parts.workers, stop=parts.stop, watch=TmdbWatch())
    return tuple(_judge(parts, facts, entry, reading.details.get(entry.title_key)) for entry in facts.entries)


def run_undo(
    parts: UndoParts,
    run_id: int,
    *,
    on_started: Callable[[int], object],
    mode: SyncMode = SyncMode.MANUAL,
    queued: int | None = None,
) -> SyncReport:
    """Withdraw the requests of a run that nothing else wants; an error is recorded in the run that this is.

    `queued` is its number if it was queued. The caller holds the run lock. Raise StorageError if the database fails.
    """
    household = parts.store.household
    record = Record.start(
        parts.store,
        household,
        mode=mode,
        now=parts.now,
        dry_run=False,
        undoes=run_id,
        run_id=queued,
        retention_days=parts.retention_days,
    )
    name_run(record.run_id)
    on_started(record.run_id)
    before, undo = parts.client.calls, _Undo(parts, record, run_id)
    with record.lease_renewed(now=parts.now):
        error = undo.run()
    calls = parts.client.calls
    report = SyncReport(
        run_id=record.run_id,
        started_at=record.started_at,
        finished_at=parts.now(),
        dry_run=False,
        mode=mode,
        outcomes=tuple(undo.outcomes),
        calls=CallCounts(calls.reads - before.reads, calls.writes - before.writes),
        error=str(error) if error else None,
        failure=FailureKind.of(error) if error else None,
        undoes=run_id,
    )
    record.finish(report, is_full_run=False, is_ending=parts.is_ending())
    return report


class _Undo:
    def __init__(self, parts: UndoParts, record: Record, run_id: int) -> None:
        self._parts = parts
        self._record = record
        self._run_id = run_id
        self.outcomes: list[RequestOutcome] = []

    def run(self) -> ListSyncError | None:
        """Do everything; return the error that ended it early."""
        parts, journal = self._parts, self._record.journal
        try:
            info = parts.client.check_access()
            self._record.recognise_server(info, address=parts.client.url, at=parts.now())
            recover(journal.load_entries(*OPEN), parts.client, journal, now=parts.now(), stop=parts.stop)
            self._undo(_load_facts(parts, journal, self._run_id))
        except ListSyncError as error:
            return error
        return None

    def _undo(self, facts: _Facts) -> None:
        # The next run reads everything: counts alone do not show which requests are gone.
        with self._parts.store.writing() as connection:
            forget_fingerprint(connection, self._record.journal.server_id)
        for entry in facts.entries:
            if self._parts.stop.is_set():
                raise SyncCancelled("stopped before every request was withdrawn; undo the run again")
            page = read_page(entry.title_key, self._parts.client)
            details = page if isinstance(page, TitleDetails) else None
            line = _judge(self._parts, facts, entry, details)
            if line.row is not None:
                self._withdraw(line, line.row, facts)
            elif line.is_undone:
                self._tell(line, facts, ItemStatus.DECLINED)

    def _withdraw(self, line: UndoLine, row: ServerRequest, facts: _Facts) -> None:
        because = f"run {self._run_id} was undone"
        try:
            withdraw(
                row,
                line.entry.entry_id,
                line.entry.identity,
                self._parts.client,
                self._record.journal,
                because=because,
                undone_in=self._record.run_id,
            )
        except ServiceUnavailable:
            raise
        except ServiceError as error:
            logger.warning("%s is not withdrawn: %s", line.title, error)
            self._tell(line, facts, ItemStatus.ERROR, f"request {row.request_id} is not withdrawn: {error}")
            return
        logger.info("withdrawn %s: request %d, because %s", line.title, row.request_id, because)
        self._tell(line, facts, ItemStatus.DECLINED)

    def _tell(self, line: UndoLine, facts: _Facts, status: ItemStatus, reason: str = "") -> None:
        """Note what became of a title, for the record of the run."""
        record = facts.records.get(line.entry.quality_key)
        if record is None:
            return
        with self._parts.store.reading() as connection:
            links = load_links(connection, [record.item_id]).get(record.item_id, {})
        match = build_match(record, [ListRef(*key) for key, link in links.items() if link.is_present])
        reason = reason or describe_taken_back(line.entry.sent_at, self._run_id)
        self.outcomes.append(
            RequestOutcome(Skip(match, status, reason, record.quality), status, reason, line.entry.request_id)
        )


def _load_facts(parts: UndoParts, journal: RequestJournal, run_id: int) -> _Facts:
    entries = tuple(filter(was_made, journal.load_entries(*RequestState, run_id=run_id)))
    is_of_another_server = journal.is_of_another_server(run_id)
    household = parts.store.household
    with parts.store.reading() as connection:
        run = next(iter(find_runs(connection, household, limit=1, before=run_id + 1)), None)
        if run is None or run.run_id != run_id:
            raise PlanRefused(f"there is no run {run_id}: list-sync history shows the runs")
        if not run.status.is_over and is_run_in_progress(parts.store):
            raise PlanRefused(f"run {run_id} is not over yet: wait for its end")
        if is_of_another_server:
            raise PlanRefused(_ANOTHER_SERVER)
        numbers = {entry.tmdb_id for entry in entries}
        otherwise = Otherwise(
            load_other_lists(connection, household, run, numbers, parts.lists),
            load_pinned_since(connection, household, run, numbers),
        )
        found = find_matched(connection, household, {entry.title_key for entry in entries})
    records = {(*key, record.quality): record for key, rows in found.items() for record in rows}
    return _Facts(run, entries, records, otherwise)


def _judge(parts: UndoParts, facts: _Facts, entry: JournalEntry, details: TitleDetails | None) -> UndoLine:
    record = facts.records.get(entry.quality_key)
    name = with_year(details.title, details.year) if details else f"tmdb:{entry.media_type.value}:{entry.tmdb_id}"
    state = details.state if details else None
    arr = _ask_arr(parts, entry, details) if details and entry.state in STANDING else None
    return judge_entry(entry, record.label if record and record.title else name, state, facts.otherwise, arr)


def _ask_arr(parts: UndoParts, entry: JournalEntry, details: TitleDetails) -> HeldTitle | None:
    """Return what Radarr or Sonarr has of a title; None if it does not answer."""
    try:
        return find_held(parts.arrs, details, frozenset(entry.seasons))
    except ServiceError as error:
        logger.warning("whether it has %s is not known: %s", details.title, error)
        return None
