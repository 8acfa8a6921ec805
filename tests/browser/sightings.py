"""What can be seen of browsers from outside: processes and folders."""

import os
import tempfile
from pathlib import Path

from list_sync.browser.folder import PREFIX
from list_sync.browser.processes import find_descendants


def processes():
    """Return the command lines of the processes below this one that belong to browsers, by id."""
    found = {}
    for process in find_descendants(os.getpid()):
        line = command_line(process)
        if "chrom" in line or "list_sync.browser.worker" in line or "uc_driver" in line:
            found[process] = line
    return found


def command_line(process):
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def processes_at_work_in(folder):
    """Return the ids of all processes, with any parents, whose environment or command names a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(folder) in words:
                found.append(int(entry.name))
    return found


def folders(parent=None):
    return sorted(Path(parent or tempfile.gettempdir()).glob(f"{PREFIX}*"))
