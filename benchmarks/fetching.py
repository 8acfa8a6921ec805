"""How much faster many lists are read side by side: 50 lists of 4 pages each, 100 ms for every page.

`python -m benchmarks.fetching` takes about half a minute. The source is a process of its own, on loopback, that
answers like Trakt; what is measured is fetch_lists, with one worker and with ten (MAX_WORKERS=10).
"""

import json
import multiprocessing
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit

from list_sync.api.http.client import HttpClient
from list_sync.fetching.pool import fetch_lists
from list_sync.model.sources import FetchState, ListRef
from list_sync.providers import FetchContext

LISTS = 50
PAGES = 4
PAGE_SIZE = 100
LATENCY_SECONDS = 0.1
WORKERS = (1, 10)


class Pages(BaseHTTPRequestHandler):
    """Any list: four pages of a hundred films, each late by the latency."""

    protocol_version = "HTTP/1.1"
    # Header and body leave in two writes; without this, the second waits for the client's acknowledgement of the first.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer with one page."""
        page = int(parse_qs(urlsplit(self.path).query)["page"][0])
        time.sleep(LATENCY_SECONDS)
        body = json.dumps([film(number) for number in range((page - 1) * PAGE_SIZE, page * PAGE_SIZE)]).encode()
        self.send_response(200)
        paging = {"Page": page, "Limit": PAGE_SIZE, "Page-Count": PAGES, "Item-Count": PAGES * PAGE_SIZE}
        for name, value in paging.items():
            self.send_header(f"X-Pagination-{name}", str(value))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def film(number: int) -> dict[str, object]:
    """Return an entry as Trakt states it."""
    ids = {"trakt": number + 1, "tmdb": number + 1, "imdb": f"tt9{number:07d}"}
    return {"rank": number, "type": "movie", "movie": {"title": f"Film {number}", "year": 2000, "ids": ids}}


def serve(told: Connection) -> None:
    """Serve until the process is ended; tell the port first."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    told.send(server.server_port)
    server.serve_forever()


def measure(url: str, workers: int) -> float:
    """Return the seconds that reading all lists takes; every one of them must be whole."""
    http = HttpClient("trakt")
    context = FetchContext(http, base_url=url, overridden=True, credentials={"TRAKT_CLIENT_ID": "benchmark"})
    sources = [ListRef("trakt", f"someone/list-{number}") for number in range(LISTS)]
    started = time.monotonic()
    results = fetch_lists(sources, make_context=lambda _: context, workers=workers, stop=threading.Event())
    seconds = time.monotonic() - started
    http.close()
    if any(result.state is not FetchState.COMPLETE or len(result.items) != PAGES * PAGE_SIZE for result in results):
        raise SystemExit("not every list was read whole: the figures would mean nothing")
    return seconds


def main() -> None:
    """Print the seconds with one worker and with ten, and their ratio."""
    receiving, telling = multiprocessing.Pipe(duplex=False)
    source = multiprocessing.Process(target=serve, args=(telling,), daemon=True)
    source.start()
    url = f"http://127.0.0.1:{receiving.recv()}"
    try:
        seconds = {workers: measure(url, workers) for workers in WORKERS}
    finally:
        source.terminate()
        source.join()
    print(f"{LISTS} lists of {PAGES} pages, {LATENCY_SECONDS * 1000:.0f} ms a page")
    for workers, taken in seconds.items():
        print(f"MAX_WORKERS={workers}: {taken:.1f} s")
    print(f"{seconds[WORKERS[0]] / seconds[WORKERS[-1]]:.1f} times faster")


if __name__ == "__main__":
    main()
