"""BACKUP_SCHEDULE in daemons: one of several makes backups, others learn of them, and a stop stays quick."""

import contextlib
import json
import signal
import sqlite3

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import MATRIX, House, wait_until

MADE = "a backup was made and verified"


@pytest.fixture
def house(tmp_path):
    with DemoServer() as server:
        settings = {"OVERSEERR_URL": server.url, "OVERSEERR_API_KEY": server.api_key, "FILE_LISTS": "films.json"}
        house = House(tmp_path, **settings, BACKUP_SCHEDULE="24h")
        house.write_list(MATRIX)
        yield house
        house.end()


def test_of_two_daemons_in_one_folder_one_makes_the_backup_and_the_next_does_not_repeat_it(house):
    first = house.start_daemon()
    first.wait_for(MADE)
    second = house.start()
    second.wait_for("this one waits")
    assert first.stop(signal.SIGTERM) == 0
    second.wait_for("Sync completed")
    status = json.loads(house.run("status", "--json").stdout)

    wait_until(lambda: "backup" in json.loads(house.run("status", "--json").stdout)["next"], "the next backup")
    assert status["backup"]["trouble"] is None
    assert MADE not in second.output
    assert len(list((house.data / "backups").iterdir())) == 1
    assert second.stop(signal.SIGTERM) == 0


def test_a_daemon_whose_backups_cannot_be_written_says_so_and_syncs(house):
    house.data.mkdir(exist_ok=True)
    (house.data / "backups").write_text("a file in the place of the folder")
    daemon = house.start_daemon()
    daemon.wait_for("no backup could be made")

    wait_until(lambda: "no new one could be made" in house.run("status").stdout, "the word of the daemon")
    assert house.run("health").returncode == 0
    assert daemon.state_word().strip() == "Sync completed"


def test_no_backup_is_made_by_a_clock_that_is_not_set(house):
    assert house.run("sync").returncode == 0
    with contextlib.closing(sqlite3.connect(house.data / "list_sync.db")) as connection:
        connection.execute("UPDATE sync_history SET sync_started = '2999-01-01 00:00:00.000000'")
        connection.commit()
    daemon = house.start()
    daemon.wait_for("nothing is synced or backed up until it is set")

    assert daemon.stop(signal.SIGTERM) == 0
    assert not (house.data / "backups").exists()
