"""The conditions of a filter of titles, as the database takes them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, and_, cast, or_, select, union

from list_sync.database.dialects import BeginsWith, one_of, text_after, text_before
from list_sync.database.schema import item_lists, pins, synced_items
from list_sync.model.facets import Mark, TitleFilter
from list_sync.model.folding import fold
from list_sync.model.moments import CLOCKS_MAY_DIFFER_BY
from list_sync.model.titles import MediaType
from list_sync.storage.item_links import IS_PRESENT
from list_sync.storage.lists import is_list
from list_sync.storage.sightings import is_of
from list_sync.storage.title_search import holds, id_conditions, is_id


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter for one household; `found` are the titles that its text names by an id.

    `marked` are the titles of which the user said something.
    """

    household: str
    wanted: TitleFilter
    found: Sequence[int] = ()
    marked: Mapping[Mark, Sequence[int]] = field(default_factory=dict)

    def conditions(
        self, *, apart_from: Collection[str] = (), by_number: bool = False, row_by_row: bool = False
    ) -> ColumnElement[bool]:
        """Return the condition on titles, without some kinds of values.

        With `by_number`, titles are read by their numbers, and no index of states is to be used. With `row_by_row`, few
        titles are read, and each is tested; without it, all titles of the lists are looked up first.
        """
        own = synced_items.c.household.concat("") == self.household if by_number else is_of(self.household)
        kinds = [name for name in _CONDITIONS if getattr(self.wanted, name) and name not in apart_from]
        return and_(own, *(_CONDITIONS[name](self, by_number=by_number, row_by_row=row_by_row) for name in kinds))


def _has_state(selection: Selection, *, by_number: bool, **_: bool) -> ColumnElement[bool]:
    status = synced_items.c.status
    return (status.concat("") if by_number else status).in_([one.value for one in selection.wanted.statuses])


def _has_mark(selection: Selection, **_: bool) -> ColumnElement[bool]:
    numbers = {number for mark in selection.wanted.marks for number in selection.marked.get(mark, ())}
    return one_of(synced_items.c.id, numbers)


def _is_listed(selection: Selection, *, row_by_row: bool, **_: bool) -> ColumnElement[bool]:
    links, lists = item_lists.c, selection.wanted.lists
    on_lists = [select(links.item_id).where(is_list(item_lists, key), IS_PRESENT) for key in lists]
    if row_by_row:
        return or_(*(one.where(links.item_id == synced_items.c.id).exists() for one in on_lists))
    return synced_items.c.id.in_(union(*on_lists))


def _has_text(selection: Selection, **_: bool) -> ColumnElement[bool]:
    by_id, text = one_of(synced_items.c.id, selection.found), selection.wanted.text
    return by_id if is_id(text) or not fold(text) else or_(by_id, holds(fold(text)))


def _has_kind(selection: Selection, **_: bool) -> ColumnElement[bool]:
    return synced_items.c.media_type.in_([one.value for one in selection.wanted.media_types])


def _has_quality(selection: Selection, **_: bool) -> ColumnElement[bool]:
    return synced_items.c.quality.in_([one.value for one in selection.wanted.qualities])


def _has_requester(selection: Selection, **_: bool) -> ColumnElement[bool]:
    return synced_items.c.requester_id.in_(selection.wanted.requesters)


_CONDITIONS: Mapping[str, Callable[..., ColumnElement[bool]]] = {
    "statuses": _has_state,
    "media_types": _has_kind,
    "qualities": _has_quality,
    "requesters": _has_requester,
    "lists": _is_listed,
    "marks": _has_mark,
    "text": _has_text,
}


def select_titles(
    connection: Connection, household: str, wanted: TitleFilter, *, now: datetime, marks: Iterable[Mark] = ()
) -> Selection:
    """Return a filter that is ready for queries; an id, and what the user said, are looked up once.

    Titles with other `marks` than those of the filter are looked up where they are to be counted.
    """
    found = _find_by_id(connection, household, wanted.text) if wanted.text else ()
    return Selection(household, wanted, found, _find_marks(connection, household, {*wanted.marks, *marks}, now=now))


def _find_marks(
    connection: Connection, household: str, marks: Collection[Mark], *, now: datetime
) -> dict[Mark, Sequence[int]]:
    """Return the titles of which the user said each of these, as far as there are any."""
    found = {mark: select(pins.c.key).where(_is_of(household, mark, now)).exists() for mark in Mark if mark in marks}
    if not found:
        return {}
    there = connection.execute(select(*found.values())).one()
    known = [mark for mark, is_there in zip(found, there, strict=True) if is_there]
    return {mark: connection.scalars(_find_marked(household, mark, now)).all() for mark in known}


def _find_by_id(connection: Connection, household: str, text: str) -> Sequence[int]:
    """Return the titles with this id."""
    # The index of the ids is to be used, and that of the household only for keys of entries.
    own = synced_items.c.household.concat("") == household if is_id(text) else is_of(household)
    ways = [select(synced_items.c.id).where(own & way) for way in id_conditions(text)]
    return connection.scalars(union(*ways)).all() if ways else ()


def _find_marked(household: str, mark: Mark, now: datetime) -> CompoundSelect[Any]:
    """Return the titles with an id, or an entry, that has a pin, a ban or a snooze.

    The name alone leads to no title: a pin of a name is kept with the ids, and a ban of an entry under its own key.
    """
    title, key = synced_items.alias(), pins.c.key
    meant = select(pins.c.key).where(_is_of(household, mark, now))

    def is_meant(column: ColumnElement[Any], beginning: str) -> ColumnElement[bool]:
        value = cast(text_after(key, beginning), column.type)
        return column.in_(meant.with_only_columns(value).where(BeginsWith(key, beginning)))

    # A household may have most titles: they are found by their ids, and not by their household.
    own = title.c.household.concat("") == household
    of_entry = text_before(title.c.item_key, title.c.quality)
    ways = [
        is_meant(title.c.imdb_id, "imdb:"),
        is_meant(title.c.tvdb_id, "tvdb:"),
        # Only the row of an entry without a match has the key of the entry.
        title.c.overseerr_id.is_(None) & meant.where(key == of_entry).exists(),
    ]
    for kind in MediaType:
        is_kind = title.c.media_type == kind.value
        ways.append(is_kind & is_meant(title.c.overseerr_id, f"tmdb:{kind.value}:"))
        target = meant.with_only_columns(pins.c.tmdb_id).where(pins.c.media_type == kind.value)
        ways.append(is_kind & title.c.overseerr_id.in_(target))
    return union(*(select(title.c.id).where(own & way) for way in ways))


def _is_of(household: str, mark: Mark, now: datetime) -> ColumnElement[bool]:
    columns = pins.c
    return (columns.household == household) & {
        Mark.PINNED: columns.tmdb_id.is_not(None),
        Mark.BANNED: columns.tmdb_id.is_(None) & columns.until.is_(None),
        Mark.SNOOZED: (columns.until > now) & (columns.pinned_at <= now + CLOCKS_MAY_DIFFER_BY),
    }[mark]
