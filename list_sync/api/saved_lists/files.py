"""Loads the bytes of saved lists from files and archives, with a limit on the size."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from list_sync.api.saved_lists.entries import SERVICE
from list_sync.errors import InvalidListId, Refused, ResourceNotFound, UnexpectedResponse

MAX_BYTES = 32 * 1024 * 1024
MAX_MEMBERS = 5_000
ZIP_MARK = b"PK\x03\x04"
FOLDER = "the drop folder (DATA_DIR/drop)"
_LISTS = (".csv", ".json", ".txt", ".tsv", ".xml", ".rss")
# Letterboxd's export also holds what its user deleted.
_NOT_LISTS = frozenset({"deleted", "orphaned", "__macosx"})
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError)


def load_file(path: Path) -> bytes:
    """Return the bytes of a file; raise the matching error if it is missing, unreadable or too large."""
    try:
        # Opening a pipe would wait without end, so the kind of file is checked first.
        if not stat.S_ISREG(path.stat().st_mode):
            raise InvalidListId(f'"{path.name}" is not a file: write the name of one file')
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ResourceNotFound(SERVICE, f"not found: put the file into {FOLDER}, or correct its name") from error
    except PermissionError as error:
        raise Refused(SERVICE, "the file may not be read: make it readable for the user that runs ListSync") from error
    except OSError as error:
        raise UnexpectedResponse(SERVICE, f"the file cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise UnexpectedResponse(SERVICE, "the file is larger than 32 MB: split it into several lists")
    return content


def is_archive(content: bytes) -> bool:
    """Return whether the bytes are those of a ZIP archive."""
    return content.startswith(ZIP_MARK)


def unpack(content: bytes, label: str) -> bytes:
    """Return the bytes of a list; if they are an archive, those of the only list in it."""
    if not is_archive(content):
        return content
    names = find_members(content)
    if len(names) == 1:
        return read_member(content, names[0])
    what = f'several lists: name one of them, as in "{label}/{names[0]}"' if names else "no list"
    raise InvalidListId(f"the archive holds {what}")


def find_members(content: bytes) -> tuple[str, ...]:
    """Return the names of the files in an archive that may be lists; raise UnexpectedResponse if it is broken."""
    with _opened(content) as archive:
        infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise UnexpectedResponse(SERVICE, f"an archive of {len(infos)} files: not the export of an account")
    names = (info.filename for info in infos if not info.is_dir())
    return tuple(name for name in names if name.lower().endswith(_LISTS) and not _is_left_out(name))


def _is_left_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return any(part.lower() in _NOT_LISTS or part in ("..", "") for part in parts[:-1])


def read_member(content: bytes, name: str, *, limit: int = MAX_BYTES) -> bytes:
    """Return a file of an archive; raise ResourceNotFound if it is missing, UnexpectedResponse if it is broken.

    With a smaller `limit`, return only the beginning of the file.
    """
    with _opened(content) as archive:
        if name not in archive.NameToInfo:
            raise ResourceNotFound(SERVICE, f'not found: the archive holds no "{name}"')
        with archive.open(name) as member:
            found = member.read(min(limit, MAX_BYTES) + 1)
    if len(found) > MAX_BYTES:
        raise UnexpectedResponse(SERVICE, f'"{name}" in the archive is larger than 32 MB')
    return found[:limit]


@contextmanager
def _opened(content: bytes) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except _ZIP_ERRORS as error:
        words = "has a password: unpack it" if "password" in str(error) else "is broken: download it again"
        raise UnexpectedResponse(SERVICE, f"the archive {words}") from error
