"""POST /request: the checks in the order of the real servers, then the new rows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from list_sync.demo.catalogue.catalogue import CatalogueTitle
from list_sync.demo.server.calls.answers import Refusal, ServerDied, refused
from list_sync.demo.server.database.rows import MediaRow, MediaStatus, RequestRow, RequestStatus, UserRow
from list_sync.demo.server.database.state import State
from list_sync.demo.server.dialects import Dialect, Traits
from list_sync.demo.server.faults import Faults, ServerSettings
from list_sync.demo.server.requests.overlap import SharedTransaction, Writing
from list_sync.demo.server.requests.payloads import Body, Payloads
from list_sync.demo.server.requests.transitions import Transitions
from list_sync.demo.server.tmdb.titles import Titles
from list_sync.demo.server.tmdb.upstream import TmdbFailed, Upstream, failed_details
from list_sync.demo.server.users.permissions import (
    Permission,
    approval_permission,
    has_all,
    has_any,
    request_permission,
)
from list_sync.demo.server.users.quotas import measure_quota

SPOILING_STATUSES = (403, 409, 500)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that passed every check and has no rows yet."""

    title: CatalogueTitle
    media_id: int | None
    seasons: tuple[int, ...]
    target: UserRow
    approved: bool


@dataclass(frozen=True, slots=True)
class Creation:
    """Carries out POST /request on one server."""

    dialect: Dialect
    traits: Traits
    state: State
    titles: Titles
    upstream: Upstream
    faults: Faults
    settings: ServerSettings
    transitions: Transitions
    transaction: SharedTransaction
    payloads: Payloads
    pause: Callable[[float], None]
    queue: threading.Lock

    def create(self, body: dict[str, Any], caller: UserRow) -> Body:
        """Return the answer with the new request; raise Refusal with the servers' own message."""
        target = self._target(body, caller)
        if self.faults.lossy:
            return self._create_overlapping(body, caller, target)
        with self.queue:
            return self._create_overlapping(body, caller, target)

    def _create_overlapping(self, body: dict[str, Any], caller: UserRow, target: UserRow) -> Body:
        with self.state.lock:
            writing = self.transaction.begin()
        failed = False
        try:
            accepted = self._check_and_hold(body, caller, target)
            with self.state.lock:
                return self._insert(body, caller, accepted, writing)
        except Refusal as refusal:
            failed = refusal.answer.status in SPOILING_STATUSES
            raise
        finally:
            with self.state.lock:
                self.transaction.end(writing, failed=failed)

    def _check_and_hold(self, body: dict[str, Any], caller: UserRow, target: UserRow) -> Accepted:
        refusal: Refusal | None = None
        with self.state.lock:
            try:
                accepted = self._check(body, caller, target)
            except Refusal as error:
                refusal = error
        self.pause(self.faults.post_seconds)
        if refusal is not None:
            raise refusal
        return accepted

    def _target(self, body: dict[str, Any], caller: UserRow) -> UserRow:
        target = caller
        if body.get("userId"):
            if not has_all(caller.permissions, Permission.MANAGE_USERS | Permission.MANAGE_REQUESTS):
                raise refused(403, "You do not have permission to modify the request user.")
            found = self.state.users.get(body["userId"])
            if found is None:
                criteria = f'{{\n    "where": {{\n        "id": {body["userId"]}\n    }}\n}}'
                raise refused(500, f'Could not find any entity of type "User" matching: {criteria}')
            target = found
        kind, is_4k = body["mediaType"], bool(body.get("is4k"))
        if not has_any(target.permissions, request_permission(kind, is_4k=is_4k)):
            words = f"{'4K ' if is_4k else ''}{'movie' if kind == 'movie' else 'series'}"
            raise refused(403, f"You do not have permission to make {words} requests.")
        return target

    def _check(self, body: dict[str, Any], caller: UserRow, target: UserRow) -> Accepted:
        kind = body["mediaType"]
        quota = measure_quota(self.state, self.settings, target, kind)
        if quota.restricted:
            raise refused(403, f"{quota.name} Quota exceeded.")
        title = self._details(kind, body["mediaId"])
        media = self.state.find_media(kind, title.tmdb)
        if media is not None and MediaStatus.BLOCKLISTED in (media.status, media.status4k):
            raise refused(403, f"This media is {self.traits.blocklist_word}.")
        seasons: tuple[int, ...] = ()
        if kind == "movie":
            self._refuse_duplicate(title, body.get("is4k"))
        else:
            seasons = self._open_seasons(body, title, media)
            if quota.remaining is not None and len(seasons) > quota.remaining:
                raise refused(403, "Series Quota exceeded.")
        approved = has_any(caller.permissions, approval_permission(kind, is_4k=bool(body.get("is4k"))))
        return Accepted(title, media.id if media else None, seasons, target, approved)

    def _details(self, kind: str, tmdb: int) -> CatalogueTitle:
        try:
            return self.upstream.details(kind, tmdb)
        except TmdbFailed as failure:
            raise refused(500, failed_details(self.dialect, kind, failure.status)) from failure

    def _refuse_duplicate(self, title: CatalogueTitle, is_4k: bool | None) -> None:
        # The servers search for rows with the same is4k as in the request. If it is missing, they find none (SJO).
        if is_4k is None:
            return
        rows = self.state.title_requests("movie", title.tmdb, is_4k=is_4k)
        if rows and rows[0].status not in (RequestStatus.DECLINED, RequestStatus.COMPLETED):
            raise refused(409, "Request for this media already exists.")

    def _open_seasons(self, body: dict[str, Any], title: CatalogueTitle, media: MediaRow | None) -> tuple[int, ...]:
        if "seasons" not in body:
            raise refused(500, "Cannot read properties of undefined (reading 'filter')")
        asked = body["seasons"]
        if asked == "all":
            asked = [season.number for season in title.seasons]
        if not self.traits.all_includes_specials and not self.settings.special_episodes_enabled:
            asked = [number for number in asked if number > 0]
        taken = self._taken_seasons(media, body.get("is4k")) if media else set()
        left = tuple(number for number in asked if number not in taken)
        if not left:
            raise refused(202, "No seasons available to request")
        return left

    def _taken_seasons(self, media: MediaRow, is_4k: bool | None) -> set[int]:
        ended = (RequestStatus.DECLINED, RequestStatus.COMPLETED)
        rows = [row for row in self.state.media_requests(media.id) if row.is4k is is_4k and row.status not in ended]
        requested = {number for row in rows for number in row.seasons}
        index = 1 if is_4k else 0
        missing = (MediaStatus.UNKNOWN, MediaStatus.DELETED)
        return requested | {number for number, statuses in media.seasons.items() if statuses[index] not in missing}

    def _insert(self, body: dict[str, Any], caller: UserRow, accepted: Accepted, writing: Writing) -> Body:
        self.transaction.check(writing)
        media = self._save_media(body, accepted)
        now = time.time()
        row = RequestRow(
            id=self.state.new_id("request"),
            media_id=media.id,
            kind=media.kind,
            status=RequestStatus.APPROVED if accepted.approved else RequestStatus.PENDING,
            is4k=bool(body.get("is4k")),
            seasons=accepted.seasons,
            requested_by=accepted.target.id,
            modified_by=caller.id if accepted.approved else None,
            created=now,
            updated=now,
            server_id=body.get("serverId"),
            **self._route(body, caller, accepted),
        )
        self.state.save_request(row)
        self.transitions.made(row)
        answer = self.payloads.request(row, media)
        self.transaction.wrote(writing, row.id, media.id if accepted.media_id is None else None)
        if self.faults.take("lose_rows"):
            self.transaction.lose(writing)
        return answer

    def _route(self, body: dict[str, Any], caller: UserRow, accepted: Accepted) -> dict[str, Any]:
        """Return profile, folder and tags; override rules win where the caller does not manage requests (S, J)."""
        tags = tuple(body["tags"]) if isinstance(body.get("tags"), list) else None
        route = {"profile_id": body.get("profileId"), "root_folder": body.get("rootFolder"), "tags": tags}
        if self.dialect is Dialect.OVERSEERR or has_any(caller.permissions, Permission.MANAGE_REQUESTS):
            return route
        rule = find_rule(self.settings.override_rules, accepted.title, accepted.target.id)
        if rule is None:
            return route
        added = tuple(int(number) for number in str(rule.get("tags") or "").split(",") if number)
        return {
            "profile_id": rule.get("profileId") or route["profile_id"],
            "root_folder": rule.get("rootFolder") or route["root_folder"],
            "tags": tuple(dict.fromkeys((*(tags or ()), *added))) if added else tags,
        }

    def _save_media(self, body: dict[str, Any], accepted: Accepted) -> MediaRow:
        is_4k = bool(body.get("is4k"))
        if accepted.media_id is not None:
            media = self.state.media.get(accepted.media_id)
            if media is None:
                raise refused(500, "SQLITE_CONSTRAINT: FOREIGN KEY constraint failed")
            if media.quality_status(is_4k=is_4k) in (MediaStatus.UNKNOWN, MediaStatus.DELETED):
                media.set_quality_status(MediaStatus.PENDING, is_4k=is_4k)
                self.state.save_media(media)
        else:
            media = self._new_media(body, accepted.title, is_4k=is_4k)
        self._refuse_without_tvdb(media, accepted)
        return media

    def _new_media(self, body: dict[str, Any], title: CatalogueTitle, *, is_4k: bool) -> MediaRow:
        tvdb = body.get("tvdbId") or title.tvdb if title.kind == "tv" else None
        if tvdb is not None and self.state.media_by_tvdb.get(tvdb):
            raise refused(500, "SQLITE_CONSTRAINT: UNIQUE constraint failed: media.tvdbId")
        now = time.time()
        media = MediaRow(
            id=self.state.new_id("media"),
            kind=title.kind,
            tmdb=title.tmdb,
            tvdb=tvdb,
            status=MediaStatus.UNKNOWN if is_4k else MediaStatus.PENDING,
            status4k=MediaStatus.PENDING if is_4k else MediaStatus.UNKNOWN,
            created=now,
            updated=now,
            season_change=now,
        )
        self.state.save_media(media)
        return media

    def _refuse_without_tvdb(self, media: MediaRow, accepted: Accepted) -> None:
        if media.kind == "movie" or media.tvdb is not None or not accepted.approved:
            return
        if self.dialect is Dialect.SEERR:
            return
        # Overseerr's process died on the first such request and answered 500 on another (rule 6).
        if self.dialect is Dialect.OVERSEERR and accepted.media_id is None:
            raise ServerDied
        raise refused(500, "TVDB ID not found")


def find_rule(rules: list[dict[str, Any]], title: CatalogueTitle, user_id: int) -> dict[str, Any] | None:
    """Return the first override rule for a title and a requester; only those of the default server are looked at."""
    service = "radarrServiceId" if title.kind == "movie" else "sonarrServiceId"
    return next(
        (
            rule
            for rule in rules
            if rule.get(service) == 0
            and _lets(rule.get("users"), str(user_id), split=",")
            and _lets(rule.get("language"), title.language, split="|")
        ),
        None,
    )


def _lets(condition: str | None, value: str, *, split: str) -> bool:
    return not condition or value in condition.split(split)
