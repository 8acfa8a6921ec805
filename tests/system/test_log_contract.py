"""The guide's Home Assistant sensor on the log of real processes: exactly one word, at every moment."""

import shutil
import signal
import socket
import threading
from collections import Counter
from contextlib import contextmanager
from itertools import count, pairwise

import pytest
import requests

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import EVERY_TWO_SECONDS, WORDS, House, wait_until
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.ports import find_free_port

STATES = {"Running\n", "Sync completed\n", "Error\n"}
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


def has_one_word_at_every_moment(process):
    """Return whether each line has one word, or comes together with one that has: these are written in one step."""
    return all(len(after) == 1 for before, after in pairwise(words(process)) if len(before) != 1)


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
    assert has_one_word_at_every_moment(daemon)
    assert any(len(found) > 1 for found in words(daemon))
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


@contextmanager
def noise(port, token):
    """Ask the service for everything that monitors, people and strangers ask for, until the end; count the events."""
    over, numbers, events = threading.Event(), count(1), Counter()
    address = f"http://127.0.0.1:{port}"

    def probe(session):
        session.get(f"{address}/health")
        session.get(f"{address}/health/ready")

    def log_in_with_a_wrong_token(session):
        # Each from an address of its own, because the first ten are logged and the others must wait.
        number = next(numbers)
        headers = {"Authorization": "Bearer Error", "X-Forwarded-For": f"192.0.2.{number % 250}"}
        assert session.get(f"{address}/api/Running", headers=headers).status_code in (401, 429)

    def read_events(session):
        with session.get(f"{address}/api/events", headers={"Authorization": f"Bearer {token}"}, stream=True) as answer:
            for line in answer.iter_lines():
                events.update([line] if line.startswith(b"event:") else [])
                if over.is_set():
                    return

    def send_what_is_no_request(_session):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"Sync completed\r\n\r\n")
            client.recv(1000)

    def repeat(act):
        with requests.Session() as session:
            while not over.wait(0.05):
                act(session)

    threads = [
        threading.Thread(target=repeat, args=(act,))
        for act in (probe, log_in_with_a_wrong_token, read_events, send_what_is_no_request)
    ]
    for thread in threads:
        thread.start()
    try:
        yield events
    finally:
        over.set()
        # The stream waits for an event.
        requests.post(
            f"{address}/api/sync", json={}, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS
        )
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("samples", [200, pytest.param(13_000, marks=pytest.mark.many)])
def test_with_probes_events_wrong_tokens_and_a_port_that_is_taken(house, server, samples):
    server.faults.only = "GET /api/v1/settings/public"
    server.faults.slow_seconds = 0.3
    port = find_free_port()
    token = "the-token-of-the-owner-of-this-house"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        daemon = house.start_daemon(
            SYNC_INTERVAL=EVERY_TWO_SECONDS,
            WEB_ENABLED="true",
            WEB_PORT=str(port),
            METRICS_PORT=str(taken.getsockname()[1]),
            TRUSTED_PROXIES="127.0.0.1",
            API_TOKEN=token,
        )
        seen = Counter()
        with noise(port, token) as events:
            while seen.total() < samples or len(seen) < len(STATES) or not events[b"event: run"]:
                seen[daemon.state_word()] += 1
                if seen.total() == samples // 2:
                    server.crash()
                if seen["Error\n"] == 1:
                    server.revive()

    assert set(seen) == STATES
    assert "METRICS_PORT" in daemon.output
    assert "a wrong token from 192.0.2.1" in daemon.output
    assert "HTTP request" not in daemon.output
    assert daemon.stop(signal.SIGTERM) == 0
    assert has_one_word_at_every_moment(daemon)
