"""Reads everything of a data folder of ListSync 0.6; nothing in it is changed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from list_sync.config.environment import SECRETS_NAME, Environment
from list_sync.config.folders import DATABASE_NAME
from list_sync.config.moving import unseal_legacy
from list_sync.config.sealing import is_legacy
from list_sync.config.secrets import describe_owner
from list_sync.database.old_database import OldDatabase, open_old
from list_sync.errors import ConfigError, WrongPassphrase
from list_sync.files.opening import is_closed, read_file
from list_sync.importing.history import read_runs
from list_sync.importing.lists import Found, find_keys, find_refs, read_lists
from list_sync.importing.report import Fate, Report, Thing
from list_sync.importing.settings import OldSettings, read_settings
from list_sync.importing.titles import OldTitle, read_titles
from list_sync.model.moments import shown_age
from list_sync.model.sources import ProviderInfo
from list_sync.storage.imports import ImportedRun

LOG_NAME = "list_sync.log"
# 0.6 writes its log at least at each sync and at each look at its pages.
_LIVELY = timedelta(minutes=10)
_LARGEST_STORE = 1024 * 1024
# What config.enc held.
_NEEDED = frozenset({"OVERSEERR_URL", "OVERSEERR_API_KEY"})
_CLOSED = "its password was not given, or is another one: import again on a terminal, which asks for it"
# Given the path of a config.enc of 0.6, and whether a person may be asked, yields the passwords to try.
Passwords = Callable[[Path, bool], Iterator[str]]


@dataclass(frozen=True, slots=True)
class OldFolder:
    """What a folder of 0.6 holds."""

    path: Path
    lists: tuple[Found, ...]
    titles: Mapping[str, OldTitle]
    runs: tuple[ImportedRun, ...]
    settings: OldSettings


def read_folder(
    folder: Path,
    providers: Mapping[str, ProviderInfo],
    environment: Environment,
    passwords: Passwords,
    report: Report,
    *,
    now: datetime,
) -> OldFolder:
    """Return what a folder holds; report what cannot be read. Raise ConfigError or StorageError for its database."""
    with open_old(folder / DATABASE_NAME) as old:
        found = tuple(find_refs(read_lists(old), providers, report))
        keys = find_keys(found)
        titles = read_titles(old, keys, now=now)
        runs = tuple(read_runs(old, report, now=now))
        settings = read_settings(old, folder, environment, report)
        _note_set_up(old, report)
    known = {name for name in _NEEDED if name in settings.values or environment.find(name) is not None}
    is_needed = known != _NEEDED
    settings.values = {**_read_store(folder, passwords, report, is_needed=is_needed), **settings.values}
    _note_life(folder, report, now=now)
    return OldFolder(folder, found, titles, runs, settings)


def _note_set_up(old: OldDatabase, report: Report) -> None:
    if any(not is_completed for (is_completed,) in old.rows("setup_status", "is_completed")):
        report.notes.append("the set-up of ListSync 0.6 was not completed there")


def _note_life(folder: Path, report: Report, *, now: datetime) -> None:
    """Say that a ListSync 0.6 may still run with the folder: then both would request titles."""
    with suppress(OSError):
        age = now - datetime.fromtimestamp((folder / LOG_NAME).stat().st_mtime, UTC)
        if age < _LIVELY:
            report.notes.append(
                f"{folder / LOG_NAME} was written {shown_age(age)} ago: if ListSync 0.6 still runs there, stop it"
            )


def find_store(folder: Path) -> bytes | None:
    """Return the bytes of a config.enc of 0.6; None if the folder has none, or a newer one."""
    try:
        content = read_file(folder / SECRETS_NAME, _LARGEST_STORE)
    except OSError:
        return None
    return content if is_legacy(content) else None


def _read_store(folder: Path, passwords: Passwords, report: Report, *, is_needed: bool) -> Mapping[str, str]:
    """Return the settings of a config.enc of 0.6; its password is not asked for if they are known without it."""
    path, content = folder / SECRETS_NAME, find_store(folder)
    if is_closed(path):
        report.add(
            Fate.OPEN, Thing.SETTING, f"may not be read: {describe_owner(str(path))}; then import again", str(path)
        )
    if content is None:
        return {}
    for password in passwords(path, is_needed):
        try:
            return unseal_legacy(content, password, path)
        except WrongPassphrase:
            continue
        except ConfigError as error:
            report.add(Fate.OPEN, Thing.SETTING, error.problems[0], SECRETS_NAME)
            return {}
    fate, reason = (Fate.OPEN, _CLOSED) if is_needed else (Fate.LEFT, "server and key are known without it")
    report.add(fate, Thing.SETTING, reason, str(path))
    return {}
