"""The transaction that all POST /request share: when one fails, rows of an overlapping one are lost.

The real servers have one SQLite connection, so overlapping calls write into the same transaction (SJO). The numbers
of lost rows are used again for the next requests (S).
"""

from __future__ import annotations

import random
import time
from collections import deque
from dataclasses import dataclass

from list_sync.demo.server.calls.answers import refused
from list_sync.demo.server.database.state import State

FOREIGN_KEY_SHARE = 0.25
ORPHAN_SHARE = 0.5


@dataclass(slots=True, eq=False)
class Writing:
    """One POST /request in the shared transaction."""

    started: float
    ended: float | None = None
    doomed: bool = False
    request_id: int | None = None
    new_media_id: int | None = None
    rolled_back: bool = False


class SharedTransaction:
    """Tracks POSTs that overlap in time; callers hold the lock of the state."""

    def __init__(self, state: State, seed: int = 1) -> None:
        self._state = state
        self._random = random.Random(seed)  # noqa: S311 (no secret)
        self._active: set[Writing] = set()
        self._ended: deque[Writing] = deque()

    def begin(self) -> Writing:
        """Enter the transaction."""
        writing = Writing(time.monotonic())
        self._active.add(writing)
        return writing

    def check(self, writing: Writing) -> None:
        """Fail some of the POSTs whose media row was rolled back meanwhile (SJO: 500 without their fault)."""
        if writing.doomed and self._random.random() < FOREIGN_KEY_SHARE:
            writing.rolled_back = True
            raise refused(500, "SQLITE_CONSTRAINT: FOREIGN KEY constraint failed")

    def wrote(self, writing: Writing, request_id: int, new_media_id: int | None) -> None:
        """Note the rows of a POST; they are lost at once if an overlapping POST already failed."""
        writing.request_id = request_id
        writing.new_media_id = new_media_id
        if writing.doomed:
            self._roll_back(writing)

    def lose(self, writing: Writing) -> None:
        """Roll one POST back although nothing else failed."""
        self._roll_back(writing)

    def end(self, writing: Writing, *, failed: bool) -> None:
        """Leave the transaction; a failure rolls back one of the POSTs that overlapped with this one.

        Only one, to match the measurement: 5 to 16 of 60 rows lost with 20 workers.
        """
        writing.ended = time.monotonic()
        self._active.discard(writing)
        neighbours = [other for other in self._overlapping(writing) if not other.rolled_back and not other.doomed]
        if failed and neighbours:
            self._doom(self._random.choice(neighbours))
        self._ended.append(writing)
        self._forget_finished()

    def _overlapping(self, writing: Writing) -> list[Writing]:
        ended = [other for other in self._ended if other.ended is not None and other.ended > writing.started]
        written = [other for other in ended if other.request_id is not None]
        return written + sorted(self._active, key=lambda other: other.started)

    def _doom(self, writing: Writing) -> None:
        writing.doomed = True
        if writing.request_id is not None:
            self._roll_back(writing)

    def _roll_back(self, writing: Writing) -> None:
        if writing.rolled_back or writing.request_id is None:
            return
        writing.rolled_back = True
        self._state.roll_back_request(writing.request_id)
        if writing.new_media_id is None or self._state.media_requests(writing.new_media_id):
            return
        if self._random.random() >= ORPHAN_SHARE:
            self._state.remove_media(writing.new_media_id)

    def _forget_finished(self) -> None:
        oldest = min((writing.started for writing in self._active), default=None)
        while self._ended and (oldest is None or (self._ended[0].ended or 0.0) <= oldest):
            self._ended.popleft()
