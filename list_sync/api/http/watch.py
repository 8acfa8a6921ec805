"""The watch over one exchange: its deadline, the stop event, its limits of size, and where it may lead."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from list_sync.api.http.peers import Peer, Reach
from list_sync.errors import SyncCancelled, UnexpectedResponse

# How long a call waits before it looks at the deadline and the stop event again.
SLICE_SECONDS = 0.25
# The answer to a write says whether it succeeded, so a stop leaves it this much time, and no more.
SECONDS_FOR_A_WRITE = 4.0
LONGEST_HEAD_BYTES = 256 * 1024

_current = threading.local()


class Watch:
    """The deadline and the limits of one exchange, with all its redirects.

    `silence_seconds` is how long the other side may send nothing. `max_bytes` is the limit of a body on its way.
    `is_sent` is set once a request is on its way.
    """

    def __init__(
        self,
        service: str,
        *,
        stop: threading.Event,
        silence_seconds: float,
        seconds: float,
        max_bytes: int,
        is_write: bool,
        reach: Reach,
    ) -> None:
        self.service = service
        self.stop = stop
        self.silence_seconds = silence_seconds
        self.slice_seconds = min(SLICE_SECONDS, silence_seconds)
        self._began = time.monotonic()
        self._deadline = self._began + seconds
        self._max_bytes = max_bytes
        self._bytes_left = LONGEST_HEAD_BYTES
        self._is_write = is_write
        self.is_sent = False
        self._is_stopped = False
        self._reach = reach
        # None before the first address was reached.
        self._is_led_by_public: bool | None = None

    def check(self) -> None:
        """Raise SyncCancelled after a stop, TimeoutError after the deadline."""
        if self.stop.is_set() and not self._is_stopped:
            if not (self._is_write and self.is_sent):
                raise SyncCancelled(f"stopped while waiting for an answer of {self.service}")
            self._is_stopped = True
            self._deadline = min(self._deadline, time.monotonic() + SECONDS_FOR_A_WRITE)
        if self.is_over():
            raise TimeoutError("the exchange took too long")

    def is_over(self) -> bool:
        """Return whether the deadline has passed."""
        return time.monotonic() >= self._deadline

    @property
    def seconds(self) -> float:
        """Return how long the exchange has taken."""
        return time.monotonic() - self._began

    def begin_sending(self) -> None:
        """Note that a request is on its way, and expect the head of an answer."""
        self.is_sent = True
        self._bytes_left = LONGEST_HEAD_BYTES

    def begin_body(self) -> None:
        """Expect a body after the head of an answer."""
        self._bytes_left = self._max_bytes + LONGEST_HEAD_BYTES

    def count(self, received: int) -> None:
        """Raise UnexpectedResponse if a head or a body has more bytes on its way than it may have."""
        self._bytes_left -= received
        if self._bytes_left < 0:
            raise UnexpectedResponse(self.service, "an answer that is larger than it may be, which is refused")

    def require_allowed(self, host: str, port: int, peer: Peer) -> None:
        """Raise UnexpectedResponse for a private host to which a public one redirects, or that only others named."""
        if refusal := self._reach.find_refusal(host, port, peer, is_led_by_public=self._is_led_by_public):
            raise UnexpectedResponse(self.service, refusal)

    def arrive(self, peer: Peer) -> None:
        """Note where the host is that answers next."""
        self._is_led_by_public = peer is Peer.PUBLIC

    def wait(self, act: Callable[..., Any], *arguments: Any) -> Any:
        """Return what `act` returns; it may raise TimeoutError after a slice of time, and is then called again."""
        began = time.monotonic()
        while True:
            self.check()
            try:
                return act(*arguments)
            except TimeoutError:
                if time.monotonic() - began >= self.silence_seconds:
                    raise


@contextmanager
def watching(watch: Watch) -> Iterator[Watch]:
    """Watch the exchange that this thread makes."""
    _current.watch = watch
    try:
        yield watch
    finally:
        del _current.watch


def current_watch() -> Watch:
    """Return the watch over the exchange that this thread makes."""
    return cast(Watch, _current.watch)
