"""What is wrong with a data folder, its database and its daemon; found without network, and nothing is changed."""

from pathlib import Path

from list_sync import config
from list_sync.config.environment import Environment
from list_sync.config.folders import LOGS_NAME, StateFolder, find_state_folder
from list_sync.daemon.heartbeat import STALE_SECONDS, find_trouble, has_daemon, heartbeat_age
from list_sync.database.failures import gone
from list_sync.database.looking import count_vanished, load_version
from list_sync.errors import ConfigError, StorageError
from list_sync.files.exchange import is_unsettled
from list_sync.model.journal import describe_vanished


def find_complaints() -> list[str]:
    """Return all problems, each once; raise ConfigError if no daemon runs and the settings are wrong."""
    data_dir = Environment.open().find_data_dir()
    # First, because loading the settings would complete the restore.
    unsettled = next(filter(is_unsettled, (data_dir, data_dir / LOGS_NAME)), None)
    if unsettled:
        return [f"a restore into {unsettled} is in progress, or was interrupted: start ListSync to finish it"]
    if not data_dir.is_dir():
        # Wrong settings are the better explanation.
        config.load_settings(providers={})
        return [f"there is no folder {data_dir} (DATA_DIR): put it back, or correct the mount"]
    try:
        folder = find_state_folder(data_dir)
    except ConfigError as error:
        return list(error.problems)
    complaints = (_complaint_of_database(folder.database), _complaint_of_daemon(folder))
    return list(dict.fromkeys(filter(None, complaints)))


def _complaint_of_database(database: Path) -> str:
    """Return what is wrong with the database, or that requests vanished from the server; "" for nothing."""
    try:
        is_filled = load_version(database, busy_timeout_seconds=2.0) > 0
        return describe_vanished(count_vanished(database)) if is_filled else ""
    except StorageError as error:
        return str(error)


def _load_settings() -> "config.Settings":
    """Return the settings, joined with lists.yaml, whose schedules can keep a daemon."""
    settings = config.load_settings(providers={})
    # Imported here, because this needs pydantic, and the lists of a file need the providers.
    from list_sync.config.policy.joining import has_policy_file

    if not has_policy_file(settings.process.config_dir):
        return settings
    from list_sync.preparation import prepare_settings

    return prepare_settings()


def _complaint_of_daemon(folder: StateFolder) -> str:
    """Return what is wrong with the daemon, "" for nothing."""
    if not has_daemon(folder):
        # The settings are read only now: reading all of them takes longer than everything else here.
        if not _load_settings().is_daemon:
            return ""
        missing = "" if folder.database.exists() else ", nor is there a database: is the right folder mounted?"
        return f"no daemon runs in {folder.path}{missing}"
    if not folder.database.exists():
        return str(gone(folder.database))
    age = heartbeat_age(folder.heartbeat)
    if age is not None and age >= STALE_SECONDS:
        return f"the last heartbeat of the daemon was {age:.0f} seconds ago"
    return find_trouble(folder.heartbeat)
