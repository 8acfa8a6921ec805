"""Watchlists, and the Radarr and Sonarr servers behind the demo server."""

from __future__ import annotations

from typing import Any

from list_sync.demo.server.calls.answers import Answer, json_answer, message_answer, refused
from list_sync.demo.server.calls.exchange import Exchange
from list_sync.demo.server.tmdb.upstream import TmdbFailed

_QUALITY_PROFILES = ((1, "Any"), (4, "HD-1080p"), (5, "Ultra-HD"))


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
    """Answer GET /service/radarr."""
    return json_answer(200, _servers("Radarr", "/movies", has_4k=exchange.backend.settings.movie_4k_enabled))


def list_sonarr(exchange: Exchange) -> Answer:
    """Answer GET /service/sonarr."""
    return json_answer(200, _servers("Sonarr", "/tv", has_4k=exchange.backend.settings.series_4k_enabled))


def show_radarr(exchange: Exchange) -> Answer:
    """Answer GET /service/radarr/{id}."""
    servers = _servers("Radarr", "/movies", has_4k=exchange.backend.settings.movie_4k_enabled)
    return _show(servers, exchange.path_id("radarrId"))


def show_sonarr(exchange: Exchange) -> Answer:
    """Answer GET /service/sonarr/{id}."""
    servers = _servers("Sonarr", "/tv", has_4k=exchange.backend.settings.series_4k_enabled)
    return _show(servers, exchange.path_id("sonarrId"))


def _servers(name: str, folder: str, *, has_4k: bool) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "name": f"{name} 4K" if number else name,
            "is4k": bool(number),
            "isDefault": True,
            "activeDirectory": folder,
            "activeProfileId": 5 if number else 4,
            "activeTags": [],
        }
        for number in range(2 if has_4k else 1)
    ]


def _show(servers: list[dict[str, Any]], number: int) -> Answer:
    server = next((server for server in servers if server["id"] == number), None)
    if server is None:
        raise refused(404, "Server does not exist.")
    body = {
        "server": server,
        "profiles": [{"id": profile, "name": name} for profile, name in _QUALITY_PROFILES],
        "rootFolders": [{"id": 1, "path": server["activeDirectory"], "freeSpace": 10**12, "totalSpace": 2 * 10**12}],
        "tags": [{"id": 1, "label": "kids"}],
    }
    return json_answer(200, body)
