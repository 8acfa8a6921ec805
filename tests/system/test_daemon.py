"""The daemon as a process: stopped in every stage, killed, doubled, asked, without a server or its database."""

import signal
import socket

import pytest

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.sources.sample_sources import SampleSources
from list_sync.files.lock import FileLock
from tests.fakes.house import EVERY_SECOND, MATRIX, House, wait_until
from tests.fakes.patience import PATIENCE_SECONDS

FIGHT_CLUB = {"title": "Fight Club", "year": 1999, "media_type": "movie"}
FIGHT_CLUB_BY_ID = {"title": "Fight Club", "year": 1999, "media_type": "movie", "tmdb_id": 550}


@pytest.fixture
def server():
    with DemoServer() as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, FILE_LISTS="films.json")
    house.write_list(MATRIX)
    yield house
    house.end()


HANGING_SECONDS = 10.0 * PATIENCE_SECONDS


def slow(server, call, seconds=HANGING_SECONDS):
    server.faults.only = call
    server.faults.slow_seconds = seconds


def has_called(server, part):
    return lambda: any(part in f"{call.method} {call.path}" for call in server.calls)


def last_run(house):
    return house.query("SELECT status, error FROM sync_history ORDER BY id DESC LIMIT 1")[0]


def assert_stops(house, daemon, *, is_gentle=False, number=signal.SIGTERM):
    assert daemon.stop(number) == 0, daemon.output
    assert house.leftovers() == []
    assert house.query("SELECT count(*) FROM sync_history WHERE status = 'running'") == [(0,)]
    assert not (house.data / "heartbeat").exists() or not is_gentle
    assert "Traceback" not in daemon.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_between_runs_it_stops_at_once(house, number, record_property):
    daemon = house.start_daemon()
    record_property("megabytes of an idle daemon", daemon.rss_megabytes())

    assert_stops(house, daemon, is_gentle=True, number=number)
    assert last_run(house) == ("completed", None)
    assert daemon.state_word() == "Sync completed\n"


def test_while_a_slow_source_is_read_it_stops_and_records_the_run(house):
    with SampleSources() as sources:
        sources.fault("imdb", "*", "slow:60")
        daemon = house.start_daemon(synced=False, IMDB_LISTS="top", IMDB_BASE_URL=sources.url("imdb"))
        daemon.wait_for("films.json: 1 title")

        assert_stops(house, daemon, is_gentle=True)
    assert last_run(house) == ("stopped", "stopped while lists were being read")
    assert daemon.state_word() == "Running\n"
    closing = "INFO Running stopped: while lists were being read"
    assert daemon.output.splitlines()[-1].endswith(closing)


@pytest.mark.parametrize(
    ("call", "entry"),
    [("GET /api/v1/search", FIGHT_CLUB), ("GET /api/v1/request", MATRIX)],
)
def test_while_the_server_keeps_a_read_waiting_it_stops_and_records_the_run(house, server, call, entry):
    house.write_list(entry)
    slow(server, call)
    daemon = house.start_daemon(synced=False)
    wait_until(lambda: any(call in label for label in server.under_way), "the call")

    assert_stops(house, daemon)
    status, error = last_run(house)
    assert (status, error.startswith("stopped")) == ("stopped", True)
    assert server.requests() == []


def test_while_the_server_asks_for_a_pause_it_stops_at_once(house, server):
    server.faults.only = "GET /api/v1/auth/me"
    server.faults.down_status = 429
    server.faults.retry_after = 50
    daemon = house.start_daemon(synced=False)
    wait_until(has_called(server, "auth/me"))

    assert_stops(house, daemon, is_gentle=True)
    assert last_run(house)[0] == "stopped"


def test_while_another_process_syncs_it_stops_at_once(house):
    with FileLock(house.data / "run.lock"):
        daemon = house.start()
        daemon.wait_for("another process syncs")

        assert_stops(house, daemon, is_gentle=True)
    assert "sync started" not in daemon.output
    assert daemon.state_word() == "Running\n"


def test_the_answer_to_a_request_under_way_is_awaited_and_recorded(house, server):
    house.write_list(MATRIX, FIGHT_CLUB_BY_ID)
    server.faults.post_seconds = 3.0
    daemon = house.start_daemon(synced=False)
    wait_until(server.posts_by_title)

    assert_stops(house, daemon)
    assert [row["tmdb_id"] for row in server.requests()] == [603]
    assert house.query("SELECT state FROM sent_requests") == [("accepted",)]
    assert dict(house.query("SELECT title, status FROM synced_items")) == {
        "The Matrix": "requested",
        "Fight Club": "waiting",
    }
    assert last_run(house)[0] == "stopped"


def test_a_request_that_takes_too_long_is_looked_for_at_the_next_start(house, server):
    slow(server, "POST /api/v1/request")
    daemon = house.start_daemon(synced=False)
    wait_until(server.posts_by_title)

    # Whether it can close its database in the last second is up to the machine.
    assert daemon.stop(signal.SIGTERM) == 0, daemon.output
    assert house.query("SELECT state FROM sent_requests") == [("sent",)]
    server.faults.slow_seconds = 0.0
    server.revive()
    house.start_daemon()
    assert house.query("SELECT status FROM sync_history ORDER BY id LIMIT 1")[0][0] in ("stopped", "interrupted")
    assert [row["tmdb_id"] for row in server.requests()] == [603]
    assert house.query("SELECT state FROM sent_requests WHERE state IN ('sent', 'accepted')") == []


