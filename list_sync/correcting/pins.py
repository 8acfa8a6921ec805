"""Pins and bans: which title a text means, and what the user says of it, saved under every key that fits."""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from list_sync.correcting.finding import Found, look_up
from list_sync.correcting.keys import find_key, keys_to_ban, keys_to_pin, stated_kind
from list_sync.database.store import Store
from list_sync.errors import InvalidListId
from list_sync.model.matches import Pin
from list_sync.model.titles import MediaType
from list_sync.storage.journal import release
from list_sync.storage.memory import load_pins
from list_sync.storage.pin_rows import delete_decisions, save_decisions
from list_sync.storage.title_search import TitleRecord, find_review

KeysOf = Callable[[TitleRecord], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The title that a text means, the keys of its pin or ban, and its records; `name` is None for a key alone."""

    name: str | None
    keys: tuple[str, ...]
    records: tuple[TitleRecord, ...] = ()


def pin(
    store: Store, text: str, media_type: MediaType, tmdb_id: int, *, at: datetime, other_kind: bool = False
) -> Chosen | Found:
    """Save which TMDB title an entry is; the title is requested even if its request was taken back before.

    Raise InvalidListId if the list states another kind, unless `other_kind` allows that.
    """
    chosen = choose(store, text, keys_to_pin)
    if isinstance(chosen, Chosen):
        if not other_kind:
            for record in chosen.records:
                _require_kind(record, media_type, tmdb_id, advice="add --other-kind")
        pin_keys(store, chosen.keys, media_type, tmdb_id, at=at)
    return chosen


def pin_record(
    store: Store, record: TitleRecord, media_type: MediaType, tmdb_id: int, *, at: datetime, advice: str | None
) -> tuple[str, ...]:
    """Save which TMDB title this one is; return the keys of the pin.

    Raise InvalidListId with the advice if the list states another kind; without advice, that is allowed.
    """
    if advice is not None:
        _require_kind(record, media_type, tmdb_id, advice=advice)
    keys = keys_to_pin(record)
    pin_keys(store, keys, media_type, tmdb_id, at=at)
    return keys


def _require_kind(record: TitleRecord, media_type: MediaType, tmdb_id: int, *, advice: str) -> None:
    stated = stated_kind(record)
    if stated not in (None, media_type):
        raise InvalidListId(
            f"{record.label} is a {stated.word} on its list, and tmdb:{media_type.value}:{tmdb_id} is"
            f" a {media_type.word}: name another title, or {advice}"
        )


def pin_keys(store: Store, keys: Iterable[str], media_type: MediaType, tmdb_id: int, *, at: datetime) -> None:
    """Save that entries with these keys are a TMDB title."""
    with store.writing() as connection:
        save_decisions(connection, store.household, [Pin(key, media_type, tmdb_id) for key in keys], at=at)
        release(connection, store.household, media_type, tmdb_id)


def ban(store: Store, text: str, *, at: datetime) -> Chosen | Found:
    """Save that a title is never requested."""
    chosen = choose(store, text, keys_to_ban)
    if isinstance(chosen, Chosen):
        ban_keys(store, chosen.keys, at=at)
    return chosen


def ban_keys(store: Store, keys: Iterable[str], *, at: datetime) -> None:
    """Save that entries with these keys are never requested."""
    with store.writing() as connection:
        save_decisions(connection, store.household, [Pin(key) for key in keys], at=at)


def take_back(store: Store, text: str) -> tuple[str, ...]:
    """Delete the pins and bans of the titles that a text means; return their keys."""
    found = look_up(store, text)
    keys = {key for record in found.exact for key in (*keys_to_pin(record), *keys_to_ban(record))}
    return take_back_keys(store, keys | {key for key in [find_key(text)] if key})


def take_back_keys(store: Store, keys: Set[str]) -> tuple[str, ...]:
    """Delete the pins and bans with these keys; return the keys of those that there were."""
    kept = {pin.key for pin in find_pins(store, keys)}
    with store.writing() as connection:
        delete_decisions(connection, store.household, kept)
    return tuple(sorted(kept))


def find_pins(store: Store, keys: Iterable[str]) -> list[Pin]:
    """Return the pins and bans with these keys."""
    keys = list(keys)
    with store.reading() as connection:
        known = load_pins(connection, store.household, keys)
    return [known[key] for key in keys if key in known]


def find_reviews(store: Store) -> list[tuple[TitleRecord, bool]]:
    """Return the titles that need a decision, each with whether there is one that the next sync will use."""
    with store.reading() as connection:
        waiting = find_review(connection, store.household)
    settled = find_settled(store, waiting)
    return [(record, record.item_id in settled) for record in waiting]


def find_settled(store: Store, records: Iterable[TitleRecord]) -> frozenset[int]:
    """Return the numbers of those titles for which there is a decision that the next sync will use."""
    keys = {record.item_id: {*keys_to_pin(record), *keys_to_ban(record)} for record in records}
    with store.reading() as connection:
        known = load_pins(connection, store.household, frozenset[str]().union(*keys.values())).keys()
    return frozenset(number for number, own in keys.items() if not known.isdisjoint(own))


def choose(store: Store, text: str, keys_of: KeysOf) -> Chosen | Found:
    """Return the one title that a text means, or the titles that it may mean."""
    found = look_up(store, text)
    own = [key for key in [find_key(text)] if key]
    if len({frozenset(keys_of(record)) for record in found.exact}) > 1 or not (found.exact or own):
        return found
    if not found.exact:
        return Chosen(None, tuple(own))
    return Chosen(found.exact[0].label, tuple(dict.fromkeys([*keys_of(found.exact[0]), *own])), found.exact)
