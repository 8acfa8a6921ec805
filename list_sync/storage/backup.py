"""Whole copies of the database while it is in use, and the way back."""

import sqlite3
from contextlib import closing
from pathlib import Path

from list_sync.errors import StorageError
from list_sync.storage.failures import explain

_BUSY_TIMEOUT_SECONDS = 10.0


def backup_file(database_path: Path, target: Path) -> None:
    """Copy the database to `target`, one file without -wal, and replace `target` only when the copy is whole.

    Raise StorageError naming the file that cannot be read or written.
    """
    if not database_path.is_file():
        raise StorageError(f"{database_path} does not exist: there is nothing to back up")
    if target.exists() and target.samefile(database_path):
        raise StorageError(f"{target} is the database itself: name another file for the copy")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        _copy(database_path, unfinished, create=True)
        with closing(sqlite3.connect(unfinished)) as copy:
            # The copy inherits WAL; without it the backup is one plain file that any tool may open read-only.
            copy.execute("PRAGMA journal_mode = DELETE")
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise _blame(error, database_path, target) from error


def restore_file(backup: Path, database_path: Path) -> None:
    """Put a copy back into the database file, in one write that readers may look on."""
    try:
        _copy(backup, database_path, create=False)
    except (sqlite3.Error, OSError) as error:
        raise _blame(error, backup, database_path) from error


def _copy(source: Path, target: Path, *, create: bool) -> None:
    with (
        closing(_connect(source, "rw")) as reading,
        closing(_connect(target, "rwc" if create else "rw")) as writing,
    ):
        reading.backup(writing)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # A plain path would quietly create what is not there.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_TIMEOUT_SECONDS)


def _blame(error: Exception, source: Path, target: Path) -> StorageError:
    at_source = getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
    return explain(error, source if at_source else target)
