"""The record of one run from start to end, and the memory that the run begins with."""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Self

from sqlalchemy import Connection

from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.model.brake import BrakeFacts
from list_sync.model.journal import JournalEntry
from list_sync.model.leaving import LeftTitle
from list_sync.model.matches import MissingNumber, Pin, Resolution, Unresolved
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import RETENTION_DAYS
from list_sync.model.servers import Learned, ServerInfo, ServerMemory
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaType, QualityKey, TitleKey
from list_sync.model.users import is_stated
from list_sync.storage import left_titles, lists, memory, refusals, runs, server_memory, title_facts, titles, unsettled
from list_sync.storage.journal import RequestJournal, is_settled
from list_sync.storage.pruning import find_end_of_memory, prune
from list_sync.storage.servers import recognise_server

logger = logging.getLogger(__name__)

# Runs are kept at least as long.
UNRESOLVED_ARE_KEPT_DAYS = 30
BRAKE_LOOKS_AT_RUNS = 20
LEASE_RENEWAL_SECONDS = runs.LEASE.total_seconds() / 5


class Record:
    """One run in the database; only the holder of the folder's run lock may start one."""

    def __init__(
        self, store: Store, household: str, *, journal: RequestJournal, run_id: int, started_at: datetime
    ) -> None:
        self._store = store
        self._household = household
        self.journal = journal
        self.run_id = run_id
        self.started_at = started_at

    @classmethod
    def start(
        cls,
        store: Store,
        household: str,
        *,
        mode: SyncMode,
        now: Callable[[], datetime],
        dry_run: bool,
        run_id: int | None = None,
        undoes: int | None = None,
        retention_days: int = RETENTION_DAYS,
    ) -> Self:
        """Close runs that were killed, delete old records, and start a run: the queued one of that number, if given."""
        at = now()
        with store.writing() as connection:
            runs.close_interrupted(connection, household, at=at)
            _forget(connection, household, at, retention_days)
            run_id = runs.start_run(
                connection, household, mode=mode, started_at=at, dry_run=dry_run, run_id=run_id, undoes=undoes
            )
        # Of no server until one has answered.
        journal = RequestJournal(store, server_id=0, run_id=run_id, now=now)
        return cls(store, household, journal=journal, run_id=run_id, started_at=at)

    @contextmanager
    def lease_renewed(
        self, *, now: Callable[[], datetime], every_seconds: float = LEASE_RENEWAL_SECONDS
    ) -> Iterator[None]:
        """Renew the lease of the run from another thread, because a stage may wait long for one answer."""
        over = threading.Event()
        renewal = threading.Thread(target=self._renew_lease, args=(over, now, every_seconds), name="lease", daemon=True)
        renewal.start()
        try:
            yield
        finally:
            over.set()
            renewal.join()

    def _renew_lease(self, over: threading.Event, now: Callable[[], datetime], every_seconds: float) -> None:
        while not over.wait(every_seconds):
            # If the database cannot be written now, the lease lasts until a later try.
            with suppress(StorageError), self._store.writing() as connection:
                runs.renew_lease(connection, self.run_id, at=now())

    def recognise_server(self, info: ServerInfo, *, address: str, at: datetime) -> None:
        """Use the records of the server that answers at an address."""
        with self._store.writing() as connection:
            server, is_another = recognise_server(connection, self._household, info, address=address, at=at)
        self.journal.server_id = server.server_id
        if is_another:
            logger.warning(
                "%s is another installation than before: the data of the old one does not count any more", address
            )

    def load_pins(self) -> Mapping[str, Pin]:
        """Return the user's pins and bans."""
        with self._store.reading() as connection:
            return memory.load_pins(connection, self._household)

    def find_resting(self, stated: Collection[ListKey]) -> Collection[ListKey]:
        """Return the resting lists, with those of each person."""
        if not stated:
            return stated
        with self._store.reading() as connection:
            known = [ListKey(one.list_type, one.list_id) for one in lists.find_lists(connection, self._household)]
        return {*stated, *(key for key in known if is_stated(key, stated))}

    def load_snoozes(self, *, now: datetime) -> Mapping[str, datetime]:
        """Return until when the user does not want titles to be requested, by their keys."""
        with self._store.reading() as connection:
            return memory.load_snoozes(connection, self._household, now=now)

    def load_lookups(
        self, *, keys: Iterable[str], entries: Iterable[str]
    ) -> tuple[Mapping[str, Resolution], tuple[Unresolved, ...]]:
        """Return what was resolved under any of these keys, and which of these entries were not found before."""
        with self._store.reading() as connection:
            return memory.load_resolutions(connection, keys), memory.load_unresolved(connection, entries)

    def load_first_readings(self) -> Mapping[ListKey, date]:
        """Return the days on which lists were read completely for the first time."""
        with self._store.reading() as connection:
            known = lists.find_lists(connection, self._household)
        return {
            ListKey(one.list_type, one.list_id): one.first_complete_at.date() for one in known if one.first_complete_at
        }

    def load_arr_exclusions(self, media_type: MediaType) -> frozenset[int]:
        """Return the numbers of titles that Radarr or Sonarr excluded when it was asked last."""
        with self._store.reading() as connection:
            return memory.load_arr_exclusions(connection, self._household, media_type)

    def remember_arr_exclusions(self, media_type: MediaType, numbers: Collection[int]) -> None:
        """Store the numbers of titles that Radarr or Sonarr excludes."""
        with self._store.writing() as connection:
            memory.save_arr_exclusions(connection, self._household, media_type, numbers)

    def load_missing_numbers(self) -> Mapping[TitleKey, MissingNumber]:
        """Return the TMDB numbers of lists that TMDB did not have."""
        with self._store.reading() as connection:
            return memory.load_missing_numbers(connection)

    def remember_unresolved(self, unresolved: Sequence[Unresolved], *, is_clean: bool) -> None:
        """Store the titles that were not found; a run in which TMDB failed at any time confirms nothing."""
        if unresolved:
            with self._store.writing() as connection:
                memory.save_unresolved(
                    connection, [one if is_clean else replace(one, clean_runs=0) for one in unresolved]
                )

    def remember_missing_numbers(self, missing: Collection[MissingNumber], *, found: Collection[TitleKey] = ()) -> None:
        """Store the TMDB numbers of lists that TMDB did not have, and delete those that were found."""
        if missing or found:
            with self._store.writing() as connection:
                memory.save_missing_numbers(connection, missing)
                memory.forget_missing_numbers(connection, found)

    def remember_resolutions(self, learned: Sequence[Resolution], at: datetime) -> None:
        """Store new resolutions at once, so that they survive a failure of the run."""
        with self._store.writing() as connection:
            memory.remember(connection, learned, at=at)
            server_memory.save_film_names(connection, learned, at=at)

    def load_former(self, keys: Collection[QualityKey]) -> Mapping[QualityKey, refusals.Former]:
        """Return how earlier runs left titles."""
        with self._store.reading() as connection:
            return refusals.load_former(connection, self._household, keys)

    def load_refused_at(self, titles: Collection[refusals.Former]) -> Mapping[int, datetime]:
        """Return since when each of these titles may be refused."""
        with self._store.reading() as connection:
            return refusals.load_refused_at(connection, titles) if titles else {}

    def load_left(
        self,
        entries: Sequence[JournalEntry],
        readings: Mapping[ListKey, bool],
        *,
        unmatched: Set[str],
        resting: Collection[ListKey] = (),
    ) -> list[tuple[LeftTitle, JournalEntry]]:
        """Return those of our requests whose title left all lists, see left_titles."""
        household = self._household
        with self._store.reading() as connection:
            read_at = {
                ListKey(one.list_type, one.list_id): one.complete_at for one in lists.find_lists(connection, household)
            }
            rested = {key: read_at.get(key) for key in resting}
            return left_titles.load_left(connection, household, entries, readings, unmatched=unmatched, resting=rested)

    def load_server_memory(self, wanted: Iterable[TitleKey], *, facts_of: Collection[TitleKey] = ()) -> ServerMemory:
        """Return the memory of the server, the details of those wanted titles that are shows, and facts of some."""
        with self._store.reading() as connection:
            return replace(
                # Without a fingerprint, the run reads everything, and so compares what was imported.
                server_memory.load_fingerprint(connection, self.journal.server_id, only_if=is_settled(self._household)),
                states=server_memory.load_states(connection, self.journal.server_id),
                shows=server_memory.load_shows(connection, wanted),
                tries=server_memory.load_tries(connection),
                facts=title_facts.load_facts(connection, facts_of),
                doubted=unsettled.load_doubted(connection, self._household),
            )

    def remember_server(self, learned: Learned, *, at: datetime) -> None:
        """Store new facts about the server, in one transaction."""
        with self._store.writing() as connection:
            # The time of reading, not of the end, because our requests in this run came after most reads.
            read_at = min(self.started_at, at)
            server_memory.save_states(
                connection, self.journal.server_id, learned.states.values(), at=read_at, replace=learned.everything
            )
            server_memory.save_details(connection, learned.details, at=at)
            title_facts.save_facts(connection, learned.facts, at=at)
            server_memory.save_tries(connection, learned.tried, at=at)
            if learned.fingerprint is None:
                server_memory.forget_fingerprint(connection, self.journal.server_id)
            else:
                server_memory.save_fingerprint(
                    connection,
                    self.journal.server_id,
                    learned.fingerprint,
                    at=at,
                    is_full_read=learned.everything,
                    next_place=learned.next_place,
                    unread_since=learned.unread_since,
                )

    def load_requests_of_lists(self, keys: Collection[ListKey]) -> Iterable[tuple[ListKey, QualityKey, datetime]]:
        """Return every title that we requested for one of these lists, and when."""
        return self.journal.load_requests_of_lists(keys)

    def load_first_seen(self, source: ListKey, keys: Collection[QualityKey]) -> Mapping[QualityKey, datetime]:
        """Return when each of these titles was first seen on a list."""
        with self._store.reading() as connection:
            return unsettled.load_first_seen(connection, self._household, source, keys)

    def load_known_since(self) -> Mapping[QualityKey, datetime]:
        """Return since when titles are known that were not requested yet."""
        with self._store.reading() as connection:
            return unsettled.load_unsettled(connection, self._household).known_since

    def load_brake_facts(self) -> BrakeFacts:
        """Return what the brake needs of earlier runs."""
        with self._store.reading() as connection:
            known = unsettled.load_unsettled(connection, self._household)
            return BrakeFacts(
                requested=unsettled.load_requested(connection, self._household, limit=BRAKE_LOOKS_AT_RUNS),
                has_waited=known.has_waited,
                was_held=known.is_held,
                lists=unsettled.load_read_lists(connection, self._household),
            )

    def finish(
        self, report: SyncReport, *, is_full_run: bool, resting: Collection[ListKey] = (), is_ending: bool = False
    ) -> None:
        """Record the results of the run: its lists, its titles and its end, in one transaction.

        A full run leaves the `resting` lists as they are. `is_ending` says that the process ends.
        """
        at, household, run_id = report.finished_at, self._household, self.run_id
        with self._store.writing() as connection:
            if report.fetched or (is_full_run and report.error is None):
                lists.record_lists(
                    connection,
                    household,
                    report.fetched,
                    run_id=run_id,
                    at=at,
                    is_full_run=is_full_run,
                    resting=resting,
                )
            titles.record_outcomes(
                connection, household, report.outcomes, run_id=run_id, at=at, resting=resting, is_dry_run=report.dry_run
            )
            left_titles.record_withdrawn(connection, report.left, run_id=run_id, at=at)
            runs.finish_run(
                connection, household, report, is_full_run=is_full_run, resting=resting, is_ending=is_ending
            )


def _forget(connection: Connection, household: str, at: datetime, retention_days: int) -> None:
    unresolved_end = find_end_of_memory(connection, household, days=UNRESOLVED_ARE_KEPT_DAYS, at=at)
    # What is kept for longer is not old enough either.
    if unresolved_end is None:
        return
    memory.forget_absences(connection, before=unresolved_end)
    runs_end = find_end_of_memory(connection, household, days=retention_days, at=at)
    if runs_end is not None:
        prune(connection, household, before=runs_end)
