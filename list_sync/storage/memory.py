"""What is remembered of titles: resolutions, pins, bans, absences, and facts that providers looked up."""

import json
from collections.abc import Callable, Collection, Iterable, Set
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update

from list_sync.database.dialects import one_of, upsert
from list_sync.database.schema import missing_numbers, pins, provider_memory, resolutions, titles, unresolved_titles
from list_sync.database.store import Store
from list_sync.model.arrs import ARR_TITLES
from list_sync.model.matches import Candidate, MatchMethod, MissingNumber, NoMatchReason, Pin, Resolution, Unresolved
from list_sync.model.moments import CLOCKS_MAY_DIFFER_BY
from list_sync.model.titles import MediaItem, MediaType, TitleKey

_KINDS = {kind.value: kind for kind in MediaType}
_EXCLUSIONS = "exclusions"
_METHODS = {method.value: method for method in MatchMethod}


def load_resolutions(connection: Connection, keys: Iterable[str]) -> dict[str, Resolution]:
    """Return the remembered resolutions of these keys, with the names of their titles as far as they are known."""
    columns, named = resolutions.c, titles.c
    is_same = (columns.media_type == named.media_type) & (columns.tmdb_id == named.tmdb_id)
    facts = (columns.key, columns.media_type, columns.tmdb_id, columns.method, named.title, named.year)
    rows = connection.execute(select(*facts).outerjoin(titles, is_same).where(one_of(columns.key, keys)))
    return {
        key: Resolution(key, _KINDS[kind], tmdb_id, _METHODS[method], title or "", year)
        for key, kind, tmdb_id, method, title, year in rows
    }


def remember(connection: Connection, learned: Iterable[Resolution], *, at: datetime) -> None:
    """Store resolutions; the latest one of a key counts."""
    upsert(
        connection,
        resolutions,
        [
            {
                "key": one.key,
                "media_type": one.media_type.value,
                "tmdb_id": one.tmdb_id,
                "method": one.method.value,
                "resolved_at": at,
            }
            for one in learned
        ],
    )


def forget(connection: Connection, keys: Collection[str]) -> None:
    """Forget the resolutions of these keys."""
    connection.execute(delete(resolutions).where(one_of(resolutions.c.key, keys)))


def load_pins(connection: Connection, household: str, keys: Collection[str] | None = None) -> dict[str, Pin]:
    """Return every pin and ban by its key, or those of some keys."""
    columns = pins.c
    decided = _is_of(household, keys) & (columns.tmdb_id.is_not(None) | columns.until.is_(None))
    statement = select(columns.key, columns.media_type, columns.tmdb_id).where(decided)
    rows = connection.execute(statement)
    return {key: Pin(key, _KINDS[kind] if kind else None, tmdb_id) for key, kind, tmdb_id in rows}


def _is_of(household: str, keys: Collection[str] | None) -> ColumnElement[bool]:
    own = pins.c.household == household
    return own if keys is None else own & one_of(pins.c.key, keys)


def save_pins(connection: Connection, household: str, pinned: Iterable[Pin], *, at: datetime) -> None:
    """Save pins and bans; the latest one of a key counts."""
    upsert(
        connection,
        pins,
        [
            {
                "household": household,
                "key": pin.key,
                "media_type": pin.media_type,
                "tmdb_id": pin.tmdb_id,
                "pinned_at": at,
                "until": None,
            }
            for pin in pinned
        ],
    )


def load_snoozes(
    connection: Connection, household: str, *, now: datetime, keys: Collection[str] | None = None
) -> dict[str, datetime]:
    """Return until when titles are not requested, by their keys; what a clock years ahead dated is left out."""
    columns = pins.c
    is_dated_well = columns.pinned_at <= now + CLOCKS_MAY_DIFFER_BY
    snoozed = _is_of(household, keys) & (columns.until > now) & is_dated_well
    return {row.key: row.until for row in connection.execute(select(columns.key, columns.until).where(snoozed))}


def save_snoozes(
    connection: Connection, household: str, keys: Collection[str], until: datetime | None, *, at: datetime
) -> None:
    """Snooze titles until a moment, or end that; pins with these keys stay. Snoozes that are over are deleted."""
    columns = pins.c
    of_keys = _is_of(household, keys)
    is_over = (columns.household == household) & (columns.until <= at)
    connection.execute(delete(pins).where(columns.tmdb_id.is_(None) & columns.until.is_not(None) & (of_keys | is_over)))
    connection.execute(update(pins).where(of_keys & columns.tmdb_id.is_not(None)).values(until=until))
    if until is not None:
        known = set(connection.scalars(select(columns.key).where(of_keys)))
        rows = [
            {"household": household, "key": key, "pinned_at": at, "until": until} for key in keys if key not in known
        ]
        upsert(connection, pins, rows)


