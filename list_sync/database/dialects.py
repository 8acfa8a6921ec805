"""What SQLite and PostgreSQL write differently: columns, statements, and batches of a size that both accept."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

T = TypeVar("T")

POSTGRESQL = "postgresql"
# All tables belong to it.
metadata = MetaData()
# The id of another service, which may have more than 31 bits; SQLite's integers have 64 anyway.
ServiceId = Integer().with_variant(BigInteger(), POSTGRESQL)
TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S"
# Far below SQLite's limit of 32,766 variables per statement, and large enough to be fast.
BATCH_SIZE = 500


class Timestamp(TypeDecorator[datetime]):
    """An aware datetime: in SQLite UTC text in the form of its own datetime(), in PostgreSQL a timestamp."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column in this database."""
        return DateTime(timezone=True) if dialect.name == POSTGRESQL else Text()

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | datetime | None:
        """Return a moment in whole seconds of UTC; a datetime without a time zone is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC).replace(microsecond=0)
        return moment if dialect.name == POSTGRESQL else moment.strftime(TIMESTAMP_FORMAT)

    def process_result_value(self, value: str | datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the stored value as an aware datetime."""
        if value is None:
            return None
        return (
            value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value).replace(tzinfo=UTC)
        )


class Words(TypeDecorator[str]):
    """Text from other programs; characters that the database cannot store are replaced.

    Half a surrogate pair, which JSON may hold, has no UTF-8 form, and PostgreSQL cannot store NUL. Without this, an
    answer that cannot be stored would be read again and again.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text with characters replaced that cannot be stored."""
        if value is None:
            return None
        if dialect.name == POSTGRESQL:
            value = value.replace("\0", "\ufffd")
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def in_batches(values: Sequence[T], size: int = BATCH_SIZE) -> Iterator[Sequence[T]]:
    """Yield the values in consecutive batches of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    """Insert rows; for an existing primary key, overwrite the given columns of its row."""
    if not rows:
        return
    # Each dialect has its own insert; the import of one that is not used would cost each start 20 ms.
    statement = import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
    keys = [column.name for column in table.primary_key]
    news = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    for batch in in_batches(rows):
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=news), batch)


def one_of(column: ColumnElement[T], values: Iterable[T]) -> ColumnElement[bool]:
    """Return the condition that a column has one of the values: one statement for any number of them."""
    values = list(values)
    listed = Listed(bindparam(None, values, ValueList)).table_valued("value")
    condition = column.in_(select(cast(listed.c.value, column.type)))
    # SQLite ends a text from JSON at NUL.
    odd = [value for value in values if isinstance(value, str) and "\0" in value]
    return condition | column.in_(odd) if odd else condition


class ValueList(TypeDecorator[list[Any]]):
    """A list of values as JSON, with texts as Words stores them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> str:
        """Return the list as JSON."""
        words = Words()
        return json.dumps(
            [words.process_bind_param(one, dialect) if isinstance(one, str) else one for one in value or ()]
        )


class Listed(FunctionElement[Any]):
    """The values of a list in JSON, as rows."""

    inherit_cache = True


@compiles(Listed)
def _compile_list(element: Listed, compiler: SQLCompiler, **options: Any) -> str:
    values = compiler.process(element.clauses, **options)
    if compiler.dialect.name == POSTGRESQL:
        return f"jsonb_array_elements_text(CAST({values} AS JSONB))"
    return f"json_each({values})"


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


class FitsPattern(FunctionElement[bool]):
    """Whether a text fits a pattern with `%`, in any case of plain letters; `/` escapes."""

    type = Boolean()
    inherit_cache = True


@compiles(FitsPattern)
def _compile_pattern(element: FitsPattern, compiler: SQLCompiler, **options: Any) -> str:
    column, pattern = (compiler.process(part, **options) for part in element.clauses)
    # SQLite's LIKE compares plain letters in any case.
    return f"{column} {'ILIKE' if compiler.dialect.name == POSTGRESQL else 'LIKE'} {pattern} ESCAPE '/'"


class BeginsWith(FunctionElement[bool]):
    """Whether a text begins with another one; SQLite finds it with an index, which it does not for startswith()."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[str], beginning: str) -> None:
        end = beginning[:-1] + chr(ord(beginning[-1]) + 1)
        super().__init__(column, bindparam(None, beginning, Text), bindparam(None, end, Text))


@compiles(BeginsWith)
def _compile_beginning(element: BeginsWith, compiler: SQLCompiler, **options: Any) -> str:
    column, beginning, end = (compiler.process(part, **options) for part in element.clauses)
    if compiler.dialect.name == POSTGRESQL:
        column = f'({column} COLLATE "C")'
    return f"({column} >= {beginning} AND {column} < {end})"


def text_after(column: ColumnElement[str], beginning: str) -> ColumnElement[str]:
    """Return what follows the beginning of a text; NULL for other texts, also where it is cast."""
    return case((BeginsWith(column, beginning), func.substr(column, len(beginning) + 1)))


def text_before(column: ColumnElement[str], end: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text without its end and the character before that."""
    return func.substr(column, 1, func.length(column) - func.length(end) - 1)
