"""Snoozes: titles that are not requested before a moment that the user says."""

from collections.abc import Collection
from datetime import datetime

from list_sync.correcting.finding import Found
from list_sync.correcting.keys import keys_to_ban
from list_sync.correcting.pins import Chosen, choose
from list_sync.database.store import Store
from list_sync.errors import InvalidListId
from list_sync.storage.memory import load_pins, save_snoozes


def snooze(store: Store, text: str, until: datetime | None, *, at: datetime) -> Chosen | Found:
    """Snooze the title that a text means, or end its snooze if `until` is None.

    Raise InvalidListId if the title is banned.
    """
    chosen = choose(store, text, keys_to_ban)
    if isinstance(chosen, Chosen):
        snooze_keys(store, chosen.keys, until, at=at)
    return chosen


def snooze_keys(store: Store, keys: Collection[str], until: datetime | None, *, at: datetime) -> None:
    """Snooze entries with these keys, or end their snooze; raise InvalidListId if they are banned."""
    with store.writing() as connection:
        pins = load_pins(connection, store.household, keys)
        if until is not None and any(key in pins and pins[key].tmdb_id is None for key in keys):
            raise InvalidListId("it is banned and never requested: take the ban back first (list-sync ban --remove)")
        save_snoozes(connection, store.household, keys, until, at=at)
