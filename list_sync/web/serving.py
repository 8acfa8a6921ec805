"""The service: sockets, and uvicorn in a thread of the daemon's process, without signal handlers of its own."""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from list_sync.config.web import WebSettings
from list_sync.web.connections import HEADER_SECONDS, PROTOCOL

logger = logging.getLogger(__name__)

GRACE_SECONDS = 1
CLOSING_SECONDS = 3.0
QUEUE = 64


class Service:
    """Serves an application until it is stopped; a port that cannot be had is a warning, and the others are served."""

    def __init__(self, app: ASGIApp, settings: WebSettings, *, end_streams: Callable[[], None]) -> None:
        self._settings = settings
        self._end_streams = end_streams
        config = uvicorn.Config(
            app,
            http=PROTOCOL,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            # Its warnings are about what clients send, which everybody who reaches the port could fill the log with.
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=int(HEADER_SECONDS),
            timeout_graceful_shutdown=GRACE_SECONDS,
            h11_max_incomplete_event_size=16_384,
        )
        self._server = _Server(config)
        self._thread: threading.Thread | None = None
        self.ports: tuple[int, ...] = ()

    def start(self) -> None:
        """Open the ports and serve them; do nothing if there is none."""
        wanted = dict.fromkeys((self._settings.web_port, *self._settings.metrics_port))
        sockets = [opened for opened in map(self._open, wanted) if opened is not None]
        self.ports = tuple(opened.getsockname()[1] for opened in sockets)
        if not sockets:
            return
        self._thread = threading.Thread(target=self._server.run, args=(sockets,), name="web", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End every connection, also event streams, and the thread."""
        if self._thread is not None:
            self._end_streams()
            self._server.end()
            self._thread.join(CLOSING_SECONDS)
            self._thread = None

    def _open(self, port: int) -> socket.socket | None:
        host = self._settings.web_host
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            opened = socket.create_server((host, port), family=family, backlog=QUEUE)
            # Without it, each body waits 40 ms for the client to acknowledge the header. asyncio sets it only on
            # sockets that name their protocol (base_events._set_nodelay), and these do not.
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
        except OSError as error:
            name = "WEB_PORT" if port == self._settings.web_port else "METRICS_PORT"
            reason = error.strerror or str(error)
            logger.warning(
                "%s: %s:%d cannot be opened (%s); syncing goes on without it: free the port, or set another",
                name,
                host,
                port,
                reason,
            )
            return None


class _Server(uvicorn.Server):
    """A server that sleeps until it is told to end; the original looks ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait for the end."""
        self._loop = asyncio.get_running_loop()
        if not self.should_exit:
            await self._over.wait()

    def end(self) -> None:
        """End the server, from another thread."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._over.set)