def test_a_second_signal_ends_it_at_once(house):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        daemon = house.start(OVERSEERR_URL=f"http://127.0.0.1:{silent.getsockname()[1]}")
        connection, _ = silent.accept()
        with connection:
            daemon.signal(signal.SIGINT)
            # Two signals at one moment may arrive in either order; the first alone would end it with 0.
            assert daemon.stop(signal.SIGTERM) in (130, 143)


def test_of_two_in_one_folder_one_works_and_the_other_takes_over_when_it_is_killed(house, server):
    first = house.start_daemon()
    second = house.start()
    second.wait_for("another ListSync works in")
    assert "sync started" not in second.output
    assert house.run("health").stdout == "healthy\n"

    first.kill()

    second.wait_for("this one takes over")
    second.wait_for("Sync completed")
    assert house.run("health").returncode == 0
    assert house.query("SELECT count(*) FROM sync_history") == [(2,)]
    assert_stops(house, second, is_gentle=True)


def test_after_a_kill_health_tells_and_sync_now_does_not_wait_for_the_dead(house):
    daemon = house.start_daemon()
    assert house.run("health").returncode == 0
    daemon.kill()

    health = house.run("health")
    asked = house.run("--sync-now")

    assert (health.returncode, health.stdout) == (1, "unhealthy: no daemon runs in data\n")
    assert asked.returncode == 0
    assert "Sync completed" in asked.stdout
    assert house.query("SELECT count(*) FROM sync_history WHERE run_order IS NOT NULL") == [(0,)]


def test_a_sync_that_a_killed_daemon_owed_is_done_by_the_next_one(house, server):
    slow(server, "GET /api/v1/settings/public", 0.0)
    daemon = house.start_daemon()
    server.faults.slow_seconds = 60.0
    waiter = house.start("--sync-now")
    wait_until(lambda: house.query("SELECT 1 FROM sync_history WHERE id = 2 AND status = 'running'"))
    daemon.kill()
    assert waiter.wait() == 1
    assert "the sync starts again with the next start of ListSync" in waiter.output
    server.revive()
    server.faults.slow_seconds = 0.0

    second = house.start_daemon()

    second.wait_for("sync started", times=2)
    wait_until(lambda: house.query("SELECT status FROM sync_history WHERE id > 2") == [("completed",)] * 2)
    assert house.query("SELECT status FROM sync_history WHERE id = 2") == [("interrupted",)]


def test_a_wish_during_a_run_is_served_after_it_and_gives_its_runs_exit_code(house, server):
    slow(server, "GET /api/v1/settings/public", 1.0)
    daemon = house.start_daemon(synced=False, FILE_LISTS="films.json,missing.json")
    assert house.run("health").returncode == 0

    asked = house.run("--sync-now", FILE_LISTS="films.json")

    assert asked.returncode == 1, "the daemon's own lists count, of which one is missing"
    assert "asked the running ListSync to sync now: run 2\nrun 2, " in asked.stdout
    assert daemon.closing_lines() == 2
    assert house.query("SELECT sync_mode FROM sync_history ORDER BY id") == [("automated",), ("manual",)]


def test_a_server_that_starts_later_is_waited_for(house, server):
    server.crash()
    daemon = house.start(RETRY_ATTEMPTS="0")
    daemon.wait_for("Error: the sync could not go through: overseerr: ")
    assert "OVERSEERR_URL" in daemon.output
    assert daemon.state_word() == "Error\n"
    assert house.run("health").returncode == 0

    server.revive()

    daemon.wait_for("Sync completed")
    assert len(server.requests()) == 1


def test_without_any_list_it_stays_and_says_what_is_missing(house):
    daemon = house.start_daemon(FILE_LISTS="")

    assert "no list is set: set IMDB_LISTS" in daemon.output
    assert daemon.process.poll() is None
    assert house.run("health").returncode == 0


@pytest.mark.parametrize("missing", ["OVERSEERR_URL", "OVERSEERR_API_KEY"])
def test_without_a_server_it_ends_and_names_the_setting_with_an_example(house, missing):
    done = house.run(**{missing: ""})

    assert done.returncode == 2
    assert missing in done.stdout + done.stderr
    assert "for example" in done.stdout + done.stderr


def test_a_database_that_breaks_during_its_life_ends_a_run_and_not_the_daemon(house):
    daemon = house.start_daemon(SYNC_INTERVAL=EVERY_SECOND)
    house.query("ALTER TABLE sync_history RENAME TO lost")
    daemon.wait_for("Error")
    assert daemon.output.count("Traceback") == 0
    house.query("ALTER TABLE lost RENAME TO sync_history")
    before = daemon.closing_lines()

    wait_until(lambda: daemon.closing_lines() > before and daemon.state_word() == "Sync completed\n")
    assert house.run("health").returncode == 0


def test_a_database_that_is_taken_away_is_told_by_health(house):
    daemon = house.start_daemon()
    house.delete_database()

    health = house.run("health")

    assert health.returncode == 1
    assert health.stdout.startswith("unhealthy: data/list_sync.db is gone")
    assert daemon.stop(signal.SIGTERM) == 0
