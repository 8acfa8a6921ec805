"""One daemon works in a data folder at a time: it holds a lock for as long as it is alive."""

import logging
import threading

from list_sync.config import StateFolder
from list_sync.files.lock import FileLock

logger = logging.getLogger(__name__)

# A process that tests the lock holds it for a moment.
TEST_SECONDS = 0.5
# How often a waiting daemon tries to take over.
TAKE_OVER_SECONDS = 3.0


def has_daemon(folder: StateFolder) -> bool:
    """Return whether a daemon is alive; the system releases the lock of a killed one at once."""
    return FileLock(folder.daemon_lock).is_held_elsewhere()


def become_leader(leadership: FileLock, stop: threading.Event) -> bool:
    """Return True once no other daemon works in the folder, False if the stop event is set first."""
    if leadership.acquire(timeout_seconds=TEST_SECONDS, stop=stop):
        return True
    folder = leadership.path.parent
    if not stop.is_set():
        logger.info("another ListSync works in %s: this one waits, and takes over when that one ends", folder)
    while not stop.wait(TAKE_OVER_SECONDS):
        if leadership.acquire(timeout_seconds=0):
            logger.info("the other ListSync in %s ended: this one takes over", folder)
            return True
    return False
