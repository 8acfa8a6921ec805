"""One call that passed validation and access checks, for the endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from list_sync.demo.server.backend import Backend
from list_sync.demo.server.calls.answers import Answer
from list_sync.demo.server.calls.validation import NUMBER, BodyShape, Shape
from list_sync.demo.server.database.rows import UserRow
from list_sync.demo.server.dialects import ALL_DIALECTS, Dialect
from list_sync.demo.server.users.permissions import Permission


@dataclass(frozen=True, slots=True)
class Exchange:
    """The parts of a call; `visitor` is None only if no log-in is needed."""

    backend: Backend
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    visitor: UserRow | None
    cookie: str | None = None

    @property
    def user(self) -> UserRow:
        """Return the caller."""
        if self.visitor is None:
            raise LookupError("this call needs no log-in, so it has no caller")
        return self.visitor

    def path_id(self, name: str) -> int:
        """Return a numeric part of the path; a fraction matches no row."""
        number = float(self.path[name])
        return int(number) if number.is_integer() else -1


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: its path, its parameters, the permission it needs, and its function."""

    method: str
    pattern: str
    answer: Callable[[Exchange], Answer]
    query: Mapping[str, Shape] = field(default_factory=dict)
    required_query: tuple[str, ...] = ()
    body: BodyShape | None = None
    numeric: tuple[str, ...] = ()
    words: Mapping[str, Shape] = field(default_factory=dict)
    public: bool = False
    needs: Permission = Permission.NONE
    dialects: frozenset[Dialect] = ALL_DIALECTS

    @property
    def path_shapes(self) -> dict[str, Shape]:
        """Return the shapes of the path's variable parts."""
        return {**dict.fromkeys(self.numeric, NUMBER), **self.words}
