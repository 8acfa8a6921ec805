"""The memory of lists between runs: their last good copies and their failures in a row."""

from list_sync.database.store import Store
from list_sync.model.sources import Backoff, FetchResult, ListCopy, ListRef
from list_sync.storage import backoff, copies


class ListMemory:
    """The memory of one data folder; every call is a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find_copy(self, source: ListRef) -> ListCopy | None:
        """Return the last good copy of a list."""
        with self._store.reading() as connection:
            return copies.find_copy(connection, source)

    def keep_copy(self, result: FetchResult) -> None:
        """Store a good result, and end a back-off."""
        with self._store.writing() as connection:
            copies.save_copy(connection, result)
            backoff.clear_backoff(connection, result.source)

    def keep_doubt(self, source: ListRef, doubt: str) -> None:
        """Note a result that is much shorter than the copy, and end a back-off."""
        with self._store.writing() as connection:
            copies.save_doubt(connection, source, doubt)
            backoff.clear_backoff(connection, source)

    def find_backoff(self, source: ListRef) -> Backoff | None:
        """Return the back-off of a list that failed the last time, or None."""
        with self._store.reading() as connection:
            return backoff.find_backoff(connection, source)

    def keep_backoff(self, source: ListRef, found: Backoff) -> None:
        """Store how often a list failed in a row."""
        with self._store.writing() as connection:
            backoff.save_backoff(connection, source, found)

    def clear_backoff(self, source: ListRef) -> None:
        """Delete the failures of a list after at least a part of it was read."""
        with self._store.writing() as connection:
            backoff.clear_backoff(connection, source)
