"""A database that somebody else keeps locked: a reader hurts nobody, a writer ends a run and is named."""

import signal
import sqlite3
from contextlib import closing, contextmanager

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.hard_days import films
from tests.fakes.house import EVERY_SECOND, House, wait_until

LOCKED = "Error: the sync broke off: data/list_sync.db is locked: close the program that keeps a write open"


@pytest.fixture
def server():
    with DemoServer(synthetic_films=50) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        SYNC_INTERVAL=EVERY_SECOND,
    )
    house.write_list(*films(2))
    yield house
    house.end()


@contextmanager
def held(house, *statements):
    with closing(sqlite3.connect(house.data / "list_sync.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement).fetchone()
        yield connection


def test_a_reader_who_takes_for_ever_hurts_neither_a_sync_nor_the_end(house, server):
    daemon = house.start_daemon()
    daemon.wait_for("next sync at")
    with held(house, "BEGIN", "SELECT count(*) FROM synced_items") as reader:
        house.write_list(*films(4))
        daemon.wait_for("Sync completed: 1 list; 2 already requested, 2 requested")
        assert house.run("health").stdout == "healthy\n"

        assert daemon.stop(signal.SIGTERM) == 0
        assert reader.execute("SELECT count(*) FROM synced_items").fetchone() == (2,)
    assert "Error" not in daemon.output
    assert house.run("sync", "--json").returncode == 0
    assert house.query("SELECT count(*) FROM synced_items") == [(4,)]
    assert set(server.posts_by_title().values()) == {1}


def test_a_writer_who_takes_for_ever_ends_a_run_which_is_named_and_later_made_up_for(house, server):
    daemon = house.start_daemon()
    daemon.wait_for("next sync at")
    with held(house, "BEGIN IMMEDIATE"):
        house.write_list(*films(3))
        assert house.run("health").stdout == "healthy\n", "a lock of seconds makes nobody sick"
        daemon.wait_for(LOCKED)
        wait_until(lambda: "is locked" in house.run("health").stdout)
        assert len(server.requests()) == 2
    wait_until(lambda: len(server.requests()) == 3)
    wait_until(lambda: daemon.state_word() == "Sync completed\n")
    assert house.run("health").stdout == "healthy\n"
    runs = [run.count(LOCKED) for run in daemon.output.split("sync started") if LOCKED in run]
    # The changed file is told of between runs, or in the next one.
    assert set(runs) <= {2, 3}, "the line, and once more after each line between runs"


def test_a_daemon_that_waits_for_a_writer_stops_in_time(house):
    daemon = house.start_daemon()
    with held(house, "BEGIN IMMEDIATE"):
        daemon.wait_for("sync started", times=2)

        assert daemon.stop(signal.SIGTERM) == 0

    assert "Traceback" not in daemon.output
