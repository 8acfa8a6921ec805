"""How many titles of each list are in each state, counted again only when something changed.

With 100,000 titles this takes a quarter of a second, and many open pages load themselves again while a run works.
"""

import threading
import time
from collections.abc import Callable, Mapping

from list_sync.database.store import Store
from list_sync.model.decisions import ItemStatus
from list_sync.model.sources import ListKey
from list_sync.storage.list_history import Mark, count_by_list, find_mark

Counts = Mapping[ListKey, Mapping[ItemStatus, int]]
# Counting takes at most this part of the time.
_SHARE = 0.1


class ListCounts:
    """The numbers of one household, shared by all pages: the same is not counted twice at once."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._counts: Counts | None = None
        self._mark: Mark | None = None
        self._again_at = 0.0

    def find(self, store: Store) -> Counts:
        """Return the numbers of the present, or of a moment ago while they keep changing."""
        with self._lock, store.reading() as connection:
            mark, begin = find_mark(connection, store.household), self._now()
            if self._counts is None or (mark != self._mark and begin >= self._again_at):
                self._counts, self._mark = count_by_list(connection, store.household), mark
                end = self._now()
                self._again_at = end + (end - begin) / _SHARE
            return self._counts

    def find_one(self, store: Store, key: ListKey) -> Mapping[ItemStatus, int]:
        """Return the numbers of one list, which alone is counted if the present ones are not known."""
        with store.reading() as connection:
            known = self._counts if self._mark == find_mark(connection, store.household) else None
            counts = count_by_list(connection, store.household, key) if known is None else known
        return counts.get(key, {})
