"""Opens the files that users put in place: only plain ones, because reading a pipe or a device may never end."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


class NotAFile(OSError):
    """A pipe, a socket or a device is where a file is expected."""


def open_file(path: Path) -> BinaryIO:
    """Return a file that is open for reading; raise OSError, which is NotAFile for a pipe, a socket or a device."""
    # Opening a device may already do something, so its kind is checked before.
    _require_plain(path.stat(), path)
    # Without this flag, opening a pipe that has taken the place of the file would wait for its writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        _require_plain(os.fstat(descriptor), path)
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def read_file(path: Path, most: int = -1) -> bytes:
    """Return the first bytes of a file, or all of them; raise the errors of open_file."""
    with open_file(path) as file:
        return file.read(most)


def is_closed(path: Path) -> bool:
    """Return whether a file is there that our user may not read."""
    try:
        open_file(path).close()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def find_inside(name: str, folder: Path) -> Path | None:
    """Return the path of a name in a folder with links resolved; None if it leads out of the folder, or nowhere."""
    try:
        root = folder.resolve()
        path = (root / name).resolve()
    except (OSError, RuntimeError, ValueError):
        return None
    return path if path != root and path.is_relative_to(root) else None


def _require_plain(status: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(errno.EINVAL, "it is a pipe, a socket or a device, not a file", str(path))
