"""The claims of one run on the lists that it reads, so that other processes wait for its reading."""

import threading
import time

from list_sync.storage.cache import CachedLists

# The claims of a killed process end after this time; a running one renews them before.
CLAIM_SECONDS = 30.0
_RENEWAL_SECONDS = CLAIM_SECONDS / 3


class Claims:
    """The claims that a run holds: taken by the threads that read, renewed and released by the thread of the run."""

    def __init__(self, store: CachedLists | None) -> None:
        self._store = store
        self._held: dict[str, str] = {}
        self._lock = threading.Lock()
        self._renew_at = time.monotonic() + _RENEWAL_SECONDS

    def take(self, key: str) -> bool:
        """Claim a list; return False while another process reads it."""
        token = self._store.claim(key, seconds=CLAIM_SECONDS) if self._store else None
        if token is None:
            return False
        with self._lock:
            self._held[key] = token
        return True

    def renew(self) -> None:
        """Renew all that is held, if it is time."""
        if self._store is None or time.monotonic() < self._renew_at:
            return
        self._renew_at = time.monotonic() + _RENEWAL_SECONDS
        for key, token in self._copy():
            self._store.renew(key, token, seconds=CLAIM_SECONDS)

    def release(self, key: str) -> None:
        """Release the claim on a list, if one is held."""
        with self._lock:
            token = self._held.pop(key, None)
        if self._store is not None and token is not None:
            self._store.release(key, token)

    def release_all(self) -> None:
        """Release everything that is held."""
        for key, _ in self._copy():
            self.release(key)

    def _copy(self) -> list[tuple[str, str]]:
        with self._lock:
            return list(self._held.items())
