"""The pause of a data folder: until its end no sync starts. A small file holds it, which `health` can read, too."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from list_sync.config import StateFolder
from list_sync.config.environment import Environment
from list_sync.config.folders import LOGS_NAME
from list_sync.daemon.heartbeat import wake_daemon
from list_sync.errors import StorageError
from list_sync.files.modes import write_own
from list_sync.files.opening import read_file
from list_sync.model.moments import is_to_come, utc_now
from list_sync.model.pauses import LONGEST_PAUSE

PAUSE_NAME = "paused-until"
_SIZE_BYTES = 100


def find_pause(folder: Path) -> datetime | None:
    """Return when the pause of a data folder ends, in the zone in which it was set, None if there is no pause."""
    with suppress(OSError, ValueError):
        until = datetime.fromisoformat(read_file(folder / PAUSE_NAME, _SIZE_BYTES).decode("ascii").strip())
        if until.tzinfo and is_to_come(until, within=LONGEST_PAUSE, now=utc_now()):
            return until
    return None


def find_known_pause() -> datetime | None:
    """Return when the pause of the configured data folder ends, None if there is none; no setting is loaded for it."""
    data_dir = Environment.open().find_data_dir()
    return find_pause(data_dir) or find_pause(data_dir / LOGS_NAME)


def pause(folder: StateFolder, until: datetime) -> None:
    """Let no sync start before that moment; raise StorageError if that cannot be written."""
    path = folder.path / PAUSE_NAME
    try:
        write_own(path, f"{until.isoformat(timespec='seconds')}\n")
    except OSError as error:
        raise StorageError(f"the pause cannot be written to {path}: {error.strerror}") from error
    wake_daemon(folder.path)


def end_pause(folder: StateFolder) -> bool:
    """Let syncs start again; return whether there was a pause. Raise StorageError if its file cannot be removed."""
    path = folder.path / PAUSE_NAME
    was_paused = find_pause(folder.path) is not None
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"the pause cannot be ended: {path}: {error.strerror}") from error
    wake_daemon(folder.path)
    return was_paused


def describe_pause(until: datetime) -> str:
    """Say until when no sync starts, and how to end the pause."""
    return f"paused until {until:%Y-%m-%d %H:%M:%S}: no sync starts before (list-sync pause off ends the pause)"