def delete_pins(connection: Connection, household: str, keys: Collection[str]) -> None:
    """Delete the pins and bans of these keys."""
    connection.execute(delete(pins).where(_is_of(household, keys)))


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
    upsert(
        connection,
        unresolved_titles,
        [
            {
                "key": one.key,
                "reason": one.reason.value,
                "detail": one.detail,
                "candidates": _candidates_text(one.candidates),
                "looked_up_at": one.looked_up_at,
                "clean_runs": one.clean_runs,
            }
            for one in unresolved
        ],
    )


def forget_unresolved(connection: Connection, keys: Set[str]) -> None:
    """Delete titles that were not found, if one of these keys is among theirs."""
    known = connection.scalars(select(unresolved_titles.c.key))
    meant = [key for key in known if not keys.isdisjoint(key.split("\n"))]
    connection.execute(delete(unresolved_titles).where(one_of(unresolved_titles.c.key, meant)))


def forget_absences(connection: Connection, *, before: datetime) -> None:
    """Delete titles and numbers that were not looked up since a moment, because no list names them any more."""
    connection.execute(delete(unresolved_titles).where(unresolved_titles.c.looked_up_at < before))
    connection.execute(delete(missing_numbers).where(missing_numbers.c.seen_at < before))


def load_missing_numbers(connection: Connection) -> dict[TitleKey, MissingNumber]:
    """Return the TMDB numbers of lists that TMDB does not have."""
    rows = connection.execute(select(missing_numbers))
    numbers = (MissingNumber(MediaType(row.media_type), row.tmdb_id, row.seen_at, row.clean_runs) for row in rows)
    return {number.title_key: number for number in numbers}


def save_missing_numbers(connection: Connection, numbers: Iterable[MissingNumber]) -> None:
    """Store TMDB numbers that do not exist."""
    upsert(
        connection,
        missing_numbers,
        [
            {
                "media_type": one.media_type.value,
                "tmdb_id": one.tmdb_id,
                "seen_at": one.seen_at,
                "clean_runs": one.clean_runs,
            }
            for one in numbers
        ],
    )


def forget_missing_numbers(connection: Connection, titles: Iterable[TitleKey]) -> None:
    """Delete numbers that TMDB has."""
    columns = missing_numbers.c
    for media_type, tmdb_id in titles:
        same = (columns.media_type == media_type.value) & (columns.tmdb_id == tmdb_id)
        connection.execute(delete(missing_numbers).where(same))


def load_arr_exclusions(connection: Connection, household: str, media_type: MediaType) -> frozenset[int]:
    """Return the numbers of titles that the household's Radarr or Sonarr excluded the last time."""
    columns = provider_memory.c
    is_same = (columns.provider == _arr_of(media_type)) & (columns.key == f"{_EXCLUSIONS}/{household}")
    stored = connection.execute(select(columns.value).where(is_same)).scalar_one_or_none()
    return frozenset(json.loads(stored or "[]"))


def save_arr_exclusions(
    connection: Connection, household: str, media_type: MediaType, numbers: Collection[int]
) -> None:
    """Store the numbers of titles that the household's Radarr or Sonarr excludes."""
    value = json.dumps(sorted(numbers), separators=(",", ":"))
    row: dict[str, object] = {"provider": _arr_of(media_type), "key": f"{_EXCLUSIONS}/{household}", "value": value}
    upsert(connection, provider_memory, [row])


def _arr_of(media_type: MediaType) -> str:
    return ARR_TITLES[media_type].lower()


def _candidates_text(candidates: tuple[Candidate, ...]) -> str:
    rows = [
        [one.media_type.value, one.tmdb_id, one.title, one.original_title, one.year, one.popularity]
        for one in candidates
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _parse_candidates(text: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(MediaType(kind), *rest) for kind, *rest in json.loads(text))


class ProviderMemory:
    """The memory of one provider; safe to share between threads.

    `key_of` returns the key of an entry among the titles that were not found.
    """

    def __init__(self, store: Store, provider: str, *, key_of: Callable[[MediaItem], str]) -> None:
        self._store = store
        self._provider = provider
        self._key_of = key_of

    def find(self, key: str) -> str | None:
        """Return the value of the key, or None."""
        columns = provider_memory.c
        query = select(columns.value).where(columns.provider == self._provider, columns.key == key)
        with self._store.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def keep(self, key: str, value: str) -> None:
        """Store a value; the latest counts."""
        with self._store.writing() as connection:
            upsert(connection, provider_memory, [{"provider": self._provider, "key": key, "value": value}])

    def is_undecided(self, item: MediaItem) -> bool:
        """Return whether this entry, with the same facts, was not found."""
        query = select(unresolved_titles.c.key).where(unresolved_titles.c.key == self._key_of(item))
        with self._store.reading() as connection:
            return connection.execute(query).first() is not None
