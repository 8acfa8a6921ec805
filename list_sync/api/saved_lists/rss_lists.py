"""RSS and Atom feeds: IMDb's former ones, Letterboxd's, Plex's, and any whose entries name a title or an id."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from xml.etree.ElementTree import Element

from list_sync.api.http.payloads import clean_title, find_count, find_moment, find_positive_int, find_year
from list_sync.api.http.xml_documents import plain_tag, read_parts
from list_sync.api.saved_lists.entries import SERVICE, build_page, split_year
from list_sync.api.saved_lists.kinds import find_media_type, find_unsupported, plain_key
from list_sync.api.saved_lists.parts import AN_EPISODE, find_part, find_season, names_episode
from list_sync.api.saved_lists.text_lists import find_ids, parse_id
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import EPISODE, Entry, NotUnderstood, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType

_ENTRIES = frozenset({"item", "entry"})
_STATEMENTS = frozenset({"link", "totalResults"})


def parse_feed(text: Iterable[str]) -> Page:
    """Return the list in a feed, which may state more entries than it holds; raise UnexpectedResponse if it is none."""
    statements: list[Element] = []
    page = build_page(_parse_entries(text, statements))
    total = max((find_count(node.text) or 0 for node in statements if plain_tag(node.tag) == "totalResults"), default=0)
    if total > page.entries:
        return replace(page, total=total)
    is_continued = any(node.get("rel") == "next" for node in statements)
    return (
        replace(page, total=None, halt="it states that more follows (a link to the next page)")
        if is_continued
        else page
    )


def _parse_entries(text: Iterable[str], statements: list[Element]) -> Iterator[Entry]:
    """Parse the entries; what states how many there are goes into `statements`."""
    number = 0
    for node in _parts(text):
        if plain_tag(node.tag) in _ENTRIES:
            number += 1
            yield parse_feed_entry(node, f"entry {number}")
        elif plain_tag(node.tag) in _STATEMENTS:
            statements.append(node)


def find_feed_link(text: Iterable[str]) -> str:
    """Return the address that the beginning of a feed states as its own, or nothing."""
    for node in _parts(text):
        if plain_tag(node.tag) in _ENTRIES:
            break
        if plain_tag(node.tag) == "link":
            return clean_title(node.text) or clean_title(node.get("href"))
    return ""


def _parts(text: Iterable[str]) -> Iterator[Element]:
    """Yield what a feed holds: entries in its channel, beside it or in an Atom feed, but not inside other entries."""
    holders: set[str] = set()
    for holder, node in read_parts(text, inside="channel", service=SERVICE):
        holders.add(plain_tag(holder))
        if "html" in holders:
            raise UnexpectedResponse(SERVICE, "it is a web page: JSON, CSV, RSS or plain ids can be read")
        if node is not None:
            yield node
    # A feed without entries is empty; a document without a channel is no feed.
    if holders.isdisjoint({"feed", "channel"}):
        kind = ", ".join(sorted(holders))[:40]
        raise UnexpectedResponse(SERVICE, f"XML of another kind ({kind}), not a feed of RSS or Atom")


def parse_feed_entry(entry: Element, place: str) -> Entry:
    """Parse one entry; a list or a comment of Letterboxd cannot be requested."""
    texts = {plain_tag(node.tag): node.text or "" for node in reversed(list(entry))}
    nodes = [node for node in entry.iter() if plain_tag(node.tag) in ("link", "guid", "id")]
    links = [link for node in nodes for text in (node.text, node.get("href")) if (link := clean_title(text))]
    film = clean_title(texts.get("filmTitle"))
    if film:
        tv = find_positive_int(texts.get("tvId"))
        media_type = MediaType.TV if tv else MediaType.MOVIE if find_positive_int(texts.get("movieId")) else None
        ids = MediaIds(tmdb=tv or find_positive_int(texts.get("movieId")))
        return MediaItem(film, media_type, find_year(texts.get("filmYear")), ids, added_at=_added_at(texts))
    if any("letterboxd.com" in link and "/list/" in link for link in links):
        return Unsupported("list")
    title, year, kind = _split_heading(texts.get("title", ""), clean_title(texts.get("category")))
    links += re.findall(r"https?://[^\s\"'<>]{5,200}", texts.get("description", "")[:20_000])
    # The first address that names a title says whether it is a part of a show.
    item, part = find_ids(links), find_part([next((link for link in links if parse_id(link) or find_part([link])), "")])
    unsupported = EPISODE if part == AN_EPISODE or names_episode(title) else find_unsupported(kind)
    if unsupported is not None:
        return Unsupported(unsupported)
    known = item.ids if item is not None else MediaIds()
    media_type = item.media_type if item is not None and item.media_type else find_media_type(kind)
    if not (known or (title and year)):
        return NotUnderstood(place, "neither an id nor a title with its year")
    season = int(part) if part else None
    if season is None and known and media_type is not MediaType.MOVIE:
        season = find_season(title, is_show=media_type is MediaType.TV)
    media_type = media_type if season is None else MediaType.TV
    return MediaItem(title, media_type, year, known, season, added_at=_added_at(texts))


def _added_at(texts: Mapping[str, str]) -> datetime | None:
    """Return the moment of an entry, in RSS or Atom."""
    return find_moment(texts.get("pubDate") or texts.get("published"))


def _split_heading(text: str, category: str) -> tuple[str, int | None, str]:
    """Return title, year and kind of an entry's heading. IMDb wrote "Title (2011 TV Series)" for shows."""
    title, _, brackets = clean_title(text).removesuffix(")").rpartition("(")
    kind = plain_key(brackets[4:])
    if title and brackets[:4].isdecimal() and (find_unsupported(kind) or find_media_type(kind)):
        return title.strip(), find_year(brackets[:4]), kind
    return *split_year(text), plain_key(category)
