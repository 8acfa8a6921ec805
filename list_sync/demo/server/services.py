"""Watchlists, and the Radarr and Sonarr servers behind the demo server."""

from __future__ import annotations

from typing import Any

from list_sync.demo.server.arr_api import named
from list_sync.demo.server.arrs import Arr
from list_sync.demo.server.calls.answers import Answer, ServerEnded, json_answer, message_answer, refused
from list_sync.demo.server.calls.exchange import Exchange
from list_sync.demo.server.tmdb.upstream import TmdbFailed


def watchlist(exchange: Exchange) -> Answer:
    """Answer GET /discover/watchlist and /user/{id}/watchlist."""
    backend = exchange.backend
    owner = exchange.path_id("userId") if "userId" in exchange.path else exchange.user.id
    with backend.state.lock:
        entries = [(kind, tmdb) for (user, tmdb), kind in backend.watchlists.items() if user == owner]
    results = [
        {"id": number, "ratingKey": "", "title": title.title, "mediaType": kind, "tmdbId": tmdb}
        for number, (kind, tmdb) in enumerate(entries, start=1)
        if (title := backend.titles.find(kind, tmdb)) is not None
    ]
    return json_answer(200, {"page": 1, "totalPages": 1, "totalResults": len(results), "results": results})


def add_to_watchlist(exchange: Exchange) -> Answer:
    """Answer POST /watchlist (S, J)."""
    backend, body = exchange.backend, exchange.body
    key = (exchange.user.id, int(body["tmdbId"]))
    try:
        title = backend.upstream.details(body["mediaType"], body["tmdbId"])
    except TmdbFailed as failure:
        raise refused(500, "Something went wrong saving watchlist.") from failure
    with backend.state.lock:
        if key in backend.watchlists:
            return message_answer(409, "")
        backend.watchlists[key] = body["mediaType"]
    return json_answer(201, {"tmdbId": title.tmdb, "mediaType": title.kind, "title": title.title})


def remove_from_watchlist(exchange: Exchange) -> Answer:
    """Answer DELETE /watchlist/{tmdbId}: 204, or 401 for an unknown one (S, J)."""
    with exchange.backend.state.lock:
        if exchange.backend.watchlists.pop((exchange.user.id, exchange.path_id("tmdbId")), None) is None:
            raise refused(401, "not Found")
    return Answer(204)


def list_radarr(exchange: Exchange) -> Answer:
    """Answer GET /service/radarr; no Radarr is asked."""
    return json_answer(200, [_server(arr) for arr in exchange.backend.arrs.of("movie")])


def list_sonarr(exchange: Exchange) -> Answer:
    """Answer GET /service/sonarr; no Sonarr is asked."""
    return json_answer(200, [_server(arr) for arr in exchange.backend.arrs.of("tv")])


def show_radarr(exchange: Exchange) -> Answer:
    """Answer GET /service/radarr/{id}; without its Radarr, the server process ends (measured on S, same source SJO)."""
    arr = _find(exchange, "movie", "radarrId")
    if exchange.backend.faults.radarr_down:
        raise ServerEnded
    return json_answer(200, _contents(arr))


def show_sonarr(exchange: Exchange) -> Answer:
    """Answer GET /service/sonarr/{id}; without its Sonarr, 500 with a message."""
    arr = _find(exchange, "tv", "sonarrId")
    if exchange.backend.faults.sonarr_down:
        raise refused(500, "Something went wrong trying to get Sonarr service info.")
    return json_answer(200, _contents(arr) | {"languageProfiles": None})


def list_override_rules(exchange: Exchange) -> Answer:
    """Answer GET /overrideRule (S, J)."""
    return json_answer(200, exchange.backend.settings.override_rules)


def _find(exchange: Exchange, kind: str, name: str) -> Arr:
    arr = exchange.backend.arrs.find(kind, exchange.path_id(name))
    if arr is None:
        raise refused(404, f"{'Radarr' if kind == 'movie' else 'Sonarr'} server with provided ID  does not exist.")
    return arr


def _server(arr: Arr) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": arr.id,
        "name": arr.name,
        "is4k": arr.is_4k,
        "isDefault": True,
        "activeDirectory": arr.root_folder,
        "activeProfileId": arr.profile_id,
        "activeTags": arr.default_tags,
    }
    if arr.kind == "tv":
        body.update(activeAnimeProfileId=None, activeAnimeDirectory=None, activeAnimeTags=arr.anime_tags)
    return body


def _contents(arr: Arr) -> dict[str, Any]:
    folders = [
        {"id": number, "path": path, "freeSpace": arr.free_space, "totalSpace": 2 * 10**12}
        for number, path in enumerate(arr.root_folders, 1)
    ]
    return {
        "server": _server(arr),
        "profiles": named(arr.profiles, "name"),
        "rootFolders": folders,
        "tags": named(arr.tags, "label"),
    }
