"""What the service costs: time, bytes and SQL statements of each route, with 100,000 titles, 10,000 runs and 50 lists.

`python benchmarks/web.py` fills a new database, serves it from this process and asks each route several times.
On a busy machine, the CPU time (of all threads but the client's) says more than the times.
`--during-sync` measures a sync of 3,000 films alone and under 50 requests a second, three times each by turns, and
once under as many requests as there can be; sync and service are one process, the server and we are others.
`--beside-streams` does so with fifty streams of events, of which ten read nothing.
"""

import argparse
import gc
import itertools
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import requests
from sqlalchemy import Engine, event

from benchmarks.sync import ROOT, demo_server, film, peak_memory_mb
from list_sync.clients import open_quick_client
from list_sync.config import Settings, load_settings
from list_sync.database import schema
from list_sync.database.store import Store
from list_sync.demo.server.backend import API_KEY
from list_sync.main import open_session, prepare_settings
from list_sync.model.decisions import ItemStatus
from list_sync.model.folding import fold_other
from list_sync.model.moments import utc_now
from list_sync.model.report import SyncMode
from list_sync.model.servers import HOME, Dialect
from list_sync.providers import available_providers
from list_sync.service import build_desk
from list_sync.web.app import build_app
from list_sync.web.entrance.serving import Service
from list_sync.web.parts import Parts
from list_sync.web.watching.feed import Feed
from list_sync.web.watching.server_watch import ServerAnswer, ServerWatch

TOKEN = "the-token-of-the-benchmark"
TITLES, RUNS, LISTS, FILMS = 100_000, 10_000, 50, 3_000
STREAMS, UNREAD = 50, 10
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
STATES = (ItemStatus.ALREADY_AVAILABLE,) * 16 + (ItemStatus.REQUESTED, ItemStatus.WAITING, ItemStatus.NOT_FOUND)
NAMES = ("The {} of Night", "Heat {}", "Amélie {}", "{} Days Later", "Return of the {}th", "千と千尋 {}", "Film {}") * 2
NAMES = (*NAMES, "The Long Walk of {}", "{} Angry Men", "Paris, {}", "Station {}", "Kill {}", "Rear Window {}")
EXPLANATION = (
    '{"v":1,"by":"tmdb_id","entry":"tmdb:movie:603","list":"imdb:list-0","for":1,"rules":[0,1,2,3,4,5,6,'
    '["something is left to request",0,"available on the server"],["year >=1990",1,"1995","imdb:list-0"]]}'
)
PATHS = (
    "/health",
    "/api/summary",
    "/api/lists",
    "/api/lists/imdb:list-7",
    "/api/runs",
    "/api/runs?limit=200",
    "/api/runs/9000",
    "/api/review?limit=200",
    "/api/items",
    "/api/items?limit=200",
    "/api/items/50000",
    "/openapi.json",
    "/docs",
)
FILTERS = {
    "state": ("already_available", "needs_review", "declined"),
    "list": ("imdb:list-0", "imdb:list-49", "imdb:absent"),
    "kind": ("tv",),
    "q": ("night", "amelie 9", "千尋", "zzzz", "tt0050000", "of the 7"),
}


@dataclass(frozen=True)
class Row:
    """One route as it was measured."""

    path: str
    median_ms: float
    worst_ms: float
    cpu_ms: float
    size: int
    sent: int
    statements: int


def fill(store: Store) -> None:
    """Put titles, runs and lists into a new database; the first list holds all titles, the others 2,000 each."""
    items = [_build_title(number) for number in range(1, TITLES + 1)]
    links = [(number, "imdb", f"list-{place}", 0, RUNS) for number, place in _links()]
    events = [(number, RUNS, NOW, "requested", "asked for", "tmdb_id") for number in range(1, TITLES + 1)]
    with store.writing() as connection:
        for table, rows in (
            (schema.sync_history, [_build_run(number) for number in range(1, RUNS + 1)]),
            (schema.synced_items, items),
            (schema.item_lists, [_named(schema.item_lists, row) for row in links]),
            (schema.item_events, [_named(schema.item_events, row, skip=1) for row in events]),
            (schema.lists, [_build_list(number) for number in range(LISTS)]),
            (schema.run_lists, [_build_run_list(number) for number in range(LISTS)]),
            (schema.review_candidates, list(_build_candidates(items))),
        ):
            connection.execute(table.insert(), rows)


