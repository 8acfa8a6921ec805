"""The loop that lasts for years: wait, wake when a sync is due or asked for, survive a bad run."""

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import schedule
from cronsim import CronSim

from list_sync.errors import ListSyncError
from list_sync.model.report import FailureKind, SyncMode, SyncReport
from list_sync.model.sources import ListRef

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
# Docker kills after 10 seconds, and we promise 8.
PATIENCE_SECONDS = 6.5
# A server that is starting is usually there within a minute; one that stays away is asked ever more rarely.
RETRY_MINUTES = (0.5, 1, 2, 5, 10, 15, 30)


class Wish(Protocol):
    """A sync that somebody asked for."""

    @property
    def lists(self) -> tuple[ListRef, ...]:
        """Return the lists to sync, none meaning all."""
        ...

    @property
    def dry_run(self) -> bool:
        """Tell whether nothing may be changed."""
        ...

    @property
    def mode(self) -> SyncMode:
        """Return who asked."""
        ...


class Work(Protocol):
    """What the loop drives: syncing, and the box in which others put their wishes."""

    def sync(self, *, mode: SyncMode, dry_run: bool = False, only: tuple[ListRef, ...] = ()) -> SyncReport:
        """Run one sync."""
        ...

    def take_wish(self) -> Wish | None:
        """Return the next wish, if there is one."""
        ...

    def finish_wish(self, wish: Wish, report: SyncReport | None) -> None:
        """Tell whoever asked how it ended."""
        ...


class Timetable:
    """When the next sync is due: every so many hours, or whenever a cron expression says; missed times are skipped."""

    def __init__(self, *, interval_hours: float, crons: Iterable[str], now: Callable[[], datetime]) -> None:
        self._crons = tuple(crons)
        self._now = now
        self._interval = timedelta(hours=interval_hours)
        self._retries = 0
        self.is_due = threading.Event()
        self.scheduler = schedule.Scheduler()

    def plan_next(self, report: SyncReport | None) -> datetime:
        """Set the next time after a run; a server that could not be reached is tried again sooner."""
        self.scheduler.clear()
        self.is_due.clear()
        wait = self._until_next()
        if report is None or report.failure in (FailureKind.UNREACHABLE, FailureKind.STORAGE):
            retry = timedelta(minutes=RETRY_MINUTES[min(self._retries, len(RETRY_MINUTES) - 1)])
            self._retries += 1
            wait = min(wait, retry)
        else:
            self._retries = 0
        seconds = max(1, round(wait.total_seconds()))
        self.scheduler.every(seconds).seconds.do(self.is_due.set)
        return self._now() + timedelta(seconds=seconds)

    def _until_next(self) -> timedelta:
        if not self._crons:
            return self._interval
        now = self._now()
        return min(next(CronSim(cron, now)) - now for cron in self._crons)

    def check(self) -> bool:
        """Tell whether the next sync is due."""
        self.scheduler.run_pending()
        return self.is_due.is_set()


def run_daemon(work: Work, timetable: Timetable, *, heartbeat: Path, stop: threading.Event) -> None:
    """Sync at once, and then whenever the timetable or somebody says so, until `stop` is set."""
    beat = threading.Thread(target=_keep_beating, args=(heartbeat, stop), name="heartbeat", daemon=True)
    beat.start()
    _sync_and_plan(work, timetable, stop)
    while not stop.wait(TICK_SECONDS):
        wish = work.take_wish()
        if wish is not None:
            report = _sync(work, mode=wish.mode, only=wish.lists, dry_run=wish.dry_run)
            work.finish_wish(wish, report)
        elif timetable.check():
            _sync_and_plan(work, timetable, stop)
    beat.join(timeout=1.0)
    heartbeat.unlink(missing_ok=True)


def _sync_and_plan(work: Work, timetable: Timetable, stop: threading.Event) -> None:
    report = _sync(work, mode=SyncMode.AUTOMATED)
    following = timetable.plan_next(report)
    if not stop.is_set():
        logger.info("next sync at %s", following.isoformat(sep=" ", timespec="seconds"))


def _sync(work: Work, *, mode: SyncMode, only: tuple[ListRef, ...] = (), dry_run: bool = False) -> SyncReport | None:
    try:
        return work.sync(mode=mode, only=only, dry_run=dry_run)
    except ListSyncError as error:
        # The log of the run has been closed with it; the loop goes on.
        logger.debug("the sync ended early: %s", error)
    except Exception:
        logger.exception("the sync broke off in a way that it should not; please report this")
    return None


def _keep_beating(heartbeat: Path, stop: threading.Event) -> None:
    """Touch the heartbeat file until the end; `list-sync health` reads how old it is."""
    while True:
        try:
            heartbeat.touch()
        except OSError as error:
            logger.warning("the heartbeat %s cannot be written: %s", heartbeat, error.strerror)
        if stop.wait(HEARTBEAT_SECONDS):
            return


class Stopper:
    """Turns SIGTERM and SIGINT into the stop event, and into a hard end if the soft one takes too long.

    The hard end is safe: what was sent and not answered is in the journal and is looked for at the next start.
    """

    def __init__(self, stop: threading.Event, *, at_the_last: Callable[[], None]) -> None:
        self._stop = stop
        self._at_the_last = at_the_last

    def install(self) -> None:
        """Take over both signals; only the main thread may call this."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._stop.set()
        patience = threading.Timer(PATIENCE_SECONDS, self._leave)
        patience.daemon = True
        patience.start()

    def _leave(self) -> None:
        with contextlib.suppress(ListSyncError):
            self._at_the_last()
        os._exit(0)
