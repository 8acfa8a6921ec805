"""Sonarr: the shows with missing episodes, or the whole library, from the user's own server."""

from collections.abc import Iterator
from functools import partial

from list_sync.api.http.payloads import clean_title, expect_object, find_imdb_id, find_positive_int, find_year
from list_sync.api.sources.each import read_each
from list_sync.api.sources.servarr import Entries, Server, parse_kind
from list_sync.model.sources import Entry, Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

SERVICE = "sonarr"
URL, KEY = "SONARR_URL", "SONARR_API_KEY"
# Returns `wanted` or `all`, which is also the one spelling of the list.
parse_list_id = partial(parse_kind, whole_library=("all", "series", "shows", "library"), setting="SONARR")


@register_provider(
    SERVICE,
    credentials=(URL, KEY),
    description="wanted (shows with monitored and missing episodes), all (the whole library)",
    check=parse_list_id,
    canonical=parse_list_id,
    is_private=lambda _list_id: True,
    spellings=("wanted", "missing", "all", "series"),
    limits="none: it is your own server",
    terms="your own server",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the shows of what is wanted, or the whole library."""
    kind, server = parse_list_id(list_id), build_server(context)
    if kind == "all":
        entries = server.fetch_library("series")
        yield Page.of(read_each(entries, parse_show), total=len(entries))
        return
    yield from read_wanted(server)


def read_wanted(server: Server) -> Iterator[Page]:
    """Yield each show once, at its first episode, and at the end the number of shows."""
    known: set[Entry] = set()
    count = 0
    for records, total in server.fetch_wanted({"monitored": "true", "includeSeries": "true"}):
        fresh = [show for show in parse_episodes(records, after=count) if show not in known]
        known.update(fresh)
        count += len(records)
        # Many pages may hold episodes of the same show, so a page without a new show is not an error of the paging.
        if fresh:
            yield Page.of(fresh, total=len(known) if count >= total else None)
    yield Page((), total=len(known))


def build_server(context: FetchContext) -> Server:
    """Return the server of the user's settings; raise AuthenticationFailed naming the one that is missing."""
    example = "set it to the address of Sonarr, for example http://192.168.1.10:8989"
    address = context.base_url if context.overridden else context.require(URL, example)
    key = context.require(KEY, "copy it from Sonarr: Settings, General")
    return Server(context.http, "Sonarr", "SONARR", address, key)


def parse_episodes(records: Entries, *, after: int = 0) -> list[Entry]:
    """Return the shows of some episodes, each once and in the order of the episodes."""
    return list(dict.fromkeys(read_each(records, parse_episode, after=after)))


def parse_episode(record: object) -> MediaItem:
    """Return the show of an episode; raise UnexpectedResponse if it names none."""
    return parse_show(expect_object(record, service=SERVICE, what="an episode").get("series"))


def parse_show(value: object) -> MediaItem:
    """Return the show of an entry; raise UnexpectedResponse if it is none."""
    entry = expect_object(value, service=SERVICE, what="a show")
    ids = MediaIds(
        tmdb=find_positive_int(entry.get("tmdbId")),
        imdb=find_imdb_id(entry.get("imdbId")),
        tvdb=find_positive_int(entry.get("tvdbId")),
    )
    title = clean_title(entry.get("title"))
    return MediaItem(title, MediaType.TV, find_year(entry.get("year")), ids)
