"""Everything that is known of one title: what `why` prints."""

from dataclasses import dataclass
from datetime import datetime

from list_sync.correcting.keys import keys_to_ban
from list_sync.database.store import Store
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.matches import Pin
from list_sync.model.moments import utc_now
from list_sync.model.servers import HOME, MediaState
from list_sync.model.sources import ListRef
from list_sync.storage.journal import RequestJournal
from list_sync.storage.lists import find_lists
from list_sync.storage.memory import load_pins
from list_sync.storage.server_memory import find_state
from list_sync.storage.servers import find_server
from list_sync.storage.title_search import TitleRecord


@dataclass(frozen=True, slots=True)
class ServerKnowledge:
    """What was read of a title on the server and when, and our own requests for it."""

    state: MediaState | None = None
    seen_at: datetime | None = None
    sent: tuple[JournalEntry, ...] = ()


def find_pins(store: Store, record: TitleRecord) -> tuple[Pin, ...]:
    """Return the pins and bans that concern a title."""
    with store.reading() as connection:
        pins = load_pins(connection, HOME)
    return tuple(pins[key] for key in keys_to_ban(record) if key in pins)


def find_doubts(store: Store) -> dict[str, str]:
    """Return the lists with entries that were not understood, with the reason of each."""
    with store.reading() as connection:
        records = [record for record in find_lists(connection, HOME) if record.not_understood]
    return {
        str(ListRef(record.list_type, record.list_id)): f"{record.state.value}: {record.reason}" for record in records
    }


def find_server_knowledge(store: Store, address: str, record: TitleRecord) -> ServerKnowledge:
    """Return what is remembered of a title on the server, in the quality of the record."""
    if record.media_type is None or record.tmdb_id is None:
        return ServerKnowledge()
    title = (record.media_type, record.tmdb_id)
    with store.reading() as connection:
        server = find_server(connection, address)
        if server is None:
            return ServerKnowledge()
        state, seen_at = find_state(connection, server.server_id, title)
    journal = RequestJournal(store, server_id=server.server_id, run_id=0, now=utc_now)
    sent = [entry for entry in journal.load_entries(*RequestState) if (entry.media_type, entry.tmdb_id) == title]
    return ServerKnowledge(state, seen_at, tuple(entry for entry in sent if entry.quality is record.quality))
