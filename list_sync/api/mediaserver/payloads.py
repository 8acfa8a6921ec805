"""Parsing of the read answers of Overseerr, Jellyseerr and Seerr into model types; unknown fields are ignored."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from list_sync.api.http.payloads import clean_title, expect_list, find_codes, find_date, find_imdb_id, find_year
from list_sync.api.mediaserver.facts import parse_facts
from list_sync.api.mediaserver.rows import (
    SERVICE,
    Json,
    RowPage,
    as_object,
    objects,
    required,
    row_page,
    text_of,
    whole,
)
from list_sync.errors import UnexpectedResponse
from list_sync.model.matches import Candidate, SearchPage
from list_sync.model.servers import (
    Availability,
    Dialect,
    Fingerprint,
    MediaState,
    RequestStatus,
    ServerInfo,
    ServerRequest,
    TitleDetails,
)
from list_sync.model.terms import SentOptions
from list_sync.model.titles import MediaType, Quality

_NO_SEASONS: frozenset[int] = frozenset()

# The keyword of TMDB by which the servers tell anime; they do so for shows only.
_ANIME = 210024


def parse_public_settings(body: object) -> ServerInfo:
    """Parse /settings/public: which fork it is, and whether it offers 4K."""
    settings = as_object(body, "/settings/public")
    if "applicationTitle" not in settings and "initialized" not in settings:
        raise UnexpectedResponse(SERVICE, "/settings/public is not that of an Overseerr server: check OVERSEERR_URL")
    return ServerInfo(
        dialect=_dialect(settings),
        movie_4k=settings.get("movie4kEnabled") is True,
        series_4k=settings.get("series4kEnabled") is True,
        name=text_of(settings.get("applicationTitle")),
    )


def is_initialized(body: object) -> bool:
    """Return whether the set-up of the server is finished."""
    return as_object(body, "/settings/public").get("initialized") is not False


def _dialect(settings: Json) -> Dialect:
    # Measured: the forks share version numbers, but not these two keys.
    if "mediaServerType" not in settings:
        return Dialect.OVERSEERR
    return Dialect.SEERR if "hideBlocklisted" in settings else Dialect.JELLYSEERR


def parse_media_page(body: object) -> RowPage[MediaState]:
    """Parse one page of /media."""
    return row_page(body, "/media", _find_media_row)


def parse_request_page(body: object) -> RowPage[ServerRequest]:
    """Parse one page of /request."""
    return row_page(body, "/request", _find_request_row)


def parse_timed_page(body: object) -> RowPage[tuple[ServerRequest | None, datetime | None]]:
    """Parse one page of /request, each request with its time, if it is stated."""
    return row_page(body, "/request", lambda row: (_find_request_row(row), _find_moment(row)))


def parse_fingerprint(body: object, *, media: int) -> Fingerprint:
    """Parse /request/count beside the number of media rows; counts that change during downloads are ignored."""
    what = "/request/count"
    counts = as_object(body, what)
    total, pending, declined = (required(counts, key, what) for key in ("total", "pending", "declined"))
    # Measured on the three forks: failed requests have no count of their own; they are the remainder.
    counted = sum(whole(counts.get(key)) or 0 for key in ("approved", "completed"))
    return Fingerprint(total, pending, declined, media, max(0, total - pending - declined - counted))


def _find_media_row(body: object) -> MediaState | None:
    row = as_object(body, "/media")
    key = _find_title(row.get("mediaType"), row.get("tmdbId"))
    return None if key is None else _media_state(*key, row)


def _find_request_row(body: object) -> ServerRequest | None:
    row = as_object(body, "/request")
    media = row.get("media")
    tmdb_id = media.get("tmdbId") if isinstance(media, Mapping) else None
    key = _find_title(row.get("type"), tmdb_id)
    return None if key is None else _request(*key, row)


def _find_moment(body: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(as_object(body, "/request").get("createdAt")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _find_title(kind: object, tmdb_id: object) -> tuple[MediaType, int] | None:
    number = whole(tmdb_id)
    media_type = _find_media_type(kind)
    return (media_type, number) if media_type is not None and number else None


def _media_state(
    media_type: MediaType, tmdb_id: int, row: Json, requests: tuple[ServerRequest, ...] = ()
) -> MediaState:
    rows = objects(row.get("seasons"))
    seasons = {number: season for season in rows if (number := whole(season.get("seasonNumber"))) is not None}
    return MediaState(
        media_type=media_type,
        tmdb_id=tmdb_id,
        availability=Availability.of(row.get("status")),
        availability_4k=Availability.of(row.get("status4k")),
        seasons={number: Availability.of(season.get("status")) for number, season in seasons.items()},
        seasons_4k={number: Availability.of(season.get("status4k")) for number, season in seasons.items()},
        requests=requests,
    )


def _request(media_type: MediaType, tmdb_id: int, row: Json) -> ServerRequest:
    requester, media = row.get("requestedBy"), row.get("media")
    quality, status = (Quality.UHD, "status4k") if row.get("is4k") in (True, 1) else (Quality.HD, "status")
    return ServerRequest(
        request_id=required(row, "id", "a request"),
        media_type=media_type,
        tmdb_id=tmdb_id,
        quality=quality,
        status=RequestStatus.of(row.get("status")),
        seasons=parse_season_numbers(row.get("seasons")),
        requester_id=whole(requester.get("id")) if isinstance(requester, Mapping) else None,
        availability=Availability.of(media[status]) if isinstance(media, Mapping) and status in media else None,
        options=_find_options(row),
    )


def _find_options(row: Json) -> SentOptions | None:
    """Return where a request goes; None if the row does not show it."""
    if "profileId" not in row:
        return None
    folder, tags = text_of(row.get("rootFolder")) or None, row.get("tags")
    numbers = tuple(number for tag in tags if (number := whole(tag)) is not None) if isinstance(tags, list) else None
    return _options(whole(row.get("serverId")), whole(row.get("profileId")), folder, numbers)


@lru_cache(maxsize=1_000)
def _options(*values: Any) -> SentOptions:
    """Return the same object for the same options: a large server has many requests and few of these."""
    return SentOptions(*values)


def parse_season_numbers(seasons: object) -> frozenset[int]:
    """Return the numbers of a request's seasons, specials (0) included."""
    numbers = (whole(season.get("seasonNumber")) for season in objects(seasons))
    # Each new empty set takes 216 bytes, for every film on the server.
    return frozenset(number for number in numbers if number is not None) or _NO_SEASONS


