import json
import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from list_sync.daemon.pausing import find_pause
from list_sync.daemon.run_queue import ask_daemon
from list_sync.demo.server.demo_server import DemoServer
from list_sync.errors import ConfigError
from list_sync.files.lock import FileLock
from list_sync.model.pauses import parse_pause
from list_sync.model.runs import RunOrder
from list_sync.model.servers import HOME
from list_sync.storage import orders

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("30m", NOON + timedelta(minutes=30)),
        ("12 H", NOON + timedelta(hours=12)),
        ("3d", NOON + timedelta(days=3)),
        ("2w", NOON + timedelta(weeks=2)),
        ("3d 2h 10min", NOON + timedelta(days=3, hours=2, minutes=10)),
        ("2026-12-01", datetime(2026, 11, 30, 23, 0, tzinfo=UTC)),
        ("2026-12-01 18:00", datetime(2026, 12, 1, 17, 0, tzinfo=UTC)),
        ("2026-12-01T18:00Z", datetime(2026, 12, 1, 18, 0, tzinfo=UTC)),
    ],
)
def test_a_pause_is_a_length_or_an_end_in_the_zone_of_the_user(text, until):
    assert parse_pause(text, zone=BERLIN, now=NOON) == until


@pytest.mark.parametrize("text", ["", "3", "0d", "-3d", "soon", "2020-01-01", "99w", "99999d", "9" * 400 + "w"])
def test_a_pause_that_is_no_time_or_over_or_too_long_is_refused(text):
    with pytest.raises(ConfigError):
        parse_pause(text, zone=UTC, now=NOON)


def test_status_and_health_say_until_when_and_health_stays_healthy(cli, store, monkeypatch):
    monkeypatch.setenv("AUTOMATED_MODE", "false")

    paused = cli("pause", "3d")

    (line,) = paused.lines
    assert line.startswith("paused until ")
    assert cli("pause").lines == [line]
    assert f"pause     {line}" in cli("status").lines
    health = cli("health")
    assert (health.code, health.lines) == (0, [f"healthy, {line}"])
    assert cli("pause", "off").out == "the pause is over: syncs start again\n"
    assert cli("pause", "off").out == "there was no pause\n"
    assert cli("pause").out == "not paused\n"
    assert cli("health").out == "healthy\n"
    assert cli("pause", "soon").code == 2


def test_single_syncs_do_nothing_during_a_pause_and_that_is_no_failure(cli, home, monkeypatch):
    with DemoServer(post_seconds=0) as server:
        monkeypatch.setenv("OVERSEERR_URL", server.url)
        monkeypatch.setenv("OVERSEERR_API_KEY", server.api_key)
        monkeypatch.setenv("FILE_LISTS", "films.txt")
        (home / "data" / "drop").mkdir(parents=True)
        (home / "data" / "drop" / "films.txt").write_text("tmdb:movie:603\n")
        cli("pause", "3d")

        answers = [cli("sync"), cli("sync", "--json"), cli("--sync-now")]
        monkeypatch.setenv("AUTOMATED_MODE", "false")
        answers.append(cli("run"))
        assert server.reads == server.writes == 0
        dry = cli("sync", "--dry-run")
        cli("pause", "off")
        assert cli("sync").code == 0
        assert server.writes == 1

    assert [answer.code for answer in (*answers, dry)] == [0] * 5
    assert "Sync completed: nothing was done, paused until 2" in answers[-1].lines[-1]
    report = json.loads(answers[1].out)
    assert report["run_id"] is None
    assert datetime.fromisoformat(report["paused_until"]) > datetime.now(UTC) + timedelta(days=2)
    assert "1 would_request" in dry.out


def test_a_paused_daemon_refuses_a_sync_now_and_says_how_to_end_the_pause(cli, home, store):
    cli("pause", "3d")
    with FileLock(home / "data" / "daemon.lock"):
        asked = cli("--sync-now")

    assert (asked.code, asked.out) == (4, "")
    assert asked.err.startswith("paused until 2")
    assert "list-sync pause off" in asked.err
    with store.reading() as connection:
        assert orders.find_queued(connection, HOME) is None


def test_a_pause_that_begins_while_a_sync_is_queued_ends_the_waiting_and_not_the_order(cli, home, store, monkeypatch):
    monkeypatch.setattr(
        "list_sync.commands.sync.ask_daemon",
        lambda store, folder, order: (ask_daemon(store, folder, order), cli("pause", "3d"))[0],
    )
    with FileLock(home / "data" / "daemon.lock"):
        asked = cli("--sync-now")

    assert asked.code == 4
    assert asked.err.startswith("run 1 waits for the end of the pause: paused until 2")
    with store.reading() as connection:
        assert orders.find_queued(connection, HOME) == (1, RunOrder())


def test_a_pipe_in_the_place_of_the_pause_holds_up_no_command(cli, home):
    (home / "data").mkdir(exist_ok=True)
    os.mkfifo(home / "data" / "paused-until")

    assert cli("pause").out == "not paused\n"
    answer = cli("pause", "3d")
    assert (answer.code, answer.out) == (1, "")
    assert "the pause cannot be written" in answer.err


@pytest.mark.parametrize(
    "content", [b"", b"soon\n", b"2020-01-01T00:00:00+00:00\n", b"2999-01-01T00:00:00+00:00\n", b"\xff"]
)
def test_a_file_that_states_no_pause_of_today_is_no_pause(tmp_path, content):
    (tmp_path / "paused-until").write_bytes(content)

    assert find_pause(tmp_path) is None
