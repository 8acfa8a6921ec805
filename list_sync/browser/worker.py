"""The process of one browser: orders come in as lines of JSON, answers go out as JSON.

It is a process of its own because SeleniumBase takes 57 MB of memory and never frees it, writes into the working
directory, and leaves processes behind; all of that ends with this process. It ends when standard input ends, that is
when the main process ends.
"""

import json
import queue
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

from list_sync.browser.chromium import BrowserFailure, Order, Page, start
from list_sync.browser.ending import become_worker, end_from_thread


def main() -> NoReturn:
    """Carry out orders until there are no more."""
    folder = Path.cwd()
    answers = become_worker(folder)
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
        except BrowserFailure as failure:
            answer = {"failure": failure.kind, "words": failure.words}
        answers.send(json.dumps(answer).encode())


def _read_orders(orders: "queue.SimpleQueue[Order]", folder: Path) -> None:
    for line in sys.stdin:
        orders.put(json.loads(line))
    end_from_thread(folder)


if __name__ == "__main__":
    main()