def _named(table: object, values: Sequence[object], skip: int = 0) -> dict[str, object]:
    return dict(zip(list(table.c.keys())[skip:], values, strict=False))


def _links() -> Iterator[tuple[int, int]]:
    for number in range(1, TITLES + 1):
        yield number, 0
        if number % 50:
            yield number, number % 50


def _build_title(number: int) -> dict[str, object]:
    state = ItemStatus.NEEDS_REVIEW if number % 500 == 0 else STATES[number % len(STATES)]
    kind = "tv" if number % 10 == 0 else "movie"
    title = NAMES[number % len(NAMES)].format(number)
    return {
        "id": number,
        "household": HOME,
        "item_key": f"{kind}:{number}:hd",
        "title": title,
        "media_type": kind,
        "year": 1950 + number % 75,
        "imdb_id": f"tt{number:07}",
        "overseerr_id": None if state is ItemStatus.NEEDS_REVIEW else number,
        "status": state.value,
        "reason": "available on the server since a day that a person would want to read about",
        "method": "tmdb_id",
        "last_synced": NOW,
        "first_seen": NOW,
        "provider_source": "imdb:list-0",
        "run_id": RUNS,
        "quality": "hd",
        "changed_at": NOW - timedelta(minutes=number * 7919 % 500_000),
        "requester_id": 1 + number % 3,
        "goes_at": NOW + timedelta(minutes=number % 5_000) if state is ItemStatus.WAITING else None,
        "explanation": EXPLANATION,
        "folded": fold_other(title),
    }


def _build_run(number: int) -> dict[str, object]:
    at = NOW - timedelta(hours=RUNS - number)
    return {
        "id": number,
        "household": HOME,
        "asked_at": at,
        "sync_started": at,
        "sync_completed": at,
        "sync_mode": "automated",
        "status": "completed",
        "dry_run": False,
        "items_processed": TITLES,
        "counts": {"already_available": TITLES},
    }


def _build_list(number: int) -> dict[str, object]:
    return {
        "household": HOME,
        "list_type": "imdb",
        "list_id": f"list-{number}",
        "item_count": 2_000,
        "state": "complete",
        "route": "api",
        "fetched_at": NOW,
        "last_synced": NOW,
        "complete_at": NOW,
        "run_id": RUNS,
    }


def _build_run_list(number: int) -> dict[str, object]:
    named = {"run_id": RUNS, "list_type": "imdb", "list_id": f"list-{number}", "state": "complete", "route": "api"}
    return named | {"items": 2_000, "unsupported": 0, "expected": 2_000}


def _build_candidates(items: Sequence[dict[str, object]]) -> Iterator[dict[str, object]]:
    for item in items:
        for position in range(5 if item["status"] == ItemStatus.NEEDS_REVIEW else 0):
            named = {"item_id": item["id"], "position": position, "media_type": "movie", "tmdb_id": position + 1}
            yield named | {"title": "Heat", "original_title": "Heat", "year": 1995, "popularity": 1.0}


class IdleDaemon:
    """A daemon that has nothing to do."""

    def find_next_syncs(self) -> dict[str, datetime]:
        """Return that no schedule has a further sync."""
        return {}

    def __getattr__(self, name: str) -> object:
        return lambda *_: "" if name.endswith(("trouble", "stall")) else None


@contextmanager
def served(store: Store, settings: Settings, feed: Feed | None = None) -> Iterator[str]:
    """Serve a database, and a feed of events, from this process and give the address."""
    web = settings.web.model_copy(update={"web_port": 0})
    settings, daemon = replace(settings, web=web), IdleDaemon()
    parts = Parts(
        store,
        settings,
        store.path.parent,
        daemon,
        ServerWatch(lambda: ServerAnswer(Dialect.SEERR, 0.041)),
        partial(open_quick_client, settings),
        lambda _run: (),
        build_desk(settings, daemon, lambda: iter(()), now=utc_now),
        feed=feed or Feed(),
    )
    service = Service(build_app(parts, TOKEN), web, end_streams=parts.feed.close, token_place="API_TOKEN")
    service.start()
    try:
        yield f"http://127.0.0.1:{service.ports[0]}"
    finally:
        service.stop()


