"""`why`: everything that is known about one title, and the reason for its state."""

from dataclasses import replace
from functools import partial

from list_sync.commands.correcting import complain_unknown, pin_commands
from list_sync.commands.json_output import print_json
from list_sync.commands.loading import load_for_command
from list_sync.commands.opening import find_own_store
from list_sync.commands.printing import complain, say
from list_sync.config import Settings
from list_sync.correcting.advice import advise
from list_sync.correcting.finding import find_doubts, find_knowledge, look_up
from list_sync.correcting.story import tell, tell_server
from list_sync.database.store import Store
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.moments import utc_now
from list_sync.model.titles import Quality
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
    known = find_knowledge(store, record, now=utc_now())
    server = list(tell_server(record, known, settings.process.zone))
    return {
        "label": record.label,
        "record": record,
        "pins": known.pins,
        "snoozed_until": known.snoozed_until,
        "server": [line for name, line in server if name == "server"],
        "requested": [line for name, line in server if name == "ours"],
        "next": advise(record),
    }


def _print_title(settings: Settings, store: Store, record: TitleRecord) -> None:
    say(f"{record.label}{', in 4K' if record.quality is Quality.UHD else ''}")
    known = find_knowledge(store, record, now=utc_now())
    if not known.matched_name:
        known = replace(known, matched_name=_ask_name(settings, record))
    lines = tell(record, known, settings.process.zone)
    settling = (("settle", line) for line in (pin_commands(record) if record.candidates else ()))
    for label, text in (*lines, *settling):
        say(f"  {label:8} {text}")


def _ask_name(settings: Settings, record: TitleRecord) -> str:
    """Return the name of the TMDB title of an entry, as the server says."""
    if record.tmdb_id is None:
        return ""
    # Imported here, because most titles are named without the network.
    from list_sync.correcting.targets import find_target_name
    from list_sync.main import open_quick_client

    return find_target_name(partial(open_quick_client, settings), record)
