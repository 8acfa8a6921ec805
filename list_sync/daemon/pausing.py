"""The pause of a data folder: until its end no sync starts. A small file holds it, which `health` can read, too."""

import re
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from list_sync.config import StateFolder
from list_sync.config.environment import Environment
from list_sync.config.folders import LOGS_NAME
from list_sync.daemon.heartbeat import wake_daemon
from list_sync.errors import ConfigError, StorageError
from list_sync.files.modes import write_own
from list_sync.files.opening import read_file
from list_sync.model.moments import is_to_come, utc_now

PAUSE_NAME = "paused-until"
LONGEST_PAUSE = timedelta(days=366)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LENGTH = re.compile(r"([1-9][0-9]{0,4}) ?([mhdw])")
_SIZE_BYTES = 100


def parse_pause(text: str, *, zone: tzinfo, now: datetime) -> datetime:
    """Return the end of a pause from its length (`3d`) or its end (`2026-12-01 18:00`); raise ConfigError."""
    length = _LENGTH.fullmatch(text.strip().lower())
    if length:
        until = now + timedelta(**{_UNITS[length[2]]: int(length[1])})
    else:
        try:
            until = datetime.fromisoformat(text.strip().upper())
        except ValueError:
            examples = "write 30m, 12h, 3d, 2w, a date such as 2026-12-01, or off"
            raise ConfigError(f'pause: "{text}" is not a time: {examples}') from None
        until = until if until.tzinfo else until.replace(tzinfo=zone)
    if not is_to_come(until, within=LONGEST_PAUSE, now=now):
        raise ConfigError(f'pause: "{text}" is over already, or longer than {LONGEST_PAUSE.days} days')
    return until.astimezone(zone)


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
