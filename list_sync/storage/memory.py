"""Resolutions of titles, and the user's pins and bans."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from list_sync.database.schema import pins, resolutions
from list_sync.database.statements import in_batches, one_of, upsert
from list_sync.model.matches import MatchMethod, Pin, Resolution
from list_sync.model.titles import MediaType

_KINDS = {kind.value: kind for kind in MediaType}
_METHODS = {method.value: method for method in MatchMethod}


def load_resolutions(connection: Connection, keys: Iterable[str]) -> dict[str, Resolution]:
    """Return the remembered resolutions of these keys."""
    columns = resolutions.c
    statement = select(columns.key, columns.media_type, columns.tmdb_id, columns.method)
    rows = connection.execute(statement.where(one_of(columns.key, keys)))
    return {key: Resolution(key, _KINDS[kind], tmdb_id, _METHODS[method]) for key, kind, tmdb_id, method in rows}


def remember(connection: Connection, learned: Iterable[Resolution], *, at: datetime) -> None:
    """Store resolutions; the latest one of a key counts."""
    rows: dict[str, dict[str, object]] = {
        resolution.key: {
            "key": resolution.key,
            "media_type": resolution.media_type.value,
            "tmdb_id": resolution.tmdb_id,
            "method": resolution.method.value,
            "resolved_at": at,
        }
        for resolution in learned
    }
    upsert(connection, resolutions, list(rows.values()))


def forget(connection: Connection, keys: Collection[str]) -> None:
    """Forget the resolutions of these keys."""
    for batch in in_batches(list(keys)):
        connection.execute(delete(resolutions).where(resolutions.c.key.in_(batch)))


def load_pins(connection: Connection, household: str) -> dict[str, Pin]:
    """Return every pin and ban by its key."""
    columns = pins.c
    statement = select(columns.key, columns.media_type, columns.tmdb_id).where(columns.household == household)
    rows = connection.execute(statement)
    return {key: Pin(key, _KINDS[kind] if kind else None, tmdb_id) for key, kind, tmdb_id in rows}


def save_pins(connection: Connection, household: str, pinned: Iterable[Pin], *, at: datetime) -> None:
    """Save pins and bans; the latest one of a key counts."""
    rows: dict[str, dict[str, object]] = {
        pin.key: {
            "household": household,
            "key": pin.key,
            "media_type": pin.media_type,
            "tmdb_id": pin.tmdb_id,
            "pinned_at": at,
        }
        for pin in pinned
    }
    upsert(connection, pins, list(rows.values()))


def delete_pins(connection: Connection, household: str, keys: Collection[str]) -> None:
    """Delete the pins and bans of these keys."""
    for batch in in_batches(list(keys)):
        chosen = (pins.c.household == household) & pins.c.key.in_(batch)
        connection.execute(delete(pins).where(chosen))
