"""Lists of other sources that the user follows at MDBList as external lists: a second route when the first fails."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_positive_int
from list_sync.api.sources.addresses import holds_for
from list_sync.api.sources.mdblist import API_URL, KEY, PAGE_SIZE, SERVICE, find_error, read_entries
from list_sync.errors import NotOffered
from list_sync.model.sources import Page

ROUTE = "mdblist"
NEEDS = (KEY,)
_NOT_ADDRESSES = frozenset({"name", "source", "type", "description"})


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A list of another source. `names` returns whether an address or id means it; `titles` are its possible names.

    `names` returns None where that is not known, and may raise InvalidListId for a text that is no spelling.
    """

    source: str
    list_id: str
    names: Callable[[str], bool | None]
    titles: tuple[str, ...] = ()


def read_mirror(
    http: HttpClient, wanted: Mirrored, *, credentials: Mapping[str, str], base_urls: Mapping[str, str]
) -> Iterator[Page]:
    """Yield the pages of the external list that mirrors `wanted`; raise NotOffered with advice if there is none."""
    address, key = base_urls.get(SERVICE, API_URL).rstrip("/"), credentials[KEY]
    document = http.get_json(f"{address}/external/lists/user", params={"apikey": key}, explain=find_error)
    number = find_external_list(document, wanted)
    query = {"apikey": key, "limit": str(PAGE_SIZE)}
    for page in read_entries(http, f"{address}/external/lists/{number}/items", query):
        # The dates are those of the mirror, not of the source.
        yield replace(page, items=[replace(item, added_at=None) if item.added_at else item for item in page.items])


def find_external_list(document: object, wanted: Mirrored) -> int:
    """Return the number of the external list that is `wanted`, by an address or id in it, else by its name.

    MDBList states id, name, source, items and items_show of each list, but not always an address (seen in the clients
    that read /external/lists/user in 2026: a Stremio add-on, strmr, POV).
    """
    entries = [
        expect_object(entry, service=SERVICE, what="an external list")
        for entry in expect_list(document, service=SERVICE, what="the external lists")
    ]
    of_source = [entry for entry in entries if _words(entry.get("source")).startswith(wanted.source)]
    ways = (_has_address_of, _is_called, _is_titled)
    matching = next(filter(None, ([one for one in of_source if is_it(one, wanted)] for is_it in ways)), [])
    numbers = {number for entry in matching if (number := find_positive_int(entry.get("id"))) is not None}
    if len(numbers) != 1:
        raise NotOffered(_advice(wanted, of_source, len(numbers)))
    return numbers.pop()


def _has_address_of(entry: Mapping[str, object], wanted: Mirrored) -> bool:
    return any(holds_for(text, lambda one: wanted.names(one) is True) for text in _addresses_in(entry))


def _is_called(entry: Mapping[str, object], wanted: Mirrored) -> bool:
    return holds_for(clean_title(entry.get("name")), lambda name: wanted.names(name) is True)


def _is_titled(entry: Mapping[str, object], wanted: Mirrored) -> bool:
    # Two users may have lists of one name.
    addresses = (text for text in _addresses_in(entry) if "/" in text)
    is_of_another = any(holds_for(text, lambda one: wanted.names(one) is False) for text in addresses)
    titles = {_words(title) for title in (wanted.list_id, *wanted.titles)}
    return _words(clean_title(entry.get("name"))) in titles and not is_of_another


def _addresses_in(entry: Mapping[str, object]) -> list[str]:
    return [value for field, value in entry.items() if isinstance(value, str) and field not in _NOT_ADDRESSES]


def _words(value: object) -> str:
    return " ".join(re.findall(r"\w+", str(value or "").lower().replace("_", " ")))


def _advice(wanted: Mirrored, of_source: list[Mapping[str, object]], matches: int) -> str:
    if matches > 1:
        return f'{matches} external lists of yours at MDBList have this name: name the right one "{wanted.list_id}"'
    if not of_source:
        return "not among your external lists at MDBList: add it at mdblist.com as an external list"
    names = ", ".join(f'"{clean_title(entry.get("name"))}"' for entry in of_source[:5])
    return (
        f"not among your external lists at MDBList ({names}): add it at mdblist.com as an external list, "
        f'or name it "{wanted.list_id}" there if it is one of them'
    )
