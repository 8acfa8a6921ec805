"""`lists`: every list and how it was read the last time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from list_sync.commands.json_output import print_json
from list_sync.commands.list_states import build_faults, describe_routes, say_fault
from list_sync.commands.loading import introduce
from list_sync.commands.notes import shown_note
from list_sync.commands.opening import find_own_store
from list_sync.commands.printing import say
from list_sync.commands.tables import print_table
from list_sync.config import Settings
from list_sync.config.folders import find_known_folder
from list_sync.config.policy.joining import find_disabled
from list_sync.config.policy.stating import state_terms
from list_sync.config.policy.words import describe_terms
from list_sync.correcting.naming import with_people
from list_sync.daemon.heartbeat import find_next_syncs, find_unclaimed, has_daemon, heartbeat_of
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.moments import utc_now
from list_sync.model.releases import Release
from list_sync.model.shown import shown_time
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.terms import UNSTATED, Terms
from list_sync.preparation import prepare_settings
from list_sync.storage.lists import ListRecord, find_lists
from list_sync.storage.releases import find_releases
from list_sync.storage.source_faults import find_source_faults

COLUMNS = ("list", "state", "titles", "route", "read", "note")


def show_lists(*, as_json: bool = False, household: str = HOME) -> ExitCode:
    """Print the configured lists, and lists of the last run that are not configured any more."""
    settings = introduce(prepare_settings(household))
    folder = find_known_folder(settings.process.data_dir)
    heartbeat = folder.heartbeat if folder and has_daemon(folder) else None
    unclaimed = find_unclaimed(heartbeat) if heartbeat else ""
    next_syncs = find_next_syncs(heartbeat_of(folder, settings.household.name)) if folder and heartbeat else {}
    store = find_own_store(settings, as_json=as_json)
    records: tuple[ListRecord, ...] = ()
    releases: tuple[Release, ...] = ()
    if store is not None:
        with store, store.reading() as connection:
            records, releases = find_lists(connection, store.household), find_releases(connection)
    if as_json:
        objects, faults = _build_objects(settings, records, next_syncs), build_faults(records, releases, settings)
        print_json({"lists": objects, "sources": faults, "files": unclaimed or None})
        return ExitCode.OK
    rows = _build_rows(settings, records, next_syncs)
    if rows:
        print_table(COLUMNS, rows, extras=("route",))
    else:
        say("no lists are set: for example IMDB_LISTS=top,ls123456789")
    for fault in find_source_faults(records, releases):
        say(say_fault(fault, settings))
    if unclaimed:
        say(unclaimed)
    return ExitCode.OK


def _order(settings: Settings, records: Sequence[ListRecord]) -> dict[ListRef, ListRecord | None]:
    """Return every list with its record: configured ones first and in their order, then those that are off."""
    known = {ListRef(record.list_type, record.list_id): record for record in records}
    stated = (*_find_configured(settings, records), *find_disabled(settings))
    return {ref: known.get(ref) for ref in (*stated, *known)}


def _find_configured(settings: Settings, records: Sequence[ListRecord]) -> tuple[ListRef, ...]:
    return with_people(settings.household.lists, [ListKey(one.list_type, one.list_id) for one in records])


def _build_objects(
    settings: Settings, records: Sequence[ListRecord], next_syncs: Mapping[str, datetime]
) -> list[dict[str, object]]:
    """Return each list as JSON has it; `state` is null if it was not read yet."""
    configured, usual = frozenset(_find_configured(settings, records)), settings.policy.defaults
    return [
        {
            "list": ref.name,
            "written": str(ref),
            "name": ref.terms.name or None,
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
            "next_sync_at": next_syncs.get(ref.terms.schedule) if ref in configured else None,
            "attempts": record.attempts if record else (),
            "routes": record.routes if record else (),
            "terms": state_terms(usual if ref.terms is UNSTATED else ref.terms) if ref in configured else None,
        }
        for ref, record in _order(settings, records).items()
    ]


def _build_rows(
    settings: Settings, records: Sequence[ListRecord], next_syncs: Mapping[str, datetime]
) -> list[tuple[object, ...]]:
    """Return one row for each list, configured ones first and in their order."""
    rows: list[tuple[object, ...]] = []
    zone, configured = settings.process.zone, frozenset(_find_configured(settings, records))
    usual = settings.policy.defaults
    # If all lists are due together, `status` says when.
    times = next_syncs if len(settings.household.rhythms) > 1 else {}
    for ref, record in _order(settings, records).items():
        is_configured = ref in configured
        moment = times.get(ref.terms.schedule) if is_configured else None
        next_sync = f"next {shown_time(moment, zone)}" if moment else ""
        notes = [*_describe(ref, settings, usual, is_configured=is_configured), next_sync]
        if record is None:
            rows.append((ref, "-", "-", "-", "-", _join("not read yet", *notes)))
        else:
            read = shown_time(record.fetched_at, zone)
            wait = f"not tried before {shown_time(record.backoff_until, zone)}" if record.backoff_until else ""
            if is_configured:
                notes = [shown_note(record, now=utc_now()), *describe_routes(record, settings), wait, *notes]
            rows.append((ref, record.state.value, record.item_count, record.route, read, _join(*notes)))
    return rows


def _join(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def _describe(ref: ListRef, settings: Settings, usual: Terms, *, is_configured: bool) -> Iterator[str]:
    """Yield the name of a list, what is special about it, or that it is not synced."""
    if not is_configured:
        yield "off in lists.yaml" if ref in find_disabled(settings) else "not set any more"
    elif ref.terms is not UNSTATED:
        yield ref.terms.name
        yield describe_terms(ref.terms, usual)
