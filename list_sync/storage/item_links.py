"""The lists of each title, the most important list first."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, delete, exists, select, true, update

from list_sync.database.dialects import one_of, upsert
from list_sync.database.schema import item_lists, synced_items
from list_sync.model.sources import FetchResult, FetchState, ListKey, ListRef
from list_sync.storage.lists import is_list

_COLUMNS = ("item_id", "list_type", "list_id", "position", "run_id")
# Its lists, each with its position.
Links = Mapping[ListKey, int]


def load_links(connection: Connection, item_ids: Sequence[int]) -> dict[int, dict[ListKey, int]]:
    """Return the lists of each of these titles."""
    if not item_ids:
        return {}
    columns = item_lists.c
    links: dict[int, dict[ListKey, int]] = defaultdict(dict)
    statement = select(columns.item_id, columns.list_type, columns.list_id, columns.position)
    rows = connection.execute(statement.where(one_of(columns.item_id, item_ids)))
    for item_id, list_type, list_id, position in rows:
        links[item_id][ListKey(list_type, list_id)] = position
    return links


def merge_links(known: Links, sources: Sequence[ListRef]) -> dict[ListKey, int]:
    """Return the lists of a title after a run that saw it on `sources`.

    A run of all lists also sets their order; a run of some lists only adds.
    """
    seen = dict.fromkeys(source.key for source in sources)
    if known.keys() <= seen.keys():
        return {key: position for position, key in enumerate(seen)}
    added = [key for key in seen if key not in known]
    first_free = max(known.values()) + 1
    return {**known, **{key: first_free + number for number, key in enumerate(added)}}


def name_lists(links: Links) -> list[str]:
    """Return the lists as they may be shown, the most important one first."""
    return [key.name for key in sorted(links, key=lambda key: (links[key], key))]


def save_links(
    connection: Connection,
    links: Mapping[int, Links],
    seen: Mapping[int, Sequence[ListRef]],
    *,
    changed: Container[int],
    run_id: int,
) -> None:
    """Write the links of the `changed` titles, and mark all links that this run saw."""
    rows: list[dict[str, object]] = []
    seen_whole: list[int] = []
    seen_on = defaultdict(list)
    for item_id, sources in seen.items():
        keys = {source.key for source in sources}
        if item_id in changed:
            rows += [
                dict(zip(_COLUMNS, (item_id, *key, position, run_id), strict=True))
                for key, position in links[item_id].items()
                if key in keys
            ]
        elif keys == links[item_id].keys():
            seen_whole.append(item_id)
        else:
            for key in keys:
                seen_on[key].append(item_id)
    upsert(connection, item_lists, rows)
    _touch(connection, seen_whole, true(), run_id=run_id)
    for key, item_ids in seen_on.items():
        _touch(connection, item_ids, is_list(item_lists, key), run_id=run_id)


def drop_left_links(connection: Connection, household: str, fetched: Sequence[FetchResult], *, run_id: int) -> None:
    """Remove links to lists that were read completely in this run and do not hold the title any more.

    Only titles in a quality that the list wants now are handled, because the run did not see the others.
    """
    columns = item_lists.c
    for result in fetched:
        if result.state is not FetchState.COMPLETE:
            continue
        qualities = [quality.value for quality in result.source.terms.qualities]
        wanted = (synced_items.c.household == household) & synced_items.c.quality.in_(qualities)
        # Asked of the titles of this list, not of all titles for each list.
        is_wanted = exists().where(wanted & (synced_items.c.id == columns.item_id))
        of_list = is_list(item_lists, result.source.key) & is_wanted
        seen = connection.scalar(select(columns.item_id).where(of_list & (columns.run_id == run_id)).limit(1))
        # The list has titles but none was recorded, so the outcomes are missing, not the titles.
        if result.items and seen is None:
            continue
        left = of_list & (columns.run_id != run_id)
        item_ids = connection.scalars(select(columns.item_id).where(left)).all()
        connection.execute(delete(item_lists).where(left))
        _name_next_source(connection, item_ids, result.source.key.name)


def _touch(connection: Connection, item_ids: Sequence[int], condition: ColumnElement[bool], *, run_id: int) -> None:
    if item_ids:
        chosen = one_of(item_lists.c.item_id, item_ids) & condition
        connection.execute(update(item_lists).where(chosen).values(run_id=run_id))


def _name_next_source(connection: Connection, item_ids: Sequence[int], left: str) -> None:
    for item_id, links in load_links(connection, item_ids).items():
        of_item = (synced_items.c.id == item_id) & (synced_items.c.provider_source == left)
        connection.execute(
            update(synced_items).where(of_item).values(provider_source=next(iter(name_lists(links)), None))
        )
