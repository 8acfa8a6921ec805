"""The way from an HTTP request to its answer: web pages, control, faults, validation, access, endpoint."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from list_sync.demo.server.arr_api import answer_arr, is_arr_path
from list_sync.demo.server.backend import Backend
from list_sync.demo.server.calls.answers import (
    Answer,
    ConnectionDropped,
    Refusal,
    ServerDied,
    ServerEnded,
    html_answer,
    message_answer,
    refused,
    validation_answer,
)
from list_sync.demo.server.calls.exchange import Exchange, Route
from list_sync.demo.server.calls.routes import ROUTES
from list_sync.demo.server.calls.traffic import Call, PostKey
from list_sync.demo.server.calls.validation import check_path, check_query
from list_sync.demo.server.database.rows import UserRow
from list_sync.demo.server.images import IMAGE_ROOT, answer_image
from list_sync.demo.server.users.access import (
    check_csrf,
    csrf_cookies,
    identify,
    read_visitor,
    require_credentials,
    require_permission,
)

API_ROOT = "/api/v1"
CONTROL_ROOT = "/_demo/"
_GATEWAY_PAGE = b"<html><head><title>%d</title></head><body><center><h1>%d</h1></center><hr>nginx</body></html>"


@dataclass(slots=True)
class Incoming:
    """One HTTP request, read from the connection."""

    method: str
    path: str
    query: str
    headers: Message
    content: bytes
    user: UserRow | None = None

    @property
    def label(self) -> str:
        """Return the call in the form of `Faults.only`."""
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")


class Dispatch:
    """Answers every request to one server."""

    def __init__(
        self,
        backend: Backend,
        control: Callable[[str, str, bytes], Answer],
        die: Callable[[], None],
        *,
        path_prefix: str,
        latency_seconds: float,
    ) -> None:
        self._backend = backend
        self._control = control
        self._die = die
        self._prefix = path_prefix
        self._latency_seconds = latency_seconds
        self._random = random.Random(1)  # noqa: S311 (no secret)
        routes = [route for route in ROUTES if backend.dialect in route.dialects]
        self._fixed = {(route.method, route.pattern): route for route in routes if "{" not in route.pattern}
        self._variable = [(route.pattern.split("/"), route) for route in routes if "{" in route.pattern]

    def answer(self, incoming: Incoming) -> Answer:
        """Return the answer; raise ConnectionDropped if there is none."""
        if incoming.path.startswith(CONTROL_ROOT):
            return self._control(incoming.method, incoming.path.removeprefix(CONTROL_ROOT), incoming.content)
        if is_arr_path(incoming.path):
            return answer_arr(self._backend, incoming.method, incoming.path, incoming.query, incoming.headers)
        if not incoming.path.startswith(self._prefix):
            return html_answer(HTTPStatus.NOT_FOUND)
        incoming.path = incoming.path.removeprefix(self._prefix)
        if incoming.path.startswith(IMAGE_ROOT):
            return answer_image(self._backend.dialect, incoming.path)
        if not incoming.path.startswith(f"{API_ROOT}/"):
            return html_answer()
        return self._counted(incoming)

    def _counted(self, incoming: Incoming) -> Answer:
        traffic = self._backend.traffic
        body = _tolerant_json(incoming.content)
        traffic.began(incoming.label)
        key: PostKey | None = None
        if incoming.method == "POST" and incoming.path == f"{API_ROOT}/request":
            key = traffic.received_post(body)
        status: int | None = None
        try:
            answer = self._faulty(incoming)
            status = answer.status
            return answer
        except ServerDied as death:
            traffic.died()
            if isinstance(death, ServerEnded):
                self._die()
            raise
        finally:
            user = incoming.user.id if incoming.user is not None else None
            traffic.ended(Call(incoming.method, incoming.path, incoming.query, user, body, status), key)

    def _faulty(self, incoming: Incoming) -> Answer:
        faults = self._backend.faults
        if faults.is_fatal_call():
            self._die()
            raise ConnectionDropped
        concerned = faults.applies_to(incoming.label)
        self._backend.pause(self._latency_seconds + (faults.slow_seconds if concerned else 0.0))
        if not concerned:
            return self._real(incoming)
        if (instead := self._instead(faults.find_down_status())) is not None:
            return instead
        writes = incoming.method != "GET"
        if writes and faults.take("drop_before_write"):
            raise ConnectionDropped
        answer = self._real(incoming)
        if writes and faults.take("drop_after_write"):
            raise ConnectionDropped
        if faults.truncate_json:
            return replace(answer, content=answer.content[: len(answer.content) // 2])
        return answer

    def _instead(self, down_status: int | None) -> Answer | None:
        faults = self._backend.faults
        if down_status is not None:
            headers = (("Retry-After", str(faults.retry_after)),) if faults.retry_after is not None else ()
            return replace(_down_answer(down_status), headers=headers)
        if faults.login_redirect:
            return Answer(HTTPStatus.FOUND, b"Found. Redirecting to /login", headers=(("Location", "/login"),))
        if faults.html_answers:
            return html_answer()
        if faults.garbage:
            return Answer(HTTPStatus.OK, self._random.randbytes(faults.garbage_bytes))
        return None

    def _real(self, incoming: Incoming) -> Answer:
        cookies: list[tuple[str, str]] = []
        try:
            body = _json_body(incoming)
            if self._backend.settings.csrf_protection:
                check_csrf(incoming.method, incoming.headers)
                cookies = csrf_cookies(incoming.headers)
            answer = self._routed(incoming, body)
        except Refusal as refusal:
            answer = refusal.answer
        return replace(answer, headers=(*answer.headers, *cookies)) if cookies else answer

    def _routed(self, incoming: Incoming, body: Any) -> Answer:
        route, parts = self._find_route(incoming)
        visitor = read_visitor(incoming.headers)
        if not route.public:
            require_credentials(visitor, incoming.path)
        if route.body is not None:
            _require_json(incoming)
        check_path(parts, route.path_shapes)
        query = check_query(incoming.query, route.query, route.required_query)
        if route.body is not None:
            body = route.body.check(body)
        incoming.user = identify(self._backend, visitor)
        if not route.public:
            require_permission(incoming.user, route.needs)
        self._backend.transitions.advance()
        return route.answer(Exchange(self._backend, parts, query, body, incoming.user, visitor.session))

    def _find_route(self, incoming: Incoming) -> tuple[Route, dict[str, str]]:
        path = incoming.path.removeprefix(API_ROOT).rstrip("/")
        method = "GET" if incoming.method == "HEAD" else incoming.method
        if route := self._fixed.get((method, path)):
            return route, {}
        other_method = any(pattern == path for _, pattern in self._fixed)
        if not other_method:
            segments = path.split("/")
            for pattern, route in self._variable:
                parts = _match(pattern, segments)
                if parts is not None and route.method == method:
                    return route, parts
                other_method = other_method or parts is not None
        if other_method:
            message = f"{incoming.method} method not allowed"
            raise Refusal(validation_answer(HTTPStatus.METHOD_NOT_ALLOWED, message, incoming.path))
        raise Refusal(validation_answer(HTTPStatus.NOT_FOUND, "not found", incoming.path))


def _match(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    parts: dict[str, str] = {}
    for expected, segment in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            parts[expected[1:-1]] = unquote(segment)
        elif expected != segment:
            return None
    return parts


def _down_answer(status: int) -> Answer:
    if status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT):
        return html_answer(status, _GATEWAY_PAGE % (status, status))
    return message_answer(status, HTTPStatus(status).phrase)


def _json_body(incoming: Incoming) -> Any:
    if not incoming.content or not _is_json(incoming):
        return {}
    try:
        body = json.loads(incoming.content)
    except ValueError as error:
        text = incoming.content[:1].decode(errors="replace")
        raise refused(HTTPStatus.BAD_REQUEST, f"Unexpected token {text} in JSON at position 0") from error
    return body


def _require_json(incoming: Incoming) -> None:
    if not _is_json(incoming):
        kind = incoming.headers.get("Content-Type") or "undefined"
        message = f"unsupported media type {kind}"
        raise Refusal(validation_answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message, incoming.path))


def _is_json(incoming: Incoming) -> bool:
    kind = incoming.headers.get("Content-Type") or ""
    return kind.partition(";")[0].strip().lower() == "application/json"


def _tolerant_json(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode(errors="replace")
