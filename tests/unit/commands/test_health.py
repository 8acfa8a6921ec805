import os
import time

import pytest


@pytest.fixture
def heartbeat(home):
    path = home / "data" / "heartbeat"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return path


def test_a_fresh_heartbeat_and_a_sound_database_are_healthy(cli, store, heartbeat):
    answer = cli("health")

    assert (answer.code, answer.out) == (0, "healthy\n")


def test_a_daemon_that_has_not_made_its_database_yet_is_healthy(cli, heartbeat):
    assert cli("health").code == 0


def test_a_missing_heartbeat_is_unhealthy(cli, store):
    answer = cli("health")

    assert (answer.code, answer.out) == (1, "unhealthy: no daemon gave a sign of life in data\n")


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
