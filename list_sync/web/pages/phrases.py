"""How pages write times, numbers and states; pure."""

import re
from datetime import datetime, tzinfo

from markupsafe import Markup, escape

_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def say_moment(moment: datetime, zone: tzinfo, *, now: datetime) -> str:
    """Return a time as people say it: `today, 03:00`, `24 November, 21:02`, with the year if it is another one."""
    here, today = moment.astimezone(zone), now.astimezone(zone)
    clock = f"{here:%H:%M}"
    days = (here.date() - today.date()).days
    if days in _NEAR:
        return f"{_NEAR[days]}, {clock}"
    year = f" {here.year}" if here.year != today.year else ""
    return f"{here.day} {here:%B}{year}, {clock}"


_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def say_distance(moment: datetime, *, now: datetime) -> str:
    """Return how long ago a time was, or in how long it comes: `2 h ago`, `in 3 days`."""
    seconds = int((moment - now).total_seconds())
    length = say_length(abs(seconds))
    return f"in {length}" if seconds > 0 else f"{length} ago"


def say_length(seconds: float) -> str:
    """Return a length of time in its largest whole unit: `48 s`, `12 min`, `2 h`, `3 days`."""
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR} h"
    return f"{whole // _DAY} days"


def make_time(moment: datetime | None, zone: tzinfo, *, now: datetime, is_near: bool) -> Markup | str:
    """Return a `<time>`: the distance with the exact time beside it as its title, or the other way round."""
    if moment is None:
        return "–"
    exact, distance = say_moment(moment, zone, now=now), say_distance(moment, now=now)
    shown, beside = (distance, exact) if is_near else (exact, distance)
    stamp = moment.isoformat(timespec="seconds")
    # The script keeps distances up to date.
    mark = Markup(" data-ago") if is_near else ""
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(stamp, beside, mark, shown)


def make_clock(moment: datetime, zone: tzinfo, *, now: datetime) -> Markup:
    """Return a `<time>` to the second, with the day if it is not today's."""
    here, today = moment.astimezone(zone), now.astimezone(zone)
    day = "" if here.date() == today.date() else f"{here.day} {here:%B}, "
    exact = say_moment(moment, zone, now=now)
    stamp = moment.isoformat(timespec="seconds")
    return Markup('<time datetime="{}" title="{}">{}{}</time>').format(stamp, exact, day, f"{here:%H:%M:%S}")


def say_number(number: int) -> str:
    """Return a whole number with commas between thousands."""
    return f"{number:,}"


def say_count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 title`, `1,019 titles`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def say_size(size_bytes: int) -> str:
    """Return a size in its largest unit: `48 MB`."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def say_state(state: str) -> str:
    """Return the word of a state: `needs review` for `needs_review`."""
    return state.replace("_", " ")


def say_prose(text: str) -> Markup:
    """Return a text whose words in backticks are code."""
    parts = (
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(str(show_directions(text)).split("`"))
    )
    return Markup("").join(parts)


def show_directions(value: object) -> object:
    """Return a text with marks that turn the reading direction written as in `\\u202e`: they are shown, not obeyed."""
    if type(value) is not str or value.isascii():
        return value
    return _DIRECTIONS.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), value)
