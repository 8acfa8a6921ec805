"""GET /discover/…: the charts that the servers make from TMDB, 20 entries a page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from list_sync.demo.catalogue.catalogue import CatalogueTitle
from list_sync.demo.server.calls.answers import Answer, refused
from list_sync.demo.server.calls.exchange import Exchange, Route
from list_sync.demo.server.calls.validation import NUMBER, TEXT
from list_sync.demo.server.tmdb.discovery import LAST_PAGE, PAGE_SIZE, results_page
from list_sync.demo.server.tmdb.titles import Found, Titles
from list_sync.demo.server.tmdb.upstream import SEARCHES_KEPT_SECONDS, TmdbFailed

Named = Mapping[int | str, str]

# The catalogue states no genres, studios and networks, so each title has one of each by its number.
MOVIE_GENRES: Named = {28: "Action", 16: "Animation", 35: "Comedy", 18: "Drama", 27: "Horror", 878: "Science Fiction"}
TV_GENRES: Named = {16: "Animation", 35: "Comedy", 80: "Crime", 18: "Drama", 10765: "Sci-Fi & Fantasy"}
STUDIOS: Named = {2: "Walt Disney Pictures", 3: "Pixar", 174: "Warner Bros. Pictures", 420: "Marvel Studios"}
NETWORKS: Named = {49: "HBO", 213: "Netflix", 1024: "Prime Video", 2552: "Apple TV+"}
KEYWORDS: Named = {9715: "superhero", 207317: "christmas"}
LANGUAGES: Named = {"de": "German", "en": "English", "fr": "French", "ja": "Japanese", "ko": "Korean", "pl": "Polish"}
# Among the films and shows of the day there are persons, one in so many entries.
_PERSON_EVERY = 9


@dataclass(frozen=True, slots=True)
class _Chart:
    """A chart: its kind of titles, the words of the servers' errors, and the values that its path may have.

    In the calls with filters, `language` is the language of the original; in the others it is that of the texts.
    """

    kind: str
    failure: str
    parameter: str = ""
    known: Named | None = None
    missing: str = ""
    is_upcoming: bool = False
    has_filters: bool = False
    shown: Callable[[int | str, str], dict[str, Any]] = lambda _key, _name: {}

    def __call__(self, exchange: Exchange) -> Answer:
        """Answer the call: a genre or language that TMDB does not list is a 404, all else that fails a 500."""
        key = _key(exchange.path[self.parameter]) if self.parameter else ""
        failed = refused(500, f"Unable to retrieve {self.failure}.")
        if self.known is not None and key not in self.known:
            raise refused(404, f"{self.missing} not found.") if self.missing else failed
        number = float(exchange.query.get("page", 1))
        if not 1 <= number <= LAST_PAGE or not number.is_integer():
            raise failed
        language = exchange.query.get("language") if self.has_filters else None
        titles = exchange.backend.titles
        try:
            entries = exchange.backend.upstream.ask(
                (self.failure, key, number, language),
                lambda: self._entries(titles, key, language),
                kept_seconds=SEARCHES_KEPT_SECONDS,
            )
        except TmdbFailed as error:
            raise failed from error
        page, start = int(number), (int(number) - 1) * PAGE_SIZE
        pages = max(1, math.ceil(len(entries) / PAGE_SIZE))
        more = self.shown(key, self.known[key]) if self.known else {"keywords": []} if self.has_filters else {}
        return results_page(exchange, entries[start : start + PAGE_SIZE], page, pages, len(entries), more)

    def _entries(self, titles: Titles, key: int | str, language: str | None) -> Sequence[Found]:
        if not self.kind:
            return _with_persons(titles)
        today = f"{datetime.now(UTC):%Y-%m-%d}" if self.is_upcoming else ""
        return [
            title
            for title in titles.by_popularity()
            if title.kind == self.kind
            and title.date >= today
            and language in (None, title.language)
            and self._belongs(title, key)
        ]

    def _belongs(self, title: CatalogueTitle, key: int | str) -> bool:
        if not self.known:
            return True
        return title.language == key if self.known is LANGUAGES else _of_number(self.known, title.tmdb) == key


def _key(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


def _of_number(known: Named, number: int) -> int | str:
    return list(known)[number % len(known)]


def _with_persons(titles: Titles) -> Sequence[Found]:
    entries: list[Found] = list(titles.by_popularity())
    for place, person in enumerate(titles.people, 1):
        entries.insert(place * _PERSON_EVERY, person)
    return entries


def _plain(word: str) -> Callable[[int | str, str], dict[str, Any]]:
    return lambda key, name: {word: {"id": key, "name": name}}


def _language(key: int | str, name: str) -> dict[str, Any]:
    return {"language": {"iso_639_1": key, "english_name": name, "name": name}}


_CHARTS = {
    "trending": _Chart("", "trending items"),
    "movies": _Chart("movie", "popular movies", has_filters=True),
    "movies/upcoming": _Chart("movie", "upcoming movies", is_upcoming=True),
    "movies/genre/{genreId}": _Chart(
        "movie", "movies by genre", "genreId", MOVIE_GENRES, "Genre", shown=_plain("genre")
    ),
    "movies/studio/{studioId}": _Chart("movie", "movies by studio", "studioId", STUDIOS, shown=_plain("studio")),
    "movies/language/{language}": _Chart(
        "movie", "movies by language", "language", LANGUAGES, "Language", shown=_language
    ),
    "keyword/{keywordId}/movies": _Chart("movie", "movies by keyword", "keywordId", KEYWORDS),
    "tv": _Chart("tv", "popular series", has_filters=True),
    "tv/upcoming": _Chart("tv", "upcoming series", is_upcoming=True),
    "tv/genre/{genreId}": _Chart("tv", "series by genre", "genreId", TV_GENRES, "Genre", shown=_plain("genre")),
    "tv/network/{networkId}": _Chart("tv", "series by network", "networkId", NETWORKS, shown=_plain("network")),
    "tv/language/{language}": _Chart("tv", "series by language", "language", LANGUAGES, "Language", shown=_language),
}
ROUTES = tuple(
    Route(
        "GET",
        f"/discover/{path}",
        chart,
        {"page": NUMBER, "language": TEXT},
        numeric=("keywordId",) if "keywordId" in path else (),
    )
    for path, chart in _CHARTS.items()
)
