"""The endpoints of the API: what each takes in which dialect, after the servers' OpenAPI documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from list_sync.demo.server import services
from list_sync.demo.server.calls.answers import Answer
from list_sync.demo.server.calls.exchange import Exchange, Route
from list_sync.demo.server.calls.validation import (
    BOOLEAN,
    NULLABLE_NUMBER,
    NUMBER,
    SEASONS,
    TEXT,
    BodyShape,
    Shape,
    one_of,
)
from list_sync.demo.server.dialects import Dialect
from list_sync.demo.server.requests import administration, blocklist, listing
from list_sync.demo.server.tmdb import charts, discovery
from list_sync.demo.server.users import accounts
from list_sync.demo.server.users.permissions import Permission

_O = frozenset({Dialect.OVERSEERR})
_J = frozenset({Dialect.JELLYSEERR})
_S = frozenset({Dialect.SEERR})
_OJ, _JS = _O | _J, _J | _S
_WINDOW = {"take": NUMBER, "skip": NUMBER}
_USER_SORTS = one_of("created", "updated", "requests", "displayname")
_MEDIA_FILTERS = ("all", "available", "partial", "allavailable", "processing", "pending")
_MEDIA_SORT = one_of("added", "modified", "mediaAdded")
_REQUEST_FILTERS = ("all", "approved", "available", "pending", "processing", "unavailable", "failed")
_REQUEST_QUERY = {**_WINDOW, "sort": one_of("added", "modified"), "requestedBy": NUMBER}
_DIRECTION = {"sortDirection": one_of("asc", "desc")}
_MEDIA_WORDS = ("available", "partial", "processing", "pending", "unknown")
_LANGUAGE = {"language": TEXT}
_KIND = one_of("movie", "tv")
_NEW_REQUEST = BodyShape(
    {
        "mediaType": _KIND,
        "mediaId": NUMBER,
        "tvdbId": NUMBER,
        "seasons": SEASONS,
        "is4k": BOOLEAN,
        "serverId": NUMBER,
        "profileId": NUMBER,
        "rootFolder": TEXT,
        "languageProfileId": NUMBER,
        "userId": NULLABLE_NUMBER,
    },
    required=("mediaType", "mediaId"),
)
_LISTED_TITLE = BodyShape({"tmdbId": NUMBER, "mediaType": _KIND, "title": TEXT}, required=("tmdbId", "mediaType"))
_LOGIN = BodyShape({"email": TEXT, "password": TEXT}, required=("email", "password"))
_VIEW_BLOCKLIST = Permission.MANAGE_BLOCKLIST | Permission.VIEW_BLOCKLIST

_ACCOUNT_ROUTES = (
    Route("GET", "/status", accounts.status, public=True),
    Route("GET", "/settings/public", accounts.public_settings, public=True),
    Route("POST", "/auth/local", accounts.log_in, body=_LOGIN, public=True),
    Route("GET", "/auth/me", accounts.me),
    Route("POST", "/auth/logout", accounts.log_out),
    Route("GET", "/user", accounts.list_users, {**_WINDOW, "sort": _USER_SORTS}, dialects=_O),
    Route("GET", "/user", accounts.list_users, {**_WINDOW, "sort": _USER_SORTS, "q": TEXT}, dialects=_J),
    Route(
        "GET",
        "/user",
        accounts.list_users,
        {**_WINDOW, "sort": _USER_SORTS, "q": TEXT, "includeIds": TEXT},
        dialects=_S,
    ),
    Route("GET", "/user/{userId}", accounts.show_user, numeric=("userId",)),
    Route("GET", "/user/{userId}/quota", accounts.user_quota, numeric=("userId",)),
    Route("GET", "/user/{userId}/requests", accounts.user_requests, _WINDOW, numeric=("userId",)),
    Route("GET", "/user/{userId}/watchlist", services.watchlist, {"page": NUMBER}, numeric=("userId",)),
)

_TITLE_ROUTES = (
    Route("GET", "/search", discovery.search, {"query": TEXT, "page": NUMBER, **_LANGUAGE}, required_query=("query",)),
    Route("GET", "/movie/{movieId}", discovery.movie, _LANGUAGE, numeric=("movieId",)),
    Route("GET", "/movie/{movieId}/ratingscombined", discovery.movie_ratings, numeric=("movieId",)),
    Route("GET", "/tv/{tvId}", discovery.tv, _LANGUAGE, numeric=("tvId",)),
    Route("GET", "/tv/{tvId}/ratings", discovery.tv_ratings, numeric=("tvId",)),
    Route("GET", "/discover/watchlist", services.watchlist, {"page": NUMBER}),
    Route("POST", "/watchlist", services.add_to_watchlist, body=_LISTED_TITLE, dialects=_JS),
    Route("DELETE", "/watchlist/{tmdbId}", services.remove_from_watchlist, numeric=("tmdbId",), dialects=_JS),
    Route("GET", "/service/radarr", services.list_radarr),
    Route("GET", "/service/sonarr", services.list_sonarr),
    Route("GET", "/service/radarr/{radarrId}", services.show_radarr, numeric=("radarrId",)),
    Route("GET", "/service/sonarr/{sonarrId}", services.show_sonarr, numeric=("sonarrId",)),
    Route("GET", "/overrideRule", services.list_override_rules, needs=Permission.ADMIN, dialects=_JS),
)

_REQUEST_ROUTES = (
    Route("GET", "/request/count", listing.count_requests),
    Route(
        "GET",
        "/request",
        listing.list_requests,
        {**_REQUEST_QUERY, "filter": one_of(*_REQUEST_FILTERS)},
        dialects=_O,
    ),
    Route(
        "GET",
        "/request",
        listing.list_requests,
        {**_REQUEST_QUERY, "filter": one_of(*_REQUEST_FILTERS), **_DIRECTION},
        dialects=_J,
    ),
    Route(
        "GET",
        "/request",
        listing.list_requests,
        {
            **_REQUEST_QUERY,
            "filter": one_of(*_REQUEST_FILTERS, "deleted", "completed"),
            **_DIRECTION,
            "mediaType": one_of("movie", "tv", "all"),
        },
        dialects=_S,
    ),
    Route("POST", "/request", administration.create_request, body=_NEW_REQUEST),
    Route("GET", "/request/{requestId}", administration.show_request),
    Route("DELETE", "/request/{requestId}", administration.delete_request),
    Route(
        "POST",
        "/request/{requestId}/{status}",
        administration.change_request,
        words={"status": one_of("approve", "decline", "retry")},
        needs=Permission.MANAGE_REQUESTS,
    ),
)


def _media_routes(dialects: frozenset[Dialect], filters: tuple[str, ...], words: tuple[str, ...]) -> tuple[Route, ...]:
    query = {**_WINDOW, "filter": one_of(*filters), "sort": _MEDIA_SORT}
    status: dict[str, Shape] = {"status": one_of(*words)}
    manages = Permission.MANAGE_REQUESTS
    return (
        Route("GET", "/media", listing.list_media, query, dialects=dialects),
        Route(
            "POST",
            "/media/{mediaId}/{status}",
            administration.change_media,
            body=BodyShape({"is4k": BOOLEAN}),
            words=status,
            needs=manages,
            dialects=dialects,
        ),
        Route("DELETE", "/media/{mediaId}", administration.delete_media, needs=manages, dialects=dialects),
    )


@dataclass(frozen=True, slots=True)
class _Deprecated:
    answer: Callable[[Exchange], Answer]

    def __call__(self, exchange: Exchange) -> Answer:
        return blocklist.deprecated(self.answer(exchange))


def _blocklist_routes(path: str, dialects: frozenset[Dialect], *, old: bool) -> tuple[Route, ...]:
    def mark(answer: Callable[[Exchange], Answer]) -> Callable[[Exchange], Answer]:
        return _Deprecated(answer) if old else answer

    query = {**_WINDOW, "search": TEXT}
    if dialects == _S:
        query["filter"] = one_of("all", "manual", "blocklistedTags")
    manages = Permission.MANAGE_BLOCKLIST
    return (
        Route("GET", path, mark(blocklist.list_blocklist), query, needs=_VIEW_BLOCKLIST, dialects=dialects),
        Route(
            "POST",
            path,
            mark(blocklist.add_to_blocklist),
            body=_LISTED_TITLE,
            needs=manages,
            dialects=dialects,
        ),
        Route(
            "DELETE",
            f"{path}/{{tmdbId}}",
            mark(blocklist.remove_from_blocklist),
            numeric=("tmdbId",),
            needs=manages,
            dialects=dialects,
        ),
    )


ROUTES: tuple[Route, ...] = (
    *_ACCOUNT_ROUTES,
    *_TITLE_ROUTES,
    *charts.ROUTES,
    *_REQUEST_ROUTES,
    *_media_routes(_OJ, _MEDIA_FILTERS, _MEDIA_WORDS),
    *_media_routes(_S, (*_MEDIA_FILTERS, "deleted"), (*_MEDIA_WORDS, "deleted")),
    *_blocklist_routes("/blacklist", _J, old=False),
    *_blocklist_routes("/blacklist", _S, old=True),
    *_blocklist_routes("/blocklist", _S, old=False),
)
