"""Reading all lists, several at once; the failure of one list never reaches another."""

import logging
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple, Self

from list_sync.errors import TooLarge
from list_sync.fetching.interrupted import Readings
from list_sync.fetching.reuse import Claims, Reuse, cache_key, keep, read_files, read_or_reuse
from list_sync.fetching.routes import FindProvider, MakeContext, Opened, open_list, refuse
from list_sync.fetching.settling import find_skip, settle, settle_reused, with_last_copy
from list_sync.footprint import Holding, give_memory_back, no_room
from list_sync.log import about
from list_sync.model.moments import utc_now
from list_sync.model.routes import CACHE_ROUTE
from list_sync.model.runs import Progress, ProgressListener, Stage, ignore_progress
from list_sync.model.sources import FetchResult, FetchState, ListRef, describe_unsupported
from list_sync.model.titles import counted, size_of
from list_sync.providers import get_provider
from list_sync.storage.list_memory import ListMemory
from list_sync.workers import run_parallel

logger = logging.getLogger(__name__)

NUMBERS = re.compile("[0-9]+")


def fetch_lists(
    lists: Sequence[ListRef],
    *,
    make_context: MakeContext,
    workers: int,
    stop: threading.Event,
    on_progress: ProgressListener = ignore_progress,
    now: Callable[[], datetime] = utc_now,
    reuse: Reuse | None = None,
    find_provider: FindProvider = get_provider,
) -> tuple[FetchResult, ...]:
    """Return the result of each list, in the order of `lists`; raise SyncCancelled when `stop` is set.

    A list that cannot be read is a FAILED result with its reason, or a STALE one if the
    memory of `reuse` has a copy of it.
    """
    open_one = partial(open_list, make_context=make_context, now=now, find_provider=find_provider)
    return _Fetch(lists, open_one, stop=stop, now=now, reuse=reuse or Reuse(), on_progress=on_progress).run(workers)


def with_last_copies(
    results: Sequence[FetchResult], memory: ListMemory | None, make_context: MakeContext, find_provider: FindProvider
) -> dict[str, FetchResult | None]:
    """Return by name the readings that hold every title, see with_last_copy; each has the copy of its account."""
    found = {}
    for result in results:
        opened = open_list(result.source, make_context, now=utc_now, find_provider=find_provider)
        account = opened.account if isinstance(opened, Opened) else ""
        found[result.source.name] = with_last_copy(result, memory.of_account(account) if memory else None)
    return found


class _Job(NamedTuple):
    place: int
    opened: Opened
    skipped: FetchResult | None

    @property
    def is_dropped(self) -> bool:
        """Return whether there was no room for the list beside the others."""
        return self.opened.holding.is_dropped

    def anew(self) -> Self:
        """Return the job of reading the list once more."""
        return self._replace(opened=replace(self.opened, holding=Holding()))


