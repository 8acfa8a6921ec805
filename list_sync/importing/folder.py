"""Imports a data folder of ListSync 0.6; its files are only read, or moved aside whole if they are in DATA_DIR."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from list_sync.backups.restoring import held_alone
from list_sync.config import Settings, StateFolder, find_config_dir, find_state_folder
from list_sync.config.environment import PROVIDERS_FOLDER, SECRETS_NAME, Environment, export_proxies
from list_sync.config.folders import DATABASE_NAME
from list_sync.config.policy.joining import read_joined
from list_sync.config.settings import parse_settings
from list_sync.database.looking import load_version, require_unlost
from list_sync.database.old_database import copy_beside, is_old_database
from list_sync.database.store import Store, open_store
from list_sync.errors import ConfigError, FolderInUse, StorageError
from list_sync.files.exchange import exchanging
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.files.modes import use_umask
from list_sync.importing.reading import OldFolder, Passwords, find_store, read_folder
from list_sync.importing.report import Fate, Report
from list_sync.importing.settings import KEY_FILE
from list_sync.importing.settling import settle
from list_sync.importing.titles import find_quality
from list_sync.importing.writing import write_database, write_lists, write_settings
from list_sync.model.moments import utc_now
from list_sync.model.titles import Quality
from list_sync.providers import available_providers
from list_sync.providers.custom import load_custom_providers

# Where the files of 0.6 are moved that were in DATA_DIR.
ASIDE = "listsync-0.6"
_NAME_IT = "name the folder of ListSync 0.6, as in `list-sync import data-0.6`"
# A sync may take longer; then people are told.
_RUN_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the folder of 0.6 is; `is_here` if it is our own data folder."""

    source: Path
    data_dir: Path
    is_here: bool


def import_folder(
    folder: Path | None,
    *,
    dry_run: bool,
    passwords: Passwords,
    now: Callable[[], datetime] = utc_now,
) -> Report:
    """Take over a folder (DATA_DIR if None) and return the report; a dry run writes nothing.

    Raise ConfigError if it is not one of 0.6, StorageError if it cannot be read, FolderInUse if a daemon or a sync is
    in the way.
    """
    export_proxies()
    load_custom_providers(find_config_dir() / PROVIDERS_FOLDER)
    environment = Environment.open_checked()
    place = _find_place(folder, environment.find_data_dir())
    has_old_store = place.is_here and find_store(place.data_dir) is not None
    environment = environment if has_old_store else _with_secrets(environment)
    settings = _load_settings(environment)
    use_umask(settings.process.umask)
    at, report = now(), Report(f"{place.source} (ListSync 0.6)", is_dry_run=dry_run)
    old = read_folder(place.source, available_providers(), environment, passwords, report, now=at)
    quality = find_quality(old.settings.values, settings)
    with _database(place, old, quality, report, now=at) as store:
        new = write_settings(store, old, environment, available_providers(), report, now=at)
        environment.layers += (new,)
        environment.places += (SECRETS_NAME,)
        settings = _load_settings(environment)
        write_lists(store, old, settings, environment, available_providers(), report, now=at)
        settle(store, settings, quality, old.titles.values(), report, now=at)
    if not dry_run and any(report.of(Fate.TAKEN)):
        report.notes.append("Next: list-sync check, then list-sync plan, which shows what a sync would request.")
    return report


def _find_place(folder: Path | None, data_dir: Path) -> _Place:
    """Return where to read; what an earlier import moved aside is found again."""
    source = (folder or data_dir).expanduser()
    source = source.parent if source.is_file() else source
    database = source / DATABASE_NAME
    if not database.is_file():
        raise ConfigError(f"{source} has no {DATABASE_NAME}: {_NAME_IT}")
    is_here = data_dir.is_dir() and source.samefile(data_dir)
    if is_here and not is_old_database(database):
        kept = sorted((one for one in data_dir.glob(f"{ASIDE}*") if (one / DATABASE_NAME).is_file()), key=_age)
        if kept:
            return _Place(kept[-1], data_dir, is_here=False)
        # Another database, or a damaged one, is explained when it is opened.
        with suppress(StorageError):
            load_version(database)
            raise ConfigError(f"{source} holds the data of this version: {_NAME_IT}")
    return _Place(source, data_dir, is_here)


def _age(path: Path) -> tuple[int, str]:
    return len(path.name), path.name


def _with_secrets(environment: Environment) -> Environment:
    environment.add_secrets()
    if environment.problems:
        raise ConfigError(tuple(dict.fromkeys(environment.problems)))
    return environment


def _load_settings(environment: Environment) -> Settings:
    return read_joined(parse_settings(environment, available_providers()), available_providers())


@contextmanager
def _database(place: _Place, old: OldFolder, quality: Quality, report: Report, *, now: datetime) -> Iterator[Store]:
    """Yield the database into which runs and titles were written: in a dry run, a copy that is removed."""
    if report.is_dry_run:
        with tempfile.TemporaryDirectory(prefix="list-sync-") as name:
            if not place.is_here:
                _copy_database(place.data_dir, Path(name))
            with open_store(Path(name) / DATABASE_NAME) as store:
                write_database(store, old, quality, report, now=now)
                yield store
        return
    folder = find_state_folder(place.data_dir)
    # Where DATA_DIR cannot be written, the database is in another folder, and nothing is in its way.
    if place.is_here and folder.path == place.data_dir:
        with held_alone(folder, "import"):
            _replace_database(folder, old, quality, report, now=now)
            with open_store(folder.database) as store:
                yield store
        return
    require_unlost(folder.database, daemon_lock=folder.daemon_lock)
    with open_store(folder.database) as store, _run_lock(folder):
        write_database(store, old, quality, report, now=now)
        yield store


@contextmanager
def _run_lock(folder: StateFolder) -> Iterator[None]:
    """Keep syncs out; raise FolderInUse if one does not end."""
    lock = FileLock(folder.path / RUN_LOCK)
    if not lock.acquire(timeout_seconds=_RUN_PATIENCE_SECONDS):
        raise FolderInUse(f"a sync runs in {folder.path}: import again when it has ended; list-sync status shows it")
    try:
        yield
    finally:
        lock.release()


def _copy_database(data_dir: Path, target: Path) -> None:
    """Copy our database with its log, which a daemon may have open; without one, begin with an empty one."""
    copy_beside(data_dir / DATABASE_NAME, target / DATABASE_NAME)


def _replace_database(folder: StateFolder, old: OldFolder, quality: Quality, report: Report, *, now: datetime) -> None:
    """Put a new database with all that was read in the place of the old one, in one step; keep the old files."""
    try:
        with exchanging(folder.path) as exchange:
            with open_store(exchange.new / DATABASE_NAME) as store:
                write_database(store, old, quality, report, now=now)
            outgoing = [SECRETS_NAME] if find_store(folder.path) is not None else []
            aside = exchange.commit(outgoing=[*outgoing, KEY_FILE], aside=ASIDE)
    except OSError as error:
        raise StorageError(f"{error.filename or folder.path}: {error.strerror}: nothing was changed") from error
    report.notes.append(f"the files of ListSync 0.6 are in {aside} now, unchanged")
