"""The requests of the last days: how many were made on each day, the latest ones, and how many count against a cap."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Text, func, literal, select, union_all

from list_sync.database.dialects import Timestamp
from list_sync.database.schema import households, sent_requests, synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.journal import REACHED_THE_SERVER

_SENT = sent_requests.c
_TITLE = _SENT.media_type + ":" + _SENT.tmdb_id.cast(Text) + ":" + _SENT.quality


@dataclass(frozen=True, slots=True)
class DayOfRequests:
    """The requests of one day, and those of them that were withdrawn later."""

    begins_at: datetime
    requested: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class SentTitle:
    """A title that was requested, and its state now."""

    item_id: int
    title: str
    year: int | None
    media_type: MediaType
    tmdb_id: int
    quality: Quality
    status: ItemStatus
    sent_at: datetime


def count_by_day(connection: Connection, household: str, bounds: Sequence[datetime]) -> tuple[DayOfRequests, ...]:
    """Return the requests of the days that begin at all bounds but the last one, which is the end of the last day."""
    rows = [
        select(
            literal(number).label("day"), literal(begin, Timestamp).label("begin"), literal(end, Timestamp).label("end")
        )
        for number, (begin, end) in enumerate(itertools.pairwise(bounds))
    ]
    days = union_all(*rows).subquery("days")
    within = (_SENT.sent_at >= days.c.begin) & (_SENT.sent_at < days.c.end)
    counts = (
        select(days.c.day, _SENT.state, func.count())
        .join_from(days, sent_requests, within & (_SENT.server_id == server_of(household)))
        .group_by(days.c.day, _SENT.state)
    )
    found: dict[tuple[int, str], int] = {(day, state): count for day, state, count in connection.execute(counts)}
    reached = [state.value for state in REACHED_THE_SERVER]
    return tuple(
        DayOfRequests(
            begin,
            sum(found.get((number, state), 0) for state in reached),
            found.get((number, RequestState.WITHDRAWN.value), 0),
        )
        for number, begin in enumerate(bounds[:-1])
    )


def count_asked_since(connection: Connection, household: str, since: datetime) -> Mapping[int | None, int]:
    """Return how many titles were requested since a moment, by the user that they were requested for."""
    ours = (_SENT.server_id == server_of(household)) & (_SENT.sent_at >= since)
    reached = _SENT.state.in_([state.value for state in REACHED_THE_SERVER])
    counts = select(_SENT.requester_id, func.count(_TITLE.distinct())).where(ours & reached)
    return dict(connection.execute(counts.group_by(_SENT.requester_id)).all())


def find_latest_sent(connection: Connection, household: str, *, limit: int) -> tuple[SentTitle, ...]:
    """Return the titles that were requested last, each once, newest first."""
    columns = synced_items.c
    # A title may be requested several times, season by season.
    latest = (
        select(_SENT.media_type, _SENT.tmdb_id, _SENT.quality, _SENT.sent_at)
        .where(_SENT.server_id == server_of(household))
        .order_by(_SENT.sent_at.desc())
        .limit(4 * limit)
    ).subquery("latest")
    same = (columns.overseerr_id == latest.c.tmdb_id) & (columns.media_type == latest.c.media_type)
    mine = (columns.household == household) & (columns.quality == latest.c.quality)
    names = [columns[name] for name in ("id", "title", "year", "media_type", "overseerr_id", "quality", "status")]
    rows = connection.execute(
        select(*names, latest.c.sent_at)
        .join_from(latest, synced_items, same & mine)
        .order_by(latest.c.sent_at.desc(), columns.id.desc())
    )
    found: dict[int, SentTitle] = {}
    for row in rows:
        kind, quality, status = MediaType(row.media_type), Quality(row.quality), ItemStatus(row.status)
        sent = SentTitle(row.id, row.title, row.year, kind, row.overseerr_id, quality, status, row.sent_at)
        found.setdefault(row.id, sent)
    return tuple(found.values())[:limit]


def server_of(household: str) -> ColumnElement[int]:
    """Return the number of a household's server, as an expression."""
    return select(households.c.server_id).where(households.c.name == household).scalar_subquery()
