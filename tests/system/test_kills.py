"""A hundred kills at random moments: no title is asked for twice, and none is forgotten."""

import json
import random
import signal
import sqlite3
from collections import Counter

import pytest

from list_sync.demo.server import DemoServer
from tests.fakes.house import House, wait_until
from tests.fakes.starter import starting

TITLES = 1_500
KILLS = 100


@pytest.fixture
def server():
    with DemoServer(synthetic_films=TITLES, post_seconds=0.02) as server:
        yield server


@pytest.fixture
def starter(tmp_path, server):
    films = [
        {"title": f"Synthetic Film {number:06d}", "media_type": "movie", "tmdb_id": 5_000_000 + number}
        for number in range(TITLES)
    ]
    drop = tmp_path / "data" / "drop"
    drop.mkdir(parents=True)
    (drop / "films.json").write_text(json.dumps(films))
    environment = {
        "OVERSEERR_URL": server.url,
        "OVERSEERR_API_KEY": server.api_key,
        "FILE_LISTS": "films.json",
        "LOG_LEVEL": "ERROR",
    }
    with starting(tmp_path, **environment) as starter:
        yield starter


def query(database, statement):
    connection = sqlite3.connect(database)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def test_a_hundred_kills_double_nothing_and_lose_nothing(tmp_path, server, starter):
    moments = random.Random(20261122)
    database = tmp_path / "data" / "list_sync.db"
    in_flight = 0
    starter.run("sync", "--json", "--dry-run")

    for _ in range(KILLS):
        starter.run("sync", "--json", kill_after=moments.uniform(0.02, 0.45))
        in_flight += bool(query(database, "SELECT 1 FROM sent_requests WHERE state = 'sent'"))
        assert query(database, "PRAGMA integrity_check") == [("ok",)]
    code = starter.run("sync", "--json")

    answers = Counter(status for statuses in server.answers_by_title().values() for status in statuses)
    assert code == 0, starter.output[-2000:]
    assert in_flight >= 30
    assert set(answers) == {201}
    assert Counter(server.posts_by_title().values()) == {1: TITLES}
    assert len(server.requests()) == TITLES
    assert query(database, "SELECT status, count(*) FROM synced_items GROUP BY status") == [("requested", TITLES)]
    assert query(database, "SELECT count(*) FROM sent_requests WHERE state IN ('sent', 'accepted')") == [(0,)]


def test_a_killed_sync_is_not_called_running(tmp_path, server, starter):
    database = tmp_path / "data" / "list_sync.db"
    house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, FILE_LISTS="films.json")
    taken = "SELECT count(*) FROM sent_requests WHERE state = 'accepted'"
    process = house.start("sync")
    try:
        wait_until(lambda: database.exists() and house.run("status").stdout.count(", running, ") and server.writes >= 3)
        process.stop(signal.SIGKILL)

        assert f"interrupted: the process ended before the run did ({query(database, taken)[0][0]} titles" in (
            house.run("status").stdout
        )
    finally:
        house.end()
