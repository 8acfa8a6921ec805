"""Parsing of Plex's answers: pages of libraries and watchlists in JSON or XML, and feeds of watchlists."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_count, find_moment, find_year
from list_sync.api.http.xml_documents import parse_xml
from list_sync.api.sources.each import read_each, read_ids, read_kind
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaItem

SERVICE = "plex"
# Plex lowered its largest page to this in December 2025 (cenodude/CrossWatch issue 38).
PAGE_SIZE = 100
# A page of 100 entries has some 200 kB; XML of nothing but nesting takes seconds a megabyte to read.
MAX_XML_BYTES = 4 * 1024 * 1024
_NAMED_TITLE = re.compile(r"(.+?)\s*\((\d{4})\)")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of entries, and how many there are in all."""

    entries: Sequence[object]
    total: int


def parse_listing(answer: HttpAnswer, *, start: int) -> Listing:
    """Read one answer, in JSON or in XML; raise UnexpectedResponse if it is no page of entries from `start` on."""
    container = read_container(answer)
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


def read_container(answer: HttpAnswer) -> Mapping[str, object]:
    """Return the container of an answer in JSON or XML."""
    is_xml = answer.content.lstrip()[:1] == b"<" and not answer.is_html
    return parse_xml_container(answer.content) if is_xml else _container(answer.json())


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
