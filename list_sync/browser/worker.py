"""The process that holds one browser: orders come in as lines of JSON, answers go out the same way.

A process of its own, because SeleniumBase weighs 57 MB and is never let go of once it is imported, writes into the
working directory, and leaves processes behind; here all of it ends with us. We end when our orders do: the end of
standard input is the end of whoever gave them, however that came about.
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
            # Nobody listens any more: the other thread ends us.
            threading.Event().wait()


def _adopt_orphans() -> None:
    """Become the parent of what our children leave behind: without an init in the container nobody else would be."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _take_over_output() -> TextIO:
    """Return the stream of the answers, which SeleniumBase, talkative on standard output, must not get hold of."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _read_orders(orders: "queue.SimpleQueue[Order]", folder: Path) -> None:
    for line in sys.stdin:
        orders.put(json.loads(line))
    _end(folder)


def _end(folder: Path) -> NoReturn:
    """End all that we started, wait for the last of it, and leave nothing behind.

    What a browser would do when asked nicely is to store its profile, and that goes with the folder.
    """
    deadline = time.monotonic() + _ENDING_SECONDS
    is_alone = False
    while not is_alone and time.monotonic() < deadline:
        kill(find_descendants(os.getpid()))
        is_alone = _bury_the_dead()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _bury_the_dead() -> bool:
    """Take leave of the children that ended; return whether there is no other."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    threading.Event().wait(0.01)
    return False


if __name__ == "__main__":
    main()
