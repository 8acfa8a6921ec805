"""The lists of the last full run, how each was read the last time, and moves to the canonical ids of lists."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, RowMapping, Select, Table, delete, exists, select, update

from list_sync.database.dialects import upsert
from list_sync.database.schema import item_lists, list_backoffs, list_copies, lists, synced_items
from list_sync.database.store import Store
from list_sync.model.routes import RouteRecord, note_attempts
from list_sync.model.sources import Attempt, FetchResult, FetchState, ListKey, ListRef, NotUnderstood
from list_sync.storage.packing import (
    attempts_of,
    attempts_to_json,
    read_remainder,
    remainder_to_json,
    routes_of,
    routes_to_json,
)

_NAMING_LISTS = (lists, list_copies, list_backoffs, item_lists)


@dataclass(frozen=True, slots=True)
class ListRecord:
    """One row of lists; `item_count` and `route` are from the last time that anything was read."""

    list_type: str
    list_id: str
    item_count: int
    state: FetchState
    route: str
    reason: str | None
    fetched_at: datetime | None
    last_synced: datetime | None
    complete_at: datetime | None
    run_id: int
    attempts: tuple[Attempt, ...] = ()
    copied_at: datetime | None = None
    backoff_until: datetime | None = None
    unsupported: int = 0
    unsupported_kinds: Mapping[str, int] = field(default_factory=dict)
    not_understood: int = 0
    first_not_understood: tuple[NotUnderstood, ...] = ()
    first_complete_at: datetime | None = None
    routes: tuple[RouteRecord, ...] = ()

    @property
    def name(self) -> str:
        """Return provider and id as they may be shown."""
        return ListKey(self.list_type, self.list_id).name


def record_lists(
    connection: Connection,
    household: str,
    results: Sequence[FetchResult],
    *,
    run_id: int,
    at: datetime,
    is_full_run: bool,
    resting: Collection[ListKey] = (),
) -> None:
    """Record how each list was read.

    After a full run the table holds exactly its lists and the `resting` ones; any other run only updates existing rows.
    """
    known = _load_rows(connection, household)
    rows: dict[ListKey, dict[str, object]] = {}
    for result in results:
        key = result.source.key
        if is_full_run or key in known:
            rows[key] = {"household": household} | _build_row(result, known.get(key), run_id=run_id, at=at)
    upsert(connection, lists, list(rows.values()))
    for key in known.keys() - rows.keys() - set(resting) if is_full_run else ():
        connection.execute(delete(lists).where((lists.c.household == household) & is_list(lists, key)))


def is_list(table: FromClause, key: ListKey) -> ColumnElement[bool]:
    """Return the condition on the rows of one list, in any table that names lists."""
    return (table.c.list_type == key.provider) & (table.c.list_id == key.list_id)


def find_lists(connection: Connection, household: str) -> tuple[ListRecord, ...]:
    """Return the lists of the last full run, sorted by provider and id."""
    rows = connection.execute(_select(household).order_by(lists.c.list_type, lists.c.list_id))
    return tuple(
        ListRecord(
            **{
                **row,
                **read_remainder(row),
                "state": FetchState(row["state"]),
                "attempts": attempts_of(row["attempts"]),
                "routes": routes_of(row["routes"]),
            }
        )
        for row in rows.mappings()
    )


def merge_spellings(store: Store, canonical: Callable[[ListRef], ListRef]) -> None:
    """Merge the rows of each list that is stored under another id than its canonical one."""
    with store.reading() as connection:
        respelled = _find_respelled(connection, canonical)
    if respelled:
        with store.writing() as connection:
            _merge_rows(connection, respelled)


def _find_respelled(
    connection: Connection, canonical: Callable[[ListRef], ListRef]
) -> tuple[tuple[ListRef, ListRef], ...]:
    """Return each list that is stored under another id than its canonical one, with the canonical id."""
    columns = (select(table.c.list_type, table.c.list_id).distinct() for table in _NAMING_LISTS)
    kept = sorted({ListRef(*row) for statement in columns for row in connection.execute(statement)})
    return tuple((former, present) for former in kept if (present := canonical(former)) != former)


def _merge_rows(connection: Connection, respelled: Iterable[tuple[ListRef, ListRef]]) -> None:
    """Move the rows of lists to their present ids; an existing row at the new id stays."""
    for former, present in respelled:
        for table in _NAMING_LISTS:
            _move_rows(connection, table, former, present)
        named = synced_items.c.provider_source == former.key.name
        source = ":".join(present.key)
        connection.execute(update(synced_items).where(named).values(provider_source=source))


def _move_rows(connection: Connection, table: Table, former: ListRef, present: ListRef) -> None:
    other = table.alias()
    others = [other.c[name] == table.c[name] for name in ("household", "account", "item_id") if name in table.c]
    is_doubled = exists().where(is_list(other, present.key), *others)
    connection.execute(delete(table).where(is_list(table, former.key) & is_doubled))
    connection.execute(update(table).where(is_list(table, former.key)).values(list_id=present.list_id))


def _select(household: str) -> Select[Any]:
    columns = [column for column in lists.c if column.name != "household"]
    return select(*columns).where(lists.c.household == household)


def _load_rows(connection: Connection, household: str) -> dict[ListKey, RowMapping]:
    rows = connection.execute(_select(household)).mappings()
    return {ListKey(row["list_type"], row["list_id"]): row for row in rows}


def _build_row(result: FetchResult, known: RowMapping | None, *, run_id: int, at: datetime) -> dict[str, object]:
    row: dict[str, object] = {
        "list_type": result.source.provider,
        "list_id": result.source.list_id,
        "item_count": len(result.items),
        "state": result.state.value,
        "route": result.route,
        "reason": result.reason,
        "fetched_at": result.fetched_at,
        "last_synced": at,
        "complete_at": result.fetched_at if result.state is FetchState.COMPLETE else None,
        "run_id": run_id,
        "attempts": attempts_to_json(result.attempts),
        "copied_at": result.copied_at,
        "backoff_until": result.backoff_until,
        **remainder_to_json(result),
        "routes": routes_to_json(note_attempts(routes_of(known and known["routes"]), result.attempts, at=at)),
    }
    # After a failure the number of titles is not known.
    kept = ["complete_at"] if row["complete_at"] is None else []
    row["first_complete_at"] = (known and known["first_complete_at"]) or row["complete_at"]
    if result.state is FetchState.FAILED:
        kept += ["item_count", "route", "fetched_at", "last_synced", *remainder_to_json(result)]
        row |= {"fetched_at": None, "last_synced": None}
    return row | {name: known[name] for name in kept if known is not None}
