"""The database itself: opening, transactions, closing, and the one translation of SQLAlchemy's errors."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, Pool, QueuePool, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from list_sync.errors import StorageError
from list_sync.storage.failures import explain, no_access
from list_sync.storage.schema import SCHEMA_VERSION

BUSY_TIMEOUT_SECONDS = 10.0
# A stop may take 8 seconds in all; somebody's long read must not use them up.
_CLOSING_TIMEOUT_SECONDS = 1.0
WRITES = {"list_sync_writes": True}


class Store:
    """An open database; may be shared by threads, each transaction having its own connection."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.path = path
        self._reader = engine
        self._writer = engine.execution_options(**WRITES)

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one unchanging state of the database."""
        with translated_errors(self.path), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that alone may write; commit at the end, roll back on an exception."""
        with translated_errors(self.path), self._writer.begin() as connection:
            yield connection

    def rest(self) -> None:
        """Let go of idle connections and their page caches, up to 40 MB each; the next use opens new ones."""
        self._reader.dispose()

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go, so that a plain copy of the file is whole."""
        self._reader.dispose()
        if not self.path.exists():
            return
        # On a connection of its own: one that an abandoned query still reads through could not do it.
        with translated_errors(self.path), closing(_open_plainly(self.path, _CLOSING_TIMEOUT_SECONDS)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()


def open_store(url: str, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> Store:
    """Open the database at `url`, made or brought up to date first where needed.

    Raise StorageError, in one line, for a file that is not ours, damaged, locked, from a newer
    version or out of reach.
    """
    path = _database_path(url)
    found = load_version(path, busy_timeout_seconds=busy_timeout_seconds)
    if found > SCHEMA_VERSION:
        raise StorageError(
            f"{path} was made by a newer ListSync (schema {found}, this one knows {SCHEMA_VERSION}):"
            f" update ListSync, or restore {path.name}.backup.{SCHEMA_VERSION}"
        )
    if found == 0:
        from list_sync.storage.creating import create

        create(path, busy_timeout_seconds=busy_timeout_seconds)
    elif found < SCHEMA_VERSION:
        # Alembic takes longer to import than everything else here together, and is rarely needed.
        from list_sync.storage.migrating import migrate

        migrate(path, found=found, busy_timeout_seconds=busy_timeout_seconds)
    engine = build_engine(path, busy_timeout_seconds=busy_timeout_seconds)
    return Store(engine, path)


def sqlite_url(path: Path) -> str:
    """Return the address of a database file for open_store."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def load_version(path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> int:
    """Return the schema version of a file, 0 for a new or empty one; the file is not changed by looking.

    Raise StorageError for a database that ListSync, as it is now, did not make.
    """
    _require_access(path)
    if not path.exists() or path.stat().st_size == 0:
        return 0
    try:
        # Not through the engine: that switches a file to WAL, and one that is not ours stays as it is.
        with closing(_open_plainly(path, busy_timeout_seconds)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            tables = {name for (name,) in names if not name.startswith("sqlite_")}
            if not tables:
                return 0
            # 0.6.x has tables of the same names and, after the guide's migration script, a schema_version.
            if not {"alembic_version", "schema_version"} <= tables:
                raise _not_ours(path, tables)
            return int(connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()[0])
    except sqlite3.Error as error:
        raise explain(error, path) from error


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
    """Return an engine whose transactions are exactly those that we ask for."""
    # The last connection used is the warm one; each keeps a page cache of its own.
    options: dict[str, Any] = {"pool_use_lifo": True, "max_overflow": 40} if pool is QueuePool else {}
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=pool,
        hide_parameters=True,
        connect_args={"timeout": busy_timeout_seconds, "check_same_thread": False},
        **options,
    )

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # Otherwise the driver begins and commits on its own, and a failed migration would stay half done.
        connection.isolation_level = None
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = 10000")
        connection.execute("PRAGMA temp_store = memory")

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


def _open_plainly(path: Path, busy_timeout_seconds: float) -> sqlite3.Connection:
    # As a URI, because a plain path would make the file if somebody took it away.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=busy_timeout_seconds)


def _database_path(url: str) -> Path:
    try:
        parts = make_url(url)
    except ArgumentError as error:
        raise StorageError("DATABASE_URL cannot be read: it has the form sqlite:////folder/list_sync.db") from error
    if parts.get_backend_name() != "sqlite" or not parts.database or parts.database == ":memory:":
        raise StorageError("DATABASE_URL must name a file, as in sqlite:////folder/list_sync.db")
    return Path(parts.database)


def _require_access(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain(error, path.parent) from error
    # SQLite would open what it cannot write, and fail only at the first write, in the middle of a run.
    as_effective_user = os.access in os.supports_effective_ids
    places = [place for place in (path.parent, path) if place.exists()]
    if path.is_dir() or not all(os.access(place, os.W_OK, effective_ids=as_effective_user) for place in places):
        raise no_access(path)


def _not_ours(path: Path, tables: set[str]) -> StorageError:
    if {"lists", "synced_items"} <= tables:
        return StorageError(
            f"{path} is the database of an older ListSync (0.6) and is left untouched:"
            " move it to another folder, then start again with a new one"
        )
    return StorageError(f"{path} belongs to another program and is left untouched: set another DATA_DIR")
