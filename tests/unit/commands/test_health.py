import os
import sqlite3
import time
from contextlib import closing

import pytest

from list_sync.config import StateFolder
from list_sync.daemon.heartbeat import Heartbeat
from list_sync.files.lock import FileLock


@pytest.fixture
def folder(home):
    return StateFolder(home / "data")


@pytest.fixture
def daemon(folder):
    folder.path.mkdir(exist_ok=True)
    with FileLock(folder.daemon_lock) as lock:
        yield lock


@pytest.fixture
def heartbeat(folder, daemon):
    folder.heartbeat.touch()
    return folder.heartbeat


def test_a_daemon_with_a_fresh_heartbeat_and_a_sound_database_are_healthy(cli, store, heartbeat):
    answer = cli("health")

    assert (answer.code, answer.out) == (0, "healthy\n")


def test_a_daemon_whose_database_is_gone_is_unhealthy(cli, daemon):
    answer = cli("health")

    assert (answer.code, len(answer.lines)) == (1, 1)
    assert answer.out.startswith("unhealthy: data/list_sync.db is gone: ")


def test_a_daemon_that_works_already_and_has_not_written_its_first_heartbeat_is_healthy(cli, store, daemon):
    assert cli("health").code == 0


def test_a_daemon_that_ended_is_unhealthy_however_fresh_its_heartbeat(cli, store, folder):
    folder.heartbeat.touch()

    answer = cli("health")

    assert (answer.code, answer.out) == (1, "unhealthy: no daemon runs in data\n")


@pytest.mark.parametrize(("age", "code"), [(100, 0), (130, 1), (-100, 0), (-130, 1), (-365 * 86400, 1)])
def test_a_heartbeat_is_stale_after_two_minutes_whichever_way_the_clock_was_set(cli, store, heartbeat, age, code):
    moment = time.time() - age
    os.utime(heartbeat, (moment, moment))

    assert cli("health").code == code


@pytest.mark.parametrize(("name", "value"), [("AUTOMATED_MODE", "false"), ("SYNC_INTERVAL", "0")])
def test_a_single_sync_has_no_heartbeat(cli, store, monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    assert cli("health").code == 0


def test_a_daemon_that_a_schedule_of_the_file_keeps_is_missed(cli, store, home, monkeypatch):
    monkeypatch.setenv("SYNC_INTERVAL", "0")
    (home / "config").mkdir()
    (home / "config" / "lists.yaml").write_text("lists: [{source: imdb:top, schedule: 6h}]")

    assert cli("health").out.startswith("unhealthy: no daemon runs in data")


def test_a_damaged_database_is_unhealthy(cli, heartbeat):
    (heartbeat.parent / "list_sync.db").write_bytes(b"not a database" * 100)

    answer = cli("health")

    assert answer.code == 1
    assert answer.out.startswith("unhealthy: ")
    assert len(answer.lines) == 1


def test_what_the_daemon_says_of_its_database_is_told(cli, store, heartbeat):
    beating = Heartbeat(heartbeat)
    beating.report("data/list_sync.db cannot grow, the disk is full: free some space in data")
    answer = cli("health")
    beating.report("")

    assert (answer.code, answer.lines) == (
        1,
        ["unhealthy: data/list_sync.db cannot grow, the disk is full: free some space in data"],
    )
    assert cli("health").code == 0


def test_a_folder_that_vanished_is_told_and_not_made(cli, home):
    answer = cli("health")

    assert answer.code == 1
    assert answer.lines == ["unhealthy: there is no folder data (DATA_DIR): put it back, or correct the mount"]
    assert not (home / "data").exists()


def test_an_empty_folder_in_place_of_the_daemons_is_told_as_what_it_may_be(cli, home):
    (home / "data").mkdir()

    answer = cli("health")

    assert answer.code == 1
    assert answer.lines == ["unhealthy: no daemon runs in data, nor is there a database: is the right folder mounted?"]


def test_what_both_the_database_and_the_daemon_say_is_told_once(cli, home, heartbeat):
    (home / "data" / "list_sync.db").write_bytes(b"not a database" * 100)
    first = cli("health").lines
    Heartbeat(heartbeat).report(first[0].removeprefix("unhealthy: "))

    assert cli("health").lines == first
    assert len(first) == 1


def test_a_writer_who_keeps_the_database_locked_makes_nobody_sick(cli, store, heartbeat):
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        assert cli("health").code == 0
