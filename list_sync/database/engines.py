"""Engines whose transactions are exactly those that we ask for, and the one translation of SQLAlchemy's errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Pool, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from list_sync.database.failures import explain
from list_sync.database.looking import address_of

BUSY_TIMEOUT_SECONDS = 10.0
WRITES = {"list_sync_writes": True}


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn every error of SQLAlchemy into a StorageError about this file."""
    try:
        yield
    except DBAPIError as error:
        raise explain(error.orig, path) from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise explain(error, path) from error


def build_engine(
    path: Path,
    *,
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    foreign_keys: bool = True,
    pool: type[Pool] = QueuePool,
) -> Engine:
    """Return an engine on a file that exists."""
    # The last connection used is the warm one; each keeps a page cache of its own.
    options: dict[str, Any] = {"pool_use_lifo": True, "max_overflow": 40} if pool is QueuePool else {}

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address_of(path), uri=True, timeout=busy_timeout_seconds, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=pool, hide_parameters=True, **options)

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # Otherwise the driver begins and commits on its own, and a failed migration would stay half done.
        connection.isolation_level = None
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = 10000")
        connection.execute("PRAGMA temp_store = memory")
        # A damaged page is then found when it is read, before what it seems to hold is written elsewhere.
        connection.execute("PRAGMA cell_size_check = ON")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # A writer that began as a reader is refused at once when another wrote meanwhile; IMMEDIATE waits its turn.
    begin = "BEGIN IMMEDIATE" if connection.get_execution_options().get("list_sync_writes") else "BEGIN"
    connection.connection.cursor().execute(begin)


def _use_wal(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        # Somebody reads a file that is not in WAL mode yet: it works without, and the next connection tries again.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
