"""A first sync, as a whole process, against a bare loop of the same POSTs over one connection.

`python -m benchmarks.first_sync` does both in turn, each time against a fresh demo server that takes 20 ms for an
answer, and prints medians and their ratio. The sync reads the list and the server, keeps a journal and reads the
requests back; the loop does nothing but POST. `--program` measures another checkout. Exit code 1 says that a sync
took longer than promised.
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks.compare import sync_environment
from benchmarks.sync import LIST_NAME, ROOT, demo_server, film
from list_sync.demo.catalogue.synthetic import synthetic_tmdb_id
from list_sync.demo.server.backend import API_KEY

LATENCY_MS = 20
PROMISES = {200: 1.08, 2_000: 1.04}


def main() -> int:
    """Measure and print a line for each size; exit code 1 if a promise was missed."""
    options = parser().parse_args()
    is_kept = True
    print("| films | bare loop | first sync | ratio | at most |\n|--:|--:|--:|--:|--:|", flush=True)
    for films in options.sizes:
        loops, syncs = [], []
        for _ in range(options.times):
            loops.append(time_loop(films))
            syncs.append(time_sync(films, options.program.resolve()))
        ratio, most = median(syncs) / median(loops), PROMISES.get(films)
        print(
            f"| {films:,} | {median(loops):.2f} s | {median(syncs):.2f} s | {ratio:.3f} | {most or '-'} |", flush=True
        )
        is_kept = is_kept and (most is None or ratio <= most)
    return 0 if is_kept else 1


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--sizes", type=int, nargs="+", default=list(PROMISES), metavar="N", help="films on the list")
    made.add_argument("--times", type=int, default=3, metavar="N", help="how often each is done")
    made.add_argument("--program", type=Path, default=ROOT, metavar="FOLDER", help="the checkout to measure")
    return made


def time_loop(films: int) -> float:
    """Return the seconds that a loop of POSTs over one connection takes."""
    with demo_server(films, LATENCY_MS) as url:
        headers = {"X-Api-Key": API_KEY, "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        began = time.perf_counter()
        for number in range(films):
            body = {"mediaType": "movie", "mediaId": synthetic_tmdb_id(number), "is4k": False}
            connection.request("POST", "/api/v1/request", json.dumps(body), headers)
            with connection.getresponse() as answer:
                answer.read()
                assert answer.status == 201
        seconds = time.perf_counter() - began
        connection.close()
    return seconds


def time_sync(films: int, checkout: Path) -> float:
    """Return the seconds of a whole process that syncs once, in a folder without data."""
    with tempfile.TemporaryDirectory() as folder, demo_server(films, LATENCY_MS) as url:
        list_file = Path(folder) / "data" / "drop" / LIST_NAME
        list_file.parent.mkdir(parents=True)
        list_file.write_text(json.dumps([film(number) for number in range(films)]), encoding="utf-8")
        python, environment = sync_environment(checkout, Path(folder), url)
        command = [python, "-m", "list_sync", "sync"]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        seconds = time.perf_counter() - began
        assert f"{films} requested" in done.stdout, done.stdout[-500:]
    return seconds


if __name__ == "__main__":
    sys.exit(main())
