"""The watch over one exchange: every wait on its sockets ends at one deadline, and soon after a stop.

The name look-up, the connection, its encryption, the request and the answer wait in this module and nowhere else.
"""

import errno
import functools
import http.client
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import urllib3
import urllib3.connection
import urllib3.util.connection
import urllib3.util.ssl_

from list_sync.errors import SyncCancelled, UnexpectedResponse
from list_sync.workers import run_parallel

# How long a call waits before it looks at the deadline and the stop event again.
SLICE_SECONDS = 0.25
# The answer to a write says whether it succeeded, so a stop leaves it this much time.
SECONDS_FOR_A_WRITE = 3.0
LONGEST_HEAD_BYTES = 256 * 1024

_current = threading.local()


class Watch:
    """The deadline and the limits of one exchange, with all its redirects.

    `silence_seconds` is how long the other side may send nothing. `max_bytes` is the limit of a body on its way.
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
        self._is_sent = False
        self._is_stopped = False

    def check(self) -> None:
        """Raise SyncCancelled after a stop, TimeoutError after the deadline."""
        if self.stop.is_set() and not self._is_stopped:
            if not (self._is_write and self._is_sent):
                raise SyncCancelled(f"{self.service}: stopped during an exchange")
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
        self._is_sent = True
        self._bytes_left = LONGEST_HEAD_BYTES

    def begin_body(self) -> None:
        """Expect a body after the head of an answer."""
        self._bytes_left = self._max_bytes + LONGEST_HEAD_BYTES

    def count(self, received: int) -> None:
        """Raise UnexpectedResponse if a head or a body has more bytes on its way than it may have."""
        self._bytes_left -= received
        if self._bytes_left < 0:
            raise UnexpectedResponse(self.service, "an answer that is larger than it may be, which is refused")

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


def _watch() -> Watch:
    return cast(Watch, _current.watch)


class _Patient:
    """The calls of a socket that wait."""

    def recv(self, *arguments: Any) -> bytes:
        watch = _watch()
        received: bytes = watch.wait(super().recv, *arguments)  # type: ignore[misc]
        watch.count(len(received))
        return received

    def recv_into(self, *arguments: Any) -> int:
        watch = _watch()
        received: int = watch.wait(super().recv_into, *arguments)  # type: ignore[misc]
        watch.count(received)
        return received

    def send(self, *arguments: Any) -> int:
        watch = _watch()
        watch.begin_sending()
        return cast(int, watch.wait(super().send, *arguments))  # type: ignore[misc]

    def sendall(self, content: Any, flags: int = 0) -> None:
        left = memoryview(content)
        while left:
            left = left[self.send(left, flags) :]


class _Socket(_Patient, socket.socket):
    """A socket without encryption."""


class _TlsSocket(_Patient, ssl.SSLSocket):
    """A socket with encryption."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            _watch().wait(super().do_handshake, block)
        except SyncCancelled:
            # The ssl module closes the socket after its own errors only.
            self.close()
            raise


class _Answer(http.client.HTTPResponse):
    """An answer whose head and body have limits of their own."""

    def begin(self) -> None:
        super().begin()
        _watch().begin_body()

    def _read_status(self) -> tuple[str, int, str]:
        """Return the status line; http.client skips 100 alone, and would take 103 for the answer itself."""
        version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, 100 if 100 < status < 200 else status, reason


class _Connection(urllib3.connection.HTTPConnection):
    """A connection of watched sockets."""

    response_class = _Answer

    def _new_conn(self) -> socket.socket:
        watch = _watch()
        if isinstance(self, urllib3.connection.HTTPSConnection):
            self.ssl_context = _tls_context(self.cert_reqs)
        if hasattr(self, "_socks_options"):
            self.timeout = watch.silence_seconds
            opened: socket.socket = _Socket(fileno=super()._new_conn().detach())
        else:
            opened = self._open()
        opened.settimeout(watch.slice_seconds)
        return opened

    def _connect_tls_proxy(self, hostname: str, sock: socket.socket) -> ssl.SSLSocket:
        """Encrypt the way to a proxy; for a tunnel urllib3 would not use our kind of socket."""
        secured: Any = super()
        if self.proxy_is_forwarding:
            return cast(ssl.SSLSocket, secured._connect_tls_proxy(hostname, sock))
        context, settings = _tls_context(None), cast(urllib3.connection.HTTPSConnection, self)
        context.load_verify_locations(settings.ca_certs, settings.ca_cert_dir)
        self.proxy_is_verified = True
        return context.wrap_socket(sock, server_hostname=hostname)

    def _open(self) -> socket.socket:
        try:
            return _connect_to_one(_find_addresses(self._dns_host, self.port), self.socket_options or ())
        except socket.gaierror as error:
            raise urllib3.exceptions.NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise urllib3.exceptions.ConnectTimeoutError(self, f"Connection to {self.host} timed out.") from error
        except OSError as error:
            raise urllib3.exceptions.NewConnectionError(self, str(error)) from error


def _find_addresses(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    """Return the addresses of a host. A look-up of a name cannot be ended, so another thread waits for it."""
    watch, found = _watch(), list[tuple[Any, ...]]()
    family = urllib3.util.connection.allowed_gai_family()
    run_parallel(
        [host.strip("[]")],
        lambda name: socket.getaddrinfo(name, port, family, socket.SOCK_STREAM),
        lambda _, addresses: found.extend(addresses),
        workers=1,
        stop=watch.stop,
        doing="a name was being looked up",
        on_wait=watch.check,
    )
    return found


def _connect_to_one(addresses: Sequence[tuple[Any, ...]], options: Sequence[tuple[Any, ...]]) -> socket.socket:
    """Return a connection to the first address that takes one; raise the error of the last one."""
    failure = OSError("no address")
    for family, kind, protocol, _, address in addresses:
        with ExitStack() as undo:
            try:
                opened = undo.enter_context(_Socket(family, kind, protocol))
                for option in options:
                    opened.setsockopt(*option)
                _connect(opened, address)
            except OSError as error:
                failure = error
            else:
                undo.pop_all()
                return opened
    raise failure


def _connect(opened: socket.socket, address: Any) -> None:
    watch = _watch()
    opened.setblocking(False)
    failed = opened.connect_ex(address)
    if failed == errno.EINPROGRESS:
        poll = select.poll()
        poll.register(opened, select.POLLOUT)
        watch.wait(_poll, poll, watch.slice_seconds)
        failed = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if failed:
        raise OSError(failed, os.strerror(failed))


def _poll(poll: select.poll, seconds: float) -> None:
    if not poll.poll(seconds * 1000):
        raise TimeoutError


def watch_connections(manager: urllib3.PoolManager) -> None:
    """Let a pool manager make watched connections."""
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _watched(pool) for scheme, pool in pools.items()}


@functools.cache
def _watched(pool: type[urllib3.HTTPConnectionPool]) -> type[urllib3.HTTPConnectionPool]:
    if issubclass(pool.ConnectionCls, _Connection):
        return pool
    connection = type("WatchedConnection", (_Connection, pool.ConnectionCls), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


def _tls_context(cert_reqs: int | str | None) -> ssl.SSLContext:
    """Return the settings of one encrypted connection. urllib3 changes them, so each connection has its own."""
    context = urllib3.util.ssl_.create_urllib3_context(cert_reqs=urllib3.util.ssl_.resolve_cert_reqs(cert_reqs))
    context.sslsocket_class = _TlsSocket
    return context
