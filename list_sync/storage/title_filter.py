"""The conditions of a filter of titles, as the database takes them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, Connection, and_, cast, or_, select, union

from list_sync.database.dialects import ServiceId, one_of, text_after
from list_sync.database.schema import item_lists, pins, synced_items
from list_sync.model.facets import Mark, TitleFilter
from list_sync.model.moments import CLOCKS_MAY_DIFFER_BY
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.folding import fold
from list_sync.storage.lists import is_list
from list_sync.storage.sightings import is_of
from list_sync.storage.title_search import find_names, id_conditions, is_id, may_hold


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter for one household at one moment; `found` are the titles with its text, None without a text."""

    household: str
    wanted: TitleFilter
    now: datetime
    found: Sequence[int] | None = None

    def conditions(self, *, apart_from: Collection[str] = (), by_number: bool = False) -> ColumnElement[bool]:
        """Return the condition on titles, without some kinds of values.

        With `by_number`, other conditions choose few titles by their numbers, and no index of states is to be used.
        """
        own = synced_items.c.household.concat("") == self.household if by_number else is_of(self.household)
        kinds = [name for name in _CONDITIONS if getattr(self.wanted, name) and name not in apart_from]
        chosen = [_CONDITIONS[name](self, by_number=by_number) for name in kinds]
        named = [] if self.found is None else [one_of(synced_items.c.id, self.found)]
        return and_(own, *chosen, *named)

    def is_marked(self, mark: Mark) -> ColumnElement[bool]:
        """Return the condition on titles of which the user said this."""
        return synced_items.c.id.in_(_find_marked(self.household, mark, self.now))


def _has_state(selection: Selection, *, by_number: bool) -> ColumnElement[bool]:
    status = synced_items.c.status
    return (status.concat("") if by_number else status).in_([one.value for one in selection.wanted.statuses])


def _has_mark(selection: Selection, **_: bool) -> ColumnElement[bool]:
    return or_(*map(selection.is_marked, selection.wanted.marks))


def _is_listed(selection: Selection, **_: bool) -> ColumnElement[bool]:
    return synced_items.c.id.in_(_on_lists(selection.wanted))


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
}


def select_titles(connection: Connection, household: str, wanted: TitleFilter, *, now: datetime) -> Selection:
    """Return a filter that is ready for queries; a text is looked up once."""
    found = _find_by_text(connection, household, wanted.text) if wanted.text else None
    return Selection(household, wanted, now, found)


def _find_by_text(connection: Connection, household: str, text: str) -> Sequence[int]:
    """Return the titles with this id, or with this text in the name; letter case and accents do not matter."""
    by_id = {
        number
        for way in id_conditions(text)
        for number in connection.scalars(select(synced_items.c.id).where(is_of(household) & way))
    }
    folded = fold(text)
    if is_id(text) or not folded:
        return sorted(by_id)
    # The database finds a word of plain letters in a name of plain letters as Python does.
    is_plain = folded.isascii() and " " not in folded
    named = find_names(connection, household, may_hold(folded))
    by_name = {number for number, name, _ in named if (is_plain and name.isascii()) or folded in fold(name)}
    return sorted(by_id | by_name)


def _on_lists(wanted: TitleFilter) -> CompoundSelect[tuple[int]]:
    present = item_lists.c.absent_since.is_(None)
    return union(*(select(item_lists.c.item_id).where(is_list(item_lists, key) & present) for key in wanted.lists))


def _find_marked(household: str, mark: Mark, now: datetime) -> CompoundSelect[tuple[int]]:
    """Return the titles with an id, or an entry, that has a pin, a ban or a snooze.

    The name alone leads to no title: a pin of a name is kept with the ids, and a ban of an entry under its own key.
    """
    title, columns = synced_items.alias(), pins.c
    own = (columns.household == household) & (title.c.household == household)
    is_meant = (
        own
        & {
            Mark.PINNED: columns.tmdb_id.is_not(None),
            Mark.BANNED: columns.tmdb_id.is_(None) & columns.until.is_(None),
            Mark.SNOOZED: (columns.until > now) & (columns.pinned_at <= now + CLOCKS_MAY_DIFFER_BY),
        }[mark]
    )
    by_number = [
        (title.c.overseerr_id == _number_after(f"tmdb:{kind.value}:")) & (title.c.media_type == kind.value)
        for kind in MediaType
    ]
    ways = [
        *by_number,
        title.c.imdb_id == text_after(columns.key, "imdb:"),
        title.c.tvdb_id == _number_after("tvdb:"),
        title.c.item_key.in_([columns.key.concat(f":{quality.value}") for quality in Quality]),
        (title.c.overseerr_id == columns.tmdb_id) & (title.c.media_type == columns.media_type),
    ]
    return union(*(select(title.c.id).where(is_meant & way) for way in ways))


def _number_after(beginning: str) -> ColumnElement[int]:
    """Return the number that follows the beginning of a key, and nothing for other keys."""
    return cast(text_after(pins.c.key, beginning), ServiceId)
