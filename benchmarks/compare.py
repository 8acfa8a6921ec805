"""The same syncs with two checkouts in turn: calls, SQL statements and CPU seconds of each, before and after.

`python -m benchmarks.compare BEFORE AFTER` runs the cases of `benchmarks/sync.py` without latency, five times with
each checkout. The demo server is that of this checkout, a process of its own. Exit code 1 says that AFTER makes more
calls or statements than BEFORE, or takes over 10 % more CPU.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.sync import AGAIN, FIRST, LIST_NAME, ONE_MORE, demo_server, film
from list_sync.demo.server.backend import API_KEY

RUNS = (FIRST, AGAIN, ONE_MORE)
MOST_CPU = 1.10
CALLS = re.compile(r"Sync completed.*; (\d+) reads? and (\d+) writes?")
# The program as its users start it; what is counted ends with it.
MEASURED = """
import json, os, runpy, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
statements = 0
def count(connection, cursor, statement, *_):
    global statements
    # Not what makes the tables of a new folder.
    statements += statement.split(None, 1)[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE")
event.listen(Engine, "before_cursor_execute", count)
sys.argv = ["list-sync", "sync"]
try:
    runpy.run_module("list_sync", run_name="__main__")
finally:
    used = os.times()
    with open("figures.json", "w") as file:
        json.dump([statements, used.user + used.system], file)
"""


class Figures(NamedTuple):
    """What one sync cost."""

    reads: int
    writes: int
    statements: int
    cpu_seconds: float


def main() -> int:
    """Measure both checkouts and print the table; exit code 1 where something costs more than it did."""
    options = parser().parse_args()
    print("| films | run | reads | writes | SQL statements | CPU seconds, median | ratio |", flush=True)
    print("|--:|:--|--:|--:|--:|--:|--:|", flush=True)
    is_kept = True
    for films in options.sizes:
        measured = measure(films, (options.before.resolve(), options.after.resolve()), times=options.times)
        for run, (before, after) in measured.items():
            print(table_line(films, run, before, after), flush=True)
            is_kept = is_kept and is_within(before, after)
    return 0 if is_kept else 1


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("before", type=Path, help="a checkout; its .venv is used where there is one")
    made.add_argument("after", type=Path, nargs="?", default=Path(), help="another one; this one unless it is given")
    made.add_argument("--sizes", type=int, nargs="+", default=[200, 2_000], metavar="N", help="films on the list")
    made.add_argument("--times", type=int, default=5, metavar="N", help="how often each checkout runs")
    return made


def measure(films: int, checkouts: tuple[Path, Path], *, times: int) -> dict[str, tuple[Figures, Figures]]:
    """Return the figures of each run of both checkouts: the counts of the last time, the median of the CPU seconds."""
    seen: dict[tuple[Path, str], list[Figures]] = {}
    for number in range(times):
        # Each goes first in turn: a machine gets warm.
        for checkout in checkouts if number % 2 else reversed(checkouts):
            for run, figures in zip(RUNS, sync_three_times(films, checkout), strict=True):
                seen.setdefault((checkout, run), []).append(figures)
    before, after = ({run: middle(seen[checkout, run]) for run in RUNS} for checkout in checkouts)
    return {run: (before[run], after[run]) for run in RUNS}


def middle(figures: list[Figures]) -> Figures:
    """Return the figures of several times as one."""
    return figures[-1]._replace(cpu_seconds=median(one.cpu_seconds for one in figures))


def sync_three_times(films: int, checkout: Path) -> Iterator[Figures]:
    """Yield what the three runs over a list of this size cost with a fresh server and a fresh folder."""
    with tempfile.TemporaryDirectory() as folder, demo_server(films + 1, 0) as url:
        list_file = Path(folder) / "data" / "drop" / LIST_NAME
        list_file.parent.mkdir(parents=True)
        for run in RUNS:
            count = films + 1 if run == ONE_MORE else films
            list_file.write_text(json.dumps([film(number) for number in range(count)]), encoding="utf-8")
            yield sync(checkout, Path(folder), url)


def sync_environment(checkout: Path, folder: Path, url: str) -> tuple[str, dict[str, str]]:
    """Return the Python of a checkout, and the settings of a sync in a folder."""
    own = checkout / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable, {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(checkout),
        "OVERSEERR_URL": url,
        "OVERSEERR_API_KEY": API_KEY,
        "FILE_LISTS": LIST_NAME,
        "DATA_DIR": str(folder / "data"),
        "CONFIG_DIR": str(folder / "config"),
    }


def sync(checkout: Path, folder: Path, url: str) -> Figures:
    """Run one sync in a process of its own and return what it cost."""
    python, environment = sync_environment(checkout, folder, url)
    command = [python, "-c", MEASURED]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found = CALLS.search(done.stdout)
    if found is None:
        raise SystemExit(f"the sync of {checkout} did not complete: {done.stdout[-500:]}")
    statements, cpu_seconds = json.loads((folder / "figures.json").read_text(encoding="ascii"))
    return Figures(int(found[1]), int(found[2]), statements, cpu_seconds)


def table_line(films: int, run: str, before: Figures, after: Figures) -> str:
    """Return a row of the table."""
    counts = [f"{old:,} → {new:,}" for old, new in zip(before[:3], after[:3], strict=True)]
    cpu = f"{before.cpu_seconds:.2f} → {after.cpu_seconds:.2f}"
    ratio = f"{after.cpu_seconds / before.cpu_seconds:.2f}"
    return f"| {' | '.join([f'{films:,}', run, *counts, cpu, ratio])} |"


def is_within(before: Figures, after: Figures) -> bool:
    """Tell whether a sync costs no more calls and statements, and hardly more CPU, than before."""
    is_same = all(new <= old for old, new in zip(before[:3], after[:3], strict=True))
    return is_same and after.cpu_seconds <= before.cpu_seconds * MOST_CPU


if __name__ == "__main__":
    sys.exit(main())
