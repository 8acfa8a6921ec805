"""Finds the stored titles that a text means or resembles, and everything that is known of one."""

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from list_sync.correcting.keys import keys_to_ban
from list_sync.database.store import Store
from list_sync.model.folding import fold
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.matches import Pin
from list_sync.model.moments import utc_now
from list_sync.model.servers import MediaState
from list_sync.model.sources import ListRef
from list_sync.storage.journal import RequestJournal
from list_sync.storage.lists import find_lists
from list_sync.storage.memory import load_pins, load_snoozes
from list_sync.storage.server_memory import find_name, find_state
from list_sync.storage.server_options import find_requester_names
from list_sync.storage.servers import find_household_server
from list_sync.storage.title_search import TitleRecord, find_names, find_titles, is_id, load_records

MOST_SUGGESTIONS = 5
# So many names are read for each word that may be misspelled, and so many are compared letter by letter.
MOST_READ, MOST_COMPARED = 5_000, 200
# A misspelled word is expected to begin with this many right letters.
SAFE_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """The titles that a text means exactly, and those with a similar name."""

    exact: tuple[TitleRecord, ...]
    near: tuple[TitleRecord, ...]


def look_up(store: Store, text: str) -> Found:
    """Return the titles with this id or name, and others whose name holds it or resembles it."""
    with store.reading() as connection:
        records = {record.item_id: record for record in find_titles(connection, store.household, text, limit=50)}
    if not records:
        return Found((), () if is_id(text) else _find_resembling(store, text))
    exact = tuple(record for record in records.values() if _is_exact(record, text))
    names = {record.item_id: record.title for record in records.values() if record not in exact}
    return Found(exact, tuple(records[item_id] for item_id in _most_similar(names, text)))


def _find_resembling(store: Store, text: str) -> tuple[TitleRecord, ...]:
    """Return the titles whose name is most similar to a text that may be misspelled."""
    starts = {word[:SAFE_LETTERS] for word in fold(text).split() if len(word) >= SAFE_LETTERS}
    names: dict[int, str] = {}
    held: Counter[int] = Counter()
    with store.reading() as connection:
        for start in starts:
            for item_id, title, *_ in find_names(connection, store.household, start, limit=MOST_READ):
                names[item_id] = title
                held[item_id] += 1
        likely = sorted(names, key=lambda item_id: (-held[item_id], abs(len(names[item_id]) - len(text)), item_id))
        compared = {item_id: names[item_id] for item_id in likely[:MOST_COMPARED]}
        return load_records(connection, _most_similar(compared, text))


def _is_exact(record: TitleRecord, text: str) -> bool:
    """Return whether a text names this title and not only a part of it."""
    wanted = _fold(text)
    names = {record.title, record.label, record.item_key, record.item_key.rpartition(":")[0], *_ids_of(record)}
    return wanted in {_fold(name) for name in names if name}


def _ids_of(record: TitleRecord) -> set[str]:
    """Return every spelling of the ids of a title."""
    ids = {record.imdb_id or "", f"imdb:{record.imdb_id}"}
    if record.tvdb_id is not None:
        ids.add(f"tvdb:{record.tvdb_id}")
    if record.tmdb_id is not None:
        kind = record.media_type.value if record.media_type else ""
        ids |= {str(record.tmdb_id), f"tmdb:{record.tmdb_id}", f"{kind}:{record.tmdb_id}"}
        ids.add(f"tmdb:{kind}:{record.tmdb_id}")
    return ids


def _fold(text: str) -> str:
    """Return a text in the form in which titles are compared."""
    return " ".join(text.casefold().split())


def _most_similar(names: Mapping[int, str], text: str) -> list[int]:
    """Return the titles with the names most similar to a text, the most similar first."""
    wanted = _fold(text)
    matcher = difflib.SequenceMatcher(None, b=wanted)

    def likeness(item_id: int) -> float:
        name = _fold(names[item_id])
        matcher.set_seq1(name)
        return matcher.ratio() + (1.0 if wanted in name else 0.0)

    return sorted(names, key=likeness, reverse=True)[:MOST_SUGGESTIONS]


@dataclass(frozen=True, slots=True)
class ServerKnowledge:
    """What was read of a title on the server and when, and our own requests for it."""

    state: MediaState | None = None
    seen_at: datetime | None = None
    sent: tuple[JournalEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class TitleKnowledge:
    """What is known of a title besides its record; `matched_name` is "" if TMDB's page of it was never read.

    `doubts` are the lists with entries that were not understood, `users` the names of users that lists state.
    """

    matched_name: str = ""
    pins: tuple[Pin, ...] = ()
    snoozed_until: datetime | None = None
    server: ServerKnowledge = field(default=ServerKnowledge())
    doubts: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[int, str] = field(default_factory=dict)


def find_knowledge(store: Store, record: TitleRecord, *, now: datetime) -> TitleKnowledge:
    """Return what is known of a title."""
    keys = keys_to_ban(record)
    with store.reading() as connection:
        pins = load_pins(connection, store.household, keys)
        snoozes = load_snoozes(connection, store.household, now=now, keys=keys)
    return TitleKnowledge(
        find_matched_name(store, record),
        tuple(pins[key] for key in keys if key in pins),
        max(snoozes.values(), default=None),
        find_server_knowledge(store, record),
        find_doubts(store),
        find_requester_names(store),
    )


def find_matched_name(store: Store, record: TitleRecord) -> str:
    """Return the name of the TMDB title that an entry was matched to, "" if its page was never read."""
    if record.media_type is None or record.tmdb_id is None:
        return ""
    with store.reading() as connection:
        return find_name(connection, (record.media_type, record.tmdb_id))


def find_doubts(store: Store) -> dict[str, str]:
    """Return the lists with entries that were not understood, with the reason of each."""
    with store.reading() as connection:
        records = [record for record in find_lists(connection, store.household) if record.not_understood]
    return {
        str(ListRef(record.list_type, record.list_id)): f"{record.state.value}: {record.reason}" for record in records
    }


def find_server_knowledge(store: Store, record: TitleRecord) -> ServerKnowledge:
    """Return what is remembered of a title on the server of the last run, in the quality of the record."""
    if record.media_type is None or record.tmdb_id is None:
        return ServerKnowledge()
    title = (record.media_type, record.tmdb_id)
    with store.reading() as connection:
        server = find_household_server(connection, store.household)
        if server is None:
            return ServerKnowledge()
        state, seen_at = find_state(connection, server.server_id, title)
    journal = RequestJournal(store, server_id=server.server_id, run_id=0, now=utc_now)
    sent = journal.load_entries(*RequestState, title=title)
    return ServerKnowledge(state, seen_at, tuple(entry for entry in sent if entry.quality is record.quality))
