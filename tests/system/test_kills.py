"""A hundred kills at random moments: no title is asked for twice, and none is forgotten."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from list_sync.demo.server import DemoServer

TITLES = 1_500
KILLS = 100
REPOSITORY = Path(__file__).parents[2]


class Starter:
    """Starts `list-sync sync` as a process of its own, again and again, quickly."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.process = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "tests" / "fakes" / "quick_start.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )

    def sync(self, *, kill_after=None, arguments=("sync", "--json")):
        order = {"folder": str(self.folder), "environment": self.environment, "arguments": arguments}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        if kill_after is not None:
            timer = threading.Timer(kill_after, os.kill, (pid, signal.SIGKILL))
            timer.start()
        answered, code = map(int, self.process.stdout.readline().split())
        if kill_after is not None:
            timer.cancel()
            timer.join()
        assert answered == pid
        return code

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


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
    starter = Starter(tmp_path, environment)
    yield starter
    starter.close()


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
    starter.sync(arguments=["sync", "--json", "--dry-run"])

    for _ in range(KILLS):
        starter.sync(kill_after=moments.uniform(0.02, 0.45))
        in_flight += bool(query(database, "SELECT 1 FROM sent_requests WHERE state = 'sent'"))
        assert query(database, "PRAGMA integrity_check") == [("ok",)]
    code = starter.sync()

    answers = Counter(status for statuses in server.answers_by_title().values() for status in statuses)
    assert code == 0, (tmp_path / "output.log").read_text()[-2000:]
    assert in_flight >= 30
    assert set(answers) == {201}
    assert Counter(server.posts_by_title().values()) == {1: TITLES}
    assert len(server.requests()) == TITLES
    assert query(database, "SELECT status, count(*) FROM synced_items GROUP BY status") == [("requested", TITLES)]
    assert query(database, "SELECT count(*) FROM sent_requests WHERE state IN ('sent', 'accepted')") == [(0,)]
