"""Lists, the pages that providers read of them, and what became of reading one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from list_sync.model.titles import MediaItem

# What stands before the @ of a host, and what a query calls a key.
_SECRETS = re.compile(r"(://)[^/@\s]+(?=@)|((?:key|token|secret|password)=)[^&#\s]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class ListRef:
    """One list of the user's configuration."""

    provider: str
    list_id: str
    requester_id: int | None = None

    @property
    def shown_id(self) -> str:
        """Return the id as logs and tables may hold it: some lists are addresses with a password or a key in them."""
        return _SECRETS.sub(r"\1\2***", self.list_id)

    def __str__(self) -> str:
        return f"{self.provider}:{self.shown_id}"


@dataclass(frozen=True, slots=True)
class Page:
    """What a provider yields: entries in the source's order, repeats included.

    `total` is the number of entries that the whole list has, where the source says so or where its end was
    positively seen; the last stated total counts. `unsupported` counts entries that are neither film nor show.
    `note` is what people should know of where it came from, such as the age of a file.
    """

    items: Sequence[MediaItem]
    total: int | None = None
    unsupported: int = 0
    route: str | None = None
    note: str = ""


class FetchState(StrEnum):
    """How far a list was read; anything but COMPLETE proves nothing about what is absent."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    STALE = "stale"
    FAILED = "failed"


class AttemptOutcome(StrEnum):
    """What one way of reading a list came to."""

    SERVED = "served"
    PARTIAL = "partial"
    UNPROVEN = "unproven"
    BLOCKED = "blocked"
    PRIVATE = "private"
    MISSING = "missing"
    NEEDS_KEY = "needs_key"
    NEEDS_VIP = "needs_vip"
    RATE_LIMITED = "rate_limited"
    DRIFTED = "drifted"
    DOWN = "down"
    REFUSED = "refused"
    SKIPPED = "skipped"

    @property
    def words(self) -> str:
        """Return the outcome as people read it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way of reading a list that was tried; `until` is when it makes sense to try again, where that is known."""

    route: str
    outcome: AttemptOutcome
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What became of reading one list in one run.

    `expected` is the total that the source stated; PARTIAL without one means unproven rather than short.
    `copied_at` is when the copy was read that stands in for a list that is STALE, and `backoff_until` until when a
    list that keeps failing is left alone. `is_reusable` is not set where nobody would want an earlier reading.
    """

    source: ListRef
    items: tuple[MediaItem, ...]
    state: FetchState
    route: str
    fetched_at: datetime
    reason: str | None = None
    unsupported: int = 0
    expected: int | None = None
    attempts: tuple[Attempt, ...] = ()
    copied_at: datetime | None = None
    backoff_until: datetime | None = None
    is_reusable: bool = True

    @property
    def entries(self) -> int:
        """Return how many entries were read, those that cannot be requested included."""
        return len(self.items) + self.unsupported


@dataclass(frozen=True, slots=True)
class ListCopy:
    """The last good reading of a list; `doubt` marks a much shorter one that was read since, by its content."""

    result: FetchResult
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often in a row a list could not be read, and until when it is left alone.

    `stamp` marks the settings that it was read with: with others it is tried at once.
    """

    failures: int
    until: datetime
    stamp: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """What configuration and documentation may know of a provider."""

    name: str
    lists_setting: str
    credentials: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class WantedItem:
    """One title that at least one list wants, and the lists that want it, most important first."""

    item: MediaItem
    sources: tuple[ListRef, ...]
