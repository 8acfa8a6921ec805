"""Bringing a database file to the present schema, with a copy to go back to; the only user of Alembic."""

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool

from list_sync.errors import StorageError
from list_sync.storage.backup import backup_file, restore_file
from list_sync.storage.engines import BUSY_TIMEOUT_SECONDS, WRITES, build_engine, translated_errors

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = (MIGRATIONS / "versions",)
# Alembic keeps its context in module globals, so two threads must not migrate at the same moment.
_one_at_a_time = threading.Lock()


def migrate(
    path: Path,
    *,
    found: int,
    versions: Sequence[Path] = VERSIONS,
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
) -> None:
    """Run every revision that the file lacks, all in one transaction.

    A file that holds anything is copied first; whatever ends the migration early, the copy is put back.
    Raise StorageError.
    """
    copy = path.with_name(f"{path.name}.backup.{found}") if found else None
    if copy is not None:
        backup_file(path, copy)
    is_done = False
    try:
        _run(path, versions, busy_timeout_seconds)
        is_done = True
    except CommandError as error:
        raise StorageError(f"{path}: {error}{_kept(copy)}") from error
    except StorageError as error:
        raise StorageError(f"{error}{_kept(copy)}") from error
    finally:
        if copy is not None and not is_done:
            restore_file(copy, path)


def _kept(copy: Path | None) -> str:
    return f" (its schema was not changed; a copy is {copy.name})" if copy else ""


def _run(path: Path, versions: Sequence[Path], busy_timeout_seconds: float) -> None:
    # Foreign keys off: rebuilding a table drops the old one, and with them on its children's rows go too.
    # (sqlite.org/lang_altertable.html, section 7)
    engine = build_engine(path, busy_timeout_seconds=busy_timeout_seconds, foreign_keys=False, pool=NullPool)
    with _one_at_a_time, translated_errors(path), engine.execution_options(**WRITES).begin() as connection:
        _upgrade(connection, versions)


def _upgrade(connection: Connection, versions: Sequence[Path]) -> None:
    config = Config()
    config.set_main_option("script_location", _literal(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(_literal(folder) for folder in versions))
    config.attributes["connection"] = connection
    # Its own lines say "Running upgrade", which readers of our log would take for a sync that runs.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    command.upgrade(config, "head")


def _literal(folder: Path) -> str:
    # Alembic interpolates percent signs.
    return str(folder).replace("%", "%%")
