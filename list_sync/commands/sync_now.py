"""`--sync-now`: ask the daemon of this data folder to sync, and wait; without one, sync here."""

import threading
from datetime import UTC, datetime

from list_sync.commands.exits import ExitCode
from list_sync.commands.opening import load_for_command, open_own_store
from list_sync.commands.printing import complain, say
from list_sync.commands.status import describe_run
from list_sync.commands.sync import sync
from list_sync.config import Settings, StateFolder, find_state_folder
from list_sync.daemon.leadership import has_daemon
from list_sync.database.store import Store
from list_sync.model.report import SyncMode
from list_sync.storage import triggers
from list_sync.storage.runs import find_run
from list_sync.storage.triggers import Trigger

LOOK_SECONDS = 0.3
# Another one that waits for the place of a daemon that ended needs a moment to take over.
LOOKS_FOR_A_NEW_DAEMON = 6


def sync_now() -> int:
    """Return when the sync is over, with its exit code; to stop waiting does not stop the sync."""
    settings = load_for_command()
    folder = find_state_folder(settings.data_dir)
    if not has_daemon(folder):
        return sync(dry_run=False, lists=(), as_json=False)
    with open_own_store(settings) as store:
        trigger_id = _ask(store)
        say("asked the running ListSync to sync now")
        trigger = _wait(store, trigger_id, folder)
        if trigger.finished_at is not None:
            return _tell(settings, store, trigger)
        with store.writing() as connection:
            is_withdrawn = triggers.withdraw(connection, trigger_id)
    if not is_withdrawn:
        complain("the running ListSync ended before the sync did; it goes on when it is started again")
        return ExitCode.FAILURES
    complain("the running ListSync ended meanwhile: syncing here")
    return sync(dry_run=False, lists=(), as_json=False)


def _ask(store: Store) -> int:
    with store.writing() as connection:
        return triggers.ask(connection, lists=(), dry_run=False, mode=SyncMode.MANUAL, at=datetime.now(UTC))


def _wait(store: Store, trigger_id: int, folder: StateFolder) -> Trigger:
    """Return the trigger once it is finished, or once there is no daemon any more."""
    never = threading.Event()
    looks_left = LOOKS_FOR_A_NEW_DAEMON
    while True:
        is_alive = has_daemon(folder)
        with store.reading() as connection:
            trigger = triggers.find(connection, trigger_id)
        if trigger is None:
            raise LookupError(f"the database lost trigger {trigger_id}")
        looks_left = LOOKS_FOR_A_NEW_DAEMON if is_alive else looks_left - 1
        if trigger.finished_at is not None or looks_left == 0:
            return trigger
        never.wait(LOOK_SECONDS)


def _tell(settings: Settings, store: Store, trigger: Trigger) -> int:
    """Print how the sync went and return its exit code."""
    with store.reading() as connection:
        run = find_run(connection, trigger.run_id) if trigger.run_id is not None else None
    say(f"run {describe_run(run, settings.zone)}" if run else "the sync could not be started; see the log")
    return ExitCode.FAILURES if trigger.exit_code is None else trigger.exit_code
