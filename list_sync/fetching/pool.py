"""The pool that reads lists side by side: threads return values, and one list's failure never reaches another."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from list_sync.errors import SyncCancelled
from list_sync.fetching.routes import MakeContext, fetch_list, utc_now
from list_sync.model.progress import Progress, ProgressListener, Stage, ignore_progress
from list_sync.model.sources import FetchResult, FetchState, ListRef

logger = logging.getLogger(__name__)

_STOP_CHECK_SECONDS = 0.1


def fetch_lists(
    lists: Sequence[ListRef],
    *,
    make_context: MakeContext,
    workers: int,
    stop: threading.Event,
    on_progress: ProgressListener = ignore_progress,
    now: Callable[[], datetime] = utc_now,
) -> tuple[FetchResult, ...]:
    """Return what became of each list, in the order of `lists`; raise SyncCancelled when `stop` is set.

    A list that cannot be read is a FAILED result whose reason names the list and its setting.
    """
    jobs: queue.SimpleQueue[int] = queue.SimpleQueue()
    finished: queue.SimpleQueue[tuple[int, FetchResult | None]] = queue.SimpleQueue()
    for index in range(len(lists)):
        jobs.put(index)

    def work() -> None:
        while not stop.is_set():
            try:
                index = jobs.get_nowait()
            except queue.Empty:
                return
            finished.put((index, _fetch_or_none(lists[index], make_context, stop, now)))

    # Threads of a ThreadPoolExecutor are waited for at exit, so one hanging source would hold up the whole end.
    for number in range(min(max(1, workers), len(lists))):
        threading.Thread(target=work, name=f"fetch-{number + 1}", daemon=True).start()
    return _collect(lists, finished, stop, on_progress)


def _collect(
    lists: Sequence[ListRef],
    finished: "queue.SimpleQueue[tuple[int, FetchResult | None]]",
    stop: threading.Event,
    on_progress: ProgressListener,
) -> tuple[FetchResult, ...]:
    results: dict[int, FetchResult] = {}
    while len(results) < len(lists):
        if stop.is_set():
            raise SyncCancelled("stopped while lists were being read")
        try:
            index, result = finished.get(timeout=_STOP_CHECK_SECONDS)
        except queue.Empty:
            continue
        if result is None:
            raise SyncCancelled("stopped while lists were being read")
        results[index] = result
        _log_result(result)
        on_progress(Progress(Stage.FETCHING, len(results), len(lists), str(lists[index])))
    return tuple(results[index] for index in range(len(lists)))


def _fetch_or_none(
    source: ListRef, make_context: MakeContext, stop: threading.Event, now: Callable[[], datetime]
) -> FetchResult | None:
    try:
        return fetch_list(source, make_context=make_context, stop=stop, now=now)
    except SyncCancelled:
        return None


def _log_result(result: FetchResult) -> None:
    count = "1 title" if len(result.items) == 1 else f"{len(result.items)} titles"
    if result.unsupported:
        count += f", {result.unsupported} entries that cannot be requested"
    if result.state is FetchState.FAILED:
        logger.warning("%s", result.reason)
    elif result.state is FetchState.PARTIAL and result.expected is not None:
        logger.warning("%s is incomplete, %s: %s", result.source, count, result.reason)
    else:
        logger.info("%s: %s, %s", result.source, count, result.state.value)
