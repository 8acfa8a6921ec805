"""What the owner of the token has watched, from the user's own Plex server."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_count
from list_sync.api.sources.each import read_each
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.providers import FetchContext
from list_sync.providers.plex.asking import ask
from list_sync.providers.plex.parse import PAGE_SIZE, SERVICE, parse_entry, parse_listing, read_container

URL = "PLEX_URL"
_TYPE_NUMBERS = {"movie": "1", "show": "2"}


def read_watched(type_number: str, context: FetchContext) -> Iterator[Page]:
    """Yield the watched films and shows of all libraries; the end of the last library proves the end."""
    example = "set it to the address of your Plex server, for example http://192.168.1.10:32400"
    given = context.credentials.get(URL, "")
    address = given or (context.base_url if context.overridden else context.require(URL, example))
    address = address.rstrip("/")
    total = 0
    for key, number in parse_sections(ask(context, f"{address}/library/sections", {})):
        if type_number in ("", number):
            listed = 0
            for page in _read_section(f"{address}/library/sections/{key}/all", number, context):
                listed = page.total or 0
                yield replace(page, total=None)
            total += listed
    yield Page((), total=total)


def _read_section(url: str, number: str, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of one library, each with the number of its watched titles."""
    start, total = 0, 1
    while start < total:
        place = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(PAGE_SIZE)}
        query = {"type": number, "unwatched": "0", "includeGuids": "1", **place}
        listing = parse_listing(ask(context, url, query), start=start)
        yield Page.of(read_each(listing.entries, parse_watched, after=start), total=listing.total)
        total = listing.total
        if not listing.entries:
            return
        start += len(listing.entries)


def parse_sections(answer: HttpAnswer) -> list[tuple[str, str]]:
    """Return the libraries of films and shows: the key of each, and Plex's number for its kind."""
    container = read_container(answer)
    held = container.get("Directory", container.get("Metadata", [] if find_count(container.get("size")) == 0 else None))
    sections = [
        expect_object(one, service=SERVICE, what="a library")
        for one in expect_list(held, service=SERVICE, what="the libraries")
    ]
    return [
        (clean_title(str(one.get("key"))), _TYPE_NUMBERS[str(one.get("type"))])
        for one in sections
        if one.get("type") in _TYPE_NUMBERS and str(one.get("key")).isalnum()
    ]


def parse_watched(value: object) -> Entry:
    """Return a title that was watched to its end; a show counts if all of its episodes were."""
    entry = expect_object(value, service=SERVICE, what="an entry")
    return parse_entry(entry) if _is_watched(entry) else Unsupported("unwatched")


def _is_watched(entry: Mapping[str, object]) -> bool:
    if entry.get("type") == "show":
        seen, episodes = find_count(entry.get("viewedLeafCount")), find_count(entry.get("leafCount"))
        return bool(episodes) and seen == episodes
    return bool(find_count(entry.get("viewCount")))
