"""How one process reads sources: clients that keep to limits together, and what earlier readings are worth."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice, pairwise

from cronsim import CronSim

from list_sync.api.conditional import KnownAnswers
from list_sync.api.http import HttpClient
from list_sync.api.limits import HostLimits
from list_sync.config import Settings
from list_sync.fetching import Reuse
from list_sync.model.report import SyncMode
from list_sync.storage.cache import CachedLists, open_cache
from list_sync.storage.list_memory import ListMemory
from list_sync.storage.store import Store

# Whoever says that a list changed just now does not want to be told what it was before.
ALWAYS_FRESH = frozenset({SyncMode.WEBHOOK})


class Sources:
    """The clients of all sources, by service, and the memory of what they answered; safe to share between threads."""

    def __init__(self, settings: Settings, store: Store, *, stop: threading.Event, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._stop = stop
        self._now = now
        self._memory = ListMemory(store)
        self._cache = open_cache(settings.redis_url.get_secret_value() if settings.redis_url else None, store, now=now)
        self._clients: dict[str, HttpClient] = {}
        self._lock = threading.Lock()
        self.limits = HostLimits(now=now)

    def http(self, service: str) -> HttpClient:
        """Return the one client of a service."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = HttpClient(
                    service,
                    timeout_seconds=self._settings.http_timeout,
                    retry_attempts=self._settings.retry_attempts,
                    stop=self._stop,
                    limits=self.limits,
                    known_answers=KnownAnswers(self._cache) if self._settings.cache_ttl else None,
                )
            return self._clients[service]

    def reuse(self, mode: SyncMode, *, fresh: bool = False) -> Reuse:
        """Return what a run of that kind may use of earlier ones: a scheduled one nothing that missed a change."""
        seconds = self._settings.cache_ttl
        max_age = timedelta(seconds=0 if fresh or mode in ALWAYS_FRESH else seconds)
        is_scheduled = mode is SyncMode.AUTOMATED
        if is_scheduled:
            interval = shortest_interval(self._settings, now=self._now())
            max_age = min(max_age, interval / 2) if interval else max_age
        cache = CachedLists(self._cache, seconds=seconds) if seconds else None
        return Reuse(self._memory, cache, max_age, skips_failing=is_scheduled)

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()
        self._cache.close()


def shortest_interval(settings: Settings, *, now: datetime) -> timedelta | None:
    """Return how soon one scheduled sync follows another; None where there is only one."""
    if not settings.sync_schedule:
        return timedelta(hours=settings.sync_interval) or None
    local_now = now.astimezone(settings.zone)
    moments = sorted(moment for cron in settings.sync_schedule for moment in islice(CronSim(cron, local_now), 2))
    waits = [later - earlier for earlier, later in pairwise(moments) if later > earlier]
    return min(waits, default=None)
