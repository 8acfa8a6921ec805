"""Records the outcomes of a run for its titles. (title_search.py finds stored titles.)"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from list_sync.database.dialects import in_batches, one_of
from list_sync.database.schema import item_events, item_lists, review_candidates, synced_items
from list_sync.model.decisions import ItemStatus, RequestOutcome, Skip
from list_sync.model.folding import fold_other
from list_sync.model.matches import Candidate, Match, MatchMethod, NoMatch
from list_sync.model.shown import find_turn
from list_sync.model.sources import ListKey
from list_sync.model.waiting import find_essence
from list_sync.storage.explanations import build_explanation, pack_explanation
from list_sync.storage.item_links import Links, Seen, load_links, merge_links, name_lists, save_links
from list_sync.storage.sightings import (
    Sightings,
    choose_outcome,
    find_seen,
    gather_sightings,
    is_of,
    keep_held,
    next_state,
    source_key,
)
from list_sync.storage.untitled import name_untitled

# The columns of a row that a run may change, besides last_synced and run_id.
_OF_ENTRY = ("item_key", "title", "media_type", "year", "imdb_id", "tvdb_id", "overseerr_id", "provider_source")
_OF_STATE = ("status", "reason", "method", "explanation", "changed_at", "requester_id", "goes_at")
_CHANGING = (*_OF_ENTRY, "folded", *_OF_STATE)
# What the lists of a run say of a title that they leave out; other lists may want it.
_LEFT_OUT = frozenset({ItemStatus.EXCLUDED, ItemStatus.FILTERED})
_Values = dict[str, Any]
_LOAD = select(synced_items.c.id, *(synced_items.c[name] for name in _CHANGING))
# The present explanation is in the title's row; an event holds that of a state which is over.
_newest = select(func.max(item_events.c.id)).where(item_events.c.item_id == bindparam("row_id")).scalar_subquery()
_KEEP_EXPLANATION = update(item_events).where(item_events.c.id == _newest).values(explanation=bindparam("former"))
_UPDATE = (
    update(synced_items)
    .where(synced_items.c.id == bindparam("row_id"))
    .values({name: bindparam(name) for name in (*_CHANGING, "last_synced", "run_id")})
)


@dataclass(slots=True)
class _Changes:
    """The changes for one batch of titles."""

    seen: dict[int, Seen] = field(default_factory=dict)
    links: dict[int, Links] = field(default_factory=dict)
    relinked: set[int] = field(default_factory=set)
    updates: list[_Values] = field(default_factory=list)
    events: list[_Values] = field(default_factory=list)
    former: list[_Values] = field(default_factory=list)
    candidates: dict[int, tuple[Candidate, ...]] = field(default_factory=dict)


def record_outcomes(
    connection: Connection,
    household: str,
    outcomes: Sequence[RequestOutcome],
    *,
    run_id: int,
    at: datetime,
    resting: Collection[ListKey] = (),
    is_dry_run: bool = False,
) -> None:
    """Record the outcome of every title that a run saw: one row per kind, TMDB id and quality.

    For a title with the same state and reason, only last_synced is updated. A title that the lists of this run leave
    out keeps its state while one of the `resting` lists, which this run did not read, holds it.
    """
    sightings = gather_sightings(connection, household, outcomes)
    _adopt_unmatched(connection, household, sightings)
    for keys in in_batches(list(sightings)):
        rows = _load_rows(connection, household, keys)
        added = {key: sightings[key] for key in keys if key not in rows}
        _insert_rows(connection, household, added, run_id=run_id, at=at)
        known = {
            item_id: (values, keep_held(values["reason"], sightings[key]) if is_dry_run else sightings[key])
            for key, (item_id, values) in rows.items()
        }
        _update_rows(connection, known, resting, run_id=run_id, at=at)
    results = [outcome.result for outcome in outcomes]
    if any(isinstance(result, Match) and not result.wanted.item.title for result in results):
        name_untitled(connection, household)


def _load_rows(connection: Connection, household: str, keys: Sequence[str]) -> dict[str, tuple[int, _Values]]:
    rows = connection.execute(_LOAD.where(is_of(household) & synced_items.c.item_key.in_(keys)))
    return {row[1]: (row[0], dict(zip(_CHANGING, row[1:], strict=True))) for row in rows}


def _adopt_unmatched(connection: Connection, household: str, sightings: Sightings) -> None:
    """Move the rows of entries that now have a better key to that key."""
    columns = synced_items.c
    chosen = is_of(household) & columns.overseerr_id.is_(None)
    unmatched = {row.item_key: row.id for row in connection.execute(select(columns.item_key, columns.id).where(chosen))}
    if not unmatched:
        return
    for key, outcomes in sightings.items():
        for outcome in outcomes:
            for alias in outcome.result.wanted.item.keys:
                old_key = source_key(alias, outcome.decision.quality)
                if old_key in unmatched and old_key not in sightings:
                    _move_row(connection, household, unmatched.pop(old_key), key)


def _move_row(connection: Connection, household: str, item_id: int, key: str) -> None:
    columns = synced_items.c
    kept_id = connection.scalar(select(columns.id).where(is_of(household) & (columns.item_key == key)))
    if kept_id is None:
        connection.execute(update(synced_items).where(columns.id == item_id).values(item_key=key))
        return
    connection.execute(update(item_events).where(item_events.c.item_id == item_id).values(item_id=kept_id))
    links = item_lists.alias()
    has_link = select(links.c.item_id).where(
        (links.c.item_id == kept_id)
        & (links.c.list_type == item_lists.c.list_type)
        & (links.c.list_id == item_lists.c.list_id)
    )
    moved = (item_lists.c.item_id == item_id) & ~has_link.exists()
    connection.execute(update(item_lists).where(moved).values(item_id=kept_id))
    connection.execute(delete(synced_items).where(columns.id == item_id))


def _insert_rows(connection: Connection, household: str, added: Sightings, *, run_id: int, at: datetime) -> None:
    if not added:
        return
    chosen = {key: choose_outcome(outcomes) for key, outcomes in added.items()}
    links = {key: merge_links({}, find_seen(outcomes), at=at) for key, outcomes in added.items()}
    rows = {key: _build_row(_new(key, at), chosen[key], links[key]) for key in added}
    fixed = {"household": household, "last_synced": at, "first_seen": at, "run_id": run_id}
    connection.execute(
        insert(synced_items),
        [
            row | fixed | {"folded": fold_other(row["title"]), "quality": chosen[key].decision.quality.value}
            for key, row in rows.items()
        ],
    )
    columns = synced_items.c
    changes = _Changes()
    stored = select(columns.item_key, columns.id).where(is_of(household) & columns.item_key.in_(list(rows)))
    for key, item_id in connection.execute(stored):
        changes.seen[item_id] = find_seen(added[key])
        changes.links[item_id] = links[key]
        changes.relinked.add(item_id)
        changes.events.append(_build_event(item_id, rows[key], run_id=run_id, at=at))
        if candidates := _find_candidates(chosen[key]):
            changes.candidates[item_id] = candidates
    _save(connection, changes, run_id=run_id)


def _new(key: str, at: datetime) -> _Values:
    return {"item_key": key, "explanation": None, "changed_at": at}


def _update_rows(
    connection: Connection,
    known: Mapping[int, tuple[_Values, tuple[RequestOutcome, ...]]],
    resting: Collection[ListKey],
    *,
    run_id: int,
    at: datetime,
) -> None:
    if not known:
        return
    changes = _Changes()
    item_ids = list(known)
    links = load_links(connection, item_ids)
    for item_id, (old, outcomes) in known.items():
        outcome = choose_outcome(outcomes)
        seen = changes.seen[item_id] = find_seen(outcomes)
        merged = changes.links[item_id] = merge_links(links[item_id], seen, at=at)
        if merged != links[item_id]:
            changes.relinked.add(item_id)
        is_held_elsewhere = any(key in resting and link.is_present for key, link in merged.items())
        is_of_others = is_held_elsewhere and isinstance(outcome.result, Match) and outcome.status in _LEFT_OUT
        new = _merge_row(old, outcome, _build_row(old, outcome, merged), keeps_state=is_of_others)
        _compare(item_id, old, new, _find_candidates(outcome), changes, run_id=run_id, at=at)
    are_seen = synced_items.c.id.in_(item_ids)
    connection.execute(update(synced_items).where(are_seen).values(last_synced=at, run_id=run_id))
    _save(connection, changes, run_id=run_id)


def _compare(
    item_id: int,
    old: _Values,
    new: _Values,
    candidates: tuple[Candidate, ...],
    changes: _Changes,
    *,
    run_id: int,
    at: datetime,
) -> None:
    # While a title waits, only its row follows when it goes: an event for each title and run would be very many.
    if (new["status"], find_essence(str(new["reason"]))) != (old["status"], find_essence(str(old["reason"]))):
        new["changed_at"] = at
        changes.events.append(_build_event(item_id, new, run_id=run_id, at=at))
        if old["explanation"] is not None:
            changes.former.append({"row_id": item_id, "former": old["explanation"]})
    if new != old:
        changes.updates.append({**new, "row_id": item_id, "last_synced": at, "run_id": run_id})
    if candidates or (old["status"] == ItemStatus.NEEDS_REVIEW and new["status"] != old["status"]):
        changes.candidates[item_id] = candidates


def _build_row(old: Mapping[str, Any], outcome: RequestOutcome, links: Links) -> _Values:
    result = outcome.result
    item = result.wanted.item
    match = result if isinstance(result, Match) else None
    kind = match.media_type if match else item.media_type
    told = build_explanation(outcome, old["explanation"])
    return {
        "item_key": old["item_key"],
        "title": item.title,
        "media_type": kind.value if kind else None,
        "year": item.year,
        "imdb_id": item.ids.imdb,
        "tvdb_id": item.ids.tvdb,
        "overseerr_id": match.tmdb_id if match else None,
        "status": outcome.status.value,
        "reason": outcome.reason,
        "method": match.method.value if match else None,
        "provider_source": next(iter(name_lists(links)), None),
        "explanation": pack_explanation(told),
        "changed_at": old["changed_at"],
        "requester_id": told.requester_id if told.source else None,
        "goes_at": find_turn(outcome.reason),
    }


def _merge_row(old: _Values, outcome: RequestOutcome, new: _Values, *, keeps_state: bool) -> _Values:
    merged = {name: old[name] if value is None or value == "" else value for name, value in new.items()}
    is_named_so = merged["title"] == old["title"]
    merged["folded"] = old["folded"] if is_named_so else fold_other(merged["title"])
    old_status = ItemStatus(str(old["status"]))
    # A title that stays requested because it is requested is not a change.
    is_left_alone = old_status is outcome.status is ItemStatus.REQUESTED and isinstance(outcome.decision, Skip)
    if keeps_state or is_left_alone or next_state(old_status, outcome.status) is not outcome.status:
        kept = {name: old[name] or new[name] for name in ("method", "explanation", "requester_id")}
        return merged | kept | {name: old[name] for name in ("status", "reason", "goes_at")}
    merged |= {name: new[name] for name in ("reason", "goes_at")}
    # "Remembered" is less informative than the method by which the title was found before.
    if old["method"] is not None and (new["method"] == MatchMethod.REMEMBERED or new["status"] == old["status"]):
        merged["method"] = old["method"]
    return merged


def _build_event(item_id: int, values: _Values, *, run_id: int, at: datetime) -> _Values:
    told = {name: values[name] for name in ("status", "reason", "method")}
    return {"item_id": item_id, "run_id": run_id, "at": at, **told}


def _find_candidates(outcome: RequestOutcome) -> tuple[Candidate, ...]:
    return outcome.result.candidates if isinstance(outcome.result, NoMatch) else ()


def _save(connection: Connection, changes: _Changes, *, run_id: int) -> None:
    save_links(connection, changes.links, changes.seen, changed=changes.relinked, run_id=run_id)
    if changes.updates:
        connection.execute(_UPDATE, changes.updates)
    if changes.former:
        connection.execute(_KEEP_EXPLANATION, changes.former)
    if changes.events:
        connection.execute(insert(item_events), changes.events)
    if changes.candidates:
        connection.execute(delete(review_candidates).where(one_of(review_candidates.c.item_id, changes.candidates)))
    rows = [
        {
            "item_id": item_id,
            "position": position,
            "media_type": candidate.media_type.value,
            "tmdb_id": candidate.tmdb_id,
            "title": candidate.title,
            "original_title": candidate.original_title,
            "year": candidate.year,
            "popularity": candidate.popularity,
        }
        for item_id, candidates in changes.candidates.items()
        for position, candidate in enumerate(candidates)
    ]
    if rows:
        connection.execute(insert(review_candidates), rows)
