"""The pool that reads lists side by side: threads return values, and one list's failure never reaches another."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from list_sync.errors import ListSyncError, SyncCancelled
from list_sync.fetching.claims import Claims
from list_sync.fetching.reuse import Reuse, keep, read_files, read_or_reuse
from list_sync.fetching.routes import MakeContext, Opened, fetch_list, open_list, utc_now
from list_sync.fetching.settling import find_skip, settle
from list_sync.model.progress import Progress, ProgressListener, Stage, ignore_progress
from list_sync.model.sources import CACHE_ROUTE, FetchResult, FetchState, ListRef, describe_unsupported

__all__ = ["fetch_list", "fetch_lists"]

logger = logging.getLogger(__name__)

_STOP_CHECK_SECONDS = 0.1
_NOTHING = Reuse()
_Job = tuple[int, Opened, FetchResult | None]
_Finished = queue.SimpleQueue[tuple[int, FetchResult | BaseException, bool]]


def fetch_lists(
    lists: Sequence[ListRef],
    *,
    make_context: MakeContext,
    workers: int,
    stop: threading.Event,
    on_progress: ProgressListener = ignore_progress,
    now: Callable[[], datetime] = utc_now,
    reuse: Reuse = _NOTHING,
) -> tuple[FetchResult, ...]:
    """Return what became of each list, in the order of `lists`; raise SyncCancelled when `stop` is set.

    A list that cannot be read is a FAILED result whose reason names the list and its setting, or STALE where the
    memory of `reuse` has a copy of it.
    """
    return _Fetch(lists, make_context, stop=stop, now=now, reuse=reuse).run(workers, on_progress)


class _Fetch:
    """One run over all lists: what is remembered is read and written by the calling thread alone."""

    def __init__(
        self,
        lists: Sequence[ListRef],
        make_context: MakeContext,
        *,
        stop: threading.Event,
        now: Callable[[], datetime],
        reuse: Reuse,
    ) -> None:
        self._lists = lists
        self._stop = stop
        self._now = now
        self._reuse = reuse
        self._claims = Claims(reuse.cache)
        self._finished: _Finished = queue.SimpleQueue()
        self._opened: dict[int, Opened] = {}
        for index, source in enumerate(lists):
            opened = open_list(source, make_context, now=now)
            if isinstance(opened, Opened):
                self._opened[index] = opened
            else:
                self._finished.put((index, opened, False))

    def run(self, workers: int, on_progress: ProgressListener) -> tuple[FetchResult, ...]:
        jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        for index, opened in self._opened.items():
            jobs.put((index, opened, self._find_skip(opened)))
        # Threads of a ThreadPoolExecutor are waited for at exit, so one hanging source would hold up the whole end.
        for number in range(min(max(1, workers), jobs.qsize())):
            threading.Thread(target=self._work, args=(jobs,), name=f"fetch-{number + 1}", daemon=True).start()
        try:
            return self._collect(on_progress)
        finally:
            self._claims.release_all()

    def _find_skip(self, opened: Opened) -> FetchResult | None:
        if self._reuse.memory is None or not self._reuse.skips_failing:
            return None
        return find_skip(opened.source, self._reuse.memory, stamp=opened.stamp, now=self._now)

    def _work(self, jobs: "queue.SimpleQueue[_Job]") -> None:
        while not self._stop.is_set():
            try:
                index, opened, skipped = jobs.get_nowait()
            except queue.Empty:
                return
            # Whatever ends a thread is handed on: the list would be waited for for ever.
            result: FetchResult | BaseException = RuntimeError(f"the reading of {opened.source} broke off")
            is_new = False
            try:
                result, is_new = self._read(opened, skipped)
            except (ListSyncError, MemoryError) as error:
                result = error
            finally:
                self._finished.put((index, result, is_new))

    def _read(self, opened: Opened, skipped: FetchResult | None) -> tuple[FetchResult, bool]:
        """Return a list and whether it was read just now; while its source is left alone, only files are read."""
        if skipped is None:
            return read_or_reuse(opened, self._reuse, self._claims, stop=self._stop, now=self._now)
        own = read_files(opened, skipped, stop=self._stop, now=self._now)
        return (skipped, False) if own is None else (own, True)

    def _collect(self, on_progress: ProgressListener) -> tuple[FetchResult, ...]:
        results: dict[int, FetchResult] = {}
        while len(results) < len(self._lists):
            if self._stop.is_set():
                raise SyncCancelled("stopped while lists were being read")
            self._claims.renew()
            try:
                index, result, is_new = self._finished.get(timeout=_STOP_CHECK_SECONDS)
            except queue.Empty:
                continue
            if isinstance(result, SyncCancelled):
                raise SyncCancelled("stopped while lists were being read")
            if isinstance(result, BaseException):
                raise result
            results[index] = self._settle(index, result) if is_new else result
            _log_result(results[index])
            on_progress(Progress(Stage.FETCHING, len(results), len(self._lists), str(self._lists[index])))
        return tuple(results[index] for index in range(len(self._lists)))

    def _settle(self, index: int, result: FetchResult) -> FetchResult:
        opened, memory = self._opened[index], self._reuse.memory
        if memory is not None:
            now = self._now()
            result = settle(result, memory, stamp=opened.stamp, is_remote=opened.is_remote, now=now)
        keep(opened, result, self._reuse, self._claims)
        return result


def _log_result(result: FetchResult) -> None:
    count = "1 title" if len(result.items) == 1 else f"{len(result.items)} titles"
    if result.unsupported:
        count += f", {describe_unsupported(result.unsupported, result.unsupported_kinds)}"
    if result.state in (FetchState.FAILED, FetchState.STALE):
        logger.warning("%s", result.reason)
    elif result.state is FetchState.PARTIAL and result.expected is not None:
        logger.warning("%s is incomplete, %s: %s", result.source, count, result.reason)
    else:
        # Where the first way served, which is the rule, there is nothing to tell.
        how = f" by {result.route}" if len(result.attempts) > 1 else ""
        how = f", {result.attempts[0].reason}" if result.attempts and result.attempts[0].route == CACHE_ROUTE else how
        logger.info("%s: %s, %s%s", result.source, count, result.state.value, how)
