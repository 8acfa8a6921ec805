"""The messages about lists that failed, for the user and for the database."""

import traceback
from datetime import datetime, timedelta
from pathlib import Path

from list_sync.errors import (
    AuthenticationFailed,
    Blocked,
    InvalidListId,
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
from list_sync.model.names import lists_setting_of
from list_sync.model.sources import Attempt, AttemptOutcome, ListRef

NEXT_RUN = "tried again in the next run"
_LONGEST_REASON = 600
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
    # An unknown error is a bug or a change of the source.
    outcome = next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), AttemptOutcome.DRIFTED)
    return Attempt(route, outcome, _one_line(_message(error)), until)


def describe_failure(source: ListRef, error: BaseException, others: tuple[Attempt, ...] = ()) -> str:
    """Return one line for the user that names the list, what happened by each route, and its setting."""
    by_others = "".join(f"; by {attempt.route}: {attempt.reason}" for attempt in others)
    return _about(source, f"{_what_happened(error)}{by_others}{_outlook(error)}")


def describe_attempts(source: ListRef, attempts: tuple[Attempt, ...]) -> str:
    """Return the same line if no route raised an error."""
    return _about(source, f"could not be read: {'; '.join(f'{one.route}: {one.reason}' for one in attempts)}")


def _about(source: ListRef, what: str) -> str:
    line = _one_line(f'{source.provider}: list "{source.shown_id}" {what}')
    return f"{line} ({lists_setting_of(source.provider)})"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"


def _what_happened(error: BaseException) -> str:
    message = _message(error)
    if isinstance(error, ResourceNotFound):
        return message if message.startswith("not found") else f"not found: {message}"
    if isinstance(error, InvalidListId):
        return f"cannot be read: {message}"
    return f"could not be read: {message}"


def _message(error: BaseException) -> str:
    if isinstance(error, ServiceError):
        return error.message
    if isinstance(error, ListSyncError) or is_shortage(error):
        return reason_of(error)
    # The message of a foreign error may hold an address with a key, so only the place of the error is shown.
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _outlook(error: BaseException) -> str:
    """Return what happens next, if the user has nothing to do."""
    passes = isinstance(error, ServiceUnavailable | RateLimited | Blocked)
    # Problems of a file do not end by themselves; its messages say what to do.
    is_odd_answer = isinstance(error, UnexpectedResponse) and error.service != "file"
    return f"; {NEXT_RUN}" if passes or is_odd_answer else ""
