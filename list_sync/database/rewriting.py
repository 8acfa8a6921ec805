"""Rewrites a database file, so that no bytes of deleted rows are left in it."""

from contextlib import closing
from pathlib import Path

from list_sync.database.engines import translated_errors
from list_sync.database.looking import BUSY_TIMEOUT_SECONDS, open_plainly
from list_sync.errors import StorageUnavailable


def rewrite_file(path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
    """Write the whole file anew, and empty its write-ahead log.

    Raise StorageUnavailable while another program writes, or reads an older state of the database.
    """
    with translated_errors(path), closing(open_plainly(path, busy_timeout_seconds)) as connection:
        connection.execute("VACUUM")
        (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise StorageUnavailable(f"{path}-wal still holds what was deleted, because another program reads it")
