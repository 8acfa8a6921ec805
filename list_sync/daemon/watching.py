"""Watching files: which of them changed, were added or deleted, and have stayed as they are for two seconds."""

import os
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from list_sync.daemon.notices import Notices, is_without_notices

# A file that is still written changes within this time.
SETTLED_SECONDS = 2.0
# Notices can be lost, and a folder can be mounted over another; without notices, looking is the only way.
LOOK_SECONDS = 60.0
LOOK_SECONDS_WITHOUT_NOTICES = 10.0
# Looking at very many files takes at most this part of the time.
_MOST_LOOKING = 0.02
# The folders below the drop folder in which exports are found, and those of a provider's own modules.
_DEPTH = 4
_UNFINISHED = ("~", ".tmp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".swp")
# What a change of a file changes: size, time, mode, user, group. Numbers of files change by themselves on shares.
Stamp = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Watched:
    """The files to watch: two folders, and single files."""

    drop: Path | None = None
    providers: Path | None = None
    files: Collection[Path] = ()


@dataclass(slots=True)
class Sight:
    """What one look found: every file, the folders that report changes, and folders that are not there yet."""

    # By their paths as texts: ten thousand Path objects take ten megabytes.
    files: dict[str, Stamp] = field(default_factory=dict)
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    missing: list[Path] = field(default_factory=list)


class Watch:
    """Compares what is there with what was there; one thread checks, and another takes the changes.

    During a sync nothing is watched: what changed meanwhile is found after it.
    """

    def __init__(
        self,
        find_watched: Callable[[], Watched],
        *,
        steady: Callable[[], float] = time.monotonic,
        notices: Notices | None = None,
    ) -> None:
        self._find_watched = find_watched
        self._steady = steady
        self._notices = notices or Notices()
        self._missing: list[Path] = []
        self._is_silent = False
        self._look_at = 0.0
        self._is_suspended = False
        self._known: Mapping[str, Stamp] = look_at(find_watched()).files
        self._unsettled: dict[str, tuple[Stamp | None, float]] = {}
        self._settled: dict[Path, bool] = {}
        self._lock = threading.Lock()

    @property
    def files(self) -> Collection[str]:
        """Return the paths of the files that are there."""
        return self._known.keys()

    def check(self) -> bool:
        """Return whether there are changes to take; quick if nothing happened."""
        with self._lock:
            if not self._is_suspended:
                is_due = self._steady() >= self._look_at or self._notices.have_arrived()
                if is_due or self._unsettled or any(map(os.path.exists, self._missing)):
                    self._compare()
            return bool(self._settled)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Watch nothing inside, and look right after it."""
        with self._lock:
            self._is_suspended = True
            self._notices.close()
        try:
            yield
        finally:
            with self._lock:
                self._is_suspended = False
                self._look_at = 0.0

    def take(self) -> dict[Path, bool]:
        """Return each file that changed and has settled, with whether it is still there."""
        with self._lock:
            taken, self._settled = self._settled, {}
        return taken

    def close(self) -> None:
        """End the notices of the system."""
        self._notices.close()

    def _compare(self) -> None:
        present, now = self._look(), self._steady()
        known, unsettled = dict(self._known), {}
        for path in known.keys() | present.keys():
            stamp = present.get(path)
            if stamp == known.get(path):
                continue
            since = self._unsettled.get(path)
            if since is None or since[0] != stamp:
                unsettled[path] = (stamp, now)
            elif now - since[1] < SETTLED_SECONDS:
                unsettled[path] = since
            else:
                self._settled[Path(path)] = stamp is not None
                known.pop(path, None)
                known |= {path: stamp} if stamp is not None else {}
        self._known, self._unsettled = known, unsettled

    def _look(self) -> Mapping[str, Stamp]:
        began, watched = self._steady(), self._find_watched()
        sight = look_at(watched)
        if self._notices.watch(sight.places):
            self._is_silent = not self._notices.is_watching or is_without_notices(sight.places)
            # A file may have changed between the look and the first notice.
            sight = look_at(watched)
        pause = LOOK_SECONDS_WITHOUT_NOTICES if self._is_silent else LOOK_SECONDS
        self._missing = sight.missing
        self._look_at = self._steady() + max(pause, (self._steady() - began) / _MOST_LOOKING)
        return sight.files


def look_at(watched: Watched) -> Sight:
    """Return what is there now."""
    sight = Sight()
    for path in watched.files:
        # A file that is mounted alone is reported by itself; a link is reported where it leads to.
        for place in (path, path.parent, Path(os.path.realpath(path)).parent):
            _add_place(sight, place)
        _add_file(sight, os.fspath(path))
        _note_missing(sight, path.parent)
    if watched.providers:
        # Kubernetes replaces a link beside the folder of providers.
        _add_place(sight, watched.providers.parent)
    for folder, is_wanted in ((watched.providers, _is_module), (watched.drop, _is_finished)):
        if folder:
            _walk(sight, folder, depth=_DEPTH, is_wanted=is_wanted)
            _note_missing(sight, folder)
    return sight


def _is_module(name: str) -> bool:
    return name.endswith(".py") and not name.startswith("test_")


def _is_finished(name: str) -> bool:
    return not name.lower().endswith(_UNFINISHED)


def _walk(sight: Sight, folder: Path, *, depth: int, is_wanted: Callable[[str], bool]) -> None:
    _add_place(sight, folder)
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "__pycache__")):
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    if is_wanted(entry.name):
                        _add_file(sight, entry.path)
                elif depth > 1:
                    _walk(sight, Path(entry.path), depth=depth - 1, is_wanted=is_wanted)
    except OSError:
        # A folder that is gone, or closed to us, holds nothing that could be read.
        return


def _add_place(sight: Sight, path: Path) -> None:
    try:
        status = path.stat()
    except OSError:
        return
    sight.places[path] = (status.st_dev, status.st_ino)


def _add_file(sight: Sight, path: str) -> None:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return
    if stat.S_ISREG(status.st_mode):
        sight.files[path] = (status.st_size, status.st_mtime_ns, status.st_mode, status.st_uid, status.st_gid)


def _note_missing(sight: Sight, folder: Path) -> None:
    if folder not in sight.places:
        sight.missing.append(folder)
