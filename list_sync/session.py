"""A session: what the syncs of one process share, and one sync of it."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self

from list_sync import log
from list_sync.api.overseerr import OverseerrClient
from list_sync.config import Settings, StateFolder, find_state_folder
from list_sync.config.folders import make_drop_folder
from list_sync.config.policy.joining import find_caps_of_settings
from list_sync.daemon.pausing import find_pause
from list_sync.database.looking import require_unlost
from list_sync.database.store import Store
from list_sync.errors import ListSyncError, StorageError, StorageUnavailable, reason_of
from list_sync.fetching.one_time import build_finder
from list_sync.fetching.people import find_terms
from list_sync.files.lock import RUN_LOCK, FileLock, wait_for_run_lock
from list_sync.files.modes import use_umask
from list_sync.footprint import give_memory_back
from list_sync.job import Job, Parts
from list_sync.model.decisions import Policy
from list_sync.model.moments import utc_now
from list_sync.model.one_time import OneTimeList
from list_sync.model.plans import PlanLine
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import ProgressListener, RunStatus, RunWatcher, ignore_progress
from list_sync.model.sources import ListRef
from list_sync.model.terms import UNSTATED
from list_sync.model.titles import Quality, QualityKey, TitleKey
from list_sync.pipeline import run_cycle
from list_sync.providers import with_canonical_id
from list_sync.refreshing import refresh_titles
from list_sync.sources import Sources
from list_sync.storage.lists import merge_spellings
from list_sync.storage.runs import close_broken_off
from list_sync.surveying.learning import learn_options
from list_sync.telling import Telling
from list_sync.workers import Stop

logger = logging.getLogger(__name__)

STOPPED_WHILE_WAITING = "stopped while it waited for an answer"


class Session:
    """Everything that the syncs of one process share: settings, data folder, database, server and sources.

    A patient session also starts with a locked database or a full disk; each sync tries again. `database` is a copy.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        client: OverseerrClient,
        stop: Stop | None = None,
        now: Callable[[], datetime] = utc_now,
        is_patient: bool = False,
        database: Path | None = None,
    ) -> None:
        self.settings = settings
        self._began: datetime | None = None
        self._unreported_error: tuple[str, datetime] | None = None
        self._are_spellings_merged = False
        self.client = client
        self.stop = stop or Stop()
        self.now = now
        self.watcher: RunWatcher | None = None
        use_umask(settings.process.umask)
        self.folder: StateFolder = find_state_folder(settings.process.data_dir)
        make_drop_folder(settings.process.data_dir)
        if self.folder.note:
            logger.warning("%s", self.folder.note)
        require_unlost(self.folder.database, daemon_lock=self.folder.daemon_lock)
        self.store = Store(database or self.folder.database, household=settings.household.name, is_checked=True)
        self.telling = Telling(self.store, lambda: self.settings, stop=self.stop, now=now)
        self.note_pause, self.note_backups = self.telling.note_pause, self.telling.note_backups
        try:
            self.store.open()
        except StorageUnavailable:
            if not is_patient:
                raise
        self.sources = Sources(settings, self.store, folder=self.folder.path, stop=self.stop.of_run, now=now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection, and move the write-ahead log into the database."""
        self.sources.close()
        self.client.close()
        self.telling.close()
        try:
            self.store.close()
        except StorageUnavailable as error:
            logger.warning("the last changes stay in %s-wal, and nothing is lost: %s", self.store.path, error)
        except StorageError as error:
            logger.warning("%s", error)

    @property
    def progress(self) -> object:
        """Return a value that changes whenever the present run gets on; None between runs."""
        return self._began and (self.client.calls, self.sources.progress)

    @property
    def paused_until(self) -> datetime | None:
        """Return the end of the present pause; None if there is none."""
        return find_pause(self.folder.path)

    def use(self, settings: Settings) -> None:
        """Go by other lists and another policy from now on; only the thread that runs the syncs may call this."""
        former, self.settings = self.settings, settings
        self.sources.use(settings)
        if former.policy.fingerprint != settings.policy.fingerprint:
            learn_options(self)

    def refresh(self, titles: Mapping[TitleKey, bool]) -> bool:
        """Read what the server has of titles that it told of; return False while another process syncs."""
        tell, lock = self.watcher.move if self.watcher else None, FileLock(self.folder.path / RUN_LOCK)
        return refresh_titles(titles, client=self.client, store=self.store, run_lock=lock, now=self.now, tell=tell)

    def rest(self) -> None:
        """Free as much memory as possible until the next sync."""
        self.store.rest()
        give_memory_back()

    def abandon(self) -> None:
        """Record the run as stopped and close the database, while another thread still waits for an answer."""
        if began := self._began:
            # The log first: the database may be locked, and the process ends in a second.
            log.stop(STOPPED_WHILE_WAITING)
            with suppress(ListSyncError):
                self._close_run(RunStatus.STOPPED, began, STOPPED_WHILE_WAITING)
        with suppress(ListSyncError):
            self.store.close()
        self.sources.close_cache()

    def sync(
        self,
        *,
        mode: SyncMode,
        dry_run: bool = False,
        only: Sequence[ListRef] = (),
        one_time: OneTimeList | None = None,
        quality: Quality | None = None,
        fresh: bool = False,
        is_scheduled: bool | None = None,
        run_id: int | None = None,
        planned: Mapping[QualityKey, PlanLine] | None = None,
        accepts: bool = False,
        on_progress: ProgressListener | None = None,
        on_report: Callable[[SyncReport], object] = lambda _report: None,
    ) -> SyncReport:
        """Sync all configured lists, `only` some, or one once; wait first while another process syncs with this folder.

        `fresh` ignores the cache, reads the whole server and looks for every title anew. A scheduled run may use the
        cache; if `is_scheduled` is None, automated runs are scheduled ones. `run_id` is its number in the queue. If
        `planned` is given, only that is requested. With `accepts`, the brake does not stop it. `on_report` gets the
        report before the run is over. In a pause, only a dry run does anything. Raise SyncCancelled or StorageError.
        """
        if (report := self._find_pause_report(mode, dry_run=dry_run)) is not None:
            return report
        wanted = (one_time.ref,) if one_time else tuple(dict.fromkeys(map(with_canonical_id, only)))
        resting = self.settings.household.find_resting(wanted) if mode is SyncMode.AUTOMATED else frozenset()
        job = Job(
            lists=tuple(self.with_terms(wanted or self.settings.household.lists, quality)),
            policy=replace(self._policy(dry_run=dry_run), planned=planned),
            rules=self.settings.policy,
            mode=mode,
            is_full_run=not wanted or bool(resting),
            resting=resting,
            on_progress=on_progress or (self.watcher.advance if self.watcher else ignore_progress),
            watcher=self.watcher,
            reuse=self.sources.reuse(mode, fresh=fresh, is_scheduled=is_scheduled),
            is_fresh=fresh,
            accepts=accepts,
            run_id=run_id,
            on_started=self.stop.begin_run,
            on_report=on_report,
            is_ending=self.stop.is_set,
        )
        with self.telling.told(dry_run=dry_run) as tell_end, self.started():
            # The pause may have begun while another process synced.
            if (report := self._find_pause_report(mode, dry_run=dry_run)) is None:
                report = self._carry_out(job, self._parts(one_time, mode))
                tell_end(report)
            return report

    @staticmethod
    def _carry_out(job: Job, parts: Parts) -> SyncReport:
        if not job.lists:
            logger.warning("no list is set: set IMDB_LISTS, TRAKT_LISTS or another, for example IMDB_LISTS=top")
        report = run_cycle(parts, job)
        log.close_run(report.closing_line)
        return report

    def with_terms(self, lists: Sequence[ListRef], quality: Quality | None = None) -> Iterator[ListRef]:
        """Yield lists with the terms that lists.yaml states for them, or the default ones."""
        stated = {ref.key: ref.terms for ref in self.settings.household.lists if ref.terms is not UNSTATED}
        defaults = self.settings.policy.defaults
        for ref in lists:
            terms = find_terms(ref.key, stated) or defaults
            requester_id = terms.requester_id if terms.requester else self.client.user_id
            qualities = (quality,) if quality else terms.qualities
            yield replace(ref, terms=replace(terms, requester_id=requester_id, qualities=qualities))

    def _find_pause_report(self, mode: SyncMode, *, dry_run: bool) -> SyncReport | None:
        """Return the report of a sync that does nothing because of a pause; None if there is no pause for it."""
        until = None if dry_run else self.paused_until
        if until is None:
            return None
        report = SyncReport(0, self.now(), self.now(), dry_run=False, mode=mode, paused_until=until)
        log.close_run(report.closing_line)
        return report

    @contextmanager
    def started(self) -> Iterator[None]:
        """Wait for the run lock and begin the run; errors before or inside it are logged as a failed run."""
        try:
            # Before the lock, because the error of the database says more about a folder that is gone.
            self.store.open()
            lock = wait_for_run_lock(self.folder.path, stop=self.stop)
        except StorageError:
            with log.running():
                raise
        with lock, log.running(), self._failure_recorded():
            self.store.open()
            self._report_error()
            self._merge_spellings()
            yield

    def _merge_spellings(self) -> None:
        """Once per process, merge the stored rows of each list that has several spellings."""
        if not self._are_spellings_merged:
            merge_spellings(self.store, with_canonical_id)
            self._are_spellings_merged = True

    @contextmanager
    def _failure_recorded(self) -> Iterator[None]:
        self._began = began = self.now()
        try:
            yield
        except BaseException as error:
            self._unreported_error = (reason_of(error), began)
            # If the database cannot be written at the moment, another try would only take time.
            if not isinstance(error, StorageUnavailable):
                with suppress(ListSyncError):
                    self._report_error()
            raise
        finally:
            self._began = None
            self.sources.end_run()
            self.stop.end_run()

    def _report_error(self) -> None:
        """Record the error of a run that broke off; if the database cannot be written now, the next run does it."""
        if self._unreported_error:
            error, began = self._unreported_error
            self._close_run(RunStatus.FAILED, began, error)
            self._unreported_error = None

    def _close_run(self, status: RunStatus, began: datetime, error: str) -> None:
        with self.store.writing() as connection:
            close_broken_off(connection, self.store.household, status, since=began, at=self.now(), error=error)

    def _policy(self, *, dry_run: bool) -> Policy:
        rules = self.settings.policy
        return Policy(
            max_requests_per_run=rules.caps.per_run,
            max_requests_per_day=rules.caps.per_requester,
            max_requests_by_all=rules.caps.per_day,
            has_file=rules.file is not None,
            of_settings=find_caps_of_settings(self.settings),
            dry_run=dry_run or self.settings.household.dry_run,
        )

    def _parts(self, one_time: OneTimeList | None, mode: SyncMode) -> Parts:
        return Parts(
            client=self.client,
            store=self.store,
            make_context=partial(self.sources.make_context, is_remote=mode.is_remote, one_time=one_time),
            stop=self.stop.of_run,
            now=self.now,
            workers=self.settings.process.max_workers,
            retention_days=self.settings.process.retention_days,
            catalogue=self.sources.find_catalogue(self.client),
            arrs=self.sources.find_arrs(),
            find_provider=build_finder(one_time, self.settings.process.data_dir),
        )
