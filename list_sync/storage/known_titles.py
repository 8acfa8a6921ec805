"""What is known of titles as lists state them: the state of each, and its number at TMDB."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, union_all

from list_sync.database.dialects import one_of
from list_sync.database.schema import synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.titles import MediaItem, MediaType
from list_sync.storage.sightings import is_of


class KnownTitle(NamedTuple):
    """A title that a sync or a dry run decided on; kind and number are known if it was matched."""

    status: ItemStatus
    media_type: MediaType | None
    tmdb_id: int | None


def find_known(connection: Connection, household: str, items: Sequence[MediaItem]) -> tuple[KnownTitle | None, ...]:
    """Return what is known of each of a few entries; None for one that no run has seen."""
    columns = synced_items.c
    shown = (columns.title, columns.year, columns.media_type, columns.imdb_id, columns.overseerr_id, columns.status)
    by_index = (
        (columns.imdb_id, {item.ids.imdb for item in items} - {None}),
        (columns.overseerr_id, {item.ids.tmdb for item in items} - {None}),
        (columns.title, {item.title for item in items} - {""}),
    )
    # Each part uses an index of its own.
    parts = [select(*shown).where(is_of(household) & one_of(column, wanted)) for column, wanted in by_index if wanted]
    rows = connection.execute(union_all(*parts)).all() if parts else ()
    return tuple(_find_one(item, rows) for item in items)


def _find_one(item: MediaItem, rows: Sequence[Row[Any]]) -> KnownTitle | None:
    found = next((row for row in rows if _is_same(item, row)), None)
    if found is None:
        return None
    return KnownTitle(ItemStatus(found.status), found.media_type and MediaType(found.media_type), found.overseerr_id)


def _is_same(item: MediaItem, row: Row[Any]) -> bool:
    if item.media_type is not None and row.media_type not in (None, item.media_type.value):
        return False
    if item.ids.imdb and item.ids.imdb == row.imdb_id:
        return True
    if item.ids.tmdb and item.media_type and item.ids.tmdb == row.overseerr_id:
        return True
    return bool(item.title) and item.title == row.title and item.year in (None, row.year)
