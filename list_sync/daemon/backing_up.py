"""Backups by themselves: the leader of a data folder makes them at the times of BACKUP_SCHEDULE, beside the syncs."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from list_sync.backups.archive import back_up
from list_sync.config import Settings
from list_sync.config.rhythms import Rhythm
from list_sync.database.known_backups import find_newest_verified, find_scheduled, name_scheduled
from list_sync.database.store import Store
from list_sync.errors import ListSyncError, reason_of
from list_sync.footprint import give_memory_back
from list_sync.model.moments import is_in_future, shown, utc_now
from list_sync.storage.device import find_device_number

logger = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
# After each failure in a row; the last one counts for all further ones.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
# How long the end of the daemon waits for a backup that is being made; what is left of it is removed by the next one.
LAST_SECONDS = 1.0

# Takes what is wrong with the backups, "" for nothing, None before the first try, and when the next one is due.
Tell = Callable[[str | None, datetime], object]


class BackupKeeper:
    """The scheduled backups of a data folder. Nothing that goes wrong here reaches a sync.

    The next one is due at the first time of the rhythm after the last one, by the clock on the wall: a time that went
    by while nothing ran is made up once. A look between two times touches no disk.
    """

    def __init__(
        self,
        settings: Settings,
        rhythm: Rhythm,
        store: Store,
        folder: Path,
        *,
        tell: Tell,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings = settings
        self._rhythm = rhythm
        self._store = store
        self._folder = folder
        self._tell = tell
        self._now = now
        self._seen_at = now()
        self._due_at: datetime | None = None
        self._failures = 0
        self._trouble: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Make backups until the end."""
        while not stop.is_set():
            try:
                self.look()
            except Exception:
                # A fault in one backup must not end all later ones.
                logger.exception("a backup broke off in a way that it should not; please report this")
                self._fail("it broke off: see the log", self._now())
            stop.wait(LOOK_SECONDS)

    def look(self) -> None:
        """Make a backup if one is due."""
        now = self._now()
        try:
            if self._due_at is None or now < self._seen_at:
                # After the clock was set back, the time could be far away.
                self._plan(self._find_due(now), self._trouble)
            if self._due_at is None or now >= self._due_at:
                self._make(now)
        except ListSyncError as error:
            self._fail(reason_of(error), now)
        self._seen_at = now

    def _find_due(self, now: datetime) -> datetime:
        """Return when the next backup is due; a last one from the far future was made by a wrong clock."""
        found = find_scheduled(self._folder, find_device_number(self._store))
        made = [one.made_at for one in found if not is_in_future(one.made_at, now=now)]
        return self._find_next(min(max(made), now)) if made else now

    def _find_next(self, after: datetime) -> datetime:
        return self._rhythm.find_next_after(after, self._settings.process.zone)

    def _make(self, now: datetime) -> None:
        target, number = name_scheduled(self._folder, now), find_device_number(self._store)
        _, notes = back_up(target, self._settings.open_environment(), made_at=now, scheduled_by=number)
        logger.info("a backup was made and verified: %s", "; ".join([str(target), *notes]))
        self._failures = 0
        self._remove_old(target, number, now)
        give_memory_back()
        self._plan(self._find_next(now), "")

    def _plan(self, due_at: datetime, trouble: str | None) -> None:
        self._due_at, self._trouble = due_at, trouble
        self._tell(trouble, due_at)

    def _fail(self, reason: str, now: datetime) -> None:
        """Tell that no backup could be made, and try again after a while."""
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        last = find_newest_verified(self._folder, now=now)
        text = f"{reason}; {f'the last good one is of {shown(last.made_at)}' if last else 'there is none yet'}"
        if text != self._trouble:
            logger.warning("no backup could be made: %s; syncs go on, and it is tried again", text)
        self._plan(now + pause, text)

    def _remove_old(self, newest: Path, number: str, now: datetime) -> None:
        """Remove the oldest of our own scheduled backups; those from the far future count as the oldest."""
        others = [one for one in find_scheduled(self._folder, number) if one.path != newest]
        others.sort(key=lambda one: (not is_in_future(one.made_at, now=now), one.made_at), reverse=True)
        for one in others[self._settings.process.backup_keep - 1 :]:
            try:
                one.path.unlink(missing_ok=True)
            except OSError as error:
                logger.warning("the old backup %s cannot be removed: %s", one.path, error.strerror)


@contextmanager
def keeping_backups(keeper: BackupKeeper, stop: threading.Event) -> Iterator[None]:
    """Let a keeper make backups meanwhile, in a thread of its own."""
    thread = threading.Thread(target=keeper.run, args=(stop,), name="backups", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(LAST_SECONDS)
