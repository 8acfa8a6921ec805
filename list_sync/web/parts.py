"""What the routes use, given to them by the composition root."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from list_sync.api.overseerr import OverseerrClient
from list_sync.config import Settings
from list_sync.correcting.candidates import CandidateFacts
from list_sync.database.store import Store
from list_sync.model.moments import utc_now
from list_sync.model.runs import RunOrder
from list_sync.model.sources import ListRef
from list_sync.model.titles import TitleKey
from list_sync.previewing import Previews
from list_sync.requesting.undo import UndoLine
from list_sync.web.configuring.desk import Desk
from list_sync.web.undos import Undos
from list_sync.web.watching.feed import Feed
from list_sync.web.watching.list_counts import ListCounts
from list_sync.web.watching.log_ring import LogRing
from list_sync.web.watching.server_watch import ServerWatch


class Daemon(Protocol):
    """What the service asks of the daemon that it belongs to; every method may be called from any thread."""

    def ask(self, order: RunOrder) -> int:
        """Put a run into the queue and return its number; raise StorageError, or QueueFull if very many wait."""
        ...

    def cancel(self, run_id: int) -> bool:
        """Cancel a queued run; return False if it has begun or is over."""
        ...

    def stop_run(self, run_id: int) -> bool:
        """End the present run at its next safe point; return False if this process does not carry that run out."""
        ...

    def refresh(self, key: TitleKey, *, is_request: bool) -> None:
        """Read soon what the server has of a title; with `is_request`, it was only requested or approved."""
        ...

    def follow_settings(self) -> None:
        """Read config.enc again soon; what can be followed without a restart counts from the next sync."""
        ...

    def find_trouble(self) -> str:
        """Return what is wrong with the database, "" for nothing."""
        ...

    def find_backup_trouble(self) -> str:
        """Return why the last backup of BACKUP_SCHEDULE could not be made, "" if it could."""
        ...

    def find_next_backup(self) -> datetime | None:
        """Return when the next backup of BACKUP_SCHEDULE is due."""
        ...

    def find_stall(self) -> str:
        """Return that the present sync makes no progress, "" otherwise."""
        ...

    def find_file_trouble(self) -> str:
        """Return what is wrong with a file of lists or a provider that changed, "" for nothing."""
        ...

    def find_next_sync(self) -> datetime | None:
        """Return when the next scheduled sync is due."""
        ...

    def find_next_syncs(self) -> Mapping[str, datetime]:
        """Return when the lists of each schedule are synced next; those without one of their own are at ""."""
        ...

    def find_pause(self) -> datetime | None:
        """Return when the present pause ends; None if there is none."""
        ...

    def pause(self, until: datetime | None) -> None:
        """Let no sync start before that moment; None ends a pause. Raise StorageError."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the routes use; `server` knows whether the media-request server answers.

    `open_client` returns a client of the server that waits only seconds. `preview_undo` asks the server what an undo of
    a run would do now.
    A daemon reads files of lists and lists.yaml again: `find_settings` gives what counts now, else it is `settings`.
    `previews` reads lists that may be added; there is none until the server is set. `over` is set when the
    service ends.
    """

    store: Store
    settings: Settings
    folder: Path
    daemon: Daemon
    server: ServerWatch
    open_client: Callable[[], OverseerrClient]
    preview_undo: Callable[[int], Sequence[UndoLine]]
    desk: Desk
    now: Callable[[], datetime] = utc_now
    feed: Feed = field(default_factory=Feed)
    log: LogRing = field(default_factory=LogRing)
    find_settings: Callable[[], Settings] | None = None
    previews: Previews | None = None
    undos: Undos = field(default_factory=Undos)
    candidates: CandidateFacts = field(default_factory=CandidateFacts)
    list_counts: ListCounts = field(default_factory=ListCounts)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def present(self) -> Settings:
        """Return the settings that count now."""
        return self.settings if self.find_settings is None else self.find_settings()

    @property
    def lists(self) -> Sequence[ListRef]:
        """Return the lists that are synced now."""
        return self.present.household.lists
