"""What a sync costs: calls, seconds, titles per second and memory, for lists of several sizes.

`python benchmarks/sync.py` takes a minute and a half, `--all` about four minutes. The demo server is a process
of its own, and every row of the table is one more process, measured from the end of its imports to its last line.
`--write` puts the table into `benchmarks/README.md`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from list_sync import log
from list_sync.demo.catalogue.synthetic import synthetic_tmdb_id
from list_sync.demo.server.backend import API_KEY
from list_sync.main import open_session, prepare_settings
from list_sync.model.report import SyncMode
from list_sync.model.runs import Progress, Stage

ROOT = Path(__file__).parents[1]
SIZES = (200, 2_000)
LATENCIES_MS = (0, 20)
# Without latency: every answer of the server 20 ms later shows nothing more of us, and takes ten minutes.
LARGEST = (20_000, 0)
LIST_NAME = "films.json"
FIRST, AGAIN, ONE_MORE = "first", "nothing changed", "one title more"


@dataclass(frozen=True)
class Row:
    """One sync as it was measured."""

    films: int
    latency_ms: int
    run: str
    requested: int
    reads: int
    writes: int
    seconds: float
    writing_seconds: float
    waiting_seconds: float
    peak_mb: float

    @property
    def waiting_share(self) -> float:
        """Return which part of the writing time the server had the turn."""
        return self.waiting_seconds / self.writing_seconds if self.writes else 0.0


class WritingClock:
    """Listens to a sync's progress for the time between the end of planning and the start of verifying."""

    def __init__(self) -> None:
        self._started = 0.0
        self.seconds = 0.0

    def __call__(self, progress: Progress) -> None:
        """Take the time where a stage ends."""
        if progress.stage is Stage.PLANNING and progress.done == progress.total:
            self._started = time.perf_counter()
        elif progress.stage is Stage.VERIFYING and progress.done == 0:
            self.seconds = time.perf_counter() - self._started


def main() -> int:
    """Measure what the arguments ask for and print it; exit code 1 where a promise was not kept."""
    options = parser().parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return 0
    worlds = [*product(options.sizes, options.latencies_ms), *([LARGEST] if options.all else [])]
    rows: list[Row] = []
    print(HEADINGS, RULE, sep="\n", flush=True)
    for films, latency_ms in worlds:
        for row in measure_size(films, latency_ms, requester_id=options.requester):
            rows.append(row)
            print(table_line(row), flush=True)
    verdicts = list(judge(rows))
    print("", *map(verdict_line, verdicts), sep="\n")
    if options.write:
        write_table(rows, verdicts)
    return 0 if all(kept for _, kept in verdicts) else 1


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N", help="films on the list")
    made.add_argument("--latencies-ms", type=int, nargs="+", default=list(LATENCIES_MS), metavar="MS")
    made.add_argument("--all", action="store_true", help="20,000 films without latency, too")
    made.add_argument("--requester", type=int, default=1, metavar="ID", help="user in whose name titles are requested")
    made.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    made.add_argument("--measure", metavar="RUN", help=argparse.SUPPRESS)
    return made


def measure_size(films: int, latency_ms: int, *, requester_id: int = 1) -> Iterator[Row]:
    """Yield the three runs over a list of this size against a fresh server."""
    with tempfile.TemporaryDirectory() as folder, demo_server(films + 1, latency_ms) as url:
        add_users(url, up_to=requester_id)
        list_file = Path(folder) / "data" / "drop" / LIST_NAME
        list_file.parent.mkdir(parents=True)
        for run, size in ((FIRST, films), (AGAIN, films), (ONE_MORE, films + 1)):
            list_file.write_text(json.dumps([film(number) for number in range(size)]), encoding="utf-8")
            yield Row(films, latency_ms, **run_process(run, url, Path(folder), requester_id))


def film(number: int) -> dict[str, object]:
    """Return one entry of the list: a film with its TMDB id."""
    return {"title": f"Synthetic Film {number:06d}", "media_type": "movie", "tmdb_id": synthetic_tmdb_id(number)}


