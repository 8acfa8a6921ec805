"""Changes of requests and media after a request: approval, processing, availability, refusal."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection

from list_sync.demo.server.arrs import Arrs
from list_sync.demo.server.database.rows import MediaRow, MediaStatus, RequestRow, RequestStatus
from list_sync.demo.server.database.state import State
from list_sync.demo.server.dialects import Dialect, Traits
from list_sync.demo.server.faults import Faults
from list_sync.demo.server.webhooks import Tell

LIVE = (RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.FAILED, RequestStatus.COMPLETED)
WAITING = (MediaStatus.PENDING, MediaStatus.PROCESSING)
# Overseerr left 3 of 60 approved requests at media status PENDING even without parallel calls.
STUCK_EVERY = 20


class Transitions:
    """All changes of a row's status, in one dialect."""

    def __init__(self, dialect: Dialect, traits: Traits, state: State, faults: Faults, tell: Tell, arrs: Arrs) -> None:
        self._dialect = dialect
        self._traits = traits
        self._state = state
        self._faults = faults
        self._tell = tell
        self._arrs = arrs
        self._unprocessed: deque[tuple[float, int]] = deque()
        self._unavailable: deque[tuple[float, int]] = deque()
        self.requeue()

    def requeue(self) -> None:
        """Continue pending changes of the stored state, or forget them after a wipe."""
        with self._state.lock:
            rows = [self._state.requests[number] for number in self._state.request_ids]
            waiting = [row for row in rows if self._media_status(row) in WAITING]
            self._unavailable = deque((row.created, row.id) for row in waiting)
            self._unprocessed = deque((row.created, row.id) for row in waiting if row.status == RequestStatus.APPROVED)

    def made(self, row: RequestRow) -> None:
        """Note a new request, so that it changes with time."""
        is_approved = row.status == RequestStatus.APPROVED
        if is_approved:
            self._unprocessed.append((row.created, row.id))
        self._tell("MEDIA_AUTO_APPROVED" if is_approved else "MEDIA_PENDING", self._state.media[row.media_id], row)
        self._unavailable.append((row.created, row.id))

    def advance(self) -> None:
        """Apply all changes that are due since the last call."""
        if not self._unprocessed and (not self._unavailable or self._faults.auto_available_seconds is None):
            return
        now = time.time()
        with self._state.lock:
            while self._unprocessed and self._unprocessed[0][0] + self._faults.processing_seconds <= now:
                self._process(self._unprocessed.popleft()[1])
            delay = self._faults.auto_available_seconds
            while delay is not None and self._unavailable and self._unavailable[0][0] + delay <= now:
                self._arrive(self._unavailable.popleft()[1])

    def approve(self, row: RequestRow, user_id: int) -> None:
        """Approve a request, or send it again."""
        row.status = RequestStatus.APPROVED
        row.modified_by = user_id
        media = self._state.media[row.media_id]
        if media.quality_status(is_4k=row.is4k) == MediaStatus.UNKNOWN:
            media.set_quality_status(MediaStatus.PENDING, is_4k=row.is4k)
        self._touch(media, row)
        self._tell("MEDIA_APPROVED", media, row)
        self._unprocessed.append((time.time(), row.id))

    def decline(self, row: RequestRow, user_id: int) -> None:
        """Decline a request; the media row goes back to UNKNOWN if no other request exists for it.

        The row of a show that Sonarr already has stays at PROCESSING (SJO).
        """
        row.status = RequestStatus.DECLINED
        row.modified_by = user_id
        media = self._state.media[row.media_id]
        if row.kind == "movie" or media.quality_status(is_4k=row.is4k) != MediaStatus.PROCESSING:
            self._release(media, is_4k=row.is4k)
        self._touch(media, row)
        self._tell("MEDIA_DECLINED", media, row)

    def fail(self, row: RequestRow) -> None:
        """Mark a request as refused by Radarr or Sonarr."""
        row.status = RequestStatus.FAILED
        media = self._state.media[row.media_id]
        media.set_quality_status(MediaStatus.PROCESSING, is_4k=row.is4k)
        self._touch(media, row)
        self._tell("MEDIA_FAILED", media, row)

    def delete_request(self, row: RequestRow) -> None:
        """Delete a request; its media row stays, and Radarr or Sonarr goes on with its title."""
        media = self._state.media[row.media_id]
        self._state.remove_request(row.id)
        self._release(media, is_4k=row.is4k)
        self._touch(media)

    def set_media_status(
        self, media: MediaRow, status: MediaStatus, *, is_4k: bool, seasons: Collection[int] = ()
    ) -> None:
        """Change a title's availability as an administrator would; only the named seasons change with it."""
        if status == MediaStatus.AVAILABLE:
            self.make_available(media, seasons if media.kind == "tv" else (), is_4k=is_4k)
            return
        media.set_quality_status(status, is_4k=is_4k)
        self._touch(media)

    def make_available(self, media: MediaRow, seasons: Collection[int], *, is_4k: bool, complete: bool = True) -> None:
        """Simulate a scan that finds the title with these seasons; `complete` means that none is missing."""
        index = 1 if is_4k else 0
        for number in seasons:
            media.seasons.setdefault(number, [1, 1])[index] = MediaStatus.AVAILABLE
        status = MediaStatus.AVAILABLE if complete else MediaStatus.PARTIALLY_AVAILABLE
        media.set_quality_status(status, is_4k=is_4k)
        self._arrs.receive_files(media.kind, media.tmdb, is_4k=is_4k, seasons=seasons)
        if media.media_added is None:
            media.media_added = time.time()
        self._touch(media)
        if self._traits.completes_requests:
            self._complete_requests(media, is_4k=is_4k)
        self._tell("MEDIA_AVAILABLE", media, None)

    def _complete_requests(self, media: MediaRow, *, is_4k: bool) -> None:
        index = 1 if is_4k else 0
        arrived = {number for number, statuses in media.seasons.items() if statuses[index] == MediaStatus.AVAILABLE}
        for row in self._state.media_requests(media.id):
            if row.is4k != is_4k or row.status == RequestStatus.DECLINED:
                continue
            if row.kind == "movie" or arrived.issuperset(row.seasons):
                row.status = RequestStatus.COMPLETED
                self._state.save_request(row)

    def _process(self, request_id: int) -> None:
        row = self._state.requests.get(request_id)
        if row is None or row.status != RequestStatus.APPROVED:
            return
        media = self._state.media[row.media_id]
        if media.kind == "tv" and media.tvdb is None and self._traits.removes_shows_without_tvdb:
            self._state.remove_media(media.id)
        elif self._faults.radarr_refuses or not self._reaches_arr(row, media):
            self.fail(row)
        elif media.quality_status(is_4k=row.is4k) == MediaStatus.PENDING and not self._is_stuck(row):
            media.set_quality_status(MediaStatus.PROCESSING, is_4k=row.is4k)
            self._touch(media)

    def _reaches_arr(self, row: RequestRow, media: MediaRow) -> bool:
        """Send a request to its Radarr or Sonarr; without one, the servers send nothing and say nothing."""
        arr = self._arrs.find_for(row)
        return arr is None or arr.add(row, media.tmdb, media.tvdb)

    def scan(self) -> None:
        """Look at Radarr and Sonarr: titles that they hold without files are being processed."""
        for row in list(self._state.media.values()):
            for arr in self._arrs.holding(row.kind, row.tmdb):
                if row.quality_status(is_4k=arr.is_4k) == MediaStatus.UNKNOWN:
                    row.set_quality_status(MediaStatus.PROCESSING, is_4k=arr.is_4k)
                    self._touch(row)

    def _is_stuck(self, row: RequestRow) -> bool:
        return self._dialect is Dialect.OVERSEERR and row.id % STUCK_EVERY == 0

    def _arrive(self, request_id: int) -> None:
        row = self._state.requests.get(request_id)
        if row is None or row.status not in (RequestStatus.PENDING, RequestStatus.APPROVED):
            return
        media = self._state.media[row.media_id]
        self.make_available(media, row.seasons, is_4k=row.is4k)

    def _release(self, media: MediaRow, *, is_4k: bool) -> None:
        rows = self._state.media_requests(media.id)
        live = any(row.is4k == is_4k and row.status in LIVE for row in rows)
        if not live and media.quality_status(is_4k=is_4k) in WAITING:
            media.set_quality_status(MediaStatus.UNKNOWN, is_4k=is_4k)

    def _media_status(self, row: RequestRow) -> int:
        return self._state.media[row.media_id].quality_status(is_4k=row.is4k)

    def _touch(self, media: MediaRow, row: RequestRow | None = None) -> None:
        now = time.time()
        if self._traits.bumps_updated:
            media.updated = now
        self._state.save_media(media)
        if row is not None:
            if self._traits.bumps_updated:
                row.updated = now
            self._state.save_request(row)
