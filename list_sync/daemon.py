"""The loop that lasts for years: wait, wake when a sync is due or asked for, survive a bad run."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Protocol

import schedule
from cronsim import CronSim

from list_sync.errors import ListSyncError, StorageError, is_shortage
from list_sync.model.report import FailureKind, SyncMode, SyncReport
from list_sync.model.sources import ListRef

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
TROUBLE_BYTES = 500
# A server that starts beside us is usually there within a minute; one that stays away is asked ever more rarely.
RETRY_SECONDS = (5, 10, 30, 60, 120, 300, 600, 900, 1800)
CLOCK_JUMP_SECONDS = 5.0
WORTH_RETRYING = (FailureKind.UNREACHABLE, FailureKind.STORAGE)
# Unlike the monotonic clock it goes on while the machine sleeps; macOS has only the other one.
_STEADY_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


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

    def is_mended(self) -> bool:
        """Tell, once, that a database that could not be read can be read again."""
        ...

    def rest(self) -> None:
        """Hold as little as can be until the next sync."""
        ...


def utc_now() -> datetime:
    """Return the time of day, which somebody may set."""
    return datetime.now(UTC)


def steady_seconds() -> float:
    """Return the seconds on a clock that nobody can set."""
    return time.clock_gettime(_STEADY_CLOCK)


class Timetable:
    """When the next sync is due: every so many hours, or whenever a cron expression says in `zone`.

    Intervals are counted from the start of a sync to the start of the next; times that went by during a sync are
    skipped. A clock that is set moves cron times with it, and leaves intervals as long as they are.
    """

    def __init__(
        self,
        *,
        interval_hours: float,
        crons: Iterable[str] = (),
        zone: tzinfo = UTC,
        now: Callable[[], datetime] = utc_now,
        steady: Callable[[], float] = steady_seconds,
    ) -> None:
        self._interval_seconds = interval_hours * 3600
        self._crons = tuple(crons)
        self._zone = zone
        self._now = now
        self._steady = steady
        self._retries = 0
        self._began = steady()
        self._wait_ends: float | None = None
        self._clock_offset = 0.0
        self._is_due = threading.Event()
        self._scheduler = schedule.Scheduler()

    def begin(self) -> None:
        """Note that a sync starts now."""
        self._began = self._steady()

    def plan_next(self, report: SyncReport | None) -> datetime:
        """Set and return the time of the next sync; a run that the server or the disk prevented is repeated sooner."""
        self._wait_ends = None if self._crons else self._steady() + self._until_next_tick()
        if report is None or report.failure in WORTH_RETRYING:
            retry_at = self._steady() + RETRY_SECONDS[min(self._retries, len(RETRY_SECONDS) - 1)]
            self._wait_ends = retry_at if self._wait_ends is None else min(self._wait_ends, retry_at)
            self._retries += 1
        else:
            self._retries = 0
        return self._arrange()

    def check(self) -> bool:
        """Tell whether the next sync is due."""
        if abs(self._offset_of_clock() - self._clock_offset) > CLOCK_JUMP_SECONDS:
            self._arrange()
        self._scheduler.run_pending()
        return self._is_due.is_set()

    def _arrange(self) -> datetime:
        waits = [] if self._wait_ends is None else [self._wait_ends - self._steady()]
        waits += [(self._next_time(cron) - self._now()).total_seconds() for cron in self._crons]
        seconds = max(1, round(min(waits)))
        self._clock_offset = self._offset_of_clock()
        self._is_due.clear()
        self._scheduler.clear()
        self._scheduler.every(seconds).seconds.do(self._is_due.set)
        return (self._now() + timedelta(seconds=seconds)).astimezone(self._zone)

    def _until_next_tick(self) -> float:
        return self._interval_seconds - (self._steady() - self._began) % self._interval_seconds

    def _next_time(self, cron: str) -> datetime:
        # In UTC, as the difference of two times in one zone would be that of their clocks, summer time or not.
        return next(CronSim(cron, self._now().astimezone(self._zone))).astimezone(UTC)

    def _offset_of_clock(self) -> float:
        """Return how far the clock on the wall, by which `schedule` goes, is ahead of the steady one."""
        wall = self._now().astimezone().replace(tzinfo=UTC)
        return wall.timestamp() - self._steady()


class Heartbeat:
    """The file by which `list-sync health` sees that the daemon lives, and reads what is wrong with its database."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._trouble = ""
        self._can_be_written = True
        self._was_written = False
        self._writing = threading.Lock()

    def keep_beating(self, stop: threading.Event) -> None:
        """Touch the file until the end."""
        while True:
            self.beat()
            if stop.wait(HEARTBEAT_SECONDS):
                return

    def beat(self) -> None:
        """Touch the file; one that cannot be written is complained of once."""
        # The thread that beats must not write what was wrong before over what is wrong now.
        with self._writing:
            try:
                self._write()
                self._can_be_written = True
            except OSError as error:
                if self._can_be_written:
                    logger.warning("the heartbeat %s cannot be written: %s", self._path, error.strerror)
                self._can_be_written = False

    def tell(self, trouble: str) -> None:
        """Note what is wrong with the database, "" for nothing."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.beat()

    @property
    def tells_of_trouble(self) -> bool:
        """Tell whether something was wrong with the database when it was last used."""
        return bool(self._trouble)

    def end(self) -> None:
        """Remove the file, unless it is out of reach."""
        with suppress(OSError):
            self._path.unlink()

    def _write(self) -> None:
        # Always as long, and in place: on a full disk that needs no room.
        text = self._trouble.encode()[:TROUBLE_BYTES].ljust(TROUBLE_BYTES)
        file = self._open()
        try:
            os.utime(file)
            os.pwrite(file, text, 0)
        finally:
            os.close(file)
        self._was_written = True

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_WRONLY)
        except FileNotFoundError:
            # An empty folder in the place of ours is where something is to be mounted.
            if self._was_written and not any(self._path.parent.iterdir()):
                raise
            return os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o644)


def run_daemon(work: Work, timetable: Timetable, *, heartbeat: Path, stop: threading.Event) -> None:
    """Sync at once, and then whenever the timetable or somebody says so, until `stop` is set."""
    _Loop(work, timetable, Heartbeat(heartbeat), stop).run()


class _Loop:
    """What the loop goes by, and its steps."""

    def __init__(self, work: Work, timetable: Timetable, heartbeat: Heartbeat, stop: threading.Event) -> None:
        self._work = work
        self._timetable = timetable
        self._heartbeat = heartbeat
        self._stop = stop

    def run(self) -> None:
        beating = threading.Thread(
            target=self._heartbeat.keep_beating, args=(self._stop,), name="heartbeat", daemon=True
        )
        beating.start()
        self._sync_and_plan()
        self._work.rest()
        while not self._stop.wait(TICK_SECONDS):
            if self._step():
                self._work.rest()
        beating.join(timeout=1.0)
        self._heartbeat.end()

    def _step(self) -> bool:
        """Sync if somebody wants it or it is time; tell whether a sync was run."""
        wish = self._work.take_wish()
        if wish is not None:
            report = self._sync(mode=wish.mode, only=wish.lists, dry_run=wish.dry_run)
            self._work.finish_wish(wish, report)
            if self._heartbeat.tells_of_trouble:
                # Health tells of it until a sync goes through, and the regular one may be a day away.
                self._plan(report)
        elif self._work.is_mended() or self._timetable.check():
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
            report = self._work.sync(mode=mode, only=only, dry_run=dry_run)
            trouble = (report.error or "") if report.failure is FailureKind.STORAGE else ""
        except StorageError as error:
            trouble = str(error)
        except ListSyncError as error:
            # The log of the run has been closed with it; the loop goes on.
            logger.debug("the sync ended early: %s", error)
        except Exception as error:
            # What is short is in the closing line already, and nobody's mistake.
            if not is_shortage(error):
                logger.exception("the sync broke off in a way that it should not; please report this")
        self._heartbeat.tell(trouble)
        return report
