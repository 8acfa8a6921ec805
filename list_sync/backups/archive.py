"""Writes a backup: a copy of the database, made while it is in use, and small files, in one .tar.gz."""

import errno
import hashlib
import io
import os
import secrets
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from gzip import GzipFile
from pathlib import Path
from typing import IO

from list_sync.backups.unpacking import require_space
from list_sync.config import StateFolder, find_config_dir
from list_sync.config.environment import DOTENV, KEY_NAME, LARGEST_BYTES, PASSPHRASE, SECRETS_NAME, Environment
from list_sync.config.folders import find_known_folder
from list_sync.database.copying import blame, copy_whole
from list_sync.database.failures import SQLITE_ERRORS, code_of
from list_sync.database.known_backups import BACKUPS_FOLDER, MANIFEST_NAME, Manifest, Member
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import load_version
from list_sync.database.untrusted import leave_own
from list_sync.errors import ConfigError, StorageError, StorageUnavailable
from list_sync.files.lock import claimed_folder, discard_abandoned
from list_sync.files.modes import SECRET_MODE, create_file, make_folder
from list_sync.files.opening import read_file
from list_sync.files.written import give_to_owner_of, sync_to_disk
from list_sync.version import __version__

# The small files in a backup beside the database, each with a size limit that is never reached.
SMALL_FILES = {SECRETS_NAME: LARGEST_BYTES, KEY_NAME: 4096, DOTENV.name: 1024**2}
_ENDINGS = (".tar.gz", ".tgz")
_UNFINISHED = ".list-sync-backup-"
# The copy, the archive, and what `restore` makes of it take at most so many times the size of the database.
_ROOM = 3.5


def name_backup(folder: Path, now: datetime) -> Path:
    """Return where the next backup goes that has no name of its own."""
    return folder / BACKUPS_FOLDER / f"list-sync-{now.astimezone(UTC):%Y%m%d-%H%M%S}.tar.gz"


def back_up(
    target: Path, environment: Environment | None = None, *, made_at: datetime | None = None, scheduled_by: str = ""
) -> tuple[Manifest, list[str]]:
    """Write a backup of the data folder; return its manifest, and warnings about files that are not in it.

    Only DATA_DIR and CONFIG_DIR are needed, so that other wrong settings do not stop it. Raise ConfigError for an
    unsuitable name, else StorageError. `scheduled_by` is the number of the installation whose schedule asks for it.
    """
    environment = environment or Environment.open_checked()
    data_dir = environment.find_data_dir()
    folder = find_known_folder(data_dir) or StateFolder(data_dir)
    _require_good_name(target, folder)
    if not folder.database.is_file():
        raise StorageError(f"there is no database in {folder.path} (DATA_DIR), so there is nothing to back up")
    if target.absolute().parent == (folder.path / BACKUPS_FOLDER).absolute():
        # If this fails, writing into the folder fails too, and that error is reported.
        with suppress(OSError):
            make_folder(target.parent)
            give_to_owner_of(folder.path, target.parent)
    warnings: list[str] = []
    others = dict(_read_small_files(data_dir, warnings))
    manifest = write_archive(
        target,
        database=folder.database,
        others=others,
        program=__version__,
        made_at=made_at or datetime.now(UTC),
        passphrase=environment.find(PASSPHRASE),
        scheduled_by=scheduled_by,
        notes=warnings,
    )
    return manifest, warnings


def find_dotenv() -> Path | None:
    """Return the .env file in the working folder or in CONFIG_DIR: in a container, wherever it is mounted."""
    return next((path for path in (DOTENV, find_config_dir() / DOTENV.name) if path.is_file()), None)


def _require_good_name(target: Path, folder: StateFolder) -> None:
    """Raise ConfigError for a name that is not that of an archive, or that another file of ours has."""
    if target.is_dir():
        raise ConfigError(f"{target} is a folder: name a file in it, as in {target / 'list-sync.tar.gz'}")
    if not target.name.endswith(_ENDINGS):
        instead = folder.path / f"{target.name.partition('.')[0] or 'list-sync'}.tar.gz"
        raise ConfigError(f"{target}: a backup is called FILE.tar.gz, as in {instead}")


