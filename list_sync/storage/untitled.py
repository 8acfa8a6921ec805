"""Names of stored titles of which the lists state only ids."""

from sqlalchemy import Connection, bindparam, func, select, update

from list_sync.database.schema import synced_items, titles
from list_sync.model.folding import fold_other
from list_sync.storage.sightings import is_of

_NAME = (
    update(synced_items)
    .where(synced_items.c.id == bindparam("row_id"))
    .values({name: bindparam(name) for name in ("title", "folded", "year")})
)


def name_untitled(connection: Connection, household: str) -> None:
    """Give the titles of which the lists state only ids their names at TMDB, as far as these were read."""
    columns = synced_items.c
    is_same = (titles.c.media_type == columns.media_type) & (titles.c.tmdb_id == columns.overseerr_id)
    found = select(columns.id, titles.c.title, func.coalesce(columns.year, titles.c.year))
    untitled = found.join_from(synced_items, titles, is_same).where(is_of(household) & (columns.title == ""))
    named = [
        {"row_id": number, "title": title, "folded": fold_other(title), "year": year}
        for number, title, year in connection.execute(untitled)
    ]
    if named:
        connection.execute(_NAME, named)
