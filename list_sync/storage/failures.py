"""What went wrong with the database, as one line that names the file and the remedy."""

import os
import sqlite3
from pathlib import Path

from list_sync.errors import StorageError

_CODES = {
    sqlite3.SQLITE_NOTADB: "is not a database: move it away or restore a backup, then start again",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore a backup, or move it away to begin a new one",
    sqlite3.SQLITE_FULL: "cannot grow, the disk is full: free some space and start again",
    sqlite3.SQLITE_IOERR: "could not be read or written by the disk: check its free space and its health",
    sqlite3.SQLITE_BUSY: "is locked: close the program that keeps a write open (a script or a database browser)",
    sqlite3.SQLITE_LOCKED: "is locked: close the program that keeps a write open (a script or a database browser)",
}
_NO_ACCESS = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}


def explain(error: BaseException | None, path: Path) -> StorageError:
    """Turn an error of SQLite, or of the file system, into ours."""
    # The low byte is the primary code; the rest tells variants apart (sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _NO_ACCESS or isinstance(error, PermissionError):
        return no_access(path)
    if code in _CODES:
        return StorageError(f"{path} {_CODES[code]}")
    if isinstance(error, OSError):
        return StorageError(f"{path}: {error.strerror or error}: check DATA_DIR")
    return StorageError(f"{path}: {' '.join(str(error).split())}")


def no_access(path: Path) -> StorageError:
    """Say who needs which access to the folder."""
    if path.is_dir():
        return StorageError(f"{path} is a folder: move it away, the database file goes there")
    return StorageError(
        f"{path} cannot be written: give the user that runs ListSync (uid {os.geteuid()})"
        f" write access to it and to the folder {path.parent}"
    )
