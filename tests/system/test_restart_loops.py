"""A container that syncs once and is restarted at once waits and says why; a process stands in for the container."""

import signal

import pytest

from list_sync.daemon.restarts import Restarts
from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import WORDS, House

IDENTITY = "/containers/0123456789ab/hostname"
CONTAINER = {"LISTSYNC_CONTAINER": IDENTITY}
WARNING = "was started again right after it"


@pytest.fixture(scope="module")
def server():
    with DemoServer() as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    server.reset()
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        RETRY_ATTEMPTS="0",
        AUTOMATED_MODE="false",
    )
    house.write_list({"title": "The Matrix", "year": 1999, "media_type": "movie", "tmdb_id": 603})
    yield house
    house.end()


def syncs_begun(house):
    return house.query("SELECT count(*) FROM sync_history")[0][0]


def sync_three_times(house):
    for _ in range(3):
        done = house.run(**CONTAINER)
        assert (done.returncode, WARNING in done.stdout) == (0, False), done.stdout


def test_the_fourth_start_in_a_row_waits_healthy_until_somebody_stops_or_restarts_it(house):
    sync_three_times(house)
    waiting = house.start(**CONTAINER)
    waiting.wait_for(WARNING)

    assert house.run("health", **CONTAINER).stdout == "healthy\n"
    assert waiting.state_word() == "Sync completed\n"
    assert all(len(WORDS.findall(line)) <= 1 for line in waiting.output.splitlines())
    assert waiting.stop(signal.SIGTERM) == 143
    assert syncs_begun(house) == 3

    started_again_by_hand = house.run(**CONTAINER)

    assert (started_again_by_hand.returncode, WARNING in started_again_by_hand.stdout) == (0, False)
    assert syncs_begun(house) == 4


def test_it_waits_though_its_database_cannot_be_opened(house):
    for _ in range(3):
        Restarts(house.data, IDENTITY).note_end(is_stopped=False)
    (house.data / "list_sync.db").write_bytes(b"This is no database at all." * 100)
    waiting = house.start(**CONTAINER)
    waiting.wait_for(WARNING)

    assert waiting.stop(signal.SIGTERM) == 143


def test_syncs_that_fail_count_as_well(house):
    for _ in range(3):
        assert house.run(**CONTAINER, OVERSEERR_URL="http://127.0.0.1:9").returncode == 3
    waiting = house.start(**CONTAINER, OVERSEERR_URL="http://127.0.0.1:9")
    waiting.wait_for(WARNING)

    assert waiting.state_word() == "Error\n"


def test_wrong_settings_end_it_at_once_each_time(house):
    for _ in range(4):
        assert house.run(**CONTAINER, OVERSEERR_URL="").returncode == 2


def test_other_containers_and_programs_on_the_host_never_wait(house):
    for number in range(2):
        assert house.run(LISTSYNC_CONTAINER=f"/containers/{number}/hostname").returncode == 0
    for _ in range(4):
        assert house.run().returncode == 0

    assert syncs_begun(house) == 6
