"""Errors of the database as one line that names the file and the remedy."""

import errno
import os
import sqlite3
import traceback
from pathlib import Path

from list_sync.errors import StorageError, StorageUnavailable
from list_sync.model.moments import shown

# SQLite's message about a damaged schema quotes it. If the quote is no UTF-8, Python raises UnicodeDecodeError.
SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL_BYTES = 64 * 1024
_DAMAGE = {sqlite3.SQLITE_NOTADB: "is not a database", sqlite3.SQLITE_CORRUPT: "is damaged"}
_NO_ACCESS = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
# The error of a full, unmounted or read-only disk differs between systems and file systems.
_BY_DISK = _NO_ACCESS | {sqlite3.SQLITE_IOERR}
# SQLite raises these for a wrong value or a wrong call; all its other errors may come from the file.
_MISTAKES = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError)
# Every error inside a transaction passes through frames of these modules.
_TRANSACTIONS = frozenset({"list_sync.database.store", "list_sync.database.engines"})


def explain(error: BaseException | None, path: Path) -> StorageError:
    """Turn an error of SQLite, or of the file system, into a StorageError."""
    code = code_of(error)
    number = error.errno if isinstance(error, OSError) else None
    if code in _DAMAGE or isinstance(error, UnicodeDecodeError):
        return damaged(path, _DAMAGE.get(code, _DAMAGE[sqlite3.SQLITE_CORRUPT]))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return locked(path)
    if code == sqlite3.SQLITE_FULL or number in _FULL or (code in _BY_DISK and _is_full(path.parent)):
        return StorageUnavailable(f"{path} cannot grow, the disk is full: free some space in {path.parent}")
    if code == sqlite3.SQLITE_CANTOPEN and _is_writable(path.parent) and not path.exists():
        return gone(path)
    if code in _NO_ACCESS or number in _FORBIDDEN or (code in _BY_DISK and not _is_writable(path.parent)):
        return no_access(path)
    if code == sqlite3.SQLITE_IOERR:
        return StorageUnavailable(
            f"{path} could not be read or written: check the disk of {path.parent}, its free space and its health"
        )
    if isinstance(error, OSError):
        return StorageError(f"{path}: {error.strerror or error}: check DATA_DIR")
    return StorageError(f"{path}: {' '.join(str(error).split())}")


def code_of(error: BaseException | None) -> int:
    """Return SQLite's primary code of an error; Python's own errors, as for text that is no UTF-8, have 0."""
    # The low byte is the primary code; the other bits distinguish variants (sqlite.org/rescode.html).
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def may_be_damage(error: Exception) -> bool:
    """Return whether an error inside a transaction may come from a damaged file, and not from the calling code."""
    # Text that cannot be written as UTF-8 comes from the caller; a file cannot hold such text.
    if isinstance(error, (StorageUnavailable, UnicodeEncodeError)):
        return False
    if isinstance(error, StorageError):
        origin = getattr(error.__cause__, "orig", error.__cause__)
        return isinstance(origin, SQLITE_ERRORS) and not isinstance(origin, _MISTAKES)
    # A value that our queries cannot parse may come from a damaged page.
    return isinstance(error, (ValueError, TypeError, LookupError)) and _is_raised_by_a_query(error)


def _is_raised_by_a_query(error: Exception) -> bool:
    names = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [name for name in names if name.startswith("list_sync.") and name not in _TRANSACTIONS]
    return bool(ours) and ours[-1].startswith(("list_sync.storage.", "list_sync.database."))


def damaged(path: Path, finding: str = "is damaged") -> StorageError:
    """Return the error for a damaged file, with the copy to restore."""
    return StorageError(f"{path} {finding}: {advise(path)}, or move it away to begin a new one")


def locked(path: Path) -> StorageUnavailable:
    """Return the error for a file that stayed locked too long."""
    return StorageUnavailable(
        f"{path} is locked: close the program that keeps a write open (a script or a database browser)"
    )


def gone(path: Path) -> StorageError:
    """Return the error for a file that was removed while we used it."""
    return StorageError(
        f"{path} is gone: put it back and ListSync goes on, or stop ListSync and {advise(path)};"
        " if you start ListSync without it, it begins a new one"
    )


def replaced(path: Path) -> StorageError:
    """Return the error for a file that was replaced while we used it."""
    return StorageError(f"{path} was replaced while ListSync used it: the next sync uses the new file")


def advise(path: Path) -> str:
    """Return how to restore the newest copy in the folder, if there is one."""
    # Imported here, because reading archives is needed only after damage.
    from list_sync.database.known_backups import find_backups

    newest = next(iter(find_backups(path.parent)), None)
    if newest is None:
        return "restore a backup"
    return f"restore the copy of {shown(newest.made_at)} with `list-sync restore {newest.path}`"


def no_access(path: Path) -> StorageError:
    """Return the error for missing access, with the user and the folder."""
    if path.is_dir():
        return StorageError(f"{path} is a folder: move it away, the database file goes there")
    return StorageError(
        f"{path} cannot be written: give the user that runs ListSync (uid {os.geteuid()})"
        f" write access to it and to the folder {path.parent}, and mount that read-write"
    )


def _is_full(folder: Path) -> bool:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    # Some file systems create inodes on demand, and report none as free.
    return disk.f_bavail * disk.f_frsize < _FULL_BYTES or (disk.f_files > 0 and disk.f_favail == 0)


def _is_writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)
