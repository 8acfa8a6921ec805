"""Takes the rows of a database that others may have made; of its schema nothing is executed and nothing is kept."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from list_sync.database.guarding import guard, limit_time
from list_sync.database.looking import BUSY_TIMEOUT_SECONDS, address_of, open_plainly
from list_sync.database.schema import SCHEMA_VERSION, alembic_version, metadata
from list_sync.database.store import open_store
from list_sync.errors import StorageError

# No value of ours comes near this size; SQLite itself would let one expression take a gigabyte.
_LARGEST_VALUE = 128 * 1024**2
_LARGEST_NUMBER = 2**53
_WRITTEN_BY_MIGRATIONS = ("alembic_version", "schema_version")


@contextmanager
def open_guarded(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that evaluates no CHECK, trusts no function in the schema, and ends long statements."""
    with closing(open_plainly(path, BUSY_TIMEOUT_SECONDS)) as connection:
        guard(connection, path, largest_value=_LARGEST_VALUE)
        yield connection


def require_plain(connection: sqlite3.Connection, source: Path) -> None:
    """Raise StorageError for anything but plain tables and indexes of columns: only these cannot do anything."""
    entries = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type = 'table', name").fetchall()
    for kind, name, text in entries:
        is_plain = kind == "index" or (kind == "table" and str(text).startswith("CREATE TABLE "))
        if not is_plain:
            raise _refused(source, f"{'virtual table' if kind == 'table' else kind} {shown(name)}")
    for kind, name, _ in entries:
        if kind == "table":
            _require_plain_columns(connection, name, source)


def _require_plain_columns(connection: sqlite3.Connection, table: str, source: Path) -> None:
    columns = connection.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", [table]).fetchall()
    for column, hidden in columns:
        if hidden:
            raise _refused(source, f"generated column {shown(table)}.{shown(column)}")
    for index, is_partial in connection.execute("SELECT name, partial FROM pragma_index_list(?)", [table]).fetchall():
        places = connection.execute("SELECT cid FROM pragma_index_xinfo(?) WHERE cid = -2", [index]).fetchall()
        text = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [index]).fetchone()[0]
        if places or (is_partial and text not in _find_own_partial_indexes()):
            raise _refused(source, f"index {shown(index)} of an expression")


def leave_own(path: Path) -> tuple[str, ...]:
    """Remove from a copy of our own database what ListSync did not make; return the names, but for indexes.

    Triggers, views and tables of people's scripts are refused by `restore`, and no reason to have no backup.
    """
    with closing(open_plainly(path, BUSY_TIMEOUT_SECONDS)) as connection:
        entries = connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        foreign = [entry for entry in entries if entry[1] not in _find_own() and not entry[1].startswith("sqlite_")]
        for kind, name in sorted(foreign, key=lambda entry: _DROPPED.index(entry[0])):
            quoted = name.replace('"', '""')
            connection.execute(f'DROP {kind} IF EXISTS "{quoted}"')
        connection.commit()
    return tuple(f"{kind} {shown(name)}" for kind, name in foreign if kind != "index")


# Dropping a table drops its triggers and indexes.
_DROPPED = ("trigger", "view", "index", "table")


@cache
def _find_own() -> frozenset[str]:
    """Return the names of our tables and indexes."""
    indexes = (str(index.name) for table in metadata.tables.values() for index in table.indexes)
    return frozenset((*metadata.tables, alembic_version.name, *indexes))


@cache
def _find_own_partial_indexes() -> frozenset[str]:
    """Return the statements that make the indexes of ours which hold some rows only."""
    own = (index for table in metadata.tables.values() for index in table.indexes)
    partial = (index for index in own if index.dialect_options["sqlite"]["where"] is not None)
    return frozenset(str(CreateIndex(index).compile(dialect=sqlite.dialect())) for index in partial)


def _refused(source: Path, what: str) -> StorageError:
    return StorageError(
        f"{source} is not restored: the database in it has the {what}, which ListSync does not make."
        " If it is yours, remove it from the database, then make the backup again"
    )


def shown(name: object) -> str:
    """Return a name from the database as it may be printed."""
    return f"{name if str(name).isprintable() else ascii(name)}"[:80]


def copy_rows(foreign: Path, target: Path, *, schema: int, source: Path) -> None:
    """Make a new database of that schema at `target`, with the rows of another one; raise StorageError.

    Tables that the schema does not have are refused. Columns that it does not have are left out.
    """
    _create_empty(target, schema)
    with open_guarded(target) as connection:
        limit_time(connection, foreign)
        connection.execute("ATTACH ? AS foreign_file", [address_of(foreign)])
        known, found = _find_tables(connection, "main"), _find_tables(connection, "foreign_file")
        if unknown := found - known:
            raise _refused(source, f"table {shown(min(unknown))}")
        for table in sorted(known.difference(_WRITTEN_BY_MIGRATIONS)):
            _copy_table(connection, table, schema=schema, source=source)
        _copy_sequence(connection, source)
        connection.commit()


def _create_empty(path: Path, schema: int) -> None:
    if schema == SCHEMA_VERSION:
        open_store(path).close()
        return
    # Imported here, because Alembic is needed for backups of earlier versions only.
    from list_sync.database.migrating import create_former

    create_former(path, schema)


def _find_tables(connection: sqlite3.Connection, file: str) -> set[str]:
    names = connection.execute(f"SELECT name FROM {file}.sqlite_master WHERE type = 'table'").fetchall()  # noqa: S608 (our own names)
    return {name for (name,) in names if not name.startswith("sqlite_")}


def _copy_table(connection: sqlite3.Connection, table: str, *, schema: int, source: Path) -> None:
    columns, theirs = (
        [name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?, ?)", [table, file])]
        for file in ("main", "foreign_file")
    )
    if missing := set(columns) - set(theirs):
        raise StorageError(
            f"{source}: the database in it lacks {table}.{min(missing)}, which schema {schema} has: take another backup"
        )
    names = ", ".join(f"[{column}]" for column in columns)
    connection.execute(f"DELETE FROM main.[{table}]")  # noqa: S608 (our own names)
    connection.execute(f"INSERT INTO main.[{table}] ({names}) SELECT {names} FROM foreign_file.[{table}]")  # noqa: S608 (our own names)


def _copy_sequence(connection: sqlite3.Connection, source: Path) -> None:
    """Copy the highest numbers that were ever given, because the number of a removed row is never given again."""
    if connection.execute("SELECT 1 FROM foreign_file.sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        theirs = connection.execute(
            "SELECT name, max(seq) FROM foreign_file.sqlite_sequence WHERE typeof(seq) = 'integer' AND name IN"
            " (SELECT name FROM main.sqlite_master WHERE sql LIKE '%AUTOINCREMENT%') GROUP BY name"
        ).fetchall()
        for name, number in theirs:
            connection.execute("DELETE FROM main.sqlite_sequence WHERE name = ? AND seq < ?", [name, number])
            connection.execute(
                "INSERT INTO main.sqlite_sequence SELECT :name, :number WHERE NOT EXISTS"
                " (SELECT 1 FROM main.sqlite_sequence WHERE name = :name)",
                {"name": name, "number": number},
            )
    # After the largest number that SQLite has, no row could be added any more.
    if connection.execute("SELECT 1 FROM main.sqlite_sequence WHERE seq > ?", [_LARGEST_NUMBER]).fetchone():
        raise StorageError(f"{source}: the database in it is damaged (impossible row numbers): take another backup")
