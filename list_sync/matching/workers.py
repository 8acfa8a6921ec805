"""Work spread over threads: a few tasks under way at a time, results handed back as they come."""

import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from list_sync.errors import SyncCancelled

Task = TypeVar("Task")
Result = TypeVar("Result")

STOP_CHECK_SECONDS = 0.1


def run_parallel(
    tasks: Iterable[Task], work: Callable[[Task], Result], *, workers: int, stop: threading.Event
) -> Generator[tuple[Task, Result], None, None]:
    """Yield each task with its result as it ends; the first error of a task ends everything and is raised.

    Raise SyncCancelled soon after `stop` was set, without waiting for the tasks under way.
    """
    waiting = iter(tasks)
    under_way: dict[Future[Result], Task] = {}
    workers = max(1, workers)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="matching")
    try:
        while True:
            if stop.is_set():
                raise SyncCancelled("stopped while titles were looked up")
            under_way |= {pool.submit(work, task): task for task in islice(waiting, 2 * workers - len(under_way))}
            if not under_way:
                return
            done, _ = wait(under_way, timeout=STOP_CHECK_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                yield under_way.pop(future), future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
