"""Faults that the sample sources can simulate, for one list or all lists."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from list_sync.demo.server.calls.answers import HTML_TYPE, Answer, ConnectionDropped, encode

EVERY_LIST = "*"
GARBAGE_BYTES = 10 * 1024 * 1024
KINDS = frozenset(
    {"html", "truncated", "garbage10mb", "status", "slow", "drop", "cut", "die_in_the_middle", "private", "missing"}
    | {"waf202", "cloudflare403", "cloudflare1015", "null", "drift", "repeat_page", "clamp", "short", "limit"}
)
_WITH_VALUE = frozenset({"status", "slow"})
# The recognisable parts of IMDb's challenge document (tveronesi/imdbinfo PR 129, Komet/MediaElch issue 1966).
_WAF_PAGE = (
    b'<!DOCTYPE html>\n<html lang="en"><head><script>window.gokuProps = {"key": "AQ..."};</script>\n'
    b'<script src="https://demo.token.awswaf.com/demo/challenge.js"></script></head><body></body></html>\n'
)
_BLOCKED_PAGE = (
    b"<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>"
    b"<body><h1>Sorry, you have been blocked</h1></body></html>"
)
_LIMITED_PAGE = (
    b"<!DOCTYPE html><html><head><title>Access denied | used Cloudflare to restrict access</title></head>"
    b"<body><h1>Error 1015</h1><h2>You are being rate limited</h2></body></html>"
)
_MAINTENANCE_PAGE = (
    b"<!DOCTYPE html><html><head><title>Down for maintenance</title></head><body><h1>Back soon</h1></body></html>"
)
_RETRY_AFTER_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `value` is its status or its seconds, if it has one."""

    kind: str
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class CutAnswer(Answer):
    """An answer whose connection ends during its body."""


class SourceFaults:
    """The faults that are set, by source and list."""

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str], Fault] = {}
        self._lock = threading.Lock()

    def add(self, source: str, list_id: str, text: str) -> None:
        """Set the fault of one list, or of all with "*"; raise ValueError for one that is not known."""
        fault = parse_fault(text)
        with self._lock:
            self._faults[source, list_id] = fault

    def clear(self) -> None:
        """Make everything work again."""
        with self._lock:
            self._faults.clear()

    def find(self, source: str, list_id: str) -> Fault | None:
        """Return the fault of a list, if it has one."""
        with self._lock:
            return self._faults.get((source, list_id)) or self._faults.get((source, EVERY_LIST))


def parse_fault(text: str) -> Fault:
    """Return the fault that `kind` or `kind:value` names; raise ValueError for any other text."""
    kind, _, value = text.partition(":")
    if kind not in KINDS or bool(value) != (kind in _WITH_VALUE):
        raise ValueError(f"unknown fault: {text}")
    return Fault(kind, float(value or 0))


def find_answer_of(fault: Fault | None, start: int) -> Answer | None:
    """Return the answer that replaces a source's own answer; raise ConnectionDropped if there is none."""
    if fault is None:
        return None
    if fault.kind == "drop" or (fault.kind == "die_in_the_middle" and start > 0):
        raise ConnectionDropped
    if fault.kind == "status":
        return _status_answer(int(fault.value))
    return _ANSWERS[fault.kind]() if fault.kind in _ANSWERS else None


def spoil(answer: Answer, fault: Fault | None) -> Answer:
    """Return a source's own answer, changed by a fault."""
    kind = fault.kind if fault else ""
    if kind == "cut":
        return CutAnswer(answer.status, answer.content, answer.content_type, answer.headers)
    content = answer.content
    if kind == "truncated":
        content = content[: len(content) * 2 // 3]
    elif kind == "drift":
        content = encode(_renamed(json.loads(content)))
    return Answer(answer.status, content, answer.content_type, answer.headers)


def cloudflare_answer(status: int, page: bytes = _BLOCKED_PAGE, *headers: tuple[str, str]) -> Answer:
    """Return a page of Cloudflare's edge, without the headers of the service behind it."""
    return Answer(status, page, HTML_TYPE, (("Server", "cloudflare"), ("CF-RAY", "8f00000000000000-FRA"), *headers))


def _status_answer(status: int) -> Answer:
    headers = (("Retry-After", str(_RETRY_AFTER_SECONDS)),) if status == 429 else ()
    return Answer(status, encode({"message": "an error of the demo"}), headers=headers)


_ANSWERS: dict[str, Callable[[], Answer]] = {
    "html": lambda: Answer(200, _MAINTENANCE_PAGE, HTML_TYPE),
    "garbage10mb": lambda: Answer(200, bytes(range(1, 256)) * (GARBAGE_BYTES // 255 + 1)),
    "waf202": lambda: Answer(202, _WAF_PAGE, HTML_TYPE, (("Server", "CloudFront"), ("x-amzn-waf-action", "challenge"))),
    "cloudflare403": lambda: cloudflare_answer(403),
    # trakt/trakt-api issues 909 and 922: the edge's own limit is HTML with Retry-After and without X-Ratelimit.
    "cloudflare1015": lambda: cloudflare_answer(429, _LIMITED_PAGE, ("Retry-After", str(_RETRY_AFTER_SECONDS))),
}


def _renamed(value: Any) -> Any:
    """Return a document whose fields all have new names, as after a change of the source's API."""
    if isinstance(value, list):
        return [_renamed(entry) for entry in value]
    if isinstance(value, dict):
        return {key if key == "data" else f"{key}V2": _renamed(entry) for key, entry in value.items()}
    return value
