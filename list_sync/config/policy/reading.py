"""Reads lists.yaml: the lists of a household with their terms, and its policy. All faults are reported at once."""

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from list_sync.config.policy.building import build_caps, build_exclusions, build_pauses, build_terms
from list_sync.config.policy.documents import Fault, Node, Place, Unreadable, parse_document
from list_sync.config.policy.filter_forms import Form
from list_sync.config.policy.forms import ListsForm
from list_sync.config.policy.household_forms import HouseholdForm
from list_sync.config.policy.joining import POLICY_NAMES
from list_sync.config.policy.leaves import find_nearest
from list_sync.config.policy.naming import find_sources
from list_sync.config.policy.problems import describe_faults, find_faults
from list_sync.config.policy.warning import find_warnings
from list_sync.config.settings import credential_names, setting_names
from list_sync.errors import ConfigError
from list_sync.files.opening import read_file
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.sources import ListRef, ProviderInfo

LISTS_NAME = POLICY_NAMES[0]
LARGEST = 1_000_000
MARK = "\ufeff"

AnyForm = TypeVar("AnyForm", bound=ListsForm)


@dataclass(frozen=True, slots=True)
class ListsFile:
    """What a file states: its lists with their terms, those that are off, and the policy of the household.

    `stated` are the keys that are there, as in `caps.per_day`.
    """

    path: Path
    lists: tuple[ListRef, ...]
    disabled: tuple[ListRef, ...]
    policy: HouseholdPolicy
    stated: frozenset[str]
    warnings: tuple[str, ...] = ()


def find_lists_file(folder: Path) -> Path | None:
    """Return the path of lists.yaml in CONFIG_DIR, None if there is none; raise ConfigError for lists.yml."""
    path, other = (folder / name for name in POLICY_NAMES)
    is_there, is_other_there = map(os.path.lexists, (path, other))
    if is_other_there and is_there:
        raise ConfigError(f"{path} and {other} are both there: keep {path}, and remove the other")
    if is_other_there:
        raise ConfigError(f"{other}: rename it to {LISTS_NAME}, the only name that is read")
    return path if is_there else None


@dataclass(frozen=True, slots=True)
class Parsed(Generic[AnyForm]):
    """A file as a model sees it: its keys, its values with their places, and what is wrong with it."""

    form: AnyForm | None
    root: Node
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()

    def require_form(self, path: Path, *more: Fault) -> AnyForm:
        """Return the keys of the file; raise ConfigError with all faults, `more` included."""
        if self.form is None or self.faults or more:
            raise ConfigError(describe_faults(path, (*self.faults, *more)))
        return self.form


def read_policy(path: Path, *, providers: Mapping[str, ProviderInfo], policy: HouseholdPolicy) -> ListsFile:
    """Return what a file states; `policy` counts where it states nothing. Raise ConfigError with all faults."""
    return parse_policy(path, load_text(path), providers=providers, policy=policy)


def parse_policy(path: Path, text: str, *, providers: Mapping[str, ProviderInfo], policy: HouseholdPolicy) -> ListsFile:
    """Return what a text states that is, or will be, in a file; raise ConfigError as read_policy does."""
    parsed = _parse_form(path, text, ListsForm, providers)
    return build_lists_file(path, parsed, providers=providers, policy=policy)


def read_household(
    path: Path, *, providers: Mapping[str, ProviderInfo], policy: HouseholdPolicy
) -> tuple[HouseholdForm, ListsFile]:
    """Return the server and credentials of a further household, and its lists; raise ConfigError with all faults."""
    parsed = read_form(path, HouseholdForm, providers)
    faults = tuple(_find_wrong_credentials(parsed.root, credential_names(providers.values())))
    parsed = replace(parsed, faults=(*parsed.faults, *faults))
    file = build_lists_file(path, parsed, providers=providers, policy=policy)
    return parsed.require_form(path), file


def _find_wrong_credentials(root: Node, known: Collection[str]) -> Iterator[Fault]:
    stated = root.find(["credentials"])
    if stated.path and isinstance(stated.node.content, Mapping):
        for name, (place, _) in stated.node.content.items():
            if name not in known:
                near = find_nearest(name, known)
                advice = f"is it {near}?" if near else f"names are {', '.join(known)}"
                yield Fault(place, f"{name} is no credential; {advice}")


