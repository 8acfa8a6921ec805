"""Checks a database file without changing it: whether it exists, is ours, is undamaged, and its version."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from list_sync.database.failures import SQLITE_ERRORS, advise, damaged, explain, gone, no_access
from list_sync.errors import StorageError
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.files.modes import make_folder

BUSY_TIMEOUT_SECONDS = 10.0
# Device and number, which tell a file from another one of the same name.
FileIdentity = tuple[int, int]


def find_identity(path: Path) -> FileIdentity | None:
    """Return the identity of a file, or None if it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_missed(path: Path) -> bool:
    """Return whether the file is missing, although ListSync synced with one in this folder."""
    return find_identity(path) is None and path.with_name(RUN_LOCK).exists()


def load_version(path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> int:
    """Return the schema version of a file, 0 for a new or empty one.

    Raise StorageError for a database of another program or of ListSync 0.6, and for the remains of one of ours.
    """
    _require_access(path)
    if _is_new(path):
        return 0
    # Not through the engine, which switches a file to WAL: a file that is not ours must not be changed.
    with _looking(path, busy_timeout_seconds) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = {name for (name,) in names if not name.startswith("sqlite_")}
        if not tables:
            return 0
        # 0.6.x has tables of the same names and, after the guide's migration script, a schema_version.
        if not {"alembic_version", "schema_version"} <= tables:
            raise _not_ours(path, tables)
        return int(connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()[0])


def count_vanished(path: Path, household: str | None = None) -> int:
    """Return how many requests vanished at once and wait for the user's answer.

    They are those to the server that the latest run of a household used, or of any household. Raise StorageError.
    """
    statement = (
        "SELECT count(*) FROM sent_requests WHERE state = 'vanished'"
        " AND server_id IN (SELECT server_id FROM households WHERE name = coalesce(?, name))"
    )
    with _looking(path, BUSY_TIMEOUT_SECONDS) as connection:
        return int(connection.execute(statement, [household]).fetchone()[0])


def require_whole(path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
    """Raise StorageError if SQLite finds damage in the file.

    This reads the whole file: a sixteenth of a second for 20,000 titles (15 MB, measured).
    """
    with _looking(path, busy_timeout_seconds) as connection:
        (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if finding != "ok":
        raise damaged(path)


def require_unlost(path: Path, *, daemon_lock: Path) -> None:
    """Raise StorageError if a daemon runs and its database file is missing.

    A new file would replace the lost one, and the daemon would continue without its memory.
    """
    if find_identity(path) is None and FileLock(daemon_lock).is_held_elsewhere():
        raise gone(path)


def open_plainly(path: Path, busy_timeout_seconds: float) -> sqlite3.Connection:
    """Return a connection without any of our settings; raise sqlite3.Error."""
    return sqlite3.connect(address_of(path), uri=True, timeout=busy_timeout_seconds)


def address_of(path: Path) -> str:
    """Return the address of an existing file for SQLite; with a plain path SQLite would create a new file."""
    return f"{path.absolute().as_uri()}?mode=rw"


@contextmanager
def _looking(path: Path, busy_timeout_seconds: float) -> Iterator[sqlite3.Connection]:
    """Yield a connection as open_plainly returns it; turn errors of SQLite into StorageError."""
    try:
        with closing(open_plainly(path, busy_timeout_seconds)) as connection:
            yield connection
    except SQLITE_ERRORS as error:
        raise explain(error, path) from error


def _is_new(path: Path) -> bool:
    """Return whether the file is missing or was never filled; raise StorageError if it once held data.

    A kill during the first start may leave an empty file. SQLite writes the first page before the write-ahead log, and
    we sync only with a complete database. The checks are in this order, because another process may be creating it.
    """
    log = path.with_name(f"{path.name}-wal")
    was_written = _size(log) > 0
    was_used = path.with_name(RUN_LOCK).exists()
    if _size(path) > 0:
        return False
    if path.exists() and (was_written or was_used):
        raise damaged(path, "is empty, although it held data before")
    if was_written:
        raise StorageError(
            f"{path} is gone, but the last data is still in {log}: put the database back, {advise(path)},"
            f" or move {log.name} away to start with a new one"
        )
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _require_access(path: Path) -> None:
    try:
        make_folder(path.parent)
    except OSError as error:
        raise explain(error, path.parent) from error
    if path.is_symlink():
        raise StorageError(
            f"{path} is a symbolic link, which ListSync does not follow: put the file itself there, or set DATA_DIR to"
            " the folder of the file"
        )
    # SQLite would open a file that it cannot write, and fail at the first write, during a run.
    as_effective_user = os.access in os.supports_effective_ids
    places = [place for place in (path.parent, path) if place.exists()]
    if path.is_dir() or not all(os.access(place, os.W_OK, effective_ids=as_effective_user) for place in places):
        raise no_access(path)


def _not_ours(path: Path, tables: set[str]) -> StorageError:
    if {"lists", "synced_items"} <= tables:
        return StorageError(
            f"{path} is the database of ListSync 0.6, and nothing is synced before it is taken over:"
            " run `list-sync import` (docker compose run --rm listsync list-sync import)"
        )
    return StorageError(f"{path} belongs to another program and is left untouched: set another DATA_DIR")
