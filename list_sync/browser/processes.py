"""The descendants of a process: found and killed by their ids, never by their names."""

import contextlib
import os
import signal
from pathlib import Path

PROC = Path("/proc")


def find_descendants(ancestor: int) -> tuple[int, ...]:
    """Return the ids of all running descendants of a process; nothing if the system has no /proc."""
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
    """Kill processes; ignore those that have ended already."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _parents() -> list[tuple[int, int]]:
    pairs = []
    for entry in PROC.iterdir() if PROC.is_dir() else ():
        if entry.name.isdigit():
            # A process may end after it was listed.
            with contextlib.suppress(OSError):
                # The program name is in brackets, and may itself contain brackets and blanks.
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    pairs.append((int(entry.name), int(parent)))
    return pairs
