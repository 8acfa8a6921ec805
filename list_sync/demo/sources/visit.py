"""One call to a sample source, and the question in it."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from typing import Protocol
from urllib.parse import parse_qsl, unquote

from list_sync.demo.server.calls.answers import Answer
from list_sync.demo.server.calls.dispatch import Incoming
from list_sync.demo.sources.faults import Fault
from list_sync.demo.sources.lists import SourceList


@dataclass(frozen=True, slots=True)
class Visit:
    """A call, with the part of its path below the source's address."""

    source: str
    method: str
    segments: tuple[str, ...]
    query: dict[str, str]
    headers: Message
    content: bytes

    @classmethod
    def of(cls, incoming: Incoming) -> Visit:
        """Return a call from a path that begins with the name of the source."""
        source, *segments = [unquote(part) for part in incoming.path.strip("/").split("/")]
        query = dict(parse_qsl(incoming.query, keep_blank_values=True))
        return cls(source, incoming.method, tuple(segments), query, incoming.headers, incoming.content)

    def number(self, name: str, default: int, *, least: int = 0) -> int:
        """Return a number of the query, or `default` if it is missing or invalid."""
        text = self.query.get(name, "")
        return max(least, int(text)) if text.isascii() and text.isdigit() else default


class Question(Protocol):
    """The question of a call: a list, and the part of its entries."""

    @property
    def source(self) -> str:
        """Return the source under which the list is stored."""

    @property
    def list_id(self) -> str:
        """Return the id under which the list is stored."""

    @property
    def start(self) -> int:
        """Return the position of the first requested entry."""

    def answer(self, content: SourceList | None, fault: Fault | None) -> Answer:
        """Return the source's own answer; `content` is None if there is no such list."""
