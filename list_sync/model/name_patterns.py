"""Titles that people exclude by name: a whole name, or a regular expression between slashes.

An expression that could take very long is refused: every way in which it may match a name is counted before it is used,
and names are cut to the length for which that was counted.
"""

import re
from collections.abc import Callable
from typing import Any

LONGEST_PATTERN = 200
LONGEST_NAME = 120
MOST_WAYS = 30_000
_EXAMPLE = "for example The Bachelor, or /^The Bachelor/"


def parse_name(text: str) -> str:
    """Return a name or an expression as it was stated; raise ValueError if it cannot be used."""
    if not text or len(text) > LONGEST_PATTERN:
        raise ValueError(f"a name must have 1 to {LONGEST_PATTERN} characters; {_EXAMPLE}")
    if not text.isprintable():
        raise ValueError("a control character; in single quotes, a backslash stays one, as in '/\\bWWE\\b/'")
    if text.startswith("/") and not text.endswith("/"):
        raise ValueError(f"an expression ends with a slash, too, and letter case never matters; {_EXAMPLE}")
    build_test(text)
    return text


def build_test(text: str) -> Callable[[str], bool]:
    """Return whether a name is excluded by a text, as a function of the name; raise ValueError for a bad expression."""
    if len(text) < 2 or not (text.startswith("/") and text.endswith("/")):
        wanted = text.casefold()
        return lambda name: name.casefold() == wanted
    pattern = _compile(text[1:-1])
    return lambda name: pattern.search(name[:LONGEST_NAME]) is not None


def _compile(text: str) -> re.Pattern[str]:
    if not text:
        raise ValueError(f"an expression with nothing between its slashes; {_EXAMPLE}")
    try:
        ways = _count_all(re._parser.parse(text, re.IGNORECASE))  # type: ignore[attr-defined]
        pattern = re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the text between the slashes is no regular expression ({error}); {_EXAMPLE}") from None
    if ways > MOST_WAYS:
        advice = "use fewer * and +, and none around a group that has one"
        raise ValueError(f"this expression could take very long; {advice}; {_EXAMPLE}")
    return pattern


def _count_all(parts: Any) -> int:
    ways = 1
    for kind, argument in parts:
        ways = min(ways * _count(str(kind), argument), MOST_WAYS + 1)
    return ways


def _count(kind: str, argument: Any) -> int:
    """Return in how many ways one part of an expression can match a name, at most."""
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, body = argument
        inside, most = _count_all(body), min(int(most), LONGEST_NAME)
        if inside > 1 and most > 1:
            return min(inside ** min(most, 20), MOST_WAYS + 1) if inside < MOST_WAYS else MOST_WAYS + 1
        return int(most - min(int(least), most)) + inside
    if kind == "SUBPATTERN":
        return _count_all(argument[-1])
    if kind == "BRANCH":
        return sum(map(_count_all, argument[1]))
    if kind in ("ASSERT", "ASSERT_NOT"):
        return _count_all(argument[1])
    if kind in ("LITERAL", "NOT_LITERAL", "IN", "ANY", "AT", "CATEGORY", "RANGE"):
        return 1
    return MOST_WAYS + 1
