"""What the service costs: time, bytes and SQL statements of each route, with 100,000 titles, 10,000 runs and 50 lists.

`python benchmarks/web.py` fills a new database, serves it from this process and asks each route several times.
`--during-sync` measures a sync of 10,000 films alone and under 50 requests a second, three times each by turns;
`--full-speed` asks as fast as it can.
"""

import argparse
import gc
import itertools
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from sqlalchemy import Engine, event

from list_sync.config import load_settings
from list_sync.database import schema
from list_sync.database.store import Store
from list_sync.model.decisions import ItemStatus
from list_sync.model.servers import HOME
from list_sync.web.app import build_app
from list_sync.web.parts import Parts
from list_sync.web.serving import Service

TOKEN = "the-token-of-the-benchmark"
TITLES, RUNS, LISTS = 100_000, 10_000, 50
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
STATES = (ItemStatus.ALREADY_AVAILABLE,) * 16 + (ItemStatus.REQUESTED, ItemStatus.WAITING, ItemStatus.NOT_FOUND)
NAMES = ("The {} of Night", "Heat {}", "Amélie {}", "{} Days Later", "Return of the {}th", "千と千尋 {}", "Film {}") * 2
NAMES = (*NAMES, "The Long Walk of {}", "{} Angry Men", "Paris, {}", "Station {}", "Kill {}", "Rear Window {}")
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
    size: int
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
    return dict(zip(list(table.c.keys())[skip:], values, strict=True))


def _links() -> Iterator[tuple[int, int]]:
    for number in range(1, TITLES + 1):
        yield number, 0
        if number % 50:
            yield number, number % 50


def _build_title(number: int) -> dict[str, object]:
    state = ItemStatus.NEEDS_REVIEW if number % 500 == 0 else STATES[number % len(STATES)]
    kind = "tv" if number % 10 == 0 else "movie"
    return {
        "id": number,
        "household": HOME,
        "item_key": f"{kind}:{number}:hd",
        "title": NAMES[number % len(NAMES)].format(number),
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

    def __getattr__(self, name: str) -> object:
        return lambda *_: "" if name in ("find_trouble", "find_stall") else None


@contextmanager
def served(store: Store, folder: Path) -> Iterator[str]:
    """Serve a database and give the address."""
    variables = {"OVERSEERR_URL": "http://127.0.0.1:9", "OVERSEERR_API_KEY": "key", "DATA_DIR": str(folder)}
    settings = load_settings(variables, providers={}, dotenv=None)
    web = settings.web.model_copy(update={"web_port": 0})
    settings = type(settings)(settings.process, settings.household, web, settings.warnings)
    parts = Parts(store, settings, folder, IdleDaemon(), lambda: None, lambda: None, now=lambda: NOW)
    service = Service(build_app(parts, TOKEN), web)
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


def measure(address: str, path: str, statements: Counter[str], *, times: int) -> Row:
    """Ask a route several times."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    seconds = []
    for _ in range(times):
        statements.clear()
        began = time.perf_counter()
        answer = session.get(address + path, timeout=60)
        seconds.append(time.perf_counter() - began)
        answer.raise_for_status()
        time.sleep(0.01)
    return Row(path, statistics.median(seconds) * 1000, max(seconds) * 1000, len(answer.content), statements["n"])


def show(rows: Sequence[Row]) -> None:
    """Print a table."""
    print(f"{'route':70} {'median ms':>9} {'worst ms':>9} {'bytes':>8} {'SQL':>4}")
    for row in rows:
        print(f"{row.path:70} {row.median_ms:9.1f} {row.worst_ms:9.1f} {row.size:8} {row.statements:4}")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Store(Path(name) / "list_sync.db") as store:
        store.open()
        fill(store)
        store.rest()
        gc.collect()
        statements: Counter[str] = Counter()
        event.listen(Engine, "before_cursor_execute", lambda *_: statements.update(n=1))
        with served(store, Path(name)) as address:
            show([measure(address, path, statements, times=arguments.times) for path in PATHS])
            found = [measure(address, path, statements, times=3) for path in combinations()]
            worst = sorted(found, key=lambda row: row.median_ms, reverse=True)
            print(f"\n/api/items: {len(found)} combinations of filters, the slowest:")
            show(worst[:12])


if __name__ == "__main__":
    main()
