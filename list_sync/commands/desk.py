"""What the daemon's loop works with: a session, and the wishes that others left in its database."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from list_sync.commands.exits import ExitCode
from list_sync.daemon import Wish
from list_sync.errors import StorageError
from list_sync.files.lock import FolderLock
from list_sync.main import Session
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.sources import ListRef
from list_sync.storage import triggers
from list_sync.storage.triggers import Trigger

logger = logging.getLogger(__name__)

# A damaged database is read through whenever somebody looks whether it is whole again.
LOOK_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _End:
    """How a wish ended."""

    trigger_id: int
    run_id: int | None
    code: ExitCode
    at: datetime


class Desk:
    """The work of a daemon: its syncs and the wishes of others, whatever becomes of the database meanwhile."""

    def __init__(self, session: Session, leadership: FolderLock) -> None:
        self._session = session
        self._leadership = leadership
        self._taken: Trigger | None = None
        self._untold: list[_End] = []
        self._owes_wishes = True
        self._is_readable = True
        self._is_mended = False
        self._look_again_at = 0.0

    def sync(self, *, mode: SyncMode, dry_run: bool = False, only: tuple[ListRef, ...] = ()) -> SyncReport:
        """Run one sync."""
        report = self._session.sync(mode=mode, dry_run=dry_run, only=only)
        self._is_readable = True
        return report

    def rest(self) -> None:
        """Hold as little memory as can be until the next sync."""
        self._session.rest()

    def is_mended(self) -> bool:
        """Tell, once, that a database that could not be read can be read again."""
        is_mended, self._is_mended = self._is_mended, False
        return is_mended

    def take_wish(self) -> Trigger | None:
        """Return the next wish; a database that is gone or broken is asked again later, and complained of once."""
        self._taken = None
        if not self._is_readable and time.monotonic() < self._look_again_at:
            return None
        try:
            self._session.store.open()
            # A folder that was put back from a backup has another lock, or none: health would see no daemon.
            self._leadership.renew()
            self._give_back_wishes()
            self._tell_ends()
            self._taken = self._take()
        except StorageError as error:
            if self._is_readable:
                logger.warning("nobody can ask for a sync at the moment: %s", error)
            self._is_readable = False
            self._look_again_at = time.monotonic() + LOOK_AGAIN_SECONDS
        else:
            self._is_mended = self._is_mended or not self._is_readable
            self._is_readable = True
        return self._taken

    def _give_back_wishes(self) -> None:
        """Let the wishes be taken again that a killed daemon took and did not finish."""
        if not self._owes_wishes:
            return
        with self._session.store.reading() as connection:
            are_unfinished = triggers.are_unfinished(connection)
        if are_unfinished:
            with self._session.store.writing() as connection:
                triggers.give_back(connection)
        self._owes_wishes = False

    def _take(self) -> Trigger | None:
        with self._session.store.reading() as connection:
            if not triggers.is_waiting(connection):
                return None
        with self._session.store.writing() as connection:
            return triggers.take(connection, at=datetime.now(UTC))

    def finish_wish(self, wish: Wish, report: SyncReport | None) -> None:
        """Tell whoever asked how it ended, now or once the database can be written again."""
        if wish is not self._taken or self._taken is None:
            raise ValueError("only the wish that was taken last can be finished")
        code = ExitCode.FAILURES if report is None else report.exit_code
        run_id = report.run_id if report else None
        self._untold.append(_End(self._taken.trigger_id, run_id, code, datetime.now(UTC)))
        try:
            self._tell_ends()
        except StorageError as error:
            logger.warning("whoever asked for the sync is told later how it ended: %s", error)

    def _tell_ends(self) -> None:
        if not self._untold:
            return
        with self._session.store.writing() as connection:
            for end in self._untold:
                triggers.finish(connection, end.trigger_id, run_id=end.run_id, exit_code=end.code, at=end.at)
        self._untold.clear()
