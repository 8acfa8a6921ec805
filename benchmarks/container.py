"""What the container costs: size, start, memory and stop, looked at with the docker command.

`python -m benchmarks.container` takes about four minutes and needs a Docker engine and the images that `make image`
builds. The server and the sources are the demo's, in a container of their own that shares its loopback.
"""

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.container.engine import FULL_IMAGE, IMAGE, Container, Neighbours, docker, find_problem, has_image
from tests.container.home import Home, films
from tests.container.memory import Watch

PROGRAM = Path(__file__).parents[1] / "tests" / "container" / "neighbours_program.py"
BASE = "python:3.11-slim-bookworm"
TIMES = 5
IDLE_FILMS = 200
MANY_FILMS = 20_000
MANY_SECONDS = 1_200
SETTLING_SECONDS = 3
# Docker counts images by thousands; memory is counted by 1,024, as everywhere else here.
IMAGE_MEGABYTE = 1_000_000
MEGABYTE = 2**20
GOALS = {"layers": 110, "start": 2.0, "idle": 70, "many": 200, "stop": 8.0}
Row = tuple[str, str, float | None, float | None]


def main() -> int:
    """Measure and print a table; exit code 1 where a goal was missed."""
    options = parser().parse_args()
    problem = find_problem() or (None if has_image(IMAGE) else f"there is no {IMAGE}; make image builds it")
    if problem:
        print(problem, file=sys.stderr)
        return 1
    print("| what | measured | goal |", "|:--|--:|--:|", sep="\n", flush=True)
    is_kept = True
    for what, measured, value, goal in measure(options.films):
        print(f"| {what} | {measured} | {f'{goal:g}' if goal else ''} |", flush=True)
        is_kept = is_kept and (value is None or goal is None or value < goal)
    return 0 if is_kept else 1


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--films", type=int, default=MANY_FILMS, metavar="N", help="titles of the large sync; 0: none")
    return made


def measure(many: int) -> Iterator[Row]:
    """Yield each figure as it is known: what, how it is shown, its number and its goal."""
    yield from image_sizes()
    with neighbours_running(IDLE_FILMS) as neighbours, tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.write_list(*films(range(IDLE_FILMS)))
        yield from starts_and_stops(neighbours, home)
        yield from idle_memory(neighbours, home)
    if many:
        with neighbours_running(many) as neighbours, tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder))
            home.write_list(*films(range(many)))
            yield from large_sync(neighbours, home, many)


@contextmanager
def neighbours_running(count: int) -> Iterator[Neighbours]:
    """Give a server that knows so many films beside its own, and the sources."""
    neighbours = Neighbours(PROGRAM, synthetic_films=count)
    try:
        yield neighbours
    finally:
        neighbours.close()


def image_sizes() -> Iterator[Row]:
    """Yield the sizes of both images, and what of it is ours."""
    for image, goal in ((IMAGE, GOALS["layers"]), (FULL_IMAGE, None)):
        if not has_image(image):
            continue
        size = megabytes_of(image)
        yield f"image `{image}`", f"{size:.0f} MB", size, None
        if has_image(BASE):
            layers = size - megabytes_of(BASE)
            yield f"of these, above `{BASE}`", f"{layers:.0f} MB", layers, goal


def megabytes_of(image: str) -> float:
    """Return the size of an image."""
    return int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout) / IMAGE_MEGABYTE


@contextmanager
def daemon(neighbours: Neighbours, home: Home, **settings: str) -> Iterator[Container]:
    """Run a daemon in a folder beside the neighbours."""
    settings = {"CACHE_TTL": "0", "FILE_LISTS": "films.json", **settings}
    options = (*neighbours.network, *home.mount)
    container = Container.run(options=options, **neighbours.settings(**settings))
    try:
        yield container
    finally:
        container.remove()


