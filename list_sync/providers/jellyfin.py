"""Jellyfin (and Emby, which answers alike): what one user likes or has seen, from the user's own server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_count, find_rating, find_year
from list_sync.api.sources.each import read_each, read_ids, read_kind
from list_sync.errors import AuthenticationFailed, InvalidListId, ResourceNotFound, ServiceError, UnexpectedResponse
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaItem
from list_sync.model.users import People, Person
from list_sync.providers import FetchContext, add_people, register_provider

SERVICE = "jellyfin"
URL, KEY, USER = "JELLYFIN_URL", "JELLYFIN_API_KEY", "JELLYFIN_USER"
PAGE_SIZE = 500
_KINDS = {"": "Movie,Series", "movies": "Movie", "shows": "Series"}
_FAVORITES, _WATCHED = "favorites", "watched"
_WORDS = {
    **dict.fromkeys((_FAVORITES, "favourites", "favorite", "favourite"), _FAVORITES),
    **dict.fromkeys((_WATCHED, "played", "seen"), _WATCHED),
}
_FILTERS = {_FAVORITES: "IsFavorite", _WATCHED: "IsPlayed"}


@dataclass(frozen=True, slots=True)
class JellyfinList:
    """What a user likes or has seen, of some kinds; an empty `user` is that of the settings."""

    word: str
    kind: str = ""
    user: str = field(default="", repr=False)

    @property
    def kinds(self) -> str:
        """Return the kinds in Jellyfin's words."""
        return _KINDS[self.kind]

    @property
    def spelling(self) -> str:
        """Return the one spelling of the list."""
        return self.word + (f"/{self.kind}" if self.kind else "") + (f"@{self.user}" if self.user else "")


def parse_target(list_id: str) -> JellyfinList:
    """Return the list of a spelling; raise InvalidListId naming the accepted spellings."""
    place, _, user = list_id.strip().partition("@")
    word, _, kind = place.strip().lower().strip("/").replace(":", "/").partition("/")
    if word not in _WORDS or kind not in _KINDS:
        advice = f"; the address of the server goes into {URL}" if "://" in list_id else ""
        raise InvalidListId(f"write favorites, favorites/movies, favorites/shows, or watched in its place{advice}")
    return JellyfinList(_WORDS[word], kind, user.strip())


def parse_list_id(list_id: str) -> str:
    """Return the kinds in Jellyfin's words; raise InvalidListId as parse_target does."""
    return parse_target(list_id).kinds


def canonical(list_id: str) -> str:
    """Return favorites or watched, with the kind after a slash where only one is wanted."""
    return parse_target(list_id).spelling


def of_person(list_id: str, person: str) -> str:
    """Return the same list of another user, by that user's number."""
    return replace(parse_target(list_id), user=person).spelling


@register_provider(
    SERVICE,
    credentials=(URL, KEY, USER),
    description="favorites of JELLYFIN_USER, favorites/movies, favorites/shows, and what is watched",
    check=parse_list_id,
    canonical=canonical,
    is_private=lambda _list_id: True,
    spellings=("favorites", "favorites/movies", "favorites/shows", "watched", "watched/movies", "watched/shows"),
    limits="none: it is your own server",
    terms="your own server",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of what the user likes or has seen."""
    target = parse_target(list_id)
    name = target.user or context.require(USER, "set it to a user's name or id")
    path = f"Users/{quote(find_user(_ask(context, 'Users', {}), name), safe='')}/Items"
    start, total = 0, 1
    while start < total:
        query = {**items_query(target.kinds, start), "Filters": _FILTERS[target.word]}
        page = parse_items(_ask(context, path, query), after=start)
        yield page
        if not page.entries:
            return
        start, total = start + page.entries, page.total or 0


def fetch_people(context: FetchContext) -> tuple[Person, ...]:
    """Return the users of the server."""
    users = expect_list(_ask(context, "Users", {}), service=SERVICE, what="the users")
    known = [expect_object(user, service=SERVICE, what="a user") for user in users]
    return tuple(
        Person(_plain(user.get("Id")), clean_title(user.get("Name")), _plain(user.get("Id"))) for user in known
    )


add_people(SERVICE, People(fetch_people, of_person))


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
    rating = find_rating(fields.get("CommunityRating"))
    return MediaItem(title, media_type, year, read_ids(ids, media_type), rating=rating)
