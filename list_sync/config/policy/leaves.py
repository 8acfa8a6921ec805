"""Single values of lists.yaml: how each is parsed, and its form for editors."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from pydantic_core import PydanticCustomError, core_schema

from list_sync.config.values import parse_boolean, parse_number, parse_whole, shown

NONE = "none"
MOST_LETTERS = 200
# Of more words, only the nearest one is named if there is one.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of a model: `parse` takes what the file states, `schema` is its JSON Schema."""

    parse: Callable[[Any], object]
    schema: Mapping[str, Any] = field(hash=False)

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> core_schema.CoreSchema:
        """Return the schema by which pydantic checks the value: our parser alone."""
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, _core: object, _handler: object) -> dict[str, Any]:
        """Return the form of the value for editors."""
        return dict(self.schema)


def leaf(parse: Callable[[str], object], schema: Mapping[str, Any], form: str = "") -> Leaf:
    """Return a value that is stated as one text; `form` says in the documents how it is written."""
    schema = {**schema, "$comment": form} if form else schema

    def parse_one(value: object) -> object:
        if isinstance(value, str):
            return parse(value.strip())
        raise PydanticCustomError("one_value", "one value belongs here")

    return Leaf(parse_one, schema)


def or_none(value: Leaf) -> Leaf:
    """Return a value that may also be the word none, which is None."""

    def parse(found: object) -> object:
        try:
            return None if found == NONE else value.parse(found)
        except ValueError as error:
            if isinstance(error, PydanticCustomError):
                raise
            raise ValueError(f"{error}, or {NONE}") from None

    return Leaf(parse, {"anyOf": [dict(value.schema), {"const": NONE}]})


def whole(least: int, most: int, example: str) -> Leaf:
    """Return a whole number."""
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return leaf(lambda text: parse_whole(text, least=least, most=most, example=example), schema)


def decimal(least: float, most: float, example: str) -> Leaf:
    """Return a decimal number."""
    schema = {"type": "number", "minimum": least, "maximum": most}
    return leaf(lambda text: parse_number(text, least=least, most=most, example=example), schema)


def words(example: str, *, most: int = MOST_LETTERS) -> Leaf:
    """Return a text of one line."""

    def parse(text: str) -> str:
        if not text:
            raise ValueError(f"an empty text; for example {example}")
        if len(text) > most:
            raise ValueError(f"a text of {len(text)} characters; write at most {most}")
        if not text.isprintable():
            raise ValueError("a text with a line break or a control character; write it in one line")
        return text

    return leaf(parse, {"type": ["string", "number"], "minLength": 1, "maxLength": most}, "a text")


def named(example: str) -> Leaf:
    """Return a name; digits alone are a number."""
    text = words(example)

    def parse(value: object) -> object:
        name = text.parse(value)
        return int(name) if isinstance(name, str) and name.isascii() and name.isdigit() else name

    schema = {"type": ["string", "integer"], "minLength": 1, "maxLength": MOST_LETTERS}
    return Leaf(parse, {**schema, "$comment": "a name or a number"})


def pattern(regex: str, change: Callable[[str], str], advice: str, form: str) -> Leaf:
    """Return a text that an expression matches; `advice` says what to write instead of another one."""

    def parse(text: str) -> str:
        if not re.fullmatch(regex, text):
            raise ValueError(f"{shown(text)} {advice}")
        return change(text)

    return leaf(parse, {"type": "string", "pattern": f"^{regex}$"}, form)


def choice(meanings: type[StrEnum] | Mapping[str, object], **other: str) -> Leaf:
    """Return one of the words of an enumeration, or what a word means; `other` are words for one of these."""
    known = meanings if isinstance(meanings, Mapping) else {one.value: one for one in meanings}
    by_letters = {word.casefold(): meaning for word, meaning in known.items()}

    def parse(text: str) -> object:
        if text.casefold() in by_letters:
            return by_letters[text.casefold()]
        near = other.get(text.casefold()) or find_nearest(text, known)
        advice = f"is it {near}?" if near else ""
        if len(known) > MOST_NAMED:
            advice = advice or f"write one of {', '.join(known)}"
            raise ValueError(f"{shown(text)} is not known; {advice}")
        raise ValueError(f"{shown(text)} is none of {', '.join(known)}{advice and f'; {advice}'}")

    return leaf(parse, {"enum": list(known)})


def find_nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is most similar to another one; empty if none is similar."""
    by_letters = {one.casefold(): one for one in known}
    return next((by_letters[near] for near in get_close_matches(word.casefold(), by_letters, n=1, cutoff=0.65)), "")


def _parse_switch(text: str) -> bool:
    try:
        return bool(parse_boolean(text))
    except ValueError:
        raise ValueError(f"{shown(text)} is neither on nor off; write one of them") from None


SWITCH = leaf(_parse_switch, {"enum": ["on", "off", True, False]})
