"""The recovery drill: a host is lost in the middle of a sync, and the newest backup is restored elsewhere.

`python -m benchmarks.drill` does it for 300 and 20,000 films. A daemon syncs them, makes a backup by its schedule, and
is killed while it requests further films; its folder is deleted. A new folder gets the archive alone and another
address of the same server. The time counts from the restore to the end of the first sync. Exit code 1 says that a
title was requested twice, or that one was not found again.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compare import sync_environment
from benchmarks.sync import LIST_NAME, ROOT, film
from list_sync.demo.server.demo_server import DemoServer

PATIENCE_SECONDS = 1800.0
LOOK_SECONDS = 0.05
# Films are requested at this pace before the loss, so that it comes in the middle.
POST_SECONDS = 0.05


@dataclass(frozen=True)
class Outcome:
    """What a drill showed; `after_backup` is how many titles were requested between the backup and the loss."""

    films: int
    backup_bytes: int
    after_backup: int
    restore_seconds: float
    sync_seconds: float
    requested_by_sync: int
    twice: int
    requested: int
    known: int
    declined: int

    @property
    def promises(self) -> dict[str, bool]:
        """Return each promise, and whether it was kept."""
        return {
            f"{self.twice} titles were requested twice": self.twice == 0,
            f"{self.requested:,} of {self.films:,} films are on the server": self.requested == self.films,
            f"{self.known:,} of {self.films:,} films are known again": self.known == self.films,
            f"{self.declined} film that a person declined after the backup stays declined": self.declined == 1,
        }


def main() -> int:
    """Do the drill and print a line for each size; exit code 1 if a promise was missed."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--sizes", type=int, nargs="+", default=[300, 20_000], metavar="N", help="films on the list")
    is_kept = True
    print("| films | archive | requested after the backup | restore | first sync | in all |\n|--:|--:|--:|--:|--:|--:|")
    for films in made.parse_args().sizes:
        with tempfile.TemporaryDirectory() as folder:
            seen = drill(films, Path(folder))
        seconds = f"{seen.restore_seconds:.1f} s | {seen.sync_seconds:.1f} s"
        in_all = f"{seen.restore_seconds + seen.sync_seconds:.1f} s"
        size = f"{seen.backup_bytes / 1024**2:.1f} MB"
        print(f"| {films:,} | {size} | {seen.after_backup:,} | {seconds} | {in_all} |", flush=True)
        for promise, was_kept in seen.promises.items():
            if not was_kept:
                print(f"MISSED  {promise}")
                is_kept = False
    return 0 if is_kept else 1


def drill(films: int, folder: Path) -> Outcome:
    """Lose a host with so many films on its list, a tenth of them newer than its backup; return what came of it."""
    older = films - films // 10
    with DemoServer(synthetic_films=films) as server:
        home, elsewhere = folder / "home", folder / "elsewhere"
        write_list(home, older)
        run(home, server.url, "sync")
        with daemon(home, server.url) as log:
            wait(lambda: "a backup was made and verified" in log() and "Sync completed" in log())
            shutil.copytree(home / "data" / "backups", elsewhere / "data" / "backups")
            server.faults.post_seconds = POST_SECONDS
            write_list(home, films)
            wait(lambda: len(server.requests()) >= older + (films - older) // 2)
        server.decline(server.requests()[-1]["id"])
        shutil.rmtree(home)
        return recover(elsewhere, server, films, older)


def recover(folder: Path, server: DemoServer, films: int, older: int) -> Outcome:
    """Restore the newest backup in an otherwise empty folder, and sync; return what came of it."""
    url = server.url.replace("127.0.0.1", "localhost")
    write_list(folder, films)
    newest = json.loads(run(folder, url, "restore", "--list", "--json"))["backups"][0]
    if not (newest["verified"] and newest["scheduled"]):
        raise SystemExit(f"the newest backup is not a verified one of the schedule: {newest}")
    began = time.perf_counter()
    run(folder, url, "restore", newest["path"])
    restored = time.perf_counter()
    # Not earlier: the server still took the request that was on its way when the daemon was killed.
    after_backup = len(server.requests()) - older
    report = json.loads(run(folder, url, "sync", "--json"))
    ended = time.perf_counter()
    titles = json.loads(run(folder, url, "status", "--json"))["titles"]
    return Outcome(
        films=films,
        backup_bytes=newest["size"],
        after_backup=after_backup,
        restore_seconds=restored - began,
        sync_seconds=ended - restored,
        requested_by_sync=report["counts"].get("requested", 0),
        twice=sum(count > 1 for count in server.posts_by_title().values()),
        requested=len(server.requests()),
        known=sum(titles.values()),
        declined=titles.get("declined", 0),
    )


def write_list(folder: Path, films: int) -> None:
    """Put the list into the drop folder."""
    path = folder / "data" / "drop" / LIST_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([film(number) for number in range(films)]), encoding="utf-8")


def run(folder: Path, url: str, *arguments: str) -> str:
    """Run a command to its end and return what it prints."""
    python, environment = sync_environment(ROOT, folder, url)
    command = [python, "-m", "list_sync", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(arguments)} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}"
        )
    return done.stdout


@contextmanager
def daemon(folder: Path, url: str) -> Iterator[Callable[[], str]]:
    """Run a daemon with a schedule for backups, and kill it at the end; yield what reads its log."""
    python, environment = sync_environment(ROOT, folder, url)
    settings = {**environment, "WEB_ENABLED": "false", "BACKUP_SCHEDULE": "24h"}
    output = folder / "output"
    with (
        output.open("w", encoding="utf-8") as file,
        subprocess.Popen([python, "-m", "list_sync"], cwd=folder, env=settings, stdout=file, stderr=file) as process,
    ):
        try:
            yield lambda: output.read_text(encoding="utf-8")
        finally:
            process.kill()


def wait(is_there: Callable[[], bool]) -> None:
    """Wait until something is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_there():
        if time.monotonic() > deadline:
            raise SystemExit("what the drill waits for did not come")
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
