"""Deletes runs and events that are older than they are kept."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, select

from list_sync.database.dialects import DayOf
from list_sync.database.schema import item_events, sync_history, synced_items
from list_sync.model.runs import RunStatus
from list_sync.storage.runs import of_household


def find_end_of_memory(connection: Connection, household: str, *, days: int, at: datetime) -> datetime | None:
    """Return the moment before which old records are deleted; None if there is nothing to delete.

    Only days with a run count. Otherwise a clock that is wrong by years would cause everything to be deleted.
    """
    before = at - timedelta(days=days)
    started = sync_history.c.sync_started
    if not connection.scalar(select(exists().where(of_household(household) & (started < before)))):
        return None
    day = DayOf(started)
    past = of_household(household) & (started <= at)
    days_with_runs = select(day).where(past).group_by(day).order_by(day.desc()).offset(days).limit(1)
    last_day = connection.scalar(days_with_runs)
    if last_day is None:
        return None
    return min(before, datetime.fromisoformat(last_day).replace(tzinfo=UTC) + timedelta(days=1))


def prune(connection: Connection, household: str, *, before: datetime) -> int:
    """Delete runs, their lists and events from before a moment; return how many runs were deleted.

    The journal of sent requests stays: it must never forget a request.
    """
    own = item_events.c.item_id.in_(select(synced_items.c.id).where(synced_items.c.household == household))
    connection.execute(delete(item_events).where(own & (item_events.c.at < before)))
    old = func.coalesce(sync_history.c.sync_started, sync_history.c.asked_at) < before
    is_over = sync_history.c.status.not_in((RunStatus.QUEUED.value, RunStatus.RUNNING.value))
    return connection.execute(delete(sync_history).where(of_household(household) & old & is_over)).rowcount
