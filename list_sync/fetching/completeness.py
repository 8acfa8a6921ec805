"""Deciding whether a list was read completely, from pages, repeats and totals; all pure."""

import functools
import hashlib
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from list_sync.errors import TooLarge, UnexpectedResponse
from list_sync.footprint import MAX_ENTRIES
from list_sync.model.cleaning import NAMELESS, clean_item
from list_sync.model.sources import (
    OTHER,
    SHOWN,
    FetchResult,
    FetchState,
    ListRef,
    NotUnderstood,
    Page,
)
from list_sync.model.titles import MediaItem, counted, size_of

# A list of 100,000 titles at 20 a page has 5,000 pages; more means that the source does not end.
MAX_PAGES = 10_000
MAX_EMPTY_PAGES = 5
# People clear short lists; a long list that is suddenly empty must be read so twice.
LEAST_SHRINKAGE = 10


@dataclass(slots=True)
class ListReading:
    """The entries of one list that were read so far."""

    items: list[MediaItem] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    not_understood: int = 0
    first_not_understood: tuple[NotUnderstood, ...] = ()
    total: int | None = None
    route: str = ""
    note: str = ""
    pages: int = 0
    halt: str | None = None
    size: int = 0
    _former_totals: list[int] = field(default_factory=list)
    _empty_pages: int = 0
    _seen: dict[Hashable, int] = field(default_factory=dict)

    @property
    def entries(self) -> int:
        """Return the number of entries of any kind, with repeats."""
        return len(self.items) + self.unsupported + self.not_understood

    @property
    def unsupported(self) -> int:
        """Return how many entries cannot be requested."""
        return self.kinds.total()

    @property
    def is_whole(self) -> bool:
        """Return whether the number of entries is the stated total."""
        return self.total is not None and self.total == self.entries and not self.change

    @property
    def change(self) -> str:
        """Return how the stated total changed if an entry may have been missed between two pages, or "".

        If an entry leaves, another moves to a page that was read. If one is added in front, another comes twice.
        """
        totals = [*self._former_totals, self.total or 0]
        has_only_grown = totals == sorted(totals)
        if not self._former_totals or (has_only_grown and len(drop_repeats(self.items)) == len(self.items)):
            return ""
        return f"it changed while it was read, from {totals[0]} entries to {totals[-1]}"

    def add(self, page: Page) -> bool:
        """Add a page; return whether to read on."""
        self.pages += 1
        page = _cleaned(page, after=self.entries)
        if page.total is not None:
            # After the last page, a provider may state what it counted itself.
            if page.entries and self.total is not None and self.total != page.total:
                self._former_totals.append(self.total)
            self.total = page.total
        self.route = page.route or self.route
        self.note = page.note or self.note
        fingerprint = _fingerprint(page)
        if page.items and fingerprint in self._seen and not self._may_look_the_same(page):
            # Some sources clamp a page number or repeat a cursor instead of refusing it, and would never end.
            self.halt = f"page {self.pages} repeats page {self._seen[fingerprint]}, the rest was not given"
            return False
        self._seen[fingerprint] = self.pages
        self.items.extend(page.items)
        self.size += sum(map(size_of, page.items))
        self.kinds.update(page.unsupported_kinds)
        if unnamed := page.unsupported - sum(page.unsupported_kinds.values()):
            self.kinds[OTHER] += unnamed
        self.not_understood += page.not_understood
        if self.entries > MAX_ENTRIES:
            raise TooLarge(f"it has more than {MAX_ENTRIES:,} entries: split it into several lists")
        self.first_not_understood = (*self.first_not_understood, *page.first_not_understood)[:SHOWN]
        self._empty_pages = 0 if page.entries else self._empty_pages + 1
        self.halt = page.halt
        if self.pages >= MAX_PAGES:
            self.halt = f"gave up after {MAX_PAGES} pages"
        elif self._empty_pages >= MAX_EMPTY_PAGES:
            self.halt = f"gave up after {MAX_EMPTY_PAGES} empty pages in a row"
        elif page.not_understood and page.not_understood == page.entries:
            self.halt = f"nothing on page {self.pages} was understood, the rest was not asked for"
        return self.halt is None

    def _may_look_the_same(self, page: Page) -> bool:
        """Return whether a page may be new although it looks like an earlier one, as with episodes of one show."""
        is_one_title = len(page.items) > 1 and len(set(map(_identity, page.items))) == 1
        return is_one_title and self.total is not None and self.entries < self.total


