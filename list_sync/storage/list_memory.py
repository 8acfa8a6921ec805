"""The memory of lists between runs: their last good copies, and how often they failed a household."""

from typing import Self

from list_sync.database.store import Store
from list_sync.model.sources import Backoff, FetchResult, ListCopy, ListRef
from list_sync.storage import backoff, copies


class ListMemory:
    """The memory that one household works with; every call is a transaction of its own."""

    def __init__(self, store: Store, household: str, account: str = "") -> None:
        self._account = account
        self._household = household
        self._store = store

    def of_account(self, account: str) -> Self:
        """Return the memory of lists that belong to an account; "" stands for lists that are the same for everyone."""
        return type(self)(self._store, self._household, account)

    def find_copy(self, source: ListRef) -> ListCopy | None:
        """Return the last good copy of a list."""
        with self._store.reading() as connection:
            return copies.find_copy(connection, source, self._account)

    def keep_copy(self, result: FetchResult) -> None:
        """Store a good result, and end a back-off."""
        with self._store.writing() as connection:
            copies.save_copy(connection, result, self._account)
            backoff.clear_backoff(connection, self._household, result.source)

    def keep_doubt(self, source: ListRef, doubt: str) -> None:
        """Note a result that is much shorter than the copy, and end a back-off."""
        with self._store.writing() as connection:
            copies.save_doubt(connection, source, self._account, doubt)
            backoff.clear_backoff(connection, self._household, source)

    def find_backoff(self, source: ListRef) -> Backoff | None:
        """Return the back-off of a list that failed the last time, or None."""
        with self._store.reading() as connection:
            return backoff.find_backoff(connection, self._household, source)

    def keep_backoff(self, source: ListRef, found: Backoff) -> None:
        """Store how often a list failed in a row."""
        with self._store.writing() as connection:
            backoff.save_backoff(connection, self._household, source, found)

    def clear_backoff(self, source: ListRef) -> None:
        """Delete the failures of a list after at least a part of it was read."""
        with self._store.writing() as connection:
            backoff.clear_backoff(connection, self._household, source)
