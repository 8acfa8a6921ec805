"""Restores a backup: replaces the present data by it, completely or not at all; the replaced files are kept."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from list_sync.backups.addresses import Trust, require_trust
from list_sync.backups.adopting import Contents, adopt_database, drop_foreign_tokens, kept_closed
from list_sync.backups.archive import SMALL_FILES, find_dotenv
from list_sync.backups.unpacking import Wanted, unpack
from list_sync.config import StateFolder, find_state_folder
from list_sync.config.encrypted import KEY_NAME, EncryptedStore, open_encrypted
from list_sync.config.environment import DOTENV, PASSPHRASE, SECRETS_NAME, Environment
from list_sync.config.folders import DATABASE_NAME
from list_sync.config.sealing import KeyKind, is_legacy, parse_header
from list_sync.database.known_backups import Manifest
from list_sync.errors import ConfigError, FolderInUse, SecretsUnreadable, StorageError
from list_sync.files.exchange import exchanging
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.files.modes import SECRET_MODE
from list_sync.files.opening import read_file

MOST_NAMES = 10
_RESTORED_DOTENV = ".env.restored"
# A process that checks whether a lock is held holds it for a moment.
_LOOKERS_SECONDS = 0.5
_WANTED = Wanted(DATABASE_NAME, SMALL_FILES)


@dataclass(frozen=True, slots=True)
class Restored:
    """The restored files, notes for the user, and the place of the former files."""

    manifest: Manifest | None
    contents: Contents
    names: Sequence[str]
    notes: Sequence[str]
    aside: Path | None


def restore(source: Path, *, is_trusted: Trust) -> Restored:
    """Check a backup, and put its files into the data folder; `is_trusted` is asked about addresses in config.enc.

    Raise ConfigError if there is no such file, FolderInUse while ListSync runs there, StorageError for an unusable
    backup, NotTrusted for addresses that are not accepted. Nothing is changed then.
    """
    environment = Environment.open_checked()
    data_dir = environment.find_data_dir()
    folder = find_state_folder(data_dir)
    _require_backup(source, folder)
    with held_alone(folder, f"restore {source}"):
        try:
            # The present config.enc is a part of what is set.
            environment.add_secrets()
            trust = is_trusted if folder.path == data_dir else None
            return _put_in_place(source, folder, environment, is_trusted=trust)
        except OSError as error:
            place = error.filename or folder.path
            raise StorageError(f"{place}: {error.strerror}: nothing was changed") from error


def _require_backup(source: Path, folder: StateFolder) -> None:
    """Raise ConfigError unless the path is a file or a folder with a database, and not the present database."""
    database = source / DATABASE_NAME if source.is_dir() else source
    if not database.is_file():
        found = f"is a folder without {DATABASE_NAME}" if source.is_dir() else "does not exist"
        raise ConfigError(f"{source} {found}: name a backup, as in {folder.path / 'list-sync.tar.gz'}")
    if folder.database.exists() and database.samefile(folder.database):
        raise ConfigError(f"{database} is the present database: name a backup of it")


@contextmanager
def held_alone(folder: StateFolder, command: str) -> Iterator[None]:
    """Lock the folder against daemons and syncs for a command; raise FolderInUse if one is running."""
    with ExitStack() as held:
        for path in (folder.daemon_lock, folder.path / RUN_LOCK):
            lock = FileLock(path)
            held.callback(lock.release)
            if not lock.acquire(timeout_seconds=_LOOKERS_SECONDS):
                raise FolderInUse(
                    f"a ListSync runs in {folder.path}: stop it first (docker compose stop listsync), then: "
                    f"docker compose run --rm listsync list-sync {command}"
                )
        yield


def _put_in_place(source: Path, folder: StateFolder, environment: Environment, *, is_trusted: Trust | None) -> Restored:
    """Replace the present files by those of the backup; without `is_trusted`, config.enc is not kept in this folder."""
    with exchanging(folder.path) as exchange, ExitStack() as held:
        new = exchange.new
        manifest = unpack(source, new, _WANTED)
        contents = adopt_database(new / DATABASE_NAME, source=source)
        notes = [*_settle_dotenv(new, folder.path), *_settle_tokens(new, folder.database)]
        if is_trusted is not None:
            notes += _settle_secrets(new, folder.path, environment.find(PASSPHRASE))
            if (new / SECRETS_NAME).exists():
                require_trust(new / SECRETS_NAME, environment, source=source, is_trusted=is_trusted)
        else:
            notes += _drop_secrets(new, "DATA_DIR, its place, cannot be written")
        names = sorted(path.name for path in new.iterdir())
        for name in names:
            if name != DATABASE_NAME:
                (new / name).chmod(SECRET_MODE)
        if SECRETS_NAME in names:
            held.enter_context(EncryptedStore(folder.path / SECRETS_NAME, None).locked())
        held.enter_context(kept_closed(folder.database))
        aside = exchange.commit(
            outgoing=(SECRETS_NAME, KEY_NAME) if SECRETS_NAME in names else (),
            aside=f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}",
        )
    return Restored(manifest, contents, names, notes, aside)


def _settle_tokens(new: Path, present: Path) -> list[str]:
    """Leave out tokens of the service that the present database does not have; return the note about them."""
    names = drop_foreign_tokens(new / DATABASE_NAME, present)
    if not names:
        return []
    shown = ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if names[MOST_NAMES:] else "")
    return [f"tokens of the service are left out, because this folder does not have them: {shown}"]


def _settle_dotenv(new: Path, folder: Path) -> list[str]:
    """Rename the .env of a backup, because the present one is the user's own; return the note about it."""
    path, present = new / DOTENV.name, find_dotenv()
    if not path.exists():
        return []
    with suppress(OSError):
        if present and read_file(present) == read_file(path):
            path.unlink()
            return []
    path.rename(new / _RESTORED_DOTENV)
    return [f"your .env stays; that of the backup is {folder / _RESTORED_DOTENV}: compare, then remove it"]


