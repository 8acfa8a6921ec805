"""What is imported from ListSync 0.6 or another program: runs, titles and requests, each once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, func, insert, select, update

from list_sync.database.dialects import in_batches, upsert
from list_sync.database.schema import households, item_lists, pins, sent_requests, sync_history, synced_items
from list_sync.database.schema_web import imported_names
from list_sync.model.decisions import ItemStatus
from list_sync.model.folding import fold_other
from list_sync.model.journal import KNOWN_BEFORE, REQUESTED_BEFORE, ImportedRequest, RequestState
from list_sync.model.report import SyncMode
from list_sync.model.runs import IMPORTED_BY, RunStatus
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaItem, MediaType, Quality, QualityKey, TitleKey
from list_sync.storage.journal import NO_SERVER
from list_sync.storage.sightings import source_key, title_row_key

# Of no run that has a number here.
_NO_RUN = 0


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """A run of 0.6 as it is stored here."""

    started_at: datetime
    finished_at: datetime | None
    mode: SyncMode
    status: RunStatus
    error: str
    processed: int
    requested: int
    skipped: int
    errored: int
    lists: int


@dataclass(frozen=True, slots=True)
class ImportedTitle:
    """A title of 0.6 with the state that it is shown in until the next sync, and the lists that hold it."""

    item: MediaItem
    status: ItemStatus
    reason: str
    seen_at: datetime
    lists: Mapping[ListKey, datetime | None] = field(default_factory=dict)

    def key_in(self, quality: Quality) -> str:
        """Return the key of its row."""
        kind, number = self.item.media_type, self.item.ids.tmdb
        return title_row_key((kind, number, quality)) if kind and number else source_key(self.item.key, quality)


def count_imported_runs(connection: Connection, household: str) -> int:
    """Return how many runs of the history were imported."""
    columns = sync_history.c
    imported = (columns.household == household) & (columns.asked_by == IMPORTED_BY)
    return connection.scalar(select(func.count()).where(imported)) or 0


def add_runs(connection: Connection, household: str, runs: Sequence[ImportedRun]) -> int:
    """Add runs to a history that has none, because numbers are the order of runs; return how many were added."""
    if not runs or connection.scalar(select(exists().where(sync_history.c.household == household))):
        return 0
    rows = [
        {
            "household": household,
            "sync_started": run.started_at,
            "sync_completed": run.finished_at,
            "sync_mode": run.mode.value,
            "status": run.status.value,
            "dry_run": False,
            "error": run.error or None,
            "items_processed": run.processed,
            "items_requested": run.requested,
            "items_skipped": run.skipped,
            "items_errored": run.errored,
            "lists_total": run.lists,
            "asked_by": IMPORTED_BY,
        }
        for run in sorted(runs, key=lambda run: run.started_at)
    ]
    connection.execute(insert(sync_history), rows)
    return len(rows)


def load_requested(connection: Connection, household: str) -> set[QualityKey]:
    """Return the titles that the journal knows of the household's server, or by an import, in any state."""
    columns = sent_requests.c
    server = select(households.c.server_id).where(households.c.name == household).scalar_subquery()
    is_known = (columns.server_id == server) | columns.answer.in_([REQUESTED_BEFORE, KNOWN_BEFORE])
    known = select(columns.media_type, columns.tmdb_id, columns.quality).where(is_known)
    rows = connection.execute(known.distinct())
    return {(MediaType(kind), tmdb_id, Quality(quality)) for kind, tmdb_id, quality in rows}


def add_requests(connection: Connection, household: str, requests: Iterable[ImportedRequest]) -> int:
    """Add what 0.6 requested to the journal, but for titles that it knows; return how many were added.

    A pin covers what was taken back before it.
    """
    known, rows = load_requested(connection, household), list[dict[str, object]]()
    pinned = _load_pinned(connection, household)
    for request in requests:
        key = (request.media_type, request.tmdb_id, request.quality)
        pinned_at = pinned.get(key[:2])
        if key in known or (pinned_at and request.at < pinned_at):
            continue
        known.add(key)
        rows.append(
            {
                "server_id": NO_SERVER,
                "run_id": _NO_RUN,
                "media_type": request.media_type.value,
                "tmdb_id": request.tmdb_id,
                "quality": request.quality.value,
                "seasons": "",
                "sent_at": request.at,
                "state": RequestState.IMPORTED.value,
                "answer": request.answer,
            }
        )
    for batch in in_batches(rows):
        connection.execute(insert(sent_requests), list(batch))
    return len(rows)


