"""One call to a sample source, and the question that a source reads out of it."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from typing import Protocol
from urllib.parse import parse_qsl, unquote

from list_sync.demo.server.answers import Answer
from list_sync.demo.server.dispatch import Incoming
from list_sync.demo.sources.faults import Fault
from list_sync.demo.sources.lists import SourceList


@dataclass(frozen=True, slots=True)
class Visit:
    """A call as it came in, with the part of the path below the source's own address."""

    source: str
    method: str
    segments: tuple[str, ...]
    query: dict[str, str]
    headers: Message
    content: bytes

    @classmethod
    def of(cls, incoming: Incoming) -> Visit:
        """Return a call whose first part of the path is the name of the source."""
        source, *segments = [unquote(part) for part in incoming.path.strip("/").split("/")]
        query = dict(parse_qsl(incoming.query, keep_blank_values=True))
        return cls(source, incoming.method, tuple(segments), query, incoming.headers, incoming.content)

    def number(self, name: str, default: int, *, least: int = 0) -> int:
        """Return a number of the query, or `default` where it is missing or none."""
        text = self.query.get(name, "")
        return max(least, int(text)) if text.isascii() and text.isdigit() else default


class Question(Protocol):
    """What a call asks for: a list, and which of its entries."""

    @property
    def source(self) -> str:
        """Return the name under which the list is filed."""

    @property
    def list_id(self) -> str:
        """Return the id under which the list is filed."""

    @property
    def start(self) -> int:
        """Return the position of the first entry that is asked for."""

    def answer(self, content: SourceList | None, fault: Fault | None) -> Answer:
        """Return the source's own answer; `content` is None where there is no such list."""
