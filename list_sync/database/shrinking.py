"""Shrinks a database file with much free space, while no other process needs the file."""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from list_sync.database.looking import open_plainly
from list_sync.errors import StorageError
from list_sync.files.lock import RUN_LOCK, FileLock

# A stop may take 8 seconds in all; the long read of another program must not use them up.
CLOSING_TIMEOUT_SECONDS = 1.0


def shrink(path: Path) -> None:
    """Rewrite a file of which more than a quarter is free, unless a run is in progress or the disk is nearly full."""
    with (
        suppress(sqlite3.Error, OSError, StorageError),
        closing(open_plainly(path, CLOSING_TIMEOUT_SECONDS)) as connection,
    ):
        pages, free, page_size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        # SQLite writes the new file twice: as a temporary one, and into the write-ahead log.
        has_room = shutil.disk_usage(path.parent).free > 3 * (pages - free) * page_size
        if 4 * free > pages and has_room and not FileLock(path.with_name(RUN_LOCK)).is_held_elsewhere():
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
