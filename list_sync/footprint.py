"""The memory of the process: what lists that are being read may take together, and giving memory back."""

import ctypes
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from weakref import WeakSet

from list_sync.errors import TooLarge

# No list that people keep has so many.
MAX_ENTRIES = 200_000
# What all lists that are being read may hold at once. Python takes up to twice as much as what is counted (measured).
LIMIT_BYTES = 72 * 1024 * 1024
_LARGE_BYTES = 1024 * 1024
# malloc.h of glibc.
_M_MMAP_THRESHOLD = -3
_LOOK_SECONDS = 0.05
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
        self._is_large = False
        self._has_turn = False
        with _lock:
            _holdings.add(self)

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return sum(self._parts.values())

    def hold(self, part: Part, size: int) -> None:
        """State the size of a part; raise TooLarge if there is no room for the list."""
        grown = size - self._parts.get(part, 0)
        if size > _LARGE_BYTES and not self._is_large:
            self._is_large = True
            _map_large_blocks()
        self._parts = {**self._parts, part: size}
        if grown > 0:
            _make_room()
        if self.is_dropped and size:
            raise no_room()

    def release(self) -> None:
        """State that nothing of the list is in memory any more."""
        self._parts = {}

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

    def take_turn(self) -> None:
        """Wait until no other document is on its way from a file to entries, which takes the most memory."""
        while not self._has_turn:
            self._has_turn = _turn.acquire(timeout=_LOOK_SECONDS)
            if self.is_dropped and not self._has_turn:
                raise no_room()

    def end_route(self) -> None:
        """End the turn; give the memory of a large document back, to which nothing refers any more."""
        if self._is_large:
            self._is_large = False
            give_memory_back()
        if self._has_turn:
            self._has_turn = False
            _turn.release()


_lock = threading.Lock()
_turn = threading.RLock()
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


def take_turn() -> None:
    """Wait like Holding.take_turn, if this thread reads a list; the turn lasts until the end of the route."""
    mine = _current.get()
    if mine is not None:
        mine.take_turn()


@contextmanager
def alone() -> Iterator[None]:
    """Let one document at a time become something else here."""
    with _turn:
        yield


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
    _trim()


@cache
def _map_large_blocks() -> None:
    """Let glibc return each large block when it is freed; otherwise each thread keeps blocks of up to 32 MB."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _trim() -> None:
    """Give free memory back to the system; glibc keeps large blocks for each thread, musl and macOS do not."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
