"""Counts the titles that a filter finds, and how many each other value would find."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select

from list_sync.database.dialects import one_of
from list_sync.database.schema import item_lists, synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import Facets, Mark
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.item_links import IS_PRESENT
from list_sync.storage.sightings import is_alone
from list_sync.storage.title_filter import Selection
from list_sync.storage.title_pages import count_all

# For more titles, the lists are counted with all their titles: that takes an eighth of the time.
MOST_BY_LIST = 10_000

V = TypeVar("V")
# How many titles have these values of state, kind, quality and requester.
_Cube = Mapping[tuple[Any, ...], int]
_DIMENSIONS = ("statuses", "media_types", "qualities", "requesters")


def count_facets(connection: Connection, selection: Selection) -> Facets:
    """Return how many titles a filter finds, and how many each value would find in the place of those of its kind.

    Marks are counted as far as they were looked up for the filter.
    """
    columns, wanted = synced_items.c, selection.wanted
    names = (columns.status, columns.media_type, columns.quality, columns.requester_id)
    counted = select(*names, func.count()).where(selection.conditions(apart_from=_DIMENSIONS)).group_by(*names)
    cube = {tuple(values): number for *values, number in connection.execute(counted)}
    chosen = (wanted.statuses, wanted.media_types, wanted.qualities, wanted.requesters)
    total = sum(number for values, number in cube.items() if _fits(values, chosen))
    by_place = [_count_along(cube, chosen, place) for place in range(len(chosen))]
    statuses, kinds, qualities, requesters = by_place
    lists, are_whole = _count_lists(connection, selection, total)
    return Facets(
        total,
        {one: statuses[one.value] for one in ItemStatus if one.value in statuses},
        {one: kinds[one.value] for one in MediaType if one.value in kinds},
        {one: qualities[one.value] for one in Quality if one.value in qualities},
        {number: requesters[number] for number in sorted(set(requesters) - {None})},
        _count_marks(connection, selection),
        lists,
        are_whole,
    )


def _fits(values: Sequence[V], chosen: Sequence[Sequence[V]], *, apart_from: int | None = None) -> bool:
    return all(
        place == apart_from or not wanted or value in wanted
        for place, (value, wanted) in enumerate(zip(values, chosen, strict=True))
    )


def _count_along(cube: _Cube, chosen: Sequence[Sequence[Any]], place: int) -> Counter[Any]:
    """Return how many titles there are with each value of one kind, those of the other kinds as they were chosen."""
    found: Counter[Any] = Counter()
    for values, number in cube.items():
        if _fits(values, chosen, apart_from=place):
            found[values[place]] += number
    return found


def _count_marks(connection: Connection, selection: Selection) -> dict[Mark, int]:
    others = selection.conditions(apart_from=("marks",), by_number=True, row_by_row=True)
    counts = [
        select(func.count())
        .select_from(synced_items)
        .where(others & one_of(synced_items.c.id, numbers))
        .scalar_subquery()
        for numbers in selection.marked.values()
    ]
    found = connection.execute(select(*counts)).one() if counts else ()
    return {mark: number for mark, number in zip(selection.marked, found, strict=True) if number}


def _count_lists(connection: Connection, selection: Selection, total: int) -> tuple[dict[ListKey, int], bool]:
    """Return how many of the titles are on each list, or how many titles each list has, if there are very many."""
    columns = item_lists.c
    key = (columns.list_type, columns.list_id)
    counted = select(*key, func.count()).where(IS_PRESENT).group_by(*key)
    if selection.wanted.lists and total <= MOST_BY_LIST:
        total = count_all(connection, selection, apart_from=("lists",))
    are_whole = total > MOST_BY_LIST
    others = [one for one in _DIMENSIONS if getattr(selection.wanted, one)] or selection.wanted.marks
    if are_whole and is_alone(connection, selection.household):
        found = counted
        are_whole = bool(others) or selection.wanted.text != ""
    elif are_whole:
        own = synced_items.c.household == selection.household
        found = counted.join(synced_items, synced_items.c.id == columns.item_id).where(own)
    else:
        of_titles = selection.conditions(apart_from=("lists",))
        found = counted.where(columns.item_id.in_(select(synced_items.c.id).where(of_titles)))
    return _by_list(connection.execute(found)), are_whole


def _by_list(rows: Iterable[Sequence[Any]]) -> dict[ListKey, int]:
    return {ListKey(provider, list_id): number for provider, list_id, number in rows}
