"""What wants a title besides a run: lists that the run did not read or that hold it only since, and later pins."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, select

from list_sync.database.dialects import one_of
from list_sync.database.schema import item_lists, pins, run_lists, sent_requests, synced_items
from list_sync.model.runs import Run, RunStatus
from list_sync.model.sources import FetchState, ListKey
from list_sync.model.titles import MediaType, Quality, QualityKey
from list_sync.model.users import is_stated
from list_sync.storage.servers import shares_server


def load_other_lists(
    connection: Connection, household: str, run: Run, tmdb_ids: Collection[int], configured: Collection[ListKey]
) -> dict[QualityKey, list[str]]:
    """Return, by title and quality, the configured lists that want it although not in the run.

    Lists of other households that have the same server count as well.
    """
    links, items, read = item_lists.c, synced_items.c, run_lists.c
    in_run = select(read.list_type, read.list_id).where(
        (read.run_id == run.run_id) & (read.state != FetchState.FAILED.value)
    )
    # What a run read that was cut off is known from its requests alone.
    sent = sent_requests.c
    in_requests = select(sent.list_type, sent.list_id).where((sent.run_id == run.run_id) & sent.list_id.is_not(None))
    of_run = {ListKey(kind, list_id) for kind, list_id in connection.execute(in_run.union(in_requests))}
    is_about = shares_server(household) & one_of(items.overseerr_id, tmdb_ids) & links.absent_since.is_(None)
    names = (items.media_type, items.overseerr_id, items.quality, links.list_type, links.list_id, links.first_seen)
    joined = select(items.household, *names).join_from(synced_items, item_lists, links.item_id == items.id)
    found = defaultdict(list)
    # A run that was cut off recorded no titles: their links are from later runs.
    has_ended = run.status not in (RunStatus.RUNNING, RunStatus.INTERRUPTED)
    for owner, kind, tmdb_id, quality, list_type, list_id, first_seen in connection.execute(joined.where(is_about)):
        key = ListKey(list_type, list_id)
        is_later = bool(first_seen and has_ended and run.finished_at and first_seen > run.finished_at)
        if owner != household or (is_stated(key, configured) and (key not in of_run or is_later)):
            found[MediaType(kind), tmdb_id, Quality(quality)].append(key.name)
    return found


def load_pinned_since(
    connection: Connection, household: str, run: Run, tmdb_ids: Collection[int]
) -> frozenset[QualityKey]:
    """Return the titles, in each quality, that were pinned after the run began."""
    columns = pins.c
    is_later = (columns.household == household) & one_of(columns.tmdb_id, tmdb_ids)
    if run.started_at is not None:
        is_later &= columns.pinned_at > run.started_at
    statement = select(columns.media_type, columns.tmdb_id).where(is_later & columns.media_type.is_not(None))
    found = connection.execute(statement).all()
    return frozenset((MediaType(kind), tmdb_id, quality) for kind, tmdb_id in found for quality in Quality)
