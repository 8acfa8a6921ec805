"""Runs that the API asks for: stopped alone, kept over a kill, each title requested once."""

import signal
from collections import Counter

import pytest
import requests

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import House, wait_until
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.ports import find_free_port

TITLES = 40
FILMS = [{"title": "", "media_type": "movie", "tmdb_id": f"tmdb://{5_000_000 + n}"} for n in range(TITLES)]


@pytest.fixture
def server():
    with DemoServer(synthetic_films=TITLES, latency_seconds=0.05) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        WEB_ENABLED="true",
        WEB_PORT=str(find_free_port()),
        WEB_AUTH="none",
    )
    yield house
    house.end()


def test_a_stopped_run_and_a_killed_one_lose_nothing_and_double_nothing(house, server):
    api = f"http://127.0.0.1:{house.settings['WEB_PORT']}/api"

    def status_of(run_id):
        return requests.get(f"{api}/runs/{run_id}", timeout=PATIENCE_SECONDS).json()["status"]

    def ask_and_wait_for_writes():
        before = server.writes
        run_id = requests.post(f"{api}/sync", json={"custom_list": FILMS}, timeout=PATIENCE_SECONDS).json()["run_id"]
        wait_until(lambda: server.writes >= before + 3, "the first requests of the run")
        return run_id

    daemon = house.start_daemon()
    first = ask_and_wait_for_writes()
    cancelled = requests.post(f"{api}/runs/{first}/cancel", timeout=PATIENCE_SECONDS)
    wait_until(lambda: status_of(first) == "stopped", "the stop of the run")
    sent = len(server.requests())
    second = ask_and_wait_for_writes()
    daemon.stop(signal.SIGKILL)
    house.start_daemon()
    wait_until(lambda: len(server.requests()) == TITLES, "the rest of the requests")
    wait_until(lambda: ("completed",) in house.query("SELECT status FROM sync_history WHERE sync_mode = 'api'"))

    assert cancelled.status_code == 200
    assert 3 <= sent < TITLES
    assert "Running stopped" in daemon.output
    assert status_of(second) == "interrupted"
    assert Counter(server.posts_by_title().values()) == {1: TITLES}
    assert house.query("SELECT count(*) FROM lists") == [(0,)]
    assert house.query("SELECT count(*) FROM sync_history WHERE run_order IS NOT NULL") == [(0,)]
