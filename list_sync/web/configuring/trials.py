"""Tests of settings, one at a time and not too often; the last result of each part is kept."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from list_sync.config import Settings
from list_sync.errors import ListSyncError, SyncCancelled
from list_sync.model.moments import utc_now
from list_sync.model.trials import Trial
from list_sync.web.problems import Problem
from list_sync.workers import Deadline

SECONDS = 10.0
MOST_A_MINUTE = 20


class TryPart(Protocol):
    """Asks one part of the settings; with `present` settings, a person typed an address that these do not have."""

    def __call__(self, part: str, settings: Settings, *, present: Settings | None, stop: threading.Event) -> str:
        """Return what it answers; raise ListSyncError."""
        ...


class Trials:
    """Carries tests out in the thread of the caller; safe for threads."""

    def __init__(
        self,
        try_part: TryPart,
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._try_part = try_part
        self._now = now
        self._clock = clock
        self._stop = threading.Event()
        self._busy = threading.Lock()
        self._begun: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._results: dict[str, Trial] = {}

    def find(self, part: str) -> Trial | None:
        """Return the last result for stored values."""
        return self._results.get(part)

    def run(self, part: str, settings: Settings, *, present: Settings | None = None, is_stored: bool = True) -> Trial:
        """Test a part; only the result for stored values is kept. `present` as in TryPart.

        Raise Problem while another test is at work, or after very many.
        """
        if not self._busy.acquire(blocking=False):
            raise _too_many("another test is at work: try again in some seconds", seconds=10)
        try:
            if len(self._begun) == MOST_A_MINUTE and self._clock() - self._begun[0] < 60:
                raise _too_many(f"there were {MOST_A_MINUTE} tests in the last minute: wait a little", seconds=60)
            self._begun.append(self._clock())
            result = self._carry_out(part, settings, present)
        finally:
            self._busy.release()
        if is_stored:
            self._results[part] = result
        return result

    def stop(self) -> None:
        """End a test that is at work."""
        self._stop.set()

    def _carry_out(self, part: str, settings: Settings, present: Settings | None) -> Trial:
        began, deadline = self._clock(), Deadline(self._stop, SECONDS)
        try:
            words, is_good = self._try_part(part, settings, present=present, stop=deadline), True
        except SyncCancelled:
            words, is_good = f"no answer within {SECONDS:.0f} s", False
        except ListSyncError as error:
            words, is_good = str(error), False
        return Trial(part, is_good, words, self._now(), self._clock() - began)


def _too_many(detail: str, *, seconds: int) -> Problem:
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers={"Retry-After": str(seconds)})
