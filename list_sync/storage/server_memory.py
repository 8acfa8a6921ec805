"""The state of the media-request server when it was last read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from list_sync.database.schema import known_media, server_fingerprints
from list_sync.database.statements import in_batches, upsert
from list_sync.model.servers import Availability, Fingerprint, MediaState, RequestStatus, ServerRequest
from list_sync.model.titles import MediaType, Quality

_KINDS = {kind.value: kind for kind in MediaType}
_QUALITIES = (Quality.HD, Quality.UHD)
_NO_SEASONS: Mapping[int, Availability] = {}
StateKey = tuple[MediaType, int]
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


@dataclass(frozen=True, slots=True)
class StoredFingerprint:
    """A fingerprint, the time of the last full read, and the titles that the next run checks."""

    fingerprint: Fingerprint
    full_read_at: datetime | None
    next_place: int = 0
    unread_since: datetime | None = None


def load_states(connection: Connection, server_id: int) -> dict[StateKey, MediaState]:
    """Return the remembered states of all titles on one server."""
    states = {}
    seasons: dict[str, Mapping[int, Availability]] = {"": _NO_SEASONS}
    for row in connection.execute(_LOAD.where(known_media.c.server_id == server_id)):
        state = _read_state(row, seasons)
        states[state.media_type, state.tmdb_id] = state
    return states


def find_state(
    connection: Connection, server_id: int, key: StateKey
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
            known_seasons[text] = _parse_seasons(text)
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
    states: Mapping[StateKey, MediaState] | Iterable[MediaState],
    *,
    at: datetime,
    replace: bool,
) -> None:
    """Store the states of titles on one server; with `replace`, delete all others."""
    if replace:
        connection.execute(delete(known_media).where(known_media.c.server_id == server_id))
    values = list(states.values() if isinstance(states, Mapping) else states)
    for batch in in_batches(values):
        upsert(connection, known_media, [_build_row(server_id, state, at) for state in batch])


def load_fingerprint(connection: Connection, server_id: int) -> StoredFingerprint | None:
    """Return the fingerprint that was last saved for a server."""
    table = server_fingerprints
    row = connection.execute(select(table).where(table.c.server_id == server_id)).first()
    if row is None:
        return None
    numbers = Fingerprint(row.requests, row.pending, row.declined, row.media, row.failed)
    return StoredFingerprint(numbers, row.full_read_at, row.next_place, row.unread_since)


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


def _parse_seasons(text: str) -> Mapping[int, Availability]:
    return {int(number): Availability.of(value) for number, value in json.loads(text).items()}


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
