"""MDBList: the API with the user's key, or without a key the public JSON of a list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from list_sync.api.sources.addresses import first_spelling
from list_sync.api.sources.mdblist import API_URL, KEY, KEY_ADVICE, PAGE_SIZE, SERVICE, read_entries
from list_sync.errors import InvalidListId
from list_sync.model.sources import Page
from list_sync.providers import FetchContext, register_provider
from list_sync.providers.scripts import Entry, read_for_script

PUBLIC_URL = "https://mdblist.com"
_SEGMENT = re.compile(r"[^\s/?#]+")
_FORMS = "user/list-name, a list number, external/NUMBER, watchlist, or the address of the list's page"


@dataclass(frozen=True, slots=True)
class ListAddress:
    """The paths of a list: `api` of the API, `public` of the site if the list has a public JSON."""

    api: str
    public: str | None = None


def parse_list_id(list_id: str) -> ListAddress:
    """Return the paths of the list of a spelling; raise InvalidListId naming the accepted forms."""
    match _segments(list_id.strip()):
        case [number] if _is_number(number):
            return ListAddress(f"lists/{number}/items")
        case [word] if word.lower() == "watchlist":
            return ListAddress("watchlist/items")
        case [word, number] if word.lower() == "external" and _is_number(number):
            return ListAddress(f"external/lists/{number}/items")
        case [user, word, number] if word.lower() == "external" and _is_number(number):
            return ListAddress(f"external/lists/{number}/items", f"lists/{quote(user, safe='')}/external/{number}/json")
        case [user, slug]:
            place = f"lists/{quote(user, safe='')}/{quote(slug, safe='')}"
            return ListAddress(f"{place}/items", f"{place}/json")
    raise InvalidListId(f"not a list of MDBList, write {_FORMS}")


def canonical(list_id: str) -> str:
    """Return the shortest spelling of the list."""
    address = parse_list_id(list_id)
    places = [place.replace("lists/", "", 1) for place in (address.api, address.public) if place]
    short = [place.removesuffix("/items").removesuffix("/json") for place in places]
    return first_spelling(list_id, parse_list_id, (*map(unquote, short), *short))


@register_provider(
    SERVICE,
    base_url=API_URL,
    optional_credentials=(KEY,),
    description="user/list, list numbers, external lists, the watchlist, and their addresses",
    check=parse_list_id,
    canonical=canonical,
    is_private=lambda list_id: parse_list_id(list_id).api.startswith("watchlist/"),
    terms="made for programs to read, with a key of your own",
    limits="1,000 requests a day with a free key, more for supporters",
    spellings=("user/list-name", "12345", "external/12345", "watchlist", "https://mdblist.com/lists/user/list-name"),
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of a list, then the number of its entries once the end was seen."""
    url, route, query = choose_route(parse_list_id(list_id), context)
    for page in read_entries(context.http, url, query):
        yield replace(page, route=route)


def fetch_mdblist_list(list_id: str) -> list[Entry]:
    """Return the titles of a list of MDBList, for a script (PUBLIC); raise as `read_for_script` does."""
    return read_for_script(SERVICE, list_id)


def choose_route(address: ListAddress, context: FetchContext) -> tuple[str, str, dict[str, str]]:
    """Return the address to ask, the route's name and the query: the API with a key, else the public JSON."""
    if address.public is None or context.credentials.get(KEY):
        key = context.require(KEY, f"this list can only be read with a key, {KEY_ADVICE}")
        return f"{context.base_url}/{address.api}", "api", {"apikey": key, "limit": str(PAGE_SIZE)}
    return f"{context.address(PUBLIC_URL)}/{address.public}", "public json", {"limit": str(PAGE_SIZE)}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _segments(text: str) -> list[str]:
    site = re.match(r"(?:https?://)?(?:(?:www|api|m)\.)?mdblist\.com(?=[/?#]|$)", text, re.IGNORECASE)
    if site is None and "://" in text:
        raise InvalidListId(f"an address of another site, write {_FORMS}")
    path = urlsplit(f"//host/{text[site.end() :] if site else text}").path
    segments = [unquote(segment) for segment in path.split("/") if segment]
    if site and (not segments or segments[0].lower() not in {"lists", "external", "watchlist"}):
        raise InvalidListId(f"not the address of a list, write {_FORMS}")
    if segments and segments[0].lower() == "lists":
        segments = segments[1:]
    while len(segments) > 1 and segments[-1].lower() in {"json", "items"}:
        segments = segments[:-1]
    if any(not _SEGMENT.fullmatch(segment) or segment in {".", ".."} for segment in segments):
        raise InvalidListId(f"not a list of MDBList, write {_FORMS}")
    return segments
