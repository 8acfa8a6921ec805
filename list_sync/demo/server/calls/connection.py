"""HTTP/1.1 on loopback: one thread per kept-alive connection, every answer in one write."""

from __future__ import annotations

import socket
import sys
import threading
import zlib
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from list_sync.demo.server.calls.answers import Answer, ConnectionDropped
from list_sync.demo.server.calls.dispatch import Incoming

IDLE_SECONDS = 5
# A reader may be slow; web servers wait about that long for it (nginx: send_timeout).
SENDING_SECONDS = 60
HOST = "127.0.0.1"
POLL_SECONDS = 0.02


class Listener(ThreadingHTTPServer):
    """Listens on loopback and keeps a list of open connections, so that all of them can be dropped at once."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Incoming], Answer]) -> None:
        self.answer = answer
        self.is_open = True
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__((HOST, port), Connection)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and note it."""
        connection, address = super().get_request()
        with self._changed:
            self._connections.add(connection)
        return connection, address

    def close_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        super().close_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def drop_connections(self) -> None:
        """Cut every connection, even during a transfer."""
        self.is_open = False
        with self._changed:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def wait_until_closed(self, timeout_seconds: float) -> None:
        """Wait until the threads of dropped connections have ended."""
        with self._changed:
            self._changed.wait_for(lambda: not self._connections, timeout_seconds)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an error, unless the other side just closed the connection."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Connection(BaseHTTPRequestHandler):
    """Reads requests from one connection and writes their answers."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    server: Listener

    def do_GET(self) -> None:
        """Answer one request of any method."""
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length) if length else b""
        incoming = Incoming(self.command, path, query, self.headers, content)
        try:
            answer = self.server.answer(incoming)
            if not self.server.is_open:
                raise ConnectionDropped
        except ConnectionDropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._write(answer)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""

    def _write(self, answer: Answer) -> None:
        status, content = answer.status, answer.content
        headers = [*answer.headers, ("Connection", "keep-alive"), ("Keep-Alive", f"timeout={IDLE_SECONDS}")]
        if self.command == "GET" and status == HTTPStatus.OK:
            tag = f'W/"{len(content):x}-{zlib.crc32(content):08x}"'
            headers.append(("ETag", tag))
            if self.headers.get("If-None-Match") == tag:
                status, content = HTTPStatus.NOT_MODIFIED, b""
        if content:
            headers.append(("Content-Type", answer.content_type))
        if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers.append(("Content-Length", str(len(content))))
        lines = [f"HTTP/1.1 {status:d} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers)]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.send(head if self.command == "HEAD" else head + content)

    def send(self, content: bytes) -> None:
        """Write bytes, and wait for a slow reader longer than for the next request."""
        self.connection.settimeout(SENDING_SECONDS)
        self.wfile.write(content)
        self.connection.settimeout(IDLE_SECONDS)
