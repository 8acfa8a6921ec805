"""Pages of stored titles by state, list, kind and name, the newest title first."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, false, or_, select

from list_sync.database.schema import item_lists, synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaType
from list_sync.storage.item_links import IS_PRESENT
from list_sync.storage.lists import is_list
from list_sync.storage.sightings import is_of
from list_sync.storage.title_search import TitleRecord, fold, id_conditions, is_id, load_records, may_hold

_STEP = 500


@dataclass(frozen=True, slots=True)
class TitleFilter:
    """Which titles are wanted: all, or those of some states, of one list, of one kind, or with a text in the name."""

    statuses: tuple[ItemStatus, ...] = ()
    list_key: ListKey | None = None
    media_type: MediaType | None = None
    text: str = ""


def find_title_page(
    connection: Connection,
    household: str,
    wanted: TitleFilter,
    *,
    limit: int,
    before: int | None = None,
    with_events: bool = False,
) -> tuple[TitleRecord, ...]:
    """Return the next titles with a smaller number than `before`, which changes of rows do not move."""
    statement = _select(household, wanted, before)
    if is_id(wanted.text):
        chosen = [
            row.id
            for row in connection.execute(statement.where(or_(false(), *id_conditions(wanted.text))).limit(limit))
        ]
    elif wanted.text:
        chosen = list(_first(_with_name(connection, statement, wanted.text), limit))
    else:
        chosen = [row.id for row in connection.execute(statement.limit(limit))]
    return load_records(connection, chosen, with_events=with_events)


def _first(found: Iterator[int], limit: int) -> Iterator[int]:
    for _, item_id in zip(range(limit), found, strict=False):
        yield item_id


def _select(household: str, wanted: TitleFilter, before: int | None) -> Select[tuple[int, str]]:
    columns = synced_items.c
    # A household may have most titles: they are read in the order of their numbers, and not sorted.
    own = is_of(household) if wanted.statuses else columns.household.concat("") == household
    statement = select(columns.id, columns.title).where(own)
    number: ColumnElement[int] = columns.id
    if wanted.list_key is not None:
        # The index of this table holds the titles of a list in order.
        number = item_lists.c.item_id
        of_list = (number == columns.id) & is_list(item_lists, wanted.list_key) & IS_PRESENT
        statement = statement.join(item_lists, of_list)
    if wanted.statuses:
        statement = statement.where(columns.status.in_([status.value for status in wanted.statuses]))
    if wanted.media_type is not None:
        statement = statement.where(columns.media_type == wanted.media_type.value)
    if before is not None:
        statement = statement.where(number < before)
    return statement.order_by(number.desc())


def _with_name(connection: Connection, statement: Select[tuple[int, str]], text: str) -> Iterator[int]:
    """Yield the titles with this text in the name, or with this id; letter case and accents do not matter."""
    folded = fold(text)
    is_id = or_(false(), *id_conditions(text))
    found = connection.execute(
        statement.add_columns(is_id.label("has_id")).where(may_hold(folded) | is_id),
        execution_options={"yield_per": _STEP},
    )
    with found:
        for item_id, name, has_id in found:
            if has_id or (folded and folded in fold(name)):
                yield item_id
