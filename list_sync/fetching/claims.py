"""Claims on lists in a shared cache: while one process reads a list, the others wait for the result."""

import threading
import time

from list_sync.storage.cache import CachedLists

# The claims of a killed process expire after this time; a running process renews them earlier.
CLAIM_SECONDS = 30.0
_RENEWAL_SECONDS = CLAIM_SECONDS / 3


class Claims:
    """The claims of one run: reading threads take them, the thread of the run renews and releases them."""

    def __init__(self, store: CachedLists | None) -> None:
        self._store = store
        self._held: dict[str, str] = {}
        self._lock = threading.Lock()
        self._renew_at = time.monotonic() + _RENEWAL_SECONDS

    def take(self, key: str) -> bool:
        """Claim a list; return False if another process is reading it."""
        token = self._store.claim(key, seconds=CLAIM_SECONDS) if self._store else None
        if token is None:
            return False
        with self._lock:
            self._held[key] = token
        return True

    def renew(self) -> None:
        """Renew all claims, if it is time."""
        if self._store is None or time.monotonic() < self._renew_at:
            return
        self._renew_at = time.monotonic() + _RENEWAL_SECONDS
        for key, token in self._copy():
            self._store.renew(key, token, seconds=CLAIM_SECONDS)

    def release(self, key: str) -> None:
        """Release the claim on a list, if there is one."""
        with self._lock:
            token = self._held.pop(key, None)
        if self._store is not None and token is not None:
            self._store.release(key, token)

    def release_all(self) -> None:
        """Release all claims."""
        for key, _ in self._copy():
            self.release(key)

    def _copy(self) -> list[tuple[str, str]]:
        with self._lock:
            return list(self._held.items())
