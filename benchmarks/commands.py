"""The CPU seconds of each command, with two checkouts in turn, beside those of importing its libraries.

`python -m benchmarks.commands BEFORE AFTER` runs every command that needs no network, in a folder with a database and
a daemon, and prints medians and ratios. Both checkouts run with this Python.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

LIBRARIES = "import sqlalchemy, pydantic, typer"
COMMANDS = (
    "--help",
    "--version",
    "health",
    "status",
    "history",
    "lists",
    "why Heat",
    "review",
    "pin Heat --remove",
    "ban Heat --remove",
    "accept-reset",
    "config show",
    "check --offline",
    "backup backup.tar.gz",
    "login trakt --remove",
)


def main() -> int:
    """Measure and print the table."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("before", type=Path, help="a checkout")
    made.add_argument("after", type=Path, nargs="?", default=Path(), help="another one; this one unless it is given")
    made.add_argument("--times", type=int, default=5, metavar="N", help="how often each command runs")
    options = made.parse_args()
    measured: dict[tuple[str, Path | None], list[float]] = {}
    checkouts = (options.before.resolve(), options.after.resolve())
    with daemon_running(checkouts[0]) as before, daemon_running(checkouts[1]) as after:
        for _ in range(options.times):
            measured.setdefault((LIBRARIES, None), []).append(measure(["-c", LIBRARIES], before, checkouts[0]))
            for command in COMMANDS:
                for checkout, folder in zip(checkouts, (before, after), strict=True):
                    seconds = measure(["-m", "list_sync", *command.split()], folder, checkout)
                    measured.setdefault((command, checkout), []).append(seconds)
    libraries = median(measured[LIBRARIES, None])
    print(f"{LIBRARIES}: {libraries:.3f} s\n\n| command | before | after | after, in units of the libraries |")
    print("|:--|--:|--:|--:|")
    for command in COMMANDS:
        old, new = (median(measured[command, checkout]) for checkout in checkouts)
        print(f"| `{command}` | {old:.3f} s | {new:.3f} s | {new / libraries:.2f} |")
    return 0


@contextmanager
def daemon_running(checkout: Path) -> Iterator[Path]:
    """Give a folder in which a daemon of a checkout runs; it has no list and no server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "list_sync", "run"]
        with subprocess.Popen(command, cwd=folder, env=environment(checkout), stdout=subprocess.DEVNULL) as daemon:
            try:
                while not (folder / "data" / "heartbeat").exists():
                    assert daemon.poll() is None, "the daemon ended"
                    time.sleep(0.1)
                yield folder
            finally:
                daemon.terminate()


def environment(checkout: Path) -> dict[str, str]:
    """Return the settings of all commands."""
    settings = {"OVERSEERR_URL": "http://127.0.0.1:9", "OVERSEERR_API_KEY": "key", "SYNC_INTERVAL": "8760"}
    return {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(checkout), **settings}


def measure(arguments: Sequence[str], folder: Path, checkout: Path) -> float:
    """Return the CPU seconds of one process of this Python."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, *arguments]
    subprocess.run(command, cwd=folder, env=environment(checkout), capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
