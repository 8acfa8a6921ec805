"""Titles that were not found, until they are searched again, and TMDB numbers that do not exist."""

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from list_sync.database.schema import missing_numbers, unresolved_titles
from list_sync.database.statements import one_of, upsert
from list_sync.model.matches import Candidate, MissingNumber, NoMatchReason, Unresolved
from list_sync.model.titles import MediaType, TitleKey


def load_unresolved(connection: Connection, keys: Iterable[str]) -> tuple[Unresolved, ...]:
    """Return which titles with these keys were not found."""
    return tuple(
        Unresolved(
            row.key,
            NoMatchReason(row.reason),
            row.detail,
            _parse_candidates(row.candidates),
            row.looked_up_at,
            clean_runs=row.clean_runs,
        )
        for row in connection.execute(select(unresolved_titles).where(one_of(unresolved_titles.c.key, keys)))
    )


def save_unresolved(connection: Connection, unresolved: Iterable[Unresolved]) -> None:
    """Store titles that were not found."""
    rows: list[dict[str, object]] = [
        {
            "key": one.key,
            "reason": one.reason.value,
            "detail": one.detail,
            "candidates": _candidates_text(one.candidates),
            "looked_up_at": one.looked_up_at,
            "clean_runs": one.clean_runs,
        }
        for one in unresolved
    ]
    upsert(connection, unresolved_titles, rows)


def forget_unresolved(connection: Connection, *, before: datetime) -> None:
    """Delete titles that were not searched since a moment, because no list names them any more."""
    connection.execute(delete(unresolved_titles).where(unresolved_titles.c.looked_up_at < before))


def load_missing_numbers(connection: Connection) -> dict[TitleKey, MissingNumber]:
    """Return the TMDB numbers of lists that TMDB does not have."""
    rows = connection.execute(select(missing_numbers))
    numbers = (MissingNumber(MediaType(row.media_type), row.tmdb_id, row.seen_at, row.clean_runs) for row in rows)
    return {number.title_key: number for number in numbers}


def save_missing_numbers(connection: Connection, numbers: Iterable[MissingNumber]) -> None:
    """Store TMDB numbers that do not exist."""
    rows: list[dict[str, object]] = [
        {
            "media_type": one.media_type.value,
            "tmdb_id": one.tmdb_id,
            "seen_at": one.seen_at,
            "clean_runs": one.clean_runs,
        }
        for one in numbers
    ]
    upsert(connection, missing_numbers, rows)


def forget_missing_numbers(connection: Connection, titles: Iterable[TitleKey]) -> None:
    """Delete numbers that TMDB has."""
    columns = missing_numbers.c
    for media_type, tmdb_id in titles:
        same = (columns.media_type == media_type.value) & (columns.tmdb_id == tmdb_id)
        connection.execute(delete(missing_numbers).where(same))


def forget_old_numbers(connection: Connection, *, before: datetime) -> None:
    """Delete numbers that were not looked up since a moment, because no list names them any more."""
    connection.execute(delete(missing_numbers).where(missing_numbers.c.seen_at < before))


def _candidates_text(candidates: tuple[Candidate, ...]) -> str:
    rows = [
        [one.media_type.value, one.tmdb_id, one.title, one.original_title, one.year, one.popularity]
        for one in candidates
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _parse_candidates(text: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(MediaType(kind), *rest) for kind, *rest in json.loads(text))
