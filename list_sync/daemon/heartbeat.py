"""The files between the daemon of a data folder and other processes: its lock, its heartbeat, and one that wakes it."""

import errno
import json
import logging
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from list_sync.config.folders import StateFolder
from list_sync.files.lock import FileLock
from list_sync.files.modes import open_own, write_own
from list_sync.files.opening import read_file
from list_sync.model.households import HOME

logger = logging.getLogger(__name__)

WAKE_NAME = "daemon.wake"
HEARTBEAT_SECONDS = 15.0
STALE_SECONDS = 120.0
# A character takes up to six bytes of JSON.
LONGEST_TROUBLE = 500
LONGEST_RHYTHM = 100
LONGEST_NOTE = 300
LONGEST_SERVICE = 300
LONGEST_BACKUP = 300
# A schedule is ASCII text; of more and longer ones than these, nothing is told.
LONGEST_SCHEDULE = 100
MOST_SCHEDULES = 50
SIZE_BYTES = 18_000
# A process that tests the lock holds it for a moment.
TEST_SECONDS = 0.5
# How often a waiting daemon tries to take over.
TAKE_OVER_SECONDS = 3.0


class Heartbeat:
    """The file from which `health` and `status` learn that the daemon is alive, its trouble, and its next tasks."""

    def __init__(self, path: Path, *, rhythm: str = "") -> None:
        self._path = path
        self.rhythm = rhythm
        self.trouble = ""
        self.stall = ""
        self._troubles_of_files = ["", ""]
        self.service = ""
        self._unclaimed = ""
        self.backup_trouble = ""
        self.next_backup: datetime | None = None
        self._next_times: Mapping[str, datetime] = {}
        self._next_syncs: Mapping[str, datetime] = {}
        self._can_be_written = True
        self._was_written = False
        self._writing = threading.Lock()

    def beat(self, stall: str = "") -> None:
        """Touch the file, and write that the sync makes no progress, if so; a failure to write it is logged once."""
        # One thread must not overwrite newer trouble with older trouble.
        with self._writing:
            self.stall = stall
            try:
                self._write()
                self._can_be_written = True
            except OSError as error:
                if self._can_be_written:
                    logger.warning("the heartbeat %s cannot be written: %s", self._path, error.strerror)
                self._can_be_written = False

    def report(self, trouble: str) -> None:
        """Write what is wrong with the database, "" for nothing."""
        self.trouble = trouble
        self.beat()

    def tell_files(self, trouble: str, unclaimed: str) -> None:
        """Write what is wrong with a watched file, "" for nothing, and which files belong to no list."""
        self._troubles_of_files[0], self._unclaimed = trouble, unclaimed
        self.beat(self.stall)

    def tell_households(self, trouble: str) -> None:
        """Write what is wrong with further households, "" for nothing."""
        self._troubles_of_files[1] = trouble
        self.beat(self.stall)

    @property
    def trouble_of_files(self) -> str:
        """Return what is wrong with a watched file, also of a further household, "" for nothing."""
        return "; ".join(filter(None, self._troubles_of_files))

    def plan(self, next_times: Mapping[str, datetime], next_syncs: Mapping[str, datetime]) -> None:
        """Write when each task is due, and the next sync of each schedule."""
        self._next_times = next_times
        told = sorted(name for name in next_syncs if len(name) <= LONGEST_SCHEDULE)[:MOST_SCHEDULES]
        self._next_syncs = {name: next_syncs[name] for name in told}
        self.beat()

    def tell_backups(self, trouble: str, next_at: datetime) -> None:
        """Write when the next backup is due, and why the last one could not be made, "" if it could."""
        self.backup_trouble, self.next_backup = trouble, next_at
        self.beat(self.stall)

    def end(self) -> None:
        """Remove the file, if it can be reached."""
        with suppress(OSError):
            self._path.unlink()

    def _write(self) -> None:
        # Always of the same length, and in place: that works on a full disk.
        backups = {"backup": self.next_backup} if self.next_backup else {}
        times, syncs = _as_texts({**self._next_times, **backups}), _as_texts(self._next_syncs)
        trouble = (self.trouble or self.stall or self.trouble_of_files)[:LONGEST_TROUBLE]
        notes = {"rhythm": self.rhythm[:LONGEST_RHYTHM], "unclaimed": self._unclaimed[:LONGEST_NOTE]}
        notes |= {"service": self.service[:LONGEST_SERVICE], "backup": self.backup_trouble[:LONGEST_BACKUP]}
        content = {"trouble": trouble, "next": times, "syncs": syncs, **notes}
        text = json.dumps(content).encode().ljust(SIZE_BYTES)
        file = self._open()
        try:
            os.utime(file)
            os.pwrite(file, text, 0)
        finally:
            os.close(file)
        self._was_written = True

    def _open(self) -> int:
        # The folder is held open, because another one may take its place between the look and the writing.
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            # An empty folder in the place of ours is a mount point whose volume is missing.
            if self._was_written and not os.listdir(folder):  # noqa: PTH208
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            return open_own(Path(self._path.name), folder=folder)
        finally:
            os.close(folder)


