"""Verifies an archive: reads it as `restore` does, into a folder that is removed again."""

from pathlib import Path

from list_sync.backups.adopting import Contents, adopt_database
from list_sync.backups.unpacking import Wanted, unpack
from list_sync.config.encrypted import open_encrypted
from list_sync.config.environment import PASSPHRASE, SECRETS_NAME
from list_sync.config.folders import DATABASE_NAME
from list_sync.config.sealing import KeyKind, is_legacy, parse_header
from list_sync.database.known_backups import Manifest
from list_sync.errors import ConfigError, StorageError
from list_sync.files.opening import read_file


def verify(archive: Path, place: Path, manifest: Manifest, *, passphrase: str | None) -> Contents:
    """Unpack an archive into an empty folder, adopt its database, and open its config.enc; raise StorageError.

    Without a passphrase, a config.enc that needs one is not opened.
    """
    database = next(iter(manifest.members), DATABASE_NAME)
    others = {name: member.size for name, member in manifest.members.items() if name != database}
    unpack(archive, place, Wanted(database, others))
    contents = adopt_database(place / database, source=archive)
    _require_open(place / SECRETS_NAME, passphrase, archive)
    return contents


def _require_open(path: Path, passphrase: str | None, archive: Path) -> None:
    if not path.exists():
        return
    content = read_file(path)
    try:
        # A file of 0.6.x has no header that says what opens it.
        if is_legacy(content):
            return
        needs_passphrase = parse_header(content, path).kind is KeyKind.PASSPHRASE
        if not needs_passphrase or passphrase:
            open_encrypted(path, passphrase if needs_passphrase else None).load()
    except ConfigError as error:
        opener = f"the {PASSPHRASE} that is set" if passphrase else "its key"
        raise StorageError(f"{archive}: {SECRETS_NAME} in it cannot be opened with {opener}") from error
