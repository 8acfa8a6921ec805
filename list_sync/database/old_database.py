"""Reads the database of ListSync 0.6, and never writes beside it; rows come as they are, in columns that may be absent.

It has tables without a version: each start of 0.6 added the columns that were missing (facts of the releases 0.6.0 to
0.6.6). So any column but the first ones may be absent, and a later release may have more.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from list_sync.database.failures import SQLITE_ERRORS
from list_sync.database.guarding import guard
from list_sync.errors import ConfigError, StorageError, StorageUnavailable
from list_sync.files.exchange import COMPANIONS
from list_sync.files.opening import NotAFile, open_file
from list_sync.log import fold

Row = tuple[object, ...]
_KNOWN_TABLES = frozenset({"lists", "synced_items"})
_TRIES = 3
# Pictures that 0.6 kept are smaller; so is every value that is read.
_LARGEST_VALUE = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class OldDatabase:
    """An open database of 0.6."""

    connection: sqlite3.Connection

    def rows(self, table: str, *columns: str, order: str = "rowid") -> Iterator[Row]:
        """Yield the rows of a table with these columns, None for those that it does not have; none without a table."""
        present = self._columns_of(table)
        if not present:
            return
        names = ", ".join(f'"{name}"' if name in present else "NULL" for name in columns)
        yield from self.connection.execute(f'SELECT {names} FROM "{table}" ORDER BY "{order}"')  # noqa: S608

    def _columns_of(self, table: str) -> set[str]:
        statement = (
            "SELECT info.name FROM sqlite_master, pragma_table_info(sqlite_master.name) AS info"
            " WHERE sqlite_master.type = 'table' AND sqlite_master.name = ?"
        )
        return {name for (name,) in self.connection.execute(statement, [table])}


def is_old_database(path: Path) -> bool:
    """Return whether a file is a database of 0.6, as far as a look at its tables tells."""
    with suppress(StorageError, ConfigError, OSError), open_old(path):
        return True
    return False


@contextmanager
def open_old(path: Path) -> Iterator[OldDatabase]:
    """Yield a database of 0.6, which is only read.

    Raise ConfigError for another one, StorageError for a damaged one, StorageUnavailable while it is written.
    """
    try:
        # SQLite does not say why it cannot open a file.
        open_file(path).close()
        for _ in range(_TRIES):
            before = _stamp(path)
            with _opened(path) as connection:
                if _stamp(path) != before:
                    continue
                _require_old(connection, path)
                yield OldDatabase(connection)
                if _stamp(path) != before:
                    raise _in_use(path)
                return
    except SQLITE_ERRORS as error:
        raise _explain(error, path) from error
    except NotAFile as error:
        raise StorageError(f"{error.filename}: {error.strerror}: remove it") from error
    except PermissionError as error:
        raise StorageError(
            f"{error.filename or path} may not be read by user {os.geteuid()}, who runs ListSync: chown it, or chmod it"
        ) from error
    raise _in_use(path)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection: to the file itself as one that does not change, or to a copy if a transaction is open.

    SQLite would write to the folder otherwise: it ends an interrupted transaction, and makes a -shm beside a -wal.
    """
    if not any(_size(beside) for beside in _companions(path)):
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            yield _prepared(connection, path)
        return
    with tempfile.TemporaryDirectory(prefix="list-sync-") as name:
        copy = Path(name) / path.name
        copy_beside(path, copy)
        with closing(sqlite3.connect(copy)) as connection:
            yield _prepared(connection, copy)


def copy_beside(path: Path, copy: Path) -> None:
    """Copy a database with its log; raise StorageUnavailable if there is no room."""
    try:
        for one in (path, *_companions(path)):
            if one.exists() and not one.name.endswith("-shm"):
                with open_file(one) as content, copy.with_name(one.name).open("wb") as target:
                    shutil.copyfileobj(content, target)
    except (NotAFile, PermissionError):
        raise
    except OSError as error:
        raise StorageUnavailable(
            f"{path} cannot be copied ({error.strerror}): set TMPDIR to a folder with room for it"
        ) from error


def _prepared(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    guard(connection, path, largest_value=_LARGEST_VALUE)
    # Text that is no UTF-8 is no reason to leave out all that follows.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


def _require_old(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StorageError for the database of another program or version, and for a damaged one."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if {"alembic_version", "schema_version"} <= tables:
        raise ConfigError(
            f"{path} is a database of this version, not of ListSync 0.6: `list-sync restore {path.parent}` uses it"
        )
    # SQLite itself writes every plain table so.
    statement = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE TABLE %' ORDER BY name"
    if strange := connection.execute(statement).fetchone():
        raise StorageError(
            f"{path} has the virtual table {fold(strange[0])}, which ListSync 0.6 did not make: remove it"
        )
    if not tables & _KNOWN_TABLES:
        finding = "belongs to another program" if tables else "is empty"
        raise ConfigError(f"{path} {finding}: name the data folder of ListSync 0.6")
    (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if finding != "ok":
        raise _damaged(path, finding)


def _companions(path: Path) -> list[Path]:
    return [path.with_name(f"{path.name}{ending}") for ending in COMPANIONS]


def _stamp(path: Path) -> tuple[tuple[int, int] | None, ...]:
    """Return sizes and times of the file and of what SQLite keeps beside it, by which a change is noticed."""

    def stamp(one: Path) -> tuple[int, int] | None:
        try:
            found = one.stat()
        except FileNotFoundError:
            return None
        return found.st_size, found.st_mtime_ns

    return tuple(map(stamp, (path, *_companions(path))))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _explain(error: Exception, path: Path) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _in_use(path)
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return StorageUnavailable(f"{path} cannot be read ({fold(str(error))}): check the disk, and the space in /tmp")
    if code == sqlite3.SQLITE_TOOBIG:
        return StorageError(
            f"{path} holds a value of more than {_LARGEST_VALUE // 1024**2} MB, which ListSync 0.6 did not write: it"
            " is not read; take a copy from a backup"
        )
    return _damaged(path, str(error))


def _damaged(path: Path, finding: str) -> StorageError:
    return StorageError(
        f"{path} is damaged ({fold(finding)}): take a copy from a backup, or save what can be read with"
        f" `sqlite3 {path} .recover | sqlite3 {path.name}`, and import the folder with that file"
    )


def _in_use(path: Path) -> StorageUnavailable:
    return StorageUnavailable(f"{path} is being written: stop ListSync 0.6 first, then import again")
