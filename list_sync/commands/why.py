"""`why`: everything that is known about one title, and the reason for its state."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from functools import partial

from list_sync.commands.correcting import complain_unknown, pin_commands
from list_sync.commands.json_output import print_json
from list_sync.commands.loading import load_for_command
from list_sync.commands.opening import find_own_store
from list_sync.commands.printing import complain, say
from list_sync.commands.story import Line, tell_finding, tell_rules, tell_wish
from list_sync.config import Settings
from list_sync.correcting.advice import advise
from list_sync.correcting.finding import (
    ServerKnowledge,
    find_doubts,
    find_matched_name,
    find_pins,
    find_server_knowledge,
    look_up,
)
from list_sync.correcting.resets import get_server_url
from list_sync.correcting.snoozing import find_snooze
from list_sync.database.store import Store
from list_sync.errors import ConfigError
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.matches import Pin
from list_sync.model.moments import utc_now
from list_sync.model.servers import MediaState
from list_sync.model.shown import shown_reason, shown_seasons, shown_time
from list_sync.model.titles import Quality
from list_sync.storage.server_options import find_requester_names
from list_sync.storage.title_search import TitleRecord


def show_why(text: str, *, as_json: bool = False, household: str = HOME) -> ExitCode:
    """Print how a title was matched, what was decided and why, and what the server answered."""
    settings = load_for_command(household)
    store = find_own_store(settings, as_json=as_json)
    if store is None:
        if as_json:
            print_json({"titles": []})
        return ExitCode.FAILURES
    with store:
        found = look_up(store, text)
        records = found.exact or (found.near if len(found.near) == 1 else ())
        if not records:
            if as_json:
                print_json({"titles": []})
            complain_unknown(text, found.near)
            for source, reason in find_doubts(store).items():
                complain(f"perhaps it is an entry that could not be read: {source}, {reason}")
            return ExitCode.FAILURES
        if as_json:
            print_json({"titles": [_build_object(settings, store, record) for record in records]})
            return ExitCode.OK
        for number, record in enumerate(records):
            if number:
                say()
            _print_title(settings, store, record)
    return ExitCode.OK


def _build_object(settings: Settings, store: Store, record: TitleRecord) -> dict[str, object]:
    """Return all that is known of a title as JSON has it."""
    server = _describe_server(settings, store, record)
    return {
        "label": record.label,
        "record": record,
        "pins": find_pins(store, record),
        "snoozed_until": find_snooze(store, record, now=utc_now()),
        "server": [line for name, line in server if name == "server"],
        "requested": [line for name, line in server if name == "ours"],
        "next": advise(record),
    }


def _print_title(settings: Settings, store: Store, record: TitleRecord) -> None:
    say(f"{record.label}{', in 4K' if record.quality is Quality.UHD else ''}")
    for label, text in _tell(settings, store, record):
        say(f"  {label:8} {text}")


def _tell(settings: Settings, store: Store, record: TitleRecord) -> Iterator[Line]:
    """Yield the story of a title, from its state to what would change it."""
    zone = settings.process.zone
    yield "state", f"{record.status.value}: {shown_reason(record.reason, zone) or 'no reason given'}"
    if record.events:
        yield "since", shown_time(record.events[-1].at, zone)
    yield from tell_wish(record, zone, _find_users(settings, store))
    yield "matched", _describe_match(record, _find_name(settings, store, record))
    yield from tell_finding(record.explanation)
    yield from (("pin", _describe_pin(pin)) for pin in find_pins(store, record))
    if until := find_snooze(store, record, now=utc_now()):
        yield "snoozed", f"until {shown_time(until, zone)}"
    yield from tell_rules(record.explanation, zone)
    yield from _describe_server(settings, store, record)
    doubts = find_doubts(store)
    for place in record.lists or ("none any more",):
        yield "list", f"{place}{f', {doubts[place]}' if place in doubts else ''}"
    yield "seen", f"first {shown_time(record.first_seen, zone)}, last {shown_time(record.last_synced, zone)}"
    for event in record.events:
        teller = f"run {event.run_id}" if event.run_id else "told by the server"
        yield (
            "history",
            f"{shown_time(event.at, zone)}, {teller}: {event.status.value}, {shown_reason(event.reason, zone)}",
        )
    yield "next", advise(record)
    yield from (("settle", line) for line in (pin_commands(record) if record.candidates else ()))


def _find_users(settings: Settings, store: Store) -> Mapping[int, str]:
    """Return the names of users that lists state; none if no server is set."""
    try:
        return find_requester_names(store, get_server_url(settings.household))
    except ConfigError:
        return {}


def _find_name(settings: Settings, store: Store, record: TitleRecord) -> str:
    """Return the name of the TMDB title of an entry, as it is stored, or else as the server says."""
    name = find_matched_name(store, record)
    if name or record.tmdb_id is None:
        return name
    # Imported here, because most titles are named without the network.
    from list_sync.correcting.targets import find_target_name
    from list_sync.main import open_quick_client

    return find_target_name(partial(open_quick_client, settings), record)


def _describe_match(record: TitleRecord, name: str) -> str:
    """Return the TMDB title of an entry, and how it was matched."""
    if record.tmdb_id is None:
        return "to nothing"
    kind = record.media_type.value if record.media_type else "title"
    how = f"by {record.method.value.replace('_', ' ')}" if record.method else "earlier"
    ids = [record.imdb_id, f"tvdb {record.tvdb_id}" if record.tvdb_id else None]
    named = f", {name}," if name else ""
    return ", ".join([f"to tmdb {kind} {record.tmdb_id}{named} {how}", *filter(None, ids)])


def _describe_pin(pin: Pin) -> str:
    """Say what the user said of a title."""
    if pin.tmdb_id is None:
        return f"{pin.key}: banned"
    return f"{pin.key} is {pin.media_type.value if pin.media_type else ''} {pin.tmdb_id}"


def _describe_server(settings: Settings, store: Store, record: TitleRecord) -> list[Line]:
    """Return what was read of a title on the server and, separately, what we requested."""
    try:
        known = find_server_knowledge(store, get_server_url(settings.household), record)
    except ConfigError as error:
        if record.tmdb_id is not None:
            complain(f"the state on the server is not shown: {error.problems[0]}")
        known = ServerKnowledge()
    read = f" (read {shown_time(known.seen_at, settings.process.zone)})" if known.seen_at else ""
    state = [("server", f"{_describe_state(known.state, record.quality)}{read}")] if known.state else []
    return state + [("ours", _describe_entry(entry, settings.process.zone)) for entry in known.sent]


def _describe_state(state: MediaState, quality: Quality) -> str:
    """Return the state of a title on the server as text."""
    availability = state.availability_in(quality).name.lower().replace("_", " ")
    requests = [f"request {request.request_id} {request.status.name.lower()}" for request in state.requests_in(quality)]
    return ", ".join([f"knows it as {availability}", *requests])


def _describe_entry(entry: JournalEntry, zone: tzinfo) -> str:
    """Return when we requested a title and with what result, unless it was read back from the server."""
    seasons = f" for {shown_seasons(entry.seasons)}" if entry.seasons else ""
    if entry.state is RequestState.ACCEPTED:
        name = f" (request {entry.request_id})" if entry.request_id else ""
        return f"requested by us on {shown_time(entry.sent_at, zone)}{seasons}{name}; not read back since"
    number = f", request {entry.request_id}" if entry.request_id else ""
    answer = f": {entry.note or entry.answer}" if entry.note or entry.answer else ""
    return f"asked {shown_time(entry.sent_at, zone)}{seasons}, {entry.state.value}{number}{answer}"
