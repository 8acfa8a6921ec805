"""Moves the rows of lists that are stored under a former spelling to the canonical id of the list."""

from collections.abc import Callable, Iterable

from sqlalchemy import Connection, Table, delete, exists, select, update

from list_sync.database.schema import item_lists, list_backoffs, list_copies, lists, synced_items
from list_sync.model.sources import ListRef
from list_sync.storage.lists import is_list

_TABLES = (lists, list_copies, list_backoffs, item_lists)


def find_respelled(
    connection: Connection, canonical: Callable[[ListRef], ListRef]
) -> tuple[tuple[ListRef, ListRef], ...]:
    """Return each list that is stored under another id than its canonical one, with the canonical id."""
    columns = (select(table.c.list_type, table.c.list_id).distinct() for table in _TABLES)
    kept = sorted({ListRef(*row) for statement in columns for row in connection.execute(statement)})
    return tuple((former, present) for former in kept if (present := canonical(former)) != former)


def merge_rows(connection: Connection, respelled: Iterable[tuple[ListRef, ListRef]]) -> None:
    """Move the rows of lists to their present ids; an existing row at the new id stays."""
    for former, present in respelled:
        for table in _TABLES:
            _move(connection, table, former, present)
        named = synced_items.c.provider_source == ":".join(former.key)
        source = ":".join(present.key)
        connection.execute(update(synced_items).where(named).values(provider_source=source))


def _move(connection: Connection, table: Table, former: ListRef, present: ListRef) -> None:
    other = table.alias()
    others = [other.c[name] == table.c[name] for name in ("household", "account", "item_id") if name in table.c]
    is_doubled = exists().where(is_list(other, present.key), *others)
    connection.execute(delete(table).where(is_list(table, former.key) & is_doubled))
    connection.execute(update(table).where(is_list(table, former.key)).values(list_id=present.list_id))