def combinations() -> Iterator[str]:
    """Yield the path of each combination of filters."""
    names = list(FILTERS)
    for chosen in itertools.product(*[(None, *FILTERS[name]) for name in names]):
        given = {name: value for name, value in zip(names, chosen, strict=True) if value}
        if given:
            yield "/api/items?" + "&".join(f"{name}={value}" for name, value in given.items())


def measure(address: str, path: str, statements: Counter[str], *, times: int, accept: str = "*/*") -> Row:
    """Ask a route several times."""
    session = requests.Session()
    session.headers.update({"Authorization": f"Bearer {TOKEN}", "Accept": accept})
    seconds, cpu = [], []
    for _ in range(times):
        statements.clear()
        began, used = time.perf_counter(), time.process_time() - time.thread_time()
        answer = session.get(address + path, timeout=60)
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - time.thread_time() - used)
        answer.raise_for_status()
        time.sleep(0.01)
    sent = int(answer.headers["Content-Length"])
    median_ms, cpu_ms = (1000 * statistics.median(values) for values in (seconds, cpu))
    return Row(path, median_ms, 1000 * max(seconds), cpu_ms, len(answer.content), sent, statements["n"])


def show(rows: Sequence[Row]) -> None:
    """Print a table."""
    print(f"{'route':70} {'median ms':>9} {'worst ms':>9} {'CPU ms':>7} {'bytes':>8} {'sent':>7} {'SQL':>4}")
    for row in rows:
        times = f"{row.median_ms:9.1f} {row.worst_ms:9.1f} {row.cpu_ms:7.1f}"
        print(f"{row.path:70} {times} {row.size:8} {row.sent:7} {row.statements:4}")


def measure_routes(times: int) -> None:
    """Measure each route, and /api/items with each combination of filters."""
    with tempfile.TemporaryDirectory() as name, Store(Path(name) / "list_sync.db") as store:
        store.open()
        fill(store)
        store.rest()
        gc.collect()
        variables = {"OVERSEERR_URL": "http://127.0.0.1:9", "OVERSEERR_API_KEY": "key", "DATA_DIR": name}
        settings = load_settings(variables, providers=available_providers(), dotenv=None)
        statements: Counter[str] = Counter()
        event.listen(Engine, "before_cursor_execute", lambda *_: statements.update(n=1))
        with served(store, settings) as address:
            show([measure(address, path, statements, times=times) for path in PATHS])
            found = [measure(address, path, statements, times=3) for path in combinations()]
            print(f"\n/api/items: {len(found)} combinations of filters, the slowest:")
            show(sorted(found, key=lambda row: row.median_ms, reverse=True)[:10])


def measure_syncs() -> None:
    """Measure a sync alone and under requests, by turns; then ask at full speed."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for _, is_asked in itertools.product(range(3), (False, True)):
        took, asked = run_sync_beside(Load(50) if is_asked else None)
        seconds[is_asked].append(took)
        print(f"sync of {FILMS} films{', 50 requests a second' if is_asked else ''}: {took:.1f} s{asked}", flush=True)
    ratio = statistics.median(seconds[True]) / statistics.median(seconds[False])
    print(f"under requests, the sync takes {ratio:.2f} times as long (median of three by turns)")
    took, asked = run_sync_beside(Load(None))
    print(f"sync of {FILMS} films, requests at full speed: {took:.1f} s{asked}")


def measure_streams() -> None:
    """Measure a sync alone and beside streams of events, by turns."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for _, is_streamed in itertools.product(range(3), (False, True)):
        took, seen = run_sync_beside(Streams() if is_streamed else None)
        seconds[is_streamed].append(took)
        print(f"sync of {FILMS} films{f', {STREAMS} streams' if is_streamed else ''}: {took:.1f} s{seen}", flush=True)
    ratio = statistics.median(seconds[True]) / statistics.median(seconds[False])
    print(
        f"beside {STREAMS} streams of which {UNREAD} read nothing: {ratio:.2f} times as long (median of three by turns)"
    )


