"""The lists of each title, the most important list first, and the titles that left a list."""

from collections import defaultdict
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, select, true, update

from list_sync.database.dialects import one_of, upsert
from list_sync.database.schema import item_lists, synced_items
from list_sync.model.report import SyncReport
from list_sync.model.sources import FetchResult, FetchState, ListKey
from list_sync.storage.lists import is_list

# A title left a list for good if this many complete readings in a row, of full runs, were without it.
LEFT_AFTER_READINGS = 2
IS_PRESENT = item_lists.c.absent_since.is_(None)


@dataclass(frozen=True, slots=True)
class Link:
    """How a title is on one list: since when for us, and since when as the source states it.

    A title that left has `absent_since`, the moment of the first reading without it. If it comes back after it had
    left for good, `first_seen` and `returned_at` are that moment.
    """

    position: int
    first_seen: datetime | None = None
    added_at: datetime | None = None
    absent_since: datetime | None = None
    absent_readings: int = 0
    returned_at: datetime | None = None

    @property
    def is_present(self) -> bool:
        """Return whether the list held the title when it was last read."""
        return self.absent_since is None

    @property
    def has_left(self) -> bool:
        """Return whether enough readings were without the title."""
        return self.absent_readings >= LEFT_AFTER_READINGS


# Its lists, each with how it is on it.
Links = Mapping[ListKey, Link]
# The lists on which a run saw a title, most important first, each with the moment that the source states.
Seen = Mapping[ListKey, datetime | None]
_FACTS = [item_lists.c[name] for name in Link.__slots__]


def load_links(connection: Connection, item_ids: Sequence[int]) -> dict[int, dict[ListKey, Link]]:
    """Return the lists of each of these titles, also those that it left."""
    if not item_ids:
        return {}
    columns = item_lists.c
    links: dict[int, dict[ListKey, Link]] = defaultdict(dict)
    statement = select(columns.item_id, columns.list_type, columns.list_id, *_FACTS)
    rows = connection.execute(statement.where(one_of(columns.item_id, item_ids)))
    for item_id, list_type, list_id, *facts in rows:
        links[item_id][ListKey(list_type, list_id)] = Link(*facts)
    return links


def merge_links(known: Links, seen: Seen, *, at: datetime) -> dict[ListKey, Link]:
    """Return the lists of a title after a run that saw it.

    A run of all lists also sets their order; a run of some lists only adds.
    """
    present = {key: link for key, link in known.items() if link.is_present}
    if present.keys() <= seen.keys():
        places = {key: position for position, key in enumerate(seen)}
    else:
        first_free = max(link.position for link in present.values()) + 1
        added = [key for key in seen if key not in present]
        places = {key: link.position for key, link in present.items() if key in seen}
        places |= {key: first_free + number for number, key in enumerate(added)}
    return {**known, **{key: _see(known.get(key), places[key], seen[key], at) for key in seen}}


def _see(known: Link | None, position: int, added_at: datetime | None, at: datetime) -> Link:
    if known is None:
        return Link(position, at, added_at)
    first_seen, returned_at = (at, at) if known.has_left else (known.first_seen, known.returned_at)
    return Link(position, first_seen, added_at or known.added_at, returned_at=returned_at)


def name_lists(links: Links) -> list[str]:
    """Return the lists that hold a title as they may be shown, the most important one first."""
    present = [key for key, link in links.items() if link.is_present]
    return [key.name for key in sorted(present, key=lambda key: (links[key].position, key))]


def save_links(
    connection: Connection,
    links: Mapping[int, Links],
    seen: Mapping[int, Seen],
    *,
    changed: Container[int],
    run_id: int,
) -> None:
    """Write the links of the `changed` titles, and mark all links that this run saw."""
    rows: list[dict[str, object]] = []
    seen_whole: list[int] = []
    seen_on = defaultdict(list)
    for item_id, keys in seen.items():
        if item_id in changed:
            rows += [_build_row(item_id, key, links[item_id][key], run_id) for key in keys]
        elif keys.keys() == links[item_id].keys():
            seen_whole.append(item_id)
        else:
            for key in keys:
                seen_on[key].append(item_id)
    upsert(connection, item_lists, rows)
    _touch(connection, seen_whole, true(), run_id=run_id)
    for key, item_ids in seen_on.items():
        _touch(connection, item_ids, is_list(item_lists, key), run_id=run_id)


