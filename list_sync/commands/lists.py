"""`lists`: every list and how it was read the last time."""

from collections.abc import Sequence
from datetime import tzinfo

from list_sync.commands.json_output import print_json
from list_sync.commands.loading import introduce
from list_sync.commands.notes import shown_note
from list_sync.commands.opening import find_own_store
from list_sync.commands.printing import say, shown_time
from list_sync.commands.tables import print_table
from list_sync.config.folders import find_known_folder
from list_sync.daemon.heartbeat import find_unclaimed, has_daemon
from list_sync.model.exit_codes import ExitCode
from list_sync.model.moments import utc_now
from list_sync.model.sources import ListRef
from list_sync.preparation import prepare_settings
from list_sync.storage.lists import ListRecord, find_lists

COLUMNS = ("list", "state", "titles", "route", "read", "note")


def show_lists(*, as_json: bool = False) -> ExitCode:
    """Print the configured lists, and lists of the last run that are not configured any more."""
    settings = introduce(prepare_settings())
    folder = find_known_folder(settings.process.data_dir)
    unclaimed = find_unclaimed(folder.heartbeat) if folder and has_daemon(folder) else ""
    store = find_own_store(settings.process, as_json=as_json)
    records: tuple[ListRecord, ...] = ()
    if store is not None:
        with store, store.reading() as connection:
            records = find_lists(connection, store.household)
    if as_json:
        print_json({"lists": _build_objects(settings.household.lists, records), "files": unclaimed or None})
        return ExitCode.OK
    rows = _build_rows(settings.household.lists, records, zone=settings.process.zone)
    if rows:
        print_table(COLUMNS, rows, extras=("route",))
    else:
        say("no lists are set: for example IMDB_LISTS=top,ls123456789")
    if unclaimed:
        say(unclaimed)
    return ExitCode.OK


def _order(configured: Sequence[ListRef], records: Sequence[ListRecord]) -> dict[ListRef, ListRecord | None]:
    """Return every list with its record, configured ones first and in their order."""
    known = {ListRef(record.list_type, record.list_id): record for record in records}
    return {ref: known.get(ref) for ref in (*configured, *(ref for ref in known if ref not in configured))}


def _build_objects(configured: Sequence[ListRef], records: Sequence[ListRecord]) -> list[dict[str, object]]:
    """Return each list as JSON has it; `state` is null if it was not read yet."""
    return [
        {
            "list": ref.name,
            "written": str(ref),
            "configured": ref in configured,
            "state": record and record.state,
            "route": record and record.route,
            "items": record and record.item_count,
            "unsupported": record.unsupported if record else 0,
            "not_understood": record.not_understood if record else 0,
            "error": record and record.reason,
            "fetched_at": record and record.fetched_at,
            "copied_at": record and record.copied_at,
            "backoff_until": record and record.backoff_until,
            "attempts": record.attempts if record else (),
        }
        for ref, record in _order(configured, records).items()
    ]


def _build_rows(
    configured: Sequence[ListRef], records: Sequence[ListRecord], *, zone: tzinfo
) -> list[tuple[object, ...]]:
    """Return one row for each list, configured ones first and in their order."""
    rows: list[tuple[object, ...]] = []
    for ref, record in _order(configured, records).items():
        note = "" if ref in configured else "not set any more"
        if record is None:
            rows.append((ref, "-", "-", "-", "-", "not read yet"))
        else:
            read = shown_time(record.fetched_at, zone)
            wait = f"not tried before {shown_time(record.backoff_until, zone)}" if record.backoff_until else ""
            note = note or "; ".join(filter(None, [shown_note(record, now=utc_now()), wait]))
            rows.append((ref, record.state.value, record.item_count, record.route, read, note))
    return rows
