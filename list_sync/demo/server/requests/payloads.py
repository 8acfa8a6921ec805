"""The servers' JSON for rows, with the fields of each dialect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from list_sync.demo.server.database.rows import MediaRow, MediaStatus, RequestRow, UserRow
from list_sync.demo.server.database.state import State
from list_sync.demo.server.dialects import Dialect
from list_sync.demo.server.users.permissions import Permission, has_any

Body = dict[str, Any]


def timestamp(seconds: float | None) -> str | None:
    """Return a moment as the servers write it: UTC, whole seconds, `.000Z`."""
    return None if seconds is None else _timestamp(int(seconds))


@lru_cache(maxsize=4096)
def _timestamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Payloads:
    """Builds the JSON of rows in one dialect; callers hold the state's lock."""

    def __init__(self, dialect: Dialect, state: State) -> None:
        self._dialect = dialect
        self._state = state
        self._has_jellyfin = dialect is not Dialect.OVERSEERR

    def user(self, row: UserRow, *, with_email: bool = True) -> Body:
        """Return a user."""
        body: Body = {
            "permissions": row.permissions,
            "id": row.id,
            "email": row.email,
            "plexUsername": row.plex_name,
            "username": row.name,
            "recoveryLinkExpirationDate": None,
            "userType": 2,
            "plexId": row.plex_id,
            "avatar": f"/avatarproxy/{row.id}",
            "movieQuotaLimit": row.movie_quota,
            "movieQuotaDays": None,
            "tvQuotaLimit": row.tv_quota,
            "tvQuotaDays": None,
            "createdAt": timestamp(row.created),
            "updatedAt": timestamp(row.created),
            "requestCount": len(self._state.requests_by_user.get(row.id, ())),
            "displayName": row.display_name,
        }
        if not with_email:
            del body["email"], body["plexId"]
        if self._has_jellyfin:
            names = {"jellyfinUsername": row.jellyfin_name, "jellyfinUserId": row.jellyfin_id}
            body.update(names, avatarETag=None, avatarVersion=None, warnings=[])
        return body

    def account(self, row: UserRow) -> Body:
        """Return a user as GET /auth/me does, with settings."""
        body = self.user(row)
        body["settings"] = {
            "id": row.id,
            "locale": "",
            "region": "",
            "originalLanguage": None,
            "discordId": None,
            "watchlistSyncMovies": None,
            "watchlistSyncTv": None,
            "notificationTypes": {"email": 0, "discord": 0, "webpush": 0},
        }
        return body

    def media(self, row: MediaRow, *, with_seasons: bool = True) -> Body:
        """Return a media row as GET /media lists it: no title, no requests."""
        body: Body = {
            "downloadStatus": [],
            "downloadStatus4k": [],
            "id": row.id,
            "mediaType": row.kind,
            "tmdbId": row.tmdb,
            "tvdbId": row.tvdb,
            "imdbId": None,
            "status": row.status,
            "status4k": row.status4k,
            "createdAt": timestamp(row.created),
            "updatedAt": timestamp(row.updated),
            "lastSeasonChange": timestamp(row.season_change),
            "mediaAddedAt": timestamp(row.media_added),
            "serviceId": None,
            "serviceId4k": None,
            "externalServiceId": None,
            "externalServiceId4k": None,
            "externalServiceSlug": None,
            "externalServiceSlug4k": None,
            "ratingKey": None,
            "ratingKey4k": None,
        }
        if self._has_jellyfin:
            body["jellyfinMediaId"] = body["jellyfinMediaId4k"] = None
        for quality, status in (("", row.status), ("4k", row.status4k)):
            if status == MediaStatus.PROCESSING:
                body.update(_service(row, quality))
        if with_seasons:
            body["seasons"] = self._seasons(row)
        return body

    def request(self, row: RequestRow, media: MediaRow | None = None, *, in_list: bool = False) -> Body:
        """Return a request with its media row and its users; `in_list` adds what only GET /request shows."""
        media = media or self._state.media[row.media_id]
        body = self._bare_request(row)
        body["media"] = self.media(media)
        body["seasonCount"] = len(row.seasons)
        if in_list and self._has_jellyfin:
            body["profileName"] = None
        if in_list and self._dialect is Dialect.SEERR:
            body["canRemove"] = False
        return body

    def media_with_requests(self, row: MediaRow) -> Body:
        """Return a title's `mediaInfo` of the detail pages, with everyone's requests."""
        body = self.media(row)
        rows = self._state.media_requests(row.id)
        body["requests"] = [self._bare_request(request) | {"media": self.media(row)} for request in rows]
        body["issues"] = []
        if self._has_jellyfin:
            body["watchlists"] = []
        return body

    def media_in_search(self, row: MediaRow, *, with_seasons: bool) -> Body:
        """Return a title's `mediaInfo` of a search result: no requests."""
        return self.media(row, with_seasons=with_seasons) | {"watchlists": []}

    def users(self, rows: Iterable[UserRow], viewer: UserRow) -> list[Body]:
        """Return users as `viewer` may see them: e-mail addresses need MANAGE_USERS."""
        with_email = has_any(viewer.permissions, Permission.MANAGE_USERS)
        return [self.user(row, with_email=with_email) for row in rows]

    def _bare_request(self, row: RequestRow) -> Body:
        modifier = self._state.users.get(row.modified_by) if row.modified_by is not None else None
        return {
            "id": row.id,
            "status": row.status,
            "createdAt": timestamp(row.created),
            "updatedAt": timestamp(row.updated),
            "type": row.kind,
            "is4k": row.is4k,
            "serverId": row.server_id,
            "profileId": row.profile_id,
            "rootFolder": row.root_folder,
            "languageProfileId": None,
            "tags": list(row.tags) if row.tags is not None else None,
            "isAutoRequest": False,
            "requestedBy": self.user(self._state.users[row.requested_by]),
            "modifiedBy": self.user(modifier) if modifier else None,
            "seasons": [
                {
                    "id": row.id * 1000 + number,
                    "seasonNumber": number,
                    "status": row.status,
                    "createdAt": timestamp(row.created),
                    "updatedAt": timestamp(row.updated),
                }
                for number in row.seasons
            ],
        }

    def _seasons(self, row: MediaRow) -> list[Body]:
        return [
            {
                "id": row.id * 1000 + number,
                "seasonNumber": number,
                "status": statuses[0],
                "status4k": statuses[1],
                "createdAt": timestamp(row.season_change),
                "updatedAt": timestamp(row.season_change),
            }
            for number, statuses in sorted(row.seasons.items())
        ]


def _service(row: MediaRow, quality: str) -> Body:
    """Return the place of a title in Radarr or Sonarr, without an address if neither has it."""
    place = f"radarr.demo.invalid/movie/{row.tmdb}" if row.kind == "movie" else f"sonarr.demo.invalid/series/{row.tmdb}"
    return {
        f"serviceId{quality}": 1 if quality else 0,
        f"externalServiceId{quality}": row.id,
        f"externalServiceSlug{quality}": str(row.tmdb),
        f"serviceUrl{quality}": f"http://{place}",
    }
