"""The outcomes of one run, grouped by the key of the row that they belong to, and the state that the row shows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from list_sync.database.dialects import one_of
from list_sync.database.schema import synced_items
from list_sync.model.decisions import ItemStatus, Request, RequestOutcome
from list_sync.model.matches import Match, NoMatch, NoMatchReason
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaIds, MediaItem, MediaType, Quality, QualityKey
from list_sync.model.waiting import HELD_BY_THE_BRAKE

# Row key → the outcomes of that row; usually one.
Sightings = dict[str, tuple[RequestOutcome, ...]]

_KINDS = {kind.value: kind for kind in MediaType}
# These reasons do not contradict an earlier match of the entry; the other reasons do.
_MATCH_STANDS = {NoMatchReason.LOOKUP_FAILED, NoMatchReason.BANNED}

_ON_SERVER = frozenset({ItemStatus.REQUESTED, ItemStatus.ALREADY_REQUESTED, ItemStatus.ALREADY_AVAILABLE})
# For each new state, the old states that it does not replace; other new states replace all.
_KEPT = {
    # A dry run changed nothing on the server.
    ItemStatus.WOULD_REQUEST: frozenset(ItemStatus) - {ItemStatus.WOULD_REQUEST},
    # It is requested by us, which is more precise.
    ItemStatus.ALREADY_REQUESTED: frozenset({ItemStatus.REQUESTED}),
    # The result of a look-up does not change what the server has.
    ItemStatus.NOT_FOUND: _ON_SERVER,
    ItemStatus.NEEDS_REVIEW: _ON_SERVER,
    # A failed look-up proves nothing.
    ItemStatus.ERROR: frozenset(ItemStatus)
    - {ItemStatus.WOULD_REQUEST, ItemStatus.WAITING, ItemStatus.REQUEST_FAILED, ItemStatus.ERROR},
}


def gather_sightings(connection: Connection, household: str, outcomes: Sequence[RequestOutcome]) -> Sightings:
    """Return the outcomes by row: matched titles by kind and TMDB id, the others by their source's key.

    An entry that could not be looked up this time, or was banned, belongs to the row that it was matched to before.
    """
    still_matched = _find_still_matched(connection, household, outcomes)
    sightings: Sightings = {}
    for outcome in outcomes:
        result, quality = outcome.result, outcome.decision.quality
        if isinstance(result, Match):
            key = title_row_key((result.media_type, result.tmdb_id, quality))
        else:
            stands = result.reason in _MATCH_STANDS
            keys = [source_key(key, quality) for key in result.wanted.item.keys] if stands and still_matched else ()
            found = map(still_matched.get, keys)
            key = next(filter(None, found), None) or source_key(result.wanted.item.key, quality)
        sightings[key] = (*sightings[key], outcome) if key in sightings else (outcome,)
    return sightings


def is_of(household: str) -> ColumnElement[bool]:
    """Return the condition on titles of one household."""
    return synced_items.c.household == household


def is_alone(connection: Connection, household: str) -> bool:
    """Return whether all titles are those of one household."""
    is_other = or_(synced_items.c.household < household, synced_items.c.household > household)
    return connection.scalar(select(synced_items.c.id).where(is_other).limit(1)) is None


def source_key(key: str, quality: Quality) -> str:
    """Return the row key of an entry without a match."""
    return f"{key}:{quality.value}"


def title_row_key(key: QualityKey) -> str:
    """Return the row key of a title that was matched."""
    media_type, tmdb_id, quality = key
    return source_key(f"{media_type.value}:{tmdb_id}", quality)


def choose_outcome(outcomes: Sequence[RequestOutcome]) -> RequestOutcome:
    """Return the outcome that a row shows: a request counts most, then a match, then the first outcome."""
    if len(outcomes) == 1:
        return outcomes[0]
    return max(outcomes, key=lambda outcome: (isinstance(outcome.decision, Request), isinstance(outcome.result, Match)))


def find_seen(outcomes: Sequence[RequestOutcome]) -> dict[ListKey, datetime | None]:
    """Return all lists of a row's outcomes, in order, each with the moment at which the title was added to it.

    A list that does not want the title, for example because of a filter, holds it all the same.
    """
    seen: dict[ListKey, datetime | None] = {}
    for outcome in outcomes:
        wanted, quality = outcome.result.wanted, outcome.decision.quality
        added = {source: entry.added_at for source, entry in wanted.all_entries}
        holding = added if isinstance(outcome.result, Match) else ()
        others = [source for source in holding if quality in source.terms.qualities]
        for source in (*wanted.sources, *others):
            seen.setdefault(source.key, added.get(source))
    return seen


def keep_held(reason: object, outcomes: tuple[RequestOutcome, ...]) -> tuple[RequestOutcome, ...]:
    """Return the outcomes of a title in a dry run, which never releases a title that the brake holds."""
    if reason != HELD_BY_THE_BRAKE:
        return outcomes
    waiting = ItemStatus.WAITING
    return tuple(replace(one, reason=HELD_BY_THE_BRAKE) if one.status is waiting else one for one in outcomes)


def next_state(old: ItemStatus, new: ItemStatus) -> ItemStatus:
    """Return the state to store for a title with the former state `old` and the new result `new`."""
    return old if old in _KEPT.get(new, ()) else new


def _find_still_matched(connection: Connection, household: str, outcomes: Iterable[RequestOutcome]) -> dict[str, str]:
    items = [
        outcome.result.wanted.item
        for outcome in outcomes
        if isinstance(outcome.result, NoMatch) and outcome.result.reason in _MATCH_STANDS
    ]
    if not items:
        return {}
    columns = synced_items.c
    is_alike = (
        one_of(columns.imdb_id, [item.ids.imdb for item in items if item.ids.imdb])
        | one_of(columns.tvdb_id, [item.ids.tvdb for item in items if item.ids.tvdb])
        | one_of(columns.overseerr_id, [item.ids.tmdb for item in items if item.ids.tmdb])
        | one_of(columns.title, [item.title for item in items if item.title])
    )
    statement = select(
        columns.item_key,
        columns.title,
        columns.media_type,
        columns.year,
        columns.imdb_id,
        columns.tvdb_id,
        columns.overseerr_id,
        columns.quality,
    ).where(is_of(household) & is_alike & columns.overseerr_id.is_not(None))
    rows = defaultdict(set)
    for row_key, title, kind, year, imdb_id, tvdb_id, tmdb_id, quality in connection.execute(statement):
        for key in MediaItem(title, _KINDS[kind], year, MediaIds(tmdb_id, imdb_id, tvdb_id)).keys:
            rows[source_key(key, Quality(quality))].add(row_key)
    return {key: found.pop() for key, found in rows.items() if len(found) == 1}
