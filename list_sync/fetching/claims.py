"""Claims on lists in a shared cache: while one process reads a list, the others wait for the result."""

import threading
import time

from list_sync.storage.cache import Cache

# The claims of a killed process expire after this time; a running process renews them earlier.
CLAIM_SECONDS = 30.0
_RENEWAL_SECONDS = CLAIM_SECONDS / 3


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
