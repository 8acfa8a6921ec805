"""The server's answer to one call: an answer, a refusal, or no answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus

JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"
FRONT_END = b'<!DOCTYPE html><html><head><title>Demo</title></head><body><div id="__next"></div></body></html>'


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, bytes and headers of an answer."""

    status: int
    content: bytes = b""
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()


class Refusal(Exception):
    """A call that gets an error as its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class ConnectionDropped(Exception):
    """The connection closes without an answer."""


class ServerDied(ConnectionDropped):
    """The call ends the server process; the demo server counts it and goes on."""


class ServerEnded(ServerDied):
    """The call ends the server process, and the demo server with it."""


def json_answer(status: int, body: object, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Return `body` as compact JSON."""
    return Answer(status, encode(body), headers=headers)


def message_answer(status: int, message: str) -> Answer:
    """Return an error in the form of the servers' own handlers: `{"message": ...}`."""
    return json_answer(status, {"message": message})


def html_answer(status: int = HTTPStatus.OK, content: bytes = FRONT_END) -> Answer:
    """Return a web page of the server, or of a proxy before it."""
    return Answer(status, content, HTML_TYPE)


def refused(status: int, message: str) -> Refusal:
    """Build the refusal of a server's own rule."""
    return Refusal(message_answer(status, message))


def invalid(message: str, path: str, detail: str | None = None, code: str | None = None) -> Refusal:
    """Build the 400 of the servers' request validation."""
    return Refusal(validation_answer(HTTPStatus.BAD_REQUEST, message, path, detail, code))


def validation_answer(
    status: int, message: str, path: str, detail: str | None = None, code: str | None = None
) -> Answer:
    """Return an answer of the layer that checks calls against the OpenAPI document."""
    error = {"path": path, "message": detail or message}
    if code is not None:
        error["errorCode"] = f"{code}.openapi.validation"
    return json_answer(status, {"message": message, "errors": [error]})


def encode(body: object) -> bytes:
    """Return compact JSON as UTF-8."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
