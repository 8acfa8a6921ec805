"""Comparing a reading with earlier ones: lists that shrank, copies in place of failed lists, back-off."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from list_sync.fetching.completeness import digest, has_shrunk
from list_sync.fetching.reasons import NEXT_RUN
from list_sync.model.moments import is_to_come, shown
from list_sync.model.sources import (
    Attempt,
    AttemptOutcome,
    Backoff,
    FetchResult,
    FetchState,
    ListCopy,
    ListRef,
)
from list_sync.storage.list_memory import ListMemory

# A source may ask for a longer pause, or a clock may be wrong by years: each list is tried once a week anyway.
LONGEST_PAUSE = timedelta(days=7)
# After the first failure the next run tries again; from the eleventh in a row on, it is tried once a day.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (0, 1, 5, 15, 30, 60, 120, 240, 480, 960, 1440))


# A source that answers so may show the list to another household.
_HIDDEN = frozenset({AttemptOutcome.PRIVATE, AttemptOutcome.MISSING, AttemptOutcome.NEEDS_VIP})
_NOT_ASKED = frozenset({AttemptOutcome.NEEDS_KEY, AttemptOutcome.SKIPPED})


def settle(result: FetchResult, memory: ListMemory, *, stamp: str, is_remote: bool, now: datetime) -> FetchResult:
    """Return the final result and remember it: a list that shrank is doubted, a failed list is replaced by its copy."""
    if result.state is FetchState.FAILED:
        return _settle_failure(result, memory, stamp=stamp, is_remote=is_remote, now=now)
    if result.is_good:
        return _settle_reading(result, memory)
    memory.clear_backoff(result.source)
    return result


def settle_reused(result: FetchResult, memory: ListMemory) -> FetchResult:
    """Return the final result for a reading of a preview or of another process, and remember it if it is news."""
    copy = memory.find_copy(result.source) if result.is_good else None
    is_news = result.is_good and (copy is None or copy.result.fetched_at < result.fetched_at)
    return _compare(result, copy, memory, is_new=False) if is_news else result


def _settle_reading(result: FetchResult, memory: ListMemory) -> FetchResult:
    return _compare(result, memory.find_copy(result.source), memory, is_new=True)


def _compare(result: FetchResult, copy: ListCopy | None, memory: ListMemory, *, is_new: bool) -> FetchResult:
    if copy is None or not has_shrunk(result, copy.result) or copy.doubt == digest(result):
        memory.keep_copy(result)
        return result
    if is_new:
        # A reading that is used several times is one reading.
        memory.keep_doubt(result.source, digest(result))
    before = f"{copy.result.entries} on {shown(copy.result.fetched_at)}"
    reason = f"{result.entries} entries where there were {before}: believed once it is read so twice in a row"
    return replace(result, state=FetchState.PARTIAL, reason=reason, expected=copy.result.entries, is_whole=False)


def _settle_failure(
    result: FetchResult, memory: ListMemory, *, stamp: str, is_remote: bool, now: datetime
) -> FetchResult:
    # Without an attempt no service was asked, and a local file may be read at any time.
    if is_remote and result.attempts:
        backoff = next_backoff(result, memory.find_backoff(result.source), stamp=stamp, now=now)
        memory.keep_backoff(result.source, backoff)
        if backoff.until > now:
            reason = (result.reason or "").replace(NEXT_RUN, f"tried again after {shown(backoff.until)}")
            result = replace(result, reason=reason, backoff_until=backoff.until)
    return with_copy(result, memory)


def next_backoff(result: FetchResult, before: Backoff | None, *, stamp: str, now: datetime) -> Backoff:
    """Return until when a failed list is not read, at least as long as its source asks for."""
    failures = 1 + (before.failures if before is not None and before.stamp == stamp else 0)
    until = now + PAUSES[min(failures, len(PAUSES)) - 1]
    asked_for = [attempt.until for attempt in result.attempts if attempt.until is not None]
    until = min(max([until, *([min(asked_for)] if asked_for else [])]), now + LONGEST_PAUSE)
    return Backoff(failures, until, stamp, result.reason or "")


def find_skip(source: ListRef, memory: ListMemory, *, stamp: str, now: Callable[[], datetime]) -> FetchResult | None:
    """Return the result of a list that a scheduled run skips because of a back-off, or None if it is to be read."""
    moment = now()
    backoff = memory.find_backoff(source)
    if backoff is None or backoff.stamp != stamp or not is_to_come(backoff.until, within=LONGEST_PAUSE, now=moment):
        return None
    times = f"{backoff.failures} times in a row" if backoff.failures > 1 else "once"
    wait = f"left alone until {shown(backoff.until)}, it failed {times}"
    attempt = Attempt("back-off", AttemptOutcome.SKIPPED, wait, backoff.until)
    result = FetchResult(
        source=source,
        items=(),
        state=FetchState.FAILED,
        route="none",
        fetched_at=moment,
        reason=f"{backoff.reason.replace(f'; {NEXT_RUN}', '')}; {wait}",
        attempts=(attempt,),
        backoff_until=backoff.until,
    )
    return with_copy(result, memory)


def with_copy(result: FetchResult, memory: ListMemory) -> FetchResult:
    """Return the last good copy in place of a failure, with its time and the reason; without a copy, the failure.

    Households share copies, but not that of a list which may be hidden from this one.
    """
    copy = memory.find_copy(result.source)
    if copy is None or (_may_be_hidden(result) and memory.is_of_others(result.source)):
        return result
    copied_at = copy.result.fetched_at
    return replace(
        copy.result,
        state=FetchState.STALE,
        reason=f"{result.reason}; the copy of {shown(copied_at)} stands in",
        attempts=result.attempts,
        copied_at=copied_at,
        backoff_until=result.backoff_until,
    )


def _may_be_hidden(result: FetchResult) -> bool:
    outcomes = {attempt.outcome for attempt in result.attempts}
    return not outcomes.isdisjoint(_HIDDEN) or outcomes <= _NOT_ASKED


def with_last_copy(result: FetchResult, memory: ListMemory | None) -> FetchResult | None:
    """Return a reading that can be relied on to hold every title: with the last copy if it is not whole, or None."""
    if result.is_good or result.state is FetchState.STALE:
        return result
    copy = memory.find_copy(result.source) if memory else None
    if copy is None:
        return None
    return replace(result, items=(*result.items, *copy.result.items), state=FetchState.STALE)
