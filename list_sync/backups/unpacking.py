"""Reads a backup (an archive, a folder or a database file) without trusting anything in it."""

import hashlib
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from pathlib import Path, PurePosixPath
from typing import IO, cast

from list_sync.database.known_backups import LARGEST_MANIFEST, MANIFEST_NAME, Manifest, parse_manifest
from list_sync.errors import StorageError
from list_sync.files.exchange import COMPANIONS
from list_sync.files.opening import open_file, read_file
from list_sync.model.shown import shown_bytes

# A hundred times the size of a database with 20,000 titles (15 MB, measured).
LARGEST_DATABASE = 2 * 1024**3
_MOST_MEMBERS = 10_000
# More than the headers of one member need, which tarfile keeps in memory; its contents are read in pieces.
_LARGEST_HEADER = 1024**2
# For each digit of a long number in a header, tarfile before Python 3.11.10 looks at all that follow it.
_LONG_NUMBER = re.compile(rb"\d{40}")
_PIECE = 256 * 1024
_GZIP_BEGINNING = b"\x1f\x8b"
SQLITE_BEGINNING = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The file name of the database, and the names of the small files beside it with the maximal size of each.

    The whole archive, with all other files, may have `total` bytes.
    """

    database: str
    others: Mapping[str, int]
    total: int = 2 * LARGEST_DATABASE

    def find_limit(self, name: str) -> int | None:
        """Return the maximal size of a file with this name, or None if it is not wanted."""
        if name in (self.database, *(f"{self.database}{ending}" for ending in COMPANIONS)):
            return LARGEST_DATABASE
        return LARGEST_MANIFEST if name == MANIFEST_NAME else self.others.get(name)


def unpack(source: Path, folder: Path, wanted: Wanted) -> Manifest | None:
    """Unpack the files of a backup into an empty folder; return the checked manifest if it is an archive of ours.

    Raise StorageError if the source is damaged, no backup, or malicious.
    """
    if source.is_dir():
        _copy_database(source / wanted.database, folder / wanted.database)
        for name, limit in wanted.others.items():
            _require_small(source / name, limit)
            _copy(source / name, folder / name)
        return None
    try:
        beginning = read_file(source, len(SQLITE_BEGINNING))
    except OSError as error:
        raise StorageError(f"{source} cannot be read ({error.strerror})") from error
    if beginning.startswith(_GZIP_BEGINNING):
        return _unpack_archive(source, folder, wanted)
    if beginning != SQLITE_BEGINNING:
        raise StorageError(f"{source} is not a backup: neither a .tar.gz of `list-sync backup` nor a database")
    _copy_database(source, folder / wanted.database)
    return None


def _require_small(path: Path, limit: int) -> None:
    if path.is_file() and path.stat().st_size > limit:
        raise StorageError(f"{path} is not restored: it is larger than such a file can be")


def _copy_database(source: Path, target: Path) -> None:
    # The shared-memory file is of no use to another process; a log or journal holds data that the database file lacks.
    for ending in ("", "-wal", "-journal"):
        _copy(source.with_name(f"{source.name}{ending}"), target.with_name(f"{target.name}{ending}"))


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        require_space(source, source.stat().st_size, target.parent)
        with open_file(source) as reading, target.open("xb") as writing:
            shutil.copyfileobj(reading, writing, _PIECE)


def _unpack_archive(source: Path, folder: Path, wanted: Wanted) -> Manifest | None:
    with _read_as_archive(source, wanted.total) as archive:
        chosen = _choose(source, archive, wanted)
    require_space(source, sum(chosen.values()), folder)
    with _read_as_archive(source, wanted.total) as archive:
        found = {
            PurePosixPath(member.name).name: _extract(source, archive, member, folder)
            for member in archive
            if member.name in chosen
        }
    if MANIFEST_NAME not in found:
        return None
    return _check_manifest(source, folder / MANIFEST_NAME, found)


def _choose(source: Path, archive: tarfile.TarFile, wanted: Wanted) -> dict[str, int]:
    """Check all members; return those to unpack, with their sizes."""
    found: dict[PurePosixPath, dict[str, tarfile.TarInfo]] = {}
    for number, member in enumerate(archive):
        path = PurePosixPath(member.name)
        _require_harmless(source, member, path, number)
        limit = wanted.find_limit(path.name)
        if limit is None or member.isdir() or len(path.parts) > 2:
            continue
        if member.size > limit:
            raise StorageError(f"{source} is not unpacked: {member.name} in it is larger than such a file can be")
        beside = found.setdefault(path.parent, {})
        if path.name in beside:
            raise StorageError(f"{source} holds {member.name} twice: unpack it and name the database that you mean")
        beside[path.name] = member
    folders = sorted((folder for folder in found if wanted.database in found[folder]), key=lambda one: len(one.parts))
    if not folders:
        raise StorageError(f"{source} is not a backup of ListSync: there is no {wanted.database} in it")
    if len(folders) > 1 and len(folders[0].parts) == len(folders[1].parts):
        raise StorageError(f"{source} holds several databases: unpack it and name the one that you mean")
    return {member.name: member.size for member in found[folders[0]].values()}


def _require_harmless(source: Path, member: tarfile.TarInfo, path: PurePosixPath, number: int) -> None:
    if path.is_absolute() or ".." in path.parts:
        raise StorageError(f"{source} is not unpacked: {member.name!r} in it leads out of its folder")
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise StorageError(f"{source} is not unpacked: {member.name!r} in it is a link or not a plain file")
    if number >= _MOST_MEMBERS:
        raise StorageError(f"{source} is not unpacked: it holds more than {_MOST_MEMBERS:,} files")


def _extract(source: Path, archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> tuple[int, str]:
    """Write a member into the folder; return its size and checksum."""
    content = archive.extractfile(member)
    digest, size = hashlib.sha256(), 0
    with (folder / PurePosixPath(member.name).name).open("xb") as writing:
        while content and (piece := content.read(_PIECE)):
            digest.update(piece)
            size += len(piece)
            writing.write(piece)
    if size != member.size:
        raise _damaged(source)
    return size, digest.hexdigest()


def _check_manifest(source: Path, path: Path, found: dict[str, tuple[int, str]]) -> Manifest:
    try:
        manifest = parse_manifest(read_file(path))
    except ValueError as error:
        raise StorageError(f"{source}: {MANIFEST_NAME} in it cannot be read: take another backup") from error
    path.unlink()
    stated = {name: (member.size, member.sha256) for name, member in manifest.members.items()}
    if stated != {name: facts for name, facts in found.items() if name != MANIFEST_NAME}:
        raise _damaged(source)
    return manifest


@contextmanager
def _read_as_archive(source: Path, total: int) -> Iterator[tarfile.TarFile]:
    """Yield the members of an archive; damage anywhere in it, up to its last byte, is an error."""
    with open_file(source) as file:
        stream = _Stream(source, file, total)
        try:
            with _Archive(fileobj=cast(IO[bytes], stream)) as archive:
                yield archive
            stream.finish()
        # For an invalid header, tarfile does not always raise an error of its own.
        except (
            tarfile.TarError,
            EOFError,
            BadGzipFile,
            zlib.error,
            ValueError,
            OverflowError,
            RecursionError,
        ) as error:
            raise _damaged(source) from error


class _Archive(tarfile.TarFile):
    """An archive whose stream knows when headers are read."""

    def next(self) -> tarfile.TarInfo | None:
        """Return the next member; None at the end."""
        with cast(_Stream, self.fileobj).limited():
            return super().next()


class _Stream:
    """The unpacked bytes of an archive as a stream for tarfile, limited to the maximal size."""

    def __init__(self, source: Path, file: IO[bytes], total: int) -> None:
        self._source = source
        self._total = total
        self._unpacked = GzipFile(fileobj=file)
        self._last = b""
        self._left_for_header: int | None = None

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Read no more here than the headers of one member may have: its real one, and those that add to it."""
        self._left_for_header = _LARGEST_HEADER
        try:
            yield
        finally:
            self._left_for_header = None

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        if not 0 <= size <= _LARGEST_HEADER:
            raise _damaged(self._source)
        self._last = self._unpacked.read(size)
        if self._left_for_header is not None:
            self._left_for_header -= size
            has_long_number = size > tarfile.BLOCKSIZE and _LONG_NUMBER.search(self._last)
            if self._left_for_header < 0 or has_long_number:
                raise _damaged(self._source)
        return self._last

    def seek(self, position: int) -> int:
        """Skip forward. Going back is refused, because a negative size would cause an endless loop."""
        if position < self._unpacked.tell():
            raise _damaged(self._source)
        if position > self._total:
            raise StorageError(f"{self._source} is not unpacked: it would grow beyond {self._total >> 20:,} MB")
        return self._unpacked.seek(position)

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._unpacked.tell()

    def finish(self) -> None:
        """Raise StorageError unless the archive ends in zeros, as it should, and its checksum is right."""
        is_ended = len(self._last) == tarfile.BLOCKSIZE
        while self._last:
            if self._last.strip(b"\0") or self._unpacked.tell() > self._total:
                is_ended = False
                break
            self._last = self._unpacked.read(_PIECE)
        if not is_ended:
            raise _damaged(self._source)


def require_space(source: Path, size: int, folder: Path) -> None:
    """Raise StorageError unless a folder has room for what a file needs."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise StorageError(f"{source} needs {shown_bytes(size)}, and {shown_bytes(free)} are free: free some space")


def _damaged(source: Path) -> StorageError:
    return StorageError(f"{source} is damaged: take another backup")
