"""Deletes what is older than it is kept: runs, events, lines of the audit log, and what is of no list any more."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, select, tuple_

from list_sync.database.dialects import DayOf
from list_sync.database.schema import item_events, item_lists, list_copies, lists, sync_history, synced_items
from list_sync.database.schema_web import audit_log
from list_sync.model.runs import RunStatus
from list_sync.storage.item_links import IS_PRESENT
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
    """Delete runs, their lists, events and lines of the audit log from before a moment; return the number of runs.

    So are titles that are on no list since then, and the copies of lists that are gone. The journal of sent requests
    stays: it must never forget a request.
    """
    connection.execute(delete(audit_log).where((audit_log.c.household == household) & (audit_log.c.at < before)))
    is_listed = exists().where((item_lists.c.item_id == synced_items.c.id) & IS_PRESENT)
    is_left = (synced_items.c.household == household) & (synced_items.c.last_synced < before) & ~is_listed
    connection.execute(delete(synced_items).where(is_left))
    known = select(lists.c.list_type, lists.c.list_id)
    is_gone = tuple_(list_copies.c.list_type, list_copies.c.list_id).not_in(known)
    connection.execute(delete(list_copies).where(is_gone & (list_copies.c.copied_at < before)))
    own = item_events.c.item_id.in_(select(synced_items.c.id).where(synced_items.c.household == household))
    connection.execute(delete(item_events).where(own & (item_events.c.at < before)))
    old = func.coalesce(sync_history.c.sync_started, sync_history.c.asked_at) < before
    is_over = sync_history.c.status.not_in((RunStatus.QUEUED.value, RunStatus.RUNNING.value))
    return connection.execute(delete(sync_history).where(of_household(household) & old & is_over)).rowcount
