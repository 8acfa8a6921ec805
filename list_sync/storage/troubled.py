"""The titles that came into a state in one run in which they need a person."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from list_sync.database.dialects import one_of
from list_sync.database.schema import item_events, synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.storage.sightings import is_of

_STATES = (ItemStatus.REQUEST_FAILED, ItemStatus.NEEDS_REVIEW)


@dataclass(frozen=True, slots=True)
class Troubled:
    """One title that failed or needs a review since a run."""

    title: str
    year: int | None
    status: ItemStatus


def find_troubled(connection: Connection, household: str, run_id: int) -> tuple[Troubled, ...]:
    """Return the titles that failed or need a review since this run, and did not before."""
    items, events = synced_items.c, item_events.c
    earlier = item_events.alias("earlier")
    is_earlier = (earlier.c.item_id == items.id) & (earlier.c.run_id < run_id)
    former = select(earlier.c.status).where(is_earlier).order_by(earlier.c.id.desc()).limit(1).scalar_subquery()
    is_troubled = is_of(household) & one_of(items.status, [status.value for status in _STATES])
    has_changed = (events.item_id == items.id) & (events.run_id == run_id) & (events.status == items.status)
    rows = connection.execute(
        select(items.title, items.year, items.status)
        .distinct()
        .join_from(synced_items, item_events, has_changed)
        .where(is_troubled & (func.coalesce(former, "") != items.status))
        .order_by(items.title, items.year)
    )
    return tuple(Troubled(row.title, row.year, ItemStatus(row.status)) for row in rows)
