"""What an installation of some size takes: calls, memory, the size of the database, and seconds.

`python -m benchmarks.capacity 300 20000` syncs so many films twice against the demo server, on lists of at most 20,000:
the first sync requests all of them, the next one finds nothing changed. With `--dry-run` neither requests anything.
"""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.sync import AGAIN, FIRST, demo_server, film, run_process

MEGABYTE = 1 << 20
LONGEST_LIST = 20_000


def main() -> None:
    """Print one row for each size."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("sizes", type=int, nargs="+", metavar="FILMS")
    arguments.add_argument("--dry-run", action="store_true", help="request nothing")
    given = arguments.parse_args()
    for films in given.sizes:
        with tempfile.TemporaryDirectory() as folder, demo_server(films, 0) as url:
            print(measure(films, Path(folder), url, dry_run=given.dry_run), flush=True)


def measure(films: int, folder: Path, url: str, *, dry_run: bool) -> str:
    """Sync twice, and return the row of a table."""
    settings = {"FILE_LISTS": ",".join(write_lists(films, folder / "data" / "drop")), "DRY_RUN": str(dry_run).lower()}
    first, again = (run_process(run, url, folder, 1, **settings) for run in (FIRST, AGAIN))
    size = (folder / "data" / "list_sync.db").stat().st_size / MEGABYTE
    costs = [f"{one['reads']} + {one['writes']:,} | {one['seconds']:.1f} s" for one in (first, again)]
    return f"| {films:,} | {' | '.join(costs)} | {max(first['peak_mb'], again['peak_mb']):.0f} MB | {size:.1f} MB |"


def write_lists(films: int, drop: Path) -> list[str]:
    """Write the films into lists, and return their names."""
    drop.mkdir(parents=True)
    names = []
    for start in range(0, films, LONGEST_LIST):
        names.append(f"films-{start}.json")
        entries = [film(number) for number in range(start, min(films, start + LONGEST_LIST))]
        (drop / names[-1]).write_text(json.dumps(entries), encoding="utf-8")
    return names


if __name__ == "__main__":
    main()
