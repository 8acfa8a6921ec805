"""Folders for unfinished work: whose maker lives, nobody else touches; one that a killed process left can be told."""

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from list_sync.errors import FolderInUse

_LOCK = "lock"
_LOOK_AGAIN_SECONDS = 0.02


class Claim:
    """A folder that is ours until we end, however that happens."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def rename(self, path: Path) -> None:
        """Call the folder something else; it stays ours."""
        self.path.rename(path)
        self.path = path

    def discard(self) -> None:
        """Remove the folder with all that is in it, as far as that is possible."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()

    def release(self) -> None:
        """Leave the folder to whoever claims it next."""
        os.close(self._descriptor)


def claim_folder(path: Path) -> Claim:
    """Make a folder for unfinished work; raise FolderInUse if it is there, OSError if it cannot be made."""
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
    """Give a folder as claim_folder makes it that is gone in the end."""
    claim = claim_folder(path)
    try:
        yield path
    finally:
        claim.discard()


def discard_abandoned(path: Path) -> None:
    """Remove a folder if the process that worked in it is dead; one that cannot be removed is left alone."""
    with suppress(FolderInUse, OSError):
        claim = take_over(path)
        if claim is not None:
            claim.discard()


def take_over(path: Path, *, timeout_seconds: float = 0.0) -> Claim | None:
    """Claim a folder that is there, None if it is not; raise FolderInUse if its maker is alive and stays so."""
    deadline = time.monotonic() + timeout_seconds
    waiting = threading.Event()
    while True:
        try:
            descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except (FileNotFoundError, NotADirectoryError):
            return None
        is_ours = _lock(descriptor)
        # Its maker may have renamed or removed it while we waited.
        if is_ours and _is_at(descriptor, path / _LOCK):
            return Claim(path, descriptor)
        os.close(descriptor)
        if not is_ours and time.monotonic() >= deadline:
            raise FolderInUse(f"another ListSync works in {path}: wait for it to end")
        waiting.wait(_LOOK_AGAIN_SECONDS)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network shares know no locks; nobody can be told apart there, and one at a time is the rule.
        return True
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
