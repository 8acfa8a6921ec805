"""The three servers that share one API, and their differences (measured on O 46a9b244, J 3b4d6bf5, S f74306ed)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """One of the three Overseerr-compatible servers."""

    OVERSEERR = "overseerr"
    JELLYSEERR = "jellyseerr"
    SEERR = "seerr"


ALL_DIALECTS = frozenset(Dialect)


@dataclass(frozen=True, slots=True)
class Traits:
    """The differences of one dialect from the others."""

    name: str
    version: str
    commit: str
    blocklist_word: str | None
    completes_requests: bool
    bumps_updated: bool
    all_includes_specials: bool
    returns_password_hash: bool
    has_jellyfin: bool
    search_shows_seasons: bool
    removes_shows_without_tvdb: bool


TRAITS = {
    Dialect.OVERSEERR: Traits(
        name="Overseerr",
        version="1.34.0",
        commit="46a9b244",
        blocklist_word=None,
        completes_requests=False,
        bumps_updated=True,
        all_includes_specials=True,
        returns_password_hash=True,
        has_jellyfin=False,
        search_shows_seasons=True,
        removes_shows_without_tvdb=False,
    ),
    Dialect.JELLYSEERR: Traits(
        name="Jellyseerr",
        version="2.3.0",
        commit="3b4d6bf5",
        blocklist_word="blacklisted",
        completes_requests=False,
        bumps_updated=True,
        all_includes_specials=False,
        returns_password_hash=True,
        has_jellyfin=True,
        search_shows_seasons=True,
        removes_shows_without_tvdb=False,
    ),
    Dialect.SEERR: Traits(
        name="Seerr",
        version="3.0.1",
        commit="f74306ed",
        blocklist_word="blocklisted",
        completes_requests=True,
        bumps_updated=False,
        all_includes_specials=False,
        returns_password_hash=False,
        has_jellyfin=True,
        search_shows_seasons=False,
        removes_shows_without_tvdb=True,
    ),
}
