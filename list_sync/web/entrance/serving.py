"""The service: sockets, and uvicorn in a thread of the daemon's process, without signal handlers of its own."""

import asyncio
import errno
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import uvicorn
from anyio import to_thread
from starlette.types import ASGIApp

from list_sync.config.web import WebSettings
from list_sync.web.entrance.connections import HEADER_SECONDS, PROTOCOL

logger = logging.getLogger(__name__)

GRACE_SECONDS = 1
CLOSING_SECONDS = 3.0
# For the answer to the form that set the server, whose page comes from the next service.
ANSWERING_SECONDS = 10.0
QUEUE = 64
# For routes; more at once would only take turns of the processor from a sync.
THREADS = 4
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 (compared with)


class Service:
    """Serves an application until it is stopped; a port that cannot be had is a warning, and the others are served."""

    def __init__(
        self, app: ASGIApp, settings: WebSettings, token_place: str, *, end_streams: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._token_place = token_place
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
        self._sockets: Sequence[socket.socket] = ()
        self.ports: tuple[int, ...] = ()

    def start(self, given: Sequence[socket.socket] = ()) -> None:
        """Open the ports, unless they are given, and serve them; do nothing if there is none."""
        sockets = list(given) or [opened for port in _ports_of(self._settings) for opened in self._open(port)]
        self._sockets = tuple(sockets)
        self.ports = tuple(opened.getsockname()[1] for opened in sockets)
        if not sockets:
            return
        logger.info("the service listens at %s", self.description)
        self._thread = threading.Thread(target=self._server.run, args=(sockets,), name="web", daemon=True)
        self._thread.start()

    @property
    def description(self) -> str:
        """Where the service listens, and where its token is."""
        if not self.ports:
            return "its port cannot be opened: the log says why"
        host, ports = self._settings.web_host, dict.fromkeys(self.ports)
        if host in EVERY_ADDRESS:
            addresses = f"{'port' if len(ports) == 1 else 'ports'} {', '.join(map(str, ports))} of every address"
        else:
            name = f"[{host}]" if ":" in host else host
            addresses = ", ".join(f"http://{name}:{port}" for port in ports)
        if self._settings.is_open:
            return f"{addresses}, open to everybody (WEB_AUTH=none)"
        return f"{addresses}, its token is in {self._token_place}" if self._token_place else addresses

    def stop(self) -> None:
        """End every connection, also event streams, and the thread."""
        if self._thread is not None:
            self._end_streams()
            self._server.end()
            self._thread.join(CLOSING_SECONDS)
            self._thread = None

    def hand_over(self, settings: WebSettings) -> Sequence[socket.socket]:
        """Answer what was asked, end every connection, and return the open ports.

        Clients wait there for the next service. They are none if that one listens elsewhere.
        """
        self._end_streams()
        self._server.wait_for_answers(ANSWERING_SECONDS)
        stays = (settings.web_host, _ports_of(settings)) == (self._settings.web_host, _ports_of(self._settings))
        kept = [one.dup() for one in self._sockets] if stays else []
        self.stop()
        return kept

    def _open(self, port: int) -> list[socket.socket]:
        """Return a socket for each address of WEB_HOST; warn if there is none."""
        host, opened, errors = self._settings.web_host, list[socket.socket](), list[OSError]()
        try:
            found = {
                (family, address[0]) for family, *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            }
        except OSError as error:
            found, errors = set(), [error]
        for family, address in sorted(found):
            try:
                opened.append(_listen(family, str(address), port))
            except OSError as error:
                errors.append(error)
        if not opened:
            logger.warning("%s; syncing goes on without it", self._explain(errors[0], port))
        return opened

    def _explain(self, error: OSError, port: int) -> str:
        host = self._settings.web_host
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            return f"WEB_HOST: {host} is no address of this machine: write 127.0.0.1, or 0.0.0.0 for all its addresses"
        name = "WEB_PORT" if port == self._settings.web_port else "METRICS_PORT"
        # Python adds the address to the words of the system.
        reason = os.strerror(error.errno) if error.errno else str(error)
        advice = "take a port from 1024 on" if error.errno == errno.EACCES else "free the port, or set another"
        return f"{name}: {host}:{port} cannot be opened ({reason}): {advice}"


def _ports_of(settings: WebSettings) -> tuple[int, ...]:
    return tuple(dict.fromkeys((settings.web_port, *settings.metrics_port)))


def _listen(family: int, address: str, port: int) -> socket.socket:
    """Return a socket that listens; at :: it takes IPv4, too, where the system can."""
    both = address == "::" and socket.has_dualstack_ipv6()
    opened = socket.create_server((address, port), family=family, backlog=QUEUE, dualstack_ipv6=both)
    # Without it, each body waits 40 ms for the client to acknowledge the header. asyncio sets it only on
    # sockets that name their protocol (base_events._set_nodelay), and these do not.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


class _Server(uvicorn.Server):
    """A server that sleeps until it is told to end; the original looks ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait for the end."""
        self._loop = asyncio.get_running_loop()
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        if not self.should_exit:
            await self._over.wait()

    def wait_for_answers(self, seconds: float) -> None:
        """Return when no request waits for its answer, or after a time."""
        deadline, pause = time.monotonic() + seconds, threading.Event()
        while self.server_state.tasks and time.monotonic() < deadline:
            pause.wait(0.02)

    def end(self) -> None:
        """End the server, from another thread."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._over.set)
