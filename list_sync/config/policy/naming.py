"""Finds the lists that lists.yaml names: those to sync, and those whose titles are excluded."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from list_sync.config.naming import find_list
from list_sync.config.policy.documents import Fault, Node, Place
from list_sync.errors import InvalidListId
from list_sync.model.names import lists_setting_of
from list_sync.model.sources import ListKey, ListRef, ProviderInfo
from list_sync.model.terms import EACH

# Lists that each person of a server has: only these can be requested by each in their own name.
PERSONAL = ("jellyfin", "plex")
_SECRET = re.compile(r"://[^/?#@]*:[^/?#@]*@|[?&#][^=&#]*(key|token|secret|passw|auth)[^=&#]*=[^&#]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sources:
    """The lists of the entries (None where one has a fault), and the excluded lists by the text that names them."""

    entries: tuple[ListRef | None, ...] = ()
    excluded: Mapping[str, ListRef] = field(default_factory=dict)


def find_sources(root: Node, providers: Mapping[str, ProviderInfo]) -> tuple[Sources, list[Fault]]:
    """Return the lists that a document names, and the faults among them."""
    faults: list[Fault] = []
    nodes = list(_items_of(root, "lists"))
    entries = [_find_entry(node, providers, faults) for node in nodes]
    faults += _find_twins(nodes, entries)
    names = dict(_name_entries(nodes, entries, faults))
    excluded: dict[str, ListRef] = {}
    for key, node, own in _find_excluded(root, nodes, entries):
        text = str(node.content).strip()
        ref = names.get(text.casefold()) or _find(key, node, providers, faults)
        if ref is not None and own is not None and ref.key == own.key:
            faults.append(Fault(node.place, f"exclude_lists: {text} is this list itself; name another one"))
        elif ref is not None:
            excluded[text] = ref
    faults += _find_wrong_each(root, nodes, entries)
    return Sources(tuple(entries), excluded), faults


def holds_secret(text: str) -> bool:
    """Return whether the address of a list holds a key or a password."""
    return _SECRET.search(text) is not None


def explain_secret(provider: str) -> str:
    """Return why a list of a provider with a secret in its address is not written into a file, and what to do."""
    setting = lists_setting_of(provider)
    return f"an address with a key or a password must not be in a file: write it into {setting}"


def _items_of(node: Node, key: str) -> Iterator[Node]:
    found = _value_of(node, key)
    if found is not None and isinstance(found.content, tuple):
        yield from found.content


def _value_of(node: Node, key: str) -> Node | None:
    content = node.content
    return content[key][1] if isinstance(content, Mapping) and key in content else None


def _text_of(node: Node, key: str) -> Node | None:
    value = _value_of(node, key)
    return value if value is not None and isinstance(value.content, str) and value.content.strip() else None


def _find_entry(node: Node, providers: Mapping[str, ProviderInfo], faults: list[Fault]) -> ListRef | None:
    source = node if isinstance(node.content, str) and node.content.strip() else _text_of(node, "source")
    return _find("source", source, providers, faults) if source is not None else None


def _find(key: str, node: Node, providers: Mapping[str, ProviderInfo], faults: list[Fault]) -> ListRef | None:
    text = str(node.content)
    try:
        ref = find_list(text, providers)
    except InvalidListId as error:
        faults.append(Fault(node.place, f"{key}: {error}"))
        return None
    if holds_secret(text):
        setting = providers[ref.provider].lists_setting
        advice = f"set {setting} in the environment, or {setting}_FILE, and leave it out here"
        faults.append(Fault(node.place, f"{key}: the address holds a key or a password; {advice}"))
    return ref


def _find_twins(nodes: list[Node], entries: list[ListRef | None]) -> Iterator[Fault]:
    first: dict[ListKey, Place] = {}
    for node, ref in zip(nodes, entries, strict=True):
        if ref is not None and first.setdefault(ref.key, node.place) != node.place:
            line = first[ref.key].line
            yield Fault(node.place, f"the list {ref.name} is there twice: it is also in line {line}; keep one entry")


def _name_entries(
    nodes: list[Node], entries: list[ListRef | None], faults: list[Fault]
) -> Iterator[tuple[str, ListRef]]:
    """Yield each entry by the name that the file gives it; a name that is there twice is a fault."""
    first: dict[str, Place] = {}
    for node, ref in zip(nodes, entries, strict=True):
        name = _text_of(node, "name")
        if name is None:
            continue
        text = str(name.content).strip()
        if first.setdefault(text.casefold(), name.place) != name.place:
            line = first[text.casefold()].line
            faults.append(Fault(name.place, f"the name {text} is there twice: it is also in line {line}; change one"))
        elif ref is not None:
            yield text.casefold(), ref


def _find_excluded(
    root: Node, nodes: list[Node], entries: list[ListRef | None]
) -> Iterator[tuple[str, Node, ListRef | None]]:
    """Yield the key and text of each name of an excluded list, with the list of its entry."""
    for exclusion in _items_of(root, "exclusions"):
        if text := _text_of(exclusion, "list"):
            yield "list", text, None
    defaults = _value_of(root, "defaults")
    owners = [(defaults, None)] if defaults is not None else []
    for owner, own in [*owners, *zip(nodes, entries, strict=True)]:
        for node in _items_of(owner, "exclude_lists"):
            if isinstance(node.content, str) and node.content.strip():
                yield "exclude_lists", node, own


def _find_wrong_each(root: Node, nodes: list[Node], entries: list[ListRef | None]) -> Iterator[Fault]:
    defaults = _value_of(root, "defaults")
    places = [(defaults, "so it belongs to their entries")] if defaults is not None else []
    for node, ref in zip(nodes, entries, strict=True):
        if ref is not None and ref.provider not in PERSONAL:
            places.append((node, f"not of {ref.provider}"))
    for node, where in places:
        requester = _text_of(node, "requester")
        if requester is not None and str(requester.content).strip().lower() == EACH:
            yield Fault(requester.place, f"requester: each is for lists of {' and '.join(PERSONAL)}, {where}")
