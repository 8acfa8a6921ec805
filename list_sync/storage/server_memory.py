"""What was last read from media-request servers: the states of titles, fingerprints, and TMDB's details of titles."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, true, update

from list_sync.database.dialects import in_batches, one_of, upsert
from list_sync.database.schema import known_media, server_fingerprints, titles
from list_sync.model.matches import Resolution
from list_sync.model.servers import (
    Availability,
    Fingerprint,
    MediaState,
    RequestStatus,
    ServerMemory,
    ServerRequest,
    TitleDetails,
)
from list_sync.model.titles import MediaType, Quality, TitleKey, with_year

_KINDS = {kind.value: kind for kind in MediaType}
_QUALITIES = (Quality.HD, Quality.UHD)
_NO_SEASONS: Mapping[int, Availability] = {}
_LOAD = select(
    known_media.c.media_type,
    known_media.c.tmdb_id,
    known_media.c.availability,
    known_media.c.availability_4k,
    known_media.c.seasons,
    known_media.c.seasons_4k,
    known_media.c.requests,
    known_media.c.media_rows,
)


def load_states(connection: Connection, server_id: int) -> dict[TitleKey, MediaState]:
    """Return the remembered states of all titles on one server."""
    states = {}
    seasons: dict[str, Mapping[int, Availability]] = {"": _NO_SEASONS}
    for row in connection.execute(_LOAD.where(known_media.c.server_id == server_id)):
        state = _read_state(row, seasons)
        states[state.media_type, state.tmdb_id] = state
    return states


def find_state(
    connection: Connection, server_id: int, key: TitleKey
) -> tuple[MediaState, datetime] | tuple[None, None]:
    """Return what is remembered of one title and when it was read."""
    columns = known_media.c
    title = (columns.server_id == server_id) & (columns.media_type == key[0].value) & (columns.tmdb_id == key[1])
    row = connection.execute(_LOAD.add_columns(columns.seen_at).where(title)).first()
    return (None, None) if row is None else (_read_state(row[:-1], {"": _NO_SEASONS}), row.seen_at)


def _read_state(row: Sequence[Any], known_seasons: dict[str, Mapping[int, Availability]]) -> MediaState:
    word, tmdb_id, hd, uhd, in_hd, in_4k, requests, media_rows = row
    for text in (in_hd, in_4k):
        if text not in known_seasons:
            known_seasons[text] = {int(number): Availability.of(value) for number, value in json.loads(text).items()}
    kind = _KINDS[word]
    return MediaState(
        kind,
        tmdb_id,
        Availability.of(hd),
        Availability.of(uhd),
        known_seasons[in_hd],
        known_seasons[in_4k],
        _parse_requests(requests, kind, tmdb_id) if requests else (),
        media_rows,
    )


def save_states(
    connection: Connection,
    server_id: int,
    states: Collection[MediaState],
    *,
    at: datetime,
    replace: bool,
) -> None:
    """Store the states of titles on one server; with `replace`, delete all others."""
    if replace:
        connection.execute(delete(known_media).where(known_media.c.server_id == server_id))
    for batch in in_batches(list(states)):
        upsert(connection, known_media, [_build_row(server_id, state, at) for state in batch])


def load_fingerprint(
    connection: Connection, server_id: int, *, only_if: ColumnElement[bool] | None = None
) -> ServerMemory:
    """Return the fingerprint that was last saved for a server, and what was saved with it; nothing unless `only_if`."""
    table = server_fingerprints
    chosen = select(table).where(table.c.server_id == server_id, true() if only_if is None else only_if)
    row = connection.execute(chosen).first()
    if row is None:
        return ServerMemory()
    numbers = Fingerprint(row.requests, row.pending, row.declined, row.media, row.failed)
    return ServerMemory(
        fingerprint=numbers,
        full_read_at=row.full_read_at,
        next_place=row.next_place,
        unread_since=row.unread_since,
    )


def save_fingerprint(
    connection: Connection,
    server_id: int,
    fingerprint: Fingerprint,
    *,
    at: datetime,
    is_full_read: bool,
    next_place: int = 0,
    unread_since: datetime | None = None,
) -> None:
    """Store a server's fingerprint; with `is_full_read`, also that everything was read at that moment."""
    row: dict[str, object] = {
        "server_id": server_id,
        "requests": fingerprint.requests,
        "pending": fingerprint.pending,
        "declined": fingerprint.declined,
        "media": fingerprint.media,
        "failed": fingerprint.failed,
        "next_place": next_place,
        "unread_since": unread_since,
        "read_at": at,
    }
    if is_full_read:
        row["full_read_at"] = at
    upsert(connection, server_fingerprints, [row])


def forget_fingerprint(connection: Connection, server_id: int) -> None:
    """Delete a server's fingerprint, so that the next run reads everything."""
    connection.execute(delete(server_fingerprints).where(server_fingerprints.c.server_id == server_id))


