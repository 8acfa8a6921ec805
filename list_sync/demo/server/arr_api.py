"""Radarr's and Sonarr's own API v3, as far as ListSync reads it: under /_radarr/{id} and /_sonarr/{id}."""

from __future__ import annotations

import hmac
from email.message import Message
from typing import Any
from urllib.parse import parse_qs

from list_sync.demo.server.arrs import Arr, ArrTitle
from list_sync.demo.server.backend import Backend
from list_sync.demo.server.calls.answers import Answer, json_answer
from list_sync.demo.server.calls.traffic import Call

ARR_KEY = "demo-arr-key"
ARR_ROOTS = {"_radarr": "movie", "_sonarr": "tv"}


def is_arr_path(path: str) -> bool:
    """Return whether a call is for a Radarr or Sonarr, not for the media-request server."""
    return path.split("/")[1] in ARR_ROOTS


def answer_arr(backend: Backend, method: str, path: str, query: str, headers: Message) -> Answer:
    """Answer a call to one of them; these calls are noted apart from those of the server."""
    _, root, number, *rest = [*path.split("/"), ""]
    backend.arr_calls.append(Call(method, path, query, None, None, None))
    arr = backend.arrs.find(ARR_ROOTS[root], int(number) if number.isdecimal() else None)
    if not hmac.compare_digest((headers.get("X-Api-Key") or "").encode(), ARR_KEY.encode()):
        return json_answer(401, {"error": "Unauthorized"})
    with backend.state.lock:
        bodies = _bodies(backend, arr, parse_qs(query)) if arr is not None else {}
    name = "/".join(rest).strip("/").removeprefix("api/v3/")
    return json_answer(200, bodies[name]) if method == "GET" and name in bodies else json_answer(404, {})


def _bodies(backend: Backend, arr: Arr, query: dict[str, list[str]]) -> dict[str, Any]:
    asked = {int(number) for name in ("tmdbId", "tvdbId") for number in query.get(name, ())}
    titles = [_title(backend, arr, held) for held in arr.titles.values() if not asked or asked & {held.tmdb, held.tvdb}]
    folders = [
        {"id": number, "path": path, "freeSpace": arr.free_space} for number, path in enumerate(arr.root_folders, 1)
    ]
    disks = [{"path": path, "freeSpace": arr.free_space, "totalSpace": 2 * 10**12} for path in arr.root_folders]
    key = "tmdbId" if arr.kind == "movie" else "tvdbId"
    return {
        "system/status": {"appName": "Radarr" if arr.kind == "movie" else "Sonarr", "version": "5.2.6.8376"},
        "qualityprofile": named(arr.profiles, "name"),
        "rootfolder": folders,
        "tag": named(arr.tags, "label"),
        "diskspace": disks,
        "importlist": arr.import_lists,
        "movie" if arr.kind == "movie" else "series": titles,
        "exclusions" if arr.kind == "movie" else "importlistexclusion": [
            {"id": place, key: number} for place, number in enumerate(arr.exclusions, 1)
        ],
    }


def _title(backend: Backend, arr: Arr, held: ArrTitle) -> dict[str, Any]:
    title = backend.titles.find(arr.kind, held.tmdb)
    size = held.size * held.has_file
    body = {
        "id": held.tmdb,
        "title": title.title if title is not None else "",
        "tmdbId": held.tmdb,
        "monitored": True,
        "qualityProfileId": held.profile_id,
        "rootFolderPath": held.root_folder,
        "tags": sorted(held.tags),
    }
    if arr.kind == "movie":
        return body | {"hasFile": held.has_file, "sizeOnDisk": size}
    seasons = [{"seasonNumber": number, "monitored": True} for number in sorted(held.seasons)]
    statistics = {"episodeFileCount": int(held.has_file), "sizeOnDisk": size}
    return body | {"tvdbId": held.tvdb, "seasons": seasons, "statistics": statistics}


def named(names: dict[int, str], key: str) -> list[dict[str, Any]]:
    """Return numbered names as all of these servers write them."""
    return [{"id": number, key: name} for number, name in names.items()]
