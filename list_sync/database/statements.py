"""Statements whose form differs between databases, and batches of a size that all databases accept."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from list_sync.database.columns import POSTGRESQL

T = TypeVar("T")

# Far below SQLite's limit of 32,766 variables per statement, and large enough to be fast.
BATCH_SIZE = 500


def in_batches(values: Sequence[T], size: int = BATCH_SIZE) -> Iterator[Sequence[T]]:
    """Yield the values in consecutive batches of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    """Insert rows; for an existing primary key, overwrite the given columns of its row."""
    if not rows:
        return
    statement = postgresql.insert(table) if connection.dialect.name == POSTGRESQL else sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    news = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    for batch in in_batches(rows):
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=news), batch)


class DayOf(FunctionElement[str]):
    """The day of a timestamp in UTC, as text: 2026-11-27."""

    type = Text()
    inherit_cache = True


@compiles(DayOf)
def _compile_day(element: DayOf, compiler: SQLCompiler, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    if compiler.dialect.name == POSTGRESQL:
        return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    return f"date({moment})"
