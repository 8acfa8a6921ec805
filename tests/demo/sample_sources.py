"""Plain calls to the sample sources, as the real ones would be called, without our client."""

from __future__ import annotations

from typing import Any

import requests

from list_sync.demo.sources.mdblist import API_KEY
from list_sync.demo.sources.sample_sources import SampleSources, SourceEntry
from list_sync.demo.sources.trakt import CLIENT_ID
from tests.fakes.patience import PATIENCE_SECONDS

WEB_CLIENT = {"x-imdb-client-name": "imdb-web-next"}
TRAKT = {"trakt-api-version": "2", "trakt-api-key": CLIENT_ID, "User-Agent": "ListSync/0 (+https://example.org)"}
ENTRIES = (
    "total pageInfo{hasNextPage endCursor} edges{ node{absolutePosition createdDate} "
    "title{id titleText{text} originalTitleText{text} titleType{id} releaseYear{year}} }"
)
LIST_QUERY = (
    "query L($id: ID!, $first: Int!, $after: String) { list(id: $id) { id name{originalText} lastModifiedDate "
    "author{userId username{text}} titleListItemSearch(first:$first, after:$after, sort:{by:LIST_ORDER, order:ASC}) "
    f"{{ {ENTRIES} }} }} }}"
)
WATCHLIST_QUERY = (
    "query W($id: ID!, $first: Int!, $after: String) { predefinedList(classType: WATCH_LIST, userId: $id) "
    f"{{ titleListItemSearch(first:$first, after:$after) {{ {ENTRIES} }} }} }}"
)


class Entries:
    """A long list that is made while it is read."""

    def __init__(self, length: int, kind: str = "movie") -> None:
        self.length = length
        self.kind = kind
        self.made = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, position: Any) -> Any:
        if not 0 <= position < self.length:
            raise IndexError(position)
        self.made += 1
        return made_entry(position, self.kind)


def made_entry(position: int, kind: str = "movie") -> SourceEntry:
    imdb = f"tt{8_000_000 + position}"
    return SourceEntry(f"Made Up {position}", kind, 1950 + position % 70, imdb, 7_000_000 + position)


def ask_imdb(sources: SampleSources, query: str, **variables: Any) -> requests.Response:
    body = {"query": query, "variables": variables}
    return requests.post(f"{sources.url('imdb')}/", json=body, headers=WEB_CLIENT, timeout=PATIENCE_SECONDS)


def imdb_list(sources: SampleSources, list_id: str, first: int = 250, after: str | None = None) -> requests.Response:
    return ask_imdb(sources, LIST_QUERY, id=list_id, first=first, after=after)


def imdb_page(sources: SampleSources, list_id: str, first: int = 250, after: str | None = None) -> Any:
    return imdb_list(sources, list_id, first, after).json()["data"]["list"]["titleListItemSearch"]


def get_mdblist(sources: SampleSources, path: str, key: str | None = API_KEY, **query: Any) -> requests.Response:
    params = query | ({"apikey": key} if key else {})
    return requests.get(f"{sources.url('mdblist')}/{path}", params=params, timeout=PATIENCE_SECONDS)


def get_trakt(
    sources: SampleSources, path: str, headers: dict[str, str] | None = None, **query: Any
) -> requests.Response:
    return requests.get(
        f"{sources.url('trakt')}/{path}", params=query, headers=headers or TRAKT, timeout=PATIENCE_SECONDS
    )


def paging_of(answer: requests.Response) -> tuple[int, ...]:
    return tuple(int(answer.headers[f"X-Pagination-{name}"]) for name in ("Page", "Limit", "Page-Count", "Item-Count"))
