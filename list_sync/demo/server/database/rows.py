"""The rows that the demo server keeps: users, media and requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

TitleKey = tuple[str, int]


class MediaStatus(IntEnum):
    """Availability of a media row; Overseerr has no 6, and only Seerr has 7."""

    UNKNOWN = 1
    PENDING = 2
    PROCESSING = 3
    PARTIALLY_AVAILABLE = 4
    AVAILABLE = 5
    BLOCKLISTED = 6
    DELETED = 7


class RequestStatus(IntEnum):
    """State of a request; only Seerr has COMPLETED."""

    PENDING = 1
    APPROVED = 2
    DECLINED = 3
    FAILED = 4
    COMPLETED = 5


@dataclass(slots=True)
class UserRow:
    """A person who may request titles."""

    id: int
    name: str
    permissions: int
    movie_quota: int | None = None
    tv_quota: int | None = None
    password: str = "demo"  # noqa: S105 (of the demo)
    created: float = 0.0
    address: str = ""
    plex_name: str | None = None
    plex_id: int | None = None
    jellyfin_name: str | None = None
    jellyfin_id: str | None = None

    @property
    def email(self) -> str:
        """Return the address that this user logs in with."""
        return self.address or f"{self.name}@demo.invalid"

    @property
    def display_name(self) -> str:
        """Return the first name that there is, as the servers show it."""
        return self.name or self.plex_name or self.jellyfin_name or self.email


@dataclass(slots=True)
class MediaRow:
    """The state of one title on the server, for HD and 4K."""

    id: int
    kind: str
    tmdb: int
    tvdb: int | None
    status: int
    status4k: int
    created: float
    updated: float
    seasons: dict[int, list[int]] = field(default_factory=dict)
    season_change: float = 0.0
    media_added: float | None = None

    def quality_status(self, *, is_4k: bool) -> int:
        """Return the availability in one quality."""
        return self.status4k if is_4k else self.status

    def set_quality_status(self, status: int, *, is_4k: bool) -> None:
        """Change the availability in one quality."""
        if is_4k:
            self.status4k = status
        else:
            self.status = status


@dataclass(slots=True)
class RequestRow:
    """One accepted request for a title, or for some seasons of one."""

    id: int
    media_id: int
    kind: str
    status: int
    is4k: bool
    seasons: tuple[int, ...]
    requested_by: int
    modified_by: int | None
    created: float
    updated: float
    server_id: int | None = None
    profile_id: int | None = None
    root_folder: str | None = None
    tags: tuple[int, ...] | None = None


@dataclass(slots=True)
class BlockRow:
    """A title that may not be requested; the servers find it by TMDB id alone."""

    id: int
    tmdb: int
    kind: str
    title: str
    user: int
    created: float
