"""Finds stored titles: by id, by name, by run, or those that wait for a decision."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from list_sync.database.dialects import BeginsWith, FitsPattern, one_of
from list_sync.database.schema import item_events, review_candidates, synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.explanations import Explanation
from list_sync.model.folding import fold
from list_sync.model.matches import Candidate, MatchMethod
from list_sync.model.titles import MediaType, Quality, QualityKey, TitleKey, with_year
from list_sync.storage.explanations import unpack_explanation
from list_sync.storage.item_links import Link, Links, load_links, name_lists
from list_sync.storage.sightings import is_of


@dataclass(frozen=True, slots=True)
class TitleEvent:
    """A change of a title's state, with its run and its reason; the present state is explained by the title itself."""

    run_id: int
    at: datetime
    status: ItemStatus
    reason: str
    method: MatchMethod | None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class TitleRecord:
    """One row of synced_items; `lists` are `provider:list_id`, most important first, `events` oldest first.

    `places` says since when it is on each list, and of which lists it is gone; it has its state since `changed_at`.
    """

    item_id: int
    item_key: str
    title: str
    media_type: MediaType | None
    year: int | None
    imdb_id: str | None
    tvdb_id: int | None
    tmdb_id: int | None
    quality: Quality
    status: ItemStatus
    reason: str
    method: MatchMethod | None
    last_synced: datetime
    first_seen: datetime
    provider_source: str | None
    run_id: int
    lists: tuple[str, ...] = ()
    events: tuple[TitleEvent, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    explanation: Explanation | None = None
    places: Mapping[str, Link] = field(default_factory=dict)
    changed_at: datetime | None = None
    requester_id: int | None = None
    goes_at: datetime | None = None

    @property
    def label(self) -> str:
        """Return the title for people, with its year."""
        name = self.title or self.imdb_id or self.item_key.rpartition(":")[0]
        return with_year(name, self.year)


def find_titles(connection: Connection, household: str, text_or_id: str, *, limit: int = 20) -> tuple[TitleRecord, ...]:
    """Return the titles with this id (603, movie:603, tt0133093, tvdb:81189) or name, best fit first.

    Letter case and accents do not matter, a year in brackets may follow the name.
    """
    text = text_or_id.strip()
    # One statement for each way to spell an id: an index serves each of them, but not all together.
    chosen_by_id = [select(synced_items.c.id).where(is_of(household) & way) for way in id_conditions(text)]
    by_id = sorted(item_id for statement in chosen_by_id for item_id in connection.scalars(statement))
    by_name = () if is_id(text) else _find_by_name(connection, household, text)
    chosen = list(dict.fromkeys([*by_id, *by_name]))[:limit]
    return load_records(connection, chosen)


def find_review(connection: Connection, household: str, *, limit: int = 20_000) -> tuple[TitleRecord, ...]:
    """Return the titles that wait for a decision of the user, with their candidates, longest waiting first."""
    columns = synced_items.c
    waiting = is_of(household) & (columns.status == ItemStatus.NEEDS_REVIEW.value)
    item_ids = connection.scalars(select(columns.id).where(waiting).order_by(columns.id).limit(limit)).all()
    return load_records(connection, item_ids)


def count_statuses(connection: Connection, household: str) -> dict[ItemStatus, int]:
    """Return how many titles are in each state."""
    column = synced_items.c.status
    rows = connection.execute(select(column, func.count()).where(is_of(household)).group_by(column).order_by(column))
    return {ItemStatus(status): count for status, count in rows}


def is_id(text: str) -> bool:
    """Return whether a text can only be an id: one of IMDb, or a number with the name of its source."""
    return re.fullmatch(r"(?:imdb:)?tt\d+|(?:(?:movie|tv|tmdb|tvdb):)+\d+", text.casefold()) is not None


def id_conditions(text: str) -> tuple[ColumnElement[bool], ...]:
    """Return conditions on titles with an id, which may be spelled in several ways; one of them must hold."""
    columns = synced_items.c
    found = re.fullmatch(r"(?:(movie|tv|tmdb|tvdb|imdb):)?(?:(movie|tv):)?(tt\d+|\d+)", text.casefold())
    if found is None:
        return (columns.item_key == text,)
    source, kind, number = found.groups()
    kind = source if source in {"movie", "tv"} else kind
    if number.startswith("tt"):
        return (columns.imdb_id == number,)
    # SQLite's integers have 63 bits; every id is far smaller.
    if len(number) > 18 or source == "imdb":
        return ()
    if source == "tvdb":
        return (columns.tvdb_id == int(number),)
    by_number = columns.overseerr_id == int(number)
    if kind:
        return (by_number & (columns.media_type == kind),)
    return by_number, BeginsWith(columns.item_key, f"tmdb:any:{int(number)}:")


def _find_by_name(connection: Connection, household: str, text: str) -> list[int]:
    """Return the titles with this name first, then those whose name begins with it, then those that hold it."""
    wanted = fold(text)
    found: list[tuple[int, str, int]] = []
    for item_id, title, folded, year in find_names(connection, household, re.sub(r" \(\d{4}\)$", "", wanted)):
        name = folded or title.lower()
        if wanted in (name, f"{name} ({year})"):
            found.append((0, name, item_id))
        elif wanted in name:
            found.append((1 if name.startswith(wanted) else 2, name, item_id))
    return [item_id for _, _, item_id in sorted(found)]


def find_names(
    connection: Connection, household: str, folded: str, *, limit: int | None = None
) -> Sequence[Row[int, str, str | None, int | None]]:
    """Return number, name, folded name and year of the titles that hold a folded text in the name."""
    columns = synced_items.c
    # Only the index is read to find them.
    fitting = select(columns.id).where(is_of(household) & holds(folded)).limit(limit)
    names = select(columns.id, columns.title, columns.folded, columns.year).where(columns.id.in_(fitting))
    return connection.execute(names).all() if folded else ()


def holds(folded: str) -> ColumnElement[bool]:
    """Return the condition on titles that hold a folded text in the name; an index has the names."""
    escaped = folded.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return FitsPattern(func.coalesce(synced_items.c.folded, synced_items.c.title), f"%{escaped}%")


def find_title(connection: Connection, household: str, item_id: int) -> TitleRecord | None:
    """Return the title of that number."""
    known = select(synced_items.c.id).where(is_of(household) & (synced_items.c.id == item_id))
    return next(iter(load_records(connection, list(connection.scalars(known)))), None)


def find_matched(
    connection: Connection, household: str, keys: Collection[TitleKey]
) -> dict[TitleKey, tuple[TitleRecord, ...]]:
    """Return the rows of these titles, without their history; a title may have one in each quality."""
    columns = synced_items.c
    is_alike = is_of(household) & one_of(columns.overseerr_id, [tmdb_id for _, tmdb_id in keys])
    records = load_records(connection, list(connection.scalars(select(columns.id).where(is_alike))), with_events=False)
    return {key: tuple(record for record in records if (record.media_type, record.tmdb_id) == key) for key in keys}


def find_rows(connection: Connection, household: str, keys: Collection[QualityKey]) -> dict[QualityKey, Row[Any]]:
    """Return the number, the name, the state and its reason of these titles, each in one quality."""
    columns = synced_items.c
    key = (columns.media_type, columns.overseerr_id, columns.quality)
    facts = (columns.id, columns.title, columns.year, columns.status, columns.reason, columns.household)
    # Asked for by number alone: SQLite would read all titles of the household.
    statement: Select[Any] = select(*key, *facts).where(one_of(columns.overseerr_id, {number for _, number, _ in keys}))
    rows = [row for row in connection.execute(statement) if row.household == household] if keys else []
    return {(MediaType(row[0]), row[1], Quality(row[2])): row for row in rows if row[0]}


def find_seen_since(connection: Connection, household: str, since: datetime) -> tuple[TitleRecord, ...]:
    """Return the titles that were matched and first seen since a moment, without their history."""
    columns = synced_items.c
    is_new = is_of(household) & columns.overseerr_id.is_not(None) & (columns.first_seen >= since)
    numbers = connection.scalars(select(columns.id).where(is_new).order_by(columns.id)).all()
    return load_records(connection, numbers, with_events=False)


def find_due(connection: Connection, household: str, *, limit: int) -> tuple[TitleRecord, ...]:
    """Return the titles of which it is known when they go, the next ones first, without their history."""
    columns = synced_items.c
    due = is_of(household) & columns.goes_at.is_not(None)
    statement = select(columns.id).where(due).order_by(columns.goes_at, columns.id).limit(limit)
    return load_records(connection, connection.scalars(statement).all(), with_events=False)


def load_records(
    connection: Connection, item_ids: Sequence[int], *, with_events: bool = True
) -> tuple[TitleRecord, ...]:
    """Return the titles of these numbers, in their order."""
    links = load_links(connection, item_ids)
    events = _load_events(connection, item_ids if with_events else ())
    candidates = _load_candidates(connection, item_ids)
    records: dict[int, TitleRecord] = {}
    for row in connection.execute(select(synced_items).where(one_of(synced_items.c.id, item_ids))):
        records[row.id] = _to_record(row, links.get(row.id, {}), tuple(events[row.id]), tuple(candidates[row.id]))
    return tuple(records[item_id] for item_id in item_ids)


def _load_events(connection: Connection, item_ids: Sequence[int]) -> dict[int, list[TitleEvent]]:
    columns = item_events.c
    events: dict[int, list[TitleEvent]] = defaultdict(list)
    if not item_ids:
        return events
    for row in connection.execute(
        select(item_events).where(one_of(columns.item_id, item_ids)).order_by(columns.at, columns.id)
    ):
        method = MatchMethod(row.method) if row.method else None
        told = TitleEvent(row.run_id, row.at, ItemStatus(row.status), row.reason, method)
        events[row.item_id].append(replace(told, explanation=unpack_explanation(row.explanation)))
    return events


def _load_candidates(connection: Connection, item_ids: Sequence[int]) -> dict[int, list[Candidate]]:
    columns = review_candidates.c
    statement = (
        select(review_candidates).where(one_of(columns.item_id, item_ids)).order_by(columns.item_id, columns.position)
    )
    candidates = defaultdict(list)
    for item_id, _, kind, tmdb_id, title, original_title, year, popularity in connection.execute(statement):
        found = Candidate(MediaType(kind), tmdb_id, title, original_title, year, popularity)
        candidates[item_id].append(found)
    return candidates


def _to_record(
    row: Row[tuple[object, ...]],
    links: Links,
    events: tuple[TitleEvent, ...],
    candidates: tuple[Candidate, ...],
) -> TitleRecord:
    return TitleRecord(
        item_id=row.id,
        item_key=row.item_key,
        title=row.title,
        media_type=MediaType(row.media_type) if row.media_type else None,
        year=row.year,
        imdb_id=row.imdb_id,
        tvdb_id=row.tvdb_id,
        tmdb_id=row.overseerr_id,
        quality=Quality(row.quality),
        status=ItemStatus(row.status),
        reason=row.reason,
        method=MatchMethod(row.method) if row.method else None,
        last_synced=row.last_synced,
        first_seen=row.first_seen,
        provider_source=row.provider_source,
        run_id=row.run_id,
        lists=tuple(name_lists(links)),
        events=events,
        candidates=candidates,
        explanation=unpack_explanation(row.explanation),
        places={key.name: link for key, link in links.items()},
        changed_at=row.changed_at,
        requester_id=row.requester_id,
        goes_at=row.goes_at,
    )
