"""When a title was refused by the server or by people, as far as earlier runs saw it, and the lists that it was on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from list_sync.database.dialects import one_of
from list_sync.database.schema import item_events, synced_items
from list_sync.model.decisions import REFUSALS, SAID_BY_SERVER, ItemStatus
from list_sync.model.titles import QualityKey
from list_sync.storage.item_links import Links, load_links
from list_sync.storage.sightings import is_of, title_row_key


@dataclass(frozen=True, slots=True)
class Former:
    """A title as earlier runs left it: when it was first and last seen on a list, and the lists of then."""

    item_id: int
    first_seen: datetime
    last_synced: datetime
    status: ItemStatus
    links: Links


def load_former(connection: Connection, household: str, keys: Collection[QualityKey]) -> dict[QualityKey, Former]:
    """Return those of the titles that earlier runs knew."""
    columns = synced_items.c
    row_keys = {title_row_key(key): key for key in keys}
    facts = (columns.item_key, columns.id, columns.first_seen, columns.last_synced, columns.status)
    rows = connection.execute(select(*facts).where(is_of(household) & one_of(columns.item_key, row_keys))).all()
    links = load_links(connection, [row.id for row in rows])
    return {
        row_keys[row.item_key]: Former(
            row.id, row.first_seen, row.last_synced, ItemStatus(row.status), links.get(row.id, {})
        )
        for row in rows
    }


def load_refused_at(connection: Connection, titles: Collection[Former]) -> Mapping[int, datetime]:
    """Return since when each title may be refused, by its number: earlier, the server had not refused it.

    If the last state that the server gave to it is a refusal, that is its moment. If not, the refusal is news of this
    run, and the title was last seen without it when that state was last confirmed.
    """
    columns = item_events.c
    said = columns.status.in_([status.value for status in SAID_BY_SERVER])
    about = one_of(columns.item_id, [title.item_id for title in titles])
    rows = connection.execute(
        select(columns.item_id, columns.at, columns.status).where(about & said).order_by(columns.at, columns.id)
    )
    last = {item_id: (at, ItemStatus(status)) for item_id, at, status in rows}
    return {title.item_id: _refused_at(title, *last.get(title.item_id, (None, title.status))) for title in titles}


def _refused_at(title: Former, said_at: datetime | None, said: ItemStatus) -> datetime:
    is_confirmed = title.status in SAID_BY_SERVER and said not in REFUSALS
    return title.last_synced if said_at is None or is_confirmed else said_at
