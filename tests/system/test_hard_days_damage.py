"""A damaged database at the start of a daemon and under it: left as it is, told with the copy to take, and outlived."""

import signal

import pytest

from list_sync.database.copying import backup_file
from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.hard_days import films, overwrite
from tests.fakes.house import EVERY_SECOND, House, wait_until

PAGE = 4096


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
    house.write_list(*films(3))
    yield house
    house.end()


def spoil(house):
    database = house.data / "list_sync.db"
    overwrite(database, 3 * PAGE, b"\xa5" * (database.stat().st_size - 3 * PAGE))
    return database.read_bytes()


def test_damage_is_found_at_the_start_and_the_copy_to_take_is_named_with_the_command(house, server):
    house.run("sync")
    archive = house.run("backup", "data/backup.tar.gz")
    assert archive.returncode == 0, archive.stderr
    spoilt = spoil(house)

    done = house.run("run")
    health = house.run("health")

    assert done.returncode == 1
    line = done.stdout.splitlines()[-1]
    assert "Error: data/list_sync.db is damaged: restore the copy of 20" in line
    assert "with `list-sync restore data/backup.tar.gz`, or move it away to begin a new one" in line
    assert health.returncode == 1
    assert (house.data / "list_sync.db").read_bytes() == spoilt

    restored = house.run("restore", "data/backup.tar.gz")
    assert restored.returncode == 0, restored.stderr
    assert house.run("sync").returncode == 0
    assert set(server.posts_by_title().values()) == {1}


def test_damage_under_a_daemon_ends_its_runs_until_a_whole_database_is_there(house, server):
    daemon = house.start_daemon()
    daemon.wait_for("next sync at")
    backup_file(house.data / "list_sync.db", house.folder / "copy.db")
    house.write_list(*films(5))
    spoil(house)
    daemon.wait_for("Error: the sync broke off: data/list_sync.db is damaged: ", times=2)

    assert "unhealthy: data/list_sync.db is damaged: " in house.run("health").stdout
    assert len(server.requests()) == 3

    (house.folder / "copy.db").replace(house.data / "list_sync.db")
    wait_until(lambda: len(server.requests()) == 5)
    wait_until(lambda: daemon.state_word() == "Sync completed\n")
    assert daemon.stop(signal.SIGTERM) == 0
    assert set(server.posts_by_title().values()) == {1}
    assert house.query("PRAGMA integrity_check") == [("ok",)]
    assert "Traceback" not in daemon.output
