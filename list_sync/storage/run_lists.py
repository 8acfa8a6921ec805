"""How each list was read in a run."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, case, exists, func, select, update

from list_sync.database.dialects import upsert
from list_sync.database.schema import item_lists, lists, run_lists, synced_items
from list_sync.model.report import SyncReport
from list_sync.model.sources import FetchState, ListKey
from list_sync.storage.packing import attempts_to_json, remainder_to_json


@dataclass(frozen=True, slots=True)
class RunList:
    """One list in one run; `expected` is the number of entries that its source stated.

    `more` titles are on it since that run, and `gone` ones were on it before; None if that is not known.
    """

    list_type: str
    list_id: str
    state: FetchState
    route: str
    items: int
    expected: int | None
    reason: str | None
    more: int | None = None
    gone: int | None = None


_COLUMNS = [run_lists.c[name] for name in RunList.__dataclass_fields__]


def record_run_lists(connection: Connection, report: SyncReport) -> None:
    """Record how the lists of a run were read."""
    rows = [
        {
            "run_id": report.run_id,
            "list_type": result.source.provider,
            "list_id": result.source.list_id,
            "state": result.state.value,
            "route": result.route,
            "items": len(result.items),
            "expected": result.expected,
            "reason": result.reason,
            "attempts": attempts_to_json(result.attempts),
            "copied_at": result.copied_at,
            "backoff_until": result.backoff_until,
            **remainder_to_json(result),
        }
        for result in report.fetched
    ]
    upsert(connection, run_lists, rows)


def record_moves(connection: Connection, household: str, report: SyncReport) -> None:
    """Record how many titles are more on each list since a run, and how many are gone from it."""
    links, read = item_lists.c, run_lists.c
    is_more = links.first_seen == report.finished_at
    is_gone = links.absent_since.between(report.started_at, report.finished_at)
    own = exists().where((synced_items.c.id == links.item_id) & (synced_items.c.household == household))
    numbers = (func.sum(case((is_more, 1), else_=0)), func.sum(case((is_gone, 1), else_=0)))
    by = (links.list_type, links.list_id)
    rows = connection.execute(select(*by, *numbers).where((is_more | is_gone) & own).group_by(*by)).all()
    connection.execute(update(run_lists).where(read.run_id == report.run_id).values(more=0, gone=0))
    for kind, list_id, more, gone in rows:
        one = (read.run_id == report.run_id) & (read.list_type == kind) & (read.list_id == list_id)
        connection.execute(update(run_lists).where(one).values(more=more, gone=gone))


def find_run_lists(connection: Connection, run_id: int) -> tuple[RunList, ...]:
    """Return the lists that a run read."""
    rows = connection.execute(select(*_COLUMNS).where(run_lists.c.run_id == run_id).order_by(*_COLUMNS[:2]))
    return tuple(RunList(kind, list_id, FetchState(state), *rest) for kind, list_id, state, *rest in rows)


def find_short_lists(connection: Connection, run_ids: Collection[int]) -> dict[int, list[RunList]]:
    """Return the lists that each of these runs did not read in full."""
    columns = run_lists.c
    short = columns.run_id.in_(run_ids) & (columns.state != FetchState.COMPLETE.value)
    rows = connection.execute(select(columns.run_id, *_COLUMNS).where(short).order_by(columns.run_id, *_COLUMNS[:2]))
    found: dict[int, list[RunList]] = {}
    for run_id, kind, list_id, state, *rest in rows:
        found.setdefault(run_id, []).append(RunList(kind, list_id, FetchState(state), *rest))
    return found


def find_expected(connection: Connection, household: str) -> dict[ListKey, int | None]:
    """Return how many entries the source of each list stated when the list was read the last time."""
    columns, read = lists.c, run_lists.c
    same = (read.run_id == columns.run_id) & (read.list_type == columns.list_type) & (read.list_id == columns.list_id)
    rows = connection.execute(
        select(columns.list_type, columns.list_id, read.expected)
        .join_from(lists, run_lists, same)
        .where(columns.household == household)
    )
    return {ListKey(kind, list_id): expected for kind, list_id, expected in rows}