class Load:
    """Requests from two threads, so many a second or as many as there can be, until they are told to end."""

    def __init__(self, a_second: int | None) -> None:
        self._pause = 2 / a_second if a_second else 0.0
        self._over = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []

    def run(self, address: str) -> list[threading.Thread]:
        """Begin to ask for health and titles by turns."""
        threads = [threading.Thread(target=self._ask, args=(address + path,)) for path in ("/health", "/api/items")]
        for thread in threads:
            thread.start()
        return threads

    def end(self) -> None:
        """Stop asking."""
        self._over.set()

    def describe(self) -> str:
        """Say what became of the requests."""
        return f"answers {dict(self.statuses)}, the slowest after {max(self.seconds) * 1000:.0f} ms"

    def _ask(self, url: str) -> None:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            due += self._pause
            began = time.perf_counter()
            self.statuses[session.get(url, timeout=60).status_code] += 1
            self.seconds.append(time.perf_counter() - began)


class Streams:
    """Streams of events, some of which read nothing."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._opened: list[socket.socket] = []
        self._read = 0

    def run(self, address: str) -> list[threading.Thread]:
        """Open the streams, and begin to read most of them."""
        host, port = address.removeprefix("http://").split(":")
        head = f"GET /api/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        for _ in range(STREAMS):
            self._opened.append(socket.create_connection((host, int(port))))
            self._opened[-1].sendall(head.encode())
        thread = threading.Thread(target=self._read_most)
        thread.start()
        return [thread]

    def end(self) -> None:
        """Stop reading."""
        self._over.set()

    def describe(self) -> str:
        """Say what was read."""
        return f"{self._read // 1000} KB of events read"

    def _read_most(self) -> None:
        with selectors.DefaultSelector() as selector:
            for opened in self._opened[UNREAD:]:
                selector.register(opened, selectors.EVENT_READ)
            while not self._over.is_set():
                for key, _ in selector.select(0.2):
                    self._read += len(key.fileobj.recv(65536))
        for opened in self._opened:
            opened.close()


def run_sync_beside(load: Load | Streams | None) -> tuple[float, str]:
    """Sync in a process that also serves; return the seconds, and what became of the requests."""
    with tempfile.TemporaryDirectory() as name, demo_server(FILMS, 0) as url:
        folder = Path(name)
        (folder / "drop").mkdir()
        (folder / "drop" / "films.json").write_text(json.dumps([film(number) for number in range(FILMS)]))
        with Store(folder / "list_sync.db") as store:
            store.open()
            fill(store)
        variables = {"OVERSEERR_URL": url, "OVERSEERR_API_KEY": API_KEY, "FILE_LISTS": "films.json", "DATA_DIR": name}
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LOG_LEVEL": "WARNING", **variables}
        command = [sys.executable, str(Path(__file__).resolve()), "--beside"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=folder, env=environment, **pipes) as process:
            address = process.stdout.readline().strip()
            threads = load.run(address) if load else []
            print("begin", file=process.stdin, flush=True)
            seconds, megabytes = map(float, process.stdout.readline().split())
            if load:
                load.end()
            for thread in threads:
                thread.join()
            process.stdin.close()
    return seconds, f"; peak {megabytes:.0f} MB{f'; {load.describe()}' if load else ''}"


def sync_beside() -> None:
    """Serve, and sync once it is asked for; print the address, and then the seconds and the memory."""
    settings = prepare_settings()
    feed = Feed()
    with open_session(settings) as session, served(session.store, settings, feed) as address:
        session.watcher = feed
        print(address, flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        report = session.sync(mode=SyncMode.AUTOMATED)
        seconds = time.perf_counter() - began
        if report.error:
            raise SystemExit(report.error)
        print(seconds, peak_memory_mb(), flush=True)
        sys.stdin.read()


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--during-sync", action="store_true")
    parser.add_argument("--beside-streams", action="store_true")
    parser.add_argument("--beside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.beside:
        sync_beside()
    elif arguments.during_sync:
        measure_syncs()
    elif arguments.beside_streams:
        measure_streams()
    else:
        measure_routes(arguments.times)


if __name__ == "__main__":
    main()
