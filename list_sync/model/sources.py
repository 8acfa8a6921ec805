"""Lists, the pages that providers read of them, and the result of reading one."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self

from list_sync.errors import InvalidListId
from list_sync.model.masking import mask_address
from list_sync.model.names import lists_setting_of
from list_sync.model.terms import UNSTATED, Terms
from list_sync.model.titles import MediaItem, counted


class ListKey(NamedTuple):
    """The identity of a list: its provider, and the one id that the provider's parser has for all spellings."""

    provider: str
    list_id: str

    @property
    def name(self) -> str:
        """Return provider and id as they may be shown."""
        return f"{self.provider}:{mask_address(self.list_id)}"


@dataclass(frozen=True, slots=True, order=True)
class ListRef:
    """One list of the user: its provider, its one id, its terms, its spelling, and the file that states it, if any."""

    provider: str
    list_id: str
    terms: Terms = field(default=UNSTATED, compare=False)
    spelling: str = field(default="", compare=False)
    file: str = field(default="", compare=False)

    @property
    def origin(self) -> str:
        """Return where the user states the list: the name of a file or of a setting."""
        return self.file or lists_setting_of(self.provider)

    @property
    def key(self) -> ListKey:
        """Return the identity of the list."""
        return ListKey(self.provider, self.list_id)

    @property
    def shown_id(self) -> str:
        """Return the list as its user wrote it, and as logs and tables may hold it: some addresses hold a key."""
        return mask_address(self.spelling or self.list_id)

    @property
    def source(self) -> str:
        """Return the list as lists.yaml names it; an address in it may hold a key, so that this is not shown."""
        return f"{self.provider}:{self.list_id}"

    @property
    def name(self) -> str:
        """Return provider and id, which are the same for every spelling."""
        return self.key.name

    @property
    def label(self) -> str:
        """Return the name that lists.yaml gives the list, or else provider and id."""
        return self.terms.name or self.name

    def __str__(self) -> str:
        return f"{self.provider}:{self.shown_id}"


# Kinds of entries that cannot be requested: one that its source does not name, and an episode.
OTHER, EPISODE = "other", "episode"
SHOWN = 3  # of the entries that were not understood


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An entry that cannot be requested, and what it is: person, game, episode; `show` is the episode's, if known."""

    kind: str = OTHER
    show: MediaItem | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """An entry that may be a title, but cannot be read as one; `place` is as in `line 5` or `anime[2]`."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place} ({self.reason})"


def describe_unsupported(count: int, kinds: Mapping[str, int]) -> str:
    """Say how many entries cannot be requested, and what they are as far as that is known."""
    named = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()) if kind != OTHER)
    return f"{counted(count, 'entry', 'entries')} that cannot be requested{f' ({named})' if named else ''}"


Entry = MediaItem | Unsupported | NotUnderstood


@dataclass(frozen=True, slots=True)
class Page:
    """What a provider yields: entries in the source's order, repeats included.

    `total` is the number of entries of the whole list, if the source states it or the end of the list was seen; the
    last stated total counts. `unsupported` counts entries that cannot be requested, and `unsupported_kinds` their
    number by kind, as far as the kind is known. `note` tells people about the origin, such as the age of a file.
    `halt` says why the source must have more entries than it gave, if it does not say how many.
    """

    items: Sequence[MediaItem]
    total: int | None = None
    unsupported: int = 0
    route: str | None = None
    note: str = ""
    unsupported_kinds: Mapping[str, int] = field(default_factory=dict)
    not_understood: int = 0
    first_not_understood: tuple[NotUnderstood, ...] = ()
    halt: str | None = None
    episodes: tuple[tuple[int, MediaItem], ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry], *, total: int | None = None) -> Self:
        """Return the page that holds some entries, each counted as what it ended as."""
        items, episodes = list[MediaItem](), list[tuple[int, MediaItem]]()
        kinds, unread = Counter[str](), list[NotUnderstood]()
        for entry in entries:
            if isinstance(entry, MediaItem):
                items.append(entry)
            elif isinstance(entry, Unsupported):
                kinds[entry.kind] += 1
                if entry.show is not None:
                    episodes.append((len(items), entry.show))
            else:
                # Only the first ones are shown; the others are only counted.
                unread.append(entry if len(unread) < SHOWN else unread[0])
        return cls(
            items,
            total,
            kinds.total(),
            unsupported_kinds=dict(kinds),
            not_understood=len(unread),
            first_not_understood=tuple(unread[:SHOWN]),
            episodes=tuple(episodes),
        )

    def with_shows(self) -> Self:
        """Return the page with the shows of its episodes, as far as they are known, in the place of these."""
        items: list[MediaItem] = []
        for count, (place, show) in enumerate(self.episodes):
            items += [*self.items[len(items) - count : place], show]
        count = len(self.episodes)
        items += self.items[len(items) - count :]
        kinds = dict(Counter(self.unsupported_kinds) - Counter({EPISODE: count}))
        return replace(self, items=items, unsupported=self.unsupported - count, unsupported_kinds=kinds, episodes=())

    @property
    def entries(self) -> int:
        """Return how many entries of any kind the page holds."""
        return len(self.items) + self.unsupported + self.not_understood


class FetchState(StrEnum):
    """How far a list was read; anything but COMPLETE proves nothing about what is absent."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    STALE = "stale"
    FAILED = "failed"


