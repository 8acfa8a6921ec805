"""GET /search, GET /movie/{id} and GET /tv/{id}: what TMDB says, with what the server knows about it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from list_sync.demo.answers import Answer, json_answer, refused
from list_sync.demo.backend import Backend
from list_sync.demo.catalogue import CatalogueTitle
from list_sync.demo.details import movie_body, result_body, tv_body
from list_sync.demo.dialects import Dialect
from list_sync.demo.exchange import Exchange
from list_sync.demo.titles import Found

PAGE_SIZE = 20
LAST_PAGE = 500
_TMDB = re.compile(r"tmdb:(\d+)")
_IMDB = re.compile(r"imdb:((?:tt|nm)\d+)")
_TVDB = re.compile(r"tvdb:(\d+)")
_YEAR = re.compile(r"year:(\d{4})")


def search(exchange: Exchange) -> Answer:
    """Answer GET /search; a failing TMDB gives an empty 200, except for imdb: and tvdb: (SJO)."""
    backend, query = exchange.backend, exchange.query["query"].lower()
    if found := _search_by_id(backend, query):
        return _single_page(exchange, found())
    if backend.faults.tmdb_down:
        return _page(exchange, [], 1, 1, 0)
    if match := _YEAR.search(query):
        text = _YEAR.sub("", query, count=1)
        hits = [backend.titles.search_year(text, int(match[1]), kind) for kind in ("movie", "tv")]
        return _single_page(exchange, [entry for part in hits for entry in part.part(0, PAGE_SIZE)])
    number = float(exchange.query.get("page", 1))
    if not 1 <= number <= LAST_PAGE or not number.is_integer():
        return _page(exchange, [], 1, 1, 0)
    page = int(number)
    hits_of_text = backend.titles.search(query)
    total = len(hits_of_text)
    pages = min(max(math.ceil(total / PAGE_SIZE), 1), LAST_PAGE)
    return _page(exchange, hits_of_text.part((page - 1) * PAGE_SIZE, PAGE_SIZE), page, pages, total)


def movie(exchange: Exchange) -> Answer:
    """Answer GET /movie/{id}."""
    return _details(exchange, "movie", "movieId", movie_body, "Unable to retrieve movie.")


def tv(exchange: Exchange) -> Answer:
    """Answer GET /tv/{id}."""
    return _details(exchange, "tv", "tvId", tv_body, "Unable to retrieve series.")


def _search_by_id(backend: Backend, query: str) -> Callable[[], Sequence[Found]] | None:
    titles = backend.titles
    if match := _TMDB.search(query):
        number = int(match[1])
        return lambda: [] if backend.faults.tmdb_down else titles.with_tmdb(number)
    if (match := _IMDB.search(query)) or (match := _TVDB.search(query)):
        if backend.faults.tmdb_down:
            raise refused(500, "Unable to retrieve search results.")
        word = match[1]
        return lambda: titles.with_tvdb(int(word)) if word.isdecimal() else titles.with_imdb(word)
    return None


def _single_page(exchange: Exchange, found: Sequence[Found]) -> Answer:
    return _page(exchange, found, 1, 1, len(found))


def _page(exchange: Exchange, found: Sequence[Found], page: int, pages: int, total: int) -> Answer:
    with exchange.backend.state.lock:
        results = [_with_media(exchange.backend, entry) for entry in found]
    return json_answer(200, {"page": page, "totalPages": pages, "totalResults": total, "results": results})


def _with_media(backend: Backend, entry: Found) -> dict[str, Any]:
    body = result_body(entry)
    if isinstance(entry, CatalogueTitle):
        row = backend.state.find_media(entry.kind, entry.tmdb)
        if row is not None:
            with_seasons = backend.traits.search_shows_seasons
            body["mediaInfo"] = backend.payloads.media_in_search(row, with_seasons=with_seasons)
    return body


def _details(
    exchange: Exchange,
    kind: str,
    parameter: str,
    build: Callable[[CatalogueTitle], dict[str, Any]],
    failure: str,
) -> Answer:
    backend = exchange.backend
    title = backend.titles.find(kind, exchange.path_id(parameter))
    if title is None or backend.faults.tmdb_down:
        raise refused(500, failure)
    body = build(title)
    with backend.state.lock:
        row = backend.state.find_media(kind, title.tmdb)
        if row is not None:
            body["mediaInfo"] = backend.payloads.media_with_requests(row)
    if backend.dialect is not Dialect.OVERSEERR:
        body["onUserWatchlist"] = False
    return json_answer(200, body)
