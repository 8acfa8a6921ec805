"""What the database of a data folder holds, and of which server."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from list_sync.database.schema import households, servers, sync_history, synced_items
from list_sync.database.schema import lists as lists_table


@dataclass(frozen=True, slots=True)
class Contents:
    """How many runs, lists and titles there are, and the address of their server, "" before the first run."""

    runs: int
    lists: int
    titles: int
    server: str


def find_contents(connection: Connection, household: str) -> Contents:
    """Return what the database holds for a household."""
    runs, lists, titles = (
        connection.execute(select(func.count()).select_from(table).where(table.c.household == household)).scalar_one()
        for table in (sync_history, lists_table, synced_items)
    )
    own = households.c.name == household
    joined = select(servers.c.address).join_from(servers, households, servers.c.id == households.c.server_id)
    return Contents(runs, lists, titles, connection.scalar(joined.where(own)) or "")
