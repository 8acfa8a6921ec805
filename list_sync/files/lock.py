"""The lock of a data folder: one process at a time runs a sync there."""

import fcntl
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from list_sync.errors import FolderInUse, StorageError

# Held for the time of a sync; the file stays, and tells that there was one in its folder.
RUN_LOCK = "run.lock"
_LOOK_AGAIN_SECONDS = 0.2


class FolderLock:
    """A lock on a file, which the system lets go of when its holder ends, however it ends.

    As a context manager it does not wait: it raises FolderInUse when the lock is held elsewhere.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, *, timeout_seconds: float | None = None, stop: threading.Event | None = None) -> bool:
        """Take the lock, waiting up to a time, or with None for as long as it takes; False when it was not to be had.

        Raise StorageError when the file cannot be made.
        """
        if self._descriptor is not None:
            return True
        waiting = stop or threading.Event()
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while not waiting.is_set():
            if self._try():
                return True
            left = _LOOK_AGAIN_SECONDS if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return False
            waiting.wait(min(left, _LOOK_AGAIN_SECONDS))
        return False

    def release(self) -> None:
        """Let go of the lock; the file stays, as removing it could part two holders."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def renew(self) -> None:
        """Take the lock on the file that is at its place now, where that is another one than was locked."""
        if self._descriptor is None or self._is_in_place(self._descriptor):
            return
        former, self._descriptor = self._descriptor, None
        try:
            is_taken = self._try()
        except StorageError:
            is_taken = False
        if is_taken:
            os.close(former)
        else:
            self._descriptor = former

    def is_held_elsewhere(self) -> bool:
        """Tell whether another holder has the lock at this moment."""
        if self._descriptor is not None or not self.path.exists():
            return False
        if self._try():
            self.release()
            return False
        return True

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

    def _try(self) -> bool:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise self._explain(error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError as error:
            os.close(descriptor)
            raise self._explain(error) from error
        self._descriptor = descriptor
        return True

    def _explain(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self.path} cannot be locked ({error.strerror}): give the user that runs ListSync (uid {os.geteuid()})"
            f" write access to {self.path.parent}, on a disk that can lock files"
        )
