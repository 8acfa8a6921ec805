"""Folders for unfinished work: a lock in each shows whether the process that made it is still running."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from list_sync.errors import FolderInUse, StorageError
from list_sync.files.lock import FileLock

_LOCK = "lock"


class Claim:
    """A folder that belongs to this process until the process ends, however it ends."""

    def __init__(self, path: Path, lock: FileLock) -> None:
        self.path = path
        self._lock = lock

    def rename(self, path: Path) -> None:
        """Rename the folder; the claim stays."""
        self.path.rename(path)
        self.path = path

    def discard(self) -> None:
        """Remove the folder and its contents, as far as that is possible."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()

    def release(self) -> None:
        """Give up the claim; another process may take the folder over."""
        self._lock.release()


def claim_folder(path: Path) -> Claim:
    """Make a folder for unfinished work; raise FolderInUse if it exists, OSError if it cannot be made."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        raise FolderInUse(f"another ListSync works in {path}: wait for it to end") from None
    claim = take_over(path)
    if claim is None:
        raise FolderInUse(f"another ListSync removed {path}: try again")
    return claim


@contextmanager
def claimed_folder(path: Path) -> Iterator[Path]:
    """Yield a folder from claim_folder, and remove it at the end."""
    claim = claim_folder(path)
    try:
        yield path
    finally:
        claim.discard()


def discard_abandoned(path: Path) -> None:
    """Remove a folder if the process that worked in it has ended; leave a folder that cannot be removed."""
    with suppress(FolderInUse, StorageError):
        claim = take_over(path)
        if claim is not None:
            claim.discard()


def take_over(path: Path, *, timeout_seconds: float = 0.0) -> Claim | None:
    """Claim an existing folder; return None if there is none, raise FolderInUse while its maker is running."""
    # Without locks, processes cannot be told apart, but only one at a time should work here anyway.
    lock = FileLock(path / _LOCK, is_optional=True)
    try:
        if not lock.acquire(timeout_seconds=timeout_seconds):
            raise FolderInUse(f"another ListSync works in {path}: wait for it to end")
    except StorageError:
        if path.is_dir():
            raise
        return None
    return Claim(path, lock)
