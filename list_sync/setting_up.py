"""A daemon without a server: the service has the pages of the set-up until a server is set; then the daemon syncs."""

import logging
import socket
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from list_sync.clients import build_client
from list_sync.config import Settings, StateFolder, find_state_folder
from list_sync.config.environment import DOTENV, SECRETS_NAME
from list_sync.daemon.heartbeat import HEARTBEAT_SECONDS, Heartbeat, become_leader
from list_sync.database.looking import require_unlost
from list_sync.database.store import Store
from list_sync.errors import ConfigError, ListSyncError, reasons_of
from list_sync.files.lock import FileLock
from list_sync.files.modes import use_umask
from list_sync.main import prepare_settings
from list_sync.model.runs import RunOrder
from list_sync.model.titles import TitleKey
from list_sync.service import NO_SERVER, serve_set_up

logger = logging.getLogger(__name__)

# How often the files with settings are looked at, whether the page or another program changed them.
LOOK_SECONDS = 0.25
LOOKS_PER_HEARTBEAT = round(HEARTBEAT_SECONDS / LOOK_SECONDS)


def wait_for_server(settings: Settings, stop: threading.Event) -> tuple[Settings, Sequence[socket.socket]] | None:
    """Serve the set-up until a server is set; return its settings and the open ports, or None after a stop.

    Raise ConfigError if the port cannot be opened, because then nothing can be set there.
    """
    use_umask(settings.process.umask)
    folder = find_state_folder(settings.process.data_dir)
    require_unlost(folder.database, daemon_lock=folder.daemon_lock)
    leadership = FileLock(folder.daemon_lock)
    with Store(folder.database, household=settings.household.name, is_checked=True) as store:
        store.open()
        try:
            if become_leader(leadership, stop):
                return _serve(settings, store, folder, stop)
            return None
        finally:
            leadership.release()


def _serve(
    settings: Settings, store: Store, folder: StateFolder, stop: threading.Event
) -> tuple[Settings, Sequence[socket.socket]] | None:
    service = serve_set_up(settings, store, folder.path, _NoServer())
    heartbeat = Heartbeat(folder.heartbeat)
    try:
        if not service.ports:
            build_client(settings)
        logger.warning("%s, or follow the steps of the page (%s)", NO_SERVER, service.description)
        heartbeat.service = service.description
        heartbeat.report(NO_SERVER)
        found = _wait(settings, heartbeat, stop)
        return None if found is None else (found, service.hand_over(found.web))
    finally:
        heartbeat.end()
        service.stop()


def _wait(settings: Settings, heartbeat: Heartbeat, stop: threading.Event) -> Settings | None:
    """Return the settings once they have a server, None after a stop."""
    paths = (settings.process.data_dir / SECRETS_NAME, DOTENV)
    # The first look always reads them: another process may have set a server since the start.
    seen, looks = tuple[tuple[int, int] | None, ...](), 0
    while not stop.wait(LOOK_SECONDS):
        looks += 1
        if not looks % LOOKS_PER_HEARTBEAT:
            heartbeat.beat()
        if (now := _look_at(paths)) == seen:
            continue
        seen = now
        try:
            found = prepare_settings()
        except ListSyncError as error:
            logger.warning("the settings cannot be used: %s", "; ".join(reasons_of(error)))
            continue
        if not found.needs_set_up:
            return found
    return None


def _look_at(paths: Sequence[Path]) -> tuple[tuple[int, int] | None, ...]:
    """Return what differs after a change of a file."""
    return tuple(_state_of(path) for path in paths)


def _state_of(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


class _NoServer:
    """The daemon as the service knows it, while there is nothing that it could sync to."""

    def follow_settings(self) -> None:
        """Do nothing: the files are looked at all the time."""

    def ask(self, order: RunOrder) -> int:  # noqa: ARG002
        """Refuse a run."""
        raise ConfigError(NO_SERVER)

    def cancel(self, run_id: int) -> bool:  # noqa: ARG002
        """Return that no run waits."""
        return False

    def stop_run(self, run_id: int) -> bool:  # noqa: ARG002
        """Return that no run works."""
        return False

    def refresh(self, key: TitleKey, *, is_request: bool) -> None:  # noqa: ARG002
        """Refuse to read a title."""
        raise ConfigError(NO_SERVER)

    def find_trouble(self) -> str:
        """Return that the database is well."""
        return ""

    def find_backup_trouble(self) -> str:
        """Return that no backup was tried."""
        return ""

    def find_next_backup(self) -> datetime | None:
        """Return that no backup is due."""
        return None

    def find_stall(self) -> str:
        """Return that no sync makes no progress."""
        return ""

    def find_file_trouble(self) -> str:
        """Return that no file is wrong."""
        return ""

    def find_next_sync(self) -> datetime | None:
        """Return that no sync is due."""
        return None

    def find_next_syncs(self) -> Mapping[str, datetime]:
        """Return that no sync is due."""
        return {}

    def find_pause(self) -> datetime | None:
        """Return that there is no pause."""
        return None

    def pause(self, until: datetime | None) -> None:  # noqa: ARG002
        """Refuse a pause."""
        raise ConfigError(NO_SERVER)
