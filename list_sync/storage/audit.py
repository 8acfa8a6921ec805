"""The audit log: what people and programs did; lines are only added, and pruned with old runs.

Of more than 100,000 lines only the last are kept, because a program may ask for something again and again.
"""

from sqlalchemy import Connection, delete, func, insert, select

from list_sync.database.schema_web import audit_log
from list_sync.model.access import Deed

MOST_LINES = 100_000


def note_deed(connection: Connection, household: str, deed: Deed) -> None:
    """Add a line, and remove those that are too many."""
    names = ("at", "actor", "address", "action", "target", "outcome")
    connection.execute(insert(audit_log), {"household": household, **{name: getattr(deed, name) for name in names}})
    columns = audit_log.c
    last = select(func.max(columns.id)).scalar_subquery()
    connection.execute(delete(audit_log).where(columns.id <= last - MOST_LINES))


def find_deeds(connection: Connection, household: str, *, limit: int = 100) -> tuple[Deed, ...]:
    """Return the last lines, the newest first."""
    return tuple(deed for _, deed in find_deed_page(connection, household, before=None, limit=limit))


def find_deed_page(
    connection: Connection, household: str, *, before: int | None, limit: int
) -> tuple[tuple[int, Deed], ...]:
    """Return lines with their numbers, the newest first: the last ones, or those before a number."""
    columns = audit_log.c
    wanted = select(audit_log).where(columns.household == household).order_by(columns.id.desc()).limit(limit)
    rows = connection.execute(wanted if before is None else wanted.where(columns.id < before))
    return tuple((row.id, Deed(row.at, row.actor, row.address, row.action, row.target, row.outcome)) for row in rows)