def _settle_secrets(new: Path, folder: Path, passphrase: str | None) -> list[str]:
    """Keep config.enc among the new files only if it can be opened; return the note about it."""
    path, key = new / SECRETS_NAME, new / KEY_NAME
    if not path.exists():
        key.unlink(missing_ok=True)
        is_kept = (folder / SECRETS_NAME).exists()
        return [f"{SECRETS_NAME} is not replaced: the backup has none"] if is_kept else []
    content = read_file(path)
    if is_legacy(content):
        return []
    try:
        kind = parse_header(content, path).kind
    except SecretsUnreadable:
        return _drop_secrets(new, "it is damaged")
    if kind is KeyKind.PASSPHRASE:
        fits = _opens(path, passphrase)
        return [] if fits else [f"{SECRETS_NAME} opens only with the {PASSPHRASE} that was set when it was made"]
    if not _opens(path, None) and (folder / KEY_NAME).is_file():
        # The archive of the users' guide has no key; the present one may be the same.
        shutil.copyfile(folder / KEY_NAME, key)
    return [] if _opens(path, None) else _drop_secrets(new, f"its key {KEY_NAME} is neither in it nor in {folder}")


def _opens(path: Path, passphrase: str | None) -> bool:
    """Return whether config.enc can be opened with a passphrase, or with the key beside it."""
    try:
        open_encrypted(path, passphrase)
    except ConfigError:
        return False
    return True


def _drop_secrets(new: Path, why: str) -> list[str]:
    """Remove config.enc and its key from the new files; return the note about it."""
    was_there = (new / SECRETS_NAME).exists()
    for name in (SECRETS_NAME, KEY_NAME):
        (new / name).unlink(missing_ok=True)
    return [f"{SECRETS_NAME} of the backup is not restored: {why}"] if was_there else []
