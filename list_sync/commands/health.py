"""`health`: the container's health check. It checks the database and the daemon's heartbeat, without network."""

from pathlib import Path

from list_sync.commands.exits import ExitCode
from list_sync.commands.printing import say
from list_sync.config import Settings, StateFolder, find_state_folder, load_settings
from list_sync.config.environment import Environment
from list_sync.config.folders import LOGS_NAME
from list_sync.correcting.resets import find_reset
from list_sync.daemon.heartbeat import STALE_SECONDS, find_trouble, heartbeat_age
from list_sync.daemon.leadership import has_daemon
from list_sync.database.failures import gone
from list_sync.database.store import load_version
from list_sync.errors import ConfigError, StorageError
from list_sync.files.exchange import is_unsettled


def check_health() -> ExitCode:
    """Print `healthy`, or what is wrong, and exit 0 or 1."""
    if unsettled := find_unsettled_restore():
        say(f"unhealthy: a restore into {unsettled} is in progress, or was interrupted: start ListSync to finish it")
        return ExitCode.FAILURES
    settings = load_settings(providers={})
    complaints = complaints_of(settings)
    for complaint in complaints:
        say(f"unhealthy: {complaint}")
    if not complaints:
        say("healthy")
    return ExitCode.FAILURES if complaints else ExitCode.OK


def complaints_of(settings: Settings) -> list[str]:
    """Return all problems, each once."""
    if not settings.process.data_dir.is_dir():
        return [f"there is no folder {settings.process.data_dir} (DATA_DIR): put it back, or correct the mount"]
    try:
        folder = find_state_folder(settings.process.data_dir)
    except ConfigError as error:
        return list(error.problems)
    database = complaints_of_database(settings, folder)
    return list(dict.fromkeys([*database, *complaints_of_daemon(settings, folder)]))


def find_unsettled_restore() -> Path | None:
    """Return the folder of an unfinished restore; the health check does not change it."""
    data_dir = Environment.open(None, Path(".env")).find_data_dir()
    return next((folder for folder in (data_dir, data_dir / LOGS_NAME) if is_unsettled(folder)), None)


def complaints_of_database(settings: Settings, folder: StateFolder) -> list[str]:
    """Return problems of the database, and whether requests vanished from the server."""
    try:
        is_filled = load_version(folder.database, busy_timeout_seconds=2.0) > 0
        reset = find_reset(settings.household, folder.database) if is_filled else ""
    except StorageError as error:
        return [str(error)]
    return [reset] if reset else []


def complaints_of_daemon(settings: Settings, folder: StateFolder) -> list[str]:
    """Return problems of the daemon; without AUTOMATED_MODE there is no daemon."""
    if not is_daemon(settings):
        return []
    if not has_daemon(folder):
        missing = "" if folder.database.exists() else ", nor is there a database: is the right folder mounted?"
        return [f"no daemon runs in {folder.path}{missing}"]
    if not folder.database.exists():
        return [str(gone(folder.database))]
    age = heartbeat_age(folder.heartbeat)
    if age is not None and age >= STALE_SECONDS:
        return [f"the last heartbeat of the daemon was {age:.0f} seconds ago"]
    trouble = find_trouble(folder.heartbeat)
    return [trouble] if trouble else []


def is_daemon(settings: Settings) -> bool:
    """Return whether `list-sync run` stays, or syncs once and ends."""
    return settings.process.automated_mode and (
        settings.household.sync_interval > 0 or bool(settings.household.sync_schedule)
    )