def read_form(path: Path, model: type[AnyForm], providers: Mapping[str, ProviderInfo]) -> Parsed[AnyForm]:
    """Return a file as a model sees it; raise ConfigError if it cannot be read to its end."""
    return _parse_form(path, load_text(path), model, providers)


def _parse_form(path: Path, text: str, model: type[AnyForm], providers: Mapping[str, ProviderInfo]) -> Parsed[AnyForm]:
    try:
        root, faults = parse_document(text.removeprefix(MARK))
    except Unreadable as error:
        raise ConfigError(describe_faults(path, [error.fault])) from error
    if root is None or root.content is None:
        fault = Fault(Place(1, 1), "the file states nothing; write at least one key, as in lists: [], or remove it")
        raise ConfigError(describe_faults(path, [fault]))
    warnings = [Fault(Place(1, 1), "a byte order mark, which is not needed")] if text.startswith(MARK) else []
    try:
        return Parsed(model.model_validate(root.plain()), root, tuple(faults), tuple(warnings))
    except ValidationError as error:
        # A secret in the file is most likely that of a source.
        settings = (*credential_names(providers.values()), *setting_names(providers.values()))
        return Parsed(None, root, (*faults, *find_faults(error, root, model, settings)), tuple(warnings))


def build_lists_file(
    path: Path, parsed: Parsed[AnyForm], *, providers: Mapping[str, ProviderInfo], policy: HouseholdPolicy
) -> ListsFile:
    """Return what a parsed file states; raise ConfigError with all faults."""
    sources, faults = find_sources(parsed.root, providers)
    form = parsed.require_form(path, *faults)
    names = {text: ref.name for text, ref in sources.excluded.items()}
    defaults = policy.defaults
    if form.defaults is not None:
        defaults = build_terms(form.defaults, defaults, [names[text] for text in form.defaults.exclude_lists])
    on: list[ListRef] = []
    off: list[ListRef] = []
    for entry, ref in zip(form.lists, sources.entries, strict=True):
        if ref is not None:
            terms = build_terms(entry, defaults, [names[text] for text in entry.exclude_lists])
            others = tuple(name for name in terms.exclude_lists if name != ref.name)
            is_on = entry.enabled if "enabled" in entry.model_fields_set else not form.defaults or form.defaults.enabled
            (on if is_on else off).append(replace(ref, terms=replace(terms, exclude_lists=others), file=path.name))
    joined = HouseholdPolicy(
        file=path,
        fingerprint=_fingerprint(parsed.root),
        defaults=defaults,
        caps=build_caps(form.caps, policy.caps),
        pause_when=build_pauses(form.pause_when),
        brake=form.brake,
        exclusions=build_exclusions(form.exclusions, [names[one.list] for one in form.exclusions if one.list]),
        excluding=tuple(dict.fromkeys(sources.excluded.values())),
    )
    warnings = (*parsed.warnings, *find_warnings(form, parsed.root, sources))
    return ListsFile(path, tuple(on), tuple(off), joined, _find_stated(form), describe_faults(path, warnings))


def load_text(path: Path) -> str:
    """Return the text of a file; raise ConfigError if it cannot be read."""
    try:
        content = read_file(path, LARGEST + 1)
    except OSError as error:
        advice = f"make it a plain file that user {os.getuid()} can read, or remove it"
        raise ConfigError(f"{path}: it cannot be read ({error.strerror or error}); {advice}") from error
    if len(content) > LARGEST:
        raise ConfigError(f"{path}: it is larger than {LARGEST // 1_000_000} MB; remove what is not needed")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        fault = Fault(place, "the text is not in UTF-8; save the file with this encoding")
        raise ConfigError(describe_faults(path, [fault])) from error


def _fingerprint(root: Node) -> str:
    """Return a value that changes with every change of what the file states, and not with its comments."""
    return hashlib.sha256(json.dumps(root.plain(), sort_keys=True).encode()).hexdigest()[:16]


def _find_stated(form: Form, before: str = "") -> frozenset[str]:
    stated = form.stated()
    inner = (_find_stated(value, f"{before}{key}.") for key, value in stated.items() if isinstance(value, Form))
    return frozenset(f"{before}{key}" for key in stated).union(*inner)
