"""GET /search, GET /movie/{id} and GET /tv/{id}: TMDB's facts, with the state on the server."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from list_sync.demo.catalogue.catalogue import CataloguePerson, CatalogueTitle
from list_sync.demo.server.backend import Backend
from list_sync.demo.server.calls.answers import Answer, json_answer, refused
from list_sync.demo.server.calls.exchange import Exchange
from list_sync.demo.server.dialects import Dialect
from list_sync.demo.server.tmdb.details import movie_body, ratings_body, result_body, tv_body
from list_sync.demo.server.tmdb.titles import Found
from list_sync.demo.server.tmdb.upstream import DETAILS_KEPT_SECONDS, SEARCHES_KEPT_SECONDS, TmdbFailed

PAGE_SIZE = 20
LAST_PAGE = 500
_TMDB = re.compile(r"tmdb:(\d+)")
_IMDB = re.compile(r"imdb:((?:tt|nm)\d+)")
_TVDB = re.compile(r"tvdb:(\d+)")
_YEAR = re.compile(r"year:(\d{4})")


def search(exchange: Exchange) -> Answer:
    """Answer GET /search; a failing TMDB gives an empty 200, except for imdb: and tvdb: (SJO)."""
    words = exchange.query["query"]
    query = words.lower()
    if match := _TMDB.search(query):
        return _single_page(exchange, _with_tmdb(exchange.backend, int(match[1])))
    if (match := _IMDB.search(query)) or (match := _TVDB.search(query)):
        return _single_page(exchange, _with_external_id(exchange.backend, match[1]))
    if match := _YEAR.search(query):
        text = _YEAR.sub("", words.lower(), count=1)
        parts = [_of_year(exchange, text, int(match[1]), kind) for kind in ("movie", "tv")]
        return _single_page(exchange, [entry for part in parts for entry in part])
    number = float(exchange.query.get("page", 1))
    if not 1 <= number <= LAST_PAGE or not number.is_integer():
        return results_page(exchange, [], 1, 1, 0)
    return _text_page(exchange, words, int(number))


def movie(exchange: Exchange) -> Answer:
    """Answer GET /movie/{id}."""
    return _details(exchange, "movie", "movieId", movie_body, "Unable to retrieve movie.")


def tv(exchange: Exchange) -> Answer:
    """Answer GET /tv/{id}."""
    return _details(exchange, "tv", "tvId", tv_body, "Unable to retrieve series.")


def movie_ratings(exchange: Exchange) -> Answer:
    """Answer GET /movie/{id}/ratingscombined; the services behind it fail apart from TMDB."""
    return _ratings(exchange, "movie", "movieId", "No ratings found.")


def tv_ratings(exchange: Exchange) -> Answer:
    """Answer GET /tv/{id}/ratings."""
    return _ratings(exchange, "tv", "tvId", "Rotten Tomatoes ratings not found.")


def _with_tmdb(backend: Backend, number: int) -> list[Found]:
    """Return the titles with a TMDB number; results of failed look-ups (of three at TMDB) are missing."""
    found: list[Found] = []
    for kind in ("movie", "tv"):
        with suppress(TmdbFailed):
            found.append(backend.upstream.details(kind, number))
    people = [entry for entry in backend.titles.with_tmdb(number) if isinstance(entry, CataloguePerson)]
    with suppress(TmdbFailed):
        found += backend.upstream.ask(("person", number), lambda: people or None, kept_seconds=DETAILS_KEPT_SECONDS)
    return found


def _with_external_id(backend: Backend, word: str) -> list[Found]:
    titles = backend.titles
    try:
        return backend.upstream.ask(
            ("find", word),
            lambda: titles.with_tvdb(int(word)) if word.isdecimal() else titles.with_imdb(word),
            kept_seconds=SEARCHES_KEPT_SECONDS,
        )
    except TmdbFailed as failure:
        raise refused(500, "Unable to retrieve search results.") from failure


def _of_year(exchange: Exchange, text: str, year: int, kind: str) -> list[Found]:
    """Return the films or the shows of a year; each is a separate look-up at TMDB and may fail alone."""
    backend = exchange.backend
    try:
        return backend.upstream.ask(
            ("year", kind, text, year, exchange.query.get("language")),
            lambda: backend.titles.search_year(text, year, kind).part(0, PAGE_SIZE),
            kept_seconds=SEARCHES_KEPT_SECONDS,
        )
    except TmdbFailed:
        return []


def _text_page(exchange: Exchange, words: str, page: int) -> Answer:
    backend = exchange.backend
    try:
        hits = backend.upstream.ask(
            ("text", words, page, exchange.query.get("language")),
            lambda: backend.titles.search(words.lower()),
            kept_seconds=SEARCHES_KEPT_SECONDS,
        )
    except TmdbFailed:
        return results_page(exchange, [], 1, 1, 0)
    pages = min(max(math.ceil(len(hits) / PAGE_SIZE), 1), LAST_PAGE)
    return results_page(exchange, hits.part((page - 1) * PAGE_SIZE, PAGE_SIZE), page, pages, len(hits))


def _single_page(exchange: Exchange, found: Sequence[Found]) -> Answer:
    return results_page(exchange, found, 1, 1, len(found))


def results_page(
    exchange: Exchange,
    found: Sequence[Found],
    page: int,
    pages: int,
    total: int,
    more: Mapping[str, object] | None = None,
) -> Answer:
    """Return one page of titles with their state on the server, and `more` that the answer holds."""
    with exchange.backend.state.lock:
        results = [_with_media(exchange.backend, entry) for entry in found]
    body = {"page": page, "totalPages": pages, "totalResults": total, **(more or {}), "results": results}
    return json_answer(200, body)


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
    try:
        title = backend.upstream.details(kind, exchange.path_id(parameter))
    except TmdbFailed as error:
        raise refused(500, failure) from error
    body = build(title)
    with backend.state.lock:
        row = backend.state.find_media(kind, title.tmdb)
        if row is not None:
            body["mediaInfo"] = backend.payloads.media_with_requests(row)
    if backend.dialect is not Dialect.OVERSEERR:
        body["onUserWatchlist"] = False
    return json_answer(200, body)


def _ratings(exchange: Exchange, kind: str, parameter: str, nothing: str) -> Answer:
    backend = exchange.backend
    try:
        title = backend.upstream.details(kind, exchange.path_id(parameter))
    except TmdbFailed as error:
        raise refused(500, f"Unable to retrieve {'movie' if kind == 'movie' else 'series'} ratings.") from error
    if backend.faults.ratings_down:
        raise refused(500, f"Unable to retrieve {'movie' if kind == 'movie' else 'series'} ratings.")
    body = ratings_body(title)
    if body is None:
        raise refused(404, nothing)
    return json_answer(200, body)
