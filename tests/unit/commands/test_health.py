import os
import time

import pytest

from list_sync.config import StateFolder
from list_sync.storage.lease import FolderLock


@pytest.fixture
def folder(home):
    return StateFolder(home / "data")


@pytest.fixture
def daemon(folder):
    with FolderLock(folder.daemon_lock) as lock:
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


@pytest.mark.parametrize(("age", "code"), [(100, 0), (130, 1)])
def test_a_heartbeat_is_stale_after_two_minutes(cli, store, heartbeat, age, code):
    moment = time.time() - age
    os.utime(heartbeat, (moment, moment))

    assert cli("health").code == code


@pytest.mark.parametrize(("name", "value"), [("AUTOMATED_MODE", "false"), ("SYNC_INTERVAL", "0")])
def test_a_single_sync_has_no_heartbeat(cli, store, monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    assert cli("health").code == 0


def test_a_damaged_database_is_unhealthy(cli, heartbeat):
    (heartbeat.parent / "list_sync.db").write_bytes(b"not a database" * 100)

    answer = cli("health")

    assert answer.code == 1
    assert answer.out.startswith("unhealthy: ")
    assert len(answer.lines) == 1
