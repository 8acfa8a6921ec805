"""The heartbeat: a file that shows that the daemon is alive, and what is wrong with its database."""

import logging
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
STALE_SECONDS = 120.0
TROUBLE_BYTES = 500


class Heartbeat:
    """The file from which `list-sync health` learns that the daemon is alive, and what is wrong with its database."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._trouble = ""
        self._can_be_written = True
        self._was_written = False
        self._writing = threading.Lock()

    def keep_beating(self, stop: threading.Event) -> None:
        """Touch the file until the end."""
        while True:
            self.beat()
            if stop.wait(HEARTBEAT_SECONDS):
                return

    def beat(self) -> None:
        """Touch the file; a failure to write it is logged once."""
        # The beating thread must not overwrite newer trouble with older trouble.
        with self._writing:
            try:
                self._write()
                self._can_be_written = True
            except OSError as error:
                if self._can_be_written:
                    logger.warning("the heartbeat %s cannot be written: %s", self._path, error.strerror)
                self._can_be_written = False

    def report(self, trouble: str) -> None:
        """Note what is wrong with the database, "" for nothing."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.beat()

    @property
    def has_trouble(self) -> bool:
        """Tell whether something was wrong with the database when it was last used."""
        return bool(self._trouble)

    def end(self) -> None:
        """Remove the file, if it can be reached."""
        with suppress(OSError):
            self._path.unlink()

    def _write(self) -> None:
        # Always of the same length, and in place: that works on a full disk.
        text = self._trouble.encode()[:TROUBLE_BYTES].ljust(TROUBLE_BYTES)
        file = self._open()
        try:
            os.utime(file)
            os.pwrite(file, text, 0)
        finally:
            os.close(file)
        self._was_written = True

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_WRONLY)
        except FileNotFoundError:
            # An empty folder in the place of ours is a mount point whose volume is missing.
            if self._was_written and not any(self._path.parent.iterdir()):
                raise
            return os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o644)


def heartbeat_age(heartbeat: Path) -> float | None:
    """Return the age of the last heartbeat, or None if there is none.

    A heartbeat in the future counts as that old: the clock was set back, and a living daemon soon writes another.
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
