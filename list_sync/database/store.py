"""The database: opening, transactions and closing, also if its file is removed meanwhile."""

import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, NullPool, QueuePool, inspect
from sqlalchemy.exc import SQLAlchemyError

from list_sync.database.engines import build_engine, translated_errors
from list_sync.database.failures import advise, explain, gone, may_be_damage, replaced
from list_sync.database.looking import (
    BUSY_TIMEOUT_SECONDS,
    FileIdentity,
    find_identity,
    is_missed,
    open_plainly,
    require_whole,
)
from list_sync.database.looking import load_version as load_version
from list_sync.database.schema import SCHEMA_VERSION, alembic_version, create_tables
from list_sync.errors import StorageError
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.files.modes import create_file, file_mode
from list_sync.model.servers import HOME

logger = logging.getLogger(__name__)

# A stop may take 8 seconds in all; the long read of another program must not use them up.
_CLOSING_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Opened:
    """The file that was opened, and the engines on it, for readers and for writers."""

    file: FileIdentity | None
    reader: Engine
    writer: Engine

    def let_go(self) -> None:
        """Close idle connections, after SQLite could renew its statistics."""
        self._close("PRAGMA analysis_limit = 400", "PRAGMA optimize")

    def abandon(self) -> None:
        """Close a file that is not in its place any more, and merge its write-ahead log into it.

        The log belongs to a name, not to a file: SQLite would apply it to the next file with that name
        (sqlite.org/howtocorrupt.html, 2.4).
        """
        self._close("PRAGMA wal_checkpoint(TRUNCATE)")

    def _close(self, *statements: str) -> None:
        # On idle connections only: a new one has seen no queries, and may open another file.
        timeout = f"PRAGMA busy_timeout = {round(1000 * _CLOSING_TIMEOUT_SECONDS)}"
        for engine in (self.reader, self.writer):
            if isinstance(engine.pool, QueuePool) and engine.pool.checkedin():
                with suppress(sqlite3.Error, SQLAlchemyError), closing(engine.raw_connection()) as connection:
                    for statement in (timeout, *statements):
                        connection.cursor().execute(statement)
            engine.dispose()