def load_shows(connection: Connection, keys: Iterable[TitleKey]) -> dict[TitleKey, tuple[TitleDetails, datetime]]:
    """Return the remembered details of these shows, and when each was read last; their states are not part of it."""
    tmdb_ids = [tmdb_id for kind, tmdb_id in keys if kind is MediaType.TV]
    is_wanted = (titles.c.media_type == MediaType.TV.value) & one_of(titles.c.tmdb_id, tmdb_ids)
    statement = select(titles).where(is_wanted)
    return {
        (MediaType.TV, row.tmdb_id): (
            TitleDetails(
                media_type=MediaType.TV,
                tmdb_id=row.tmdb_id,
                title=row.title,
                year=row.year,
                imdb_id=row.imdb_id,
                tvdb_id=row.tvdb_id,
                season_numbers=tuple(int(number) for number in row.season_numbers.split(",") if number),
                state=MediaState(MediaType.TV, row.tmdb_id),
                status=row.status,
                next_episode_on=date.fromisoformat(row.next_episode_on) if row.next_episode_on else None,
                poster_path=row.poster_path,
            ),
            row.checked_at,
        )
        for row in connection.execute(statement)
    }


def find_name(connection: Connection, key: TitleKey) -> str:
    """Return the name and year of a title whose detail page was read, or that was matched by an id alone; else ""."""
    is_same = (titles.c.media_type == key[0].value) & (titles.c.tmdb_id == key[1])
    row = connection.execute(select(titles.c.title, titles.c.year).where(is_same)).first()
    return "" if row is None else with_year(row.title, row.year)


def save_details(connection: Connection, details: Iterable[TitleDetails], *, at: datetime) -> None:
    """Store titles whose detail pages were just read."""
    upsert(
        connection,
        titles,
        [
            {
                "media_type": one.media_type.value,
                "tmdb_id": one.tmdb_id,
                "title": one.title,
                "year": one.year,
                "imdb_id": one.imdb_id,
                "tvdb_id": one.tvdb_id,
                "poster_path": one.poster_path,
                "season_numbers": ",".join(map(str, one.season_numbers)),
                "status": one.status,
                "next_episode_on": one.next_episode_on.isoformat() if one.next_episode_on else None,
                "checked_at": at,
            }
            for one in details
        ],
    )


def save_film_names(connection: Connection, resolutions: Iterable[Resolution], *, at: datetime) -> None:
    """Store the names of films that no list names; those of shows come with their seasons, from their pages."""
    films = {one.tmdb_id: one for one in resolutions if one.title and one.media_type is MediaType.MOVIE}
    facts = {"media_type": MediaType.MOVIE.value, "season_numbers": "", "checked_at": at}
    rows = [{**facts, "tmdb_id": one.tmdb_id, "title": one.title, "year": one.year} for one in films.values()]
    upsert(connection, titles, rows)


def load_tries(connection: Connection) -> dict[TitleKey, datetime]:
    """Return when each title was last read only to see what changed, even if it could not be read."""
    columns = titles.c
    tried = select(columns.media_type, columns.tmdb_id, columns.tried_at).where(columns.tried_at.is_not(None))
    return {(_KINDS[kind], tmdb_id): tried_at for kind, tmdb_id, tried_at in connection.execute(tried)}


def save_tries(connection: Connection, keys: Collection[TitleKey], *, at: datetime) -> None:
    """Store which titles were read only to see what changed."""
    columns = titles.c
    for kind in MediaType:
        if numbers := [tmdb_id for key_kind, tmdb_id in keys if key_kind is kind]:
            chosen = (columns.media_type == kind.value) & one_of(columns.tmdb_id, numbers)
            connection.execute(update(titles).where(chosen).values(tried_at=at))


def _build_row(server_id: int, state: MediaState, at: datetime) -> dict[str, object]:
    return {
        "server_id": server_id,
        "media_type": state.media_type.value,
        "tmdb_id": state.tmdb_id,
        "availability": int(state.availability),
        "availability_4k": int(state.availability_4k),
        "seasons": _seasons_text(state.seasons),
        "seasons_4k": _seasons_text(state.seasons_4k),
        "requests": _requests_text(state.requests),
        "media_rows": state.media_rows,
        "seen_at": at,
    }


def _seasons_text(seasons: Mapping[int, Availability]) -> str:
    return json.dumps({str(number): int(seasons[number]) for number in sorted(seasons)}) if seasons else ""


def _requests_text(requests: tuple[ServerRequest, ...]) -> str:
    if not requests:
        return ""
    rows = [
        [
            request.request_id,
            int(request.quality is Quality.UHD),
            int(request.status),
            sorted(request.seasons),
            request.requester_id,
        ]
        for request in requests
    ]
    return json.dumps(rows, separators=(",", ":"))


def _parse_requests(text: str, kind: MediaType, tmdb_id: int) -> tuple[ServerRequest, ...]:
    return tuple(
        ServerRequest(
            number, kind, tmdb_id, _QUALITIES[is_uhd], RequestStatus.of(status), frozenset(seasons), requester
        )
        for number, is_uhd, status, seasons, requester in json.loads(text)
    )
