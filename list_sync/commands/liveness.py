"""Whether a daemon lives in a data folder: it holds a lock while it lives, and touches a file while it is well."""

import time
from pathlib import Path

from list_sync.config import StateFolder
from list_sync.files.lock import FolderLock

# The daemon touches it at least every 30 seconds.
STALE_SECONDS = 120.0


def has_daemon(folder: StateFolder) -> bool:
    """Tell whether a daemon lives; a killed one is gone at once, as the system lets go of its lock."""
    return FolderLock(folder.daemon_lock).is_held_elsewhere()


def heartbeat_age(heartbeat: Path) -> float | None:
    """Return how many seconds ago the daemon gave its last sign of life, or None if there is none.

    One that seems to lie ahead is as old as it is far: the clock was set back, and a living daemon soon gives another.
    """
    try:
        return abs(time.time() - heartbeat.stat().st_mtime)
    except OSError:
        return None


def find_trouble(heartbeat: Path) -> str:
    """Return what the daemon says is wrong with its database, "" for nothing."""
    try:
        return heartbeat.read_bytes().decode(errors="replace").strip()
    except OSError:
        return ""