class Store:
    """A database, used for one household; threads may share it, because each transaction has its own connection.

    After its file was removed, nothing is written and no new file is created: every transaction raises StorageError
    until `open` finds the file, or another one, in its place. With `is_checked`, the whole file is checked for damage
    when it is opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        household: str = HOME,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
        is_checked: bool = False,
    ) -> None:
        self.path = path
        self.household = household
        self._busy_timeout_seconds = busy_timeout_seconds
        self._is_checked = is_checked
        self._opened: _Opened | None = None
        self._was_opened = self._is_doubted = False
        self._opening = threading.Lock()

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    def open(self) -> None:
        """Open the file unless it is open. Create it if there never was one, and migrate it if needed.

        Raise StorageError, in one line, for a file that is not ours, damaged, locked, from a newer version,
        inaccessible or missing.
        """
        with self._opening:
            if self._is_in_place() and not self._is_doubted:
                return
            self._let_go()
            if self._was_opened and find_identity(self.path) is None:
                raise gone(self.path)
            _make_ready(self.path, self._busy_timeout_seconds, is_checked=self._is_checked)
            reader, writer = (
                build_engine(self.path, writes=writes, busy_timeout_seconds=self._busy_timeout_seconds)
                for writes in (False, True)
            )
            self._opened = _Opened(find_identity(self.path), reader, writer)
            self._was_opened, self._is_doubted = True, False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that reads one unchanging state of the database."""
        with self._told_errors(), self._require_open().reader.connect() as connection:
            try:
                yield connection
            except BaseException:
                # A result that was read in part holds its old state of the database as long as the error is kept.
                connection.invalidate()
                raise

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the only connection that may write; commit at the end, roll back on an exception."""
        with self._told_errors(), self._require_open().writer.begin() as connection:
            yield connection

    def rest(self) -> None:
        """Close idle connections, and release free space of the file; the next use opens new connections."""
        if self._opened is not None and self._is_in_place():
            self._opened.let_go()
            _shrink(self.path)

    def close(self) -> None:
        """Merge the write-ahead log into the file and close it, so that a plain copy of the file is complete."""
        with self._opening:
            was_in_place = self._is_in_place()
            self._let_go()
        if was_in_place:
            _shrink(self.path)
            self._fold_in()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _require_open(self) -> _Opened:
        opened = self._opened
        if opened is None or not self._is_in_place():
            raise gone(self.path) if find_identity(self.path) is None else replaced(self.path)
        return opened

    def _is_in_place(self) -> bool:
        return self._opened is not None and self._opened.file == find_identity(self.path)

    def _let_go(self) -> None:
        if self._opened is None:
            return
        opened, is_in_place = self._opened, self._is_in_place()
        self._opened = None
        if is_in_place:
            opened.let_go()
        else:
            opened.abandon()

    def _fold_in(self) -> None:
        # On a separate connection, because an unfinished query on another one would prevent it.
        with translated_errors(self.path), closing(open_plainly(self.path, _CLOSING_TIMEOUT_SECONDS)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _told_errors(self) -> Iterator[None]:
        """Translate errors; after an error that may come from damage, the file is checked before it is opened again."""
        try:
            with translated_errors(self.path):
                yield
        except Exception as error:
            self._is_doubted = self._is_doubted or may_be_damage(error)
            raise


def open_store(path: Path, *, household: str = HOME, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> Store:
    """Return the open database in a file; raise StorageError as Store.open does."""
    store = Store(path, household=household, busy_timeout_seconds=busy_timeout_seconds)
    store.open()
    return store


def _make_ready(path: Path, busy_timeout_seconds: float, *, is_checked: bool) -> None:
    found = load_version(path, busy_timeout_seconds=busy_timeout_seconds)
    if found > SCHEMA_VERSION:
        raise StorageError(
            f"{path} was made by a newer ListSync (schema {found}, this one knows {SCHEMA_VERSION}):"
            f" update ListSync; or, to stay with this version, {advise(path)}"
        )
    if is_checked and found:
        require_whole(path, busy_timeout_seconds=busy_timeout_seconds)
    if found == 0:
        if is_missed(path):
            logger.warning(
                "%s is missing, so ListSync creates a new database; to continue with the old one, %s",
                path,
                advise(path),
            )
        _create(path, busy_timeout_seconds)
    elif found < SCHEMA_VERSION:
        # Importing Alembic takes longer than all other imports together, and it is rarely needed.
        from list_sync.database.migrating import migrate

        migrate(path, found=found, busy_timeout_seconds=busy_timeout_seconds)


def _create(path: Path, busy_timeout_seconds: float) -> None:
    """Create the file, and every table in one transaction, unless another process just did."""
    # Only this code creates the file. If SQLite could create it, it would also replace a file that was removed.
    try:
        if not path.exists():
            # SQLite gives the files that it makes beside it the same mode.
            os.close(create_file(path, file_mode()))
    except FileExistsError:
        pass
    except OSError as error:
        raise explain(error, path) from error
    engine = build_engine(path, writes=True, busy_timeout_seconds=busy_timeout_seconds, pool=NullPool)
    with translated_errors(path), engine.begin() as connection:
        if not inspect(connection).has_table(alembic_version.name):
            create_tables(connection)


def _shrink(path: Path) -> None:
    """Rewrite a file of which more than a quarter is free, unless a run is in progress or the disk is nearly full."""
    with (
        suppress(sqlite3.Error, OSError, StorageError),
        closing(open_plainly(path, _CLOSING_TIMEOUT_SECONDS)) as connection,
    ):
        pages, free, page_size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        # SQLite writes the new file twice: as a temporary one, and into the write-ahead log.
        has_room = shutil.disk_usage(path.parent).free > 3 * (pages - free) * page_size
        if 4 * free > pages and has_room and not FileLock(path.with_name(RUN_LOCK)).is_held_elsewhere():
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
