"""A small HTTP server on loopback that gives prepared answers in turn and notes what it was asked."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Served:
    """One prepared answer; `body` may be bytes, text, or anything that JSON can hold.

    `cut_after` ends the connection after so many bytes of the body; -1 ends it before any answer.
    `slow_bytes` sends the body a few bytes at a time until the client has had enough.
    """

    body: object = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    slow_bytes: bool = False

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    @property
    def content_type(self) -> str:
        return "text/html; charset=utf-8" if self.content.lstrip()[:1] == b"<" else "application/json; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return json.loads(self.body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class ScriptedServer:
    """Give `answers` in the order of requests, then the last one again and again; or ask a function of the request."""

    def __init__(self, answers: Sequence[Served] | Callable[[Asked], Served]) -> None:
        self.asked: list[Asked] = []
        self._answers = answers
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def break_down(self, answer: Served) -> None:
        """Give one answer to every request from now on."""
        with self._lock:
            self._answers = [answer]

    def _answer_to(self, asked: Asked) -> Served:
        with self._lock:
            self.asked.append(asked)
            if callable(self._answers):
                return self._answers(asked)
            return self._answers[min(len(self.asked), len(self._answers)) - 1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def version_string(self) -> str:
                return "scripted"

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                asked = Asked(self.command, parts.path, query, dict(self.headers.items()), self.rfile.read(length))
                owner._send(self, owner._answer_to(asked))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

        return Handler

    def _send(self, handler: BaseHTTPRequestHandler, served: Served) -> None:
        handler.close_connection = True
        if served.cut_after == -1:
            return
        content = served.content
        handler.send_response_only(served.status)
        for name, value in {"Content-Type": served.content_type, **served.headers}.items():
            handler.send_header(name, value)
        if served.cut_after is None or "Transfer-Encoding" not in served.headers:
            handler.send_header("Content-Length", str(len(content)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            if served.slow_bytes:
                self._drip(handler, content)
            else:
                handler.wfile.write(content if served.cut_after is None else content[: served.cut_after])
        except OSError:
            pass

    def _drip(self, handler: BaseHTTPRequestHandler, content: bytes) -> None:
        for position in range(len(content)):
            if self._closing.wait(0.02):
                return
            handler.wfile.write(content[position : position + 1])
