"""The folder of the database and of other state files."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from list_sync.config.environment import DROP_FOLDER, KEY_NAME, SECRETS_NAME
from list_sync.errors import ConfigError
from list_sync.files.exchange import settle
from list_sync.files.modes import find_open_to_others, make_folder, make_group_folder

DATABASE_NAME = "list_sync.db"
CACHE_NAME = "cache.db"
HEARTBEAT_NAME = "heartbeat"
DAEMON_LOCK_NAME = "daemon.lock"
LOGS_NAME = "logs"
# The database and its copies, backups, and what holds keys.
_PRECIOUS = (
    f"{DATABASE_NAME}*",
    CACHE_NAME,
    f"{SECRETS_NAME}*",
    KEY_NAME,
    "claim_token",
    "api_token",
    ".env*",
    "*.tar.gz",
    "*/*.tar.gz",
)


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The folder for state files, and a sentence for the log if it is not DATA_DIR itself."""

    path: Path
    note: str | None = None

    @property
    def database(self) -> Path:
        """Return the path of the database file."""
        return self.path / DATABASE_NAME

    @property
    def daemon_lock(self) -> Path:
        """Return the path of the file that a running daemon keeps locked."""
        return self.path / DAEMON_LOCK_NAME

    @property
    def heartbeat(self) -> Path:
        """Return the path of the file that a running daemon touches at least every 30 seconds."""
        return self.path / HEARTBEAT_NAME


def find_state_folder(data_dir: Path) -> StateFolder:
    """Return DATA_DIR, or its folder `logs` if only that can be written; create DATA_DIR if it is missing.

    An interrupted restore is completed first. Raise ConfigError if neither folder can be written, StorageError if
    the restore cannot be completed.
    """
    try:
        make_folder(data_dir)
    except FileExistsError:
        raise ConfigError(f"DATA_DIR: {data_dir} is a file, not a folder; for example ./data") from None
    except OSError as error:
        raise ConfigError(f"DATA_DIR: {data_dir} cannot be made ({error.strerror}); for example ./data") from error
    if _is_writable(data_dir):
        settle(data_dir)
        return StateFolder(data_dir)
    logs = data_dir / LOGS_NAME
    if _is_writable(logs):
        settle(logs)
        return StateFolder(logs, _describe_detour(data_dir, logs))
    raise ConfigError(f"DATA_DIR: {data_dir} cannot be written; {_describe_rights(data_dir)}")


def make_drop_folder(data_dir: Path) -> None:
    """Make the folder for files of the user, if that is possible; one that exists stays as it is."""
    drop = data_dir / DROP_FOLDER
    with suppress(OSError):
        if not os.path.lexists(drop):
            make_group_folder(drop)


def find_exposed(folder: Path) -> dict[Path, list[str]]:
    """Return the names of files with titles or keys that every user of the machine can read, by their folder."""
    found: dict[Path, list[str]] = {}
    for path in find_open_to_others(sorted({one for name in _PRECIOUS for one in folder.glob(name)})):
        found.setdefault(path.parent, []).append(path.name)
    return found


def find_known_folder(data_dir: Path) -> StateFolder | None:
    """Return the same as find_state_folder, but create nothing: None if there is no DATA_DIR yet."""
    try:
        data_dir.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        advice = "give ListSync the right to enter the folders above it"
        raise ConfigError(f"DATA_DIR: {data_dir} cannot be opened ({error.strerror}); {advice}") from error
    return find_state_folder(data_dir)


def _is_writable(folder: Path) -> bool:
    """Return whether files can be created in a folder; on a read-only mount not even root can."""
    # Path.is_dir raises if we may not enter the parent folder; os.path does not.
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)  # noqa: PTH112


def _describe_detour(data_dir: Path, logs: Path) -> str:
    """Say which folder is used instead, and that a database in DATA_DIR is not used."""
    unused = f"; {data_dir / DATABASE_NAME} is not used" if (data_dir / DATABASE_NAME).exists() else ""
    return f"DATA_DIR {data_dir} cannot be written: database and state are kept in {logs}{unused}"


def _describe_rights(folder: Path) -> str:
    """Say why a folder cannot be written, and what to do."""
    owner, user = folder.stat().st_uid, os.getuid()
    if owner == user or user == 0:
        return "it is mounted read-only or its mode forbids it: mount it read-write"
    return f"it belongs to user {owner} and ListSync runs as user {user}: chown -R {user} {folder}"


def is_lost_with_container(folder: Path, root: Path = Path("/")) -> bool:
    """Return whether a folder is CONFIG_DIR of our image in a container of Docker or Podman, and no mount."""
    is_container = any((root / name).exists() for name in (".dockerenv", "run/.containerenv"))
    is_ours = folder.resolve() == root / "usr/src/app/config" and folder.exists()
    return is_container and is_ours and folder.stat().st_dev == root.stat().st_dev
