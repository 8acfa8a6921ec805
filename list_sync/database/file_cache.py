"""The cache of one data folder: a small database in a file that may be thrown away at any time."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from list_sync.database.failures import SQLITE_ERRORS, code_of
from list_sync.files.exchange import COMPANIONS
from list_sync.files.modes import create_file, file_mode

logger = logging.getLogger(__name__)

# CACHE_TTL may be a year.
LONGEST_KEPT = timedelta(days=366)
_VERSION = 1
# A cache is not worth a long wait.
_BUSY_TIMEOUT_SECONDS = 1.0
_NEW = f"""
    CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, expires_at REAL NOT NULL, content BLOB NOT NULL);
    PRAGMA user_version = {_VERSION};
"""
# Nothing is kept for longer: a later end was computed by a clock that was ahead, and would never come.
_IS_KEPT = "expires_at > ? AND expires_at <= ?"
# These do not say that the file is bad: another program uses it, or the disk is full or failing.
_NOT_ITS_FAULT = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


class FileCache:
    """Bytes that are kept for a while; no other process reads lists for this folder, so every claim is granted.

    The file is made when it is missing, and made anew when it is damaged, cannot be written or has another version.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def find(self, key: str) -> bytes | None:
        """Return what was kept, unless its time is over."""
        rows = self._execute(f"SELECT content FROM answers WHERE key = ? AND {_IS_KEPT}", key, *self._limits())  # noqa: S608 (our own names)
        return rows[0][0] if rows else None

    def keep(self, key: str, content: bytes, *, seconds: float) -> None:
        """Keep bytes for the given time, and drop those that have expired."""
        now, latest = self._limits()
        self._execute(f"DELETE FROM answers WHERE NOT ({_IS_KEPT})", now, latest)  # noqa: S608 (our own names)
        self._execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", key, now + seconds, content)

    def claim(self, key: str, *, seconds: float) -> str | None:  # noqa: ARG002
        """Grant the claim."""
        return "granted"

    def renew(self, key: str, token: str, *, seconds: float) -> None:
        """Do nothing: a claim that is always granted needs no renewal."""

    def release(self, key: str, token: str) -> None:
        """Do nothing, like renew."""

    def count_foreign(self) -> int:
        """Return 0: no other program writes into this folder."""
        return 0

    def clear(self) -> bool:
        """Delete everything, also the bytes in the file, and return whether that was possible; no file is made."""
        if not self._path.exists():
            return True
        deleted, rewritten = self._try("DELETE FROM answers"), self._try("VACUUM")
        emptied = self._try("PRAGMA wal_checkpoint(TRUNCATE)")
        return deleted is not None and rewritten is not None and emptied is not None and not emptied[0][0]

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._disconnect()

    def _limits(self) -> tuple[float, float]:
        now = self._now()
        return now.timestamp(), (now + LONGEST_KEPT).timestamp()

    def _execute(self, statement: str, *values: object) -> list[tuple[bytes]]:
        return self._try(statement, *values) or []

    def _try(self, statement: str, *values: object) -> list[tuple[bytes]] | None:
        """Execute a statement; return None if that is not possible now."""
        with self._lock:
            try:
                self._connection = self._connection or _connect(self._path)
                return self._connection.execute(statement, values).fetchall()
            except SQLITE_ERRORS as error:
                logger.debug("the cache %s is not used: %s", self._path, error)
                if code_of(error) not in _NOT_ITS_FAULT:
                    self._disconnect()
                    _remove(self._path)
                return None

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _connect(path: Path) -> sqlite3.Connection:
    _make_ready(path)
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"it has version {version}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cell_size_check = ON")
        if version == 0:
            connection.executescript(_NEW)
    except SQLITE_ERRORS:
        connection.close()
        raise
    return connection


def _make_ready(path: Path) -> None:
    """Make the file if it is missing; raise sqlite3.Error for a link, which is not followed."""
    try:
        if path.is_symlink():
            raise sqlite3.DatabaseError("it is a symbolic link")
        if not path.exists():
            os.close(create_file(path, file_mode()))
    except FileExistsError:
        return
    except OSError as error:
        raise sqlite3.OperationalError(f"it cannot be made: {error.strerror}") from error


def _remove(path: Path) -> None:
    with suppress(OSError):
        for ending in ("", *COMPANIONS):
            path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
