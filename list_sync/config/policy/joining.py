"""Joins lists.yaml with the environment: what the file states counts, key by key, and the rest stays as it is."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from list_sync.config.household import HouseholdSettings
from list_sync.config.rhythms import parse_rhythm
from list_sync.config.settings import FIELDS, Settings
from list_sync.errors import ConfigError
from list_sync.model.names import lists_setting_of
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.sources import SHOWN, ListRef, ProviderInfo
from list_sync.model.terms import Terms
from list_sync.model.titles import Quality, counted

if TYPE_CHECKING:
    from list_sync.config.policy.reading import ListsFile

# The second name is an error.
POLICY_NAMES = ("lists.yaml", "lists.yml")
# What is told if the file cannot be used any more, before its faults.
KEPT = "the policy stays as it was"
# What a daemon follows without a restart; what other settings say is built into its clients, caches and log.
FOLLOWED = (
    "credentials",
    "dry_run",
    "episodes",
    "lists",
    "max_requests_per_day",
    "max_requests_per_run",
    "overseerr_4k",
    "sync_interval",
    "sync_schedule",
    "trakt_special_items_limit",
)
_PARTS = ("caps", "pause_when", "brake", "exclusions", "defaults")


def has_policy_file(folder: Path) -> bool:
    """Return whether CONFIG_DIR has a lists.yaml, or one with a wrong name."""
    return any(os.path.lexists(folder / name) for name in POLICY_NAMES)


def read_joined(settings: Settings, providers: Mapping[str, ProviderInfo], path: Path | None = None) -> Settings:
    """Return settings joined with a file, with lists.yaml of CONFIG_DIR if None; raise ConfigError with all its faults.

    Without a file they stay as they are.
    """
    # Imported here, because most users have no such file and need no YAML.
    from list_sync.config.policy.reading import find_lists_file, read_policy

    path = path or find_lists_file(settings.process.config_dir)
    if path is None:
        return settings
    stated = (settings.environment or settings.household).policy
    return join(settings, read_policy(path, providers=providers, policy=stated))


def join(settings: Settings, file: "ListsFile") -> Settings:
    """Return settings in which what a file states counts, and its lists stand before those of the environment."""
    alone = settings.environment or settings.household
    policy = _with_caps_of_day(file)
    # Lists without a schedule of their own follow that of the household.
    general = policy.defaults.schedule
    policy = replace(policy, defaults=_without_schedule(policy.defaults, general))
    own = [replace(ref, terms=_without_schedule(ref.terms, general)) for ref in file.lists]
    named = {ref.key for ref in (*file.lists, *file.disabled)}
    others = [replace(ref, terms=policy.defaults) for ref in alone.lists if ref.key not in named]
    changes: dict[str, object] = {"lists": (*own, *others), "stated_policy": policy}
    if general:
        rhythm = parse_rhythm(general)
        changes |= {"sync_interval": rhythm.interval_hours or alone.sync_interval, "sync_schedule": rhythm.crons}
    household = alone.model_copy(update=changes)
    return replace(settings, household=household, environment=alone, policy_file=file)


def reread(settings: Settings, providers: Mapping[str, ProviderInfo]) -> tuple[Settings, tuple[str, ...]]:
    """Return settings joined with lists.yaml as it is now; if it is wrong or gone, settings as they are, and why."""
    try:
        path = settings.policy_file and settings.policy_file.path
        if path and not has_policy_file(path.parent):
            raise ConfigError(f"{path} is gone: put it back, or restart to go on without it")
        return read_joined(settings, providers), ()
    except ConfigError as error:
        return settings, (f"{KEPT}: {error.problems[0]}", *error.problems[1:])


def find_lists_of_environment(settings: Settings) -> tuple[ListRef, ...]:
    """Return the lists that the environment names."""
    return (settings.environment or settings.household).lists


def find_disabled(settings: Settings) -> tuple[ListRef, ...]:
    """Return the lists that lists.yaml switches off."""
    return settings.policy_file.disabled if settings.policy_file else ()


def with_lists_of_environment(settings: Settings, lists: Iterable[ListRef]) -> Settings:
    """Return settings for which the environment names other lists."""
    return _with_environment(settings, {"lists": tuple(lists)})


def follow(settings: Settings, fresh: Settings) -> Settings:
    """Return settings that go by `fresh` ones as far as a daemon can follow them without a restart."""
    old, new = (settings.environment or settings.household).credentials, fresh.household.credentials
    # Some providers need the address and the key of the server, which stay.
    known = {name: text for name, text in new.items() if name.lower() not in FIELDS}
    known |= {name: text for name, text in old.items() if name.lower() in FIELDS}
    followed = {name: getattr(fresh.household, name) for name in FOLLOWED}
    return _with_environment(settings, followed | {"credentials": known})


def _with_environment(settings: Settings, changes: Mapping[str, object]) -> Settings:
    alone = (settings.environment or settings.household).model_copy(update=changes)
    if settings.policy_file is None:
        return replace(settings, household=alone)
    return join(replace(settings, environment=alone), settings.policy_file)


def with_dry_run(settings: Settings, *, is_on: bool) -> Settings:
    """Return settings of a further household for which DRY_RUN, which counts for all households, is on or off."""
    return _with_environment(settings, {"dry_run": is_on})


def find_caps_of_settings(settings: Settings) -> frozenset[str]:
    """Return the caps that lists.yaml does not state, so that their settings count."""
    stated = settings.policy_file.stated if settings.policy_file else frozenset()
    return frozenset(key for key in ("per_run", "per_requester") if f"caps.{key}" not in stated)


def _with_caps_of_day(file: "ListsFile") -> HouseholdPolicy:
    """Return the policy of a file; a cap of the day in it replaces MAX_REQUESTS_PER_DAY, which is one, too."""
    policy = file.policy
    if "caps.per_day" in file.stated and "caps.per_requester" not in file.stated:
        return replace(policy, caps=replace(policy.caps, per_requester=0))
    return policy


def _without_schedule(terms: Terms, general: str) -> Terms:
    return replace(terms, schedule="") if terms.schedule == general else terms


def describe_joining(settings: Settings) -> Iterator[str]:
    """Yield what a file replaces of the environment, one line each."""
    file, alone = settings.policy_file, settings.environment
    if file is None or alone is None:
        return
    for keys, field, after in _list_replacements(settings, file):
        before = _as_text(getattr(alone, field))
        is_set = before != _as_text(HouseholdSettings.model_fields[field].default)
        if is_set and keys & file.stated and before != after:
            yield f"{file.path.name} replaces {field.upper()} ({before}): {after}"
    named = {ref.key for ref in alone.lists}
    if both := [ref for ref in file.lists if ref.key in named]:
        yield f"{file.path.name} states the terms of {_shown(both)}, which {_named_in(both)}, too"
    if off := [ref for ref in file.disabled if ref.key in named]:
        yield f"{file.path.name} switches off {_shown(off)}, which {_named_in(off)}"


def find_replaced(settings: Settings) -> dict[str, tuple[str, str]]:
    """Return by the name of a setting the key of lists.yaml that replaces it, and what counts."""
    file, alone = settings.policy_file, settings.environment
    if file is None or alone is None:
        return {}
    found = {
        field.upper(): (min(keys & file.stated), after)
        for keys, field, after in _list_replacements(settings, file)
        if keys & file.stated
    }
    timed = found.get("SYNC_INTERVAL") or found.get("SYNC_SCHEDULE")
    return found | (dict.fromkeys(("SYNC_INTERVAL", "SYNC_SCHEDULE"), timed) if timed else {})


def _list_replacements(settings: Settings, file: "ListsFile") -> Iterable[tuple[frozenset[str], str, str]]:
    """Return keys of a file, the setting that each of them replaces, and what counts now."""
    caps, defaults = settings.policy.caps, settings.policy.defaults
    per_day = caps.per_requester if "caps.per_requester" in file.stated else caps.per_day
    qualities = " and ".join("4k" if quality is Quality.UHD else "hd" for quality in defaults.qualities)
    timed = "sync_schedule" if settings.environment and settings.environment.sync_schedule else "sync_interval"
    return (
        (frozenset({"caps.per_run"}), "max_requests_per_run", str(caps.per_run)),
        (frozenset({"caps.per_day", "caps.per_requester"}), "max_requests_per_day", str(per_day)),
        (frozenset({"defaults.quality"}), "overseerr_4k", "true" if qualities == "4k" else qualities),
        (frozenset({"defaults.requester"}), "overseerr_user_id", defaults.requester),
        (frozenset({"defaults.schedule"}), timed, settings.household.rhythm.describe()),
    )


def _as_text(value: object) -> str:
    """Return the value of a setting as it is written."""
    if isinstance(value, bool):
        return str(value).lower()
    return "; ".join(value) if isinstance(value, tuple) else f"{value:g}"


def describe_changes(before: Settings, after: Settings) -> str:
    """Say in one line what another text of a file changed."""
    old, new = ({ref.key: ref for ref in settings.household.lists} for settings in (before, after))
    off = [ref for ref in find_disabled(after) if ref.key in old]
    added = [new[key] for key in new if key not in old]
    gone = old.keys() - new.keys() - {ref.key for ref in off}
    other = [ref for key, ref in new.items() if key in old and ref.terms != old[key].terms]
    parts = [part for part in _PARTS if getattr(before.policy, part) != getattr(after.policy, part)]
    parts += ["schedule"] if before.household.rhythm != after.household.rhythm else []
    said = [
        f"{counted(len(added), 'new list')}: {_shown(added)}" if added else "",
        f"{_shown(off)} switched off" if off else "",
        f"{counted(len(gone), 'list')} not set any more" if gone else "",
        f"other terms of {_shown(other)}" if other else "",
        f"other {', '.join(parts)}" if parts else "",
    ]
    return "; ".join(filter(None, said)) or "nothing that counts"


def _shown(lists: Sequence[ListRef]) -> str:
    more = len(lists) - SHOWN
    return ", ".join(ref.name for ref in lists[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _named_in(lists: Iterable[ListRef]) -> str:
    settings = dict.fromkeys(lists_setting_of(ref.provider) for ref in lists)
    return f"{' and '.join(settings)} {'name' if len(settings) > 1 else 'names'}"
