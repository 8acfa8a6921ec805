"""The guide's Home Assistant sensor on the log of real processes: exactly one word, at every moment."""

import shutil
import signal
from itertools import pairwise

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import EVERY_TWO_SECONDS, WORDS, House, wait_until

pytestmark = pytest.mark.skipif(not shutil.which("grep"), reason="needs grep and tail")

TRICKY = [
    {"title": "Error", "year": 2001, "media_type": "movie", "tmdb_id": 603},
    {"title": "The Running Man", "year": 1987, "media_type": "movie"},
    {"title": "Sync completed | Error\nRunning", "year": 1999, "media_type": "tv"},
]


@pytest.fixture
def server():
    with DemoServer() as server:
        yield server


@pytest.fixture(params=["text", "json"])
def house(tmp_path, server, request):
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        LOG_FORMAT=request.param,
        RETRY_ATTEMPTS="0",
    )
    house.write_list(*TRICKY)
    yield house
    house.end()


def words(process):
    return [WORDS.findall(line) for line in process.output.splitlines()]


def test_before_during_after_and_between_good_and_failed_runs(house, server):
    server.faults.only = "GET /api/v1/settings/public"
    server.faults.slow_seconds = 0.7
    daemon = house.start(SYNC_INTERVAL=EVERY_TWO_SECONDS, TRAKT_SPECIAL_ITEMS_LIMIT="5", AUTO_SYNC="true")
    daemon.wait_for("sync started")
    assert daemon.state_word() == "Running\n"
    daemon.wait_for("next sync at")
    assert daemon.state_word() == "Sync completed\n"
    daemon.wait_for("sync started", times=2)
    assert daemon.state_word() == "Running\n"
    server.crash()
    daemon.wait_for("Error: the sync could not go through")
    wait_until(lambda: daemon.state_word() == "Error\n")
    server.revive()
    server.faults.slow_seconds = 0.0
    wait_until(lambda: daemon.state_word() == "Sync completed\n")

    assert daemon.stop(signal.SIGTERM) == 0
    after_more_than_one = [after for before, after in pairwise(words(daemon)) if len(before) > 1]
    assert after_more_than_one
    assert all(len(found) == 1 for found in after_more_than_one), daemon.output
    assert words(daemon)[0] == ["Running"]
    assert len(words(daemon)[-1]) == 1
    assert "requested Error (2001)" in daemon.output


def test_a_run_with_a_failed_list_went_through_all_the_same(house):
    done = house.start("run", AUTOMATED_MODE="false", FILE_LISTS="films.json,missing.json")

    assert done.wait() == 1
    assert done.state_word() == "Sync completed\n"
    assert "1 not read" in done.output.splitlines()[-1]
    assert words(done)[-1] == ["Sync completed"]


@pytest.mark.parametrize("settings", [{"SYNC_INTERVAL": "Running"}, {"OVERSEERR_URL": ""}, {"OVERSEERR_API_KEY": ""}])
def test_settings_that_end_the_program_are_errors_too(house, settings):
    done = house.start("run", **settings)

    assert done.wait() == 2
    assert done.state_word() == "Error\n"
    assert next(iter(settings)) in done.output.splitlines()[-1]


def test_a_database_that_cannot_be_used_ends_the_program_as_an_error(house, tmp_path):
    (tmp_path / "data" / "list_sync.db").write_bytes(b"not a database at all" * 100)
    done = house.start("run")

    assert done.wait() != 0
    assert done.state_word() == "Error\n"


def test_a_command_that_does_not_exist_is_an_error_too(house):
    done = house.start("rum")

    assert done.wait() == 2
    assert done.state_word() == "Error\n"
