"""States of titles that followed from something else than a decision of a run."""

from datetime import datetime

from sqlalchemy import Connection, insert, update

from list_sync.database.schema import item_events, synced_items
from list_sync.model.decisions import ItemStatus

# The server's word between two runs.
OF_NO_RUN = 0


def move_title(
    connection: Connection, item_id: int, status: ItemStatus, reason: str, *, at: datetime, run_id: int = OF_NO_RUN
) -> None:
    """Store the new state of a title, with an event."""
    changed = {"status": status.value, "reason": reason}
    moved = changed | {"changed_at": at, "goes_at": None}
    connection.execute(update(synced_items).where(synced_items.c.id == item_id).values(moved))
    connection.execute(insert(item_events), changed | {"item_id": item_id, "run_id": run_id, "at": at})
