"""Where a browser keeps its things while it runs: a folder of its own that goes with it."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PREFIX = "list-sync-"
LOCK_NAME = "alive"
HOME = "home"
TEMPORARY = "t"
# A fresh profile takes 10 MB, the cache up to 32, the memory that Chromium shares in files the rest.
NEEDED_BYTES = 64 * 1024 * 1024
# Chromium makes a socket there, whose whole path may have 107 characters on Linux; 66 come after this one.
_LONGEST_PATH = 40
_SETTLED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Room:
    """A folder of one browser, marked as in use by a lock that the system lifts when we are gone."""

    path: Path
    lock: int

    def leave(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self.lock)


def make_room(folders: Iterable[Path]) -> Room:
    """Return a new folder in the first of the folders that has room for one; raise OSError saying why none has."""
    complaints = []
    for folder in map(Path.resolve, folders):
        try:
            _sweep(folder)
            complaint = _find_complaint(folder)
            if complaint is None:
                return _move_in(Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder)))
        except OSError as error:
            complaint = f"{folder} cannot be used ({error.strerror})"
        complaints.append(complaint)
    raise OSError("; ".join(dict.fromkeys(complaints)))


def _find_complaint(folder: Path) -> str | None:
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        return f"{folder} has {free // 2**20} MB free where a browser needs {NEEDED_BYTES // 2**20}"
    if len(os.fsencode(folder)) > _LONGEST_PATH:
        return f"the path of {folder} is longer than {_LONGEST_PATH} characters"
    return None


def _move_in(path: Path) -> Room:
    for name in (HOME, TEMPORARY):
        (path / name).mkdir()
    lock = os.open(path / LOCK_NAME, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return Room(path, lock)


def _sweep(folder: Path) -> None:
    """Remove what was left by processes that were killed together with their browsers."""
    for path in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == os.getuid() and abs(time.time() - path.stat().st_mtime) > _SETTLED_SECONDS:
                _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    lock = os.open(path / LOCK_NAME, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)
