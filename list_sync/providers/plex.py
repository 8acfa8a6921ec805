"""Plex: the watchlist of the token's owner, as JSON or XML, or the RSS feed of a watchlist."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.payloads import (
    clean_title,
    expect_list,
    expect_object,
    find_count,
    find_moment,
    find_year,
)
from list_sync.api.http.xml_documents import parse_xml
from list_sync.api.sources.addresses import find_path, first_spelling
from list_sync.api.sources.each import find_items, read_each, read_ids, read_kind, to_text
from list_sync.errors import AuthenticationFailed, InvalidListId, ResourceNotFound, ServiceError, UnexpectedResponse
from list_sync.model.sources import Entry, NotUnderstood, Page, Unsupported
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

SERVICE = "plex"
TOKEN = "PLEX_TOKEN"
FEED_URL = "https://rss.plex.tv"
# Plex lowered its largest page to this in December 2025 (cenodude/CrossWatch issue 38).
PAGE_SIZE = 100
# A page of 100 entries has some 200 kB; XML of nothing but nesting takes seconds a megabyte to read.
MAX_XML_BYTES = 4 * 1024 * 1024
# The size of a full page of a feed; before June 2024 feeds ended here without notice (nylonee/watchlistarr issue 162).
FEED_PAGE_SIZE = 50
MAX_FEED_PAGES = 2_000
_FORMS = "write watchlist, movies or shows (of the watchlist), or the address of a watchlist's RSS feed"
_FEED = re.compile(r"(?:https?://)?rss\.plex\.tv/([A-Za-z0-9-]+)/?(?:[?#].*)?", re.IGNORECASE)
_NAMED_TITLE = re.compile(r"(.+?)\s*\((\d{4})\)")
_TITLES = frozenset({"movie", "show"})
# Plex's numbers for the kinds; without a number the watchlist holds both.
_TYPE_NUMBERS = {"watchlist": "", "movies": "1", "shows": "2"}


@dataclass(frozen=True, slots=True)
class PlexList:
    """A watchlist by the number of its kind, or a feed by its id, which is secret like a password."""

    type_number: str = ""
    feed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the watchlist: its entries and how many there are in all."""

    entries: Sequence[object]
    total: int


def parse_list_id(list_id: str) -> PlexList:
    """Return the watchlist or feed of a spelling; raise InvalidListId naming the accepted forms."""
    text = list_id.strip()
    feed = _FEED.fullmatch(text)
    if feed:
        return PlexList(feed=feed.group(1))
    path = find_path(text.replace("#!", ""), site="plex.tv")
    word = (path[-1] if path else "") if path is not None else text.lower().replace(":", "/").removeprefix("watchlist/")
    if word not in _TYPE_NUMBERS or (path is not None and word != "watchlist"):
        raise InvalidListId(f"not a list of Plex, {_FORMS}")
    return PlexList(_TYPE_NUMBERS[word])


def canonical(list_id: str) -> str:
    """Return the word for a watchlist, or the whole address of a feed."""
    return first_spelling(
        list_id, parse_list_id, (*_TYPE_NUMBERS, f"https://rss.plex.tv/{parse_list_id(list_id).feed}")
    )


@register_provider(
    SERVICE,
    base_url="https://discover.provider.plex.tv",
    optional_credentials=(TOKEN,),
    description="your watchlist (watchlist, movies, shows), and RSS feeds of watchlists",
    check=parse_list_id,
    canonical=canonical,
    is_private=lambda list_id: not parse_list_id(list_id).feed,
    spellings=("watchlist", "movies", "shows", "https://rss.plex.tv/ID"),
    limits="no number stated; 100 entries a request, and one request for each entry that comes without ids",
    terms="your own account; the interface is Plex's own and not documented",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the watchlist or of the feed."""
    target = parse_list_id(list_id)
    yield from read_feed(target, context) if target.feed else read_watchlist(target, context)


def read_watchlist(target: PlexList, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the watchlist, with the ids that Plex knows of each entry."""
    start, total = 0, 1
    while start < total:
        query = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(PAGE_SIZE), "includeGuids": "1"}
        query |= {"type": target.type_number} if target.type_number else {}
        listing = parse_listing(_ask(context, "library/sections/watchlist/all", query), start=start)
        read = [_item(entry, context, f"entry {start + place}") for place, entry in enumerate(listing.entries, 1)]
        yield Page.of(read, total=listing.total)
        if not read:
            return
        start, total = start + len(read), listing.total


