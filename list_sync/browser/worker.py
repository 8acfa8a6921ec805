"""The process of one browser: orders come in as lines of JSON, answers go out the same way.

It is a process of its own because SeleniumBase takes 57 MB of memory and never frees it, writes into the working
directory, and leaves processes behind; all of that ends with this process. It ends when standard input ends, that is
when the main process ends.
"""

import contextlib
import ctypes
import json
import os
import queue
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn, TextIO

from list_sync.browser.chromium import Failure, Order, Page, start
from list_sync.browser.processes import find_descendants, kill

_PR_SET_CHILD_SUBREAPER = 36
_ENDING_SECONDS = 2.0


def main() -> NoReturn:
    """Carry out orders until there are no more."""
    folder = Path.cwd()
    signal.signal(signal.SIGTERM, lambda *_: _end(folder))
    _adopt_orphans()
    answers = _take_over_output()
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    threading.Thread(target=_read_orders, args=(orders, folder), daemon=True).start()
    page: Page | None = None
    while True:
        order = orders.get()
        try:
            if page is None:
                page = start(order)
                answer: dict[str, Any] = {}
            else:
                answer = page.carry_out(order)
        except Failure as failure:
            answer = {"failure": failure.kind, "words": failure.words}
        try:
            print(json.dumps(answer), file=answers, flush=True)
        except OSError:
            # The main process has ended; the other thread ends this process.
            threading.Event().wait()


def _adopt_orphans() -> None:
    """Become the parent of orphaned descendants: a container may have no init process."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _take_over_output() -> TextIO:
    """Return a stream for the answers, and send standard output, which SeleniumBase writes to, to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _read_orders(orders: "queue.SimpleQueue[Order]", folder: Path) -> None:
    for line in sys.stdin:
        orders.put(json.loads(line))
    _end(folder)


def _end(folder: Path) -> NoReturn:
    """Kill all descendants, wait for them, remove the folder, and exit.

    A browser that ends normally stores its profile first. That is not needed, as the folder is removed.
    """
    deadline = time.monotonic() + _ENDING_SECONDS
    is_alone = False
    while not is_alone and time.monotonic() < deadline:
        kill(find_descendants(os.getpid()))
        is_alone = _reap_children()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _reap_children() -> bool:
    """Collect the children that have ended; return whether no other is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    threading.Event().wait(0.01)
    return False


if __name__ == "__main__":
    main()
