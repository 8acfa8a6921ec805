"""The further households of a daemon: each has a loop of its own, whose steps are taken between those of `home`."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from list_sync.config import StateFolder
from list_sync.config.household_files import FOLDER, SUFFIX, describe_closed, find_files
from list_sync.config.policy.joining import with_dry_run
from list_sync.daemon.changes import Files
from list_sync.daemon.heartbeat import Heartbeat, heartbeat_of
from list_sync.daemon.loop import Loop, Syncing
from list_sync.daemon.run_queue import RunQueue
from list_sync.daemon.stopping import Stopping
from list_sync.daemon.timetable import Timetable
from list_sync.daemon.watching import Watch, Watched
from list_sync.database.store import Store
from list_sync.errors import ListSyncError, reasons_of
from list_sync.files.lock import FileLock
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder

logger = logging.getLogger(__name__)

# A household whose file is wrong is tried again: what is wrong may be a file that it names, or the database.
AGAIN_SECONDS = 60.0


class Opened(Syncing, Protocol):
    """A session of a further household."""

    @property
    def store(self) -> Store:
        """Return its records."""
        ...

    def note_backups(self, trouble: str) -> None:
        """Tell people why no backup could be made; "" once one could."""
        ...

    def abandon(self) -> None:
        """Record its run as stopped, from another thread."""
        ...

    def close(self) -> None:
        """Close everything."""
        ...


@dataclass(frozen=True, slots=True)
class Household:
    """One further household that runs: its session, its queue, its loop and its heartbeat."""

    session: Opened
    queue: RunQueue
    loop: Loop
    heartbeat: Heartbeat

    def end(self) -> None:
        """End it between two syncs."""
        self.loop.end()
        self.session.close()


class _NoFiles:
    """The watched files of a further household: its own file is watched by `Households`."""

    def check(self) -> bool:
        """Return that nothing changed."""
        return False

    def apply(self) -> None:
        """Apply nothing."""

    def apply_settings(self) -> None:
        """Apply nothing."""

    def suspended(self) -> AbstractContextManager[None]:
        """Watch nothing, as always."""
        return nullcontext()


def open_loop(
    open_household: Callable[[str], Opened],
    folder: StateFolder,
    leadership: FileLock,
    build_loop: Callable[..., Loop],
    name: str,
) -> Household:
    """Return a further household that is ready to begin."""
    session = open_household(name)
    household = session.settings.household
    heartbeat = Heartbeat(heartbeat_of(folder, name), rhythm=household.describe_rhythm())
    queue = RunQueue(session.store, leadership, find_lists=lambda: session.settings.household.lists)
    timetable = Timetable(household.rhythms, zone=session.settings.process.zone)
    loop = build_loop(session, queue, timetable, heartbeat, files=_NoFiles())
    return Household(session, queue, loop, heartbeat)


class Households:
    """The further households, beside the changed files of `home`: the loop of `home` checks and applies both.

    A household whose file is wrong does not begin, or stays as it was; `tell` is called with what is wrong, `on_lists`
    when there are other households. One thread runs all syncs, so no two of them send requests at the same time.
    """

    def __init__(
        self,
        home: Syncing,
        files: Files,
        open_one: Callable[[str], Household],
        tell: Callable[[str], object],
        on_lists: Callable[[], object],
        *,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_lists = on_lists
        self._home = home
        self._config_dir = home.settings.process.config_dir
        self._files = files
        self._open = open_one
        self._tell = tell
        self._steady = steady
        self._watch = Watch(self._find_watched, steady=steady)
        self._changed = dict.fromkeys(find_files(self._config_dir), True)
        self._running: dict[str, Household] = {}
        self._claimed_by: tuple[Household, ...] = ()
        self._wrong: dict[str, tuple[str, ...]] = {}
        self._again_at = 0.0
        self._told = ""
        self._is_hung_up = threading.Event()

    def hang_up(self) -> None:
        """Ask for a sync of all lists soon, as after SIGHUP."""
        self._is_hung_up.set()

    def check(self) -> bool:
        """Return whether there is something to do, in `home` or in another household."""
        has_work = [
            self._files.check(),
            self._watch.check(),
            *(one.loop.tick() for one in list(self._running.values())),
        ]
        self._tell_trouble()
        return any(has_work) or bool(self._changed) or self._is_hung_up.is_set() or self._is_due_again()

    def apply(self) -> None:
        """Begin, change and end households as their files say; apply the changed files of `home`, and sync."""
        self._changed |= {path.name.removesuffix(SUFFIX): is_there for path, is_there in self._watch.take().items()}
        if self._is_due_again():
            self._changed = dict.fromkeys(self._wrong, True) | self._changed
        while self._changed:
            name = min(self._changed)
            # Taken first: what fails in an unexpected way is not tried again and again.
            if self._changed.pop(name) or describe_closed(self._config_dir):
                self._start(name)
            else:
                self._stop(name)
        if (running := tuple(self._running.values())) != self._claimed_by:
            self._claimed_by = running
            self._on_lists()
        self._files.apply()
        if is_hung_up := self._is_hung_up.is_set():
            self._is_hung_up.clear()
        for one in running:
            self.apply_settings()
            if is_hung_up:
                one.queue.ask(RunOrder(mode=SyncMode.MANUAL))
            one.loop.do_tasks()
        self._tell_trouble()

    def claim(self, changed: Collection[str]) -> frozenset[str]:
        """Ask for a sync of the lists in changed files of the drop folder; return the files of all lists."""
        claimed: set[str] = set()
        for one in self._running.values():
            claims = one.session.sources.find_claims()
            claimed.update(claims)
            lists = dict.fromkeys(source for name in changed for source in claims.get(name, ()))
            if lists:
                one.queue.ask(RunOrder(tuple(lists), mode=SyncMode.FILE))
        return frozenset(claimed)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Watch no files during a sync."""
        with self._files.suspended(), self._watch.suspended():
            yield

    def abandon_with(self, stopping: Stopping) -> None:
        """Record a run that does not end in time as stopped, as `stopping` does it for `home`."""
        give_up = stopping.on_giving_up

        def give_all_up() -> None:
            for one in list(self._running.values()):
                one.session.abandon()
            give_up()

        stopping.on_giving_up = give_all_up

    def close(self) -> None:
        """End all households, and the watching."""
        self._watch.close()
        for one in self._running.values():
            one.end()

    def apply_settings(self) -> None:
        """Go by changed settings of `home`; of these, DRY_RUN counts for all households."""
        self._files.apply_settings()
        is_on = self._home.settings.household.dry_run
        for session in (one.session for one in self._running.values()):
            if session.settings.household.dry_run != is_on:
                session.use(with_dry_run(session.settings, is_on=is_on))

    def _start(self, name: str) -> None:
        self.apply_settings()
        try:
            opened = self._open(name)
        except ListSyncError as error:
            self._again_at = self._steady() + AGAIN_SECONDS
            reasons = tuple(reasons_of(error))
            if reasons != self._wrong.get(name):
                self._wrong[name] = reasons
                what = "it stays as it was" if name in self._running else "it is not synced"
                for problem in reasons:
                    logger.warning("household %s: %s; %s, and the others go on", name, problem, what)
            return
        former = self._running.get(name)
        if former:
            former.end()
        self._wrong.pop(name, None)
        self._running[name] = opened
        logger.info("household %s %s", name, "is synced by its new file" if former else "begins")
        opened.loop.begin()
        opened.loop.sync_and_rest()

    def _stop(self, name: str) -> None:
        self._wrong.pop(name, None)
        if name in self._running:
            logger.info("household %s ends, because its file is gone; what is known of it stays", name)
            self._running.pop(name).end()

    def _find_watched(self) -> Watched:
        """Return the files, and their folder, where others may appear."""
        return Watched(files=(self._config_dir / FOLDER, *find_files(self._config_dir).values()))

    def _is_due_again(self) -> bool:
        return bool(self._wrong) and self._steady() >= self._again_at

    def _tell_trouble(self) -> None:
        """Tell what is wrong with files or syncs, if that changed."""
        beats = {name: one.heartbeat for name, one in list(self._running.items())}
        wrong = {name: reasons[0] for name, reasons in self._wrong.items()}
        found = wrong | {name: text for name, beat in beats.items() if (text := beat.trouble or beat.stall)}
        text = "; ".join(f"household {name}: {words}" for name, words in sorted(found.items()))
        if text != self._told:
            self._told = text
            self._tell(text)
