"""Changes of lists.yaml that people make on pages and by the API: from one text to another; nothing is written."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from list_sync.config.policy.documents import Plain, parse_document
from list_sync.config.policy.naming import find_sources, holds_secret
from list_sync.config.policy.patching import rewrite
from list_sync.config.policy.reading import LARGEST, MARK, ListsFile, parse_policy
from list_sync.config.policy.writing import FIRST_LINES
from list_sync.errors import ConfigError
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.sources import ListRef, ProviderInfo

# What a key is to be, as RFC 7396 has it: a map changes the keys that it names, None takes a key away.
Wanted: TypeAlias = "Plain | Mapping[str, Wanted] | None"
Stated: TypeAlias = dict[str, Plain]
Entries: TypeAlias = Sequence[ListRef | None]
# Takes what the file states, with the list of each of its entries, and returns what it is to state.
Change: TypeAlias = Callable[[Stated, Entries], Stated]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the file that can be written: its text before (None if there is no file) and after, as both read."""

    path: Path
    before: str | None
    after: str
    former: ListsFile
    file: ListsFile

    @property
    def version(self) -> str:
        """Return a value that is another one once the file was changed by other hands."""
        return version_of(self.before)


def version_of(text: str | None) -> str:
    """Return a short value for a text, `new` for none."""
    return "new" if text is None else hashlib.sha256(text.encode()).hexdigest()[:16]


def build_edit(
    path: Path, before: str | None, change: Change, *, providers: Mapping[str, ProviderInfo], policy: HouseholdPolicy
) -> Edit:
    """Return what a change makes of a file; `policy` counts where it states nothing.

    Raise ConfigError with all faults if the file is wrong, or would be.
    """
    text = FIRST_LINES if before is None else before
    former = parse_policy(path, text, providers=providers, policy=policy)
    root, _ = parse_document(text.removeprefix(MARK))
    wanted = change(read_stated(text), find_sources(root, providers)[0].entries if root else ())
    after = rewrite(text, wanted)
    if len(after.encode()) > LARGEST:
        raise ConfigError(f"{path}: it would be larger than {LARGEST // 1_000_000} MB; write less into it")
    file = parse_policy(path, after, providers=providers, policy=policy)
    changed, _ = parse_document(after.removeprefix(MARK))
    if changed is None or changed.plain() != wanted:
        raise ConfigError(f"{path}: it is written in a way that only an editor can change; change it there")
    return Edit(path, before, after, former, file)


def add_list(source: str, terms: Mapping[str, Wanted] | None = None, *, index: int | None = None) -> Change:
    """Add a list with what it states beside `source`, as the last one, or at the place of an index."""

    def change(stated: Stated, _entries: Entries) -> Stated:
        _check_address(source)
        entries = _entries_of(stated)
        place = len(entries) if index is None else index
        entry = merge({"source": source}, terms or {})
        return stated | {"lists": [*entries[:place], _shorten(entry), *entries[place:]]}

    return change


def change_list(ref: ListRef, wanted: Mapping[str, Wanted]) -> Change:
    """Change what the file states of a list; a list that only the environment names gets an entry."""

    def change(stated: Stated, refs: Entries) -> Stated:
        entries, place = _entries_of(stated), _find_place(ref, refs)
        if place is None:
            return add_list(f"{ref.provider}:{ref.spelling or ref.list_id}", wanted)(stated, refs)
        before = _spread(entries[place])
        after = merge(before, wanted)
        if after == before:
            return stated
        if isinstance(source := wanted.get("source"), str):
            _check_address(source)
        changed = stated | {"lists": [*entries[:place], after, *entries[place + 1 :]]}
        return _rename(changed, before, str(after.get("name", after.get("source", ""))))

    return change


def remove_list(ref: ListRef) -> Change:
    """Remove the entry of a list; what names it by its name goes on with its source."""

    def change(stated: Stated, refs: Entries) -> Stated:
        entries, place = _entries_of(stated), _find_place(ref, refs)
        if place is None:
            raise ConfigError(f"{ref.name} is not in this file: {ref.origin} names it; remove it there, or pause it")
        entry = _spread(entries[place])
        changed = stated | {"lists": [*entries[:place], *entries[place + 1 :]]}
        return _rename(changed, entry, str(entry["source"]))

    return change


