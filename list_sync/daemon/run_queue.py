"""The queue of runs that were asked for, and the file by which others wake the daemon."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from list_sync.config import StateFolder
from list_sync.daemon.heartbeat import WAKE_NAME, has_daemon, wake_daemon
from list_sync.daemon.pausing import find_pause
from list_sync.database.looking import FileIdentity, find_identity, load_version
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.files.lock import FileLock
from list_sync.model.exit_codes import ExitCode
from list_sync.model.moments import utc_now
from list_sync.model.runs import Run, RunOrder, RunStatus
from list_sync.model.sources import Backoff, ListRef
from list_sync.storage import orders
from list_sync.storage.list_memory import find_backoffs
from list_sync.storage.runs import find_run

logger = logging.getLogger(__name__)

# Opening a damaged database again reads all of it.
OPEN_AGAIN_SECONDS = 2.0
WAIT_SECONDS = 0.3
# After a daemon has ended, a waiting one needs a moment to take over.
LOOKS_FOR_A_NEW_DAEMON = 15
NOT_UNDERSTOOD = "this version does not understand what was asked for: another version of ListSync asked for it"


def require_present_version(folder: StateFolder) -> None:
    """Raise StorageError if the daemon of a data folder is of an older version.

    It would not find its tables any more, and never look into this queue.
    """
    if 0 < load_version(folder.database) < SCHEMA_VERSION:
        raise StorageError("the running ListSync is an older version: restart it with this one, then ask again")


def ask_daemon(store: Store, folder: StateFolder, order: RunOrder, *, is_limited: bool = False) -> int:
    """Put a run into the queue, wake the daemon, and return the number of the run.

    With `is_limited`, raise QueueFull if very many wait.
    """
    with store.writing() as connection:
        run_id = orders.ask(connection, store.household, order, at=utc_now(), is_limited=is_limited)
    wake_daemon(folder.path)
    return run_id


def wait_for_run(store: Store, folder: StateFolder, run_id: int) -> Run:
    """Return the run once it is over, once there is no daemon any more, or once it waits for the end of a pause."""
    never = threading.Event()
    looks_left = LOOKS_FOR_A_NEW_DAEMON
    while True:
        is_alive = has_daemon(folder)
        with store.reading() as connection:
            run = find_run(connection, run_id)
        if run is None:
            raise LookupError(f"the database lost run {run_id}")
        looks_left = LOOKS_FOR_A_NEW_DAEMON if is_alive else looks_left - 1
        is_held = run.status is RunStatus.QUEUED and find_pause(folder.path) is not None
        if run.status.is_over or is_held or looks_left == 0:
            return run
        never.wait(WAIT_SECONDS)


class RunQueue:
    """The runs that were asked for; the daemon goes on while its database cannot be used."""

    def __init__(
        self,
        store: Store,
        leadership: FileLock,
        *,
        find_lists: Callable[[], Sequence[ListRef]] = tuple,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._leadership = leadership
        self._find_lists = find_lists
        self._now = now
        self._unreported: dict[int, tuple[str, ExitCode]] = {}
        self._unasked: list[RunOrder] = []
        self._is_recovered = False
        self._open_again_at = 0.0
        self._wake = leadership.path.with_name(WAKE_NAME)
        self._seen = self._find_stamp()
        self._backoffs_seen_at = now()
        self._obstacle = ""

    @property
    def is_readable(self) -> bool:
        """Whether the database could be used when it was last tried."""
        return not self._obstacle

    def was_woken(self) -> bool:
        """Return whether the wake file changed since the last time, or the database was replaced."""
        before, self._seen = self._seen, self._find_stamp()
        return self._seen != before

    def take_recovered(self) -> bool:
        """Return True once after a database that could not be read can be read again."""
        is_recovered, self._is_recovered = self._is_recovered, False
        return is_recovered

    def find_order(self, *, only_dry: bool = False) -> tuple[int, RunOrder] | None:
        """Return the number and the order of the oldest queued run, or dry run.

        A database that cannot be used is tried again later, and the reason is logged when it changes.
        """
        if not self.is_readable and time.monotonic() < self._open_again_at:
            return None
        try:
            self._store.open()
            # A folder that was restored from a backup has another lock file, or none: health would see no daemon.
            self._leadership.renew()
            self._report_failures()
            self._ask_unasked()
            found = self._find(only_dry=only_dry)
        except StorageError as error:
            if self._obstacle != str(error):
                logger.warning("no sync can be asked for at the moment: %s", error)
            self._obstacle = str(error)
            self._open_again_at = time.monotonic() + OPEN_AGAIN_SECONDS
            return None
        self._is_recovered = self._is_recovered or not self.is_readable
        self._obstacle = ""
        return found

    def ask(self, order: RunOrder) -> None:
        """Put a run of this process into the queue, now or once the database can be written again."""
        self._unasked.append(order)
        try:
            self._ask_unasked()
        except StorageError as failure:
            logger.warning("a sync waits until the database can be written: %s", failure)

    def _ask_unasked(self) -> None:
        if not self._unasked:
            return
        with self._store.writing() as connection:
            for order in self._unasked:
                orders.ask(connection, self._store.household, order, at=self._now())
        self._unasked.clear()

    def _find(self, *, only_dry: bool) -> tuple[int, RunOrder] | None:
        while True:
            with self._store.reading() as connection:
                found = orders.find_queued(connection, self._store.household, only_dry=only_dry)
            if found is None:
                return None
            run_id, order = found
            if order is not None:
                return run_id, order
            self._unreported[run_id] = NOT_UNDERSTOOD, ExitCode.FAILURES
            self._report_failures()

    def fail_order(self, run_id: int, error: str, code: ExitCode = ExitCode.FAILURES) -> None:
        """Mark a run that could not begin as failed, now or once the database can be written again."""
        self._unreported[run_id] = error, code
        try:
            self._report_failures()
        except StorageError as failure:
            logger.warning("the end of the sync that was asked for is recorded later: %s", failure)

    def _report_failures(self) -> None:
        if not self._unreported:
            return
        with self._store.writing() as connection:
            for run_id, (error, code) in self._unreported.items():
                orders.fail(connection, run_id, error=error, code=code, at=self._now())
        self._unreported.clear()

    def find_backoff_end(self) -> datetime | None:
        """Return when the next list that failed may be read again; None if there is none.

        That is in the past if a back-off ended while another sync ran.
        """
        now = self._now()
        ends = [
            backoff.until
            for _, backoff in self._find_backoffs()
            # After its first failure, a list without a pause waits for the next regular sync.
            if backoff.until > now or (backoff.failures > 1 and backoff.until > self._backoffs_seen_at)
        ]
        return min(ends, default=None)

    def find_scheduled(self, schedules: Collection[str]) -> tuple[ListRef, ...]:
        """Return the lists of some schedules."""
        return tuple(source for source in self._find_lists() if source.terms.schedule in schedules)

    def find_ended_backoffs(self) -> tuple[ListRef, ...]:
        """Return the lists that failed and may be read again now."""
        now, found = self._now(), self._find_backoffs()
        if found:
            self._backoffs_seen_at = now
        return tuple(source for source, backoff in found if backoff.until <= now)

    def _find_backoffs(self) -> list[tuple[ListRef, Backoff]]:
        try:
            with self._store.reading() as connection:
                known = find_backoffs(connection, self._store.household)
        except (StorageError, ValueError):
            # A ValueError comes from a damaged row, and makes the store check the file.
            return []
        return [(source, known[source.key]) for source in self._find_lists() if source.key in known]

    def _find_stamp(self) -> tuple[FileIdentity | None, FileIdentity | None, int]:
        try:
            changed_at = self._wake.stat().st_mtime_ns
        except OSError:
            changed_at = 0
        return find_identity(self._store.path), find_identity(self._wake), changed_at
