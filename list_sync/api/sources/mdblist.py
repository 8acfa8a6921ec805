"""Parsing of MDBList's answers, for the provider of its own lists and for the mirror of other sources' lists."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import retry_after_seconds
from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import (
    clean_title,
    expect_list,
    expect_object,
    find_count,
    find_imdb_id,
    find_moment,
    find_positive_int,
    find_year,
)
from list_sync.api.sources.each import read_each, read_kind
from list_sync.errors import (
    AuthenticationFailed,
    Private,
    RateLimited,
    ResourceNotFound,
    ServiceError,
    UnexpectedResponse,
)
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem

SERVICE = "mdblist"
API_URL = "https://api.mdblist.com"
KEY = "MDBLIST_API_KEY"
KEY_ADVICE = "free at mdblist.com/preferences"
PAGE_SIZE = 1000
# Not every list states it; the names are those of its own lists and of watchlists.
_ADDED = ("added_at", "watchlist_at", "listed_at")


@dataclass(frozen=True, slots=True)
class Answer:
    """One parsed answer: its page, whether more follow (None: not stated), and the cursor."""

    page: Page
    has_more: bool | None
    cursor: str | None


def read_entries(http: HttpClient, url: str, query: Mapping[str, str]) -> Iterator[Page]:
    """Yield the pages of a list, then the number of its entries if its end was reached."""
    entries, cursor, has_more = 0, None, True
    while has_more:
        position = {"cursor": cursor} if cursor else {"offset": str(entries)}
        answer = parse_answer(http.get(url, params={**query, **position}, explain=find_error), after=entries)
        yield answer.page
        entries += answer.page.entries
        cursor = answer.cursor
        # If the answer does not state whether more follows, only an empty page is the end.
        has_more = answer.page.entries > 0 if answer.has_more is None else answer.has_more
        if has_more and not answer.page.entries:
            raise UnexpectedResponse(SERVICE, "an empty page that states that more follows")
    yield Page((), total=entries)


def fetch_calls_left(http: HttpClient, base_url: str, key: str) -> tuple[int, int] | None:
    """Return how many calls a key has left today, and how many it has a day; None if that is not stated."""
    document = http.get(f"{base_url}/user", params={"apikey": key}, explain=find_error).json()
    limits = expect_object(document, service=SERVICE, what="the limits of a key")
    most, used = find_count(limits.get("api_requests")), find_count(limits.get("api_requests_count"))
    return None if most is None or used is None else (max(0, most - used), most)


def find_error(answer: HttpAnswer) -> ServiceError | None:
    """Return the error that MDBList's message means. Errors often come with HTTP 200 (as of 2026)."""
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
        return Private(SERVICE, f"private or forbidden, make it public or use the key of its owner: {words}")
    if "not found" in lower or "not exist" in lower or answer.status == 404:
        return ResourceNotFound(SERVICE, "not found: check the spelling")
    return UnexpectedResponse(SERVICE, f"an error in place of the list: {words}")


def parse_answer(answer: HttpAnswer, *, after: int = 0) -> Answer:
    """Parse an answer in any of its shapes: an array, `items`, or `movies` and `shows`."""
    document = answer.json()
    page = Page.of(read_each(parse_entries(document), parse_entry, after=after))
    has_more = {"true": True, "false": False}.get(answer.headers.get("X-Has-More", "").strip().lower())
    cursor = None
    if isinstance(document, dict) and isinstance(document.get("pagination"), dict):
        cursor = clean_title(document["pagination"].get("next_cursor")) or None
        has_more = cursor is not None if has_more is None else has_more
    return Answer(page, has_more, cursor)


def parse_entries(document: object) -> Sequence[object]:
    """Return every entry in the order of the ranks, with the kind that its place in the answer implies."""
    if not isinstance(document, dict):
        return expect_list(document, service=SERVICE, what="a list")
    if isinstance(document.get("items"), list):
        return expect_list(document["items"], service=SERVICE, what="a list")
    kinds = {"movies": "movie", "shows": "show", "seasons": "season", "episodes": "episode"}
    if not any(isinstance(document.get(name), list) for name in kinds):
        expect_list(document, service=SERVICE, what="a list")
    entries = [
        _with_kind(entry, kind)
        for name, kind in kinds.items()
        if document.get(name) is not None
        for entry in expect_list(document[name], service=SERVICE, what="a list")
    ]
    return sorted(entries, key=_rank)


def _with_kind(entry: object, kind: str) -> object:
    # An entry in `shows` can be a film, so the kind that the entry states counts more.
    return {**entry, "mediatype": entry.get("mediatype") or kind} if isinstance(entry, Mapping) else entry


def _rank(entry: object) -> int:
    return (find_positive_int(entry.get("rank")) if isinstance(entry, Mapping) else None) or 2**31


def parse_entry(value: object) -> Entry:
    """Parse an entry; raise UnexpectedResponse if it is no object."""
    entry = expect_object(value, service=SERVICE, what="an entry of the list")
    media_type = read_kind(entry.get("mediatype"))
    if isinstance(media_type, Unsupported):
        return media_type
    title, ids = clean_title(entry.get("title")), parse_ids(entry)
    added_at = next(filter(None, (find_moment(entry.get(name)) for name in _ADDED)), None)
    return MediaItem(title, media_type, find_year(entry.get("release_year")), ids, added_at=added_at)


def parse_ids(entry: Mapping[str, object]) -> MediaIds:
    """Return the ids of an entry. The bare `id` is TMDB's number only if there is no other TMDB field.

    If `tmdb_id` is present but null, MDBList has no TMDB number, and the bare `id` is MDBList's own number.
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