def _build_row(item_id: int, key: ListKey, link: Link, run_id: int) -> dict[str, object]:
    facts = {name: getattr(link, name) for name in Link.__slots__}
    return {"item_id": item_id, "list_type": key.provider, "list_id": key.list_id, "run_id": run_id} | facts


def mark_left(
    connection: Connection, household: str, report: SyncReport, *, is_full_run: bool, resting: Collection[ListKey] = ()
) -> None:
    """Mark the titles that lists do not hold any more which were read completely in this run.

    Complete readings in a row count, if a full run made them and was no dry run. A reading from the cache counts for
    nothing new, also if the clock was ahead when it was made; a list that was not read completely, or not at all,
    begins anew, unless it is a `resting` one.
    """
    counts = is_full_run and not report.dry_run
    complete = [result for result in report.fetched if result.state is FetchState.COMPLETE]
    for result in complete:
        is_new = counts and report.started_at <= result.fetched_at <= report.finished_at
        _mark_left_one(connection, household, result, run_id=report.run_id, is_new=is_new)
    if counts:
        _begin_anew(connection, household, apart_from={result.source.key for result in complete} | set(resting))


def _mark_left_one(connection: Connection, household: str, result: FetchResult, *, run_id: int, is_new: bool) -> None:
    """Mark the titles that left one list.

    Only titles in a quality that the list wants now are handled, because the run did not see the others.
    """
    columns = item_lists.c
    qualities = [quality.value for quality in result.source.terms.qualities]
    wanted = (synced_items.c.household == household) & synced_items.c.quality.in_(qualities)
    # Asked of the titles of this list, not of all titles for each list.
    is_wanted = exists().where(wanted & (synced_items.c.id == columns.item_id))
    of_list = is_list(item_lists, result.source.key) & is_wanted
    seen = connection.scalar(select(columns.item_id).where(of_list & (columns.run_id == run_id)).limit(1))
    # The list has titles but none was recorded, so the outcomes are missing, not the titles.
    if result.items and seen is None:
        return
    left = of_list & (columns.run_id != run_id)
    item_ids = connection.scalars(select(columns.item_id).where(left & IS_PRESENT)).all()
    if item_ids:
        connection.execute(update(item_lists).where(left & IS_PRESENT).values(absent_since=result.fetched_at))
        _name_next_source(connection, item_ids, result.source.key.name)
    if is_new:
        counted = left & (columns.absent_readings < LEFT_AFTER_READINGS)
        connection.execute(update(item_lists).where(counted).values(absent_readings=columns.absent_readings + 1))


def _begin_anew(connection: Connection, household: str, *, apart_from: Collection[ListKey]) -> None:
    """Count again from nothing where a title is missing from some readings of another list than these."""
    columns = item_lists.c
    is_open = columns.absent_readings.between(1, LEFT_AFTER_READINGS - 1)
    own = exists().where((synced_items.c.household == household) & (synced_items.c.id == columns.item_id))
    rows = connection.execute(select(columns.list_type, columns.list_id).where(is_open).distinct())
    for key in {ListKey(*row) for row in rows} - set(apart_from):
        connection.execute(update(item_lists).where(is_open & own & is_list(item_lists, key)).values(absent_readings=0))


def _touch(connection: Connection, item_ids: Sequence[int], condition: ColumnElement[bool], *, run_id: int) -> None:
    if item_ids:
        chosen = one_of(item_lists.c.item_id, item_ids) & condition
        connection.execute(update(item_lists).where(chosen).values(run_id=run_id))


def _name_next_source(connection: Connection, item_ids: Sequence[int], left: str) -> None:
    for item_id, links in load_links(connection, item_ids).items():
        # A title on no list any more keeps the last one.
        for name in name_lists(links)[:1]:
            of_item = (synced_items.c.id == item_id) & (synced_items.c.provider_source == left)
            connection.execute(update(synced_items).where(of_item).values(provider_source=name))
