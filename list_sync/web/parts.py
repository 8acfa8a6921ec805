"""What the routes use, given to them by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from list_sync.config import Settings
from list_sync.database.store import Store
from list_sync.model.moments import utc_now
from list_sync.model.runs import RunOrder


class Daemon(Protocol):
    """What the service asks of the daemon that it belongs to; every method may be called from any thread."""

    def ask(self, order: RunOrder) -> int:
        """Put a run into the queue and return its number; raise StorageError."""
        ...

    def cancel(self, run_id: int) -> bool:
        """Cancel a queued run; return False if it has begun or is over."""
        ...

    def find_trouble(self) -> str:
        """Return what is wrong with the database, "" for nothing."""
        ...

    def find_stall(self) -> str:
        """Return that the present sync makes no progress, "" otherwise."""
        ...

    def find_next_sync(self) -> datetime | None:
        """Return when the next scheduled sync is due."""
        ...

    def find_pause(self) -> datetime | None:
        """Return when the present pause ends; None if there is none."""
        ...

    def pause(self, until: datetime | None) -> None:
        """Let no sync start before that moment; None ends a pause. Raise StorageError."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the routes use; `check_server` raises ServiceError if the server refuses the key."""

    store: Store
    settings: Settings
    folder: Path
    daemon: Daemon
    check_server: Callable[[], object]
    now: Callable[[], datetime] = utc_now
