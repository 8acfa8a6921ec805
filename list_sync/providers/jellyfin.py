"""Jellyfin (and Emby, which answers alike): the favourites of one user, from the user's own server."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_count, find_year
from list_sync.api.sources.addresses import first_spelling
from list_sync.api.sources.each import read_each, read_ids, read_kind
from list_sync.errors import AuthenticationFailed, InvalidListId, ResourceNotFound, ServiceError, UnexpectedResponse
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaItem
from list_sync.providers import FetchContext, register_provider

SERVICE = "jellyfin"
URL, KEY, USER = "JELLYFIN_URL", "JELLYFIN_API_KEY", "JELLYFIN_USER"
PAGE_SIZE = 500
_KINDS = {"": "Movie,Series", "movies": "Movie", "shows": "Series"}
_WORDS = ("favorites", "favourites", "favorite", "favourite")


def parse_list_id(list_id: str) -> str:
    """Return the kinds in Jellyfin's words; raise InvalidListId naming the accepted spellings."""
    word, _, kind = list_id.strip().lower().strip("/").replace(":", "/").partition("/")
    if word not in _WORDS or kind not in _KINDS:
        advice = f"; the address of the server goes into {URL}" if "://" in list_id else ""
        raise InvalidListId(f"write favorites, favorites/movies or favorites/shows{advice}")
    return _KINDS[kind]


def canonical(list_id: str) -> str:
    """Return favorites, with the kind after a slash where only one is wanted."""
    return first_spelling(list_id, parse_list_id, (_WORDS[0], *(f"{_WORDS[0]}/{kind}" for kind in _KINDS)))


@register_provider(
    SERVICE,
    credentials=(URL, KEY, USER),
    description="favorites of JELLYFIN_USER, favorites/movies, favorites/shows",
    check=parse_list_id,
    canonical=canonical,
    is_private=lambda _list_id: True,
    spellings=("favorites", "favorites/movies", "favorites/shows"),
    limits="none: it is your own server",
    terms="your own server",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the user's favourites."""
    kinds, name = parse_list_id(list_id), context.require(USER, "set it to a user's name or id")
    path = f"Users/{quote(find_user(_ask(context, 'Users', {}), name), safe='')}/Items"
    start, total = 0, 1
    while start < total:
        page = parse_items(_ask(context, path, items_query(kinds, start)), after=start)
        yield page
        if not page.entries:
            return
        start, total = start + page.entries, page.total or 0


def items_query(kinds: str, start: int) -> Mapping[str, str]:
    """Return the query for one page of favourites."""
    return {
        "Filters": "IsFavorite",
        "Recursive": "true",
        "IncludeItemTypes": kinds,
        "Fields": "ProviderIds",
        # Without a fixed order the pages of a large library may overlap.
        "SortBy": "SortName",
        "EnableTotalRecordCount": "true",
        "StartIndex": str(start),
        "Limit": str(PAGE_SIZE),
    }


def _ask(context: FetchContext, path: str, query: Mapping[str, str]) -> object:
    example = "set it to the address of Jellyfin, for example http://192.168.1.10:8096"
    address = context.base_url if context.overridden else context.require(URL, example)
    key = context.require(KEY, "make one in Jellyfin: Dashboard, API keys")
    # Jellyfin reads the first; Emby, and Jellyfin before 10.6, the second.
    headers = {"Authorization": f'MediaBrowser Token="{key}"', "X-Emby-Token": key}
    return context.http.get_json(f"{address.rstrip('/')}/{path}", params=query, headers=headers, explain=find_error)


def find_error(answer: HttpAnswer) -> ServiceError | None:
    """Return the error for a status, naming the setting; None if the status has its usual meaning."""
    if answer.status in (401, 403) and not answer.is_html:
        advice = f"{KEY} was refused, make a new one in Jellyfin: Dashboard, API keys"
        return AuthenticationFailed(SERVICE, f"{advice} (HTTP {answer.status})")
    if answer.status == 404:
        return UnexpectedResponse(SERVICE, f"not found: no Jellyfin here, check {URL} and the path in it (HTTP 404)")
    return None


def find_user(document: object, wanted: str) -> str:
    """Return the id of the user with that name or id; raise ResourceNotFound naming the setting."""
    users = expect_list(document, service=SERVICE, what="the users")
    known = [expect_object(user, service=SERVICE, what="a user") for user in users]
    ids = {_plain(user.get("Id")): str(user.get("Id")) for user in known}
    names = {str(user.get("Name")).casefold(): str(user.get("Id")) for user in known}
    # The names of other users must not get into a log.
    found = names.get(wanted.casefold()) or ids.get(_plain(wanted))
    if not found:
        raise ResourceNotFound(SERVICE, f"user not found: {USER} names none of the {len(known)} users of the server")
    return found


def _plain(number: object) -> str:
    return str(number).replace("-", "").lower()


def parse_items(document: object, *, after: int = 0) -> Page:
    """Return one page of favourites; raise UnexpectedResponse for anything else."""
    answer = expect_object(document, service=SERVICE, what="a page of favourites")
    entries = expect_list(answer.get("Items"), service=SERVICE, what="the favourites")
    total = find_count(answer.get("TotalRecordCount"))
    if total is None:
        raise UnexpectedResponse(SERVICE, "a page of favourites that does not say how many there are in all")
    return Page.of(read_each(entries, parse_item, after=after), total=total)


def parse_item(entry: object) -> Entry:
    """Return what an entry is; raise UnexpectedResponse if it is no object."""
    fields = expect_object(entry, service=SERVICE, what="a favourite")
    media_type = read_kind(fields.get("Type"))
    if isinstance(media_type, Unsupported):
        return media_type
    stated = fields.get("ProviderIds")
    ids = {str(name).lower(): number for name, number in stated.items()} if isinstance(stated, Mapping) else {}
    title, year = clean_title(fields.get("Name")), find_year(fields.get("ProductionYear"))
    return MediaItem(title, media_type, year, read_ids(ids, media_type))
