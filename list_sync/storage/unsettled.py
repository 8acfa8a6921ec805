"""The titles that were known before a run and are not requested yet, since when, and how many runs requested."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from list_sync.database.dialects import in_batches
from list_sync.database.schema import item_lists, run_lists, sync_history, synced_items
from list_sync.model.decisions import ItemStatus, Request
from list_sync.model.runs import RunStatus
from list_sync.model.sources import FetchState, ListKey
from list_sync.model.titles import MediaType, Quality, QualityKey, TitleKey
from list_sync.model.waiting import HELD_BY_THE_BRAKE
from list_sync.storage.item_links import LEFT_AFTER_READINGS
from list_sync.storage.lists import is_list
from list_sync.storage.sightings import is_of, source_key, title_row_key

_STATUSES = (
    ItemStatus.WAITING,
    # Of a dry run: without it, a plan would change whose turn is next.
    ItemStatus.WOULD_REQUEST,
    ItemStatus.REQUEST_FAILED,
    ItemStatus.ERROR,
    ItemStatus.NOT_FOUND,
    ItemStatus.NEEDS_REVIEW,
)
_KINDS = {kind.value: kind for kind in MediaType}
_QUALITIES = {quality.value: quality for quality in Quality}


@dataclass(slots=True)
class Unsettled:
    """Titles that a run before this one saw and did not request: since when, which the brake holds, and entries that
    were not matched, by the keys of their rows.

    `synced_at` is the end of the last run that was no dry run: what only dry runs saw has not waited.
    """

    known_since: dict[QualityKey, datetime] = field(default_factory=dict)
    braked: set[QualityKey] = field(default_factory=set)
    unmatched: set[str] = field(default_factory=set)
    synced_at: datetime | None = None

    def is_held(self, request: Request) -> bool:
        """Return whether the brake holds the title."""
        return request.quality_key in self.braked

    def has_waited(self, request: Request) -> bool:
        """Return whether the title waited for another reason than the brake."""
        if since := self.known_since.get(request.quality_key):
            return not self.is_held(request) and self.was_synced(since)
        aliases = request.match.wanted.item.keys if self.unmatched else ()
        return any(source_key(alias, request.quality) in self.unmatched for alias in aliases)

    def was_synced(self, since: datetime) -> bool:
        """Return whether a run that was no dry run has seen what is known since a moment."""
        return self.synced_at is not None and since <= self.synced_at


def load_unsettled(connection: Connection, household: str) -> Unsettled:
    """Return the titles of a household that wait, or whose look-up or request failed."""
    columns = synced_items.c
    names = ("item_key", "media_type", "overseerr_id", "quality", "reason", "first_seen")
    chosen = is_of(household) & columns.status.in_([status.value for status in _STATUSES])
    found = Unsettled(synced_at=_find_last_sync(connection, household))
    for item_key, kind, tmdb_id, quality, reason, first_seen in connection.execute(
        select(*(columns[name] for name in names)).where(chosen)
    ):
        if tmdb_id is None or kind is None:
            if found.was_synced(first_seen):
                found.unmatched.add(item_key)
            continue
        key = (_KINDS[kind], tmdb_id, _QUALITIES[quality])
        found.known_since[key] = first_seen
        if reason == HELD_BY_THE_BRAKE:
            found.braked.add(key)
    return found


def load_doubted(connection: Connection, household: str) -> frozenset[TitleKey]:
    """Return the titles whose TMDB number seemed wrong, and that wait for a decision of the user."""
    columns = synced_items.c
    waiting = columns.overseerr_id.is_not(None) & (columns.status == ItemStatus.NEEDS_REVIEW.value)
    rows = connection.execute(select(columns.media_type, columns.overseerr_id).where(is_of(household) & waiting))
    return frozenset((_KINDS[kind], tmdb_id) for kind, tmdb_id in rows)


def _find_last_sync(connection: Connection, household: str) -> datetime | None:
    columns = sync_history.c
    synced = (columns.household == household) & columns.dry_run.is_(False) & columns.undoes.is_(None)
    ended = synced & columns.sync_started.is_not(None) & columns.sync_completed.is_not(None)
    return connection.scalar(select(columns.sync_completed).where(ended).order_by(columns.id.desc()).limit(1))


def load_first_seen(
    connection: Connection, household: str, source: ListKey, titles: Collection[QualityKey]
) -> dict[QualityKey, datetime]:
    """Return when each of these titles was first seen on a list; those that were not are left out."""
    by_row = {title_row_key(key): key for key in titles}
    # Links from before first_seen was stored are at least as old as their title.
    first_seen = func.coalesce(item_lists.c.first_seen, synced_items.c.first_seen, type_=synced_items.c.first_seen.type)
    statement = select(synced_items.c.item_key, first_seen).join(item_lists, item_lists.c.item_id == synced_items.c.id)
    seen: dict[QualityKey, datetime] = {}
    for keys in in_batches(list(by_row)):
        # A title that left for good and came back is a new one.
        is_known = item_lists.c.absent_readings < LEFT_AFTER_READINGS
        which = is_of(household) & is_list(item_lists, source) & is_known & synced_items.c.item_key.in_(keys)
        seen |= {by_row[item_key]: moment for item_key, moment in connection.execute(statement.where(which))}
    return seen


def load_requested(connection: Connection, household: str, *, limit: int) -> list[int]:
    """Return how many titles the latest runs requested that requested any, newest first."""
    columns = sync_history.c
    asked = (columns.household == household) & columns.dry_run.is_(False) & (columns.items_requested > 0)
    latest = select(columns.items_requested).where(asked).order_by(columns.id.desc()).limit(limit)
    return list(connection.scalars(latest))


def load_read_lists(connection: Connection, household: str) -> dict[ListKey, bool]:
    """Return the lists that were read in runs that went through, but for dry runs, and whether any was complete."""
    columns, runs = run_lists.c, sync_history.c
    went_through = (runs.household == household) & runs.dry_run.is_(False) & (runs.status == RunStatus.COMPLETED.value)
    is_complete = func.max(case((columns.state == FetchState.COMPLETE.value, 1), else_=0))
    read = select(columns.list_type, columns.list_id, is_complete).join(sync_history, runs.id == columns.run_id)
    found = connection.execute(
        read.where(went_through & (columns["items"] > 0)).group_by(columns.list_type, columns.list_id)
    )
    return {ListKey(provider, list_id): bool(complete) for provider, list_id, complete in found}
