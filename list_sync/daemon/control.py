"""What the service may ask of the daemon in its own process, from any thread."""

from collections.abc import Callable, Mapping
from datetime import datetime

from list_sync.config import StateFolder
from list_sync.daemon.heartbeat import Heartbeat
from list_sync.daemon.pausing import end_pause, find_pause, pause
from list_sync.daemon.run_queue import ask_daemon
from list_sync.daemon.timetable import Task, Timetable
from list_sync.daemon.title_queue import TitleQueue
from list_sync.database.store import Store
from list_sync.model.moments import utc_now
from list_sync.model.runs import RunOrder
from list_sync.model.titles import TitleKey
from list_sync.storage import orders
from list_sync.workers import Stop


class Control:
    """The daemon, as the service knows it."""

    def __init__(
        self,
        store: Store,
        folder: StateFolder,
        timetable: Timetable,
        heartbeat: Heartbeat,
        stop: Stop,
        titles: TitleQueue,
        follow_settings: Callable[[], None],
    ) -> None:
        self._store = store
        self._folder = folder
        self._timetable = timetable
        self._heartbeat = heartbeat
        self._stop = stop
        self._titles = titles
        self._follow_settings = follow_settings

    def ask(self, order: RunOrder) -> int:
        """Put a run into the queue and return its number; raise StorageError, or QueueFull if very many wait."""
        return ask_daemon(self._store, self._folder, order, is_limited=True)

    def cancel(self, run_id: int) -> bool:
        """Cancel a queued run; return False if it has begun or is over. Raise StorageError."""
        with self._store.writing() as connection:
            return orders.cancel(connection, run_id, at=utc_now())

    def stop_run(self, run_id: int) -> bool:
        """End the present run at its next safe point; return False if this process does not carry that run out."""
        return self._stop.stop_run(run_id)

    def refresh(self, key: TitleKey, *, is_request: bool) -> None:
        """Let the loop read what the server has of a title; with `is_request`, it was only requested or approved."""
        self._titles.add({key: is_request})

    def follow_settings(self) -> None:
        """Let the loop read the settings again between two syncs."""
        self._follow_settings()

    def tell_service(self, description: str) -> None:
        """Let `status` know where the service listens."""
        self._heartbeat.service = description
        self._heartbeat.beat(self._heartbeat.stall)

    def find_trouble(self) -> str:
        """Return what is wrong with the database, "" for nothing."""
        return self._heartbeat.trouble

    def find_backup_trouble(self) -> str:
        """Return why the last backup of BACKUP_SCHEDULE could not be made, "" if it could."""
        return self._heartbeat.backup_trouble

    def find_next_backup(self) -> datetime | None:
        """Return when the next backup of BACKUP_SCHEDULE is due."""
        return self._heartbeat.next_backup

    def find_stall(self) -> str:
        """Return that the present sync makes no progress, "" otherwise."""
        return self._heartbeat.stall

    def find_file_trouble(self) -> str:
        """Return what is wrong with a file of lists or a provider that changed, "" for nothing."""
        return self._heartbeat.trouble_of_files

    def find_next_sync(self) -> datetime | None:
        """Return when the next scheduled sync is due."""
        return self._timetable.next_times().get(Task.SYNC.value)

    def find_next_syncs(self) -> Mapping[str, datetime]:
        """Return when the lists of each schedule are synced next."""
        return self._timetable.next_syncs()

    def find_pause(self) -> datetime | None:
        """Return when the present pause ends; None if there is none."""
        return find_pause(self._folder.path)

    def pause(self, until: datetime | None) -> None:
        """Let no sync start before that moment; None ends a pause. Raise StorageError."""
        if until is None:
            end_pause(self._folder)
        else:
            pause(self._folder, until)
