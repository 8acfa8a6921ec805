"""Writes what was read of ListSync 0.6: the database first, then settings, then lists.

So a process that is killed leaves no list whose titles are not known, and the same command does the rest.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from list_sync.config import Settings
from list_sync.config.encrypted import open_encrypted
from list_sync.config.environment import PASSPHRASE, SECRETS_NAME, Environment
from list_sync.config.policy.joining import find_disabled
from list_sync.config.policy.saving import draft, find_obstacle, load_present, save
from list_sync.database.store import Store
from list_sync.errors import ConfigError, StorageError
from list_sync.importing.lists import USUAL_USER, NewList, build_change, plan_lists, write_lines
from list_sync.importing.reading import OldFolder
from list_sync.importing.report import Fate, Report, Thing
from list_sync.importing.settings import NOTE_ON_USER, plan_settings, show_setting
from list_sync.importing.titles import OldTitle, find_proofs
from list_sync.model.households import HOME
from list_sync.model.journal import ImportedRequest
from list_sync.model.sources import ProviderInfo
from list_sync.model.titles import Quality
from list_sync.storage import imports
from list_sync.storage.imports import ImportedTitle

_HISTORY_IS_THERE = "the history here has runs already, and those of 0.6 would stand after them"


def write_database(store: Store, old: OldFolder, quality: Quality, report: Report, *, now: datetime) -> None:
    """Add runs, titles and requests in one transaction, each once."""
    proofs = list(find_proofs(old.titles.values(), quality, now=now))
    with store.writing() as connection:
        had_runs = imports.count_imported_runs(connection, HOME)
        runs = imports.add_runs(connection, HOME, old.runs)
        listed = [one for one in old.titles.values() if one.lists]
        titles = imports.add_titles(connection, HOME, (_to_title(one, now) for one in listed), quality)
        requests = imports.add_requests(connection, HOME, proofs)
    report.add(Fate.TAKEN, Thing.RUN, "", count=runs)
    not_taken = (Fate.KNOWN, "") if had_runs else (Fate.LEFT, _HISTORY_IS_THERE)
    report.add(not_taken[0], Thing.RUN, not_taken[1], count=len(old.runs) - runs)
    report.add(Fate.TAKEN, Thing.TITLE, "shown in the states of 0.6 until the next sync", count=titles)
    report.add(Fate.KNOWN, Thing.TITLE, "", count=len(listed) - titles)
    _report_requests(old.titles.values(), proofs, requests, report)


def _to_title(title: OldTitle, now: datetime) -> ImportedTitle:
    status, reason = title.shown
    return ImportedTitle(title.item, status, reason, title.seen_at or now, title.lists)


def _report_requests(titles: Iterable[OldTitle], proofs: list[ImportedRequest], requests: int, report: Report) -> None:
    report.add(Fate.KNOWN, Thing.TITLE, "remembered as requested", count=len(proofs) - requests)
    for title in titles:
        if title.rows > 1:
            report.add(Fate.CHANGED, Thing.TITLE, "several rows of one title are one", title.label)
        if not title.status.proves_request:
            report.add(Fate.LEFT, Thing.TITLE, "not requested by 0.6: the next sync decides anew", title.label)
        elif title.number and title.media_type is None:
            reason = "stored without its kind: the number counts for a film and a show until the server was asked"
            report.add(Fate.CHANGED, Thing.TITLE, reason, title.label)


def write_settings(
    store: Store,
    old: OldFolder,
    environment: Environment,
    providers: Mapping[str, ProviderInfo],
    report: Report,
    *,
    now: datetime,
) -> Mapping[str, str]:
    """Store in config.enc what is set nowhere, and return it; what cannot be stored is shown as lines for .env."""
    with store.reading() as connection:
        imported = imports.load_names(connection, HOME, Thing.SETTING)
    new = plan_settings(old.settings, environment, providers, imported=imported, report=report)
    _remember(store, Thing.SETTING, [name for name in old.settings.values if environment.find(name) is not None], now)
    try:
        path = _store_secrets(new, environment, report)
    except (ConfigError, StorageError) as error:
        report.add(Fate.OPEN, Thing.SETTING, str(error), *new)
        shown = [show_setting(name, text) for name, text in new.items()]
        report.show(".env", [line for line in shown if "=" in line and "***" not in line])
        return {}
    report.add(Fate.TAKEN, Thing.SETTING, f"into {path}, encrypted", *new)
    _remember(store, Thing.SETTING, new, now)
    return new


def _store_secrets(values: Mapping[str, str], environment: Environment, report: Report) -> Path:
    """Store settings in config.enc, unless it is a dry run; return its path."""
    path = environment.find_data_dir() / SECRETS_NAME
    if values and not report.is_dry_run:
        open_encrypted(path, environment.find(PASSPHRASE)).set(values)
    return path


def write_lists(
    store: Store,
    old: OldFolder,
    settings: Settings,
    environment: Environment,
    providers: Mapping[str, ProviderInfo],
    report: Report,
    *,
    now: datetime,
) -> None:
    """Add lists to lists.yaml; where that cannot be written, to config.enc, or show the lines to add."""
    with store.reading() as connection:
        imported = imports.load_names(connection, HOME, Thing.LIST)
    configured = (*settings.household.lists, *find_disabled(settings), *settings.policy.excluding)
    user_id = settings.household.overseerr_user_id
    new = plan_lists(old.lists, configured, imported=imported, user_id=user_id, report=report)
    if old.lists and user_id != USUAL_USER:
        report.notes.append(NOTE_ON_USER.format(user=user_id))
    known = {ref.key for ref in configured}
    _remember(store, Thing.LIST, [one.ref.source for one in old.lists if one.ref.key in known], now)
    if not new:
        return
    path, _ = load_present(settings.process.config_dir)
    try:
        if obstacle := find_obstacle(path):
            raise ConfigError(obstacle)
        edit = draft(settings, providers, build_change(new))
        if not report.is_dry_run and not save(edit):
            raise ConfigError(f"{path} was changed meanwhile: import again")
    except ConfigError as error:
        written = _write_elsewhere(new, path, error.problems[0], environment, providers, report)
    else:
        report.add(Fate.TAKEN, Thing.LIST, f"into {path}", *map(_describe, new))
        written = new
    _remember(store, Thing.LIST, [one.source for one in written], now)


def _write_elsewhere(
    lists: Sequence[NewList],
    path: Path,
    obstacle: str,
    environment: Environment,
    providers: Mapping[str, ProviderInfo],
    report: Report,
) -> list[NewList]:
    """Store lists in config.enc as far as it can state them, show the lines for the others; return the stored ones."""
    stored = [one for one in lists if not one.requester and _fits(one, environment, providers)]
    values: dict[str, str] = {}
    for one in stored:
        name = providers[one.ref.provider].lists_setting
        values[name] = f"{values[name]}, {one.ref.list_id}" if name in values else one.ref.list_id
    others = [one for one in lists if one not in stored]
    try:
        secrets = _store_secrets(values, environment, report)
        report.add(Fate.TAKEN, Thing.LIST, f"into {secrets}, because {obstacle}", *map(_describe, stored))
    except (ConfigError, StorageError):
        others, stored = list(lists), []
    report.add(Fate.OPEN, Thing.LIST, f"add the lines below to {path}; {obstacle}", *map(_describe, others))
    report.show(str(path), list(write_lines(others)))
    return stored


def _fits(one: NewList, environment: Environment, providers: Mapping[str, ProviderInfo]) -> bool:
    """Return whether the setting of a list's provider is free, and can hold the list."""
    return environment.find(providers[one.ref.provider].lists_setting) is None and "," not in one.ref.list_id


def _describe(one: NewList) -> str:
    return f"{one.ref.name} (user {one.requester})" if one.requester else one.ref.name


def _remember(store: Store, thing: Thing, names: Collection[str], now: datetime) -> None:
    with store.writing() as connection:
        imports.remember_names(connection, HOME, thing, names, at=now)
