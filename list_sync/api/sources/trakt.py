"""Trakt's API v2 for the providers that read it: headers, paging by headers, errors and entries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import (
    clean_title,
    expect_list,
    expect_object,
    find_count,
    find_moment,
    find_year,
)
from list_sync.api.saved_lists.kinds import find_unsupported
from list_sync.api.sources.each import read_each, read_ids
from list_sync.errors import (
    AuthenticationFailed,
    Blocked,
    NeedsVip,
    Refused,
    ResourceNotFound,
    ServiceError,
    UnexpectedResponse,
)
from list_sync.model.cleaning import NAMELESS
from list_sync.model.sources import EPISODE, Entry, Unsupported
from list_sync.model.titles import MediaItem, MediaType

BASE_URL = "https://api.trakt.tv"
CLIENT_ID = "TRAKT_CLIENT_ID"
CLIENT_SECRET = "TRAKT_CLIENT_SECRET"  # noqa: S105 (a name)
LOGIN_COMMAND = "list-sync login trakt"
CLIENT_ID_ADVICE = (
    "make an API app at https://trakt.tv/oauth/applications and copy its client id "
    "(since July 2026 Trakt lets only VIP members make one)"
)
# Since 15 June 2026 Trakt silently reduces a larger limit to this (trakt/trakt-api issues 924 and 925).
PAGE_SIZE = 250
# A list holds at most 100,000 entries, and Trakt reduces a page to 100 entries at the least.
MAX_PAGES = 2_000

_MEANINGS: Mapping[int, tuple[type[ServiceError], str]] = {
    401: (
        AuthenticationFailed,
        (
            f"{CLIENT_ID} was refused, or the list is private: check the id, and make the list public or log in "
            f"({LOGIN_COMMAND})"
        ),
    ),
    403: (AuthenticationFailed, f"{CLIENT_ID} was refused, or its API app was deleted: {CLIENT_ID_ADVICE}"),
    404: (
        ResourceNotFound,
        f"not found, or private: check the spelling, make the list public, or log in as its owner ({LOGIN_COMMAND})",
    ),
    420: (Refused, "over the limits of its owner's account at Trakt, which only the owner can change"),
    423: (Refused, "its owner's account at Trakt is locked or deactivated: the owner can ask support@trakt.tv"),
    426: (NeedsVip, "only for VIP members of Trakt: leave it out, or use the client id of a member"),
}
_TYPES_READ = frozenset({"movie", "show", "season", EPISODE})


@dataclass(frozen=True, slots=True)
class TraktPage:
    """One page; the counts are those of the whole list, if Trakt states them."""

    entries: Sequence[object]
    item_count: int | None
    page_count: int | None


def trakt_headers(client_id: str, token: str | None = None) -> Mapping[str, str]:
    """Return the headers of every call, except the User-Agent, which the HTTP client sets; `token` is from a log-in."""
    headers = {"Content-Type": "application/json", "trakt-api-version": "2", "trakt-api-key": client_id}
    return headers if token is None else {**headers, "Authorization": f"Bearer {token}"}


def read_pages(
    http: HttpClient, url: str, *, client_id: str, token: str | None = None, wanted: int | None = None
) -> Iterator[TraktPage]:
    """Yield the pages of a list, or of its first `wanted` entries. A token shows what its owner may see."""
    limit = PAGE_SIZE if wanted is None else min(wanted, PAGE_SIZE)
    count = 0
    for number in range(1, MAX_PAGES + 1):
        answer = _ask(http, url, {"page": number, "limit": limit}, trakt_headers(client_id, token))
        page = parse_page(answer, number=number)
        yield page
        count += len(page.entries)
        if _is_last(page, number, count) or (wanted is not None and count >= wanted):
            return
        if not page.entries or count > (page.item_count or count) + PAGE_SIZE:
            break
    raise UnexpectedResponse(http.service, "the pages do not add up to the total that Trakt states")


def _ask(http: HttpClient, url: str, params: Mapping[str, int], headers: Mapping[str, str]) -> HttpAnswer:
    explain = explain_status_to_owner if "Authorization" in headers else explain_status
    try:
        return http.get(url, params=params, headers=headers, explain=explain)
    except Blocked as error:
        # Cloudflare blocks some networks permanently (trakt/trakt-api issue 939).
        advice = "wait, or reach Trakt through another network (HTTPS_PROXY)"
        raise Blocked(error.service, f"{error.message}: {advice}", retry_after=error.retry_after) from error


def parse_page(answer: HttpAnswer, *, number: int) -> TraktPage:
    """Parse one answer as page `number`; raise UnexpectedResponse if it is another page or no list."""
    entries = expect_list(answer.json(), service=answer.service, what="a list of entries")
    answered = find_count(answer.headers.get("X-Pagination-Page"))
    if answered is not None and answered != number:
        raise UnexpectedResponse(answer.service, f"page {answered} arrived, page {number} was requested")
    item_count = find_count(answer.headers.get("X-Pagination-Item-Count"))
    if item_count is None and number == 1 and not entries:
        # Trakt sends `[]` for an empty list, with or without paging headers.
        item_count = 0
    return TraktPage(entries, item_count, find_count(answer.headers.get("X-Pagination-Page-Count")))


def _is_last(page: TraktPage, number: int, count: int) -> bool:
    """Return whether Trakt states that the list ends here; a list without any statement has one page."""
    if page.page_count is not None:
        return number >= page.page_count
    return page.item_count is None or count >= page.item_count


def explain_status(answer: HttpAnswer) -> ServiceError | None:
    """Return the meaning of Trakt's status, with advice; None if it means the same at every service."""
    if answer.status not in _MEANINGS:
        return None
    kind, message = _MEANINGS[answer.status]
    return kind(answer.service, f"{message} (HTTP {answer.status})")


