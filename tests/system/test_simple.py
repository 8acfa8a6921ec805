"""With an address, a key and one list, ListSync stays simple: few threads, few lines, no question, one port."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import House
from tests.fakes.patience import wait_until
from tests.fakes.ports import find_free_port

MOST_THREADS = 6
MOST_LINES = 8
TITLES = 12
FILMS = (278, 238, 240, 242, 155, 49026, 272, 550, 603, 604, 605, 13)


@pytest.fixture
def server():
    # Slow enough that a process can be looked at while it works.
    with DemoServer(latency_seconds=0.02, post_seconds=0.05) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, FILE_LISTS="films.json")
    house.write_list(*({"media_type": "movie", "tmdb_id": number} for number in FILMS))
    yield house
    house.end()


def look(process_id):
    """Return how many threads a process has, and whether it listens at a port."""
    folder = Path(f"/proc/{process_id}")
    try:
        threads = int(re.search(r"Threads:\s+(\d+)", (folder / "status").read_text())[1])
        sockets = {str(link.readlink()) for link in (folder / "fd").iterdir() if link.is_symlink()}
        rows = [
            line.split() for name in ("tcp", "tcp6") for line in (folder / "net" / name).read_text().splitlines()[1:]
        ]
    except OSError:
        return 0, False
    return threads, any(row[3] == "0A" and f"socket:[{row[9]}]" in sockets for row in rows)


def watch(process, until):
    """Look at a process again and again until something is true; return the most threads, and whether it listened."""
    most, listened = 0, False

    def is_over():
        nonlocal most, listened
        threads, listens = look(process.pid)
        most, listened = max(most, threads), listened or listens
        return until()

    wait_until(is_over, "the sync")
    return most, listened


# Processes of their own, as users start them: those that tests fork have threads of the tests.
PROGRAM = ("-c", "from list_sync.__main__ import main; raise SystemExit(main())")


def count_lines(output):
    """Return how many lines a log has besides one for each title."""
    return sum(" requested tmdb:" not in line for line in output.splitlines())


@pytest.mark.parametrize("is_serving", [False, True])
def test_a_daemon_with_one_list_has_few_threads_and_few_lines_and_no_port_but_of_its_service(house, server, is_serving):
    service = {"WEB_ENABLED": "true", "WEB_PORT": str(find_free_port())} if is_serving else {}
    running = house.start(program=PROGRAM, **service)
    process = running.process

    most, listened = watch(process, lambda: "next sync at" in running.output)

    assert server.writes == TITLES
    assert 1 <= most <= MOST_THREADS
    assert listened == is_serving
    assert count_lines(running.output) <= MOST_LINES, running.output
    assert running.stop(15) == 0
    assert count_lines(running.output) <= MOST_LINES, running.output
    assert not list(house.folder.rglob("lists.y*ml"))


@pytest.mark.parametrize(
    ("arguments", "settings", "code"),
    [
        (("sync",), {}, 0),
        (("sync", "--dry-run"), {}, 0),
        (("run",), {"AUTOMATED_MODE": "false"}, 0),
        (("sync",), {"FILE_LISTS": "films.json,missing.json"}, 1),
        (("sync",), {"OVERSEERR_API_KEY": "wrong"}, 4),
        (("sync",), {"OVERSEERR_URL": ""}, 2),
    ],
)
def test_a_single_sync_opens_no_port_and_exits_with_its_code(house, arguments, settings, code):
    running = house.start(*arguments, program=PROGRAM, **settings)
    process = running.process

    most, listened = watch(process, lambda: process.poll() is not None)

    assert process.returncode == code, running.output
    assert most <= MOST_THREADS
    assert not listened
    assert not list(house.folder.rglob("lists.y*ml"))


def test_nothing_is_asked_before_the_first_request_but_what_the_server_needs(house, server):
    done = subprocess.run(
        [sys.executable, "-m", "list_sync", "sync"],
        cwd=house.folder,
        env=house.environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )

    paths = [(call.method, call.path) for call in server.calls]
    first = next(place for place, (method, _) in enumerate(paths) if method == "POST")
    assert done.returncode == 0, done.stdout + done.stderr
    assert first <= TITLES + 15, paths[:first]


def test_the_drop_folder_is_made(tmp_path, server):
    house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, FILE_LISTS="films.json")

    done = house.run("sync")

    assert done.returncode == 1
    assert (house.data / "drop").is_dir()
    assert (house.data / "drop").stat().st_mode & 0o777 == 0o770
