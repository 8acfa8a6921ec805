"""Pins and bans: which title a text means, and what the user says of it, saved under every key that fits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from list_sync.correcting.finding import Found, look_up
from list_sync.correcting.keys import find_key, keys_to_ban, keys_to_pin
from list_sync.database.store import Store
from list_sync.model.matches import Pin
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaType
from list_sync.storage.journal import release
from list_sync.storage.memory import delete_pins, forget, load_pins, save_pins
from list_sync.storage.title_search import TitleRecord, find_review

KeysOf = Callable[[TitleRecord], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The title that a text means, the keys of its pin or ban, and its records; `name` is None for a key alone."""

    name: str | None
    keys: tuple[str, ...]
    records: tuple[TitleRecord, ...] = ()


def pin(store: Store, text: str, media_type: MediaType, tmdb_id: int, *, at: datetime) -> Chosen | Found:
    """Save which TMDB title an entry is; the title is requested even if its request was taken back before."""
    chosen = _choose(store, text, keys_to_pin)
    if isinstance(chosen, Chosen):
        _save(store, [Pin(key, media_type, tmdb_id) for key in chosen.keys], at=at)
        with store.writing() as connection:
            release(connection, HOME, media_type, tmdb_id)
    return chosen


def ban(store: Store, text: str, *, at: datetime) -> Chosen | Found:
    """Save that a title is never requested."""
    chosen = _choose(store, text, keys_to_ban)
    if isinstance(chosen, Chosen):
        _save(store, [Pin(key) for key in chosen.keys], at=at)
    return chosen


def take_back(store: Store, text: str) -> tuple[str, ...]:
    """Delete the pins and bans of the titles that a text means; return their keys."""
    found = look_up(store, text)
    keys = {key for record in found.exact for key in (*keys_to_pin(record), *keys_to_ban(record))}
    keys |= {key for key in [find_key(text)] if key}
    with store.writing() as connection:
        kept = keys & load_pins(connection, HOME).keys()
        delete_pins(connection, HOME, kept)
        forget(connection, kept)
    return tuple(sorted(kept))


def find_reviews(store: Store) -> list[tuple[TitleRecord, bool]]:
    """Return the titles that need a decision, each with whether there is one that the next sync will use."""
    with store.reading() as connection:
        waiting = find_review(connection, HOME)
        settled = load_pins(connection, HOME).keys()
    return [(record, not settled.isdisjoint((*keys_to_pin(record), *keys_to_ban(record)))) for record in waiting]


def _choose(store: Store, text: str, keys_of: KeysOf) -> Chosen | Found:
    """Return the one title that a text means, or the titles that it may mean."""
    found = look_up(store, text)
    own = [key for key in [find_key(text)] if key]
    if len({frozenset(keys_of(record)) for record in found.exact}) > 1 or not (found.exact or own):
        return found
    if not found.exact:
        return Chosen(None, tuple(own))
    return Chosen(found.exact[0].label, tuple(dict.fromkeys([*keys_of(found.exact[0]), *own])), found.exact)


def _save(store: Store, pins: list[Pin], *, at: datetime) -> None:
    with store.writing() as connection:
        save_pins(connection, HOME, pins, at=at)
        # A resolution of these keys must not come back when the pin is removed.
        forget(connection, [pin.key for pin in pins])
