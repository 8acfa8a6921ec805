"""Lists that were being read when the process ended uncleanly: read alone after one such end, not read after two."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from list_sync.errors import TooLarge
from list_sync.fetching.routes import Opened, refuse
from list_sync.fetching.settling import with_copy
from list_sync.model.moments import is_to_come, shown
from list_sync.model.sources import FetchResult, ListKey
from list_sync.storage.list_memory import ListMemory, Reading

PAUSE = timedelta(hours=24)
MOST_UNCLEAN_ENDS = 2


class Readings:
    """The readings of one run. A row is in the database while a list is read; a killed process leaves it there.

    Lists that are read side by side have their rows from the first of these readings to the last one, because after
    an end among them each is read alone.
    """

    def __init__(self, memory: ListMemory | None, *, now: Callable[[], datetime]) -> None:
        self._memory = memory
        self._now = now
        found = memory.load_readings() if memory else {}
        left = {
            key: replace(one, is_open=False, unclean_ends=one.unclean_ends + 1)
            for key, one in found.items()
            if one.is_open
        }
        if memory and left:
            memory.keep_readings(left)
        self._known = {**found, **left}
        self._open: set[ListKey] = set()

    def is_suspect(self, opened: Opened) -> bool:
        """Return whether a list was being read at the last end of the process, or at earlier ones."""
        return opened.source.key in self._known

    def find_refusal(self, opened: Opened) -> FetchResult | None:
        """Return the failure of a list that was being read at two ends in a row, or None if it is to be read."""
        known = self._known.get(opened.source.key)
        if self._memory is None or known is None or known.unclean_ends < MOST_UNCLEAN_ENDS:
            return None
        now, until = self._now(), known.at + PAUSE
        if known.stamp != stamp_of(opened) or not is_to_come(until, within=PAUSE, now=now):
            return None
        words = f"ListSync ended {known.unclean_ends} times while it was being read"
        error = TooLarge(f"{words}: left alone until {shown(until)}, or until its file or its settings change")
        result = replace(refuse(opened.source, error, at=now), backoff_until=until)
        return with_copy(result, self._memory.of_account(opened.account))

    def begin(self, lists: Iterable[Opened]) -> None:
        """Store that some lists are being read from now on."""
        begun = {}
        for opened in lists:
            key, stamp = opened.source.key, stamp_of(opened)
            known = self._known.get(key)
            # After the pause, or after a change, one more such end is enough.
            ends = min(known.unclean_ends, MOST_UNCLEAN_ENDS - 1) if known else 0
            begun[key] = Reading(stamp, self._now(), unclean_ends=ends)
        if self._memory and begun:
            self._memory.keep_readings(begun)
            self._open |= begun.keys()

    def end(self, key: ListKey) -> None:
        """Store that a list is not being read any more."""
        if self._memory and key in self._open:
            self._memory.end_reading(key)
            self._open.remove(key)

    def end_together(self) -> None:
        """Store that no list is being read any more of those that are read side by side."""
        if self._memory and self._open:
            self._memory.end_reading(None)
            self._open.clear()

    def close(self) -> None:
        """End all readings, because the run or this process ends in an orderly way."""
        suspects = self._open & self._known.keys()
        for key in suspects:
            self.end(key)
        self.end_together()


def stamp_of(opened: Opened) -> str:
    """Return a digest of the settings of a list and of the state of its file in the drop folder."""
    folder = opened.context.drop_folder
    has_file = folder is not None and not all(route.is_cached for route in opened.routes)
    state = _state_of(folder, opened.source.list_id) if folder is not None and has_file else ""
    return f"{opened.stamp}-{hashlib.sha256(state.encode()).hexdigest()[:16]}"


def _state_of(folder: Path, name: str) -> str:
    """Return the state of the file of that name, or of the archive that the name begins with, or of all files."""
    try:
        path = folder / name
        own = next((one for one in (path, *path.parents) if one.is_relative_to(folder) and one.is_file()), None)
        paths = [own] if own else sorted(one for one in folder.rglob("*") if one.is_file())
        return repr([(one.name, one.stat().st_size, one.stat().st_mtime_ns, one.stat().st_ino) for one in paths])
    except (OSError, ValueError):
        return ""
