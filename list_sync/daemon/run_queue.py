"""The queue of runs that were asked for, as the daemon reads it from its database."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.files.lock import FolderLock
from list_sync.model.report import ExitCode, SyncReport
from list_sync.storage import triggers
from list_sync.storage.triggers import Trigger

logger = logging.getLogger(__name__)

# Opening a damaged database again reads all of it.
OPEN_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _End:
    """How a run that was asked for ended."""

    trigger_id: int
    run_id: int | None
    code: ExitCode
    at: datetime


class RunQueue:
    """The runs that were asked for; the daemon goes on while its database cannot be used."""

    def __init__(self, store: Store, leadership: FolderLock) -> None:
        self._store = store
        self._leadership = leadership
        self._unreported: list[_End] = []
        self._has_given_back = False
        self._is_readable = True
        self._is_recovered = False
        self._open_again_at = 0.0

    def take_recovered(self) -> bool:
        """Return True once after a database that could not be read can be read again."""
        is_recovered, self._is_recovered = self._is_recovered, False
        return is_recovered

    def take_order(self) -> Trigger | None:
        """Return the next order; a database that cannot be used is tried again later, and logged once."""
        if not self._is_readable and time.monotonic() < self._open_again_at:
            return None
        try:
            self._store.open()
            # A folder that was restored from a backup has another lock file, or none: health would see no daemon.
            self._leadership.renew()
            self._give_back()
            self._report_ends()
            order = self._take()
        except StorageError as error:
            if self._is_readable:
                logger.warning("no sync can be asked for at the moment: %s", error)
            self._is_readable = False
            self._open_again_at = time.monotonic() + OPEN_AGAIN_SECONDS
            return None
        self._is_recovered = self._is_recovered or not self._is_readable
        self._is_readable = True
        return order

    def _give_back(self) -> None:
        """Put the orders back into the queue that a killed daemon took and did not finish."""
        if self._has_given_back:
            return
        with self._store.reading() as connection:
            are_unfinished = triggers.are_unfinished(connection)
        if are_unfinished:
            with self._store.writing() as connection:
                triggers.give_back(connection)
        self._has_given_back = True

    def _take(self) -> Trigger | None:
        with self._store.reading() as connection:
            if not triggers.is_waiting(connection):
                return None
        with self._store.writing() as connection:
            return triggers.take(connection, at=datetime.now(UTC))

    def finish_order(self, order: Trigger, report: SyncReport | None) -> None:
        """Record how a run that was asked for ended, now or once the database can be written again."""
        code = ExitCode.FAILURES if report is None else report.exit_code
        run_id = report.run_id if report else None
        self._unreported.append(_End(order.trigger_id, run_id, code, datetime.now(UTC)))
        try:
            self._report_ends()
        except StorageError as error:
            logger.warning("the end of the sync that was asked for is recorded later: %s", error)

    def _report_ends(self) -> None:
        if not self._unreported:
            return
        with self._store.writing() as connection:
            for end in self._unreported:
                triggers.finish(connection, end.trigger_id, run_id=end.run_id, exit_code=end.code, at=end.at)
        self._unreported.clear()
