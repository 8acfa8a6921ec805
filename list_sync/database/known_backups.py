"""Finds existing backups: archives of `list-sync backup` by their manifest, and the copies made before a migration."""

import io
import json
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from gzip import GzipFile
from pathlib import Path, PurePosixPath
from typing import Any

from list_sync.database.failures import SQLITE_ERRORS
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.files.opening import open_file
from list_sync.model.moments import is_in_future

BACKUPS_FOLDER = "backups"
SCHEDULED_PREFIX = "list-sync-scheduled-"
MANIFEST_NAME = "list-sync-backup.json"
LARGEST_MANIFEST = 64 * 1024
_MAKER = "list-sync"
_FORM = 1
_COPIES = "list_sync.db.backup.*"
_ENDINGS = (".tar.gz", ".tgz")
_ARCHIVES = tuple(f"*{ending}" for ending in _ENDINGS)
_HEADERS = 4 * tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive, with the facts to check that it is complete."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first file of an archive: its time and program version, the schema of its database, and its files by name.

    A verified archive was read back as `restore` reads it before it got its name. `scheduled_by` is the number of the
    installation whose BACKUP_SCHEDULE made it, "" for one that was asked for.
    """

    made_at: datetime
    program: str
    schema: int
    members: Mapping[str, Member]
    is_verified: bool = False
    scheduled_by: str = ""

    def to_bytes(self) -> bytes:
        """Return the JSON text for the archive."""
        document = {
            "made_by": _MAKER,
            "form": _FORM,
            "program": self.program,
            "schema": self.schema,
            "made_at": self.made_at.astimezone(UTC).isoformat(timespec="seconds"),
            "verified": self.is_verified,
            "scheduled_by": self.scheduled_by,
            "members": {name: asdict(member) for name, member in self.members.items()},
        }
        return json.dumps(document, indent=2).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that `list-sync restore` accepts, the time of its creation, and the schema of its database.

    `is_verified` and `scheduled_by` are those of its manifest.
    """

    path: Path
    made_at: datetime
    schema: int
    is_verified: bool = False
    scheduled_by: str = ""

    @property
    def is_archive(self) -> bool:
        """Return whether it is an archive, and not a copy of the database alone."""
        return self.path.name.endswith(_ENDINGS)


def find_backups(folder: Path) -> tuple[Backup, ...]:
    """Return the backups in a data folder and in its folder `backups` that this version can restore, newest first.

    Only the beginning of each file is read; damage shows when it is restored.
    """
    usable = [backup for path in _find_files(folder) if (backup := _find_backup(path))]
    return tuple(sorted(usable, key=lambda backup: (backup.made_at, backup.path.name), reverse=True))


def find_newest_backup(folder: Path) -> Backup | None:
    """Return the backup whose file is the newest; the others are not opened."""
    return next(_newest_first(folder), None)


def find_newest_verified(folder: Path, *, now: datetime) -> Backup | None:
    """Return the newest verified backup; one from the far future was made by a wrong clock, and says nothing."""
    sound = (one for one in _newest_first(folder) if one.is_verified and not is_in_future(one.made_at, now=now))
    return next(sound, None)


def find_scheduled(folder: Path, number: str) -> tuple[Backup, ...]:
    """Return the backups in the folder `backups` that BACKUP_SCHEDULE of this installation made, in no order.

    Both the name and the manifest must say so: a renamed or copied file is the user's own.
    """
    found = (_find_backup(path) for path in _files(folder / BACKUPS_FOLDER, f"{SCHEDULED_PREFIX}*{_ENDINGS[0]}"))
    return tuple(
        one for one in found if one and one.scheduled_by == number and one.path == name_scheduled(folder, one.made_at)
    )


def name_scheduled(folder: Path, made_at: datetime) -> Path:
    """Return where a backup of BACKUP_SCHEDULE goes."""
    return folder / BACKUPS_FOLDER / f"{SCHEDULED_PREFIX}{made_at.astimezone(UTC):%Y%m%d-%H%M%S}{_ENDINGS[0]}"


def _newest_first(folder: Path) -> Iterator[Backup]:
    by_age = sorted(_find_files(folder), key=_changed_at, reverse=True)
    return (backup for path in by_age if (backup := _find_backup(path)))


def _find_files(folder: Path) -> Iterator[Path]:
    yield from _files(folder, _COPIES)
    for place in (folder, folder / BACKUPS_FOLDER):
        for pattern in _ARCHIVES:
            yield from _files(place, pattern)


def _find_backup(path: Path) -> Backup | None:
    """Return a file as a backup that this version can restore."""
    if not path.name.endswith(_ENDINGS):
        found = Backup(path, datetime.fromtimestamp(_changed_at(path), UTC), _find_schema(path) or 0)
    elif manifest := find_manifest(path):
        found = Backup(path, manifest.made_at, manifest.schema, manifest.is_verified, manifest.scheduled_by)
    else:
        return None
    return found if 0 < found.schema <= SCHEMA_VERSION else None


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def find_manifest(path: Path) -> Manifest | None:
    """Return the manifest at the beginning of an archive of ours, None for any other file."""
    try:
        with open_file(path) as file, GzipFile(fileobj=file) as unpacked:
            beginning = unpacked.read(_HEADERS + LARGEST_MANIFEST)
        with tarfile.open(fileobj=io.BytesIO(beginning), mode="r:") as archive:
            first = archive.next()
            if first is None or not first.isreg() or PurePosixPath(first.name).name != MANIFEST_NAME:
                return None
            content = archive.extractfile(first)
            return parse_manifest(content.read() if content else b"")
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError):
        return None


def parse_manifest(content: bytes) -> Manifest:
    """Parse a manifest; raise ValueError if it is not one of ours."""
    try:
        document: Any = json.loads(content)
        if (document["made_by"], document["form"]) != (_MAKER, _FORM):
            raise ValueError("made by another program, or in a form of another version")
        return Manifest(
            made_at=datetime.fromisoformat(document["made_at"]).astimezone(UTC),
            program=str(document["program"]),
            schema=int(document["schema"]),
            members={
                str(name): Member(int(member["size"]), str(member["sha256"]))
                for name, member in document["members"].items()
            },
            # Archives of earlier versions do not say.
            is_verified=document.get("verified") is True,
            scheduled_by=str(document.get("scheduled_by", "")),
        )
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not a manifest: {error!r}") from error


def _find_schema(path: Path) -> int | None:
    # Immutable, so that SQLite creates no files beside it, and the folder may be read-only.
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            (schema,) = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    except SQLITE_ERRORS:
        return None
    return schema if isinstance(schema, int) else None


def _files(folder: Path, pattern: str) -> list[Path]:
    try:
        return [path for path in folder.glob(pattern) if path.is_file()]
    except OSError:
        return []