def switch_list(ref: ListRef, *, on: bool) -> Change:
    """Switch a list on or off; a list that is on by the defaults says nothing about it."""

    def change(stated: Stated, refs: Entries) -> Stated:
        defaults = stated.get("defaults")
        is_said = not on or (isinstance(defaults, dict) and "enabled" in defaults)
        return change_list(ref, {"enabled": ("on" if on else "off") if is_said else None})(stated, refs)

    return change


def change_policy(wanted: Mapping[str, Wanted]) -> Change:
    """Change what the file states for all lists together: defaults, caps, pause_when, brake, exclusions."""
    return change_all(lambda _stated: wanted)


def change_all(find_wanted: Callable[[Stated], Mapping[str, Wanted]]) -> Change:
    """Change what the file states for all lists together by what `find_wanted` makes of it."""

    def change(stated: Stated, _entries: Entries) -> Stated:
        wanted = find_wanted(stated)
        if "lists" in wanted:
            raise ConfigError("lists: each list is changed alone; name one")
        return merge(stated, wanted)

    return change


def change_terms(ref: ListRef, find_wanted: Callable[[Stated], Mapping[str, Wanted]]) -> Change:
    """Change what the file states of a list by what `find_wanted` makes of it."""

    def change(stated: Stated, refs: Entries) -> Stated:
        return change_list(ref, find_wanted(_find_entry(stated, refs, ref)))(stated, refs)

    return change


def find_entry(text: str | None, ref: ListRef, providers: Mapping[str, ProviderInfo]) -> Stated:
    """Return what a text without faults states of a list; nothing if it has no entry."""
    root, _ = parse_document((text or "").removeprefix(MARK))
    return {} if root is None else _find_entry(read_stated(text), find_sources(root, providers)[0].entries, ref)


def read_stated(text: str | None) -> Stated:
    """Return what a text states; nothing if there is none."""
    root, _ = parse_document((text or "").removeprefix(MARK))
    stated = root.plain() if root else {}
    return stated if isinstance(stated, dict) else {}


def _find_entry(stated: Stated, refs: Entries, ref: ListRef) -> Stated:
    place = _find_place(ref, refs)
    return {} if place is None else _spread(_entries_of(stated)[place])


def merge(before: Stated, wanted: Mapping[str, Wanted]) -> Stated:
    """Return what is stated after a change; a map of which nothing is left goes."""
    after = dict(before)
    for key, value in wanted.items():
        if isinstance(value, Mapping):
            inner = before.get(key)
            merged = merge(inner if isinstance(inner, dict) else {}, value)
            after = after | {key: merged} if merged else _without(after, key)
        else:
            after = _without(after, key) if value is None else after | {key: value}
    return after


def _without(stated: Stated, key: str) -> Stated:
    return {name: value for name, value in stated.items() if name != key}


def _entries_of(stated: Stated) -> list[Plain]:
    entries = stated.get("lists", [])
    return entries if isinstance(entries, list) else []


def _find_place(ref: ListRef, refs: Entries) -> int | None:
    return next((place for place, one in enumerate(refs) if one is not None and one.key == ref.key), None)


def _spread(entry: Plain) -> Stated:
    """Return an entry as a map; it may be its source alone."""
    return dict(entry) if isinstance(entry, dict) else {"source": entry}


def _shorten(entry: Stated) -> Plain:
    return entry["source"] if entry.keys() == {"source"} else entry


def _check_address(source: str) -> None:
    if holds_secret(source):
        raise ConfigError(
            "source: the address holds a key or a password, which must not be in this file; keep it in its setting, "
            "such as FILE_LISTS"
        )


def _rename(stated: Stated, entry: Stated, new: str) -> Stated:
    """Return the same with a new word for an entry wherever its name stands: `exclude_lists` and `exclusions`."""
    name = entry.get("name")
    if not isinstance(name, str) or name == new:
        return stated

    def other(text: Plain) -> Plain:
        return new if isinstance(text, str) and text.strip().casefold() == name.strip().casefold() else text

    def in_terms(terms: Plain) -> Plain:
        lists = terms.get("exclude_lists") if isinstance(terms, dict) else None
        return {**terms, "exclude_lists": list(map(other, lists))} if isinstance(lists, list) else terms  # type: ignore[dict-item]

    changed = stated | {"lists": list(map(in_terms, _entries_of(stated)))}
    if isinstance(excluded := stated.get("exclusions"), list):
        changed["exclusions"] = [
            one | {"list": other(one["list"])} if isinstance(one, dict) and "list" in one else one for one in excluded
        ]
    if "defaults" in stated:
        changed["defaults"] = in_terms(stated["defaults"])
    return changed
