"""Releases of ListSync: their numbers, and which routes to sources each of them mends."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

RELEASES_URL = "https://api.github.com/repos/Woahai321/list-sync/releases"
RELEASES_PAGE = "https://github.com/Woahai321/list-sync/releases"
_NUMBERS = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")
# `Mends: imdb/graphql, trakt/api`, a line of its own; a mark of a list or of bold letters may stand before it.
_MENDS = re.compile(r"^[ \t*_-]*Mends[*_]*:[*_]*[ \t]*(\S.{0,2000})$", re.MULTILINE)
_ROUTE = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}/[a-z0-9][a-z0-9 _-]{0,40}")
_MOST_ROUTES = 50


@dataclass(frozen=True, slots=True)
class Release:
    """A release, and the routes that it mends, as in imdb/graphql."""

    version: str
    published_at: datetime | None = None
    mends: tuple[str, ...] = ()


def parse_version(text: str) -> tuple[int, int, int] | None:
    """Return the numbers of a release, as in 1.3.0 or v1.3; None for other texts, and for early versions as 1.3rc1."""
    found = _NUMBERS.fullmatch(text.strip())
    return _read(found) if found else None


def _read(found: re.Match[str]) -> tuple[int, int, int]:
    return int(found[1]), int(found[2]), int(found[3] or 0)


def parse_mends(notes: str) -> tuple[str, ...]:
    """Return the routes that release notes name in lines that begin with `Mends:`."""
    named = (part.strip(" `.*_") for line in _MENDS.findall(notes) for part in line.split(","))
    return tuple(dict.fromkeys(part for part in named if _ROUTE.fullmatch(part)))[:_MOST_ROUTES]


def find_mending(releases: Iterable[Release], route: str, *, version: str) -> str | None:
    """Return the newest release after `version` that mends a route; None if none does, or it is not known."""
    # An early version is before its release: 1.3.0.dev0 before 1.3.0.
    present = _NUMBERS.match(version)
    if present is None:
        return None
    is_early = present.end() < len(version)
    own = _read(present)
    mending = [
        (numbers, one.version)
        for one in releases
        if route in one.mends
        and (numbers := parse_version(one.version)) is not None
        and (numbers > own or (is_early and numbers == own))
    ]
    return max(mending)[1].removeprefix("v") if mending else None
