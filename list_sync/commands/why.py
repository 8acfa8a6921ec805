"""`why`: everything that is known of one title, and by which rule it is in its state."""

from datetime import UTC, datetime

from list_sync.commands.correcting import complain_unknown, pin_commands
from list_sync.commands.exits import ExitCode
from list_sync.commands.finding import look_up
from list_sync.commands.opening import find_own_store, load_for_command
from list_sync.commands.pin_keys import keys_to_ban
from list_sync.commands.printing import complain, say, shown_time
from list_sync.commands.resets import get_server_url
from list_sync.config import Settings
from list_sync.database.store import Store
from list_sync.errors import ConfigError
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.matches import Pin
from list_sync.model.servers import MediaState
from list_sync.model.sources import ListRef
from list_sync.model.titles import Quality
from list_sync.storage.journal import RequestJournal
from list_sync.storage.lists import find_lists
from list_sync.storage.memory import load_pins
from list_sync.storage.server_memory import find_state
from list_sync.storage.servers import find_server
from list_sync.storage.titles import TitleRecord


def show_why(text: str) -> ExitCode:
    """Print what a title was taken for and how, what was decided and why, and what the server said."""
    settings = load_for_command()
    store = find_own_store(settings)
    if store is None:
        return ExitCode.FAILURES
    with store:
        found = look_up(store, text)
        records = found.exact or (found.near if len(found.near) == 1 else ())
        if not records:
            complain_unknown(text, found)
            for source, reason in _find_doubts(store).items():
                complain(f"perhaps it is an entry that could not be read: {source}, {reason}")
            return ExitCode.FAILURES
        for number, record in enumerate(records):
            if number:
                say()
            _print_title(settings, store, record)
    return ExitCode.OK


def _print_title(settings: Settings, store: Store, record: TitleRecord) -> None:
    zone = settings.zone
    with store.reading() as connection:
        pins = load_pins(connection)
    say(f"{record.label}{', in 4K' if record.quality is Quality.UHD else ''}")
    say(f"  state    {record.status.value}: {record.reason or 'no reason given'}")
    say(f"  matched  {describe_match(record)}")
    for line in describe_pins(record, pins):
        say(f"  pin      {line}")
    for name, line in describe_server(settings, store, record):
        say(f"  {name:8} {line}")
    doubts = _find_doubts(store)
    for place in record.lists or ("none any more",):
        say(f"  list     {place}{f', {doubts[place]}' if place in doubts else ''}")
    say(f"  seen     first {shown_time(record.first_seen, zone)}, last {shown_time(record.last_synced, zone)}")
    for event in record.events:
        say(f"  history  {shown_time(event.at, zone)}, run {event.run_id}: {event.status.value}, {event.reason}")
    if record.candidates:
        for line in pin_commands(record):
            say(f"  settle   {line}")


def _find_doubts(store: Store) -> dict[str, str]:
    """Return the lists with entries that were not understood, with the reason of each."""
    with store.reading() as connection:
        records = [record for record in find_lists(connection) if record.not_understood]
    return {
        str(ListRef(record.list_type, record.list_id)): f"{record.state.value}: {record.reason}" for record in records
    }


def describe_match(record: TitleRecord) -> str:
    """Say which TMDB title an entry is taken for, and by what."""
    if record.tmdb_id is None:
        return "to nothing"
    kind = record.media_type.value if record.media_type else "title"
    how = f"by {record.method.value.replace('_', ' ')}" if record.method else "earlier"
    ids = [record.imdb_id, f"tvdb {record.tvdb_id}" if record.tvdb_id else None]
    return ", ".join([f"to tmdb {kind} {record.tmdb_id} {how}", *(name for name in ids if name)])


def describe_pins(record: TitleRecord, pins: dict[str, Pin]) -> list[str]:
    """Return the user's own words about a title."""
    own = [pins[key] for key in keys_to_ban(record) if key in pins]
    return [
        f"{pin.key}: banned"
        if pin.tmdb_id is None
        else f"{pin.key} is {pin.media_type.value if pin.media_type else ''} {pin.tmdb_id}"
        for pin in own
    ]


def describe_server(settings: Settings, store: Store, record: TitleRecord) -> list[tuple[str, str]]:
    """Return what was read of a title on the server and, apart from it, what we asked for."""
    if record.media_type is None or record.tmdb_id is None:
        return []
    try:
        address = get_server_url(settings)
    except ConfigError as error:
        complain(f"what the server knows is not shown: {error.problems[0]}")
        return []
    title = (record.media_type, record.tmdb_id)
    with store.reading() as connection:
        server = find_server(connection, address)
        if server is None:
            return []
        state, seen_at = find_state(connection, server.server_id, title)
    journal = RequestJournal(store, server_id=server.server_id, run_id=0, now=lambda: datetime.now(UTC))
    sent = [entry for entry in journal.load_entries(*RequestState) if (entry.media_type, entry.tmdb_id) == title]
    read = f" (read {shown_time(seen_at, settings.zone)})" if seen_at else ""
    known = [("server", f"{describe_state(state, record.quality)}{read}")] if state else []
    return known + [("ours", describe_entry(entry, settings)) for entry in sent if entry.quality is record.quality]


def describe_state(state: MediaState, quality: Quality) -> str:
    """Say what the server knows of a title."""
    availability = state.availability_in(quality).name.lower().replace("_", " ")
    requests = [f"request {request.request_id} {request.status.name.lower()}" for request in state.requests_in(quality)]
    return ", ".join([f"knows it as {availability}", *requests])


def describe_entry(entry: JournalEntry, settings: Settings) -> str:
    """Say when we asked for a title and what came of it, as far as it was not read back from the server."""
    seasons = f" for season {', '.join(map(str, entry.seasons))}" if entry.seasons else ""
    if entry.state is RequestState.ACCEPTED:
        name = f" (request {entry.request_id})" if entry.request_id else ""
        return f"requested by us on {shown_time(entry.sent_at, settings.zone)}{seasons}{name}; not read back since"
    number = f", request {entry.request_id}" if entry.request_id else ""
    answer = f": {entry.answer}" if entry.answer else ""
    return f"asked {shown_time(entry.sent_at, settings.zone)}{seasons}, {entry.state.value}{number}{answer}"
