"""The memory of lists between runs: their last good copies, and how often they failed a household."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import ColumnElement, Connection, delete, select, update

from list_sync.database.dialects import upsert
from list_sync.database.schema import list_backoffs, list_copies, list_readings, lists
from list_sync.database.store import Store
from list_sync.model.sources import Backoff, FetchResult, ListCopy, ListKey, ListRef
from list_sync.storage.lists import is_list
from list_sync.storage.packing import pack_result, unpack_result

_BACKOFF = [list_backoffs.c[name] for name in ("failures", "until", "stamp", "reason")]


_READING = ("stamp", "at", "is_open", "unclean_ends")


@dataclass(frozen=True, slots=True)
class Reading:
    """A list that is being read, or at how many ends of the process in a row it was; `at` is its latest beginning.

    `stamp` identifies its settings and its file.
    """

    stamp: str
    at: datetime
    is_open: bool = True
    unclean_ends: int = 0


class ListMemory:
    """The memory that one household works with; every call is a transaction of its own.

    A copy of a private list belongs to an account: the watchlists of two accounts have one id, and not the same titles.
    """

    def __init__(self, store: Store, household: str, account: str = "") -> None:
        self._account = account
        self._household = household
        self._store = store

    def of_account(self, account: str) -> Self:
        """Return the memory of lists that belong to an account; "" stands for lists that are the same for everyone."""
        return type(self)(self._store, self._household, account)

    def find_copy(self, source: ListRef) -> ListCopy | None:
        """Return the last good copy of a list."""
        columns = select(list_copies.c.content, list_copies.c.doubt)
        with self._store.reading() as connection:
            row = connection.execute(columns.where(self._is_copy(source))).first()
        result = unpack_result(row.content, source) if row else None
        return ListCopy(result, row.doubt) if row and result else None

    def is_of_others(self, source: ListRef) -> bool:
        """Return whether other households have a list that this one never read completely."""
        statement = select(lists.c.household, lists.c.first_complete_at).where(is_list(lists, source.key))
        with self._store.reading() as connection:
            first_readings = {row.household: row.first_complete_at for row in connection.execute(statement)}
        return first_readings.pop(self._household, None) is None and bool(first_readings)

    def keep_copy(self, result: FetchResult) -> None:
        """Store a good result in place of the last one, without doubt, and end a back-off."""
        row: dict[str, object] = {
            "list_type": result.source.provider,
            "list_id": result.source.list_id,
            "account": self._account,
            "copied_at": result.fetched_at,
            "doubt": None,
            "content": pack_result(result),
        }
        with self._store.writing() as connection:
            upsert(connection, list_copies, [row])
            connection.execute(delete(list_backoffs).where(self._is_backoff(result.source)))

    def keep_doubt(self, source: ListRef, doubt: str) -> None:
        """Note a result that is much shorter than the copy, and end a back-off."""
        with self._store.writing() as connection:
            connection.execute(update(list_copies).where(self._is_copy(source)).values(doubt=doubt))
            connection.execute(delete(list_backoffs).where(self._is_backoff(source)))

    def find_backoff(self, source: ListRef) -> Backoff | None:
        """Return the back-off of a list that failed the last time, or None."""
        with self._store.reading() as connection:
            row = connection.execute(select(*_BACKOFF).where(self._is_backoff(source))).first()
        return Backoff(*row) if row else None

    def keep_backoff(self, source: ListRef, backoff: Backoff) -> None:
        """Store how often a list failed in a row."""
        row: dict[str, object] = {
            "household": self._household,
            "list_type": source.provider,
            "list_id": source.list_id,
            "failures": backoff.failures,
            "until": backoff.until,
            "stamp": backoff.stamp,
            "reason": backoff.reason,
        }
        with self._store.writing() as connection:
            upsert(connection, list_backoffs, [row])

    def clear_backoff(self, source: ListRef) -> None:
        """Delete the failures of a list after at least a part of it was read."""
        with self._store.writing() as connection:
            connection.execute(delete(list_backoffs).where(self._is_backoff(source)))

    def load_readings(self) -> dict[ListKey, Reading]:
        """Return the lists that are being read, or were when the process ended."""
        table = list_readings.c
        columns = select(table.list_type, table.list_id, *(table[name] for name in _READING))
        with self._store.reading() as connection:
            rows = connection.execute(columns.where(table.household == self._household)).all()
        return {ListKey(provider, list_id): Reading(*row) for provider, list_id, *row in rows}

    def keep_readings(self, readings: Mapping[ListKey, Reading]) -> None:
        """Store what is known of the readings of some lists."""
        rows: list[dict[str, object]] = [
            {"household": self._household, "list_type": key.provider, "list_id": key.list_id, **asdict(reading)}
            for key, reading in readings.items()
        ]
        with self._store.writing() as connection:
            upsert(connection, list_readings, rows)

    def end_reading(self, key: ListKey | None) -> None:
        """Forget the reading of a list, or those of all lists that were never read at an unclean end."""
        is_meant = is_list(list_readings, key) if key else list_readings.c.unclean_ends == 0
        with self._store.writing() as connection:
            connection.execute(delete(list_readings).where(is_meant & (list_readings.c.household == self._household)))

    def _is_copy(self, source: ListRef) -> ColumnElement[bool]:
        return is_list(list_copies, source.key) & (list_copies.c.account == self._account)

    def _is_backoff(self, source: ListRef) -> ColumnElement[bool]:
        return is_list(list_backoffs, source.key) & (list_backoffs.c.household == self._household)


def find_backoffs(connection: Connection, household: str) -> dict[ListKey, Backoff]:
    """Return the back-off of each list that failed the last time."""
    statement = select(list_backoffs.c.list_type, list_backoffs.c.list_id, *_BACKOFF)
    rows = connection.execute(statement.where(list_backoffs.c.household == household))
    return {ListKey(provider, list_id): Backoff(*backoff) for provider, list_id, *backoff in rows}
