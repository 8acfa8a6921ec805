"""Migrates a database file to the present schema, after making a copy; the only user of Alembic."""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, func, inspect, select

from list_sync.database.copying import backup_file, restore_file
from list_sync.database.engines import build_engine, translated_errors
from list_sync.database.looking import BUSY_TIMEOUT_SECONDS
from list_sync.database.schema import schema_version
from list_sync.errors import StorageError
from list_sync.files.modes import create_file, file_mode

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = (MIGRATIONS / "versions",)
logger = logging.getLogger(__name__)
# Alembic keeps its context in module globals, so two threads must not migrate at the same moment.
_one_at_a_time = threading.Lock()


def migrate(
    path: Path,
    *,
    found: int,
    versions: Sequence[Path] = VERSIONS,
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
) -> None:
    """Run all missing revisions in one transaction, unless another process just did.

    A file with data is copied first; if the migration fails, the copy is restored.
    Raise StorageError.
    """
    copy = path.with_name(f"{path.name}.backup.{found}")
    is_copied = is_done = False
    try:
        # No other process writes between the copy and the first revision, so the copy has the state before it.
        with _one_at_a_time, _writing(path, busy_timeout_seconds) as connection:
            if _load_version(connection) == found:
                if found:
                    backup_file(path, copy)
                    is_copied = True
                    logger.info("%s: changing the tables of schema %s, a copy is %s", path, found, copy.name)
                _upgrade(connection, versions)
                if found:
                    # Without statistics of a new index, SQLite takes a worse one.
                    connection.exec_driver_sql("PRAGMA analysis_limit = 400")
                    connection.exec_driver_sql("ANALYZE")
        is_done = True
    except (CommandError, StorageError) as error:
        kept = f" (its schema was not changed; a copy is {copy.name})" if is_copied else ""
        text = str(error) if isinstance(error, StorageError) else f"{path}: {error}"
        raise StorageError(f"{text}{kept}") from error
    finally:
        if is_copied and not is_done:
            restore_file(copy, path)


def create_former(path: Path, schema: int) -> None:
    """Create an empty database of an earlier schema; raise StorageError if there was none with that number."""
    os.close(create_file(path, file_mode()))
    try:
        with _one_at_a_time, _writing(path, BUSY_TIMEOUT_SECONDS) as connection:
            _upgrade(connection, VERSIONS, to=f"{schema:04}")
    except CommandError as error:
        raise StorageError(f"there was no ListSync with schema {schema}: take another backup") from error


@contextmanager
def _writing(path: Path, busy_timeout_seconds: float) -> Iterator[Connection]:
    # Foreign keys are off, because rebuilding a table drops the old one, and that would delete rows of its children.
    # (sqlite.org/lang_altertable.html, section 7)
    engine = build_engine(
        path, writes=True, busy_timeout_seconds=busy_timeout_seconds, foreign_keys=False, pool=NullPool
    )
    with translated_errors(path), engine.begin() as connection:
        # Otherwise SQLite refuses to rename a table that a view or trigger of the user's reads.
        connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
        yield connection


def _load_version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(schema_version.name):
        return 0
    return connection.execute(select(func.max(schema_version.c.version))).scalar()


def _upgrade(connection: Connection, versions: Sequence[Path], *, to: str = "head") -> None:
    config = Config()
    config.set_main_option("script_location", _literal(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(_literal(folder) for folder in versions))
    config.attributes["connection"] = connection
    # Alembic logs "Running upgrade", which readers of our log would mistake for a running sync.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    command.upgrade(config, to)


def _literal(folder: Path) -> str:
    # Alembic interpolates percent signs.
    return str(folder).replace("%", "%%")
