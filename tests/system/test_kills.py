"""A hundred kills, each at a call to the server: no title is asked for twice, and none is forgotten."""

import json
import os
import random
import signal
import sqlite3
import threading
from collections import Counter

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import House, wait_until
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.starter import KILLED, Starter

TITLES = 1_500
ASKED = "POST /api/v1/request"


class Killer:
    """Kills a process at one of its calls: before the server carries the call out, or before it answers."""

    def __init__(self, server):
        self._is_armed = False
        self._process = None
        self._has_started = threading.Event()
        self._lock = threading.Lock()
        traffic = server.backend.traffic
        self._began, self._ended = traffic.began, traffic.ended
        traffic.began, traffic.ended = self._on_begin, self._on_end

    def arm(self, call, number, *, is_after):
        self._call, self._left, self._is_after = call, number, is_after
        self._has_started.clear()
        self._is_armed = True

    def on_start(self, pid):
        self._process = pid
        self._has_started.set()

    def _on_begin(self, label):
        self._began(label)
        self._count(label, is_after=False)

    def _on_end(self, call, key):
        self._ended(call, key)
        self._count(call.label, is_after=True)

    def _count(self, label, *, is_after):
        with self._lock:
            if not self._is_armed or is_after != self._is_after or self._call not in label:
                return
            self._left -= 1
            if self._left:
                return
            self._is_armed = False
        assert self._has_started.wait(PATIENCE_SECONDS)
        os.kill(self._process, signal.SIGKILL)


@pytest.fixture
def server():
    with DemoServer(synthetic_films=TITLES) as server:
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
    return Starter(tmp_path, environment)


def query(database, statement):
    connection = sqlite3.connect(database)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("kills", [40, pytest.param(100, marks=pytest.mark.many)])
def test_kills_double_nothing_and_lose_nothing(tmp_path, server, starter, kills):
    moments = random.Random(20261122)
    database = tmp_path / "data" / "list_sync.db"
    killer = Killer(server)
    in_flight = 0
    starter.run("sync", "--json", "--dry-run")

    for _ in range(kills):
        call, most, is_after = moments.choice([("GET", 4, False), (ASKED, 20, False), (ASKED, 20, True)])
        killer.arm(call, moments.randint(1, most), is_after=is_after)
        assert starter.run("sync", "--json", on_start=killer.on_start) == KILLED, starter.output[-2000:]
        newest = query(database, "SELECT state FROM sent_requests ORDER BY id DESC LIMIT 1")
        in_flight += call == ASKED
        assert newest == [("sent",)] or call != ASKED, "killed while a request was under way"
        assert query(database, "PRAGMA integrity_check") == [("ok",)]
    code = starter.run("sync", "--json")

    answers = Counter(status for statuses in server.answers_by_title().values() for status in statuses)
    assert code == 0, starter.output[-2000:]
    assert in_flight >= kills / 2
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
