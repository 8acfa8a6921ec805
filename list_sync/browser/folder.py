"""The temporary folder of a running browser, removed when the browser ends."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from list_sync.errors import StorageError
from list_sync.files.lock import FileLock

PREFIX = "list-sync-"
LOCK_NAME = "alive"
HOME = "home"
TEMPORARY = "t"
# A new profile takes 10 MB, the cache up to 32 MB, and files of shared memory the rest.
NEEDED_BYTES = 64 * 1024 * 1024
# Chromium makes a socket there. On Linux its path may have 107 characters; 66 come after this folder.
_LONGEST_PATH = 40
_SETTLED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class BrowserFolder:
    """A folder of one browser; the lock in it shows that this process is still running."""

    path: Path
    lock: FileLock

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        clear(self.path)
        self.lock.release()


def clear(path: Path) -> None:
    """Remove a folder, its lock last: while anything is left in it, the next browser still knows it as ours."""
    with contextlib.suppress(OSError):
        for entry in path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                # A killed browser may write until it has ended.
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != LOCK_NAME:
                entry.unlink()
        if list(path.iterdir()) == [path / LOCK_NAME]:
            (path / LOCK_NAME).unlink()
        path.rmdir()


def make_browser_folder(folders: Iterable[Path]) -> BrowserFolder:
    """Return a new folder in the first folder with enough space; raise OSError with the reasons if there is none."""
    complaints = []
    for folder in map(Path.resolve, folders):
        try:
            _sweep(folder)
            complaint = _find_complaint(folder)
            if complaint is None:
                return _fill(Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder)))
        except OSError as error:
            complaint = f"{folder} cannot be used ({error.strerror})"
        except StorageError as error:
            complaint = str(error)
        complaints.append(complaint)
    raise OSError("; ".join(dict.fromkeys(complaints)))


def _find_complaint(folder: Path) -> str | None:
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        return f"{folder} has {free // 2**20} MB free where a browser needs {NEEDED_BYTES // 2**20}"
    if len(os.fsencode(folder)) > _LONGEST_PATH:
        return f"the path of {folder} is longer than {_LONGEST_PATH} characters"
    return None


def _fill(path: Path) -> BrowserFolder:
    lock = FileLock(path / LOCK_NAME, is_optional=True)
    lock.acquire()
    for name in (HOME, TEMPORARY):
        (path / name).mkdir()
    return BrowserFolder(path, lock)


def _sweep(folder: Path) -> None:
    """Remove the folders of processes that were killed together with their browsers."""
    for path in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, StorageError):
            if path.stat().st_uid == os.getuid() and abs(time.time() - path.stat().st_mtime) > _SETTLED_SECONDS:
                _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    lock = FileLock(path / LOCK_NAME)
    if not lock.path.exists():
        # It is not ours, or empty: this fails if anything is in it.
        path.rmdir()
    elif lock.acquire(timeout_seconds=0):
        clear(path)
        lock.release()