def _load_pinned(connection: Connection, household: str) -> dict[TitleKey, datetime]:
    """Return the titles that the user pinned, each with the time of its last pin."""
    columns = pins.c
    is_pin = (columns.household == household) & columns.media_type.is_not(None) & columns.tmdb_id.is_not(None)
    found = select(columns.media_type, columns.tmdb_id, columns.pinned_at).where(is_pin).order_by(columns.pinned_at)
    return {(MediaType(kind), tmdb_id): at for kind, tmdb_id, at in connection.execute(found)}


def add_titles(connection: Connection, household: str, titles: Iterable[ImportedTitle], quality: Quality) -> int:
    """Add titles with their lists, but for those that are here; return how many were added."""
    columns = synced_items.c
    found = connection.execute(select(columns.item_key).where(columns.household == household))
    known = {key for (key,) in found}
    added: dict[str, ImportedTitle] = {}
    for title in titles:
        key = title.key_in(quality)
        if key not in known:
            added.setdefault(key, title)
    for keys in in_batches(list(added)):
        rows = [_build_title(household, key, added[key], quality) for key in keys]
        connection.execute(insert(synced_items), rows)
        stored = select(columns.item_key, columns.id).where(
            (columns.household == household) & columns.item_key.in_(list(keys))
        )
        links = [
            _build_link(item_id, place, source, added[key], since)
            for key, item_id in connection.execute(stored)
            for place, (source, since) in enumerate(added[key].lists.items())
        ]
        if links:
            connection.execute(insert(item_lists), links)
    return len(added)


def _build_title(household: str, key: str, title: ImportedTitle, quality: Quality) -> dict[str, object]:
    item = title.item
    return {
        "household": household,
        "item_key": key,
        "title": item.title,
        "folded": fold_other(item.title),
        "media_type": item.media_type.value if item.media_type else None,
        "year": item.year,
        "imdb_id": item.ids.imdb,
        "overseerr_id": item.ids.tmdb if item.media_type else None,
        "status": title.status.value,
        "reason": title.reason,
        "last_synced": title.seen_at,
        "first_seen": min([title.seen_at, *filter(None, title.lists.values())]),
        "changed_at": title.seen_at,
        "provider_source": next((source.name for source in title.lists), None),
        "run_id": _NO_RUN,
        "quality": quality.value,
    }


def _build_link(
    item_id: int, place: int, source: ListKey, title: ImportedTitle, since: datetime | None
) -> dict[str, object]:
    return {
        "item_id": item_id,
        "list_type": source.provider,
        "list_id": source.list_id,
        "position": place,
        "run_id": _NO_RUN,
        "first_seen": since or title.seen_at,
    }


def show_states(connection: Connection, household: str, states: Mapping[QualityKey, tuple[ItemStatus, str]]) -> None:
    """Show imported titles, which no sync has seen yet, in the states that the server gives them."""
    columns = synced_items.c
    of_import = (columns.household == household) & (columns.run_id == _NO_RUN) & (columns.item_key == bindparam("key"))
    statement = update(synced_items).where(of_import).values(status=bindparam("state"), reason=bindparam("words"))
    rows = [
        {"key": title_row_key(key), "state": status.value, "words": words} for key, (status, words) in states.items()
    ]
    if rows:
        connection.execute(statement, rows)


def load_names(connection: Connection, household: str, thing: str) -> frozenset[str]:
    """Return the names of things of a kind that were imported before."""
    columns = imported_names.c
    chosen = (columns.household == household) & (columns.thing == thing)
    return frozenset(connection.scalars(select(columns.name).where(chosen)))


def remember_names(connection: Connection, household: str, thing: str, names: Collection[str], *, at: datetime) -> None:
    """Store the names of things that were imported."""
    rows: list[dict[str, object]] = [{"household": household, "thing": thing, "name": name, "at": at} for name in names]
    upsert(connection, imported_names, rows)
