"""TMDB: lists and collections through its API, with a v3 key or a v4 token."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import find_words
from list_sync.api.http.payloads import (
    clean_title,
    expect_list,
    expect_object,
    find_count,
    find_positive_int,
    find_year,
)
from list_sync.api.sources.addresses import find_number, find_path
from list_sync.api.sources.each import read_each, read_kind
from list_sync.api.sources.tmdb import BASE_URL, SERVICE, ask_tmdb, is_token
from list_sync.errors import (
    AuthenticationFailed,
    InvalidListId,
    Private,
    ResourceNotFound,
    ServiceError,
    UnexpectedResponse,
)
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

KEY = "TMDB_KEY"
_FORMS = "write the number of a list, collection/NUMBER, or the address of either on themoviedb.org"
_KEY_ADVICE = "make a free one at https://www.themoviedb.org/settings/api (API key or read access token)"
# The longest answers have 20 entries a page, and no list of 200,000 is known.
MAX_PAGES = 10_000
# TMDB's own number for "This resource is private", which comes with HTTP 401 (developer.themoviedb.org, Errors).
_PRIVATE = 39


@dataclass(frozen=True, slots=True)
class TmdbList:
    """One list or collection by its number."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, and how many pages TMDB says there are."""

    page: Page
    page_count: int | None


def parse_list_id(list_id: str) -> TmdbList:
    """Return the list or collection of a spelling; raise InvalidListId naming the accepted forms."""
    path = find_path(list_id, site="themoviedb.org")
    parts = path if path is not None else tuple(part for part in list_id.strip().replace(":", "/").split("/") if part)
    if path is None and len(parts) == 1:
        parts = ("list", parts[0])
    number = find_number(parts[1]) if len(parts) > 1 else None
    if number is None or parts[0].lower() not in ("list", "collection"):
        hint = "; watchlists and favourites cannot be read, put the titles on a list" if path else ""
        raise InvalidListId(f"not a list of TMDB, {_FORMS}{hint}")
    return TmdbList(parts[0].lower(), number)


def canonical(list_id: str) -> str:
    """Return the number of a list, or collection/NUMBER."""
    target = parse_list_id(list_id)
    return str(target.number) if target.kind == "list" else f"{target.kind}/{target.number}"


@register_provider(
    SERVICE,
    base_url=BASE_URL,
    credentials=(KEY,),
    description="lists and collections: their numbers (12345, collection/10) and addresses",
    check=parse_list_id,
    canonical=canonical,
    spellings=("12345", "collection/10", "https://www.themoviedb.org/list/12345-name"),
    limits="about 50 requests a second",
    terms="free for non-commercial use, with attribution to TMDB",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of a list, or the films of a collection."""
    target, key = parse_list_id(list_id), context.require(KEY, _KEY_ADVICE)
    if target.kind == "collection":
        yield parse_collection(_ask(context, f"3/collection/{target.number}", key, {}))
        return
    version = 4 if is_token(key) else 3
    count = 0
    for number in range(1, MAX_PAGES + 1):
        answer = _ask(context, f"{version}/list/{target.number}", key, {"page": str(number)})
        read = parse_list(answer, number, after=count)
        yield read.page
        count += read.page.entries
        if _is_last(read, number, count):
            return
    raise UnexpectedResponse(SERVICE, "its pages never end")


def _is_last(read: ListPage, number: int, count: int) -> bool:
    if read.page_count is not None:
        return number >= read.page_count
    return count >= (read.page.total or 0) or not read.page.entries


def _ask(context: FetchContext, path: str, key: str, params: Mapping[str, str]) -> object:
    return ask_tmdb(context.http, f"{context.base_url}/{path}", key, params, explain=find_error)


def find_error(answer: HttpAnswer) -> ServiceError | None:
    """Return the error for a status; None if the status has its usual meaning."""
    if answer.status not in (401, 404) or answer.is_html:
        return None
    words = find_words(answer)
    if answer.status == 404:
        return ResourceNotFound(SERVICE, f"not found, check the number: {words or 'HTTP 404'}")
    document = answer.json() if words else None
    if isinstance(document, dict) and document.get("status_code") == _PRIVATE:
        return Private(SERVICE, f"private, its owner can make the list public on themoviedb.org: {words}")
    return AuthenticationFailed(SERVICE, f"{KEY} was refused, {_KEY_ADVICE}: {words or 'HTTP 401'}")


def parse_list(document: object, number: int, *, after: int = 0) -> ListPage:
    """Read page `number` of a list in the form of either version; raise UnexpectedResponse for anything else."""
    answer = expect_object(document, service=SERVICE, what="a list")
    answered = answer.get("page")
    if isinstance(answered, int) and answered != number:
        raise UnexpectedResponse(SERVICE, f"page {answered} came where page {number} was asked for")
    name = "results" if "results" in answer else "items"
    entries = expect_list(answer.get(name), service=SERVICE, what="the entries of a list")
    stated = (answer.get("total_results"), answer.get("item_count"))
    total = next((count for one in stated if (count := find_count(one)) is not None), None)
    page = Page.of(read_each(entries, parse_entry, after=after), total=total)
    return ListPage(page, find_positive_int(answer.get("total_pages")))


def parse_collection(document: object) -> Page:
    """Return the films of a collection, which come in one answer."""
    answer = expect_object(document, service=SERVICE, what="a collection")
    entries = expect_list(answer.get("parts"), service=SERVICE, what="the films of a collection")
    return Page.of(read_each(entries, parse_entry), total=len(entries))


def parse_entry(entry: object) -> Entry:
    """Return the title of an entry; names and dates may be empty. Raise UnexpectedResponse if it has no number."""
    fields = expect_object(entry, service=SERVICE, what="an entry")
    kind = fields.get("media_type") or ("tv" if "name" in fields and "title" not in fields else "movie")
    media_type = read_kind(kind)
    if isinstance(media_type, Unsupported):
        return media_type
    number = find_positive_int(fields.get("id"))
    if number is None:
        raise UnexpectedResponse(SERVICE, "an entry without a number")
    is_film = media_type is MediaType.MOVIE or (media_type is None and bool(fields.get("title")))
    title, date = ("title", "release_date") if is_film else ("name", "first_air_date")
    return MediaItem(clean_title(fields.get(title)), media_type, find_year(fields.get(date)), MediaIds(tmdb=number))
