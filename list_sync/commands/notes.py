"""The note on a list, as tables show it."""

from collections.abc import Sequence
from datetime import datetime

from list_sync.model.moments import shown_age
from list_sync.model.routes import CACHE_ROUTE
from list_sync.model.sources import Attempt, FetchResult, describe_unsupported
from list_sync.storage.lists import ListRecord


def shown_note(record: FetchResult | ListRecord, *, now: datetime) -> str:
    """Return the note on a list: why it is not complete or how it was read, and the entries that cannot be requested.

    If a copy or an earlier reading was used, the note states its age at this moment.
    """
    reason, read_at = record.reason, record.fetched_at
    if reason and record.copied_at:
        reason = f"{reason}, {shown_age(now - record.copied_at)} old"
    is_reused = bool(record.attempts) and record.attempts[0].route == CACHE_ROUTE
    age = f"read {shown_age(now - read_at)} ago by {record.route}" if is_reused and read_at else ""
    left_out = describe_unsupported(record.unsupported, record.unsupported_kinds) if record.unsupported else ""
    return "; ".join(filter(None, [age, reason or ("" if age else _shown_attempts(record.attempts)), left_out]))


def _shown_attempts(attempts: Sequence[Attempt]) -> str:
    """Return the results of the routes of a list, unless the first route succeeded."""
    if len(attempts) == 1:
        return attempts[0].reason
    return ", ".join(f"{attempt.route}: {attempt.outcome.words}" for attempt in attempts)
