"""The memory of the process: what lists that are being read may take together, and giving memory back."""

import ctypes
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from weakref import WeakSet

from list_sync.errors import TooLarge

# No list that people keep has so many.
MAX_ENTRIES = 200_000
# What all lists that are being read may hold at once. Python takes up to a fifth more than what is counted.
LIMIT_BYTES = 96 * 1024 * 1024
# A list of 200,000 entries has 100 MB at a source that says much about each.
MOST_RECEIVED = 512 * 1024 * 1024


class Part(StrEnum):
    """What a list holds: its entries so far, the bytes of a document, the tree that it became, the entries in it."""

    ENTRIES = "entries"
    DOCUMENT = "document"
    TREE = "tree"
    PAGE = "page"


class Holding:
    """What one list holds in memory.

    When all lists together hold too much, the largest one is dropped: its next step raises TooLarge.
    """

    def __init__(self) -> None:
        self.is_dropped = False
        self._parts: dict[Part, int] = {}
        self._received = 0
        with _lock:
            _holdings.add(self)

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return sum(self._parts.values())

    def hold(self, part: Part, size: int) -> None:
        """State the size of a part; raise TooLarge if there is no room for the list."""
        grown = size - self._parts.get(part, 0)
        self._parts = {**self._parts, part: size}
        if grown > 0:
            _make_room()
        if self.is_dropped and size:
            raise no_room()

    def receive(self, size: int) -> None:
        """Count bytes that the source sent; raise TooLarge if it sends without end."""
        self._received += size
        if self._received > MOST_RECEIVED:
            raise TooLarge(f"its source sent more than {MOST_RECEIVED // 1024 // 1024} MB")

    def keep_only(self, entries: int) -> None:
        """State the size of all entries so far, after a document was read; raise TooLarge."""
        self._parts = {}
        self.hold(Part.ENTRIES, entries)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count here what this thread reads."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


_lock = threading.Lock()
_holdings: WeakSet[Holding] = WeakSet()
_current: ContextVar[Holding | None] = ContextVar("holding", default=None)


def hold(part: Part, size: int) -> None:
    """State the size of a part of the list that this thread reads, if it reads one; raise TooLarge."""
    mine = _current.get()
    if mine is not None:
        mine.hold(part, size)
    elif size > LIMIT_BYTES:
        raise no_room()


def no_room() -> TooLarge:
    """Return the error of a list that takes too much memory beside the others."""
    return TooLarge("it takes too much memory: split it into several lists, or take fewer large lists")


def receive(size: int) -> None:
    """Count bytes that the source of the list sent which this thread reads, if it reads one; raise TooLarge."""
    mine = _current.get()
    if mine is not None:
        mine.receive(size)


def _make_room() -> None:
    """Drop the largest lists until the others fit."""
    with _lock:
        present = [one for one in _holdings if not one.is_dropped]
        total = sum(one.size for one in present)
        for largest in sorted(present, key=lambda one: one.size, reverse=True):
            if total <= LIMIT_BYTES:
                break
            largest.is_dropped = True
            total -= largest.size


def give_memory_back() -> None:
    """Free what a run left behind; after 20,000 titles that is half of what the process holds (measured)."""
    gc.collect()
    # glibc's; musl and macOS give back by themselves.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
