"""`run`: what the container does: a daemon, or one sync where AUTOMATED_MODE is false or SYNC_INTERVAL is 0."""

import logging
import threading
from datetime import UTC, datetime

from list_sync import log
from list_sync.commands.exits import ExitCode, exit_code_of, exit_code_of_report, reasons_of
from list_sync.commands.health import is_daemon
from list_sync.commands.opening import stoppable_session
from list_sync.config import Settings
from list_sync.daemon import Timetable, Wish, run_daemon
from list_sync.errors import ListSyncError, StorageError, SyncCancelled
from list_sync.main import Session, prepare_settings
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.sources import ListRef
from list_sync.storage import triggers
from list_sync.storage.lease import FolderLock
from list_sync.storage.triggers import Trigger

logger = logging.getLogger(__name__)

# Whoever looks whether the lock is held holds it for a moment.
LOOKERS_SECONDS = 0.5


def run() -> int:
    """Stay and sync, or sync once and end; nothing but the log is printed."""
    # Wrong settings are told on stdout as well: `docker logs … | grep` passes on nothing else.
    log.configure_logging("INFO", "text")
    try:
        settings = prepare_settings()
        log.configure_logging(settings.log_level, settings.log_format, zone=settings.zone)
        for warning in settings.warnings:
            logger.warning("%s", warning)
        return stay(settings) if is_daemon(settings) else sync_once(settings)
    except ListSyncError as error:
        log.fail(*reasons_of(error))
        return exit_code_of(error)


def sync_once(settings: Settings) -> int:
    """Sync once and return the exit code that says how it went."""
    with stoppable_session(settings) as (stopping, session):
        try:
            report = session.sync(mode=SyncMode.MANUAL)
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
        return stopping.exit_code(exit_code_of_report(report))


def stay(settings: Settings) -> int:
    """Sync until a signal says otherwise, as the only one who does so in this data folder."""
    with stoppable_session(settings, exit_code=ExitCode.OK) as (stopping, session):
        leadership = FolderLock(session.folder.daemon_lock)
        try:
            if become_leader(leadership, stopping.event):
                lead(session, stopping.event)
        finally:
            leadership.release()
    return ExitCode.OK


def become_leader(leadership: FolderLock, stop: threading.Event) -> bool:
    """Return True once no other daemon works in the folder, False if it is time to stop before that."""
    if leadership.acquire(timeout_seconds=LOOKERS_SECONDS, stop=stop):
        return True
    folder = leadership.path.parent
    if not stop.is_set():
        logger.info("another ListSync works in %s: this one waits, and takes over when that one ends", folder)
    is_leader = leadership.acquire(stop=stop)
    if is_leader:
        logger.info("the other ListSync in %s ended: this one takes over", folder)
    return is_leader


def lead(session: Session, stop: threading.Event) -> None:
    """Sync as the timetable and the wishes of others say."""
    settings = session.settings
    desk = Desk(session)
    desk.give_back_wishes()
    timetable = Timetable(interval_hours=settings.sync_interval, crons=settings.sync_schedule, zone=settings.zone)
    run_daemon(desk, timetable, heartbeat=session.folder.heartbeat, stop=stop)


class Desk:
    """What the daemon's loop works with: a session, and the wishes that others left in its database."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._taken: Trigger | None = None
        self._is_readable = True

    def sync(self, *, mode: SyncMode, dry_run: bool = False, only: tuple[ListRef, ...] = ()) -> SyncReport:
        """Run one sync."""
        return self._session.sync(mode=mode, dry_run=dry_run, only=only)

    def rest(self) -> None:
        """Hold as little memory as can be until the next sync."""
        self._session.rest()

    def give_back_wishes(self) -> None:
        """Let the wishes be taken again that a killed daemon took and did not finish."""
        try:
            with self._session.store.writing() as connection:
                triggers.give_back(connection)
        except StorageError as error:
            logger.warning("syncs that were asked for earlier may be forgotten: %s", error)

    def take_wish(self) -> Trigger | None:
        """Return the next wish; a database that is busy or broken is asked again later, and complained of once."""
        try:
            self._taken = self._take()
            self._is_readable = True
        except StorageError as error:
            if self._is_readable:
                logger.warning("nobody can ask for a sync at the moment: %s", error)
            self._taken, self._is_readable = None, False
        return self._taken

    def _take(self) -> Trigger | None:
        with self._session.store.reading() as connection:
            if not triggers.is_waiting(connection):
                return None
        with self._session.store.writing() as connection:
            return triggers.take(connection, at=datetime.now(UTC))

    def finish_wish(self, wish: Wish, report: SyncReport | None) -> None:
        """Tell whoever asked how it ended."""
        if wish is not self._taken or self._taken is None:
            raise ValueError("only the wish that was taken last can be finished")
        code = ExitCode.FAILURES if report is None else exit_code_of_report(report)
        try:
            with self._session.store.writing() as connection:
                run_id = report.run_id if report else None
                triggers.finish(connection, self._taken.trigger_id, run_id=run_id, exit_code=code, at=datetime.now(UTC))
        except StorageError as error:
            logger.warning("whoever asked for the sync cannot be told how it ended: %s", error)
