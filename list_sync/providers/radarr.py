"""Radarr: the films that are monitored and missing, or the whole library, from the user's own server."""

from collections.abc import Iterator
from functools import partial

from list_sync.api.http.payloads import clean_title, expect_object, find_imdb_id, find_positive_int, find_year
from list_sync.api.sources.each import read_each
from list_sync.api.sources.servarr import Entries, Server, parse_kind
from list_sync.model.sources import Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

SERVICE = "radarr"
URL, KEY = "RADARR_URL", "RADARR_API_KEY"
# Returns `wanted` or `all`, which is also the one spelling of the list.
parse_list_id = partial(parse_kind, whole_library=("all", "movie", "movies", "library"), setting="RADARR")


@register_provider(
    SERVICE,
    credentials=(URL, KEY),
    description="wanted (monitored and missing films), all (the whole library)",
    check=parse_list_id,
    canonical=parse_list_id,
    is_private=lambda _list_id: True,
    spellings=("wanted", "missing", "all", "movies"),
    limits="none: it is your own server",
    terms="your own server",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of what is wanted, or the whole library."""
    kind, server = parse_list_id(list_id), build_server(context)
    if kind == "all":
        entries = server.fetch_library("movie")
        yield parse_movies(entries, total=len(entries))
        return
    for records, total in server.fetch_wanted({"monitored": "true"}):
        yield parse_movies(records, total=total)


def build_server(context: FetchContext) -> Server:
    """Return the server of the user's settings; raise AuthenticationFailed naming the one that is missing."""
    example = "set it to the address of Radarr, for example http://192.168.1.10:7878"
    address = context.base_url if context.overridden else context.require(URL, example)
    key = context.require(KEY, "copy it from Radarr: Settings, General")
    return Server(context.http, "Radarr", "RADARR", address, key)


def parse_movies(entries: Entries, *, total: int) -> Page:
    """Return the films of some entries."""
    return Page.of(read_each(entries, parse_movie), total=total)


def parse_movie(entry: object) -> MediaItem:
    """Return the film of an entry; raise UnexpectedResponse if it is none."""
    fields = expect_object(entry, service=SERVICE, what="a film")
    # A missing imdbId is normal: announced films have none yet.
    ids = MediaIds(tmdb=find_positive_int(fields.get("tmdbId")), imdb=find_imdb_id(fields.get("imdbId")))
    title = clean_title(fields.get("title"))
    return MediaItem(title, MediaType.MOVIE, find_year(fields.get("year")), ids)