def explain_status_to_owner(answer: HttpAnswer) -> ServiceError | None:
    """Return the same for a call with the token of a log-in, as Trakt may refuse that token."""
    if answer.status == 401:
        what = f"the log-in, or {CLIENT_ID}, was refused: log in again ({LOGIN_COMMAND})"
        return AuthenticationFailed(answer.service, f"{what} (HTTP 401)")
    return explain_status(answer)


def parse_entries(
    entries: Sequence[object], *, service: str, bare: MediaType | None = None, after: int = 0
) -> list[Entry]:
    """Parse the entries; persons and single episodes among them cannot be requested.

    `bare` is the kind of entries without a wrapper, as in the popular charts. `after` is the number of earlier entries.
    """

    def parse(value: object) -> Entry:
        entry = expect_object(value, service=service, what="an entry")
        kind = _type_of(entry, bare)
        if kind is not None and kind not in _TYPES_READ:
            return Unsupported(find_unsupported(kind) or clean_title(kind)[:40])
        item = _item(entry, kind)
        if item is None:
            raise UnexpectedResponse(service, NAMELESS)
        if kind == EPISODE:
            return Unsupported(EPISODE, item)
        return Unsupported("season") if kind == "season" and item.season is None else item

    return read_each(entries, parse, after=after)


def _type_of(entry: Mapping[str, object], bare: MediaType | None) -> str | None:
    """Return Trakt's word for the kind of an entry. Lists state it; in charts the wrapper implies it."""
    stated = entry.get("type")
    if isinstance(stated, str) and stated:
        return stated
    wrapper = next((word for word in ("movie", "show") if isinstance(entry.get(word), Mapping)), None)
    if wrapper is None and bare is not None:
        return "movie" if bare is MediaType.MOVIE else "show"
    return wrapper


def _item(entry: Mapping[str, object], kind: str | None) -> MediaItem | None:
    """Return the title of an entry; for seasons and episodes that is their show."""
    is_movie = kind == "movie"
    wrapped = entry.get("movie" if is_movie else "show")
    subject = wrapped if isinstance(wrapped, Mapping) else entry if "type" not in entry else {}
    title = clean_title(subject.get("title"))
    media_type = MediaType.MOVIE if is_movie else MediaType.TV
    ids = read_ids(subject.get("ids"), media_type)
    if not title and not ids:
        return None
    stated = entry.get("season") if kind == "season" else None
    season = find_count(stated.get("number")) if isinstance(stated, Mapping) else None
    added_at = find_moment(entry.get("listed_at") or entry.get("watched_at"))
    return MediaItem(title, media_type, find_year(subject.get("year")), ids, season, added_at=added_at)
