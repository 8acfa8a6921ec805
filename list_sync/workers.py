"""The one way to do tasks side by side: a few threads work, the calling thread takes what they return."""

import queue
import threading
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from list_sync.errors import SyncCancelled

Task = TypeVar("Task")
Result = TypeVar("Result")

STOP_CHECK_SECONDS = 0.1
FEW_TASKS = 25
# Longer than any wait that looks at the stop event only now and then.
NOTICE_SECONDS = 1.0


class Stop(threading.Event):
    """The stop event of a process; `of_run` is also set when only the present run is to end."""

    def __init__(self) -> None:
        super().__init__()
        self.of_run = threading.Event()
        self._run_id: int | None = None
        self._lock = threading.Lock()

    def set(self) -> None:
        """End everything."""
        super().set()
        self.of_run.set()

    def begin_run(self, run_id: int) -> None:
        """Note which run may be ended from now on."""
        with self._lock:
            self._run_id = run_id

    def stop_run(self, run_id: int) -> bool:
        """End the present run at its next safe point; return False if another run is present, or none."""
        with self._lock:
            if run_id != self._run_id:
                return False
            self.of_run.set()
            return True

    def end_run(self) -> None:
        """Let the next run begin; threads of a run that was ended get the time to notice it."""
        with self._lock:
            self._run_id = None
        if self.of_run.is_set() and not self.wait(NOTICE_SECONDS):
            self.of_run.clear()
            # The process may be ended just now.
            if self.is_set():
                self.of_run.set()


class Deadline(threading.Event):
    """A stop event that is also set after some seconds."""

    def __init__(self, stop: threading.Event, seconds: float) -> None:
        super().__init__()
        self._outer = stop
        self.begin(seconds)

    def begin(self, seconds: float) -> None:
        """Count the seconds from now on."""
        self.seconds = seconds
        self._until = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """Return whether the time is over."""
        return time.monotonic() >= self._until

    def is_set(self) -> bool:
        """Return whether reading must end."""
        return self.is_over or self._outer.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until reading must end, at most for some seconds; return whether it must."""
        left = max(0.0, self._until - time.monotonic())
        self._outer.wait(left if timeout is None else min(timeout, left))
        return self.is_set()


def threads_for(tasks: int, *, most: int) -> int:
    """Return how many threads that many short tasks are worth: one for a few, then two, or one for each 50 tasks."""
    return 1 if tasks < FEW_TASKS else min(most, max(2, tasks // 50))


def run_parallel(
    tasks: Iterable[Task],
    work: Callable[[Task], Result],
    take: Callable[[Task, Result], object],
    *,
    workers: int,
    stop: threading.Event,
    doing: str,
    on_wait: Callable[[], None] = lambda: None,
) -> None:
    """Call `work` for each task in at most `workers` threads, and `take` with each result in the calling thread.

    At most `workers` results are held at once. The first error of `work` is raised here. When `stop` is set,
    SyncCancelled says "stopped while `doing`". Neither waits for threads that are still at work, and neither does
    the end of the process. `on_wait` is called while there is nothing to take.
    """
    remaining = iter(tasks)
    waiting: queue.SimpleQueue[tuple[Task] | None] = queue.SimpleQueue()
    finished: queue.SimpleQueue[tuple[Task, Result] | BaseException] = queue.SimpleQueue()
    started = under_way = 0
    workers = max(1, workers)
    try:
        while True:
            if stop.is_set():
                raise SyncCancelled(f"stopped while {doing}")
            for task in islice(remaining, workers - under_way):
                waiting.put((task,))
                under_way += 1
            if not under_way:
                return
            while started < under_way:
                # The process waits at its end for other threads, also for one whose source never answers.
                threading.Thread(target=_work, args=(work, waiting, finished), name=doing, daemon=True).start()
                started += 1
            on_wait()
            try:
                outcome = finished.get(timeout=STOP_CHECK_SECONDS)
            except queue.Empty:
                continue
            under_way -= 1
            if isinstance(outcome, SyncCancelled):
                raise SyncCancelled(f"stopped while {doing}") from outcome
            if isinstance(outcome, BaseException):
                raise outcome
            take(*outcome)
            del outcome
    finally:
        for _ in range(started):
            waiting.put(None)


def _work(
    work: Callable[[Task], Result],
    waiting: "queue.SimpleQueue[tuple[Task] | None]",
    finished: "queue.SimpleQueue[tuple[Task, Result] | BaseException]",
) -> None:
    while (item := waiting.get()) is not None:
        try:
            finished.put((item[0], work(item[0])))
        except BaseException as error:
            finished.put(error)
