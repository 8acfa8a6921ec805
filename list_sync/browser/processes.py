"""The processes below one of ours: found and ended by their ids, never by their names."""

import contextlib
import os
import signal
from pathlib import Path

PROC = Path("/proc")


def find_descendants(ancestor: int) -> tuple[int, ...]:
    """Return the ids of all living processes below one; none where the system has no /proc."""
    children: dict[int, list[int]] = {}
    for process, parent in _parents():
        children.setdefault(parent, []).append(process)
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return tuple(found)


def kill(processes: tuple[int, ...]) -> None:
    """End processes at once; one that is gone already is no problem."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _parents() -> list[tuple[int, int]]:
    pairs = []
    for entry in PROC.iterdir() if PROC.is_dir() else ():
        if entry.name.isdigit():
            # A process may end between being listed and being read.
            with contextlib.suppress(OSError):
                # The name of the program, in brackets, may itself hold brackets and blanks.
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    pairs.append((int(entry.name), int(parent)))
    return pairs
