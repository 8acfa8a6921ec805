"""The beginning of commands that read lists or call the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from list_sync.config import Settings
from list_sync.daemon.stopping import Stopping, stopped_by_signals
from list_sync.main import Session, open_session


@contextmanager
def stoppable_session(
    settings: Settings, *, exit_code: int | None = None, is_patient: bool = False, database: Path | None = None
) -> Iterator[tuple[Stopping, Session]]:
    """Give a session that a signal ends in time; `exit_code` is as in stopped_by_signals."""
    with (
        stopped_by_signals(exit_code=exit_code) as stopping,
        open_session(settings, stop=stopping.event, is_patient=is_patient, database=database) as session,
    ):
        stopping.on_giving_up = session.abandon
        yield stopping, session
