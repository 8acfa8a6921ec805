"""`--sync-now`: ask the daemon of this data folder to sync, and wait; without one, sync here."""

import threading
from datetime import UTC, datetime

from list_sync.commands.opening import load_for_command, open_own_store
from list_sync.commands.printing import complain, say
from list_sync.commands.status import describe_run
from list_sync.commands.sync import sync
from list_sync.config import StateFolder, find_state_folder
from list_sync.daemon.heartbeat import has_daemon
from list_sync.daemon.run_queue import wake_daemon
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import Store, load_version
from list_sync.errors import StorageError
from list_sync.model.report import ExitCode
from list_sync.model.runs import Run, RunOrder
from list_sync.model.servers import HOME
from list_sync.storage import orders
from list_sync.storage.runs import find_run

LOOK_SECONDS = 0.3
# After a daemon has ended, a waiting one needs a moment to take over.
LOOKS_FOR_A_NEW_DAEMON = 15


def sync_now() -> int:
    """Wait for the sync and return its exit code; Ctrl-C ends the waiting, not the sync."""
    settings = load_for_command()
    folder = find_state_folder(settings.process.data_dir)
    if not has_daemon(folder):
        return sync(dry_run=False, lists=(), as_json=False)
    if 0 < load_version(folder.database) < SCHEMA_VERSION:
        # An older daemon would not find its tables any more, and never look into this queue.
        raise StorageError("the running ListSync is an older version: restart it with this one, then ask again")
    with open_own_store(settings.process) as store:
        with store.writing() as connection:
            run_id = orders.ask(connection, HOME, RunOrder(), at=datetime.now(UTC))
        wake_daemon(folder.path)
        say(f"asked the running ListSync to sync now: run {run_id}")
        run = _wait(store, run_id, folder)
        if run.status.is_over:
            say(f"run {describe_run(run, settings.process.zone)}")
            return ExitCode.FAILURES if run.exit_code is None else run.exit_code
        with store.writing() as connection:
            is_cancelled = orders.cancel(connection, run_id, at=datetime.now(UTC))
    if not is_cancelled:
        complain("the running ListSync ended before the sync; the sync starts again with the next start of ListSync")
        return ExitCode.FAILURES
    complain("the running ListSync ended meanwhile: syncing here")
    return sync(dry_run=False, lists=(), as_json=False)


def _wait(store: Store, run_id: int, folder: StateFolder) -> Run:
    """Return the run once it is over, or once there is no daemon any more."""
    never = threading.Event()
    looks_left = LOOKS_FOR_A_NEW_DAEMON
    while True:
        is_alive = has_daemon(folder)
        with store.reading() as connection:
            run = find_run(connection, run_id)
        if run is None:
            raise LookupError(f"the database lost run {run_id}")
        looks_left = LOOKS_FOR_A_NEW_DAEMON if is_alive else looks_left - 1
        if run.status.is_over or looks_left == 0:
            return run
        never.wait(LOOK_SECONDS)