class _Fetch:
    """The reading of all lists in one run; only the calling thread reads and writes the memory."""

    def __init__(
        self,
        lists: Sequence[ListRef],
        open_one: Callable[[ListRef], Opened | FetchResult],
        *,
        stop: threading.Event,
        now: Callable[[], datetime],
        reuse: Reuse,
        on_progress: ProgressListener,
    ) -> None:
        self._lists = lists
        self._open = open_one
        self._stop = stop
        self._now = now
        self._reuse = reuse
        self._on_progress = on_progress
        self._claims = Claims(reuse.cache.cache if reuse.cache else None)
        self._results: dict[int, FetchResult] = {}
        self._readings = Readings(reuse.memory, now=now)
        self._jobs: dict[int, _Job] = {}
        self._is_last_time = False

    def run(self, workers: int) -> tuple[FetchResult, ...]:
        jobs = list(self._open_all())
        together = [job for job in jobs if not self._readings.is_suspect(job.opened)]
        alone = [job for job in jobs if self._readings.is_suspect(job.opened)]
        try:
            self._readings.begin(job.opened for job in together)
            self._read_all(together, workers=workers)
            self._readings.end_together()
            self._drop()
            self._is_last_time = True
            # What the others left no room for is read again.
            alone += [job.anew() for job in together if job.is_dropped]
            self._read_all(alone, workers=1)
        finally:
            self._claims.release_all()
            self._readings.close()
        self._drop()
        return tuple(self._results[index] for index in range(len(self._lists)))

    def _open_all(self) -> Iterator[_Job]:
        for index, source in enumerate(self._lists):
            opened = self._open(source)
            refusal = self._readings.find_refusal(opened) if isinstance(opened, Opened) else opened
            if isinstance(opened, Opened) and refusal is None:
                yield _Job(index, opened, self._find_skip(opened))
            elif refusal is not None:
                self._add(index, refusal)

    def _begun(self, jobs: Sequence[_Job]) -> Iterator[_Job]:
        """Yield the jobs; one that is read alone is noted when the worker takes it."""
        for job in jobs:
            self._jobs[job.place] = job
            if self._is_last_time:
                give_memory_back()
                self._readings.begin([job.opened])
            yield job

    def _read_all(self, jobs: Sequence[_Job], *, workers: int) -> None:
        run_parallel(
            self._begun(jobs),
            self._read,
            self._settle,
            workers=workers,
            stop=self._stop,
            doing="lists were being read",
            on_wait=self._on_wait,
        )

    def _on_wait(self) -> None:
        self._claims.renew()
        self._drop()

    def _drop(self) -> None:
        """Forget the lists that were read and then dropped; they are read again, or fail in the end."""
        for job in self._jobs.values():
            if job.is_dropped and job.place in self._results and self._results[job.place].items:
                del self._results[job.place]
                job.opened.holding.release()
                if self._is_last_time:
                    self._add(job.place, refuse(job.opened.source, no_room(), at=self._now()))

    def _find_skip(self, opened: Opened) -> FetchResult | None:
        if self._reuse.memory is None or not self._reuse.skips_failing:
            return None
        memory = self._reuse.memory.of_account(opened.account)
        return find_skip(opened.source, memory, stamp=opened.stamp, now=self._now)

    def _read(self, job: _Job) -> tuple[FetchResult, bool]:
        """Return a list and whether it was read just now; during a back-off, only files are read."""
        with about(list=str(job.opened.source)):
            if job.skipped is None:
                return read_or_reuse(job.opened, self._reuse, self._claims, stop=self._stop, now=self._now)
            own = read_files(job.opened, job.skipped, stop=self._stop, now=self._now)
            return (job.skipped, False) if own is None else (own, True)

    def _settle(self, job: _Job, reading: tuple[FetchResult, bool]) -> None:
        (result, is_new), opened, memory = reading, job.opened, self._reuse.memory
        if self._is_last_time:
            self._readings.end(opened.source.key)
        if job.is_dropped and not self._is_last_time:
            self._claims.release(cache_key(opened))
            opened.holding.release()
            return
        memory = memory.of_account(opened.account) if memory is not None and opened.is_kept else None
        if is_new:
            if memory is not None:
                now = self._now()
                result = settle(result, memory, stamp=opened.stamp, is_remote=opened.is_remote, now=now)
            keep(opened, result, self._reuse, self._claims)
        elif memory is not None:
            result = settle_reused(result, memory)
        # A copy or an earlier reading takes room as well. If there is none, the list was dropped.
        with suppress(TooLarge):
            opened.holding.keep_only(sum(map(size_of, result.items)))
        self._add(job.place, result)

    def _add(self, index: int, result: FetchResult) -> None:
        self._results[index] = result
        with about(list=str(result.source), **({"route": result.route} if result.route else {})):
            level, text = _describe_result(result)
            # Times and ages in the text are no news.
            news = (str(result.source), len(result.items), NUMBERS.sub("", text))
            logger.log(level, "%s", text, extra={"news": news})
        self._on_progress(Progress(Stage.FETCHING, len(self._results), len(self._lists), str(self._lists[index])))


def _describe_result(result: FetchResult) -> tuple[int, str]:
    """Return the level and the text of the log line about a list."""
    count = counted(len(result.items), "title")
    if result.unsupported:
        count += f", {describe_unsupported(result.unsupported, result.unsupported_kinds)}"
    if result.state in (FetchState.FAILED, FetchState.STALE):
        return logging.WARNING, f"{result.source}: {result.reason or result.state.value}"
    if result.state is FetchState.PARTIAL and result.expected is not None:
        return logging.WARNING, f"{result.source} is incomplete, {count}: {result.reason}"
    # Normally the first route gives the list, and is not mentioned.
    how = f" by {result.route}" if len(result.attempts) > 1 else ""
    how = f", {result.attempts[0].reason}" if result.attempts and result.attempts[0].route == CACHE_ROUTE else how
    return logging.INFO, f"{result.source}: {count}, {result.state.value}{how}"
