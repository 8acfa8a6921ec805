"""A daemon whose files change while it runs, as a process of its own."""

import signal

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import MATRIX, House, wait_until

FIGHT_CLUB = {"title": "Fight Club", "year": 1999, "media_type": "movie", "tmdb_id": 550}


@pytest.fixture
def server():
    with DemoServer(post_seconds=0) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, WEB_ENABLED="false")
    house.write_list(MATRIX)
    house.lists = tmp_path / "lists.txt"
    house.lists.write_text("films.json\n")
    yield house
    house.end()


def test_changed_files_are_synced_broken_ones_are_told_and_a_hangup_syncs_all(house, server):
    def has_runs(*modes):
        rows = house.query("SELECT sync_mode FROM sync_history WHERE status = 'completed' ORDER BY id")
        return rows == [(mode,) for mode in modes]

    daemon = house.start_daemon(FILE_LISTS_FILE=str(house.lists))
    house.write_list(MATRIX, FIGHT_CLUB)
    wait_until(lambda: has_runs("automated", "file"), "the sync of the changed file")
    assert sorted(row["tmdb_id"] for row in server.requests()) == [550, 603]

    house.lists.write_text("")
    wait_until(lambda: house.run("health").returncode == 1, "the trouble")
    told = f"FILE_LISTS_FILE: {house.lists} is empty; write one list a line into it; the lists stay as they were"
    assert told in house.run("health").stdout
    assert told in house.run("status").stdout

    house.lists.write_text("films.json\nmore.json\n")
    daemon.wait_for("1 new list")
    wait_until(lambda: has_runs("automated", "file", "file"), "the sync of the new list")
    assert house.run("health").returncode == 0

    house.write_list(MATRIX, name="nobodys.json")
    daemon.wait_for("drop/nobodys.json belongs to no list")
    assert "nobodys.json belongs to no list" in house.run("status").stdout
    daemon.signal(signal.SIGHUP)
    wait_until(lambda: has_runs("automated", "file", "file", "manual"), "the sync after the hangup")

    assert daemon.output.count("the lists stay as they were") == 1
    assert daemon.stop(signal.SIGTERM) == 0
    assert daemon.state_word() == "Sync completed\n"
    assert "Traceback" not in daemon.output
