"""Back-off of lists that keep failing: the number of failures, and the end of the pause."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from list_sync.database.schema import list_backoffs
from list_sync.database.statements import upsert
from list_sync.model.sources import Backoff, ListRef


def find_backoff(connection: Connection, source: ListRef) -> Backoff | None:
    """Return the back-off of a list that failed the last time, or None."""
    columns = list_backoffs.c
    statement = select(columns.failures, columns.until, columns.stamp, columns.reason).where(
        (columns.list_type == source.provider) & (columns.list_id == source.list_id)
    )
    row = connection.execute(statement).first()
    return Backoff(*row) if row else None


def save_backoff(connection: Connection, source: ListRef, backoff: Backoff) -> None:
    """Store how often a list failed in a row."""
    row: dict[str, object] = {
        "list_type": source.provider,
        "list_id": source.list_id,
        "failures": backoff.failures,
        "until": backoff.until,
        "stamp": backoff.stamp,
        "reason": backoff.reason,
    }
    upsert(connection, list_backoffs, [row])


def clear_backoff(connection: Connection, source: ListRef) -> None:
    """Delete the failures of a list that was read."""
    columns = list_backoffs.c
    connection.execute(
        delete(list_backoffs).where((columns.list_type == source.provider) & (columns.list_id == source.list_id))
    )


def find_backoff_ends(connection: Connection) -> dict[tuple[str, str], datetime]:
    """Return until when each list that failed is left alone, by provider and id."""
    columns = list_backoffs.c
    rows = connection.execute(select(columns.list_type, columns.list_id, columns.until))
    return {(provider, list_id): until for provider, list_id, until in rows}
