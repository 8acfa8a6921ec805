"""Small files that hold one secret: only what we ourselves can have written counts."""

import errno
import os
import stat
from pathlib import Path

from list_sync.files.modes import SECRET_MODE, create_file
from list_sync.files.written import give_to_owner_of

_SIZE_BYTES = 1000


def read_secret(path: Path) -> str:
    """Return the text of a file that is no link, and no other user's, and that others cannot write.

    Raise OSError, or ValueError for a text that is not ASCII.
    """
    _require_own(path.lstat(), path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        _require_own(os.fstat(descriptor), path)
        return os.read(descriptor, _SIZE_BYTES).decode("ascii").strip()
    finally:
        os.close(descriptor)


def write_secret(path: Path, secret: str) -> None:
    """Make a file that only its owner, that of the folder, may read; raise OSError if the name is taken."""
    descriptor = create_file(path, SECRET_MODE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{secret}\n")
    give_to_owner_of(path.parent, path)


def _require_own(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise PermissionError(errno.EPERM, "it is no file", str(path))
    if status.st_uid not in (os.geteuid(), path.parent.stat().st_uid, 0):
        raise PermissionError(errno.EPERM, "it belongs to another user", str(path))
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EPERM, "other users can write it", str(path))
