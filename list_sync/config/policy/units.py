"""Lengths of time, sizes, ranges, seasons and schedules, as people write them in lists.yaml."""

import re
from datetime import timedelta
from functools import partial

from list_sync.config.policy.leaves import find_nearest
from list_sync.config.rhythms import parse_rhythm
from list_sync.config.values import parse_whole, shown
from list_sync.model.lengths import find_length
from list_sync.model.terms import SeasonChoice, SeasonRule

LONGEST = timedelta(days=366)
MOST_SEASONS = 999

_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) *([KMGTP])(i?)B?", re.IGNORECASE | re.ASCII)
_BETWEEN = re.compile(r"(\d{1,6}) *(?:-|–|\.\.) *(\d{1,6})", re.ASCII)
_BOUND = re.compile(r"(>=|<=|>|<|≥|≤|=)? *(\d{1,6})", re.ASCII)
_EPISODE = re.compile(r"pilot|.*episode.*|s\d+e\d+", re.IGNORECASE | re.ASCII)


def parse_length(text: str) -> timedelta:
    """Return a length of time."""
    length = find_length(text)
    if length is None:
        advice = f"write its unit, as in {text}h" if text.isascii() and text.isdigit() else "for example 30m, 2h, 7d"
        raise ValueError(f"{shown(text)} is not a length of time; {advice}")
    if length > LONGEST:
        raise ValueError(f"{shown(text)} is too long; write at most {LONGEST.days}d")
    return length


def parse_size(text: str) -> int:
    """Return a size in bytes."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        advice = f"write its unit, as in {text} GB" if text.isascii() and text.isdigit() else "for example 200 GB"
        raise ValueError(f"{shown(text)} is not a size; {advice}, or 1.5 TB")
    power = "KMGTP".index(match[2].upper()) + 1
    return int(float(match[1]) * float(1024 if match[3] else 1000) ** power)


def parse_bounds(text: str, *, least: int, most: int, example: int) -> tuple[int | None, int | None]:
    """Return the lowest and the highest whole number of a range, both included; None is no limit.

    Every number must be from `least` to `most`.
    """
    between, bound = _BETWEEN.fullmatch(text.strip()), _BOUND.fullmatch(text.strip())
    numbers = [int(number) for number in (between.groups() if between else bound.groups()[1:] if bound else ())]
    if not numbers:
        raise ValueError(
            f'{shown(text)} is not a range; for example ">={example}", "{example}-{example + 9}", {example}'
        )
    if not all(least <= number <= most for number in numbers):
        raise ValueError(f"{shown(text)} is out of range; it must be from {least} to {most}, for example {example}")
    if bound is None:
        return check_bounds(*numbers)
    sign, number = bound[1] or "=", numbers[0]
    lowest = {">=": number, "≥": number, ">": number + 1, "=": number}.get(sign)
    highest = {"<=": number, "≤": number, "<": number - 1, "=": number}.get(sign)
    return lowest, highest


def check_bounds(least: int | None, most: int | None) -> tuple[int | None, int | None]:
    """Return two bounds; raise ValueError if no number is between them."""
    if least is not None and most is not None and least > most:
        raise ValueError(f"no number is at least {least} and at most {most}; write the smaller one first")
    return least, most


def parse_seasons(value: object) -> SeasonRule:
    """Return which seasons are meant by a word, a number or a list of numbers."""
    if isinstance(value, list):
        if not value:
            raise ValueError("an empty list of seasons; for example [1, 2], or all")
        return SeasonRule(SeasonChoice.NUMBERS, numbers=frozenset(_parse_season(number) for number in value))
    if not isinstance(value, str):
        raise ValueError("a word or a list of numbers belongs here; for example first, or [1, 2]")
    word, colon, count = value.strip().lower().partition(":")
    if _EPISODE.fullmatch(word):
        raise ValueError(f"{shown(value)}: the server takes requests for whole seasons only; write first for season 1")
    if word == SeasonChoice.FIRST and colon:
        parse = partial(parse_whole, least=1, most=MOST_SEASONS, example="first:2")
        return SeasonRule(SeasonChoice.FIRST, first=parse(count.strip()))
    if word in set(SeasonChoice) - {SeasonChoice.NUMBERS} and not colon:
        return SeasonRule(SeasonChoice(word))
    if word.isascii() and word.isdigit() and not colon:
        return SeasonRule(SeasonChoice.NUMBERS, numbers=frozenset({_parse_season(word)}))
    near = find_nearest(word, set(SeasonChoice) - {SeasonChoice.NUMBERS})
    advice = f"is it {near}?" if near else "write all, first, latest, next, first:2, [1, 2] or future"
    raise ValueError(f"{shown(value)} names no seasons; {advice}")


def _parse_season(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError("a season is a number; for example [1, 2]")
    return parse_whole(value, least=0, most=MOST_SEASONS, example="[1, 2] (specials are season 0)")


def parse_times(text: str) -> str:
    """Return the schedule of a list in one spelling."""
    text = " ".join(text.split())
    parse_rhythm(text)
    return text
