"""Engines with explicit transactions, and the translation of SQLAlchemy's errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Pool, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from list_sync.database.failures import code_of, explain, locked
from list_sync.database.looking import BUSY_TIMEOUT_SECONDS, address_of

READERS = 5
# A writer uses the same pages again and again; a reader reads most pages once.
_WRITERS_CACHE_PAGES = 10_000
_READERS_CACHE_PAGES = 500


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn every error of SQLAlchemy into a StorageError about this file."""
    try:
        yield
    except NoFreeConnection as error:
        raise locked(path) from error
    except DBAPIError as error:
        raise explain(error.orig, path) from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise explain(error, path) from error


def build_engine(
    path: Path,
    *,
    writes: bool,
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    foreign_keys: bool = True,
    pool: type[Pool] = QueuePool,
) -> Engine:
    """Return an engine on an existing file: one connection for writing, or a few for reading, with small caches."""
    options: dict[str, Any] = {"poolclass": pool}
    if pool is QueuePool:
        # The connection that was used last has the fullest cache.
        options |= {"pool_use_lifo": True, "pool_size": 1 if writes else READERS, "max_overflow": 0}
        # Readers wait only for each other, which may take long on a busy machine.
        options["pool_timeout"] = busy_timeout_seconds if writes else 6 * busy_timeout_seconds
    # A transaction that reads first and writes later fails at once if another one wrote meanwhile; IMMEDIATE waits.
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address_of(path), uri=True, timeout=busy_timeout_seconds, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, hide_parameters=True, **options)

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # Otherwise the driver begins and commits by itself, and a failed migration would remain half done.
        connection.isolation_level = None
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = {_WRITERS_CACHE_PAGES if writes else _READERS_CACHE_PAGES}")
        connection.execute("PRAGMA temp_store = memory")
        # This finds a damaged page when it is read, before its contents are copied elsewhere.
        connection.execute("PRAGMA cell_size_check = ON")
        # Views and triggers of others may not use functions that do more than compute.
        connection.execute("PRAGMA trusted_schema = OFF")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda connection: connection.connection.cursor().execute(begin))
    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        # Another program reads a file that is not in WAL mode yet; the next connection tries again.
        if code_of(error) != sqlite3.SQLITE_BUSY:
            raise
