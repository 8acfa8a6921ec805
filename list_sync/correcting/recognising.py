"""What a pasted text means: a list of a source, or in plain words what else it is and what a list looks like."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from list_sync.api.sources.addresses import split_path
from list_sync.correcting.naming import parse_list
from list_sync.errors import InvalidListId
from list_sync.model.names import name_source
from list_sync.model.sources import ListRef
from list_sync.providers import Provider, available_providers, get_provider

FILES = "file"
LONGEST = 2000
# What only a program reads may be a list also on the site of a source.
_FEED = re.compile(r"\.(?:json|xml|rss|atom|csv|txt|zip)$|/(?:rss|feed|json|atom|csv)/?$", re.IGNORECASE)
_FOR_PROGRAMS = ("api.", "feeds.", "rss.")
_TITLES = frozenset({"movie", "movies", "film", "films", "title", "show", "shows", "series", "tv", "anime", "manga"})
_PERSONS = frozenset({"person", "people", "name", "actor", "director", "writer", "star", "staff", "character"})
_SEARCHES = frozenset({"search", "find", "discover", "explore", "browse"})
_USERS = frozenset({"user", "users", "u", "profile", "member"})


def recognise(text: str, configured: Sequence[ListRef]) -> ListRef:
    """Return the list that a text means; raise InvalidListId that says what else it is, and what a list looks like."""
    text = text.strip()
    if not text:
        raise InvalidListId("paste the address or the id of a list, for example https://www.imdb.com/list/ls123456789/")
    if len(text) > LONGEST:
        raise InvalidListId(f"this is longer than {LONGEST} characters, and no address of a list")
    if re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE) and not re.match("https?://", text, re.IGNORECASE):
        raise InvalidListId("only addresses with http:// or https:// are read")
    found = parse_list(text, configured)
    # A page of a source is no file; who means a file there writes file: before the address.
    if found.provider == FILES and "://" in text and not text.lower().startswith(f"{FILES}:"):
        _refuse_pages(text)
    return found


def _refuse_pages(text: str) -> None:
    """Raise InvalidListId for the page of a source that is no list."""
    try:
        address = urlsplit(text)
        host = (address.hostname or "").rstrip(".")
    except ValueError:
        raise InvalidListId("this is not an address: copy it again from the browser") from None
    provider = next((one for site, one in _find_sites().items() if host == site or host.endswith(f".{site}")), None)
    if provider is None or _FEED.search(address.path) or host.startswith(_FOR_PROGRAMS):
        return
    name = name_source(provider.info.name)
    example = next((one for one in provider.spellings if "://" in one), provider.spellings[0])
    what = _name_page(address.path)
    raise InvalidListId(
        f"This is {what} on {name}, not a list. A list looks like {example}. {name} has {provider.info.description}."
    )


def _find_sites() -> Mapping[str, Provider]:
    """Return the sources by the site on which people see their lists; the first of a site counts."""
    sites: dict[str, Provider] = {}
    for name in available_providers():
        provider = get_provider(name)
        for host in (urlsplit(one).hostname for one in provider.spellings if "://" in one and name != FILES):
            if host is not None:
                sites.setdefault(".".join(host.split(".")[-2:]), provider)
    return sites


def _name_page(path: str) -> str:
    """Return what a page of a source is that is no list."""
    parts = [part.lower() for part in split_path(path)]
    # Addresses may begin with the language of the reader.
    words = parts[1:] if len(parts) > 1 and re.fullmatch("[a-z]{2}(-[a-z]{2,4})?", parts[0]) else parts
    match words:
        case []:
            return "the front page"
        case [first, _, *_] if first in _TITLES:
            return "a single title"
        case [first, _, *_] if first in _PERSONS:
            return "a person"
        case [first, *_] if first in _SEARCHES:
            return "a search"
        case [first, _] if first in _USERS:
            return "a user"
    return "a page"
