"""Previews: lists that a person may want to add, read in the background by the sources of the syncs, and not kept."""

import logging
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from list_sync.errors import ListSyncError, QueueFull, SyncCancelled
from list_sync.fetching.reuse import Claims, Reuse, keep, read_or_reuse
from list_sync.fetching.routes import open_list, refuse
from list_sync.model.moments import utc_now
from list_sync.model.sources import FetchResult, ListRef
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers import FetchContext, get_provider
from list_sync.workers import Deadline

logger = logging.getLogger(__name__)

FIRST_TITLES = 12
# A list that takes longer is read by a sync in the end; a person does not wait for it.
SECONDS = 180.0
KEPT = timedelta(minutes=15)
# A preview that is as new is the answer to the same question.
AS_GOOD_AS_NOW = timedelta(seconds=60)
MOST_WAITING = 5
MOST_KEPT = 20
CLOSING_SECONDS = 2.0


class PreviewState(StrEnum):
    """How far the reading of a list is."""

    QUEUED = "queued"
    READING = "reading"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Preview:
    """A list that is read once to be looked at; `result` has its first titles alone, and `kinds` counts all of them."""

    preview_id: str
    ref: ListRef
    asked_at: datetime
    state: PreviewState = PreviewState.QUEUED
    pages: int = 0
    seconds: float = 0.0
    result: FetchResult | None = None
    kinds: Mapping[MediaType | None, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def titles(self) -> int:
        """Return how many titles were read."""
        return sum(self.kinds.values())


# Reads a list; the function is called for each page of it.
Read = Callable[[ListRef, threading.Event, Callable[[], None]], FetchResult]
FindMissing = Callable[[ListRef], tuple[str, ...]]


class Previews:
    """Reads one list at a time in a thread that ends when none waits; safe to use from any thread."""

    def __init__(self, read: Read, find_missing: FindMissing, *, now: Callable[[], datetime] = utc_now) -> None:
        self._read = read
        self._find_missing = find_missing
        self._now = now
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Preview] = OrderedDict()
        self._thread: threading.Thread | None = None

    def ask(self, ref: ListRef) -> Preview:
        """Have a list read and return its preview; raise QueueFull if many lists wait."""
        with self._lock:
            self._forget_old()
            known = next((one for one in self._kept.values() if one.ref == ref and self._is_new(one)), None)
            if known is not None:
                return known
            if len(self._waiting()) >= MOST_WAITING:
                raise QueueFull(f"{MOST_WAITING} lists wait to be read: try again in a minute")
            preview = Preview(secrets.token_urlsafe(9), ref, self._now())
            self._kept[preview.preview_id] = preview
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="previews", daemon=True)
                self._thread.start()
            return preview

    def find(self, preview_id: str) -> Preview | None:
        """Return a preview; None after a quarter of an hour, and for a number that there never was."""
        with self._lock:
            self._forget_old()
            return self._kept.get(preview_id)

    def stop(self) -> None:
        """End the reading."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join(CLOSING_SECONDS)

    def _is_new(self, preview: Preview) -> bool:
        return preview.state is not PreviewState.READ or self._now() - preview.asked_at < AS_GOOD_AS_NOW

    def _waiting(self) -> list[Preview]:
        return [one for one in self._kept.values() if one.state is PreviewState.QUEUED]

    def _forget_old(self) -> None:
        done = [one for one in self._kept.values() if one.state is PreviewState.READ]
        too_many = len(self._kept) - MOST_KEPT
        for place, one in enumerate(done):
            if place < too_many or self._now() - one.asked_at > KEPT:
                del self._kept[one.preview_id]

    def _work(self) -> None:
        while True:
            with self._lock:
                waiting = self._waiting()
                if not waiting or self._stop.is_set():
                    self._thread = None
                    return
            self._read_one(waiting[0])

    def _read_one(self, preview: Preview) -> None:
        began, deadline = time.monotonic(), Deadline(self._stop, SECONDS)
        name = preview.preview_id
        try:
            missing = self._find_missing(preview.ref)
            self._change(name, lambda one: replace(one, state=PreviewState.READING, missing=missing))
            on_page = partial(self._change, name, lambda one: replace(one, pages=one.pages + 1))
            result = self._read(preview.ref, deadline, on_page)
        except SyncCancelled as error:
            words = f"it was not read to its end within {SECONDS:.0f} s" if deadline.is_over else str(error)
            result = refuse(preview.ref, SyncCancelled(words), at=self._now())
        except ListSyncError as error:
            result = refuse(preview.ref, error, at=self._now())
        kinds = Counter(item.media_type for item in result.items)
        shown = replace(result, items=_first(result.items))
        seconds = time.monotonic() - began
        self._change(
            name, lambda one: replace(one, state=PreviewState.READ, result=shown, kinds=kinds, seconds=seconds)
        )

    def _change(self, name: str, change: Callable[[Preview], Preview]) -> None:
        with self._lock:
            self._kept[name] = change(self._kept[name])


def _first(items: tuple[MediaItem, ...]) -> tuple[MediaItem, ...]:
    """Return the first titles, those of which the list states a name before others."""
    named = [item for item in items[: 10 * FIRST_TITLES] if item.title]
    return tuple(named[:FIRST_TITLES]) or items[:FIRST_TITLES]


def read_once(
    ref: ListRef,
    stop: threading.Event,
    on_page: Callable[[], None],
    *,
    make_context: Callable[[ListRef], FetchContext],
    find_reuse: Callable[[], Reuse],
    now: Callable[[], datetime] = utc_now,
) -> FetchResult:
    """Return a list as a sync reads it; a good reading is kept for the syncs of the next minutes."""
    opened = open_list(ref, lambda source: replace(make_context(source), on_page=on_page), now=now)
    if isinstance(opened, FetchResult):
        return opened
    reuse = find_reuse()
    claims = Claims(reuse.cache.cache if reuse.cache else None)
    try:
        result, is_read = read_or_reuse(opened, reuse, claims, stop=stop, now=now)
        if is_read:
            keep(opened, result, reuse, claims)
        return result
    finally:
        claims.release_all()
        opened.holding.release()


def find_missing(ref: ListRef, *, make_context: Callable[[ListRef], FetchContext]) -> tuple[str, ...]:
    """Return the settings without which the source of a list cannot be read."""
    known = make_context(ref).credentials
    return tuple(name for name in get_provider(ref.provider).required_credentials if not known.get(name))