class AttemptOutcome(StrEnum):
    """The result of one way of reading a list."""

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
    """The result of reading one list in one run.

    `expected` is the total that the source stated; PARTIAL without one means unproven and not short. `copied_at` is
    when the copy was read that is used for a STALE list. A list that keeps failing is not read before `backoff_until`.
    `is_reusable` is False if a later run must read the list again. `is_whole` is set if every entry was seen, even
    if some were not understood. The other counts are as in Page.
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
    unsupported_kinds: Mapping[str, int] = field(default_factory=dict)
    not_understood: int = 0
    first_not_understood: tuple[NotUnderstood, ...] = ()
    is_whole: bool = False

    @property
    def entries(self) -> int:
        """Return how many entries of any kind were read."""
        return len(self.items) + self.unsupported + self.not_understood

    @property
    def is_good(self) -> bool:
        """Return whether the reading may be used again later: the source gave everything that it states."""
        is_open = self.state is FetchState.PARTIAL and (self.is_whole or self.expected is None)
        return self.state is FetchState.COMPLETE or is_open


@dataclass(frozen=True, slots=True)
class ListCopy:
    """The last good reading of a list; `doubt` marks a much shorter one that was read since, by its content."""

    result: FetchResult
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often in a row a list could not be read, and until when it is not read.

    `stamp` identifies the settings that it was read with; with other settings it is read at once.
    """

    failures: int
    until: datetime
    stamp: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """What configuration and documentation know about a provider.

    `check_list_id` raises InvalidListId for a spelling that is not accepted, `canonical_id` returns the one id of a
    list for any of its spellings, and `is_there` returns whether a name is that of a file in the drop folder.
    """

    name: str
    lists_setting: str
    credentials: tuple[str, ...] = ()
    description: str = ""
    check_list_id: Callable[[str], object] | None = field(default=None, compare=False, repr=False)
    canonical_id: Callable[[str], str] | None = field(default=None, compare=False, repr=False)
    is_there: Callable[[str, Path], bool] | None = field(default=None, compare=False, repr=False)

    def accepts(self, spelling: str) -> bool:
        """Return whether a provider accepts a spelling; the check of a custom provider may raise other errors."""
        try:
            if self.check_list_id is not None:
                self.check_list_id(spelling)
        except (InvalidListId, ValueError, TypeError, LookupError, AttributeError):
            return False
        return bool(spelling.strip())

    def build_ref(self, spelling: str) -> ListRef:
        """Return the list that a spelling means; one that is not accepted stays as it is and is reported later."""
        spelling = spelling.strip()
        canonical = self.canonical_id if self.accepts(spelling) else None
        return ListRef(self.name, canonical(spelling) if canonical else spelling, spelling=spelling)
