"""Makes files of ours with the right mode: for their owner and its group, secrets for the owner alone.

A name is never followed to another place: who may write into a folder could put a link there.
"""

import errno
import glob
import os
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from list_sync.files.written import give_to_owner_of, sync_to_disk

DEFAULT_UMASK = "027"
SECRET_MODE = 0o600
_OTHERS = 0o007


class _Umask:
    """UMASK of this process. The umask of the system is not changed, because it belongs to the whole process."""

    bits = int(DEFAULT_UMASK, 8)


def use_umask(umask: str) -> None:
    """Make files and folders from now on without the rights in these octal digits."""
    _Umask.bits = int(umask, 8)


def file_mode() -> int:
    """Return the mode of files that are no secrets."""
    return 0o666 & ~_Umask.bits


def make_folder(path: Path) -> None:
    """Make a folder and those above it; one that exists stays as it is. Raise OSError."""
    for missing in reversed([folder for folder in (path, *path.parents) if not folder.exists()]):
        missing.mkdir(exist_ok=True)
        missing.chmod(0o777 & ~_Umask.bits)
    path.mkdir(exist_ok=True)


def make_group_folder(path: Path) -> None:
    """Make a folder in which users of the group may put files, which keep its group; raise OSError."""
    path.mkdir()
    give_to_owner_of(path.parent, path)
    path.chmod(0o2777 & ~(_Umask.bits & ~0o070))


def create_file(path: Path, mode: int, *, folder: int | None = None) -> int:
    """Make a new file with exactly this mode, and return its descriptor; raise OSError if the name is taken.

    The path starts at an open folder if one is given.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode, dir_fd=folder)
    os.fchmod(descriptor, mode)
    return descriptor


def create_beside(path: Path, mode: int) -> tuple[int, Path]:
    """Make a new file with a random name beside `path`, which it is to replace; remove those that a kill left there.

    The caller holds the lock of `path`.
    """
    for left in find_unfinished(path):
        left.unlink(missing_ok=True)
    temporary = path.with_name(_unfinished_name(path.name, secrets.token_hex(8)))
    return create_file(temporary, mode), temporary


def replace_file(path: Path, content: bytes, mode: int, *, owner: tuple[int, int] | None = None) -> None:
    """Replace a file: after a power cut, either the old or the new one is there. Raise OSError.

    The new one has the owner of its folder, or `owner`, as far as the system allows that.
    """
    descriptor, temporary = create_beside(path, SECRET_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            with suppress(OSError):
                if owner is None:
                    give_to_owner_of(path.parent, temporary)
                else:
                    os.fchown(file.fileno(), *owner)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_to_disk(path.parent)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def find_unfinished(path: Path) -> list[Path]:
    """Return the files of create_beside that were not finished, with what SQLite made beside them."""
    return list(path.parent.glob(f"{_unfinished_name(glob.escape(path.name), '*')}*"))


def _unfinished_name(name: str, number: str) -> str:
    return f".{name.lstrip('.')}.{number}.new"


def open_own(path: Path, *, folder: int | None = None) -> int:
    """Open a small file of ours for writing, and make it if it is missing; a link in its place is removed.

    The path starts at an open folder if one is given. Raise OSError, also for a pipe or a device.
    """
    flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        return os.open(path, flags, dir_fd=folder)
    except FileNotFoundError:
        return create_file(path, file_mode(), folder=folder)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    os.unlink(path, dir_fd=folder)
    return create_file(path, file_mode(), folder=folder)


def write_own(path: Path, text: str) -> None:
    """Replace the text of a small file of ours, as open_own opens it, for the owner of its folder."""
    with os.fdopen(open_own(path), "w", encoding="utf-8") as file:
        file.truncate()
        file.write(text)
    give_to_owner_of(path.parent, path)


def can_others_write(path: Path) -> bool:
    """Return whether every user of the machine may write a file or folder, and enter the folder that it is in."""
    try:
        return bool(path.stat().st_mode & stat.S_IWOTH and path.parent.stat().st_mode & stat.S_IXOTH)
    except OSError:
        return False


def find_open_to_others(paths: Iterable[Path]) -> list[Path]:
    """Return the plain files that every user of the machine may read or write, if they may enter their folder."""
    found = []
    for path in paths:
        try:
            is_open = path.is_file() and path.stat().st_mode & _OTHERS and path.parent.stat().st_mode & 0o001
        except OSError:
            continue
        if is_open:
            found.append(path)
    return found
