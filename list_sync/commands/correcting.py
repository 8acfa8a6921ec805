"""`pin`, `ban` and `review`: the user's own word about which title is which."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from list_sync.commands.exits import ExitCode
from list_sync.commands.finding import Found, look_up
from list_sync.commands.opening import find_own_store, load_for_command, open_own_store
from list_sync.commands.pin_keys import find_key, keys_to_ban, keys_to_pin, parse_target
from list_sync.commands.printing import complain, say, shown_count
from list_sync.database.store import Store
from list_sync.model.decisions import ItemStatus
from list_sync.model.matches import Pin
from list_sync.storage.journal import release
from list_sync.storage.memory import delete_pins, forget, load_pins, save_pins
from list_sync.storage.titles import TitleRecord, find_review

KeysOf = Callable[[TitleRecord], tuple[str, ...]]


def pin_title(title: str, target: str | None, *, remove: bool) -> ExitCode:
    """Settle for ever which TMDB title an entry is, or take that back."""
    if remove:
        return _take_back(title)
    if target is None:
        complain('pin needs a TMDB title too: list-sync pin "Heat (1995)" tmdb:movie:949')
        return ExitCode.CONFIGURATION
    media_type, tmdb_id = parse_target(target)
    settings = load_for_command()
    with open_own_store(settings) as store:
        chosen = _choose(store, title, keys_to_pin)
        if chosen is None:
            return ExitCode.CONFIGURATION
        name, keys, records = chosen
        _save(store, [Pin(key, media_type, tmdb_id) for key in keys])
        with store.writing() as connection:
            # Whoever pins a title wants it, even if its request was once taken back on the server.
            release(connection, media_type, tmdb_id)
    say(f"{name} is {media_type.value} {tmdb_id} from the next sync on (kept under {', '.join(keys)})")
    for record in records:
        if record.status is ItemStatus.REQUESTED and (record.media_type, record.tmdb_id) != (media_type, tmdb_id):
            kind = record.media_type.value if record.media_type else "title"
            say(f"{kind} {record.tmdb_id} was requested for it before: take that back on the server yourself")
    return ExitCode.OK


def ban_title(title: str, *, remove: bool) -> ExitCode:
    """Never request a title, whichever list wants it, or take that back."""
    if remove:
        return _take_back(title)
    settings = load_for_command()
    with open_own_store(settings) as store:
        chosen = _choose(store, title, keys_to_ban)
        if chosen is None:
            return ExitCode.CONFIGURATION
        name, keys, _ = chosen
        _save(store, [Pin(key) for key in keys])
    say(f"{name} is never requested from now on (kept under {', '.join(keys)})")
    return ExitCode.OK


def show_review() -> ExitCode:
    """Print the titles that wait for a decision, and the command that settles each."""
    settings = load_for_command()
    store = find_own_store(settings)
    if store is None:
        return ExitCode.OK
    with store, store.reading() as connection:
        waiting = find_review(connection)
        settled = load_pins(connection).keys()
    for record in waiting:
        say(f"{record.label}: {record.reason}")
        if settled & {*keys_to_pin(record), *keys_to_ban(record)}:
            say("  settled by you; the next sync uses it")
            continue
        for line in pin_commands(record):
            say(f"  {line}")
    say(f"{shown_count(len(waiting), 'title')} to review" if waiting else "nothing to review")
    return ExitCode.OK


def pin_commands(record: TitleRecord) -> list[str]:
    """Return the command that pins each candidate of a title, and the one that bans it."""
    key = keys_to_pin(record)[0]
    lines = [
        f"list-sync pin {quoted(key)} tmdb:{candidate.media_type.value}:{candidate.tmdb_id}  # {candidate.label}"
        for candidate in record.candidates
    ]
    return [*lines, f"list-sync ban {quoted(key)}"]


def quoted(text: str) -> str:
    """Return a text as one word of a shell's command line."""
    if text.replace(":", "").replace("-", "").isalnum() and text.isascii():
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def _choose(store: Store, text: str, keys_of: KeysOf) -> tuple[str, tuple[str, ...], Sequence[TitleRecord]] | None:
    """Return name, keys and records of the one title that is meant; complain and return None if there is none."""
    found = look_up(store, text)
    key = find_key(text)
    groups = {frozenset(keys_of(record)) for record in found.exact}
    if len(groups) > 1:
        complain(f'"{text}" is the name of {len(groups)} titles; say which one by its key:')
        for record in found.exact:
            complain(f"  {keys_of(record)[0]}  {record.label}, from {', '.join(record.lists) or 'no list'}")
        return None
    if found.exact:
        keys = dict.fromkeys([*keys_of(found.exact[0]), *([key] if key else [])])
        return found.exact[0].label, tuple(keys), found.exact
    if key is not None:
        return f"whatever comes as {key}", (key,), ()
    complain_unknown(text, found)
    return None


def complain_unknown(text: str, found: Found) -> None:
    """Say that no title is called so, and which ones come near."""
    complain(f'no list holds a title "{text}"{", but:" if found.near else ""}')
    for record in found.near:
        complain(f"  {record.label}  ({keys_to_pin(record)[0]})")


def _save(store: Store, pins: Sequence[Pin]) -> None:
    with store.writing() as connection:
        save_pins(connection, pins, at=datetime.now(UTC))
        # What was once looked up under these keys is not to come back when the pin goes.
        forget(connection, [pin.key for pin in pins])


def _take_back(text: str) -> ExitCode:
    settings = load_for_command()
    with open_own_store(settings) as store:
        found = look_up(store, text)
        keys = {key for record in found.exact for key in (*keys_to_pin(record), *keys_to_ban(record))}
        keys |= {key for key in [find_key(text)] if key}
        with store.writing() as connection:
            kept = keys & load_pins(connection).keys()
            delete_pins(connection, kept)
            forget(connection, kept)
    if not kept:
        complain(f'there is no pin and no ban of "{text}"')
        return ExitCode.CONFIGURATION
    say(f"taken back: {', '.join(sorted(kept))}")
    return ExitCode.OK