def starts_and_stops(neighbours: Neighbours, home: Home) -> Iterator[Row]:
    """Yield the time from the container's start to the first call at a source, and that of docker stop."""
    lists = {"IMDB_LISTS": "top", "IMDB_BASE_URL": neighbours.addresses["sources"]["IMDB_BASE_URL"]}
    neighbours.sources.reset_calls()
    starts: list[float] = []
    stops: list[float] = []
    with daemon(neighbours, home, **lists) as container:
        for number in range(1, TIMES + 2):
            starts.append(seconds_to_first_call(neighbours, container))
            container.wait_for("next sync at", times=number)
            code, seconds = container.stop()
            if code != 0:
                raise SystemExit(f"the container ended with {code}: {container.log}")
            stops.append(seconds)
            neighbours.sources.reset_calls()
            if number <= TIMES:
                container.start()
    first, later = starts[0], starts[1:]
    yield "start to first list read, new data folder", f"{first:.2f} s", first, GOALS["start"]
    yield f"the same, folder in use, {spread(later)}", f"{statistics.median(later):.2f} s", max(later), GOALS["start"]
    yield (
        f"`docker stop` between syncs, {spread(stops)}",
        f"{statistics.median(stops):.2f} s",
        max(stops),
        GOALS["stop"],
    )


def seconds_to_first_call(neighbours: Neighbours, container: Container) -> float:
    """Return the time between the engine's own note of the start and the first call that a source saw."""
    while not neighbours.sources.calls.get():
        continue
    called = time.time()
    started = container.inspect("{{.State.StartedAt}}")
    return called - datetime.fromisoformat(re.sub(r"\.(\d{6})\d*Z", r".\1+00:00", started)).timestamp()


def spread(values: Sequence[float]) -> str:
    """Say what the median is one of."""
    return f"median of {len(values)}, {min(values):.2f} to {max(values):.2f} s"


def idle_memory(neighbours: Neighbours, home: Home) -> Iterator[Row]:
    """Yield what a daemon holds between syncs."""
    with daemon(neighbours, home) as container:
        container.wait_for("next sync at")
        yield from memory_at_rest(container, f"idle after a sync of {IDLE_FILMS} films")


def memory_at_rest(container: Container, when: str) -> Iterator[Row]:
    """Yield what docker and the kernel say of a daemon that waits."""
    time.sleep(SETTLING_SECONDS)
    held = docker("stats", "--no-stream", "--format", "{{json .MemUsage}}", container.name).stdout
    by_docker = megabytes_in(json.loads(held).split("/")[0].strip())
    resident = status_megabytes(container, "VmRSS")
    yield f"{when}, `docker stats`", f"{by_docker:.0f} MB", by_docker, GOALS["idle"]
    yield f"{when}, resident (`VmRSS`)", f"{resident:.0f} MB", resident, GOALS["idle"]


def megabytes_in(text: str) -> float:
    """Return a figure of docker stats, as in 61.3MiB."""
    number, unit = re.fullmatch(r"([\d.]+)(KiB|MiB|GiB)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[unit] / MEGABYTE


def status_megabytes(container: Container, name: str) -> float:
    """Return a figure of the daemon's process."""
    script = f"for p in /proc/[0-9]*; do [ $(cat $p/comm) != list-sync ] || grep {name} $p/status; done"
    found = container.execute("sh", "-c", script).stdout.split()
    return int(found[1]) * 1024 / MEGABYTE


def large_sync(neighbours: Neighbours, home: Home, count: int) -> Iterator[Row]:
    """Yield what the first sync of a large list takes, and what is held after it."""
    with daemon(neighbours, home) as container:
        began = time.monotonic()
        with Watch(container) as watch:
            container.wait_for("next sync at", seconds=MANY_SECONDS)
        seconds = time.monotonic() - began
        if len(neighbours.server.requests()) != count:
            raise SystemExit(f"not every film was requested: {container.closings()}")
        peak, resident = watch.peak / MEGABYTE, status_megabytes(container, "VmHWM")
        yield f"first sync of {count:,} films", f"{seconds:.0f} s", None, None
        yield "the most that the container held, file cache apart", f"{peak:.0f} MB", peak, GOALS["many"]
        yield "the most that the process held (`VmHWM`)", f"{resident:.0f} MB", resident, GOALS["many"]
        for what, measured, _, _ in memory_at_rest(container, f"idle after {count:,} films"):
            yield what, measured, None, None


if __name__ == "__main__":
    sys.exit(main())
