"""Loads the bytes of saved lists from files and archives, with a limit on the size."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from list_sync.api.saved_lists.entries import SERVICE
from list_sync.errors import InvalidListId, Refused, ResourceNotFound, UnexpectedResponse
from list_sync.files.opening import NotAFile, open_file
from list_sync.footprint import Part, hold

MAX_BYTES = 32 * 1024 * 1024
MAX_MEMBERS = 5_000
ZIP_MARK = b"PK\x03\x04"
FOLDER = "the drop folder (DATA_DIR/drop)"
_LISTS = (".csv", ".json", ".txt", ".tsv", ".xml", ".rss")
# Letterboxd's export also holds what its user deleted.
_NOT_LISTS = frozenset({"deleted", "orphaned", "__macosx"})
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, NotImplementedError, ValueError),
    *(OverflowError, IndexError),
)
# zipfile reads the list of files in an archive in one piece, and the files in the pieces that are asked for.
_LARGEST_DIRECTORY = 1024 * 1024
_PIECE = 64 * 1024
# The other methods of packing have no limit on what one piece becomes.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@contextmanager
def open_list(path: Path) -> Iterator[BinaryIO]:
    """Give an open file; raise the matching error if it is missing, unreadable or too large."""
    try:
        with open_file(path) as file:
            if file.seek(0, io.SEEK_END) > MAX_BYTES:
                raise UnexpectedResponse(SERVICE, "the file is larger than 32 MB: split it into several lists")
            hold(Part.DOCUMENT, file.tell())
            file.seek(0)
            yield file
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ResourceNotFound(
            SERVICE, "not found in DATA_DIR/drop: put the file there, or correct its name"
        ) from error
    except (IsADirectoryError, NotAFile) as error:
        raise InvalidListId(f'"{path.name}" is not a file: write the name of one file') from error
    except PermissionError as error:
        raise Refused(SERVICE, "the file may not be read: make it readable for the user that runs ListSync") from error
    except OSError as error:
        raise UnexpectedResponse(SERVICE, f"the file cannot be read: {error.strerror}") from error


def load_list(path: Path) -> bytes:
    """Return the bytes of a list: a file, or a file in an archive, spelled like a file in a folder."""
    archive = next(filter(os.path.isfile, path.parents), None)
    if archive is not None:
        return load_member(archive, path.relative_to(archive).as_posix())
    with open_list(path) as file:
        return _unpacked(file, path.name)


def load_member(path: Path, name: str) -> bytes:
    """Return the bytes of a list in an archive."""
    with open_list(path) as file, open_archive(file) as archive:
        return read_member(archive, name)


def unpack(content: bytes, label: str) -> bytes:
    """Return the bytes of a list; if they are an archive, those of the only list in it."""
    return _unpacked(io.BytesIO(content), label) if is_archive(content) else content


def _unpacked(file: BinaryIO, label: str) -> bytes:
    beginning = file.read(len(ZIP_MARK))
    file.seek(0)
    if not is_archive(beginning):
        return file.read(MAX_BYTES)
    with open_archive(file) as archive:
        names = find_members(archive)
        if len(names) == 1:
            return read_member(archive, names[0])
    what = f'several lists: name one of them, as in "{label}/{names[0]}"' if names else "no list"
    raise InvalidListId(f"the archive holds {what}")


def is_archive(content: bytes) -> bool:
    """Return whether the bytes are those of a ZIP archive."""
    return content.startswith(ZIP_MARK)


@contextmanager
def open_archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Give the archive in an open file; raise UnexpectedResponse if it is broken, also while it is read."""
    try:
        with zipfile.ZipFile(_InPieces(file)) as archive:
            yield archive
    except _ZIP_ERRORS as error:
        words = "has a password: unpack it" if "password" in str(error) else "is broken: download it again"
        raise UnexpectedResponse(SERVICE, f"the archive {words}") from error


class _InPieces(io.RawIOBase):
    """A file that zipfile cannot read in one large piece."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raise UnexpectedResponse for the list of files of an archive of very many files."""
        if size > _LARGEST_DIRECTORY:
            raise UnexpectedResponse(SERVICE, "an archive of too many files: not the export of an account")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place in the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Return True: every place can be reached."""
        return True


def find_members(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """Return the names of the files in an archive that may be lists."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise UnexpectedResponse(SERVICE, f"an archive of {len(infos)} files: not the export of an account")
    names = (info.filename for info in infos)
    return tuple(name for name in names if name.lower().endswith(_LISTS) and not _is_left_out(name))


def _is_left_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return any(part.lower() in _NOT_LISTS or part in ("..", "") for part in parts[:-1])


def read_member(archive: zipfile.ZipFile, name: str, *, limit: int = MAX_BYTES) -> bytes:
    """Return a file of an archive; raise ResourceNotFound if it is missing, UnexpectedResponse if it is broken.

    With a smaller `limit`, return only the beginning of the file.
    """
    info = archive.NameToInfo.get(name)
    if info is None:
        raise ResourceNotFound(SERVICE, f'not found: the archive holds no "{name}"')
    if info.compress_type not in _METHODS:
        raise UnexpectedResponse(SERVICE, f'"{name}" in the archive is packed in a rare way: pack it as a plain ZIP')
    found = io.BytesIO()
    with archive.open(info) as member:
        while found.tell() <= limit and (piece := member.read(min(_PIECE, limit + 1))):
            found.write(piece)
            hold(Part.DOCUMENT, found.tell())
    if found.tell() > MAX_BYTES:
        raise UnexpectedResponse(SERVICE, f'"{name}" in the archive is larger than 32 MB')
    found.truncate(limit)
    return found.getvalue()
