"""The bodies of requests: whole, in time, and no larger or deeper than any that is meant."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from list_sync.web.problems import Problem

MOST_BYTES = 1_000_000
DEEPEST = 32
BODY_SECONDS = 10.0
# Any number of these is held at once.
SMALL_BYTES = 65_536
MOST_LARGE = 8


class Room:
    """How many large bodies may be held at once: 200 connections could send one each."""

    def __init__(self) -> None:
        self._left = MOST_LARGE

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a large body meanwhile; raise Problem if there are too many."""
        if not self._left:
            detail = "too many large bodies at once: send it again"
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "10"})
        self._left -= 1
        try:
            yield
        finally:
            self._left += 1


async def read_body(
    headers: Headers, receive: Receive, *, is_signed: bool, is_form: bool, hold: Callable[[], None]
) -> bytes:
    """Return the whole body of a request; raise Problem.

    `hold` is called before a large one is read.
    A body must be JSON; an empty one may be of any kind. The route checks a signed one after its signature, and a form.
    """
    body = await _read_all(headers, receive, hold)
    if body and not is_signed and not is_form:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            detail = "the body must be JSON, with the header Content-Type: application/json"
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
        parse_json(body)
    return body


def give_again(body: bytes, receive: Receive) -> Receive:
    """Return a body that was read in the form in which routes receive it."""
    is_given = False

    async def give() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give


async def _read_all(headers: Headers, receive: Receive, hold: Callable[[], None]) -> bytes:
    stated = headers.get("content-length", "0")
    if not stated.isascii() or not stated.isdigit() or int(stated) > MOST_BYTES:
        raise _too_large()
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Problem(HTTPStatus.BAD_REQUEST, "the body is cut off: send it again")
                piece = message.get("body", b"")
                if len(parts) <= SMALL_BYTES < len(parts) + len(piece):
                    hold()
                parts += piece
                if len(parts) > MOST_BYTES:
                    raise _too_large()
                if not message.get("more_body", False):
                    return bytes(parts)
    except TimeoutError:
        detail = f"the body did not arrive within {BODY_SECONDS:g} s"
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, detail) from None


def _too_large() -> Problem:
    # The connection stays open for a while: a client that is still sending would not read why it was closed.
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {MOST_BYTES} bytes")


def parse_json(body: bytes) -> Any:
    """Return what a JSON text holds; raise Problem for any other text, and one that nests too deep."""
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_refuse)
        if rb"\u" in body:
            # Half a surrogate pair can be neither stored nor answered.
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
    level = [document]
    for _ in range(DEEPEST):
        level = [part for value in level if isinstance(value, dict | list) for part in _parts_of(value)]
    if level:
        raise Problem(HTTPStatus.BAD_REQUEST, f"the body nests deeper than {DEEPEST} levels")
    return document


def _parts_of(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