def parse_details(media_type: MediaType, tmdb_id: int, body: object) -> TitleDetails:
    """Parse /movie/{id} or /tv/{id}: TMDB's details of the title, and its state on the server."""
    what = f"/{media_type.value}/{tmdb_id}"
    details = as_object(body, what)
    if required(details, "id", what) != tmdb_id:
        raise UnexpectedResponse(SERVICE, f"{what} answered with another title")
    is_movie = media_type is MediaType.MOVIE
    seasons = [] if is_movie else expect_list(details.get("seasons"), service=SERVICE, what=f"the seasons of {what}")
    external = details.get("externalIds")
    ids: Json = external if isinstance(external, Mapping) else {}
    next_episode = details.get("nextEpisodeToAir")
    producing = [country.get("iso_3166_1") for country in objects(details.get("productionCountries"))]
    return TitleDetails(
        media_type=media_type,
        tmdb_id=tmdb_id,
        title=clean_title(details.get("title" if is_movie else "name")),
        year=find_year(details.get("releaseDate" if is_movie else "firstAirDate")),
        imdb_id=find_imdb_id(details.get("imdbId") or ids.get("imdbId")),
        tvdb_id=None if is_movie else whole(ids.get("tvdbId")) or None,
        season_numbers=tuple(sorted(parse_season_numbers(seasons))),
        state=_known_state(media_type, tmdb_id, details.get("mediaInfo")),
        status=text_of(details.get("status")) or None,
        next_episode_on=find_date(next_episode.get("airDate")) if isinstance(next_episode, Mapping) else None,
        poster_path=text_of(details.get("posterPath")) or None,
        countries=find_codes(details.get("originCountry")) or find_codes(producing),
        facts=parse_facts(media_type, details),
        is_anime=not is_movie and any(keyword.get("id") == _ANIME for keyword in objects(details.get("keywords"))),
    )


def _known_state(media_type: MediaType, tmdb_id: int, media_info: object) -> MediaState:
    if media_info is None:
        return MediaState(media_type, tmdb_id)
    info = as_object(media_info, "mediaInfo")
    requests = tuple(_request(media_type, tmdb_id, row) for row in objects(info.get("requests")))
    return _media_state(media_type, tmdb_id, info, tuple(sorted(requests, key=lambda request: -request.request_id)))


def parse_search(body: object) -> SearchPage:
    """Parse one page of /search; results that are neither film nor show (people, collections) are left out."""
    document = as_object(body, "/search")
    results = expect_list(document.get("results"), service=SERVICE, what="/search results")
    return SearchPage(
        candidates=tuple(candidate for result in objects(results) if (candidate := _find_candidate(result))),
        page=required(document, "page", "/search"),
        total_pages=required(document, "totalPages", "/search"),
        total_results=required(document, "totalResults", "/search"),
    )


def _find_candidate(result: Json) -> Candidate | None:
    media_type = _find_media_type(result.get("mediaType"))
    if media_type is None:
        return None
    is_movie = media_type is MediaType.MOVIE
    popularity = result.get("popularity")
    return Candidate(
        media_type=media_type,
        tmdb_id=required(result, "id", "a search result"),
        title=clean_title(result.get("title" if is_movie else "name")),
        original_title=clean_title(result.get("originalTitle" if is_movie else "originalName")),
        year=find_year(result.get("releaseDate" if is_movie else "firstAirDate")),
        popularity=popularity if isinstance(popularity, float) else float(min(whole(popularity) or 0, 1_000_000)),
        countries=find_codes(result.get("originCountry")),
    )


def _find_media_type(value: object) -> MediaType | None:
    return MediaType(value) if value in ("movie", "tv") else None
