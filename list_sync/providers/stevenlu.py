"""StevenLu's popular movies: one JSON document a feed, no paging, no credentials."""

import re
from collections.abc import Iterator

from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_imdb_id, find_positive_int
from list_sync.api.sources.addresses import find_path, first_spelling
from list_sync.api.sources.each import read_each
from list_sync.errors import InvalidListId
from list_sync.model.sources import Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

SERVICE = "stevenlu"
_FORMS = "write stevenlu, or the name of a feed, such as movies-metacritic-min70, movies-imdb-min7 or all-movies"
_FEED = re.compile(r"(?:all-)?movies(?:-[a-z0-9-]+)?")
# The address of the feed `all` in 0.6.x; it moved in September 2023.
_FORMER_ADDRESS = re.compile(r"(?:https?://)?s3\.amazonaws\.com/popular-movies/movies\.json", re.IGNORECASE)


def parse_list_id(list_id: str) -> str:
    """Return the name of the feed of a spelling; raise InvalidListId naming the accepted forms."""
    text = list_id.strip()
    if _FORMER_ADDRESS.fullmatch(text):
        return "movies"
    if "://" in text and "stevenlu.com" not in text.lower():
        raise InvalidListId(f"an address of another site: read it through FILE_LISTS, or {_FORMS}")
    path = find_path(text, site="stevenlu.com")
    name = (path[-1] if path else "stevenlu" if path is not None else text).lower().removesuffix(".json")
    if name == "stevenlu":
        return "movies"
    if not _FEED.fullmatch(name):
        raise InvalidListId(f"not a feed of StevenLu, {_FORMS}")
    return name


def canonical(list_id: str) -> str:
    """Return the name of the feed; the first feed is called stevenlu."""
    return first_spelling(list_id, parse_list_id, ("stevenlu", parse_list_id(list_id)))


@register_provider(
    SERVICE,
    base_url="https://popular-movies-data.stevenlu.com",
    description="stevenlu, the names of its feeds, and their addresses",
    check=parse_list_id,
    canonical=canonical,
    spellings=("stevenlu", "movies-metacritic-min70", "https://movies.stevenlu.com"),
    limits="none known; the feeds are updated once a day",
    terms="none stated; made for programs to read",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the one page of the feed that `list_id` names."""
    yield parse_feed(context.http.get_json(feed_url(context.base_url, list_id)))


def feed_url(base_url: str, list_id: str) -> str:
    """Return the address of a feed."""
    return f"{base_url}/{parse_list_id(list_id)}.json"


def parse_feed(document: object) -> Page:
    """Turn the feed into a page; raise UnexpectedResponse if it is not a list of titled entries."""
    entries = expect_list(document, service=SERVICE, what="the feed")
    return Page.of(read_each(entries, _movie), total=len(entries))


def _movie(entry: object) -> MediaItem:
    movie = expect_object(entry, service=SERVICE, what="a film")
    ids = MediaIds(tmdb=find_positive_int(movie.get("tmdb_id")), imdb=find_imdb_id(movie.get("imdb_id")))
    title = clean_title(movie.get("title"))
    # The feed states no year; titles are found by their ids.
    return MediaItem(title, MediaType.MOVIE, None, ids)
