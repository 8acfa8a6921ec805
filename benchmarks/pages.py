"""What the pages cost at the server: time, bytes and SQL statements of each, with 100,000 titles and 50 lists.

`python -m benchmarks.pages` fills a new database, serves it from this process and asks each page several times. On a
busy machine, the CPU time (of all threads but that of the client) says more than the times.

`--write FILE` keeps the database. `--during-sync ROUNDS` measures a sync of 3,000 films alone and beside ten open
pages, by turns, and prints the ratio.
"""

import argparse
import gc
import itertools
import json
import shutil
import statistics
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import requests
from sqlalchemy import Engine, event

from benchmarks.web import FILMS, NOW, TOKEN, Load, fill, measure, run_sync_beside, served, show
from list_sync.config import load_settings
from list_sync.database import schema
from list_sync.database.store import Store
from list_sync.model.servers import HOME
from list_sync.providers import available_providers

BANNED = 4_000
# Every page; where filters count, the slowest of them.
PAGES = (
    "/",
    "/lists",
    "/lists/imdb:list-0",
    "/lists/imdb:list-7",
    "/policy",
    "/items",
    "/items?state=waiting",
    "/items?state=already_available",
    "/items?state=declined",
    "/items?list=imdb:list-0",
    "/items?list=imdb:list-7&state=waiting&kind=movie",
    "/items?requester=2",
    "/items?mark=banned",
    "/items?sort=title",
    "/items?sort=title&state=already_available",
    "/items?sort=next",
    "/items?q=night",
    "/items?q=e",
    "/items?q=zzzz",
    "/items?q=tt0050000",
    "/items?q=e&list=imdb:list-0",
    "/items?why=50000",
    "/items/50000",
    "/review",
    "/review/500",
    "/plan",
    "/runs",
    "/runs/9000",
    "/runs?tab=log",
    "/add",
    "/settings",
    "/keys",
)


# Pages that are open beside a sync, and how often such a page loads itself again at most, as app.js does.
OPEN = ("/", "/", "/", "/lists", "/items", "/items?state=waiting", "/review", "/plan", "/runs", "/settings")
RELOAD_SECONDS = 2.0


class OpenPages(Load):
    """Ten pages that follow the events, and are loaded again when these say that something changed."""

    def __init__(self) -> None:
        super().__init__(None)

    def run(self, address: str) -> list[threading.Thread]:
        """Open the pages."""
        threads = [threading.Thread(target=self._follow, args=(address, path)) for path in OPEN]
        for thread in threads:
            thread.start()
        return threads

    def _follow(self, address: str, path: str) -> None:
        session = requests.Session()
        session.headers.update({"Authorization": f"Bearer {TOKEN}", "Accept": "text/html"})
        stage, name, loaded_at = "", "", 0.0
        with session.get(f"{address}/api/events", stream=True, timeout=60) as stream:
            for line in stream.iter_lines(chunk_size=1, decode_unicode=True):
                if self._over.is_set():
                    return
                key, _, value = line.partition(": ")
                name = value if key == "event" else name
                if key != "data" or (name == "stage" and stage == (stage := json.loads(value)["stage"])):
                    continue
                self._over.wait(max(0.0, loaded_at + RELOAD_SECONDS - time.monotonic()))
                loaded_at = time.monotonic()
                self.statuses[session.get(address + path, timeout=60).status_code] += 1
                self.seconds.append(time.monotonic() - loaded_at)


def measure_syncs(rounds: int) -> None:
    """Measure a sync alone and beside open pages, by turns."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for _, is_watched in itertools.product(range(rounds), (False, True)):
        took, seen = run_sync_beside(OpenPages() if is_watched else None)
        seconds[is_watched].append(took)
        print(f"sync of {FILMS} films{', ten open pages' if is_watched else ''}: {took:.1f} s{seen}", flush=True)
    ratio = statistics.median(seconds[True]) / statistics.median(seconds[False])
    print(f"beside ten open pages, the sync takes {ratio:.2f} times as long")


def ban(store: Store) -> None:
    """Ban some titles, each under the keys that a ban has."""
    rows = [
        {"household": HOME, "key": key, "pinned_at": NOW}
        for number in range(1, BANNED * 25, 25)
        for key in (f"tmdb:movie:{number}", f"imdb:tt{number:07}", f"title:movie:film {number}:1999")
    ]
    with store.writing() as connection:
        connection.execute(schema.pins.insert(), rows)


def measure_pages(folder: Path, times: int) -> None:
    """Fill a database, and measure each page."""
    with Store(folder / "list_sync.db") as store:
        store.open()
        fill(store)
        ban(store)
        store.rest()
        gc.collect()
        variables = {"OVERSEERR_URL": "http://127.0.0.1:9", "OVERSEERR_API_KEY": "key", "DATA_DIR": str(folder)}
        settings = load_settings(variables, providers=available_providers(), dotenv=None)
        statements: Counter[str] = Counter()
        event.listen(Engine, "before_cursor_execute", lambda *_: statements.update(n=1))
        with served(store, settings) as address:
            rows = []
            for path in PAGES:
                try:
                    rows.append(measure(address, path, statements, times=times, accept="text/html"))
                except requests.HTTPError as error:
                    print(error)
            show(rows)


def main() -> None:
    """Measure, and keep the database if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--write", type=Path, help="keep the database in this file")
    parser.add_argument("--during-sync", type=int, metavar="ROUNDS")
    options = parser.parse_args()
    if options.during_sync:
        measure_syncs(options.during_sync)
        return
    with tempfile.TemporaryDirectory() as name:
        measure_pages(Path(name), options.times)
        if options.write:
            shutil.copy(Path(name) / "list_sync.db", options.write)


if __name__ == "__main__":
    main()
