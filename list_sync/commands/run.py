"""`run`: what the container does: a daemon, or one sync where AUTOMATED_MODE is false or SYNC_INTERVAL is 0."""

import logging
import threading
from datetime import UTC, datetime

from list_sync import log
from list_sync.commands.exits import ExitCode, exit_code_of_report
from list_sync.commands.health import is_daemon
from list_sync.commands.stopping import stopped_by_signals
from list_sync.config import Settings
from list_sync.daemon import Stopper, Timetable, Wish, run_daemon
from list_sync.errors import StorageError, SyncCancelled
from list_sync.main import Session, open_session, prepare_settings
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.sources import ListRef
from list_sync.storage import triggers
from list_sync.storage.triggers import Trigger

logger = logging.getLogger(__name__)


def run() -> int:
    """Stay and sync, or sync once and end; nothing but the log is printed."""
    settings = prepare_settings()
    log.configure_logging(settings.log_level, settings.log_format, zone=settings.zone)
    for warning in settings.warnings:
        logger.warning("%s", warning)
    return stay(settings) if is_daemon(settings) else sync_once(settings)


def sync_once(settings: Settings) -> int:
    """Sync once and return the exit code that says how it went."""
    with stopped_by_signals() as stopping, open_session(settings, stop=stopping.event) as session:
        try:
            report = session.sync(mode=SyncMode.MANUAL)
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
        return stopping.exit_code(exit_code_of_report(report))


def stay(settings: Settings) -> int:
    """Sync until a signal says otherwise."""
    stop = threading.Event()
    with open_session(settings, stop=stop) as session:
        Stopper(stop, at_the_last=session.close).install()
        timetable = Timetable(interval_hours=settings.sync_interval, crons=settings.sync_schedule, now=session.now)
        run_daemon(Desk(session), timetable, heartbeat=session.folder.heartbeat, stop=stop)
    return ExitCode.OK


class Desk:
    """What the daemon's loop works with: a session, and the wishes that others left in its database."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._taken: Trigger | None = None

    def sync(self, *, mode: SyncMode, dry_run: bool = False, only: tuple[ListRef, ...] = ()) -> SyncReport:
        """Run one sync."""
        return self._session.sync(mode=mode, dry_run=dry_run, only=only)

    def take_wish(self) -> Trigger | None:
        """Return the next wish; a database that is busy is asked again later."""
        try:
            with self._session.store.writing() as connection:
                self._taken = triggers.take(connection, at=datetime.now(UTC))
        except StorageError as error:
            logger.warning("nobody can ask for a sync at the moment: %s", error)
            self._taken = None
        return self._taken

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
