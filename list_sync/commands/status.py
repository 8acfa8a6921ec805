"""`status`: server, daemon, last run, lists and titles on one screen; `history`: the latest runs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from list_sync.api.mediaserver.address import check_address
from list_sync.commands.backup_list import build_last_backup, describe_last_backup
from list_sync.commands.json_output import print_json
from list_sync.commands.list_states import build_faults, describe_lists
from list_sync.commands.loading import load_for_command, load_with_policy
from list_sync.commands.opening import find_own_store
from list_sync.commands.printing import say
from list_sync.commands.tables import print_table
from list_sync.config import Settings, StateFolder
from list_sync.config.folders import find_known_folder
from list_sync.config.household_files import find_files
from list_sync.config.policy.joining import KEPT
from list_sync.daemon.heartbeat import (
    LONGEST_TROUBLE,
    find_next_times,
    find_rhythm,
    find_service,
    find_trouble,
    find_unclaimed,
    has_daemon,
    heartbeat_of,
)
from list_sync.daemon.pausing import describe_pause, find_pause
from list_sync.database.looking import count_vanished
from list_sync.database.store import Store
from list_sync.errors import ConfigError
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.journal import describe_vanished
from list_sync.model.masking import bare_address
from list_sync.model.releases import Release
from list_sync.model.runs import Run
from list_sync.model.shown import shown_time
from list_sync.model.sources import FetchState
from list_sync.model.titles import counted
from list_sync.model.waiting import describe_braked
from list_sync.storage.attention import count_braked
from list_sync.storage.contents import Contents, find_contents
from list_sync.storage.lists import ListRecord, find_lists
from list_sync.storage.releases import find_releases
from list_sync.storage.runs import load_past_runs
from list_sync.storage.title_search import count_statuses

COLUMNS = ("run", "started", "seconds", "mode", "status", "lists", "titles", "requested", "failed", "calls", "note")
EXTRAS = ("calls", "seconds", "titles", "mode")


def show_status(*, as_json: bool = False, household: str = HOME) -> ExitCode:
    """Print server, daemon, last run, lists and titles."""
    settings, problems = load_with_policy(household)
    if as_json:
        print_json(_build_status(settings) | {"policy": _build_policy(settings, problems)})
        return ExitCode.OK
    say(f"server    {bare_address(settings.household.overseerr_url or 'not set (OVERSEERR_URL)')}")
    say(f"daemon    {_describe_daemon(settings)}")
    folder = find_known_folder(settings.process.data_dir)
    for line in _describe_files(settings, folder, problems):
        say(line)
    if service := folder and has_daemon(folder) and find_service(folder.heartbeat):
        say(f"service   {service}")
    if until := folder and find_pause(folder.path):
        say(f"pause     {describe_pause(until)}")
    for name, text in {**_find_notes(folder), **describe_last_backup(settings, folder)}.items():
        say(f"{name:9} {_without(problems, text)}")
    store = find_own_store(settings)
    if store is None:
        return ExitCode.OK
    known = _load_known(store)
    say(f"database  {store.path}")
    say(f"holds     {_describe_contents(settings, known.contents)}")
    say(f"last run  {describe_run(known.last, settings.process.zone) if known.last else 'none so far'}")
    for line in _describe_waiting(known):
        say(line)
    for line in describe_lists(known.lists, known.releases, settings):
        say(line)
    if known.counts:
        print_table(("titles", "state"), _count_rows(known.counts))
    return ExitCode.OK


def _describe_policy(settings: Settings, problems: Sequence[str]) -> list[str]:
    """Say which file states the policy, or what is wrong with it now."""
    if problems or settings.policy_file is None:
        return list(problems)
    return [f"{settings.policy_file.path}: {counted(len(settings.policy_file.lists), 'list')}"]


def _build_policy(settings: Settings, problems: Sequence[str]) -> dict[str, object] | None:
    file = settings.policy_file
    if file is None and not problems:
        return None
    return {"file": file and file.path, "problems": problems, "fingerprint": settings.policy.fingerprint}


class _Known(NamedTuple):
    """What the database says."""

    last: Run | None
    lists: Sequence[ListRecord]
    releases: Sequence[Release]
    counts: Mapping[ItemStatus, int]
    contents: Contents
    braked: int
    reset: str


def _describe_waiting(known: _Known) -> Iterator[str]:
    """Yield what waits for the user: requests that vanished at once, and titles that the brake holds."""
    if known.reset:
        yield f"reset     {known.reset}"
    if known.braked:
        yield f"brake     {describe_braked(known.braked)}"


def _load_known(store: Store) -> _Known:
    """Return what the database says, and close it."""
    with store:
        last = next(iter(load_past_runs(store, limit=1, only_started=True)), None)
        with store.reading() as connection:
            found = (
                find_lists(connection, store.household),
                find_releases(connection),
                count_statuses(connection, store.household),
                find_contents(connection, store.household),
                count_braked(connection, store.household),
            )
        return _Known(last, *found, describe_vanished(count_vanished(store.path, store.household)))


def _build_status(settings: Settings) -> dict[str, object]:
    """Return the status as JSON has it."""
    folder = find_known_folder(settings.process.data_dir)
    status: dict[str, object] = {
        "server": bare_address(settings.household.overseerr_url or "") or None,
        "daemon": _describe_daemon(settings),
        "next": find_next_times(_heartbeat_of(folder, settings)) if folder and has_daemon(folder) else {},
        "service": (find_service(folder.heartbeat) or None) if folder and has_daemon(folder) else None,
        "paused_until": find_pause(folder.path) if folder else None,
        "households": _find_households(settings, folder),
        **{"trouble": None, "files": None, **_find_notes(folder)},
        "database": None,
        "backup": build_last_backup(folder),
    }
    store = find_own_store(settings, as_json=True)
    if store is None:
        return status
    last, lists, releases, counts, contents, braked, reset = _load_known(store)
    states = {state: number for state in FetchState if (number := sum(record.state is state for record in lists))}
    known = {"database": store.path, "holds": contents, "last_run": last}
    held = {"braked": braked} if braked else {}
    known |= {"sources": build_faults(lists, releases, settings)}
    return status | known | {"reset": reset, "lists": states, "titles": counts} | held


def _find_notes(folder: StateFolder | None) -> dict[str, str]:
    """Return what a living daemon says is wrong, and which files in the drop folder belong to no list."""
    if folder is None or not has_daemon(folder):
        return {}
    notes = {"trouble": find_trouble(folder.heartbeat), "files": find_unclaimed(folder.heartbeat)}
    return {name: text for name, text in notes.items() if text}


def _without(problems: Sequence[str], text: str) -> str:
    """Return what a daemon says is wrong without the faults of lists.yaml, which stand on lines of their own.

    The daemon cuts what it says.
    """
    known = f"{KEPT}: {'; '.join(problems)}"[: LONGEST_TROUBLE - max(0, text.find(KEPT))]
    return text.replace(known, KEPT) if problems else text


def _describe_contents(settings: Settings, contents: Contents) -> str:
    """Say what the database holds, and of which server, because the folder may be that of another set-up."""
    numbers = f"{counted(contents.runs, 'run')}, {counted(contents.lists, 'list')}, {counted(contents.titles, 'title')}"
    if not contents.server:
        return numbers
    household = settings.household
    key = household.overseerr_api_key.get_secret_value() if household.overseerr_api_key else None
    try:
        address = check_address(household.overseerr_url, key, household.overseerr_user_id).url
        other = "" if address == contents.server else ", which is not OVERSEERR_URL"
    except ConfigError:
        other = ""
    return f"{numbers} of the server at {bare_address(contents.server)}{other}"


def _describe_daemon(settings: Settings) -> str:
    """Say whether a daemon is alive here, when it syncs, and when its next tasks are due."""
    rhythm = settings.household.describe_rhythm()
    folder = find_known_folder(settings.process.data_dir)
    if folder is None or not has_daemon(folder):
        wanted = f"not running, syncs {rhythm}"
        return wanted if settings.is_daemon else "none wanted: list-sync run syncs once and ends"
    heartbeat = _heartbeat_of(folder, settings)
    if heartbeat != folder.heartbeat and not heartbeat.exists():
        return f"alive, and does not sync the household {settings.household.name}: list-sync status says why"
    # A daemon that was started with other settings, as the demo is, has its own rhythm.
    when = find_rhythm(heartbeat) or rhythm
    times = find_next_times(heartbeat).items()
    following = "".join(f"; next {task} at {shown_time(moment, settings.process.zone)}" for task, moment in times)
    return f"alive, syncs {when}{following}"


def _describe_files(settings: Settings, folder: StateFolder | None, problems: Sequence[str]) -> Iterator[str]:
    """Yield a line for each further household, and those about lists.yaml."""
    for name, next_sync in _find_households(settings, folder).items():
        when = f"next sync at {shown_time(next_sync, settings.process.zone)}" if next_sync else "not synced now"
        yield f"household {name}: {when} (list-sync status --household {name})"
    for line in _describe_policy(settings, problems):
        yield f"policy    {line}"


def _find_households(settings: Settings, folder: StateFolder | None) -> dict[str, datetime | None]:
    """Return the further households, each with its next sync; None if it is not synced now."""
    if settings.household.name != HOME:
        return {}
    is_alive = folder is not None and has_daemon(folder)
    return {
        name: find_next_times(heartbeat_of(folder, name)).get("sync") if folder and is_alive else None
        for name in find_files(settings.process.config_dir)
    }


def _heartbeat_of(folder: StateFolder, settings: Settings) -> Path:
    return heartbeat_of(folder, settings.household.name)


def describe_run(run: Run, zone: tzinfo) -> str:
    """Return when a run was and how it ended."""
    requested = f"{counted(run.items_requested, 'title')} requested"
    end = f", {requested}"
    if run.error:
        end = f": {run.error}{f' ({requested} before)' if run.items_requested else ''}"
    dry = " (dry run)" if run.dry_run else f" (undo of run {run.undoes})" if run.undoes else ""
    dry = f" (by {run.origin})" if run.is_imported else dry
    return f"{run.run_id}, {shown_time(run.started_at or run.asked_at, zone)}, {run.status.value}{dry}{end}"


def _count_rows(counts: Mapping[ItemStatus, int]) -> list[tuple[object, ...]]:
    """Return the number of titles in each state, in the order of ItemStatus."""
    advice = {ItemStatus.NEEDS_REVIEW: " (see: list-sync review)"}
    return [(counts[status], f"{status.value}{advice.get(status, '')}") for status in ItemStatus if status in counts]


def show_history(*, limit: int, as_json: bool = False, household: str = HOME) -> ExitCode:
    """Print the latest runs, newest first."""
    settings = load_for_command(household)
    store = find_own_store(settings, as_json=as_json)
    runs: Sequence[Run] = ()
    if store is not None:
        with store:
            runs = load_past_runs(store, limit=limit)
    if as_json:
        print_json({"runs": runs})
    elif store is None:
        return ExitCode.OK
    elif runs:
        print_table(COLUMNS, [_build_row(run, zone=settings.process.zone) for run in runs], extras=EXTRAS)
    else:
        say("no run so far")
    return ExitCode.OK


def _build_row(run: Run, *, zone: tzinfo) -> tuple[object, ...]:
    """Return one run as a row."""
    seconds: object = "-"
    if run.started_at is not None and run.finished_at is not None:
        # Negative if the clock was set back meanwhile.
        seconds = max(0, round((run.finished_at - run.started_at).total_seconds()))
    lists = f"{run.lists_total - run.lists_failed} of {run.lists_total}" if run.lists_failed else run.lists_total
    # Each run calls the server. Of a run that did not record its calls, only its requests are known, from the journal.
    is_told = run.reads > 0 or run.is_imported
    return (
        run.run_id,
        shown_time(run.started_at, zone),
        seconds if is_told else "-",
        "dry run" if run.dry_run else f"undo of {run.undoes}" if run.undoes else run.mode.value,
        run.status.value,
        lists if is_told else "-",
        run.items_processed if is_told else "-",
        run.items_requested,
        run.items_errored if is_told else "-",
        f"{run.reads}+{run.writes}" if run.reads else "-",
        "; ".join(filter(None, [run.origin, run.error])),
    )
