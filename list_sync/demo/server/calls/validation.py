"""The check of every call against its description, with the messages of the servers' OpenAPI validator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from list_sync.demo.server.calls.answers import Refusal, invalid

_RESERVED = re.compile(r"[:/?#\[\]@!$&'()*+,;=]")
_NUMERIC = re.compile(r"\s*-?\d+(\.\d+)?\s*")


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of one value: its JSON type and, for texts, the allowed words."""

    type: str
    words: tuple[str, ...] = ()
    nullable: bool = False
    minimum: int | None = None

    def problem(self, value: Any) -> tuple[str, str] | None:
        """Return what is wrong with a JSON value as (message, error code)."""
        if value is None and self.nullable:
            return None
        if not self._has_type(value):
            return f"should be {self.type}", "type"
        if self.words and value not in self.words:
            return f"should be equal to one of the allowed values: {', '.join(self.words)}", "enum"
        if self.minimum is not None and value < self.minimum:
            return f"should be >= {self.minimum}", "minimum"
        return None

    def text_problem(self, text: str) -> tuple[str, str] | None:
        """Return what is wrong with a value of a path or query."""
        if self.type == "number":
            return None if _NUMERIC.fullmatch(text) else ("should be number", "type")
        return self.problem(text)

    def _has_type(self, value: Any) -> bool:
        if self.type == "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        return isinstance(value, {"string": str, "boolean": bool, "object": dict}[self.type])


@dataclass(frozen=True, slots=True)
class SeasonsShape(Shape):
    """`"all"` or a list of season numbers."""

    def problem(self, value: Any) -> tuple[str, str] | None:
        """Return what is wrong with a JSON value as (message, error code)."""
        number = Shape("number", minimum=0)
        if value == "all" or (isinstance(value, list) and not any(number.problem(entry) for entry in value)):
            return None
        return "should match exactly one schema in oneOf", "oneOf"


NUMBER = Shape("number")
NULLABLE_NUMBER = Shape("number", nullable=True)
TEXT = Shape("string")
BOOLEAN = Shape("boolean")
SEASONS = SeasonsShape("oneOf")


def one_of(*words: str) -> Shape:
    """Return the shape of a text with a fixed set of values."""
    return Shape("string", words)


@dataclass(frozen=True, slots=True)
class BodyShape:
    """The known fields of a JSON body; unknown ones are ignored (SJO)."""

    fields: Mapping[str, Shape]
    required: tuple[str, ...] = ()

    def check(self, body: Any) -> dict[str, Any]:
        """Return the body, or raise the 400 that names the first problem."""
        if not isinstance(body, dict):
            raise _invalid_field("body", "", "should be object", "type")
        for name in self.required:
            if name not in body:
                raise _invalid_field("body", "", f"should have required property '{name}'", "required", name)
        for name, shape in self.fields.items():
            if name in body and (problem := shape.problem(body[name])):
                raise _invalid_field("body", name, *problem)
        return body


def check_query(raw: str, known: Mapping[str, Shape], required: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the decoded query; raise a 400 for a query that the servers refuse.

    Unescaped reserved characters and `+`, unknown names and empty values are refused on every endpoint (SJO).
    """
    pairs = [part.partition("=") for part in raw.split("&") if part]
    for name, _, value in pairs:
        if name in known and _RESERVED.search(value):
            message = f"Parameter '{name}' must be url encoded. Its value may not contain reserved characters."
            raise invalid(message, f".query.{name}")
    query = {unquote(name): unquote(value) for name, _, value in pairs}
    for name, value in query.items():
        if name not in known:
            raise invalid(f"Unknown query parameter '{name}'", f".query.{name}")
        if value == "":
            raise invalid(f"Empty value found for query parameter '{name}'", f".query.{name}")
    for name in required:
        if name not in query:
            raise _invalid_field("query", "", f"should have required property '{name}'", "required", name)
    for name, value in query.items():
        if problem := known[name].text_problem(value):
            raise _invalid_field("query", name, *problem)
    return query


def check_path(values: Mapping[str, str], shapes: Mapping[str, Shape]) -> None:
    """Raise a 400 if a part of the path is not what it should be."""
    for name, shape in shapes.items():
        if problem := shape.text_problem(values[name]):
            raise _invalid_field("params", name, *problem)


def _invalid_field(place: str, name: str, message: str, code: str, missing: str = "") -> Refusal:
    where = f".{place}" + (f".{name or missing}" if name or missing else "")
    subject = f"request.{place}" + (f".{name}" if name else "")
    return invalid(f"{subject} {message}", where, message, code)
