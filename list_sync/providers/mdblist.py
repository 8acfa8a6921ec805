"""MDBList: the API with the user's key, otherwise the public JSON of a list; every answer shape that was seen."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from list_sync.api.classifier import retry_after_seconds
from list_sync.api.http import HttpAnswer
from list_sync.api.payloads import (
    clean_title,
    expect_list,
    expect_object,
    find_imdb_id,
    find_positive_int,
    find_year,
)
from list_sync.errors import (
    AuthenticationFailed,
    InvalidListId,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceError,
    UnexpectedResponse,
)
from list_sync.model.sources import Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

SERVICE = "mdblist"
API_URL = "https://api.mdblist.com"
PUBLIC_URL = "https://mdblist.com"
KEY = "MDBLIST_API_KEY"
PAGE_SIZE = 1000
_SEGMENT = re.compile(r"[^\s/?#]+")
_FORMS = "user/list-name, a list number, external/NUMBER, watchlist, or the address of the list's page"
_MEDIA_TYPES = {"movie": MediaType.MOVIE, "show": MediaType.TV, "tv": MediaType.TV, "series": MediaType.TV}


@dataclass(frozen=True, slots=True)
class ListAddress:
    """Where a list is found: `api` below the API's address, `public` below the site's, if it has a public JSON."""

    api: str
    public: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read: its page, how many entries it held, whether more follow (None: not said) and the cursor."""

    page: Page
    entries: int
    has_more: bool | None
    cursor: str | None


def check(list_id: str) -> None:
    """Raise InvalidListId unless the spelling is one of MDBList's."""
    parse_list_id(list_id)


@register_provider(
    SERVICE,
    base_url=API_URL,
    optional_credentials=(KEY,),
    description="user/list, list numbers, external lists, the watchlist, and their addresses",
    check=check,
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of a list, then the number of its entries once the end was seen."""
    url, route, query = choose_route(parse_list_id(list_id), context)
    entries, cursor, has_more = 0, None, True
    while has_more:
        position = {"cursor": cursor} if cursor else {"offset": str(entries)}
        answer = parse_answer(context.http.get(url, params=query | position, explain=find_error))
        yield answer.page
        entries += answer.entries
        cursor = answer.cursor
        # Where the answer does not say whether more follows, only an empty page is the end.
        has_more = answer.entries > 0 if answer.has_more is None else answer.has_more
        if has_more and not answer.entries:
            raise UnexpectedResponse(SERVICE, "an empty page that says that more follows")
    yield Page((), total=entries, route=route)


def choose_route(address: ListAddress, context: FetchContext) -> tuple[str, str, dict[str, str]]:
    """Return the address to ask, the route's name and the query: the API with a key, else the public JSON."""
    if address.public is None or context.credentials.get(KEY):
        key = context.require(KEY, "this list can only be read with a key, free at mdblist.com/preferences")
        return f"{context.base_url}/{address.api}", "api", {"apikey": key, "limit": str(PAGE_SIZE)}
    return f"{context.address(PUBLIC_URL)}/{address.public}", "public json", {"limit": str(PAGE_SIZE)}


def parse_list_id(list_id: str) -> ListAddress:
    """Return where the list is that the user means; raise InvalidListId naming the forms that are accepted."""
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


def find_error(answer: HttpAnswer) -> ServiceError | None:
    """Return the error in MDBList's own words: they often come with HTTP 200 (facts of 2026)."""
    if answer.status == 429 or answer.status >= 500 or b'"error"' not in answer.content[:10_000]:
        return None
    document = answer.json()
    words = clean_title(document.get("error")) if isinstance(document, dict) else ""
    if not words:
        return None
    lower = words.lower()
    if "limit" in lower:
        return RateLimited(SERVICE, f"rate limited: {words}", retry_after=retry_after_seconds(answer.headers))
    if "key" in lower or answer.status == 401:
        return AuthenticationFailed(SERVICE, f"{KEY} was refused, copy it again from mdblist.com/preferences: {words}")
    if "private" in lower or answer.status == 403:
        return Refused(SERVICE, f"private or forbidden, make it public or use the key of its owner: {words}")
    if "not found" in lower or "not exist" in lower or answer.status == 404:
        return ResourceNotFound(SERVICE, f"not found, check the spelling: {words}")
    return UnexpectedResponse(SERVICE, f"an error in place of the list: {words}")


def parse_answer(answer: HttpAnswer) -> Answer:
    """Read an answer in any of its shapes: an array, `items`, or `movies` and `shows`."""
    document = answer.json()
    entries = parse_entries(document)
    items = [item for item in (parse_entry(entry, default) for entry, default in entries) if item is not None]
    has_more = {"true": True, "false": False}.get(answer.headers.get("X-Has-More", "").strip().lower())
    cursor = None
    if isinstance(document, dict) and isinstance(document.get("pagination"), dict):
        cursor = clean_title(document["pagination"].get("next_cursor")) or None
        has_more = cursor is not None if has_more is None else has_more
    return Answer(Page(items, unsupported=len(entries) - len(items)), len(entries), has_more, cursor)


def parse_entries(document: object) -> Sequence[tuple[Mapping[str, object], str]]:
    """Return every entry with the kind that its place in the answer suggests, in the order of their ranks."""
    if not isinstance(document, dict):
        return _entries_of(document, "")
    if isinstance(document.get("items"), list):
        return _entries_of(document["items"], "")
    kinds = {"movies": "movie", "shows": "show", "seasons": "season", "episodes": "episode"}
    if not any(isinstance(document.get(name), list) for name in kinds):
        expect_list(document, service=SERVICE, what="a list")
    places = [(document[name], kind) for name, kind in kinds.items() if document.get(name) is not None]
    entries = [entry for value, kind in places for entry in _entries_of(value, kind)]
    return sorted(entries, key=lambda entry: find_positive_int(entry[0].get("rank")) or 2**31)


def _entries_of(value: object, kind: str) -> list[tuple[Mapping[str, object], str]]:
    entries = expect_list(value, service=SERVICE, what="a list")
    return [(expect_object(entry, service=SERVICE, what="an entry of the list"), kind) for entry in entries]


def parse_entry(entry: Mapping[str, object], default_kind: str) -> MediaItem | None:
    """Return the film or show that an entry states, or None for anything else."""
    # Inside `shows` an entry may still be a film: its own word counts.
    kind = entry.get("mediatype") or default_kind
    media_type = _MEDIA_TYPES.get(str(kind).lower())
    title, ids = clean_title(entry.get("title")), parse_ids(entry)
    if media_type is None or not (title or ids):
        return None
    return MediaItem(title, media_type, find_year(entry.get("release_year")), ids)


def parse_ids(entry: Mapping[str, object]) -> MediaIds:
    """Return the ids of an entry; the bare `id` is TMDB's only where nothing more precise is there.

    A `tmdb_id` that is there but null says that MDBList knows none: the bare `id` is then its own number.
    """
    ids = entry.get("ids")
    precise = ids if isinstance(ids, Mapping) else {}
    tmdb = precise.get("tmdb") or entry.get("tmdb_id")
    if "tmdb_id" not in entry and not precise:
        tmdb = entry.get("id")
    return MediaIds(
        tmdb=find_positive_int(tmdb),
        imdb=find_imdb_id(precise.get("imdb")) or find_imdb_id(entry.get("imdb_id")),
        tvdb=find_positive_int(precise.get("tvdb"))
        or find_positive_int(entry.get("tvdb_id"))
        or find_positive_int(entry.get("tvdbid")),
    )
