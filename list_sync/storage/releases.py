"""The newer releases of ListSync, and which routes each of them mends, as the project stated them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from list_sync.database.dialects import upsert
from list_sync.database.schema_world import releases
from list_sync.model.releases import Release

_COLUMNS = [releases.c[name] for name in ("version", "published_at", "mends")]


def keep_releases(connection: Connection, found: Iterable[Release], *, at: datetime) -> None:
    """Store the releases that were read in place of those that were known."""
    connection.execute(delete(releases))
    rows: list[dict[str, object]] = [
        {"version": one.version, "published_at": one.published_at, "mends": list(one.mends), "read_at": at}
        for one in {one.version: one for one in found}.values()
    ]
    upsert(connection, releases, rows)


def find_releases(connection: Connection) -> tuple[Release, ...]:
    """Return the releases that are known."""
    rows = connection.execute(select(*_COLUMNS).order_by(releases.c.published_at))
    # Others may have written the rows of a backup.
    return tuple(
        Release(str(row.version), row.published_at, tuple(map(str, row.mends if isinstance(row.mends, list) else ())))
        for row in rows
    )


def find_reading(connection: Connection) -> datetime | None:
    """Return when the releases were read the last time."""
    moment: datetime | None = connection.scalar(select(func.max(releases.c.read_at)))
    return moment
