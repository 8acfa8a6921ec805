"""The guide's Home Assistant sensor on the logs of real containers: exactly one word, at every moment."""

import subprocess

import pytest

from tests.container.engine import DOCKER
from tests.container.home import film
from tests.fakes.house import wait_until

# What reaches the port of the service while nothing runs: monitors, guesses, and what is no HTTP.
KNOCKS = """
import requests, socket
for number in range(10):
    requests.get('http://127.0.0.1:5000/health')
    requests.get('http://127.0.0.1:5000/api/lists', headers={'Authorization': f'Bearer wrong-{number}'})
    with socket.create_connection(('127.0.0.1', 5000)) as connection:
        connection.sendall(b'Error Running Sync completed')
"""


@pytest.fixture
def home(home):
    home.write_list(film(1))
    return home


@pytest.fixture(params=["text", "json"])
def begin(request, home, start):
    def begin(*command, **settings):
        settings = {"FILE_LISTS": "films.json", "RETRY_ATTEMPTS": "0", "LOG_FORMAT": request.param, **settings}
        return start(*command, home=home, **settings)

    return begin


def says(container, word):
    return lambda: container.state_words() == [word]


def test_before_and_during_the_first_run_and_after_a_good_one(begin, neighbours):
    neighbours.server.faults.set(only="GET /api/v1/settings/public", slow_seconds=2.0)
    container = begin()
    wait_until(lambda: container.log)
    seen = set()
    while "next sync at" not in container.log:
        seen.add(tuple(container.state_words()))
        assert container.is_running

    assert seen == {("Running",)} or seen == {("Running",), ("Sync completed",)}
    assert container.state_words() == ["Sync completed"]


def test_after_a_run_with_a_failed_list(begin):
    container = begin(FILE_LISTS="films.json,missing.json")
    container.wait_for("next sync at")

    assert container.state_words() == ["Sync completed"]
    assert "1 not read" in container.log.splitlines()[-1]


def test_while_monitors_and_wrong_tokens_come_to_the_service(begin):
    container = begin()
    container.wait_for("next sync at")
    seen = []

    with subprocess.Popen([DOCKER, "exec", container.name, "python", "-c", KNOCKS]) as knocking:
        while knocking.poll() is None:
            seen.append(container.state_words())

    assert knocking.returncode == 0
    assert "a wrong token" in container.log
    assert [words for words in seen if words != ["Sync completed"]] == []


def test_while_the_server_is_away_and_after_it_came(begin, neighbours):
    neighbours.server.crash()
    container = begin()
    container.wait_for("next sync at")
    assert container.state_words() == ["Error"]

    neighbours.server.revive()

    wait_until(says(container, "Sync completed"))


def test_after_an_error_of_the_settings(begin):
    container = begin(SYNC_INTERVAL="often")

    assert container.wait() == 2
    assert container.state_words() == ["Error"], container.log


def test_after_several_errors_of_the_settings(begin):
    container = begin(SYNC_INTERVAL="often", OVERSEERR_URL="nonsense")

    assert container.wait() == 2
    assert container.state_words() == ["Error"], container.log


def test_after_the_entrypoint_refused(begin):
    container = begin(PUID="0")

    assert container.wait() == 2
    assert container.state_words() == ["Error"], container.log


def test_after_the_server_refused_the_key(begin):
    container = begin(OVERSEERR_API_KEY="wrong")
    wait_until(lambda: container.closings() or not container.is_running)

    assert container.state_words() == ["Error"], container.log


def test_after_a_stop_and_a_restart(begin, neighbours):
    container = begin()
    container.wait_for("next sync at")
    container.stop()
    assert container.state_words() == ["Sync completed"]
    neighbours.server.faults.set(only="GET /api/v1/settings/public", slow_seconds=2.0)

    container.start()

    wait_until(says(container, "Running"))
    container.wait_for("next sync at", times=2)
    assert container.state_words() == ["Sync completed"]


def test_after_a_single_sync(begin):
    container = begin("list-sync", "sync")

    assert container.wait() == 0
    assert container.state_words() == ["Sync completed"], container.log
