"""Finds the list that a text names: provider:id, an address, a name, or an id that only one provider accepts."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from list_sync.errors import InvalidListId
from list_sync.model.masking import mask_address
from list_sync.model.sources import ListRef, ProviderInfo


def find_list(text: str, providers: Mapping[str, ProviderInfo], configured: Sequence[ListRef] = ()) -> ListRef:
    """Return the list that a text names; raise InvalidListId with the right form and the most similar list."""
    text = text.strip()
    known = [ref for ref in configured if text and text in (ref.list_id, ref.spelling, ref.name, str(ref))]
    known = known or [ref for ref in configured if text and text.casefold() == ref.terms.name.casefold()]
    if len(known) == 1:
        return known[0]
    name, colon, list_id = text.partition(":")
    if colon and list_id.strip() and not list_id.startswith("//") and name.strip().lower() in providers:
        return _build(providers[name.strip().lower()], list_id.strip(), providers, configured)
    # The name of a source alone means that the list was forgotten, though a file or a user may have that name.
    if (source := text.lower().rstrip(":")) in providers:
        raise InvalidListId(f"{source} is a source: name one of its lists, as in {source}:ID")
    hint, shown = _find_nearest(text, providers, configured), mask_address(text)
    near = get_close_matches(name.strip().lower(), providers, n=1, cutoff=0.7) if colon and "://" not in text else []
    # A misspelt provider would otherwise be part of a name: mdblist has lists called user/name.
    takers = _find_takers(text, providers) if text and not near else ()
    if len(takers) == 1:
        return takers[0].build_ref(text)
    hint = hint or (f" (did you mean {near[0]}:{list_id.strip()}?)" if near else "")
    if takers:
        choices = " or ".join(f"{taker.name}:{shown}" for taker in takers)
        raise InvalidListId(f'"{shown}" may be a list of several sources: write {choices}{hint}')
    raise InvalidListId(
        f'"{shown}" is not a list of any source{hint}: write provider:id, for example imdb:top, or the address of '
        f"its page; providers are {', '.join(providers)}"
    )


def check_spelling(provider: ProviderInfo, spelling: str) -> None:
    """Raise InvalidListId for a spelling that is not accepted; a custom provider may raise other errors for it."""
    if not spelling.strip():
        raise InvalidListId(f"an empty list id in {provider.lists_setting}")
    try:
        if provider.check_list_id is not None:
            provider.check_list_id(spelling)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise InvalidListId(f"{provider.name} does not accept this list") from error


def _build(
    provider: ProviderInfo, list_id: str, providers: Mapping[str, ProviderInfo], configured: Sequence[ListRef]
) -> ListRef:
    try:
        check_spelling(provider, list_id)
    except InvalidListId as error:
        hint = _find_nearest(f"{provider.name}:{list_id}", providers, configured)
        raise InvalidListId(f"{error}{hint}") from error
    return provider.build_ref(list_id)


def _find_takers(text: str, providers: Mapping[str, ProviderInfo]) -> tuple[ProviderInfo, ...]:
    """Return the providers that accept a spelling; those that accept any text only if no other does."""
    anything = "https://example.invalid/any" if "://" in text else "any-name"
    takers = [provider for provider in providers.values() if provider.check_list_id and provider.accepts(text)]
    specific = tuple(provider for provider in takers if not provider.accepts(anything))
    # A colon outside an address is meant to follow the name of a provider, and is no file name.
    return specific or (tuple(takers) if "://" in text or ":" not in text else ())


def _find_nearest(text: str, providers: Mapping[str, ProviderInfo], configured: Sequence[ListRef]) -> str:
    """Return "did you mean …?" with the provider or configured list whose name is most similar to a text."""
    names = [
        *providers,
        *map(str, configured),
        *(word for ref in configured for word in (ref.name, ref.shown_id, ref.terms.name) if word),
    ]
    nearest = get_close_matches(text.lower(), names, n=1, cutoff=0.7)
    # The provider is right where it stands before the id.
    is_new = nearest and not text.lower().startswith(f"{nearest[0]}:")
    return f" (did you mean {nearest[0]}?)" if is_new else ""