def read_feed(target: PlexList, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of a feed; only a last page that is not full proves the end."""
    url, query, count = f"{context.address(FEED_URL)}/{target.feed}", {"format": "json"}, 0
    for _ in range(MAX_FEED_PAGES):
        page, cursor = parse_feed(context.http.get_json(url, params=query), after=count)
        yield page
        count += page.entries
        if not cursor:
            yield Page((), total=count if page.entries < FEED_PAGE_SIZE or count > FEED_PAGE_SIZE else None)
            return
        query = {"format": "json", "cursor": cursor}
    raise UnexpectedResponse(SERVICE, "the pages of the feed never end")


def _item(value: object, context: FetchContext, place: str) -> Entry:
    """Return the title of an entry; missing ids are asked for and remembered."""
    if not isinstance(value, Mapping):
        return NotUnderstood(place, "no object")
    entry = _with_details(value, context)
    (item,) = read_each([entry], parse_entry) if not isinstance(entry, MediaItem) else [entry]
    if isinstance(item, NotUnderstood):
        return replace(item, place=place)
    number = value.get("ratingKey")
    if entry is not value and isinstance(item, MediaItem) and item.ids and context.memory:
        context.memory.keep(f"item/{number}", to_text([item]))
    return item


def _with_details(entry: Mapping[str, object], context: FetchContext) -> Mapping[str, object] | MediaItem:
    """Return an entry with the ids of its own page, or the remembered title."""
    number = entry.get("ratingKey")
    is_clear = read_ids(find_numbers(entry), MediaType.TV) or entry.get("type") not in (None, *_TITLES)
    if is_clear or not isinstance(number, str) or not number.isascii() or not number.isalnum():
        return entry
    key = f"item/{number}"
    known = find_items(context.memory.find(key)) if context.memory else None
    if known:
        return known[0]
    try:
        details = parse_listing(_ask(context, f"library/metadata/{number}", {}), start=0).entries[:1]
    except ResourceNotFound:
        details = ()
    stated = {name: value for name, value in entry.items() if value is not None and name != "Guid"}
    return {**(details[0] if details and isinstance(details[0], Mapping) else {}), **stated}


def _ask(context: FetchContext, path: str, query: Mapping[str, str]) -> HttpAnswer:
    token = context.require(TOKEN, "log in with `list-sync login plex`, or set it to the token of your account")
    headers = {"X-Plex-Token": token, "Accept": "application/json"}
    return context.http.get(f"{context.base_url}/{path}", params=query, headers=headers, explain=find_error)


def find_error(answer: HttpAnswer) -> ServiceError | None:
    """Return the error for a status; None if the status has its usual meaning."""
    if answer.status in (401, 403) and not answer.is_html:
        return AuthenticationFailed(
            SERVICE, f"{TOKEN} was refused, log in again with `list-sync login plex` (HTTP {answer.status})"
        )
    if answer.status == 404 and "/watchlist/" in answer.url:
        return UnexpectedResponse(SERVICE, "watchlist not found at this address: Plex moved it, or check PLEX_BASE_URL")
    return None


def parse_listing(answer: HttpAnswer, *, start: int) -> Listing:
    """Read one answer, in JSON or in XML; raise UnexpectedResponse if it is no page of entries from `start` on."""
    is_xml = answer.content.lstrip()[:1] == b"<" and not answer.is_html
    container = parse_xml_container(answer.content) if is_xml else _container(answer.json())
    offset, total = find_count(container.get("offset")), find_count(container.get("totalSize"))
    if offset not in (None, start):
        raise UnexpectedResponse(SERVICE, f"entries from {offset} on came where those from {start} on were asked for")
    entries = container.get("Metadata")
    if entries is None and find_count(container.get("size")) == 0:
        entries = []
    found = expect_list(entries, service=SERVICE, what="the entries")
    if total is None:
        raise UnexpectedResponse(SERVICE, "an answer that does not say how many entries there are")
    return Listing(found, total)


def _container(document: object) -> Mapping[str, object]:
    answer = expect_object(document, service=SERVICE, what="an answer")
    return expect_object(answer.get("MediaContainer"), service=SERVICE, what="a container")


def parse_xml_container(content: bytes) -> Mapping[str, object]:
    """Return a container in the shape that it has in JSON."""
    if len(content) > MAX_XML_BYTES:
        raise UnexpectedResponse(SERVICE, f"XML of {len(content) / 1024 / 1024:.0f} MB, which is refused")
    root = parse_xml(content, service=SERVICE)
    if root.tag != "MediaContainer":
        raise UnexpectedResponse(SERVICE, "XML of another kind where a container is due")
    entries = [{**node.attrib, "Guid": [dict(guid.attrib) for guid in node.iter("Guid")]} for node in root]
    return {**root.attrib, "Metadata": entries}


def parse_entry(value: object) -> Entry:
    """Return what an entry is; raise UnexpectedResponse for one that is no object."""
    entry = expect_object(value, service=SERVICE, what="an entry")
    title = clean_title(entry.get("title"))
    return _entry_of(entry.get("type"), title, find_year(entry.get("year")), find_numbers(entry))


def _entry_of(
    word: object, title: str, year: int | None, numbers: Mapping[str, str], added_at: datetime | None = None
) -> Entry:
    media_type = read_kind(word)
    if isinstance(media_type, Unsupported):
        return media_type
    return MediaItem(title, media_type, year, read_ids(numbers, media_type), added_at=added_at)


def find_numbers(entry: Mapping[str, object]) -> Mapping[str, str]:
    """Return the numbers among the guids of an entry, by catalogue."""
    guids = entry.get("Guid")
    held = guids if isinstance(guids, list) else []
    return _split_guids([guid.get("id") for guid in held if isinstance(guid, Mapping)])


def _split_guids(guids: object) -> Mapping[str, str]:
    # A guid is written like imdb://tt0133093; the first of a catalogue counts.
    split = [guid.partition("://") for guid in guids if isinstance(guid, str)] if isinstance(guids, list) else []
    return {scheme.lower(): value for scheme, _, value in reversed(split)}


def parse_feed(document: object, *, after: int = 0) -> tuple[Page, str]:
    """Return one page of a feed and the cursor of the next one, nothing where it is the last."""
    feed = expect_object(document, service=SERVICE, what="a feed")
    entries = expect_list(feed.get("items"), service=SERVICE, what="the entries of a feed")
    page = Page.of(read_each(entries, _feed_item, after=after))
    links = feed.get("links")
    following = links.get("next") if isinstance(links, Mapping) else None
    return page, _cursor(following) if isinstance(following, str) else ""


def _cursor(address: str) -> str:
    try:
        return parse_qs(urlsplit(address).query).get("cursor", [""])[0]
    except ValueError:
        return ""


def _feed_item(value: object) -> Entry:
    entry = expect_object(value, service=SERVICE, what="an entry of a feed")
    title, year = clean_title(entry.get("title")), None
    named = _NAMED_TITLE.fullmatch(title)
    if named and find_year(named.group(2)):
        title, year = named.group(1), find_year(named.group(2))
    numbers, added_at = _split_guids(entry.get("guids")), find_moment(entry.get("pubDate"))
    return _entry_of(entry.get("category"), title, year, numbers, added_at)
