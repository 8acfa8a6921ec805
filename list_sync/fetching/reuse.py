"""Reusing lists that earlier runs or other processes read; while one process reads a list, the others wait."""

import hashlib
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from list_sync.errors import SyncCancelled
from list_sync.fetching.routes import Opened, read_list
from list_sync.model.moments import is_over, shown
from list_sync.model.routes import CACHE_ROUTE
from list_sync.model.sources import Attempt, AttemptOutcome, FetchResult, FetchState
from list_sync.storage.cache import Cache, CachedLists
from list_sync.storage.list_memory import ListMemory
from list_sync.version import __version__

logger = logging.getLogger(__name__)

# The longest time that another process may take to read a list; after that, this process reads it too.
LONGEST_WAIT_SECONDS = 600.0
_LOOK_SECONDS = 0.1
# The claims of a killed process expire after this time; a running process renews them earlier.
CLAIM_SECONDS = 30.0
_RENEWAL_SECONDS = CLAIM_SECONDS / 3


@dataclass(frozen=True, slots=True)
class Reuse:
    """What a run may reuse: readings of at most `max_age` and copies; `skips_failing` lets it obey back-offs."""

    memory: ListMemory | None = None
    cache: CachedLists | None = None
    max_age: timedelta = timedelta(0)
    skips_failing: bool = False


class Claims:
    """The claims of one run: reading threads take them, the thread of the run renews and releases them."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self._held: dict[str, str] = {}
        self._lock = threading.Lock()
        self._renew_at = time.monotonic() + _RENEWAL_SECONDS

    def take(self, key: str) -> bool:
        """Claim a list; return False if another process is reading it."""
        token = self._cache.claim(key, seconds=CLAIM_SECONDS) if self._cache else None
        if token is None:
            return False
        with self._lock:
            self._held[key] = token
        return True

    def renew(self) -> None:
        """Renew all claims, if it is time."""
        if self._cache is None or time.monotonic() < self._renew_at:
            return
        self._renew_at = time.monotonic() + _RENEWAL_SECONDS
        for key, token in self._copy():
            self._cache.renew(key, token, seconds=CLAIM_SECONDS)

    def release(self, key: str) -> None:
        """Release the claim on a list, if there is one."""
        with self._lock:
            token = self._held.pop(key, None)
        if self._cache is not None and token is not None:
            self._cache.release(key, token)

    def release_all(self) -> None:
        """Release all claims."""
        for key, _ in self._copy():
            self.release(key)

    def _copy(self) -> list[tuple[str, str]]:
        with self._lock:
            return list(self._held.items())


def cache_key(opened: Opened) -> str:
    """Return the cache key of a list; it differs for users with different accounts."""
    parts = (__version__, opened.source.provider, opened.source.list_id, opened.stamp, opened.account)
    return "list:" + hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def read_or_reuse(
    opened: Opened, reuse: Reuse, claims: Claims, *, stop: threading.Event, now: Callable[[], datetime]
) -> tuple[FetchResult, bool]:
    """Return a list and whether it was read just now; then the caller must call `keep`, which releases the claim."""
    cache = reuse.cache
    if cache is None or reuse.max_age <= timedelta(0) or not opened.is_remote:
        return read_list(opened, stop=stop, now=now), True
    key = cache_key(opened)
    give_up_at = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        found = cache.find(key, opened.source)
        if found is not None and not is_over(found.fetched_at, reuse.max_age, now=now()):
            own = read_files(opened, found, stop=stop, now=now)
            return (as_reused(found), False) if own is None else (own, True)
        if claims.take(key) or time.monotonic() > give_up_at:
            return read_list(opened, stop=stop, now=now), True
        if stop.wait(_LOOK_SECONDS):
            raise SyncCancelled(f"stopped while another process reads {opened.source}")


def read_files(
    opened: Opened, stand_in: FetchResult, *, stop: threading.Event, now: Callable[[], datetime]
) -> FetchResult | None:
    """Return the list from the user's own file, if that is better than the copy of the source.

    Files are not cached: a file that comes before the source is read every time.
    """
    is_whole = stand_in.state is FetchState.COMPLETE
    routes = itertools.takewhile(lambda route: not route.is_cached, opened.routes) if is_whole else opened.routes
    files = tuple(route for route in routes if not route.is_cached)
    if not files:
        return None
    result = read_list(replace(opened, routes=files), stop=stop, now=now)
    counts = result.state is FetchState.COMPLETE or (result.is_good and not stand_in.is_good)
    return result if counts else None


def keep(opened: Opened, result: FetchResult, reuse: Reuse, claims: Claims) -> None:
    """Store a good reading in the cache, and release the claim on the list."""
    if reuse.cache is None or not opened.is_remote:
        return
    if result.is_good and result.is_reusable:
        reuse.cache.keep(cache_key(opened), result)
    claims.release(cache_key(opened))


def as_reused(found: FetchResult) -> FetchResult:
    """Return an earlier reading with a note on its time."""
    reason = f"read at {shown(found.fetched_at)} by {found.route}"
    return replace(found, attempts=(Attempt(CACHE_ROUTE, AttemptOutcome.SERVED, reason),))