def _read_small_files(data_dir: Path, warnings: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the existing files beside the database; add a warning for a file that cannot be read."""
    # The key is read after config.enc, because it is created before config.enc.
    for path in filter(None, (data_dir / SECRETS_NAME, data_dir / KEY_NAME, find_dotenv())):
        try:
            content = read_file(path, SMALL_FILES[path.name] + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            warnings.append(f"{path} cannot be read ({error.strerror}) and is not in the backup")
            continue
        if len(content) > SMALL_FILES[path.name]:
            warnings.append(f"{path} is too large to be a file of ListSync and is not in the backup")
        else:
            yield path.name, content


def write_archive(
    target: Path,
    *,
    database: Path,
    others: Mapping[str, bytes],
    program: str,
    made_at: datetime,
    passphrase: str | None = None,
    scheduled_by: str = "",
    notes: list[str] | None = None,
) -> Manifest:
    """Write the archive beside `target`, verify it, and rename it when it is complete; return its manifest.

    Raise StorageError with the file that is damaged or cannot be written; no partial file remains. One that could not
    be restored as it is gets a line in `notes`; a scheduled one is not kept then, and this raises StorageError.
    """
    notes = notes if notes is not None else []
    with _explained(target, database, is_scheduled=bool(scheduled_by)):
        for abandoned in target.parent.glob(f"{_UNFINISHED}*"):
            discard_abandoned(abandoned)
        if scheduled_by:
            require_space(target, round(_ROOM * _find_size(database)), target.parent)
        with claimed_folder(target.with_name(f"{_UNFINISHED}{secrets.token_hex(4)}")) as place:
            copy, archive = place / database.name, place / "archive"
            copy_whole(database, copy)
            schema = load_version(copy)
            if schema == SCHEMA_VERSION and (foreign := leave_own(copy)):
                notes.append(f"not in the backup, because ListSync did not make it: {', '.join(foreign)}")
            files = {database.name: _describe_file(copy)}
            files |= {name: _describe(content) for name, content in others.items()}
            manifest = Manifest(made_at, program, schema, files, is_verified=True, scheduled_by=scheduled_by)
            _write(archive, manifest, copy, others)
            if doubt := _find_doubt(archive, target, manifest, passphrase):
                if scheduled_by:
                    raise StorageError(doubt)
                notes.append(doubt)
                archive.unlink()
                manifest = replace(manifest, is_verified=False)
                _write(archive, manifest, copy, others)
            with suppress(OSError):
                give_to_owner_of(target.parent, archive)
            archive.replace(target)
            sync_to_disk(target.parent)
    return manifest


def _find_size(database: Path) -> int:
    wal = database.with_name(f"{database.name}-wal")
    return database.stat().st_size + (wal.stat().st_size if wal.exists() else 0)


def _find_doubt(archive: Path, target: Path, manifest: Manifest, passphrase: str | None) -> str:
    """Return why an archive could not be restored as it is, "" if it could."""
    # Imported here, because it needs cryptography, and most daemons never make a backup.
    from list_sync.backups.verifying import verify

    place = archive.with_name("check")
    place.mkdir(mode=0o700)
    try:
        verify(archive, place, manifest, passphrase=passphrase)
    except StorageError as error:
        # People do not see the folder in which it is made.
        doubt = str(error).replace(str(archive), str(target)).replace(str(place), str(target.parent))
        return f"{target} could not be verified: {doubt}" if isinstance(error, StorageUnavailable) else doubt
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return ""


def _write(path: Path, manifest: Manifest, copy: Path, others: Mapping[str, bytes]) -> None:
    # It holds secrets.
    descriptor = create_file(path, SECRET_MODE)
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
def _explained(target: Path, database: Path, *, is_scheduled: bool) -> Iterator[None]:
    try:
        yield
    except (*SQLITE_ERRORS, OSError) as error:
        if _is_full(error):
            instead = "lower BACKUP_KEEP" if is_scheduled else "name a file on another disk"
            text = f"{target}: the disk is full: free some space, or {instead}"
        elif isinstance(error, OSError):
            instead = f"name a file in the data folder, as in {database.with_name(target.name)}"
            if is_scheduled:
                instead = f"let the user that runs ListSync (uid {os.geteuid()}) write in {target.parent}"
            text = f"{target} cannot be written ({error.strerror}): {instead}"
        else:
            raise blame(error, database, target) from error
        raise StorageError(text) from error


def _is_full(error: Exception) -> bool:
    return code_of(error) == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
