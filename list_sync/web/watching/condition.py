"""How the service, its database and its server are: the words of /health."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from list_sync.errors import AuthenticationFailed, ListSyncError, StorageError
from list_sync.storage.runs import find_last_success
from list_sync.web.parts import Parts

# The key is tried at most once in this time, however often /health is asked.
ASK_AGAIN_SECONDS = 30.0
STALE_AFTER = timedelta(hours=48)
HEALTHY = "healthy"


class Health(StrEnum):
    """How something is; the worst of several wins."""

    HEALTHY = HEALTHY
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: fixed words for everybody, and the cause for callers with a token."""

    health: Health
    words: str
    cause: str = ""

    def describe(self, *, with_cause: bool) -> str:
        """Return the words, and the cause if it may be told."""
        return f"{self.words}: {self.cause}" if with_cause and self.cause else self.words


class ServerWatch:
    """Tries the key of the server at most every 30 seconds; meanwhile, others get what was found before."""

    def __init__(self, check_server: Callable[[], object], now: Callable[[], float] = time.monotonic) -> None:
        self._check_server = check_server
        self._now = now
        self._lock = threading.Lock()
        self._found: Check | None = None
        self._at = 0.0

    def find(self) -> Check:
        """Return how the server is, or was a moment ago."""
        found = self._found
        # Only the first to ask waits for a server that is slow to answer.
        if found is None:
            self._lock.acquire()
        elif not self._lock.acquire(blocking=False):
            return found
        try:
            if self._found is None or self._now() - self._at >= ASK_AGAIN_SECONDS:
                self._found = self._ask()
                self._at = self._now()
            return self._found
        finally:
            self._lock.release()

    def _ask(self) -> Check:
        try:
            self._check_server()
        except AuthenticationFailed as error:
            return Check(Health.UNHEALTHY, "unhealthy: the key is refused", str(error))
        except ListSyncError as error:
            return Check(Health.UNHEALTHY, "unhealthy: no answer", str(error))
        return Check(Health.HEALTHY, HEALTHY)


def look_at_database(parts: Parts) -> Check:
    """Return whether the database can be read, and the daemon can use it."""
    try:
        with parts.store.reading() as connection:
            find_last_success(connection, parts.store.household)
    except StorageError as error:
        return Check(Health.UNHEALTHY, "unhealthy: it cannot be read", str(error))
    trouble = parts.daemon.find_trouble()
    return (
        Check(Health.UNHEALTHY, "unhealthy: it cannot be used", trouble) if trouble else Check(Health.HEALTHY, HEALTHY)
    )


def look_at_syncs(parts: Parts) -> Check:
    """Return whether a sync went through lately: within 48 hours, or two intervals if those are longer."""
    stall = parts.daemon.find_stall()
    if stall:
        return Check(Health.UNHEALTHY, "error: the sync makes no progress", stall)
    try:
        with parts.store.reading() as connection:
            last = find_last_success(connection, parts.store.household)
    except StorageError as error:
        return Check(Health.UNHEALTHY, "error: the database cannot be read", str(error))
    trouble = parts.daemon.find_file_trouble()
    if trouble:
        return Check(Health.DEGRADED, "error: a changed file cannot be read", trouble)
    return judge_last_sync(last, limit=find_limit(parts), now=parts.now())


def judge_last_sync(last: datetime | None, *, limit: timedelta, now: datetime) -> Check:
    """Return whether the last sync is recent; none at all is no fault yet."""
    if last is None:
        return Check(Health.HEALTHY, "no_syncs_found")
    age = timedelta(seconds=int((now - last).total_seconds()))
    return Check(Health.DEGRADED, f"stale: {age}") if age > limit else Check(Health.HEALTHY, HEALTHY)


def find_limit(parts: Parts) -> timedelta:
    """Return how old the last sync may be; a pause suspends the limit."""
    limit = max(STALE_AFTER, 2 * parts.present.household.longest_interval(parts.now(), parts.settings.process.zone))
    return timedelta.max if parts.daemon.find_pause() else limit
