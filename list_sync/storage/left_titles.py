"""Titles that left all lists, with our requests for them; and the state of those whose request was withdrawn."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, Row, exists, or_, select

from list_sync.database.dialects import one_of
from list_sync.database.schema import item_lists, sync_history, synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.leaving import LeftTitle
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaIds, MediaItem, MediaType, Quality
from list_sync.storage.item_links import IS_PRESENT, LEFT_AFTER_READINGS, Link, Links, load_links
from list_sync.storage.lists import is_list
from list_sync.storage.servers import shares_server
from list_sync.storage.title_moves import move_title

_NONE: Mapping[ListKey, datetime | None] = MappingProxyType({})


def load_left(
    connection: Connection,
    household: str,
    entries: Sequence[JournalEntry],
    readings: Mapping[ListKey, bool],
    *,
    unmatched: Set[str],
    resting: Mapping[ListKey, datetime | None] = _NONE,
) -> list[tuple[LeftTitle, JournalEntry]]:
    """Return those requests of the household whose title left all lists; others share the journal of the server.

    `readings` are the lists that this run read completely, each with whether that was a new reading; `resting` are
    those that were not due, each with the time of its last complete reading. The title of an entry that was not matched
    may be on a list: `unmatched` are the keys of these entries in this run.
    """
    columns = synced_items.c
    unmatched = unmatched | _find_unmatched(connection, household, resting)
    about = shares_server(household) & one_of(columns.overseerr_id, {entry.tmdb_id for entry in entries})
    rows = connection.execute(select(synced_items).where(about)).all()
    links = load_links(connection, [row.id for row in rows])
    found = []
    for entry in _of_household(connection, household, entries):
        key = (entry.media_type.value, entry.tmdb_id, entry.quality.value)
        alike = [row for row in rows if (row.media_type, row.overseerr_id, row.quality) == key]
        own = [row for row in alike if row.household == household]
        others = [row for row in alike if row.household != household]
        wanted_by_others = any(link.is_present for row in others for link in links.get(row.id, {}).values())
        if len(own) != 1 or wanted_by_others or not unmatched.isdisjoint(_keys_of(own[0])):
            continue
        if _is_told(own[0], entry) or not _has_left_all(links.get(own[0].id, {}), readings, resting):
            continue
        found.append((_build(own[0], entry), entry))
    return found


def _of_household(connection: Connection, household: str, entries: Sequence[JournalEntry]) -> Iterator[JournalEntry]:
    columns = sync_history.c
    about = (columns.household == household) & one_of(columns.id, {entry.run_id for entry in entries})
    runs = set(connection.scalars(select(columns.id).where(about)))
    return (entry for entry in entries if entry.run_id in runs)


def _is_told(row: Row[tuple[object, ...]], entry: JournalEntry) -> bool:
    """Return whether the row was written since a request was withdrawn; it was not, if that run was cut off."""
    if entry.state is not RequestState.WITHDRAWN:
        return False
    is_newer = entry.settled_at is not None and entry.settled_at > row.last_synced
    return row.status == ItemStatus.DECLINED or not is_newer


def _find_unmatched(connection: Connection, household: str, resting: Collection[ListKey]) -> Set[str]:
    """Return the keys of the entries of resting lists that are not matched."""
    if not resting:
        return frozenset()
    columns, of_list = synced_items.c, item_lists.c.item_id == synced_items.c.id
    is_there = exists().where(of_list & IS_PRESENT & or_(*(is_list(item_lists, key) for key in resting)))
    statement = select(synced_items).where((columns.household == household) & columns.overseerr_id.is_(None) & is_there)
    return {key for row in connection.execute(statement) for key in _keys_of(row)}


def _has_left_all(links: Links, readings: Mapping[ListKey, bool], resting: Mapping[ListKey, datetime | None]) -> bool:
    """Return whether a title left all lists; it may have moved to a resting list that was not read since it left."""
    if not links or not links.keys() <= readings.keys() | resting.keys():
        return False
    if not all(_has_left(link, is_new=readings.get(key, False)) for key, link in links.items()):
        return False
    left_at = max(link.absent_since for link in links.values() if link.absent_since is not None)
    return all(at is not None and at > left_at for key, at in resting.items() if key not in links)


def _has_left(link: Link, *, is_new: bool) -> bool:
    """Return whether enough readings were without the title, with that of this run, which is not counted yet."""
    return not link.is_present and link.absent_readings + is_new >= LEFT_AFTER_READINGS


def _keys_of(row: Row[tuple[object, ...]]) -> Collection[str]:
    ids = MediaIds(row.overseerr_id, row.imdb_id, row.tvdb_id)
    kinds = (MediaType(row.media_type), None)
    return {
        key for kind in kinds for one in (ids, MediaIds()) for key in MediaItem(row.title, kind, row.year, one).keys
    }


def _build(row: Row[tuple[object, ...]], entry: JournalEntry) -> LeftTitle:
    return LeftTitle(
        row.id,
        entry.entry_id,
        row.title or f"tmdb:{entry.tmdb_id}",
        row.year,
        entry.media_type,
        entry.tmdb_id,
        Quality(row.quality),
        ListKey(entry.list_type or "", entry.list_id or ""),
        entry.request_id,
        entry.seasons,
        entry.requester_id,
    )


def record_withdrawn(connection: Connection, left: Collection[LeftTitle], *, run_id: int, at: datetime) -> None:
    """Store that the requests of titles were withdrawn; a title that comes back is requested as a new one."""
    for title in left:
        if title.is_withdrawn:
            move_title(connection, title.item_id, ItemStatus.DECLINED, title.reason, at=at, run_id=run_id)
