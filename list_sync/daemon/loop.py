"""The loop of the daemon: wait until a sync is due or asked for, run it, go on after any error."""

import logging
import threading
from pathlib import Path
from typing import Protocol

from list_sync.daemon.heartbeat import Heartbeat
from list_sync.daemon.run_queue import RunQueue
from list_sync.daemon.timetable import Timetable
from list_sync.errors import ListSyncError, StorageError, is_shortage
from list_sync.model.report import FailureKind, SyncMode, SyncReport
from list_sync.model.sources import ListRef

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0


class Syncing(Protocol):
    """A session, as the loop uses it."""

    def sync(self, *, mode: SyncMode, dry_run: bool = False, only: tuple[ListRef, ...] = ()) -> SyncReport:
        """Run one sync."""
        ...

    def rest(self) -> None:
        """Release memory until the next sync."""
        ...


def run_daemon(
    session: Syncing, queue: RunQueue, timetable: Timetable, *, heartbeat: Path, stop: threading.Event
) -> None:
    """Sync at once, and then whenever the timetable or an order says so, until `stop` is set."""
    _Loop(session, queue, timetable, Heartbeat(heartbeat), stop).run()


class _Loop:
    """The steps of the loop, and what they use."""

    def __init__(
        self, session: Syncing, queue: RunQueue, timetable: Timetable, heartbeat: Heartbeat, stop: threading.Event
    ) -> None:
        self._session = session
        self._queue = queue
        self._timetable = timetable
        self._heartbeat = heartbeat
        self._stop = stop

    def run(self) -> None:
        beating = threading.Thread(
            target=self._heartbeat.keep_beating, args=(self._stop,), name="heartbeat", daemon=True
        )
        beating.start()
        self._sync_and_plan()
        self._session.rest()
        while not self._stop.wait(TICK_SECONDS):
            if self._step():
                self._session.rest()
        beating.join(timeout=1.0)
        self._heartbeat.end()

    def _step(self) -> bool:
        """Sync if an order waits or it is time; return whether a sync was run."""
        order = self._queue.take_order()
        if order is not None:
            report = self._sync(mode=order.mode, only=order.lists, dry_run=order.dry_run)
            self._queue.finish_order(order, report)
            if self._heartbeat.has_trouble:
                # Health reports it until a sync goes through, and the regular one may be a day away.
                self._plan(report)
        elif self._queue.take_recovered() or self._timetable.check():
            self._sync_and_plan()
        else:
            return False
        return True

    def _sync_and_plan(self) -> None:
        self._timetable.begin()
        self._plan(self._sync(mode=SyncMode.AUTOMATED))

    def _plan(self, report: SyncReport | None) -> None:
        following = self._timetable.plan_next(report)
        if not self._stop.is_set():
            logger.info("next sync at %s", following.strftime("%Y-%m-%d %H:%M:%S"))

    def _sync(self, *, mode: SyncMode, only: tuple[ListRef, ...] = (), dry_run: bool = False) -> SyncReport | None:
        trouble = ""
        report = None
        try:
            report = self._session.sync(mode=mode, only=only, dry_run=dry_run)
            trouble = (report.error or "") if report.failure is FailureKind.STORAGE else ""
        except StorageError as error:
            trouble = str(error)
        except ListSyncError as error:
            # The log of the run has been closed with it; the loop goes on.
            logger.debug("the sync ended early: %s", error)
        except Exception as error:
            # A shortage of memory or threads is in the closing line already, and is no defect.
            if not is_shortage(error):
                logger.exception("the sync broke off in a way that it should not; please report this")
        self._heartbeat.report(trouble)
        return report
