"""The audit log: what people and programs did through the service; lines are only added, and kept 400 days."""

from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from list_sync.database.schema import audit_log
from list_sync.model.access import Deed

KEPT = timedelta(days=400)


def note_deed(connection: Connection, household: str, deed: Deed) -> None:
    """Add a line, and remove those that are too old."""
    connection.execute(delete(audit_log).where(audit_log.c.at < deed.at - KEPT))
    names = ("at", "actor", "address", "action", "target", "outcome")
    connection.execute(insert(audit_log), {"household": household, **{name: getattr(deed, name) for name in names}})


def find_deeds(connection: Connection, household: str, *, limit: int = 100) -> tuple[Deed, ...]:
    """Return the last lines, the newest first."""
    columns = audit_log.c
    wanted = select(audit_log).where(columns.household == household).order_by(columns.id.desc()).limit(limit)
    rows = connection.execute(wanted)
    return tuple(Deed(row.at, row.actor, row.address, row.action, row.target, row.outcome) for row in rows)
