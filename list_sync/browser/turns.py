"""Taking turns at a host: one page at a time, with a pause after each."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from list_sync.errors import SyncCancelled

_LOOK_SECONDS = 0.1


class Turns:
    """The hosts that pages are read from, shared by all browsers."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._hosts: dict[str, threading.Lock] = {}
        self._free_at: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def at(self, url: str, *, pause_seconds: float) -> Iterator[None]:
        """Reserve the host of an address: no other thread asks it meanwhile, nor in the `pause_seconds` after.

        Raise SyncCancelled when the stop event is set.
        """
        host = urlsplit(url).netloc.lower()
        with self._lock:
            turn = self._hosts.setdefault(host, threading.Lock())
        while not turn.acquire(timeout=_LOOK_SECONDS):
            self._check()
        try:
            self._check(self._free_at.get(host, 0.0) - time.monotonic())
            yield
        finally:
            self._free_at[host] = time.monotonic() + pause_seconds
            turn.release()

    def _check(self, seconds: float = 0.0) -> None:
        if self._stop.wait(max(0.0, seconds)):
            raise SyncCancelled("stopped while waiting for the browser")
