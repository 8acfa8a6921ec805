"""Notices of the system that something changed in a folder; file systems without notices are recognised."""

import importlib.util
import logging
import os
from collections.abc import Iterable, Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

logger = logging.getLogger(__name__)

_MOUNTS = Path("/proc/self/mountinfo")
# Changes that another machine makes, or the one around a virtual machine, are not reported by these and by FUSE.
_WITHOUT_NOTICES = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "lustre", "afs", "gfs2", "ocfs2", "beegfs"),
        *("vboxsf", "vmhgfs", "prl_fs", "ncpfs", "coda", "fakeowner", "osxfs", "drvfs"),
    }
)
# A folder, and which one it is: another folder may take its place.
Places = Mapping[Path, tuple[int, int]]


class Notices:
    """Whether anything happened in some folders since the last question; no thread of Python waits for it."""

    def __init__(self) -> None:
        self._places: Places = {}
        self._source: RustNotify | None = None
        self._has_failed = False

    def watch(self, places: Places) -> bool:
        """Ask for notices of these folders, and of no others; return whether that is new. A failure is logged once."""
        if places == self._places:
            return False
        self.close()
        self._places = dict(places)
        try:
            # Each folder alone, without those below it; a thread of the library waits for the system.
            # The library takes only names that are UTF-8; folders with others are looked at.
            names = [name for name in map(os.fspath, places) if name == os.fsencode(name).decode("utf-8", "replace")]
            self._source = self.find_source()(names, False, False, 0, False, True)
        # The library raises RuntimeError where the system has no inotify left.
        except (OSError, RuntimeError) as error:
            if isinstance(error, FileNotFoundError):
                self._places = {}
            elif not self._has_failed:
                logger.warning("changed files are found late, because the system reports none: %s", error)
                self._has_failed = True
        return True

    @property
    def is_watching(self) -> bool:
        """Return whether the system reports the changes."""
        return self._source is not None

    def have_arrived(self) -> bool:
        """Return whether anything happened; that takes some microseconds and wakes no thread."""
        if self._source is None:
            return False
        try:
            return isinstance(self._source.watch(1, 0, 0, _SecondLook()), set)
        except RuntimeError as error:
            logger.debug("the notices of changed files ended: %s", error)
            self.close()
            return True

    def find_source(self) -> "type[RustNotify]":
        """Return the part of watchfiles that is not Python: the rest of it would load anyio, which takes 4 MB."""
        package = importlib.util.find_spec("watchfiles")
        spec = package and PathFinder.find_spec("_rust_notify", package.submodule_search_locations)
        if spec is None or spec.loader is None:
            raise RuntimeError("the Python package watchfiles is not complete")
        module: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return cast("type[RustNotify]", module.RustNotify)

    def close(self) -> None:
        """End the notices."""
        if self._source is not None:
            self._source.close()
        self._source, self._places = None, {}


class _SecondLook:
    """Ends the waiting of the library, which asks before each look at its notices, after two looks."""

    def __init__(self) -> None:
        self._looks = 0

    def is_set(self) -> bool:
        """Return whether the library has looked twice."""
        self._looks += 1
        return self._looks > 2


def is_without_notices(paths: Iterable[Path], *, mounts: Path = _MOUNTS) -> bool:
    """Return whether any path is on a file system, such as a network share, that does not report all changes."""
    try:
        kinds = _read_mounts(mounts.read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return False
    return any(_is_silent(_find_kind(Path(os.path.realpath(path)), kinds)) for path in paths)


def _read_mounts(text: str) -> dict[Path, str]:
    """Return the kind of file system at each mount point; of several at one point, the last one is seen."""
    kinds = {}
    for line in text.splitlines():
        mount, _, source = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) > 4 and source:
            # Blanks in names are written as octal numbers.
            point = fields[4].encode("utf-8", "surrogateescape").decode("unicode_escape").encode("latin-1", "replace")
            kinds[Path(os.fsdecode(point))] = source.split(" ")[0]
    return kinds


def _find_kind(path: Path, kinds: Mapping[Path, str]) -> str:
    return next((kinds[place] for place in (path, *path.parents) if place in kinds), "")


def _is_silent(kind: str) -> bool:
    return kind in _WITHOUT_NOTICES or kind.startswith("fuse.")
