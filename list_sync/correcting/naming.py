"""Finds the lists that people name on the command line and in the API, or all lists of a provider."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from list_sync.config.naming import check_spelling, find_list
from list_sync.config.splitting import find_spellings
from list_sync.errors import InvalidListId
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.terms import EACH
from list_sync.model.users import is_of_person
from list_sync.providers import available_providers, get_provider


def parse_lists(text: str, configured: Sequence[ListRef]) -> tuple[ListRef, ...]:
    """Return the lists that a text names: one list, or all configured lists of a provider; raise InvalidListId."""
    text = text.strip()
    provider = available_providers().get(text.lower().rstrip(":"))
    if provider is not None:
        found = tuple(ref for ref in configured if ref.provider == provider.name)
        if not found:
            advice = f"set {provider.lists_setting}, or name one list, as in {provider.name}:ID"
            raise InvalidListId(f"{provider.name} has no list to sync: {advice}")
        return found
    return (parse_list(text, configured),)


def parse_list(text: str, configured: Sequence[ListRef] = ()) -> ListRef:
    """Return the list that a text names; raise InvalidListId with the right form and the most similar list."""
    return find_list(text, available_providers(), configured)


def find_key_of(text: str, configured: Sequence[ListRef]) -> ListKey:
    """Return the identity of the list that a text names, as it is stored; no list may have it."""
    try:
        return parse_list(text, configured).key
    except InvalidListId:
        provider, _, list_id = text.strip().partition(":")
        return ListKey(provider, list_id)


def parse_ids(name: str, text: str, folder: Path) -> tuple[ListRef, ...]:
    """Return the lists of one provider that a text names in the form of its setting; raise InvalidListId.

    `folder` is the drop folder.
    """
    provider = get_provider(name).info
    spellings = find_spellings(text, provider, folder)
    if not spellings:
        raise InvalidListId(f"{provider.name}: no list is named, for example {provider.name}:ID")
    for spelling in spellings:
        check_spelling(provider, spelling)
    return tuple(dict.fromkeys(map(provider.build_ref, spellings)))


def with_people(stated: Sequence[ListRef], known: Collection[ListKey]) -> tuple[ListRef, ...]:
    """Return stated lists, with the known ones of each person in the place of one of all."""
    found: dict[ListRef, None] = {}
    for ref in stated:
        of_people = [key for key in known if ref.terms.requester == EACH and is_of_person(key, ref.key)]
        if not of_people or ref.key in known:
            found[ref] = None
        found |= {replace(ref, list_id=key.list_id, spelling=""): None for key in of_people}
    return tuple(found)
