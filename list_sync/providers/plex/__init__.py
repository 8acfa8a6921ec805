"""Plex: the watchlist of the token's owner or of a friend, RSS feeds of watchlists, and what is watched."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from list_sync.api.sources.addresses import find_path
from list_sync.errors import InvalidListId, UnexpectedResponse
from list_sync.model.sources import Page
from list_sync.model.users import People
from list_sync.providers import FetchContext, add_people, register_provider
from list_sync.providers.plex.asking import TOKEN, ask, read_item
from list_sync.providers.plex.friends import fetch_people, read_friend
from list_sync.providers.plex.parse import MAX_XML_BYTES as MAX_XML_BYTES
from list_sync.providers.plex.parse import PAGE_SIZE as PAGE_SIZE
from list_sync.providers.plex.parse import SERVICE as SERVICE
from list_sync.providers.plex.parse import parse_entry as parse_entry
from list_sync.providers.plex.parse import parse_feed as parse_feed
from list_sync.providers.plex.parse import parse_listing as parse_listing
from list_sync.providers.plex.parse import parse_xml_container as parse_xml_container
from list_sync.providers.plex.watched import URL, read_watched

FEED_URL = "https://rss.plex.tv"
# The size of a full page of a feed; before June 2024 feeds ended here without notice (nylonee/watchlistarr issue 162).
FEED_PAGE_SIZE = 50
MAX_FEED_PAGES = 2_000
_FORMS = "write watchlist, movies or shows (of the watchlist), watched, or the address of a watchlist's RSS feed"
_FEED = re.compile(r"(?:https?://)?rss\.plex\.tv/([A-Za-z0-9-]+)/?(?:[?#].*)?", re.IGNORECASE)
_PERSON = re.compile(r"[A-Za-z0-9]{1,64}")
_WATCHED = "watched"
# Plex's numbers for the kinds; without a number the list holds both.
_TYPE_NUMBERS = {"watchlist": "", "movies": "1", "shows": "2"}
_WORDS = {number: word for word, number in _TYPE_NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class PlexList:
    """A watchlist or what is watched, by the number of its kind, or a feed by its id, which is secret like a password.

    `person` is the number of a friend, whose watchlist is meant.
    """

    type_number: str = ""
    feed: str = field(default="", repr=False)
    is_watched: bool = False
    person: str = ""

    @property
    def spelling(self) -> str:
        """Return the one spelling of the list."""
        if self.feed:
            return f"https://rss.plex.tv/{self.feed}"
        if self.is_watched:
            return f"{_WATCHED}/{_WORDS[self.type_number]}" if self.type_number else _WATCHED
        return _WORDS[self.type_number] + (f"@{self.person}" if self.person else "")


def parse_list_id(list_id: str) -> PlexList:
    """Return the list or feed of a spelling; raise InvalidListId naming the accepted forms."""
    text = list_id.strip()
    feed = _FEED.fullmatch(text)
    if feed:
        return PlexList(feed=feed.group(1))
    path = find_path(text.replace("#!", ""), site="plex.tv")
    if path is not None:
        text = path[-1] if path and path[-1] == "watchlist" else ""
    place, _, person = text.partition("@")
    first, _, rest = place.lower().replace(":", "/").partition("/")
    word = rest or first
    if word == _WATCHED and not person:
        return PlexList(is_watched=True)
    is_right = word in _TYPE_NUMBERS and (not rest or first in ("watchlist", _WATCHED))
    if not is_right or ("@" in text and (first == _WATCHED or not _PERSON.fullmatch(person))):
        raise InvalidListId(f"not a list of Plex, {_FORMS}")
    return PlexList(_TYPE_NUMBERS[word], is_watched=first == _WATCHED, person=person)


def canonical(list_id: str) -> str:
    """Return the word for a watchlist or what is watched, or the whole address of a feed."""
    return parse_list_id(list_id).spelling


def of_person(list_id: str, person: str) -> str:
    """Return the watchlist of a friend, or of the owner if no number is given; raise InvalidListId for another list."""
    target = parse_list_id(list_id)
    if target.feed or target.is_watched:
        raise InvalidListId("only watchlist, movies and shows are lists of each person")
    return replace(target, person=person).spelling


@register_provider(
    SERVICE,
    base_url="https://discover.provider.plex.tv",
    optional_credentials=(TOKEN, URL),
    description="your watchlist (watchlist, movies, shows), what you watched, and RSS feeds of watchlists",
    check=parse_list_id,
    canonical=canonical,
    is_private=lambda list_id: not parse_list_id(list_id).feed,
    spellings=("watchlist", "movies", "shows", "watched", "watched/movies", "watched/shows", "https://rss.plex.tv/ID"),
    limits="no number stated; 100 entries a request, and one request for each entry that comes without ids",
    terms="your own account; the interface is Plex's own and not documented",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the list or of the feed."""
    target = parse_list_id(list_id)
    if target.feed:
        yield from read_feed(target, context)
    elif target.is_watched:
        yield from read_watched(target.type_number, context)
    elif target.person:
        yield from read_friend(target.person, target.type_number, context)
    else:
        yield from read_watchlist(target, context)


add_people(SERVICE, People(fetch_people, of_person))


def read_watchlist(target: PlexList, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the watchlist, with the ids that Plex knows of each entry."""
    start, total = 0, 1
    while start < total:
        query = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(PAGE_SIZE), "includeGuids": "1"}
        query |= {"type": target.type_number} if target.type_number else {}
        listing = parse_listing(ask(context, f"{context.base_url}/library/sections/watchlist/all", query), start=start)
        read = [read_item(entry, context, f"entry {start + place}") for place, entry in enumerate(listing.entries, 1)]
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
