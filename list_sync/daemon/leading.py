"""The daemon of a data folder: the only one there, with everything that its loop needs."""

import logging
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import datetime
from functools import partial
from threading import Event
from time import monotonic
from typing import Any, TypeVar

from list_sync.api.http.client import TIMEOUTS_PER_EXCHANGE
from list_sync.config import StateFolder
from list_sync.daemon.changes import FileChanges
from list_sync.daemon.control import Control
from list_sync.daemon.heartbeat import Heartbeat, leads_at_once, wait_to_lead
from list_sync.daemon.households import Households, Opened, open_loop
from list_sync.daemon.loop import STALL_SECONDS, Loop
from list_sync.daemon.run_queue import RunQueue
from list_sync.daemon.stopping import Stopping
from list_sync.daemon.timetable import Timetable
from list_sync.daemon.title_queue import TitleQueue
from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.files.lock import FileLock
from list_sync.model.moments import is_in_future, shown, utc_now
from list_sync.model.report import SyncReport
from list_sync.model.runs import RunOrder
from list_sync.storage.runs import find_runs

logger = logging.getLogger(__name__)

Session = TypeVar("Session", bound=Opened)
Steady = Callable[[], float]
# A machine without a battery sets its clock once it has a network.
CLOCK_SECONDS = 600.0
CLOCK_LOOK_SECONDS = 2.0


def run_daemon(
    session: Session,
    store: Store,
    folder: StateFolder,
    *,
    serving: Callable[[Control], AbstractContextManager[None]],
    stopping: Stopping,
    open_household: Callable[[str], Session],
    carry_out: Callable[[Session, RunOrder, int | None], SyncReport],
) -> bool:
    """Sync until a stop, as timetable, queue and files say, and return True.

    Return False after another daemon of the folder ended: what is set may have changed since. `serving` serves HTTP
    meanwhile, `open_household` opens the session of a further household, `carry_out` does what was asked for.
    """
    settings, stop = session.settings, stopping.event
    stall_seconds = STALL_SECONDS + TIMEOUTS_PER_EXCHANGE * settings.process.http_timeout
    leadership = FileLock(folder.daemon_lock)

    def build_loop(session: Session, *parts: Any, **more: Any) -> Loop:
        do = partial(carry_out, session)
        return Loop(session, *parts, stop=stop, stall_seconds=stall_seconds, carry_out=do, **more)

    open_one = partial(open_loop, open_household, folder, leadership, build_loop)
    try:
        if leads_at_once(leadership, stop):
            queue = RunQueue(store, leadership, find_lists=lambda: session.settings.household.lists)
            timetable = Timetable(settings.household.rhythms, zone=settings.process.zone)
            titles = TitleQueue()
            heartbeat = Heartbeat(folder.heartbeat, rhythm=settings.household.describe_rhythm())
            tell = heartbeat.tell_households
            follow = partial(_follow_lists, session, timetable, heartbeat)

            def claim(changed: Collection[str]) -> Collection[str]:
                return households.claim(changed)

            with (
                closing(FileChanges(session, heartbeat, queue.ask, on_lists=follow, claim_elsewhere=claim)) as files,
                closing(Households(session, files, open_one, tell, files.tell_unclaimed)) as households,
                serving(Control(store, folder, timetable, heartbeat, stop, titles, files.follow_settings)),
            ):
                stopping.on_hangup = partial(_hang_up, files, households)
                households.abandon_with(stopping)
                wait_for_clock(store, heartbeat, stop)
                with _keeping_backups(session, store, folder, heartbeat, stop):
                    build_loop(session, queue, timetable, heartbeat, files=households, titles=titles).run()
            return True
        return not wait_to_lead(leadership, stop)
    finally:
        leadership.release()


def _hang_up(files: FileChanges, households: Households) -> None:
    files.hang_up()
    households.hang_up()


def wait_for_clock(
    store: Store,
    heartbeat: Heartbeat,
    stop: Event,
    *,
    now: Callable[[], datetime] = utc_now,
    steady: Steady = monotonic,
) -> None:
    """Wait some minutes while the clock is days behind the last sync: pauses, caps and the age of backups count by it.

    A clock that is never set, or that was ahead at the last sync, holds nothing for longer.
    """
    last, began = _find_last_start(store), steady()
    if last is None or not is_in_future(last, now=now()):
        return
    logger.warning(
        "the clock is behind the last sync (%s): nothing is synced or backed up until it is set, or in 10 minutes",
        shown(last),
    )
    while is_in_future(last, now=now()) and steady() - began < CLOCK_SECONDS:
        heartbeat.beat()
        if stop.wait(CLOCK_LOOK_SECONDS):
            return


def _find_last_start(store: Store) -> datetime | None:
    try:
        with store.reading() as connection:
            runs = find_runs(connection, store.household, limit=1, only_started=True)
    except StorageError:
        return None
    return runs[0].started_at if runs else None


def _keeping_backups(
    session: Opened, store: Store, folder: StateFolder, heartbeat: Heartbeat, stop: Event
) -> AbstractContextManager[None]:
    """Make backups meanwhile, if BACKUP_SCHEDULE is set, and tell of them."""
    rhythm = session.settings.process.backup_schedule
    if rhythm is None:
        return nullcontext()
    # Only a daemon with a schedule takes the memory for archives and what opens config.enc.
    from list_sync.daemon.backing_up import BackupKeeper, keeping_backups

    def tell(trouble: str | None, next_at: datetime) -> None:
        heartbeat.tell_backups(trouble or "", next_at)
        # What was told to people stays until a backup was tried.
        if trouble is not None:
            session.note_backups(trouble)

    return keeping_backups(BackupKeeper(session.settings, rhythm, store, folder.path, tell=tell), stop)


def _follow_lists(session: Opened, timetable: Timetable, heartbeat: Heartbeat) -> None:
    """Go by the rhythms of the present lists."""
    household = session.settings.household
    timetable.use(household.rhythms)
    heartbeat.rhythm = household.describe_rhythm()
    heartbeat.plan(timetable.next_times(), timetable.next_syncs())
