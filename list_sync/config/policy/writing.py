"""Writes the first lists.yaml of a household, from what the environment states, with comments that explain."""

import errno
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from list_sync.config.folders import is_lost_with_container
from list_sync.config.policy.naming import holds_secret
from list_sync.config.policy.quoting import write_text
from list_sync.config.policy.reading import LISTS_NAME
from list_sync.config.policy.schema import SCHEMA_LINE, SCHEMA_NAME, build_schema
from list_sync.config.policy.words import describe_length
from list_sync.errors import ConfigError
from list_sync.files.modes import create_file, file_mode, make_folder, replace_file
from list_sync.files.written import give_to_owner_of
from list_sync.model.names import lists_setting_of
from list_sync.model.sources import ListRef

if TYPE_CHECKING:
    from list_sync.config import HouseholdSettings

_HEAD = """
# What ListSync wants of your lists; docs/policy.md has every key. What this file states counts more than the
# environment. `list-sync check --config FILE` checks it. A running daemon takes over a change for its next sync.
"""
_BRAKE = """
# A sync that wants far more than usual stops before it requests anything.
brake: on
"""
# What a file begins with that a page makes for its first list; the settings of the environment go on as they are.
FIRST_LINES = f"{_HEAD.lstrip()}{_BRAKE}\nlists: []\n"
_DEFAULTS = (
    ("seasons", "first", "all, first, latest, next, first:2, [1, 2] or future"),
    ("max_new_per_day", "20", "at most so many requests of each list in 24 hours"),
    ("hold", "2h", "a new entry rests that long before it is requested"),
)
_CAPS = (
    ("per_run", "50", "at most so many requests in one sync"),
    ("per_day", "100", "in 24 hours"),
    ("per_requester", "20", "in 24 hours for each requester"),
)
_REST = """
# Nothing new is requested while so many requests wait for approval, or less space is free.
# pause_when: {pending: 50, free_space: 200 GB}
"""
_MORE = """
  # A list may say more:
  # - source: imdb:ls123456789        # provider:id, or the address of its page
  #   name: Best of 1994
  #   requester: alice                # a user of the server: number, user name, display name or e-mail
  #   quality: 4k                     # hd, 4k or both
  #   limit: 50
  #   filters: {kind: movie, year: ">=1990", exclude_genres: [Horror]}

# Titles that are never requested: by their number at TMDB, by name, or those of a list.
# exclusions:
#   - movie: 603
#   - title: /^The Bachelor/
#   - list: trakt:alice/seen
"""


@dataclass(frozen=True, slots=True)
class Stated:
    """A value that the environment states, with the name of its setting."""

    value: str
    setting: str


def compose_file(
    lists: Iterable[ListRef],
    *,
    defaults: Mapping[str, Stated],
    caps: Mapping[str, Stated],
    notes: Sequence[str] = (),
) -> str:
    """Return the text of a lists.yaml; `notes` say of lists why they are not in it."""
    lines = [
        f"{SCHEMA_LINE}{_HEAD}",
        "# What counts for every list that does not state the same key.",
        *_compose_map("defaults", defaults, _DEFAULTS),
        "",
        "# How many titles all lists together may request.",
        *_compose_map("caps", caps, _CAPS),
        f"{_REST}{_BRAKE}",
        *_compose_lists(lists),
        *(f"  # {note}" for note in notes),
    ]
    return "\n".join(lines) + _MORE


def _compose_map(name: str, stated: Mapping[str, Stated], others: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Yield a map with what is stated, and other keys as comments."""
    yield f"{name}:" if stated else f"# {name}:"
    for key, one in stated.items():
        yield f"  {key}: {write_text(one.value)}  # {one.setting}"
    for key, value, meaning in others:
        if key not in stated:
            yield f"  # {key}: {value}  # {meaning}" if stated else f"#   {key}: {value}  # {meaning}"


def _compose_lists(lists: Iterable[ListRef]) -> Iterator[str]:
    found = [f"  - source: {write_text(f'{ref.provider}:{ref.spelling or ref.list_id}')}" for ref in lists]
    yield from ["lists:", *found] if found else ["lists: []"]


def write_first_file(folder: Path, household: "HouseholdSettings", list_files: Mapping[str, Path]) -> tuple[str, ...]:
    """Write CONFIG_DIR/lists.yaml and its schema, and return the settings that it replaces; raise ConfigError.

    Lists in files of `list_files`, by provider, and those whose address holds a secret stay where they are.
    """
    defaults, caps = _find_defaults(household), _find_caps(household)
    lists, notes = [], []
    for ref in household.lists:
        if ref.provider in list_files:
            continue
        if holds_secret(ref.spelling or ref.list_id):
            notes.append(f"{ref} stays in {lists_setting_of(ref.provider)}: its address holds a key or a password.")
        else:
            lists.append(ref)
    notes += [f"The lists of {lists_setting_of(name)}_FILE stay in {file}." for name, file in list_files.items()]
    text = compose_file(lists, defaults=defaults, caps=caps, notes=notes)
    with writing_to(folder):
        make_folder(folder)
        _write_new(folder / LISTS_NAME, text.encode())
    write_schema(folder)
    stated = [one.setting for one in (*defaults.values(), *caps.values())]
    return tuple(dict.fromkeys([*stated, *(lists_setting_of(ref.provider) for ref in lists)]))


def write_schema(folder: Path) -> Path:
    """Write the JSON Schema beside lists.yaml, and return its path; raise ConfigError."""
    path = folder / SCHEMA_NAME
    with writing_to(folder):
        make_folder(folder)
        replace_file(path, f"{json.dumps(build_schema(), indent=1)}\n".encode(), file_mode())
    return path


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Raise ConfigError where a file of CONFIG_DIR cannot be written, or would be lost with a container."""
    if is_lost_with_container(folder):
        lost = "the folder is in the container alone and is lost with it"
        raise ConfigError(f"{folder}: nothing was written: {lost}; mount a folder of the host at {folder.resolve()}")
    try:
        yield
    except FileExistsError as error:
        raise ConfigError(f"{error.filename or folder} is there already: edit it, or move it away first") from error
    except OSError as error:
        if error.errno == errno.EROFS:
            advice = "mount it writable, or write its files where it is mounted from"
        else:
            advice = f"let user {os.getuid()} write there, or set CONFIG_DIR to another folder"
        raise ConfigError(f"{folder}: nothing was written ({error.strerror or error}); {advice}") from error


def _write_new(path: Path, content: bytes) -> None:
    with os.fdopen(create_file(path, file_mode()), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    give_to_owner_of(path.parent, path)


def _find_defaults(household: "HouseholdSettings") -> dict[str, Stated]:
    found = {}
    if household.overseerr_user_id != 1:
        found["requester"] = Stated(str(household.overseerr_user_id), "OVERSEERR_USER_ID")
    if household.overseerr_4k:
        found["quality"] = Stated("4k", "OVERSEERR_4K")
    if household.sync_schedule:
        found["schedule"] = Stated("; ".join(household.sync_schedule), "SYNC_SCHEDULE")
    elif household.sync_interval not in (0, 24):
        found["schedule"] = Stated(describe_length(timedelta(hours=household.sync_interval)), "SYNC_INTERVAL")
    return found


def _find_caps(household: "HouseholdSettings") -> dict[str, Stated]:
    caps = {
        "per_run": (household.max_requests_per_run, "MAX_REQUESTS_PER_RUN"),
        "per_requester": (household.max_requests_per_day, "MAX_REQUESTS_PER_DAY"),
    }
    return {key: Stated(str(number), setting) for key, (number, setting) in caps.items() if number}
