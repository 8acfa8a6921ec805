"""A data folder that vanishes, is emptied, closed or loses its database under a daemon, and comes back."""

import shutil
import signal
import sqlite3
from contextlib import closing, suppress

import pytest

from list_sync.database.copying import backup_file
from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.hard_days import AS_ANYBODY, films
from tests.fakes.house import EVERY_SECOND, House, wait_until

GONE = "Error: the sync broke off: data/list_sync.db is gone: put it back and ListSync goes on"
# Of the database or of a lock, whichever the sync comes to first.
CLOSED = "give the user that runs ListSync"


@pytest.fixture
def server():
    with DemoServer(synthetic_films=50) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        SYNC_INTERVAL=EVERY_SECOND,
    )
    house.write_list(*films(2))
    yield house
    house.end()


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def wait_until_well(house, daemon):
    wait_until(lambda: daemon.state_word() == "Sync completed\n", "a sync")
    wait_until(lambda: house.run("health").stdout == "healthy\n", "health")
    assert daemon.stop(signal.SIGTERM) == 0
    assert "Traceback" not in daemon.output


def test_a_database_that_is_deleted_is_not_begun_anew_and_a_copy_of_it_is_taken(house, server):
    daemon = house.start_daemon()
    daemon.wait_for("next sync at")
    backup_file(house.data / "list_sync.db", house.folder / "copy.db")
    with closing(sqlite3.connect(house.folder / "copy.db")) as copy:
        copy.execute("UPDATE synced_items SET reason = 'out of the copy'")
        copy.commit()
    house.delete_database()
    house.write_list(*films(3))
    daemon.wait_for(GONE, times=2)

    assert names_in(house.data) == ["daemon.lock", "drop", "heartbeat", "run.lock"]
    assert house.run("health").stdout.startswith("unhealthy: data/list_sync.db is gone: ")
    assert len(server.requests()) == 2

    shutil.move(house.folder / "copy.db", house.data / "list_sync.db")
    wait_until(lambda: len(server.requests()) == 3)
    wait_until_well(house, daemon)
    assert set(server.posts_by_title().values()) == {1}
    assert house.query("SELECT count(*) FROM synced_items WHERE reason = 'out of the copy'") == [(2,)]
    assert house.query("PRAGMA integrity_check") == [("ok",)]


def test_a_folder_that_is_replaced_by_an_empty_one_and_put_back(house, server):
    daemon = house.start_daemon()
    away = house.data.rename(house.folder / "away")
    house.data.mkdir()
    daemon.wait_for(GONE, times=2)

    assert names_in(house.data) == []
    assert house.run("health").stdout == (
        "unhealthy: no daemon runs in data, nor is there a database: is the right folder mounted?\n"
    )
    shutil.rmtree(house.data)
    daemon.wait_for(GONE, times=3)
    assert house.run("health").stdout.startswith("unhealthy: there is no folder data (DATA_DIR)")
    assert not house.data.exists(), "neither the daemon nor health makes it anew"

    away.rename(house.data)
    wait_until_well(house, daemon)
    assert set(server.posts_by_title().values()) == {1}


def test_a_whole_folder_from_a_backup_is_worked_in_at_once_however_far_the_next_sync_is(house):
    daemon = house.start_daemon(SYNC_INTERVAL="24")
    shutil.copytree(house.data, house.folder / "copy", ignore=shutil.ignore_patterns("*.lock", "heartbeat", "*.db*"))
    backup_file(house.data / "list_sync.db", house.folder / "copy" / "list_sync.db")
    shutil.rmtree(house.data)
    daemon.wait_for("no sync can be asked for at the moment: data/list_sync.db is gone")
    assert daemon.state_word() == "Sync completed\n"
    (house.folder / "copy").rename(house.data)

    daemon.wait_for("sync started", times=2)
    wait_until_well(house, daemon)


def test_a_folder_that_takes_the_place_of_ours_before_anybody_looks_has_a_daemon_at_once(house):
    daemon = house.start_daemon(SYNC_INTERVAL="24")
    daemon.wait_for("next sync at")
    shutil.copytree(house.data, house.folder / "copy", ignore=shutil.ignore_patterns("*.db*"))
    backup_file(house.data / "list_sync.db", house.folder / "copy" / "list_sync.db")
    house.data.rename(house.folder / "away")
    (house.folder / "copy").rename(house.data)

    wait_until_well(house, daemon)


def test_a_folder_that_is_closed_under_a_daemon_ends_its_runs_until_it_is_open(house, server):
    daemon = house.start(program=AS_ANYBODY)
    daemon.wait_for("next sync at")
    house.write_list(*films(3))
    closed = [path for path in house.data.iterdir() if path.is_file()]
    house.data.chmod(0o555)
    for path in closed:
        # The files beside the database come and go with each connection.
        with suppress(FileNotFoundError):
            path.chmod(0o444)
    try:
        daemon.wait_for(CLOSED, times=2)
        health = house.run("health", program=AS_ANYBODY)
        restarted = house.run("run", program=AS_ANYBODY)
    finally:
        house.data.chmod(0o755)
    assert (health.returncode, health.stdout.startswith("unhealthy: DATA_DIR: data cannot be written")) == (1, True)
    assert (restarted.returncode, "Error: DATA_DIR: data cannot be written" in restarted.stdout) == (2, True)
    assert len(server.requests()) == 2

    for path in closed:
        with suppress(FileNotFoundError):
            path.chmod(0o644)
    wait_until(lambda: len(server.requests()) == 3)
    wait_until_well(house, daemon)
    assert set(server.posts_by_title().values()) == {1}
