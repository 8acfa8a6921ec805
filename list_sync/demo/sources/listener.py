"""HTTP/1.1 on loopback for the sample sources: any status, each source's own headers, and bodies that break off."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http.client import responses

from list_sync.demo.server.calls.answers import Answer
from list_sync.demo.server.calls.connection import IDLE_SECONDS, Connection, Listener
from list_sync.demo.server.calls.dispatch import Incoming
from list_sync.demo.sources.faults import CutAnswer


class SourceListener(Listener):
    """Listens on loopback for the sample sources."""

    def __init__(self, port: int, answer: Callable[[Incoming], Answer]) -> None:
        super().__init__(port, answer)
        self.RequestHandlerClass = SourceConnection


class SourceConnection(Connection):
    """Writes the answers of sources unchanged."""

    def _write(self, answer: Answer) -> None:
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.content))),
            *answer.headers,
            ("Connection", "keep-alive"),
            ("Keep-Alive", f"timeout={IDLE_SECONDS}"),
        ]
        lines = [f"HTTP/1.1 {answer.status:d} {responses.get(answer.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        is_cut = isinstance(answer, CutAnswer)
        content = answer.content[: len(answer.content) // 2] if is_cut else answer.content
        self.send(head if self.command == "HEAD" else head + content)
        if is_cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
