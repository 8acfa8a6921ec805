"""When the next sync is due: every so many hours, or at the times of cron expressions."""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo

import schedule
from cronsim import CronSim

from list_sync.model.report import FailureKind, SyncReport

# A server that starts together with us is usually there within a minute; a longer outage is asked about more rarely.
RETRY_SECONDS = (5, 10, 30, 60, 120, 300, 600, 900, 1800)
CLOCK_JUMP_SECONDS = 5.0
WORTH_RETRYING = (FailureKind.UNREACHABLE, FailureKind.STORAGE)
# Unlike the monotonic clock it goes on while the machine sleeps; macOS has only the other one.
_STEADY_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def utc_now() -> datetime:
    """Return the wall-clock time, which people may set."""
    return datetime.now(UTC)


def steady_seconds() -> float:
    """Return the seconds of a clock that cannot be set."""
    return time.clock_gettime(_STEADY_CLOCK)


class Timetable:
    """When the next sync is due: every so many hours, or at the times of cron expressions in `zone`.

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
