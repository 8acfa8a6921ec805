"""A process that reads three pages with a browser, as the daemon does, and says as JSON what was left of it."""

import json
import os
import sys
import tempfile
import threading
from pathlib import Path

from list_sync.browser import BrowserPool
from list_sync.browser.processes import find_descendants


def resident_kilobytes():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def temporary_folder(process):
    """Return the temporary folder that a process was told to use; none where it wrote its title over that or ended."""
    try:
        words = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    return next((os.fsdecode(word[len(b"TMPDIR=") :]) for word in words if word.startswith(b"TMPDIR=")), None)


def main():
    url, folder = sys.argv[1], Path(sys.argv[2])
    before = resident_kilobytes()
    pool = BrowserPool(1, stop=threading.Event(), folder=folder)
    pages = list(pool.read_pages(url, service="local", wait_for=".item", then_click="#next", pause_seconds=0.1))
    during = find_descendants(os.getpid())
    temporary_folders = sorted(set(filter(None, map(temporary_folder, during))))
    pool.close()
    said = {
        "pages": len(pages),
        "processes during": len(during),
        "temporary folders": temporary_folders,
        "processes after": len(find_descendants(os.getpid())),
        "grown kilobytes": resident_kilobytes() - before,
        "left in folders": [str(path) for place in (folder, tempfile.gettempdir()) for path in Path(place).iterdir()],
        "imported": [name for name in ("selenium", "seleniumbase") if name in sys.modules],
    }
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    if "--stay" in sys.argv:
        list(pool.read_pages(url, service="local", wait_for=".item", then_click="#next", pause_seconds=60))


if __name__ == "__main__":
    main()
