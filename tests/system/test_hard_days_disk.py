"""A full disk under a daemon and a single sync: nothing is asked for without a trace, and it goes on by itself."""

import signal

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.hard_days import SmallDisk, fill, films, make_room, need_limits
from tests.fakes.house import EVERY_SECOND, House, wait_until

BY_DISK = "data/list_sync.db could not be read or written: check the disk of data, its free space and its health"
FULL = "data/list_sync.db cannot grow, the disk is full: free some space in data"


@pytest.fixture
def server():
    with DemoServer(synthetic_films=50) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, FILE_LISTS="films.json")
    yield house
    house.end()


def every_request_is_recorded(house, server):
    recorded = {tmdb_id for (tmdb_id,) in house.query("SELECT tmdb_id FROM sent_requests")}
    return {title[1] for title in server.posts_by_title()} <= recorded


def test_on_a_full_disk_nothing_is_requested_until_there_is_room(house, server):
    need_limits()
    house.write_list(*films(1))
    daemon = house.start_daemon(SYNC_INTERVAL=EVERY_SECOND)
    daemon.wait_for("next sync at")
    house.write_list(*films(4))
    fill(daemon)
    daemon.wait_for(f"Error: the sync broke off: {BY_DISK}")
    seen = len(daemon.output.splitlines())
    runs = daemon.output.count("sync started")
    daemon.wait_for("sync started", times=runs + 2)

    lines = daemon.output.splitlines()[seen:]
    # Once each: the file changed, no sync can be asked for, and a sync waits. The closing line is repeated after each.
    said_once = 3 * 2
    assert len(lines) <= 4 * sum("sync started" in line for line in lines) + said_once, "\n".join(lines)
    assert len(server.requests()) == 1
    assert house.run("health").stdout == f"unhealthy: {BY_DISK}\n"

    make_room(daemon)
    wait_until(lambda: len(server.requests()) == 4)
    wait_until(lambda: daemon.state_word() == "Sync completed\n")
    assert house.run("health").stdout == "healthy\n"
    assert set(server.posts_by_title().values()) == {1}
    assert daemon.stop(signal.SIGTERM) == 0
    assert house.leftovers() == []
    assert "Traceback" not in daemon.output


def test_a_disk_that_is_full_between_a_request_and_its_answer_loses_neither(house, server):
    need_limits()
    house.write_list(*films(5))
    server.faults.post_seconds = 0.4
    daemon = house.start_daemon(synced=False, SYNC_INTERVAL=EVERY_SECOND)
    wait_until(lambda: len(server.posts_by_title()) == 2)
    fill(daemon)
    daemon.wait_for(f"Error: the sync broke off: {BY_DISK}")

    assert len(server.posts_by_title()) == 2
    assert every_request_is_recorded(house, server)
    assert house.query("SELECT DISTINCT state FROM sent_requests ORDER BY 1")[-1] == ("sent",)

    server.faults.post_seconds = 0.0
    make_room(daemon)
    daemon.wait_for("Sync completed: 1 list; 5 requested")
    assert {tuple(answers) for answers in server.answers_by_title().values()} == {(201,)}
    assert house.query("SELECT DISTINCT state FROM sent_requests") == [("confirmed",)]
    assert house.query("SELECT status, error FROM sync_history ORDER BY id LIMIT 1") == [("failed", BY_DISK)]
    assert house.query("SELECT status, count(*) FROM synced_items GROUP BY 1") == [("requested", 5)]
    assert house.query("PRAGMA integrity_check") == [("ok",)]


def test_a_daemon_that_starts_on_a_full_disk_waits_for_room(house, server):
    house.write_list(*films(3))
    disk = SmallDisk(house)
    daemon = disk.start_full(SYNC_INTERVAL=EVERY_SECOND)
    daemon.wait_for(f"Error: the sync broke off: {FULL}", times=2)
    assert server.requests() == []

    disk.make_room()
    daemon.wait_for("Sync completed: 1 list; 3 requested")
    assert disk.health() == "healthy\n"
    disk.fill()
    daemon.wait_for(f"Error: the sync broke off: {FULL}", times=3)
    assert disk.health() == f"unhealthy: {FULL}\n"
    disk.make_room()
    wait_until(lambda: daemon.state_word() == "Sync completed\n")
    assert disk.query("PRAGMA integrity_check") == "[('ok',)]"
    assert set(server.posts_by_title().values()) == {1}


def test_a_single_sync_on_a_full_disk_ends_with_what_to_do(house, server):
    need_limits()
    house.write_list(*films(3))
    house.run("sync", "--dry-run")

    limited = ("-c", ("import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, -1)); "
               "os.execv(sys.executable, [sys.executable, '-m', 'list_sync', *sys.argv[1:]])"))  # fmt: skip
    done = house.run("sync", program=limited)

    assert done.returncode == 1
    assert BY_DISK in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert server.requests() == []
