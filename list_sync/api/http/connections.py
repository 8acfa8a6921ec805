"""The connections of all clients: name look-up, sockets, encryption and answers, which wait as their watch allows."""

import errno
import functools
import http.client
import ipaddress
import os
import select
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any, TypeVar, cast

import urllib3
import urllib3.connection
import urllib3.util.connection
import urllib3.util.ssl_

from list_sync.api.http.peers import Peer, judge_address
from list_sync.api.http.watch import current_watch
from list_sync.errors import SyncCancelled
from list_sync.workers import run_parallel

T = TypeVar("T")


class _Patient:
    """The calls of a socket that wait."""

    def recv(self, *arguments: Any) -> bytes:
        watch = current_watch()
        received: bytes = watch.wait(super().recv, *arguments)  # type: ignore[misc]
        watch.count(len(received))
        return received

    def recv_into(self, *arguments: Any) -> int:
        watch = current_watch()
        received: int = watch.wait(super().recv_into, *arguments)  # type: ignore[misc]
        watch.count(received)
        return received

    def send(self, *arguments: Any) -> int:
        watch = current_watch()
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
            current_watch().wait(super().do_handshake, block)
        except SyncCancelled:
            # The ssl module closes the socket after its own errors only.
            self.close()
            raise


class _Answer(http.client.HTTPResponse):
    """An answer whose head and body have limits of their own."""

    def begin(self) -> None:
        super().begin()
        # For each answer with a broken header, urllib3 would log a warning with a traceback.
        self.msg.defects.clear()
        self.msg.set_payload("")
        current_watch().begin_body()

    def _read_status(self) -> tuple[str, int, str]:
        """Return the status line; http.client skips 100 alone, and would take 103 for the answer itself."""
        version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, 100 if 100 < status < 200 else status, reason


class _Connection(urllib3.connection.HTTPConnection):
    """A connection of watched sockets."""

    response_class = _Answer
    # None for the connection to a proxy.
    _peer: Peer | None = None
    # The head of a request, until its body comes; None while nothing is held back.
    _head: bytes | None = None

    def request(self, *arguments: Any, **options: Any) -> None:
        watch = current_watch()
        # A connection that is kept open was perhaps made for an address that the user set.
        if self.sock is not None and self._peer is not None:
            watch.require_allowed(self.host, self.port, self._peer)
        self._head = b"" if isinstance(options.get("body"), str | bytes) and options["body"] else None
        super().request(*arguments, **options)
        if self._peer is not None:
            watch.arrive(self._peer)

    def send(self, data: Any) -> None:
        """Send the head of a request together with its body: two packets take the server two wake-ups."""
        if self._head == b"":
            self._head = bytes(data)
            return
        head, self._head = self._head or b"", None
        super().send(head + bytes(data) if head else data)

    def _new_conn(self) -> socket.socket:
        watch = current_watch()
        if isinstance(self, urllib3.connection.HTTPSConnection):
            self.ssl_context = _tls_context(self.cert_reqs)
        opened = self._open_by_socks() if hasattr(self, "_socks_options") else self._open()
        opened.settimeout(watch.slice_seconds)
        return opened

    def _open_by_socks(self) -> socket.socket:
        """Return a connection through a SOCKS proxy, whose library knows no deadline and no stop."""
        self.timeout = current_watch().silence_seconds
        try:
            made = _call_apart(super()._new_conn, doing="a proxy was being asked for a connection")
        except TimeoutError as error:
            raise urllib3.exceptions.ConnectTimeoutError(self, f"Connection to {self.host} timed out.") from error
        return _Socket(fileno=made.detach())

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
            addresses = _find_addresses(self._dns_host, self.port)
            if self.proxy is not None:
                return _connect_to_one(addresses, self.socket_options or ())
            # The connection is made to the addresses that were checked, never to those of a second look-up.
            worst = max(judge_address(address[0]) for *_, address in addresses)
            current_watch().require_allowed(self.host, self.port, worst)
            opened = _connect_to_one(addresses, self.socket_options or ())
            self._peer = judge_address(opened.getpeername()[0])
            return opened
        except socket.gaierror as error:
            raise urllib3.exceptions.NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise urllib3.exceptions.ConnectTimeoutError(self, f"Connection to {self.host} timed out.") from error
        except OSError as error:
            raise urllib3.exceptions.NewConnectionError(self, str(error)) from error


def _find_addresses(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    """Return the addresses of a host."""
    family = urllib3.util.connection.allowed_gai_family()
    host = host.strip("[]")
    # An address needs no look-up, and so no thread.
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    look_up = functools.partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
    return _call_apart(look_up, doing="a name was being looked up")


def _call_apart(call: Callable[[], T], *, doing: str) -> T:
    """Return what a call returns that cannot be ended: another thread makes it, and is left behind if it takes long."""
    watch, results = current_watch(), list[T]()
    run_parallel(
        [call],
        lambda work: work(),
        lambda _, result: results.append(result),
        workers=1,
        stop=watch.stop,
        doing=doing,
        on_wait=watch.check,
    )
    return results[0]


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
    watch = current_watch()
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