def _cleaned(page: Page, *, after: int) -> Page:
    """Return a page with usable entries; the others are not understood. Custom providers may yield anything."""
    items = [clean_item(item) for item in page.items]
    places = [number for number, item in enumerate(items, after + 1) if item is None]
    nameless = (NotUnderstood(f"entry {number}", NAMELESS) for number in places[:SHOWN])
    return replace(
        page,
        items=[item for item in items if item is not None],
        not_understood=page.not_understood + len(places),
        first_not_understood=(*page.first_not_understood, *nameless)[:SHOWN],
    )


def judge(reading: ListReading, source: ListRef, *, fetched_at: datetime) -> FetchResult:
    """Return the result of a reading that reached its end: COMPLETE only if the total proves it.

    A list with an entry that was not understood is never complete, because that entry may be a wanted title.
    """
    if reading.is_whole and not reading.not_understood:
        return _result(reading, source, fetched_at, FetchState.COMPLETE, None, reading.total)
    # A source that repeats itself left something out: the list is too short, and not just unproven.
    is_short = reading.halt or reading.not_understood
    expected = reading.entries if reading.total is None and is_short else reading.total
    return _result(reading, source, fetched_at, FetchState.PARTIAL, _shortfall(reading), expected)


def judge_failure(reading: ListReading, source: ListRef, reason: str, *, fetched_at: datetime) -> FetchResult:
    """Return the result of a reading that ended with an error: PARTIAL if anything was read."""
    if not reading.items:
        return _result(reading, source, fetched_at, FetchState.FAILED, reason, reading.total)
    # Without a stated total, more was due than what was read: the list is too short, and not just unproven.
    expected = reading.total if reading.total is not None else reading.entries
    return replace(_result(reading, source, fetched_at, FetchState.PARTIAL, reason, expected), is_whole=False)


def require_understood(reading: ListReading, service: str) -> None:
    """Raise UnexpectedResponse if no entry was understood: the source changed the form of its answers."""
    if reading.not_understood and reading.not_understood == reading.entries:
        raise UnexpectedResponse(service, describe_not_understood(reading))


def has_shrunk(result: FetchResult, copy: FetchResult) -> bool:
    """Return whether a reading is so much shorter than the last good one that it must be read twice."""
    return result.entries * 2 < copy.entries and copy.entries - result.entries >= LEAST_SHRINKAGE


def digest(result: FetchResult) -> str:
    """Return a digest of the content of a reading."""
    content = repr((sorted(map(repr, map(_identity, result.items))), result.unsupported, result.not_understood))
    return hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()


def _identity(item: MediaItem) -> Hashable:
    return (item.key, item.season)


def _result(
    reading: ListReading,
    source: ListRef,
    fetched_at: datetime,
    state: FetchState,
    reason: str | None,
    expected: int | None,
) -> FetchResult:
    return FetchResult(
        source=source,
        items=drop_repeats(reading.items),
        state=state,
        route=reading.route or "direct",
        fetched_at=fetched_at,
        reason=reason,
        unsupported=reading.unsupported,
        expected=expected,
        unsupported_kinds=dict(reading.kinds),
        not_understood=reading.not_understood,
        first_not_understood=reading.first_not_understood,
        is_whole=reading.is_whole,
    )


def _shortfall(reading: ListReading) -> str:
    reasons = [describe_not_understood(reading)] if reading.not_understood else []
    reasons += [reading.change] if reading.change else []
    if reading.total is not None and reading.total != reading.entries:
        numbers = f"{counted(reading.entries, 'entry', 'entries')} read where the source states {reading.total}"
        reasons.append(f"{numbers}: {reading.halt}" if reading.halt else numbers)
    elif reading.total is None:
        reasons.append(reading.halt or "the source does not say how many entries the list has")
    return "; ".join(reasons)


def describe_not_understood(reading: ListReading | Page) -> str:
    """Say how many entries were not understood, and why the first ones were not."""
    more = ", …" if reading.not_understood > len(reading.first_not_understood) else ""
    first = ", ".join(map(str, reading.first_not_understood))
    return f"{reading.not_understood} of {counted(reading.entries, 'entry', 'entries')} not understood: {first}{more}"


def drop_repeats(items: Sequence[MediaItem]) -> tuple[MediaItem, ...]:
    """Return the items without repeats, each at its first rank; seasons of one show are different entries."""
    # Numbers in place of the keys, as in _fingerprint.
    seen: set[int] = set()
    first: list[MediaItem] = []
    for item in items:
        identity = hash(_identity(item))
        if identity not in seen:
            seen.add(identity)
            first.append(item)
    return tuple(first)


def _fingerprint(page: Page) -> Hashable:
    # A number in place of all the keys: 200,000 of them take 30 MB.
    return functools.reduce(lambda before, item: hash((before, _identity(item))), page.items, 0)
