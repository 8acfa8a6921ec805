"""Changes of a server that do not come through its API: users, scans, declines, wipes; and access to its rows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from list_sync.demo.server.arrs import Arrs
from list_sync.demo.server.backend import Backend
from list_sync.demo.server.database.rows import MediaRow, MediaStatus, RequestRow, UserRow
from list_sync.demo.server.database.state import OWNER_ID
from list_sync.demo.server.faults import Faults, ServerSettings, change, current
from list_sync.demo.server.requests.blocklist import block_title
from list_sync.demo.server.users.permissions import Permission


class Backstage:
    """Direct access to one server's rows, for demos and tests."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.faults: Faults = backend.faults
        self.arrs: Arrs = backend.arrs
        self.settings: ServerSettings = backend.settings

    def add_user(
        self,
        name: str,
        permissions: int = Permission.REQUEST,
        movie_quota: int | None = None,
        tv_quota: int | None = None,
        **more: Any,
    ) -> int:
        """Add a user and return the id; the password is `demo`, the address NAME@demo.invalid if `more` has none."""
        state = self.backend.state
        with state.lock:
            number = max(state.users) + 1
            row = UserRow(number, name, int(permissions), movie_quota, tv_quota, created=time.time(), **more)
            state.add_user(row)
        return number

    def change_user(self, id: int, **changes: object) -> None:
        """Change the name, the permissions, a quota or another field of a user."""
        state = self.backend.state
        with state.lock:
            state.add_user(replace(state.users[id], **changes))  # type: ignore[arg-type]

    def delete_user(self, number: int) -> None:
        """Delete a user; the requests go as well, as on the real servers."""
        state = self.backend.state
        with state.lock:
            for row in state.user_requests(number):
                self.backend.transitions.delete_request(row)
            state.remove_user(number)

    def set_media(
        self,
        kind: str,
        tmdb: int,
        status: int = MediaStatus.AVAILABLE,
        status4k: int = MediaStatus.UNKNOWN,
        seasons: Mapping[int, int] | None = None,
    ) -> int:
        """Create a media row without requests, and return its id."""
        state = self.backend.state
        with state.lock:
            row = state.find_media(kind, tmdb) or self._new_media(kind, tmdb)
            row.status, row.status4k = status, status4k
            for number, season_status in (seasons or {}).items():
                row.seasons[int(number)] = [season_status, MediaStatus.UNKNOWN]
            state.save_media(row)
            return row.id

    def change_show(self, tmdb: int, **changes: object) -> None:
        """Change what TMDB says of a show: its `status`, `next_episode_on` or `seasons`."""
        self.change_title("tv", tmdb, **changes)

    def change_title(self, kind: str, tmdb: int, **changes: object) -> None:
        """Change what TMDB says of a title: facts of CatalogueTitle, such as its `genres` or `releases`."""
        self.backend.titles.change(kind, tmdb, **changes)

    def approve(self, request_id: int) -> None:
        """Approve a request as the owner would."""
        with self.backend.state.lock:
            self.backend.transitions.approve(self._request(request_id), OWNER_ID)

    def decline(self, request_id: int) -> None:
        """Decline a request as the owner would."""
        with self.backend.state.lock:
            self.backend.transitions.decline(self._request(request_id), OWNER_ID)

    def fail_request(self, request_id: int) -> None:
        """Simulate that Radarr or Sonarr refuses a request."""
        with self.backend.state.lock:
            self.backend.transitions.fail(self._request(request_id))

    def delete_request(self, request_id: int) -> None:
        """Delete a request as a person would."""
        with self.backend.state.lock:
            self.backend.transitions.delete_request(self._request(request_id))

    def delete_media(self, kind: str, tmdb: int) -> None:
        """Delete a title's media row with its requests."""
        with self.backend.state.lock:
            self.backend.state.remove_media(self._media(kind, tmdb).id)

    def blocklist(self, kind: str, tmdb: int) -> None:
        """Put a title on the blocklist (Jellyseerr and Seerr)."""
        if self.backend.traits.blocklist_word is None:
            raise ValueError("Overseerr has no blocklist")
        with self.backend.state.lock:
            block_title(self.backend, kind, tmdb, self.backend.state.users[OWNER_ID])

    def make_available(self, kind: str, tmdb: int, seasons: list[int] | None = None, *, is4k: bool = False) -> None:
        """Simulate a scan that finds a title: all of it, or only these seasons of a show."""
        backend = self.backend
        with backend.state.lock:
            backend.transitions.advance()
            media = backend.state.find_media(kind, tmdb) or self._new_media(kind, tmdb)
            title = backend.titles.find(kind, tmdb)
            known = [season.number for season in title.seasons if season.number] if title is not None else []
            found = known if seasons is None else seasons
            complete = seasons is None or set(known) <= set(seasons)
            backend.transitions.make_available(media, found, is_4k=is4k, complete=complete)

    def scan(self) -> None:
        """Look at Radarr and Sonarr, as the servers do every few minutes."""
        with self.backend.state.lock:
            self.backend.transitions.advance()
            self.backend.transitions.scan()

    def in_arrs(self) -> list[dict[str, object]]:
        """Return the titles that Radarr and Sonarr hold: deleting a request does not remove its title there."""
        with self.backend.state.lock:
            self.backend.transitions.advance()
            return self.arrs.contents()

    def wipe(self) -> None:
        """Forget all media and requests, as a fresh server."""
        self.backend.wipe()

    def let_pass(self, seconds: float) -> None:
        """Make the server's cached answers of TMDB older."""
        self.backend.upstream.let_pass(seconds)

    def reset(self) -> None:
        """Reset everything to a fresh server: rows, users, faults, settings and counts."""
        state = self.backend.state
        with state.lock:
            state.users = {OWNER_ID: state.users[OWNER_ID]}
            self.wipe()
        self.backend.watchlists.clear()
        self.arrs.reset()
        self.backend.arr_calls.clear()
        change(self.faults, current(Faults()))
        self.backend.upstream.forget()
        change(self.settings, current(ServerSettings()))
        self.backend.traffic.reset()

    def requests(self) -> list[dict[str, Any]]:
        """Return the request rows, oldest first."""
        state = self.backend.state
        self.backend.transitions.advance()
        with state.lock:
            return [
                {
                    "id": row.id,
                    "media_id": row.media_id,
                    "media_type": row.kind,
                    "tmdb_id": state.media[row.media_id].tmdb,
                    "is4k": row.is4k,
                    "status": int(row.status),
                    "seasons": list(row.seasons),
                    "requested_by": row.requested_by,
                    "server_id": row.server_id,
                    "profile_id": row.profile_id,
                    "root_folder": row.root_folder,
                    "tags": None if row.tags is None else list(row.tags),
                }
                for row in (state.requests[number] for number in state.request_ids)
            ]

    def media(self) -> list[dict[str, Any]]:
        """Return the media rows, oldest first."""
        state = self.backend.state
        self.backend.transitions.advance()
        with state.lock:
            return [
                {
                    "id": row.id,
                    "media_type": row.kind,
                    "tmdb_id": row.tmdb,
                    "tvdb_id": row.tvdb,
                    "status": int(row.status),
                    "status4k": int(row.status4k),
                    "seasons": {number: int(statuses[0]) for number, statuses in row.seasons.items()},
                    "seasons4k": {number: int(statuses[1]) for number, statuses in row.seasons.items()},
                }
                for row in (state.media[number] for number in state.media_ids)
            ]

    def _request(self, request_id: int) -> RequestRow:
        self.backend.transitions.advance()
        return self.backend.state.requests[request_id]

    def _media(self, kind: str, tmdb: int) -> MediaRow:
        row = self.backend.state.find_media(kind, tmdb)
        if row is None:
            raise KeyError((kind, tmdb))
        return row

    def _new_media(self, kind: str, tmdb: int) -> MediaRow:
        now = time.time()
        title = self.backend.titles.find(kind, tmdb)
        return MediaRow(
            id=self.backend.state.new_id("media"),
            kind=kind,
            tmdb=tmdb,
            tvdb=title.tvdb if title is not None and kind == "tv" else None,
            status=MediaStatus.UNKNOWN,
            status4k=MediaStatus.UNKNOWN,
            created=now,
            updated=now,
            season_change=now,
            media_added=now,
        )
