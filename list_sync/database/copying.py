"""Copies the database while it is in use, and restores such a copy."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from list_sync.database.failures import SQLITE_ERRORS, code_of, damaged, explain
from list_sync.database.looking import BUSY_TIMEOUT_SECONDS
from list_sync.errors import StorageError
from list_sync.files.exchange import COMPANIONS
from list_sync.files.modes import create_beside, file_mode
from list_sync.files.written import sync_to_disk

_AT_SOURCE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def backup_file(database_path: Path, target: Path) -> None:
    """Copy the database to `target`, one file without -wal; replace `target` only when the copy is complete.

    Raise StorageError that names the file that cannot be read or written, or is damaged.
    """
    if not database_path.is_file():
        raise StorageError(f"{database_path} does not exist: there is nothing to back up")
    if target.exists() and target.samefile(database_path):
        raise StorageError(f"{target} is the database itself: name another file for the copy")
    unfinished = None
    try:
        _remove_former(target)
        descriptor, unfinished = create_beside(target, file_mode())
        os.close(descriptor)
        copy_whole(database_path, unfinished)
        sync_to_disk(unfinished)
        unfinished.replace(target)
        sync_to_disk(target.parent)
    except (*SQLITE_ERRORS, OSError) as error:
        raise blame(error, database_path, target) from error
    finally:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)


def _remove_former(target: Path) -> None:
    """Remove what a kill of an earlier version left beside the copy."""
    for ending in ("", *COMPANIONS):
        target.with_name(f"{target.name}.unfinished{ending}").unlink(missing_ok=True)


def copy_whole(database_path: Path, target: Path) -> None:
    """Copy the database into one new file without log, and check it for damage, which SQLite copies without an error.

    Raise StorageError for damage, else SQLITE_ERRORS or OSError.
    """
    _copy(database_path, target, create=True)
    with closing(_connect(target, "rw")) as copy:
        # The copy inherits WAL; without it the backup is one plain file that any tool may open read-only.
        copy.execute("PRAGMA journal_mode = DELETE")
        findings = copy.execute("PRAGMA integrity_check").fetchall()
    if findings != [("ok",)]:
        raise damaged(database_path)


def blame(error: Exception, source: Path, target: Path) -> StorageError:
    """Turn an error during a copy into one that names the file with the problem."""
    at_source = code_of(error) in _AT_SOURCE or isinstance(error, UnicodeDecodeError)
    return explain(error, source if at_source else target)


def restore_file(backup: Path, database_path: Path) -> None:
    """Restore a copy into the database file, in one transaction; readers may read meanwhile."""
    try:
        _copy(backup, database_path, create=False)
    except (*SQLITE_ERRORS, OSError) as error:
        raise blame(error, backup, database_path) from error


def _copy(source: Path, target: Path, *, create: bool) -> None:
    with (
        closing(_connect(source, "rw")) as reading,
        closing(_connect(target, "rwc" if create else "rw")) as writing,
    ):
        reading.backup(writing)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # With a plain path, SQLite would silently create a missing file.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_TIMEOUT_SECONDS)
