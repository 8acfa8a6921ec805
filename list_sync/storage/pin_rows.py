"""Pins, bans and snoozes as they are stored, so that a change of them can be taken back exactly."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from list_sync.database.dialects import one_of, upsert
from list_sync.database.schema import pins
from list_sync.model.matches import Pin
from list_sync.storage.memory import delete_pins, forget, save_pins


class PinRow(NamedTuple):
    """What is stored under one key."""

    media_type: str | None
    tmdb_id: int | None
    pinned_at: datetime
    until: datetime | None

    @property
    def is_pin(self) -> bool:
        """Return whether this is a pin, which may be snoozed."""
        return self.tmdb_id is not None

    @property
    def is_ban(self) -> bool:
        """Return whether this is a ban."""
        return self.tmdb_id is None and self.until is None


# What is stored under keys; None is nothing.
Rows = Mapping[str, PinRow | None]


class Change(NamedTuple):
    """What was stored under some keys before and after a user did something."""

    before: Rows
    after: Rows


def load_rows(connection: Connection, household: str, keys: Collection[str]) -> dict[str, PinRow | None]:
    """Return what is stored under each of these keys."""
    columns = pins.c
    fields = [columns[name] for name in PinRow._fields]
    own = (columns.household == household) & one_of(columns.key, keys)
    found = connection.execute(select(columns.key, *fields).where(own))
    return dict.fromkeys(keys) | {key: PinRow(*values) for key, *values in found}


def save_decisions(connection: Connection, household: str, decided: Collection[Pin], *, at: datetime) -> None:
    """Save pins and bans; a match of their keys that is remembered must not come back when they are taken back."""
    save_pins(connection, household, decided, at=at)
    forget(connection, [pin.key for pin in decided])


def delete_decisions(connection: Connection, household: str, keys: Collection[str]) -> None:
    """Delete the pins and bans of these keys, and the matches that came of pins."""
    delete_pins(connection, household, keys)
    forget(connection, keys)


def put_back(connection: Connection, household: str, change: Change) -> int:
    """Store what was there before a change, where nothing else changed since; return the number of keys."""
    changed = {key for key, row in change.after.items() if change.before[key] != row}
    present = load_rows(connection, household, changed)
    ours = {key for key in changed if present[key] == change.after[key]}
    delete_decisions(connection, household, ours)
    former = {key: row for key in ours if (row := change.before[key])}
    upsert(connection, pins, [{"household": household, "key": key, **row._asdict()} for key, row in former.items()])
    return len(ours)
