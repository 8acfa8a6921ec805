"""The demo server: an Overseerr-compatible server on loopback, as strict as the real ones."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from list_sync.demo.catalogue.catalogue import Catalogue, load_catalogue
from list_sync.demo.server.backend import build_backend
from list_sync.demo.server.backstage import Backstage
from list_sync.demo.server.calls.answers import ConnectionDropped
from list_sync.demo.server.calls.connection import HOST, POLL_SECONDS, Listener
from list_sync.demo.server.calls.dispatch import Dispatch
from list_sync.demo.server.calls.traffic import Call, PostKey
from list_sync.demo.server.control import Control
from list_sync.demo.server.dialects import Dialect

__all__ = ["Call", "DemoServer", "Dialect"]

CLOSING_SECONDS = 0.5


class DemoServer(Backstage):
    """A server in one of three dialects, started as a context manager or by `start`."""

    def __init__(
        self,
        dialect: Dialect = Dialect.SEERR,
        catalogue: Catalogue | None = None,
        state_file: Path | str | None = None,
        port: int = 0,
        latency_seconds: float = 0.0,
        synthetic_films: int = 0,
        path_prefix: str = "",
        csrf: bool = False,
        post_seconds: float = 0.002,
    ) -> None:
        self._stopped = threading.Event()
        backend = build_backend(
            Dialect(dialect),
            catalogue if catalogue is not None else load_catalogue(),
            state_file=Path(state_file) if state_file is not None else None,
            synthetic_films=synthetic_films,
            pause=self._pause,
        )
        super().__init__(backend)
        self.faults.post_seconds = post_seconds
        self.settings.csrf_protection = csrf
        self._path_prefix = "/" + path_prefix.strip("/") if path_prefix.strip("/") else ""
        self._dispatch = Dispatch(
            backend,
            Control(self).answer,
            self._cut_off,
            path_prefix=self._path_prefix,
            latency_seconds=latency_seconds,
        )
        self._port = port
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> DemoServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def dialect(self) -> Dialect:
        """Return the dialect of this server."""
        return self.backend.dialect

    @property
    def port(self) -> int:
        """Return the port, which stays the same after a crash."""
        return self._port

    @property
    def root_url(self) -> str:
        """Return the address without the path prefix; /_demo/ is below it."""
        return f"http://{HOST}:{self._port}"

    @property
    def url(self) -> str:
        """Return the address for clients."""
        return f"{self.root_url}{self._path_prefix}"

    @property
    def api_key(self) -> str:
        """Return the key of user 1."""
        return self.backend.api_key

    @property
    def is_running(self) -> bool:
        """Return whether the server listens."""
        return self._listener is not None and self._listener.is_open

    def start(self) -> None:
        """Listen; the port is known afterwards."""
        self._stopped.clear()
        self._listener = Listener(self._port, self._dispatch.answer)
        self._port = self._listener.server_address[1]
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(POLL_SECONDS,), name="demo server", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop; the state file then holds everything that was answered."""
        self.crash()
        self.backend.state.close()

    def crash(self) -> None:
        """Stop listening and drop every connection, even during a transfer."""
        self._cut_off()
        listener, self._listener = self._listener, None
        if listener is None or self._thread is None:
            return
        listener.shutdown()
        listener.server_close()
        listener.drop_connections()
        listener.wait_until_closed(CLOSING_SECONDS)
        self._thread.join()

    def revive(self) -> None:
        """Listen again on the same port, with the same state."""
        self.crash()
        self.start()

    @property
    def calls(self) -> list[Call]:
        """Return the calls under /api/v1 since the last reset, oldest first."""
        return self.backend.traffic.calls()

    @property
    def under_way(self) -> list[str]:
        """Return `METHOD /path?query` of each call under /api/v1 that has not ended."""
        return self.backend.traffic.under_way()

    @property
    def reads(self) -> int:
        """Return how many GETs were answered under /api/v1."""
        return self.backend.traffic.reads

    @property
    def writes(self) -> int:
        """Return how many calls of other methods came in under /api/v1."""
        return self.backend.traffic.writes

    @property
    def deaths(self) -> int:
        """Return how many calls would have ended the real server's process."""
        return self.backend.traffic.deaths

    def posts_by_title(self) -> dict[PostKey, int]:
        """Return how many POST /request came in for each (kind, tmdb, is4k), refused ones too."""
        return self.backend.traffic.posts_by_title()

    def answers_by_title(self) -> dict[PostKey, list[int]]:
        """Return the statuses that POST /request was answered with for each (kind, tmdb, is4k)."""
        return self.backend.traffic.answers_by_title()

    def reset_counts(self) -> None:
        """Forget all calls and counts."""
        self.backend.traffic.reset()

    def _cut_off(self) -> None:
        self._stopped.set()
        if self._listener is not None:
            self._listener.drop_connections()

    def _pause(self, seconds: float) -> None:
        if self._stopped.wait(seconds) if seconds > 0 else self._stopped.is_set():
            raise ConnectionDropped
