"""Back-off of lists that keep failing: the number of failures, and the end of the pause."""

from sqlalchemy import ColumnElement, Connection, delete, select

from list_sync.database.schema import list_backoffs
from list_sync.database.statements import upsert
from list_sync.model.sources import Backoff, ListKey, ListRef
from list_sync.storage.lists import is_list


def find_backoff(connection: Connection, household: str, source: ListRef) -> Backoff | None:
    """Return the back-off of a list that failed the last time, or None."""
    columns = list_backoffs.c
    statement = select(columns.failures, columns.until, columns.stamp, columns.reason)
    row = connection.execute(statement.where(_is_of(household, source))).first()
    return Backoff(*row) if row else None


def save_backoff(connection: Connection, household: str, source: ListRef, backoff: Backoff) -> None:
    """Store how often a list failed in a row."""
    row: dict[str, object] = {
        "household": household,
        "list_type": source.provider,
        "list_id": source.list_id,
        "failures": backoff.failures,
        "until": backoff.until,
        "stamp": backoff.stamp,
        "reason": backoff.reason,
    }
    upsert(connection, list_backoffs, [row])


def clear_backoff(connection: Connection, household: str, source: ListRef) -> None:
    """Delete the failures of a list that was read."""
    connection.execute(delete(list_backoffs).where(_is_of(household, source)))


def find_backoffs(connection: Connection, household: str) -> dict[ListKey, Backoff]:
    """Return the back-off of each list that failed the last time."""
    columns = list_backoffs.c
    statement = select(
        columns.list_type, columns.list_id, columns.failures, columns.until, columns.stamp, columns.reason
    )
    rows = connection.execute(statement.where(columns.household == household))
    return {ListKey(provider, list_id): Backoff(*backoff) for provider, list_id, *backoff in rows}


def _is_of(household: str, source: ListRef) -> ColumnElement[bool]:
    return (list_backoffs.c.household == household) & is_list(list_backoffs, source.key)
