"""Which list somebody means: provider:id, an address from the browser, or an id that only one provider knows."""

from list_sync.errors import InvalidListId
from list_sync.model.sources import ListRef
from list_sync.providers import available_providers, find_takers, get_provider


def parse_list(text: str) -> ListRef:
    """Return the list that a text names; raise InvalidListId saying how to write it."""
    text = text.strip()
    name, colon, list_id = text.partition(":")
    if colon and list_id.strip() and not list_id.startswith("//") and name.strip().lower() in available_providers():
        provider = get_provider(name)
        provider.check(list_id.strip())
        return ListRef(provider.info.name, list_id.strip())
    # The name of a source alone is a list left out, though a file or a user may be called so, too.
    takers = find_takers(text) if text and text.lower() not in available_providers() else ()
    if len(takers) == 1:
        return ListRef(takers[0].info.name, text)
    if takers:
        choices = " or ".join(f"{taker.info.name}:{text}" for taker in takers)
        raise InvalidListId(f'"{text}" may be a list of several sources: write {choices}')
    raise InvalidListId(
        f'"{text}" is no list that any source knows: write provider:id, for example imdb:top, or the address of its '
        f"page; providers are {', '.join(available_providers())}"
    )
