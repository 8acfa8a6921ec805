"""A model of settings that are checked, and validators that parse texts."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from list_sync.config.values import parse_boolean, parse_number, parse_whole


class Checked(BaseModel):
    """Settings that never change; errors do not repeat the values."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="forbid")


def from_text(parse: Callable[[str], object]) -> BeforeValidator:
    """Return a validator that parses texts and accepts other values as they are."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def whole(least: int, most: int, example: str) -> BeforeValidator:
    """Return a validator of whole numbers."""
    return from_text(partial(parse_whole, least=least, most=most, example=example))


def number(least: float, most: float, example: str) -> BeforeValidator:
    """Return a validator of decimal numbers."""
    return from_text(partial(parse_number, least=least, most=most, example=example))


Boolean = Annotated[bool, from_text(parse_boolean)]
