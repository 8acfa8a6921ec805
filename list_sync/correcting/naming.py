"""Finds the lists that a text names: provider:id, an address, an id that only one provider accepts, or a provider."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from list_sync.config.splitting import find_spellings
from list_sync.errors import InvalidListId
from list_sync.model.masking import mask_address
from list_sync.model.sources import ListKey, ListRef
from list_sync.providers import Provider, available_providers, find_takers, get_provider


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
    text = text.strip()
    known = [ref for ref in configured if text in (ref.list_id, ref.spelling, ref.name, str(ref))]
    if len(known) == 1:
        return known[0]
    name, colon, list_id = text.partition(":")
    if colon and list_id.strip() and not list_id.startswith("//") and name.strip().lower() in available_providers():
        return _parse_named(name, list_id.strip(), configured)
    # The name of a source alone means that the list was forgotten, though a file or a user may have that name.
    if (source := text.lower().rstrip(":")) in available_providers():
        raise InvalidListId(f"{source} is a source: name one of its lists, as in {source}:ID")
    takers = find_takers(text) if text else ()
    if len(takers) == 1:
        return takers[0].info.build_ref(text)
    hint, shown = _find_nearest(text, configured), mask_address(text)
    if takers:
        choices = " or ".join(f"{taker.info.name}:{shown}" for taker in takers)
        raise InvalidListId(f'"{shown}" may be a list of several sources: write {choices}{hint}')
    raise InvalidListId(
        f'"{shown}" is not a list of any source{hint}: write provider:id, for example imdb:top, or the address of '
        f"its page; providers are {', '.join(available_providers())}"
    )


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
    provider = get_provider(name)
    spellings = find_spellings(text, provider.info, folder)
    if not spellings:
        raise InvalidListId(f"{provider.info.name}: no list is named, for example {provider.info.name}:ID")
    for spelling in spellings:
        _check(provider, spelling)
    return tuple(dict.fromkeys(map(provider.info.build_ref, spellings)))


def _parse_named(name: str, list_id: str, configured: Sequence[ListRef]) -> ListRef:
    provider = get_provider(name)
    try:
        _check(provider, list_id)
    except InvalidListId as error:
        hint = _find_nearest(f"{provider.info.name}:{list_id}", configured)
        raise InvalidListId(f"{error}{hint}") from error
    return provider.info.build_ref(list_id)


def _check(provider: Provider, spelling: str) -> None:
    """Raise InvalidListId for a spelling that is not accepted; a custom provider may raise other errors for it."""
    try:
        provider.check(spelling)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise InvalidListId(f"{provider.info.name} does not accept this list") from error


def _find_nearest(text: str, configured: Sequence[ListRef]) -> str:
    """Return "did you mean …?" with the provider or configured list whose name is most similar to a text."""
    names = [
        *available_providers(),
        *map(str, configured),
        *(word for ref in configured for word in (ref.name, ref.shown_id)),
    ]
    nearest = get_close_matches(text.lower(), names, n=1, cutoff=0.7)
    return f" (did you mean {nearest[0]}?)" if nearest else ""
