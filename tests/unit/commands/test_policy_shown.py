"""What `lists`, `status`, `check` and `run` show of lists.yaml; of the daemon, only its files are there."""

import json
from datetime import UTC, datetime

import pytest

from list_sync.config.policy.joining import reread
from list_sync.daemon.heartbeat import Heartbeat
from list_sync.database.store import open_store
from list_sync.files.lock import FileLock
from list_sync.preparation import prepare_settings
from list_sync.providers import available_providers

POLICY = """\
defaults: {quality: hd}
caps: {per_day: 20}
lists:
  - {source: imdb:top, name: The best, quality: 4k, schedule: 6h, priority: 5}
  - {source: imdb:boxoffice, enabled: off}
"""
SIX = datetime(2026, 11, 28, 18, 0, tzinfo=UTC)
THREE = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)


@pytest.fixture
def policy(home, monkeypatch):
    monkeypatch.setenv("IMDB_LISTS", "top,moviemeter")
    monkeypatch.setenv("MAX_REQUESTS_PER_DAY", "10")
    (home / "config").mkdir()
    path = home / "config" / "lists.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def alive(home):
    (home / "data").mkdir()
    with FileLock(home / "data" / "daemon.lock"), open_store(home / "data" / "list_sync.db"):
        beating = Heartbeat(home / "data" / "heartbeat", rhythm="every 24 hours, 1 list by its own schedule")
        beating.plan({"sync": SIX}, {"": THREE, "6h": SIX})
        yield beating


@pytest.mark.parametrize("width", [80, 140])
def test_lists_shows_names_what_is_special_and_when_each_is_due(cli, policy, alive, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    shown = cli("lists")

    assert shown.code == 0
    text = " ".join(shown.out.replace(";", "").split())
    assert "not read yet The best 4K, every 6h, priority 5 next 2026-11-28 18:00" in text
    assert "not read yet next 2026-11-29 03:00" in text
    assert "not read yet off in lists.yaml" in text
    assert all(len(line) <= width for line in shown.lines)


def test_lists_as_json_has_all_terms(cli, policy, alive):
    best, other, off = json.loads(cli("lists", "--json").out)["lists"]

    assert (best["name"], best["next_sync_at"]) == ("The best", "2026-11-28T18:00:00Z")
    assert best["terms"] == {
        "requester": "1",
        "approval": "requester",
        "quality": "4k",
        "seasons": "all",
        "max_seasons": None,
        "limit": None,
        "order": "rank",
        "max_new_per_day": None,
        "max_open": None,
        "hold": None,
        "again": "never",
        "withdraw": "never",
        "schedule": "6h",
        "priority": 5,
        "filters": None,
        "server": None,
        "exclude_lists": [],
    }
    assert (other["name"], other["terms"]["quality"], other["next_sync_at"]) == (None, "hd", "2026-11-29T03:00:00Z")
    assert (off["list"], off["configured"], off["terms"], off["next_sync_at"]) == ("imdb:boxoffice", False, None, None)


def test_status_names_the_file_and_when_the_next_lists_are_due(cli, policy, alive):
    lines = cli("status").lines

    assert "policy    config/lists.yaml: 1 list" in lines
    assert any(
        line.startswith("daemon    alive, syncs every 24 hours, 1 list by its own schedule; next sync at 2026-11-28 18")
        for line in lines
    )


def test_status_shows_every_fault_of_a_broken_file_and_goes_on(cli, policy, alive):
    policy.write_text("lists: [imdb:top]\ncaps: {per_rum: 1}\nbrake: perhaps\n")
    shown = cli("status")

    assert shown.code == 0
    assert [line.split(": ")[0] for line in shown.lines if line.startswith("policy")] == [
        "policy    config/lists.yaml:2:8",
        "policy    config/lists.yaml:3:8",
    ]
    assert len(json.loads(cli("status", "--json").out)["policy"]["problems"]) == 2


def test_without_a_file_no_command_speaks_of_one(cli, home):
    assert not [line for line in cli("status").lines if line.startswith("policy")]
    assert json.loads(cli("status", "--json").out)["policy"] is None


def test_check_says_what_the_file_replaces_and_refuses_a_broken_one_with_the_faults_of_all_settings(
    cli, policy, monkeypatch
):
    shown = cli("check", "--offline").out
    assert "lists.yaml replaces MAX_REQUESTS_PER_DAY (10): 20" in shown
    assert "lists.yaml states the terms of imdb:top, which IMDB_LISTS names, too" in shown

    policy.write_text("brake: perhaps\n")
    monkeypatch.setenv("MAX_WORKERS", "many")
    refused = cli("check", "--offline")
    assert refused.code == 2
    assert "MAX_WORKERS: " in refused.out + refused.err
    assert "config/lists.yaml:1:8: brake" in refused.out + refused.err


def test_a_start_with_a_broken_file_ends_with_every_fault(cli, policy):
    policy.write_text("lists: [imdb:nonsense]\nbrake: perhaps\n")
    ended = cli("run")

    assert ended.code == 2
    assert ended.out.count("config/lists.yaml:") == 2


@pytest.mark.parametrize("faults", [2, 40])
def test_status_tells_the_faults_of_the_file_once_and_that_the_daemon_keeps_the_policy(cli, policy, alive, faults):
    before = prepare_settings()
    policy.write_text("lists: [imdb:top]\ncaps:\n" + "".join(f"  wrong_{number}: 1\n" for number in range(faults)))
    alive.tell_files("; ".join(reread(before, available_providers())[1]), "")

    shown = cli("status").out

    assert all(shown.count(f"wrong_{number} is") == 1 for number in range(faults))
    assert "trouble   the policy stays as it was\n" in shown


def test_status_tells_what_the_daemon_says_of_a_file_that_is_gone(cli, policy, alive):
    before = prepare_settings()
    policy.unlink()
    alive.tell_files("; ".join(reread(before, available_providers())[1]), "")

    assert "trouble   the policy stays as it was: config/lists.yaml is gone: put it back" in cli("status").out
