"""The further households of a daemon: each has a loop of its own, whose steps are taken between those of `home`."""

import logging
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Protocol

from list_sync.config import StateFolder
from list_sync.config.household_files import find_files
from list_sync.daemon.changes import Files
from list_sync.daemon.heartbeat import Heartbeat, heartbeat_of
from list_sync.daemon.loop import Loop, Syncing
from list_sync.daemon.run_queue import RunQueue
from list_sync.daemon.stopping import Stopping
from list_sync.daemon.timetable import Timetable
from list_sync.database.store import Store
from list_sync.errors import ListSyncError, reasons_of
from list_sync.files.lock import FileLock
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder

logger = logging.getLogger(__name__)

_Stamp = tuple[int, int, int]


class Opened(Syncing, Protocol):
    """A session of a further household."""

    @property
    def store(self) -> Store:
        """Return its records."""
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
    """The watched files of a further household: its own file is compared by `Households`."""

    def check(self) -> bool:
        """Return that nothing changed."""
        return False

    def apply(self) -> None:
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

    A household whose file is wrong does not begin, or stays as it was; `tell` is called with what is wrong. One thread
    runs all syncs, so no two of them send requests at the same time.
    """

    def __init__(
        self, home: Syncing, files: Files, open_one: Callable[[str], Household], tell: Callable[[str], object]
    ) -> None:
        self._config_dir = home.settings.process.config_dir
        self._files = files
        self._open = open_one
        self._tell = tell
        self._stamps: dict[str, _Stamp] = {}
        self._running: dict[str, Household] = {}
        self._wrong: dict[str, str] = {}
        self._told = ""

    def check(self) -> bool:
        """Return whether there is something to do, in `home` or in another household."""
        has_work = [self._files.check(), *(one.loop.tick() for one in list(self._running.values()))]
        self._tell_trouble()
        return any(has_work) or self._find_stamps() != self._stamps

    def apply(self) -> None:
        """Begin, change and end households as their files say; apply the changed files of `home`, and sync."""
        present = self._find_stamps()
        for name in sorted(self._stamps.keys() | present.keys()):
            if name not in present:
                del self._stamps[name]
                self._stop(name)
            elif present[name] != self._stamps.get(name):
                # Noted first: what fails in an unexpected way is not tried again and again.
                self._stamps[name] = present[name]
                self._start(name)
        self._files.apply()
        for one in list(self._running.values()):
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

    def suspended(self) -> AbstractContextManager[None]:
        """Watch no files during a sync."""
        return self._files.suspended()

    def abandon_with(self, stopping: Stopping) -> None:
        """Record a run that does not end in time as stopped, as `stopping` does it for `home`."""
        give_up = stopping.on_giving_up

        def give_all_up() -> None:
            for one in list(self._running.values()):
                one.session.abandon()
            give_up()

        stopping.on_giving_up = give_all_up

    def close(self) -> None:
        """End all households."""
        for one in self._running.values():
            one.end()

    def _start(self, name: str) -> None:
        try:
            opened = self._open(name)
        except ListSyncError as error:
            self._wrong[name] = reasons_of(error)[0]
            what = "it stays as it was" if name in self._running else "it is not synced"
            for problem in reasons_of(error):
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

    def _find_stamps(self) -> dict[str, _Stamp]:
        stamps = {}
        for name, path in find_files(self._config_dir).items():
            with suppress(OSError):
                status = path.stat()
                stamps[name] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return stamps

    def _tell_trouble(self) -> None:
        """Tell what is wrong with files or syncs, if that changed."""
        beats = {name: one.heartbeat for name, one in list(self._running.items())}
        found = dict(self._wrong) | {name: text for name, beat in beats.items() if (text := beat.trouble or beat.stall)}
        text = "; ".join(f"household {name}: {words}" for name, words in sorted(found.items()))
        if text != self._told:
            self._told = text
            self._tell(text)
