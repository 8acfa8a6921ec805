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


def main():
    url, folder = sys.argv[1], Path(sys.argv[2])
    before = resident_kilobytes()
    pool = BrowserPool(1, stop=threading.Event(), folder=folder)
    pages = list(pool.read_pages(url, service="local", wait_for=".item", then_click="#next", pause_seconds=0.1))
    during = len(find_descendants(os.getpid()))
    pool.close()
    said = {
        "pages": len(pages),
        "processes during": during,
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
