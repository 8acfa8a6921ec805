"""The messages about lists that failed, for the user and for the database."""

import traceback
from datetime import datetime, timedelta
from pathlib import Path

from list_sync.errors import (
    AuthenticationFailed,
    Blocked,
    ListSyncError,
    NeedsVip,
    Private,
    RateLimited,
    ResourceNotFound,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
    is_shortage,
    reason_of,
)
from list_sync.model.one_time import ONE_TIME
from list_sync.model.sources import Attempt, AttemptOutcome, ListRef

NEXT_RUN = "tried again in the next run"
_LONGEST_REASON = 600
_NOT_SET_UP = (AttemptOutcome.SKIPPED, AttemptOutcome.NEEDS_KEY)
# Another route may get around these.
_CLOSED = (AuthenticationFailed, Private, NeedsVip, Blocked)
_OUTCOMES: tuple[tuple[type[ListSyncError], AttemptOutcome], ...] = (
    (AuthenticationFailed, AttemptOutcome.NEEDS_KEY),
    (Private, AttemptOutcome.PRIVATE),
    (NeedsVip, AttemptOutcome.NEEDS_VIP),
    (Blocked, AttemptOutcome.BLOCKED),
    (ResourceNotFound, AttemptOutcome.MISSING),
    (RateLimited, AttemptOutcome.RATE_LIMITED),
    (ServiceUnavailable, AttemptOutcome.DOWN),
    (UnexpectedResponse, AttemptOutcome.DRIFTED),
    (ListSyncError, AttemptOutcome.REFUSED),
)


def attempt_of(route: str, error: BaseException, *, now: datetime) -> Attempt:
    """Return an attempt that ended with this error."""
    seconds = error.retry_after if isinstance(error, RateLimited | Blocked) else None
    until = now + timedelta(seconds=seconds) if seconds else None
    return Attempt(route, find_outcome(error), _one_line(_message(error)), until)


def find_outcome(error: BaseException) -> AttemptOutcome:
    """Return what an error means for a route; an unknown error is a bug or a change of the source."""
    return next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), AttemptOutcome.DRIFTED)


def describe_failure(source: ListRef, error: BaseException, others: tuple[Attempt, ...] = ()) -> str:
    """Return in one line for the user why a list could not be read, also by its other routes, and what to do.

    Routes that were never set up, and those that only repeat the reason, are left out.
    """
    told = {find_outcome(error), AttemptOutcome.MISSING, *_NOT_SET_UP}
    more = "".join(f"; by {attempt.route}: {attempt.reason}" for attempt in others if attempt.outcome not in told)
    is_closed = isinstance(error, _CLOSED) and any(attempt.outcome in _NOT_SET_UP for attempt in others)
    advice = f"; other ways: list-sync lists test {source.name}" if is_closed else ""
    return _about(source, f"{_what_happened(error)}{more}{_outlook(error)}{advice}")


def describe_attempts(source: ListRef, attempts: tuple[Attempt, ...]) -> str:
    """Return the same line if no route raised an error."""
    return _about(source, "; ".join(f"{one.route}: {one.reason}" for one in attempts))


def _about(source: ListRef, what: str) -> str:
    setting = ONE_TIME if source.provider == ONE_TIME else source.origin
    return _one_line(what) if setting in what else f"{_one_line(what)} ({setting})"


def is_of_source(source: ListRef, error: BaseException | None) -> bool:
    """Return whether an error comes from the source itself, and not from a service that copies its lists."""
    return error is not None and (not isinstance(error, ServiceError) or error.service == source.provider)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"


def _what_happened(error: BaseException) -> str:
    message = _message(error)
    is_unnamed = isinstance(error, ResourceNotFound) and "not found" not in message
    return f"not found: {message}" if is_unnamed else message


def _message(error: BaseException) -> str:
    if isinstance(error, ServiceError):
        return error.message
    if isinstance(error, ListSyncError) or is_shortage(error):
        return reason_of(error)
    # The message of a foreign error may hold an address with a key, so only the place of the error is shown.
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    return f"unexpected {type(error).__name__}{place}"


def _outlook(error: BaseException) -> str:
    """Return what happens next, if the user has nothing to do."""
    passes = isinstance(error, ServiceUnavailable | RateLimited | Blocked)
    # Problems of a file do not end by themselves; its messages say what to do.
    is_odd_answer = isinstance(error, UnexpectedResponse) and error.service != "file"
    return f"; {NEXT_RUN}" if passes or is_odd_answer else ""
