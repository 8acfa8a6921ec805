"""The jobs of the daemon and their times: one scheduler for syncs, ends of back-offs and the heartbeat."""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial

import schedule
from cronsim import CronSim

from list_sync.model.exit_codes import FailureKind
from list_sync.model.moments import utc_now
from list_sync.model.report import SyncReport

# A server that starts together with us is usually there within a minute; a longer outage is asked about more rarely.
RETRY_SECONDS = (5, 10, 30, 60, 120, 300, 600, 900, 1800)
CLOCK_JUMP_SECONDS = 5.0
WORTH_RETRYING = (FailureKind.UNREACHABLE, FailureKind.STORAGE)
# Unlike the monotonic clock it goes on while the machine sleeps; macOS has only the other one.
_STEADY_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Task(StrEnum):
    """What becomes due; the tags of the jobs."""

    SYNC = "sync"
    BACKOFFS = "back-offs"


def steady_seconds() -> float:
    """Return the seconds of a clock that cannot be set."""
    return time.clock_gettime(_STEADY_CLOCK)


class Timetable:
    """When each job is due; a sync is due every so many hours, or at the times of cron expressions in `zone`.

    Intervals are counted from the start of a sync to the start of the next; times that went by during a sync are
    skipped. A clock that is set moves cron times with it, and leaves intervals as long as they are. Threads may share
    a timetable.
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
        self._due: set[Task] = set()
        # By tag: the seconds that are left, and the function to call then.
        self._jobs: dict[str, tuple[Callable[[], float], Callable[[], object]]] = {}
        self._scheduler = schedule.Scheduler()
        self._clock_offset = self._find_clock_offset()
        self._lock = threading.RLock()

    def repeat(self, tag: str, seconds: float, job: Callable[[], object]) -> None:
        """Run a job again and again; it must be short and never fail."""
        self._set_job(tag, lambda: seconds, job)

    def begin(self) -> None:
        """Note that a sync starts now."""
        self._began = self._steady()

    def plan_next(self, report: SyncReport | None) -> datetime:
        """Set and return the time of the next sync; a run that the server or the disk prevented is repeated sooner."""
        passed = 0 if self._crons else int((self._steady() - self._began) // self._interval_seconds) + 1
        ends = [] if self._crons else [self._began + passed * self._interval_seconds]
        if report is None or report.failure in WORTH_RETRYING:
            ends.append(self._steady() + RETRY_SECONDS[min(self._retries, len(RETRY_SECONDS) - 1)])
            self._retries += 1
        else:
            self._retries = 0
        self._plan(Task.SYNC, lambda: min([end - self._steady() for end in ends] + self._seconds_to_crons()))
        return self.next_times()[Task.SYNC.value]

    def plan_backoff_end(self, until: datetime | None) -> None:
        """Set when the next list that failed may be read again."""
        with self._lock:
            self._due.discard(Task.BACKOFFS)
            self._jobs.pop(Task.BACKOFFS, None)
            self._scheduler.clear(Task.BACKOFFS)
            if until is not None:
                end = self._steady() + (until - self._now()).total_seconds()
                self._plan(Task.BACKOFFS, lambda: end - self._steady())

    def tick(self) -> bool:
        """Run the jobs whose time has come; return whether something is due."""
        with self._lock:
            if abs(self._find_clock_offset() - self._clock_offset) > CLOCK_JUMP_SECONDS:
                self._clock_offset = self._find_clock_offset()
                for tag in self._jobs:
                    self._arm(tag)
            self._scheduler.run_pending()
            return bool(self._due)

    def take_due(self, task: Task) -> bool:
        """Return whether a task is due, and count it as done."""
        with self._lock:
            is_due = task in self._due
            self._due.discard(task)
        return is_due

    def next_times(self) -> dict[str, datetime]:
        """Return when each task is due next."""
        with self._lock:
            waits = {task: self._jobs[task][0]() for task in Task if task in self._jobs}
        return {
            task.value: (self._now() + timedelta(seconds=_whole(seconds))).astimezone(self._zone)
            for task, seconds in waits.items()
        }

    def _plan(self, task: Task, wait: Callable[[], float]) -> None:
        with self._lock:
            self._due.discard(task)
            self._set_job(task, wait, partial(self.set_due, task))

    def _set_job(self, tag: str, wait: Callable[[], float], job: Callable[[], object]) -> None:
        with self._lock:
            self._jobs[tag] = (wait, job)
            self._arm(tag)

    def _arm(self, tag: str) -> None:
        """Give a job to the scheduler with the seconds that are left; the scheduler uses the wall clock."""
        wait, job = self._jobs[tag]
        self._scheduler.clear(tag)
        self._scheduler.every(_whole(wait())).seconds.do(job).tag(tag)

    def set_due(self, task: Task) -> type[schedule.CancelJob]:
        """Note that a task is due now; its job has done its work."""
        self._due.add(task)
        return schedule.CancelJob

    def _seconds_to_crons(self) -> list[float]:
        # In UTC, as the difference of two times in one zone would be that of their clocks, summer time or not.
        times = (next(CronSim(cron, self._now().astimezone(self._zone))) for cron in self._crons)
        return [(time.astimezone(UTC) - self._now()).total_seconds() for time in times]

    def _find_clock_offset(self) -> float:
        """Return how far the wall clock is ahead of the steady clock."""
        wall = self._now().astimezone().replace(tzinfo=UTC)
        return wall.timestamp() - self._steady()


def _whole(seconds: float) -> int:
    return max(1, round(seconds))
