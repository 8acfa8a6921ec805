"""Pages of stored titles in several orders; a page stays where it is while a run writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Text, func, literal, select, tuple_

from list_sync.database.dialects import Timestamp, one_of
from list_sync.database.schema import synced_items
from list_sync.model.facets import Order
from list_sync.storage.sightings import is_of
from list_sync.storage.title_filter import Selection
from list_sync.storage.title_search import TitleRecord, load_records

# More titles than this are read in their order until a page is full; fewer are sorted.
_MANY = 10_000
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)

# What titles are sorted by, and the number of a title.
Value = str | datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """The title beside which a page begins: after it, or with `is_before` the page that ends before it."""

    value: Value
    number: int
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class TitlePage:
    """A page of titles, and the places of the pages beside it, if there are any."""

    records: tuple[TitleRecord, ...]
    newer: Place | None = None
    older: Place | None = None


def find_title_page(
    connection: Connection,
    selection: Selection,
    order: Order = Order.SEEN,
    *,
    limit: int,
    place: Place | None = None,
    total: int = 0,
) -> TitlePage:
    """Return the titles of a filter beside a place; `total` is how many there are, if that is known."""
    key, number = _key_of(order, is_sorted=total <= _MANY), synced_items.c.id
    is_rising = order in (Order.TITLE, Order.NEXT)
    goes_up = is_rising is not (place is not None and place.is_before)
    is_all = order is Order.SEEN and not selection.wanted.statuses
    statement = select(number, key.label("sort_key")).where(
        selection.conditions(by_number=is_all, row_by_row=total > _MANY)
    )
    if place is not None:
        statement = statement.where(_is_beyond(key, number, place, goes_up=goes_up, order=order))
    by = (number,) if order is Order.SEEN else (key, number)
    statement = statement.order_by(*(one.asc() if goes_up else one.desc() for one in by)).limit(limit + 1)
    rows = connection.execute(statement).all()
    shown = rows[:limit]
    more = len(rows) > limit
    if place is not None and place.is_before:
        shown = shown[::-1]
    has_newer, has_older = (more, True) if place and place.is_before else (place is not None, more)
    records = load_records(connection, [row.id for row in shown], with_events=False)
    return TitlePage(
        records,
        newer=Place(shown[0].sort_key, shown[0].id, is_before=True) if shown and has_newer else None,
        older=Place(shown[-1].sort_key, shown[-1].id) if shown and has_older else None,
    )


def count_all(connection: Connection, selection: Selection, *, apart_from: Collection[str] = ()) -> int:
    """Return how many titles a filter finds, without some kinds of its values."""
    found = select(func.count()).select_from(synced_items).where(selection.conditions(apart_from=apart_from))
    return connection.scalar(found) or 0


def find_all(connection: Connection, selection: Selection, *, limit: int) -> Sequence[int]:
    """Return the numbers of the titles that a filter finds, those that were seen first first."""
    statement = select(synced_items.c.id).where(selection.conditions()).order_by(synced_items.c.id).limit(limit)
    return connection.scalars(statement).all()


def find_own(connection: Connection, household: str, numbers: Sequence[int]) -> Sequence[int]:
    """Return those of these numbers that are titles of a household."""
    known = is_of(household) & one_of(synced_items.c.id, numbers)
    return connection.scalars(select(synced_items.c.id).where(known).order_by(synced_items.c.id)).all()


def _key_of(order: Order, *, is_sorted: bool) -> ColumnElement[Value]:
    columns = synced_items.c
    if order is Order.SEEN:
        return literal(None, Text)
    if order is Order.NEXT:
        return func.coalesce(columns.goes_at, literal(_NEVER, Timestamp), type_=Timestamp)
    column: ColumnElement[Value] = columns.changed_at if order is Order.CHANGED else columns.title
    # So that no index for this order is used, in which few titles are far between.
    return func.coalesce(column, column, type_=column.type) if is_sorted else column


def _is_beyond(
    key: ColumnElement[Value], number: ColumnElement[int], place: Place, *, goes_up: bool, order: Order
) -> ColumnElement[bool]:
    if order is Order.SEEN:
        return number > place.number if goes_up else number < place.number
    value = literal(place.value, key.type)
    here, there = tuple_(key, number), tuple_(value, literal(place.number))
    return here > there if goes_up else here < there
