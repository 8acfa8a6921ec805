"""The beginning of most commands: loading the settings, and opening the database."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from list_sync.commands.printing import complain, say
from list_sync.config import ProcessSettings, Settings, find_state_folder
from list_sync.config.folders import find_known_folder
from list_sync.daemon.stopping import Stopping, stopped_by_signals
from list_sync.database.looking import require_unlost
from list_sync.database.store import Store, open_store
from list_sync.main import Session, open_session, prepare_settings


def load_for_command() -> Settings:
    """Return the settings, and print their warnings on stderr; raise ConfigError with all problems."""
    settings = prepare_settings()
    logging.getLogger("list_sync").setLevel(settings.process.log_level)
    for warning in settings.warnings:
        complain(f"warning: {warning}")
    return settings


@contextmanager
def stoppable_session(
    settings: Settings, *, exit_code: int | None = None, is_patient: bool = False
) -> Iterator[tuple[Stopping, Session]]:
    """Give a session that a signal ends in time; `exit_code` is as in stopped_by_signals."""
    with (
        stopped_by_signals(exit_code=exit_code) as stopping,
        open_session(settings, stop=stopping.event, is_patient=is_patient) as session,
    ):
        stopping.on_giving_up = session.abandon
        yield stopping, session


def open_own_store(process: ProcessSettings) -> Store:
    """Return the database of the data folder; create it if there never was one."""
    folder = find_state_folder(process.data_dir)
    require_unlost(folder.database, daemon_lock=folder.daemon_lock)
    return open_store(folder.database)


def find_own_store(process: ProcessSettings) -> Store | None:
    """Return the database of the data folder; print a message and return None if there was no sync yet."""
    folder = find_known_folder(process.data_dir)
    if folder is None or not folder.database.exists():
        say(f"nothing has been synced yet: there is no database in {process.data_dir} (DATA_DIR)")
        return None
    return open_store(folder.database)
