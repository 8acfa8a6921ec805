"""The pool that reads lists side by side: threads return values, and one list's failure never reaches another."""

import logging
import queue
import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from list_sync.errors import (
    Blocked,
    InvalidListId,
    ListSyncError,
    RateLimited,
    ResourceNotFound,
    ServiceError,
    ServiceUnavailable,
    SyncCancelled,
    UnexpectedResponse,
)
from list_sync.fetching.completeness import Reading, judge, judge_failure
from list_sync.model.progress import Progress, ProgressListener, Stage, ignore_progress
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.providers import FetchContext, get_provider

logger = logging.getLogger(__name__)

MakeContext = Callable[[ListRef], FetchContext]
_STOP_CHECK_SECONDS = 0.1
_LONGEST_REASON = 400


def _utc_now() -> datetime:
    return datetime.now(UTC)


def fetch_lists(
    lists: Sequence[ListRef],
    *,
    make_context: MakeContext,
    workers: int,
    stop: threading.Event,
    on_progress: ProgressListener = ignore_progress,
    now: Callable[[], datetime] = _utc_now,
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


def fetch_list(
    source: ListRef, *, make_context: MakeContext, stop: threading.Event, now: Callable[[], datetime] = _utc_now
) -> FetchResult:
    """Return what became of reading one list; raise only SyncCancelled."""
    reading = Reading()
    try:
        provider = get_provider(source.provider)
        for page in provider.pages(source.list_id, make_context(source)):
            if stop.is_set():
                raise SyncCancelled(f"stopped while reading {source}")
            if not reading.add(page):
                break
    except SyncCancelled:
        raise
    # A third-party provider may raise anything, and one that calls sys.exit must not take the others along.
    except (Exception, SystemExit) as error:
        logger.debug("%s could not be read", source, exc_info=True)
        return judge_failure(reading, source, describe_failure(source, error), fetched_at=now())
    return judge(reading, source, fetched_at=now())


def describe_failure(source: ListRef, error: BaseException) -> str:
    """Return one line for the user that names the list, what happened to it, and its setting."""
    setting = f"{source.provider.upper().replace('-', '_')}_LISTS"
    line = f'{source.provider}: list "{source.list_id}" {_what_happened(error)}'
    line = " ".join(line.split())
    if len(line) > _LONGEST_REASON:
        line = f"{line[: _LONGEST_REASON - 1]}…"
    return f"{line} ({setting})"


def _what_happened(error: BaseException) -> str:
    if isinstance(error, ResourceNotFound):
        return error.message if error.message.startswith("not found") else f"not found: {error.message}"
    if isinstance(error, InvalidListId):
        return f"cannot be read: {error}"
    if isinstance(error, ServiceError):
        return f"could not be read: {error.message}{_outlook(error)}"
    if isinstance(error, ListSyncError):
        return f"could not be read: {error}"
    # Foreign words may hold an address with a key in it; the place is enough to find them.
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    return f"could not be read: {type(error).__name__}{place}"


def _outlook(error: ServiceError) -> str:
    """Return what happens next where the user need not do anything now."""
    passes = isinstance(error, ServiceUnavailable | RateLimited | Blocked)
    # What is wrong with a file stays wrong; its messages say what to do about it.
    is_odd_answer = isinstance(error, UnexpectedResponse) and error.service != "file"
    return "; tried again in the next run" if passes or is_odd_answer else ""


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
