"""Locks that keep processes apart: on files, and on folders for unfinished work."""

import fcntl
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from list_sync.errors import FolderInUse, StorageError, SyncCancelled
from list_sync.files.modes import file_mode
from list_sync.files.written import give_to_owner_of

logger = logging.getLogger(__name__)

# Held during a sync; the file stays, and shows that there was a sync in its folder.
RUN_LOCK = "run.lock"
# The lock in a folder shows whether the process that made the folder is still running.
_FOLDER_LOCK = "lock"
_LOOK_AGAIN_SECONDS = 0.2


class FileLock:
    """A lock on a file; the system releases it when its holder ends, however it ends.

    As a context manager it does not wait: it raises FolderInUse when another process holds the lock. An optional lock
    counts as taken on a disk that cannot lock files, as some network shares cannot. `explain` makes the StorageError.
    """

    def __init__(
        self, path: Path, *, is_optional: bool = False, explain: Callable[[OSError], StorageError] | None = None
    ) -> None:
        self.path = path
        self._explain = explain or self._cannot_be_locked
        self._is_optional = is_optional
        self._descriptor: int | None = None

    def acquire(self, *, timeout_seconds: float | None = None, stop: threading.Event | None = None) -> bool:
        """Take the lock, waiting up to a time, or without a limit for None; return False if it was not free.

        Raise StorageError when the file cannot be made or locked; its folder must exist.
        """
        waiting = stop or threading.Event()
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while self._descriptor is None and not waiting.is_set():
            self._descriptor = self._try()
            left = _LOOK_AGAIN_SECONDS if deadline is None else deadline - time.monotonic()
            if self._descriptor is None and left <= 0:
                return False
            if self._descriptor is None:
                waiting.wait(min(left, _LOOK_AGAIN_SECONDS))
        return self._descriptor is not None

    def release(self) -> None:
        """Release the lock; the file stays, because without it two processes could hold two locks of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def renew(self) -> None:
        """Lock the file that is at the path now, if that is not the one that was locked."""
        if self._descriptor is None or self._is_in_place(self._descriptor):
            return
        with suppress(StorageError):
            descriptor = self._try()
            if descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = descriptor

    def is_held_elsewhere(self) -> bool:
        """Return whether another holder has the lock at this moment."""
        if self._descriptor is not None or not self.path.exists():
            return False
        is_free = self.acquire(timeout_seconds=0)
        self.release()
        return not is_free

    def __enter__(self) -> Self:
        if not self.acquire(timeout_seconds=0):
            raise FolderInUse(f"{self.path.parent} is in use by another ListSync: stop that one, or wait for it")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.release()

    def _is_in_place(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self.path.stat())
        except OSError:
            return False

    def _try(self) -> int | None:
        """Return the open file if it could be locked now, else None."""
        while True:
            try:
                descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, file_mode())
            except OSError as error:
                raise self._explain(error) from error
            with suppress(OSError):
                give_to_owner_of(self.path.parent, self.path)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
            except OSError as error:
                if not self._is_optional:
                    os.close(descriptor)
                    raise self._explain(error) from error
            # Another process may have removed or replaced the file before we had the lock.
            if self._is_in_place(descriptor):
                return descriptor
            os.close(descriptor)

    def _cannot_be_locked(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self.path} cannot be locked ({error.strerror}): give the user that runs ListSync (uid {os.geteuid()})"
            f" write access to {self.path.parent}, on a disk that can lock files"
        )


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
    lock = FileLock(path / _FOLDER_LOCK, is_optional=True)
    try:
        if not lock.acquire(timeout_seconds=timeout_seconds):
            raise FolderInUse(f"another ListSync works in {path}: wait for it to end")
    except StorageError:
        if path.is_dir():
            raise
        return None
    return Claim(path, lock)


def wait_for_run_lock(folder: Path, *, stop: threading.Event) -> FileLock:
    """Return the lock that is held during a sync; raise SyncCancelled if the stop event is set first."""
    lock = FileLock(folder / RUN_LOCK)
    if lock.is_held_elsewhere():
        logger.info("another process syncs with %s: waiting for it to end", folder)
    if not lock.acquire(timeout_seconds=None, stop=stop):
        raise SyncCancelled("stopped while waiting for another process's sync to end")
    return lock


@contextmanager
def holding_run_lock(folder: Path, *, stop: threading.Event) -> Iterator[None]:
    """Keep syncs out meanwhile; wait as wait_for_run_lock does."""
    lock = wait_for_run_lock(folder, stop=stop)
    try:
        yield
    finally:
        lock.release()