def heartbeat_of(folder: StateFolder, household: str) -> Path:
    """Return the heartbeat of a household in the daemon of a data folder."""
    path = folder.heartbeat
    return path if household == HOME else path.with_name(f"{path.name}.{household}")


def heartbeat_age(heartbeat: Path) -> float | None:
    """Return the age of the last heartbeat, or None if there is none.

    A heartbeat in the future counts as that old: the clock was set back, and a living daemon soon writes another.
    """
    try:
        return abs(time.time() - heartbeat.stat().st_mtime)
    except OSError:
        return None


def find_trouble(heartbeat: Path) -> str:
    """Return what the daemon reports about its database, its sync or a watched file, "" for nothing."""
    return str(_load(heartbeat).get("trouble", ""))


def find_next_times(heartbeat: Path) -> dict[str, datetime]:
    """Return when the tasks of the daemon are due."""
    return _as_moments(_load(heartbeat).get("next", {}))


def find_next_syncs(heartbeat: Path) -> dict[str, datetime]:
    """Return when the lists of each schedule are synced next; those without one of their own are at ""."""
    return _as_moments(_load(heartbeat).get("syncs", {}))


def find_rhythm(heartbeat: Path) -> str:
    """Return how often the daemon syncs, "" if it has not said so."""
    return str(_load(heartbeat).get("rhythm", ""))


def find_service(heartbeat: Path) -> str:
    """Return where the service of the daemon listens, "" if it has none."""
    return str(_load(heartbeat).get("service", ""))


def find_backup_trouble(heartbeat: Path) -> str:
    """Return why the daemon could not make its last backup, "" if it could."""
    return str(_load(heartbeat).get("backup", ""))


def find_unclaimed(heartbeat: Path) -> str:
    """Return which files of the drop folder belong to no list, "" for none."""
    return str(_load(heartbeat).get("unclaimed", ""))


def _as_texts(moments: Mapping[str, datetime]) -> dict[str, str]:
    return {name: moment.isoformat() for name, moment in moments.items()}


def _as_moments(texts: Mapping[str, str]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(text) for name, text in texts.items()}


def _load(heartbeat: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_file(heartbeat))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def has_daemon(folder: StateFolder) -> bool:
    """Return whether a daemon is alive; the system releases the lock of a killed one at once."""
    return FileLock(folder.daemon_lock).is_held_elsewhere()


def wake_daemon(folder: Path) -> None:
    """Make the daemon of a data folder look into its queue at once; without that it looks once a minute."""
    with suppress(OSError):
        write_own(folder / WAKE_NAME, f"{time.time_ns()}\n")


def become_leader(leadership: FileLock, stop: threading.Event) -> bool:
    """Return True once no other daemon works in the folder, False if the stop event is set first."""
    return leads_at_once(leadership, stop) or wait_to_lead(leadership, stop)


def leads_at_once(leadership: FileLock, stop: threading.Event) -> bool:
    """Return whether no other daemon works in the folder."""
    return leadership.acquire(timeout_seconds=TEST_SECONDS, stop=stop)


def wait_to_lead(leadership: FileLock, stop: threading.Event) -> bool:
    """Wait until the other daemon of the folder ends; return False if the stop event is set first."""
    folder = leadership.path.parent
    if not stop.is_set():
        logger.info("another ListSync works in %s: this one waits, and takes over when that one ends", folder)
    while not stop.wait(TAKE_OVER_SECONDS):
        if leadership.acquire(timeout_seconds=0):
            logger.info("the other ListSync in %s ended: this one takes over", folder)
            return True
    return False
