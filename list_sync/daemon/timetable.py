"""The jobs of the daemon and their times: one scheduler for syncs, ends of back-offs and the heartbeat."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial

import schedule

from list_sync.config.rhythms import Rhythm
from list_sync.model.exit_codes import FailureKind
from list_sync.model.moments import utc_now
from list_sync.model.report import SyncReport

# A server that starts together with us is usually there within a minute; a longer outage is asked about more rarely.
RETRY_SECONDS = (5, 10, 30, 60, 120, 300, 600, 900, 1800)
CLOCK_JUMP_SECONDS = 5.0
# Syncs that are due within this time are one run.
TOGETHER = timedelta(minutes=1)
WORTH_RETRYING = (FailureKind.UNREACHABLE, FailureKind.STORAGE)
# Unlike the monotonic clock it goes on while the machine sleeps; macOS has only the other one.
_STEADY_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Task(StrEnum):
    """What becomes due."""

    SYNC = "sync"
    BACKOFFS = "back-offs"


def steady_seconds() -> float:
    """Return the seconds of a clock that cannot be set."""
    return time.clock_gettime(_STEADY_CLOCK)


@dataclass(slots=True)
class _Turn:
    """The syncs of one schedule: when the last one began, a retry after a failure, and a cron time that is done."""

    rhythm: Rhythm
    began: float
    retries: int = 0
    retry_at: float | None = None
    done_until: datetime | None = None


class Timetable:
    """When each job is due; syncs are due by the rhythm of each schedule, with cron times in `zone`.

    Intervals are counted from the start of a sync to the start of the next; times that went by during a sync of the
    same schedule are skipped, and of other schedules they are made up once. A clock that is set moves cron times with
    it, and leaves intervals as long as they are. Threads may share a timetable.
    """

    def __init__(
        self,
        rhythms: Mapping[str, Rhythm],
        *,
        zone: tzinfo = UTC,
        now: Callable[[], datetime] = utc_now,
        steady: Callable[[], float] = steady_seconds,
    ) -> None:
        self._zone = zone
        self._now = now
        self._steady = steady
        self._turns = {name: _Turn(rhythm, steady()) for name, rhythm in rhythms.items()}
        self._due_syncs: set[str] = set()
        self._are_backoffs_due = False
        # By tag: the seconds that are left, and the function to call then.
        self._jobs: dict[str, tuple[Callable[[], float], Callable[[], object]]] = {}
        self._scheduler = schedule.Scheduler()
        self._clock_offset = self._find_clock_offset()
        self._lock = threading.RLock()

    @property
    def schedules(self) -> frozenset[str]:
        """Return the names of all schedules."""
        return frozenset(self._turns)

    def use(self, rhythms: Mapping[str, Rhythm]) -> None:
        """Go by other rhythms from now on; a schedule whose rhythm stays keeps its times."""
        with self._lock:
            for name in self.schedules - rhythms.keys():
                self._due_syncs.discard(name)
                self._drop_job(_tag(name))
                del self._turns[name]
            for name, rhythm in rhythms.items():
                turn = self._turns.setdefault(name, _Turn(rhythm, self._steady()))
                if turn.rhythm != rhythm or _tag(name) not in self._jobs:
                    turn.rhythm = rhythm
                    self._plan_turn(name, turn)

    def repeat(self, tag: str, seconds: float, job: Callable[[], object]) -> None:
        """Run a job again and again; it must be short and never fail."""
        self._set_job(tag, lambda: seconds, job)

    def begin(self, schedules: Collection[str] | None = None) -> None:
        """Note that a sync of these schedules starts now; of all if None."""
        with self._lock:
            for name in self._among(schedules):
                self._turns[name].began = self._steady()

    def plan_next(self, report: SyncReport | None, schedules: Collection[str] | None = None) -> datetime | None:
        """Set the next sync of these schedules, of all if None, and return the first time of all.

        A run that the server or the disk prevented is repeated sooner.
        """
        with self._lock:
            for name in self._among(schedules):
                turn = self._turns[name]
                if report is None or report.failure in WORTH_RETRYING:
                    turn.retry_at = self._steady() + RETRY_SECONDS[min(turn.retries, len(RETRY_SECONDS) - 1)]
                    turn.retries += 1
                else:
                    turn.retry_at, turn.retries = None, 0
                self._plan_turn(name, turn)
        return self.next_times().get(Task.SYNC.value)

    def _among(self, schedules: Collection[str] | None) -> list[str]:
        return [name for name in self._turns if schedules is None or name in schedules]

    def _plan_turn(self, name: str, turn: _Turn) -> None:
        self._due_syncs.discard(name)
        ends = [] if turn.retry_at is None else [turn.retry_at]
        if turn.rhythm.interval_hours and not turn.rhythm.crons:
            seconds = turn.rhythm.interval_hours * 3600
            passed = int((self._steady() - turn.began) // seconds) + 1
            ends.append(turn.began + passed * seconds)
        if ends or turn.rhythm.crons:
            self._set_job(_tag(name), lambda: self._find_wait(turn, ends), partial(self._set_due, name))
        else:
            self._drop_job(_tag(name))

    def _find_wait(self, turn: _Turn, ends: Collection[float]) -> float:
        waits = [end - self._steady() for end in ends]
        if turn.rhythm.crons:
            now, done = self._now(), turn.done_until
            is_done = done is not None and timedelta(0) <= done - now <= TOGETHER
            following = turn.rhythm.find_cron_time(done if done is not None and is_done else now, self._zone)
            waits.append((following - now).total_seconds())
        return min(waits)

    def plan_backoff_end(self, until: datetime | None) -> None:
        """Set when the next list that failed may be read again."""
        with self._lock:
            self._are_backoffs_due = False
            self._drop_job(Task.BACKOFFS)
            if until is not None:
                end = self._steady() + (until - self._now()).total_seconds()
                self._set_job(Task.BACKOFFS, lambda: end - self._steady(), self._set_backoffs_due)

    def tick(self) -> bool:
        """Run the jobs whose time has come; return whether something is due."""
        with self._lock:
            if abs(self._find_clock_offset() - self._clock_offset) > CLOCK_JUMP_SECONDS:
                self._clock_offset = self._find_clock_offset()
                for tag in self._jobs:
                    self._arm(tag)
            self._scheduler.run_pending()
            return bool(self._due_syncs) or self._are_backoffs_due

    def take_due_backoffs(self) -> bool:
        """Return whether the back-off of a list is over, and count that as done."""
        with self._lock:
            is_due, self._are_backoffs_due = self._are_backoffs_due, False
        return is_due

    def take_due_syncs(self) -> frozenset[str]:
        """Return the schedules that are due, with those that are due within a minute; they count as done."""
        with self._lock:
            if self._due_syncs:
                for name, turn in self._turns.items():
                    self._take_along(name, turn)
            due, self._due_syncs = frozenset(self._due_syncs), set()
        return due

    def _take_along(self, name: str, turn: _Turn) -> None:
        """Count a schedule as due if it is due within a minute."""
        job = self._jobs.get(_tag(name))
        wait = timedelta(seconds=job[0]()) if job else timedelta.max
        if name not in self._due_syncs and wait <= TOGETHER:
            turn.done_until = self._now() + wait
            self._scheduler.clear(_tag(name))
            self._due_syncs.add(name)

    def set_syncs_due(self, schedules: Collection[str] | None = None) -> None:
        """Note that these schedules are due now; all if None."""
        with self._lock:
            self._due_syncs.update(self._among(schedules))

    def next_syncs(self) -> dict[str, datetime]:
        """Return when the next sync of each schedule is due; one that has no further time is not in it."""
        with self._lock:
            waits = {name: self._jobs[_tag(name)][0]() for name in self._turns if _tag(name) in self._jobs}
        return {name: self._moment_in(seconds) for name, seconds in waits.items()}

    def next_times(self) -> dict[str, datetime]:
        """Return when each task is due next."""
        times = {}
        if syncs := self.next_syncs():
            times[Task.SYNC.value] = min(syncs.values())
        with self._lock:
            if job := self._jobs.get(Task.BACKOFFS):
                times[Task.BACKOFFS.value] = self._moment_in(job[0]())
        return times

    def _moment_in(self, seconds: float) -> datetime:
        return (self._now() + timedelta(seconds=_whole(seconds))).astimezone(self._zone)

    def _set_job(self, tag: str, wait: Callable[[], float], job: Callable[[], object]) -> None:
        with self._lock:
            self._jobs[tag] = (wait, job)
            self._arm(tag)

    def _arm(self, tag: str) -> None:
        """Give a job to the scheduler with the seconds that are left; the scheduler uses the wall clock."""
        wait, job = self._jobs[tag]
        self._scheduler.clear(tag)
        self._scheduler.every(_whole(wait())).seconds.do(job).tag(tag)

    def _drop_job(self, tag: str) -> None:
        self._jobs.pop(tag, None)
        self._scheduler.clear(tag)

    def _set_due(self, name: str) -> type[schedule.CancelJob]:
        """Note that a schedule is due now; its job has done its work."""
        self._due_syncs.add(name)
        return schedule.CancelJob

    def _set_backoffs_due(self) -> type[schedule.CancelJob]:
        self._are_backoffs_due = True
        return schedule.CancelJob

    def _find_clock_offset(self) -> float:
        """Return how far the wall clock is ahead of the steady clock."""
        wall = self._now().astimezone().replace(tzinfo=UTC)
        return wall.timestamp() - self._steady()


def _whole(seconds: float) -> int:
    return max(1, round(seconds))


def _tag(name: str) -> str:
    """Return the tag of the job of a schedule."""
    return f"{Task.SYNC.value} {name}".strip()
