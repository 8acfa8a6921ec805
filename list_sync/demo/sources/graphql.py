"""A small GraphQL for plain queries: fields with arguments and variables, answered with the requested fields only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r'\.\.\.|[{}()\[\]:!$=]|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[_A-Za-z]\w*')
_IGNORED = re.compile(r"#[^\n]*|[\s,]+")
_WORDS: Mapping[str, object] = {"true": True, "false": False, "null": None}


class GraphqlError(Exception):
    """A query that the schema does not allow."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a query; variables in its arguments are already replaced by their values."""

    name: str
    alias: str
    arguments: Mapping[str, Any]
    fields: tuple[Field, ...]

    def find(self, name: str) -> Field | None:
        """Return the field of that name directly below this one, if the query has it."""
        return next((field for field in self.fields if field.name == name), None)


def parse_query(text: str, variables: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the fields of the only operation in `text`; raise GraphqlError if it cannot be parsed."""
    reader = _Reader(_tokens(text), variables)
    fields = reader.operation()
    if not reader.is_at_end:
        raise GraphqlError(f"Syntax Error: Unexpected {reader.take()}")
    return fields


def select(fields: tuple[Field, ...], value: Any) -> Any:
    """Return the selected fields of a value; raise GraphqlError for a field that it does not have."""
    if value is None:
        return None
    if isinstance(value, list):
        return [select(fields, entry) for entry in value]
    if not isinstance(value, dict):
        if fields:
            raise GraphqlError("Field must not have a selection since it has no subfields.")
        return value
    if not fields:
        raise GraphqlError("Field must have a selection of subfields.")
    for field in fields:
        if field.name not in value:
            raise GraphqlError(f'Cannot query field "{field.name}".')
    return {field.alias: select(field.fields, value[field.name]) for field in fields}


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(text):
        ignored = _IGNORED.match(text, position)
        token = None if ignored else _TOKEN.match(text, position)
        if token:
            tokens.append(token.group())
        elif not ignored:
            raise GraphqlError(f"Syntax Error: Cannot parse the unexpected character {text[position]!r}.")
        position = (ignored or token).end()  # type: ignore[union-attr]
    return tokens


class _Reader:
    """Reads the tokens of one document."""

    def __init__(self, tokens: list[str], variables: Mapping[str, Any]) -> None:
        self._tokens = tokens
        self._position = 0
        self._given = variables
        self._variables: dict[str, Any] = {}

    @property
    def is_at_end(self) -> bool:
        return self._position >= len(self._tokens)

    def take(self, *expected: str) -> str:
        if self.is_at_end or (expected and self._tokens[self._position] not in expected):
            found = "<EOF>" if self.is_at_end else self._tokens[self._position]
            raise GraphqlError(f"Syntax Error: Expected {' or '.join(expected) or 'more'}, found {found}.")
        self._position += 1
        return self._tokens[self._position - 1]

    def skips(self, token: str) -> bool:
        if self.is_at_end or self._tokens[self._position] != token:
            return False
        self._position += 1
        return True

    def operation(self) -> tuple[Field, ...]:
        if self.skips("query"):
            if self._tokens[self._position : self._position + 1] not in (["("], ["{"]):
                self.take()
            if self.skips("("):
                self._definitions()
        return self._selection()

    def _definitions(self) -> None:
        while not self.skips(")"):
            self.take("$")
            name = self.take()
            self.take(":")
            self.take()
            is_required = self.skips("!")
            default = self._value() if self.skips("=") else None
            self._variables[name] = self._given.get(name, default)
            if is_required and self._variables[name] is None:
                raise GraphqlError(f'Variable "${name}" of required type was not provided.')

    def _selection(self) -> tuple[Field, ...]:
        self.take("{")
        fields: list[Field] = []
        while not self.skips("}"):
            if self.skips("..."):
                self.take("on")
                self.take()
                fields += self._selection()
            else:
                fields.append(self._field())
        return tuple(fields)

    def _field(self) -> Field:
        alias = name = self.take()
        if self.skips(":"):
            name = self.take()
        arguments = self._pairs(")") if self.skips("(") else {}
        has_fields = self._tokens[self._position : self._position + 1] == ["{"]
        return Field(name, alias, arguments, self._selection() if has_fields else ())

    def _pairs(self, end: str) -> dict[str, Any]:
        pairs = {}
        while not self.skips(end):
            name = self.take()
            self.take(":")
            pairs[name] = self._value()
        return pairs

    def _value(self) -> Any:
        word = self.take()
        if word == "$":
            name = self.take()
            if name not in self._variables:
                raise GraphqlError(f'Variable "${name}" is not defined.')
            return self._variables[name]
        if word == "{":
            return self._pairs("}")
        if word == "[":
            values = []
            while not self.skips("]"):
                values.append(self._value())
            return values
        if word[0] == '"' or word[0] in "-0123456789":
            return json.loads(word)
        return _WORDS.get(word, word)
