"""Look-ups by id directly at TMDB, with the user's own key, instead of through the media-request server."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from list_sync.api.http.classifier import Explanation
from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import (
    clean_title,
    expect_list,
    expect_object,
    find_codes,
    find_positive_int,
    find_year,
)
from list_sync.errors import ServiceError, SyncCancelled
from list_sync.model.matches import Candidate, SearchPage
from list_sync.model.servers import TitleDetails
from list_sync.model.titles import MediaType

logger = logging.getLogger(__name__)

SERVICE = "tmdb"
BASE_URL = "https://api.themoviedb.org"


class Catalogue(Protocol):
    """The look-ups of titles that the media-request server offers."""

    def find_by_imdb(self, imdb_id: str) -> Sequence[Candidate]:
        """Return the films and shows with this IMDb id; raise LookupFailed where TMDB did not answer."""

    def find_by_tvdb(self, tvdb_id: int) -> Sequence[Candidate]:
        """Return the shows with this TVDB id; raise LookupFailed where TMDB did not answer."""

    def search(self, query: str, *, page: int = 1) -> SearchPage:
        """Return a page of the title search; it is empty also where TMDB did not answer."""

    def find_details(self, media_type: MediaType, tmdb_id: int) -> TitleDetails | None:
        """Return a title with its other ids, or None where TMDB did not answer or does not know it."""


class TmdbCatalogue:
    """Looks up ids at TMDB and all else at the server; after a failure of TMDB, everything at the server."""

    def __init__(self, server: Catalogue, http: HttpClient, *, key: str, base_url: str = BASE_URL) -> None:
        self._server = server
        self.search = server.search
        self.find_details = server.find_details
        self._http = http
        self._key = key
        self._base_url = base_url.rstrip("/")
        self._is_usable = True

    def __repr__(self) -> str:
        return f"TmdbCatalogue({self._base_url!r}, key='***')"

    def find_by_imdb(self, imdb_id: str) -> Sequence[Candidate]:
        """Return the films and shows with this IMDb id."""
        return self._ask(imdb_id, "imdb_id", lambda: self._server.find_by_imdb(imdb_id))

    def find_by_tvdb(self, tvdb_id: int) -> Sequence[Candidate]:
        """Return the shows with this TVDB id."""
        return self._ask(str(tvdb_id), "tvdb_id", lambda: self._server.find_by_tvdb(tvdb_id))

    def _ask(self, external_id: str, source: str, ask_server: Callable[[], Sequence[Candidate]]) -> Sequence[Candidate]:
        if self._is_usable:
            try:
                url = f"{self._base_url}/3/find/{external_id}"
                found = ask_tmdb(self._http, url, self._key, {"external_source": source})
                return parse_found(found, shows_only=source == "tvdb_id")
            except SyncCancelled:
                raise
            except ServiceError as error:
                self._is_usable = False
                logger.warning("TMDB cannot be asked directly (TMDB_KEY): %s; the server is asked instead", error)
        return ask_server()


def is_token(key: str) -> bool:
    """Return whether a key is a v4 read access token (a JWT) rather than a v3 key of 32 letters."""
    return key.count(".") == 2


def ask_tmdb(
    http: HttpClient, url: str, key: str, params: Mapping[str, str], *, explain: Explanation | None = None
) -> object:
    """Return a document of TMDB's API; a token goes into a header, a key into the query."""
    if is_token(key):
        return http.get_json(url, params=params, headers={"Authorization": f"Bearer {key}"}, explain=explain)
    return http.get_json(url, params={**params, "api_key": key}, explain=explain)


def parse_found(document: object, *, shows_only: bool = False) -> Sequence[Candidate]:
    """Return the films and shows of an answer of /3/find; raise UnexpectedResponse for another shape."""
    found = expect_object(document, service=SERVICE, what="the answer of /find")
    shows = expect_list(found.get("tv_results"), service=SERVICE, what="tv_results")
    films = [] if shows_only else expect_list(found.get("movie_results"), service=SERVICE, what="movie_results")
    parsed = [
        *(_candidate(row, MediaType.MOVIE, "title", "original_title", "release_date") for row in films),
        *(_candidate(row, MediaType.TV, "name", "original_name", "first_air_date") for row in shows),
    ]
    return tuple(candidate for candidate in parsed if candidate is not None)


def _candidate(row: object, media_type: MediaType, title: str, original: str, date: str) -> Candidate | None:
    fields: Mapping[str, object] = expect_object(row, service=SERVICE, what="a title of /find")
    tmdb_id = find_positive_int(fields.get("id"))
    if tmdb_id is None:
        return None
    popularity = fields.get("popularity")
    return Candidate(
        media_type,
        tmdb_id,
        clean_title(fields.get(title)),
        clean_title(fields.get(original)),
        find_year(fields.get(date)),
        float(popularity) if isinstance(popularity, int | float) else 0.0,
        find_codes(fields.get("origin_country")),
    )
