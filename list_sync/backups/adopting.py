"""The database of a backup: checks it, migrates it, and keeps other processes out of the present one meanwhile."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from list_sync.backups.unpacking import SQLITE_BEGINNING
from list_sync.database.failures import SQLITE_ERRORS, code_of, explain
from list_sync.database.looking import open_plainly
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import open_store
from list_sync.database.untrusted import copy_rows, open_guarded, require_plain, shown
from list_sync.errors import StorageError
from list_sync.files.exchange import COMPANIONS
from list_sync.files.opening import read_file
from list_sync.log import fold

_PATIENCE_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.1
_TOKEN_COLUMNS = "name, digest, scope, created_at, last_used_at"  # noqa: S105 (names of columns)
_PASSWORD_COLUMNS = "id, hash, changed_at"  # noqa: S105 (names of columns)
_OF_THE_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


@dataclass(frozen=True, slots=True)
class Contents:
    """A summary of a backup's database, so that people can check that it is the right backup."""

    schema: int
    titles: int
    last_sync: str | None
    strays: int


def adopt_database(path: Path, *, source: Path) -> Contents:
    """Replace a database from `source` by a new one of the present schema with the same rows, in one file.

    Nothing that the database itself has is executed: triggers, views and other things are refused. Rows that refer to
    missing rows are removed; scripts that delete without foreign keys leave such rows. Raise StorageError.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        with open_guarded(path) as connection:
            require_plain(connection, source)
            schema = _find_schema(connection, source)
            _require_whole(connection, source)
            # The rows in its write-ahead log become part of it.
            connection.execute("PRAGMA journal_mode = DELETE")
        copy_rows(path, new, schema=schema, source=source)
        with closing(open_plainly(new, _PATIENCE_SECONDS)) as connection:
            strays = _remove_strays(connection)
        open_store(new).close()
        new.with_name(f"{new.name}.backup.{schema}").unlink(missing_ok=True)
        with closing(open_plainly(new, _PATIENCE_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            titles, last_sync = connection.execute(
                "SELECT (SELECT count(*) FROM synced_items), (SELECT max(sync_started) FROM sync_history)"
            ).fetchone()
    except SQLITE_ERRORS as error:
        raise _explain(error, path, source) from error
    for ending in COMPANIONS:
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    new.replace(path)
    return Contents(schema, titles, last_sync, strays)


def drop_foreign_tokens(path: Path, present: Path) -> tuple[str, ...]:
    """Leave only those tokens in a database that the present one has, too; return the names of the others.

    The maker of a backup could open the service with a token of his own. A token counts as it is in the present
    database: a backup cannot give it another scope, nor bring back one that was revoked. The same holds for the
    password of the pages; log-ins end.
    """
    known = {row[1]: row for row in _find_rows(present, f"SELECT {_TOKEN_COLUMNS} FROM api_tokens")}  # noqa: S608 (our own names)
    password = _find_rows(present, f"SELECT {_PASSWORD_COLUMNS} FROM web_password")  # noqa: S608 (our own names)
    with closing(open_plainly(path, _PATIENCE_SECONDS)) as connection:
        found = dict(connection.execute("SELECT digest, name FROM api_tokens ORDER BY name").fetchall())
        connection.execute("DELETE FROM api_tokens")
        kept = [row for digest, row in known.items() if digest in found]
        connection.executemany(f"INSERT INTO api_tokens ({_TOKEN_COLUMNS}) VALUES (?, ?, ?, ?, ?)", kept)  # noqa: S608 (our own names)
        connection.execute("DELETE FROM web_sessions")
        connection.execute("DELETE FROM web_password")
        connection.executemany(f"INSERT INTO web_password ({_PASSWORD_COLUMNS}) VALUES (?, ?, ?)", password)  # noqa: S608 (our own names)
        connection.commit()
    return tuple(shown(name) for digest, name in found.items() if digest not in known)


def _find_rows(path: Path, query: str) -> list[tuple[str, ...]]:
    """Return rows of the present database; none if it is missing, damaged or older."""
    if not _is_database(path):
        return []
    try:
        with closing(open_plainly(path, _PATIENCE_SECONDS)) as connection:
            return connection.execute(query).fetchall()
    except SQLITE_ERRORS:
        return []


def _explain(error: Exception, path: Path, source: Path) -> StorageError:
    code = code_of(error)
    if code in _OF_THE_DISK:
        return explain(error, path)
    if code == sqlite3.SQLITE_INTERRUPT:
        return StorageError(f"{source}: reading the database in it takes too long for its size: take another backup")
    return StorageError(f"{source}: the database in it is damaged ({fold(str(error))}): take another backup")


def _find_schema(connection: sqlite3.Connection, source: Path) -> int:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    tables = {name for (name,) in names}
    if not {"alembic_version", "schema_version"} <= tables:
        if {"lists", "synced_items"} <= tables:
            raise StorageError(
                f"{source} is a backup of ListSync 0.6, whose database has another form: unpack it into a folder, then"
                " `list-sync import FOLDER` takes it over"
            )
        raise StorageError(f"{source} is not a backup of ListSync: its database belongs to another program")
    (schema,) = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    if not isinstance(schema, int) or schema > SCHEMA_VERSION:
        raise StorageError(
            f"{source} was made by a newer ListSync (schema {schema}, this one knows {SCHEMA_VERSION}):"
            " update ListSync, then restore it"
        )
    return schema


def _require_whole(connection: sqlite3.Connection, source: Path) -> None:
    (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if finding != "ok":
        raise StorageError(f"{source}: the database in it is damaged ({fold(finding)}): take another backup")


def _remove_strays(connection: sqlite3.Connection) -> int:
    removed = 0
    while strays := connection.execute("PRAGMA foreign_key_check").fetchall():
        for table, row_id, *_ in strays:
            connection.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (row_id,))  # noqa: S608 (our own names)
        removed += len(strays)
    connection.commit()
    return removed


@contextmanager
def kept_closed(path: Path, *, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Lock a database that is about to be replaced; raise StorageError while another process uses it.

    The write-ahead log is merged into it. A file that is no database is not opened, because SQLite would remove files
    beside it.
    """
    connection = _close_to_others(path, patience_seconds) if _is_database(path) else None
    try:
        yield
    finally:
        if connection is not None:
            connection.close()


def _is_database(path: Path) -> bool:
    try:
        return read_file(path, len(SQLITE_BEGINNING)) == SQLITE_BEGINNING
    except OSError:
        return False


def _close_to_others(path: Path, patience_seconds: float) -> sqlite3.Connection | None:
    deadline = time.monotonic() + patience_seconds
    waiting = threading.Event()
    while True:
        connection = open_plainly(path, _LOOK_AGAIN_SECONDS)
        try:
            # SQLite refuses this while another process has the file open with a log (sqlite.org/wal.html, section 2).
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except SQLITE_ERRORS as error:
            connection.close()
            if code_of(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return None
            if time.monotonic() >= deadline:
                raise explain(error, path) from error
        else:
            return connection
        waiting.wait(_LOOK_AGAIN_SECONDS)
