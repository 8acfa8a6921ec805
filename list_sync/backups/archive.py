"""Writes an archive: a copy of the database, made while it is in use, and small files, in one .tar.gz."""

import errno
import hashlib
import io
import os
import secrets
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from gzip import GzipFile
from pathlib import Path
from typing import IO

from list_sync.database.copying import blame, copy_whole
from list_sync.database.failures import SQLITE_ERRORS
from list_sync.database.known_backups import MANIFEST_NAME, Manifest, Member
from list_sync.database.store import load_version
from list_sync.errors import StorageError
from list_sync.files.claims import claimed_folder, discard_abandoned
from list_sync.files.written import give_to_owner_of, sync_to_disk

_UNFINISHED = ".list-sync-backup-"


def write_archive(
    target: Path, *, database: Path, others: Mapping[str, bytes], program: str, made_at: datetime
) -> Manifest:
    """Write the archive beside `target`, and rename it when it is complete; return its manifest.

    Raise StorageError with the file that is damaged or cannot be written; no partial file remains.
    """
    with _explained(target, database):
        for abandoned in target.parent.glob(f"{_UNFINISHED}*"):
            discard_abandoned(abandoned)
        with claimed_folder(target.with_name(f"{_UNFINISHED}{secrets.token_hex(4)}")) as place:
            copy = place / database.name
            copy_whole(database, copy)
            files = {database.name: _describe_file(copy)}
            files |= {name: _describe(content) for name, content in others.items()}
            manifest = Manifest(made_at, program, load_version(copy), files)
            _write(place / "archive", manifest, copy, others)
            with suppress(OSError):
                give_to_owner_of(target.parent, place / "archive")
            (place / "archive").replace(target)
            sync_to_disk(target.parent)
    return manifest


def _write(path: Path, manifest: Manifest, copy: Path, others: Mapping[str, bytes]) -> None:
    # It holds secrets.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    moment = int(manifest.made_at.timestamp())
    with os.fdopen(descriptor, "wb") as file:
        with (
            GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=moment) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
            copy.open("rb") as database,
        ):
            # The manifest comes first, so that it can be read without unpacking the rest.
            _add(archive, manifest, MANIFEST_NAME, io.BytesIO(manifest.to_bytes()), len(manifest.to_bytes()))
            _add(archive, manifest, copy.name, database, copy.stat().st_size)
            for name, content in others.items():
                _add(archive, manifest, name, io.BytesIO(content), len(content))
        file.flush()
        os.fsync(file.fileno())


def _add(archive: tarfile.TarFile, manifest: Manifest, name: str, content: IO[bytes], size: int) -> None:
    # A folder named by its time, as in the archives of the users' guide (advanced usage, "Backup and Restore").
    member = tarfile.TarInfo(f"{manifest.made_at:%Y%m%d_%H%M%S}/{name}")
    member.size, member.mode, member.mtime = size, 0o600, int(manifest.made_at.timestamp())
    archive.addfile(member, content)


def _describe(content: bytes) -> Member:
    return Member(len(content), hashlib.sha256(content).hexdigest())


def _describe_file(path: Path) -> Member:
    with path.open("rb") as file:
        return Member(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


@contextmanager
def _explained(target: Path, database: Path) -> Iterator[None]:
    try:
        yield
    except (*SQLITE_ERRORS, OSError) as error:
        if _is_full(error):
            text = f"{target}: the disk is full: free some space, or name a file on another disk"
        elif isinstance(error, OSError):
            instead = database.with_name(target.name)
            text = f"{target} cannot be written ({error.strerror}): name a file in the data folder, as in {instead}"
        else:
            raise blame(error, database, target) from error
        raise StorageError(text) from error


def _is_full(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
