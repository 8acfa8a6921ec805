"""Two small things that every query module needs: pieces of a bearable size, and an upsert."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite

T = TypeVar("T")

# Far below SQLite's limit of 32,766 variables a statement, and large enough that the trips do not show.
BATCH_SIZE = 500


def in_batches(values: Sequence[T], size: int = BATCH_SIZE) -> Iterator[Sequence[T]]:
    """Yield the values in consecutive pieces of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    """Insert rows, or overwrite what they name in the rows that have the same primary key."""
    if not rows:
        return
    statement = sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    news = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    for batch in in_batches(rows):
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=news), batch)
