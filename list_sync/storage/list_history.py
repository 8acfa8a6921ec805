"""How lists were read lately, and what became of their titles."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, func, select, true

from list_sync.database.schema import item_lists, run_lists, sync_history, synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.sources import FetchState, ListKey
from list_sync.storage.item_links import IS_PRESENT
from list_sync.storage.lists import is_list
from list_sync.storage.sightings import is_alone, is_of
from list_sync.storage.title_search import count_statuses

MOST_READINGS = 30
# Lists with schedules of their own are not in every run.
_RUNS = 60
_MANY = 10_000


# When a title changed last, and the newest run with its state.
Mark: TypeAlias = tuple[datetime | None, int, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a run read a list; `expected` is the number of entries that its source stated."""

    run_id: int
    at: datetime | None
    state: FetchState
    route: str
    items: int
    expected: int | None
    reason: str | None


def find_readings(
    connection: Connection, household: str, key: ListKey | None = None
) -> dict[ListKey, tuple[Reading, ...]]:
    """Return the last readings of each list, or of one, oldest first."""
    read, runs = run_lists.c, sync_history.c
    names = ("list_type", "list_id", "run_id", "state", "route", "items", "expected", "reason")
    statement = (
        select(*(read[name] for name in names), runs.sync_started)
        .join_from(run_lists, sync_history, read.run_id == runs.id)
        .where(runs.household == household)
        .order_by(read.run_id.desc())
    )
    if key is None:
        latest = select(runs.id).where(runs.household == household).order_by(runs.id.desc()).limit(_RUNS)
        statement = statement.where(read.run_id.in_(latest))
    else:
        statement = statement.where(is_list(run_lists, key)).limit(MOST_READINGS)
    found: dict[ListKey, list[Reading]] = defaultdict(list)
    for kind, list_id, run_id, state, *rest, at in connection.execute(statement):
        readings = found[ListKey(kind, list_id)]
        if len(readings) < MOST_READINGS:
            readings.append(Reading(run_id, at, FetchState(state), *rest))
    return {one: tuple(reversed(readings)) for one, readings in found.items()}


def find_mark(connection: Connection, household: str) -> Mark:
    """Return what is another value after every run, and after every change of a title's state; by index."""
    changed = select(func.max(synced_items.c.changed_at)).where(synced_items.c.household == household)
    runs = sync_history.c
    newest = select(runs.id, runs.status).where(runs.household == household).order_by(runs.id.desc()).limit(1)
    return connection.scalar(changed), *(connection.execute(newest).one_or_none() or (0, ""))


def count_by_list(
    connection: Connection, household: str, key: ListKey | None = None
) -> Mapping[ListKey, Mapping[ItemStatus, int]]:
    """Return how many titles of each list, or of one, are in each state.

    Most titles have the same state. Of very many titles, only those in other states are joined, and the index of the
    lists alone tells how many are left: with 100,000 titles on two lists each, that takes a fifth of the time.
    """
    links, items = item_lists.c, synced_items.c
    names = (links.list_type, links.list_id)
    is_meant = IS_PRESENT & (is_list(item_lists, key) if key else true())
    counted = select(*names, func.count()).where(is_meant).group_by(*names)
    totals = {ListKey(kind, list_id): number for kind, list_id, number in connection.execute(counted)}
    is_short = sum(totals.values()) > _MANY and is_alone(connection, household)
    states = count_statuses(connection, household) if is_short else {}
    most = max(states, key=lambda state: states[state], default=None)
    joined = select(*names, items.status, func.count()).group_by(*names, items.status)
    joined = joined.join_from(synced_items, item_lists, items.id == links.item_id).where(is_meant, is_of(household))
    if most:
        joined = joined.where(items.status.in_([state.value for state in states if state is not most]))
    found: dict[ListKey, dict[ItemStatus, int]] = defaultdict(dict)
    for kind, list_id, status, number in connection.execute(joined):
        found[ListKey(kind, list_id)][ItemStatus(status)] = number
    if most:
        for one, total in totals.items():
            if left := total - sum(found[one].values()):
                found[one][most] = left
    return found