@contextmanager
def demo_server(films: int, latency_ms: int) -> Iterator[str]:
    """Run a demo server beside us and give its address."""
    command = [sys.executable, "-m", "list_sync.demo", "--synthetic-films", str(films), "--latency-ms", str(latency_ms)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().removeprefix("listening ").strip()
        finally:
            process.terminate()


def add_users(url: str, *, up_to: int) -> None:
    """Give the server users until there is one with this number; the owner of its key is the first."""
    for number in range(2, up_to + 1):
        body = json.dumps({"name": f"user{number}"}).encode()
        with urllib.request.urlopen(f"{url}/_demo/users", data=body) as answer:
            assert json.load(answer)["id"] == number


def run_process(run: str, url: str, folder: Path, requester_id: int, **settings: str) -> dict[str, object]:
    """Run one sync in a process of its own and return what it measured of itself."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "OVERSEERR_URL": url,
        "OVERSEERR_API_KEY": API_KEY,
        "OVERSEERR_USER_ID": str(requester_id),
        "FILE_LISTS": LIST_NAME,
        "DATA_DIR": str(folder / "data"),
        "CONFIG_DIR": str(folder / "config"),
        **settings,
    }
    command = [sys.executable, str(Path(__file__).resolve()), "--measure", run]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def measure(run: str) -> dict[str, object]:
    """Sync once, by the settings in the environment, and return the figures."""
    clock = WritingClock()
    started = time.perf_counter()
    settings = prepare_settings()
    with Path("sync.log").open("a", encoding="utf-8") as log_file:
        log.configure_logging(
            settings.process.log_level, settings.process.log_format, zone=settings.process.zone, stream=log_file
        )
        with open_session(settings) as session:
            report = session.sync(mode=SyncMode.MANUAL, on_progress=clock)
            waiting = session.client.write_seconds
    seconds = time.perf_counter() - started
    if report.has_failures:
        raise SystemExit(f"the sync had failures: {report.error or dict(report.counts)}")
    return {
        "run": run,
        "requested": report.counts.get("requested", 0),
        "reads": report.calls.reads,
        "writes": report.calls.writes,
        "seconds": seconds,
        "writing_seconds": clock.seconds,
        "waiting_seconds": waiting,
        "peak_mb": peak_memory_mb(),
    }


def peak_memory_mb() -> float:
    """Return the most memory that this process ever held."""
    # Not getrusage: its figure begins with that of the process that started this one.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024


HEADINGS = (
    "| films | latency | run | reads | writes | seconds | titles/s | writing time inside the server's answers | peak |"
)
RULE = "|--:|--:|:--|--:|--:|--:|--:|--:|--:|"


def table_line(row: Row) -> str:
    """Return a row of the table."""
    cells = (
        f"{row.films:,}",
        f"{row.latency_ms} ms",
        row.run,
        str(row.reads),
        f"{row.writes:,}",
        f"{row.seconds:.2f}",
        f"{row.films / row.seconds:,.0f}",
        f"{row.waiting_share:.1%} of {row.writing_seconds:.1f} s" if row.writes else "",
        f"{row.peak_mb:.0f} MB",
    )
    return f"| {' | '.join(cells)} |"


def verdict_line(verdict: tuple[str, bool]) -> str:
    """Return a promise with the word for whether it was kept."""
    promise, is_kept = verdict
    return f"{'kept' if is_kept else 'MISSED':6}  {promise}"


def write_table(rows: Sequence[Row], verdicts: Sequence[tuple[str, bool]]) -> None:
    """Put the rows and the verdicts into benchmarks/README.md."""
    details = ROOT / "benchmarks" / "README.md"
    text = replace_block(details.read_text(encoding="utf-8"), HEADINGS, [RULE, *map(table_line, rows)])
    details.write_text(replace_block(text, VERDICTS, map(verdict_line, verdicts)), encoding="utf-8")


VERDICTS = "```text"


def replace_block(text: str, first: str, lines: Iterable[str]) -> str:
    """Return a page in which other lines follow a line, up to the next empty one or the end of a block."""
    before, found, rest = text.partition(f"{first}\n")
    if not found:
        raise SystemExit(f"no line {first!r} in the page")
    kept = rest.splitlines(keepends=True)
    while kept and kept[0].strip() not in ("", "```"):
        kept.pop(0)
    return "".join((before, found, *(f"{line}\n" for line in lines), *kept))


def judge(rows: Sequence[Row]) -> Iterator[tuple[str, bool]]:
    """Yield every promise that the measured rows have something to say about, with the figure, and if it was kept."""
    for row in rows:
        name = f"{row.films:,} films at {row.latency_ms} ms, {row.run}"
        if row.run == FIRST:
            yield f"{name}: {row.writes:,} writes for {row.films:,} films", row.writes == row.requested == row.films
        if row.run == AGAIN:
            yield f"{name}: no write and {row.reads} reads, 6 at most", row.writes == 0 and row.reads <= 6
        if row.run == ONE_MORE:
            yield f"{name}: one write and {row.reads} reads, 12 at most", row.writes == 1 and row.reads <= 12
        if row.run == FIRST and row.latency_ms == 20:
            yield (
                f"{name}: {row.waiting_share:.1%} of the writing time is the server's, 95% at least",
                (row.waiting_share >= 0.95),
            )
        if row.run == AGAIN and (row.films, row.latency_ms) == (200, 20):
            yield f"{name}: {row.seconds:.2f} s, 0.5 s at most", row.seconds < 0.5
        if row.films == 20_000:
            yield f"{name}: {row.peak_mb:.0f} MB, 200 MB at most", row.peak_mb < 200


if __name__ == "__main__":
    sys.exit(main())
