"""What the first page reads of the database, all at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from list_sync.database.store import Store
from list_sync.model.attention import Attention, FailedRequests
from list_sync.storage.attention import count_attention, find_failed_requests
from list_sync.storage.monitoring import count_waiting_reasons
from list_sync.storage.request_history import (
    DayOfRequests,
    SentTitle,
    count_asked_since,
    count_by_day,
    find_latest_sent,
)

_MOST_LATEST = 8
_MOST_FAILED = 20


@dataclass(frozen=True, slots=True)
class Glance:
    """What waits for a person, what waits by its reason, and requests: by day, since a moment by user, the latest."""

    attention: Attention
    failed: Sequence[FailedRequests]
    waiting: Mapping[str, int]
    days: Sequence[DayOfRequests]
    asked: Mapping[int | None, int]
    latest: Sequence[SentTitle]


def load_glance(store: Store, bounds: Sequence[datetime], *, since: datetime) -> Glance:
    """Return everything for the first page; `bounds` are the midnights around its days."""
    household = store.household
    with store.reading() as connection:
        return Glance(
            count_attention(connection, household),
            find_failed_requests(connection, household, limit=_MOST_FAILED),
            count_waiting_reasons(connection, household),
            count_by_day(connection, household, bounds),
            count_asked_since(connection, household, since),
            find_latest_sent(connection, household, limit=_MOST_LATEST),
        )
