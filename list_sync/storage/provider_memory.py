"""Facts that providers remember without limit, such as the ids of a film, and whether a title was not found."""

from collections.abc import Callable

from sqlalchemy import select

from list_sync.database.schema import provider_memory, unresolved_titles
from list_sync.database.statements import upsert
from list_sync.database.store import Store
from list_sync.model.titles import MediaItem


class ProviderMemory:
    """The memory of one provider; safe to share between threads.

    `key_of` returns the key of an entry among the titles that were not found.
    """

    def __init__(self, store: Store, provider: str, *, key_of: Callable[[MediaItem], str]) -> None:
        self._store = store
        self._provider = provider
        self._key_of = key_of

    def find(self, key: str) -> str | None:
        """Return the value of the key, or None."""
        columns = provider_memory.c
        query = select(columns.value).where(columns.provider == self._provider, columns.key == key)
        with self._store.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def keep(self, key: str, value: str) -> None:
        """Store a value; the latest counts."""
        with self._store.writing() as connection:
            upsert(connection, provider_memory, [{"provider": self._provider, "key": key, "value": value}])

    def is_undecided(self, item: MediaItem) -> bool:
        """Return whether this entry, with the same facts, was not found."""
        query = select(unresolved_titles.c.key).where(unresolved_titles.c.key == self._key_of(item))
        with self._store.reading() as connection:
            return connection.execute(query).first() is not None
