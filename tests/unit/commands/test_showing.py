from datetime import UTC, datetime, timedelta

import pytest

from list_sync.daemon.heartbeat import Heartbeat
from list_sync.files.lock import FileLock
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import FailureKind
from list_sync.model.runs import RunOrder
from list_sync.model.servers import HOME, Dialect, ServerInfo
from list_sync.model.sources import FetchState, NotUnderstood
from list_sync.model.titles import Quality
from list_sync.storage.orders import ask
from list_sync.storage.servers import recognise_server
from tests.builders import NOON, a_list, a_match, a_result
from tests.unit.commands.records import available, for_review, record, requested, skipped

COMMANDS = [("status",), ("history",), ("lists",), ("review",), ("why", "Heat")]


@pytest.mark.parametrize("command", COMMANDS)
def test_where_nothing_was_synced_yet_nothing_is_made_either(cli, home, command):
    answer = cli(*command)

    assert "nothing has been synced yet" in answer.out
    assert not (home / "data").exists()


@pytest.mark.parametrize("command", [*COMMANDS, ("sync",), ("--sync-now",), ("check",), ("health",), ("ban", "x")])
def test_every_problem_of_the_settings_is_told_on_its_own_line_and_ends_with_2(cli, monkeypatch, command):
    monkeypatch.setenv("SYNC_INTERVAL", "1,5")
    monkeypatch.setenv("OVERSEERR_USER_ID", "abc")

    answer = cli(*command)

    assert answer.code == 2
    assert answer.out == ""
    assert [line.split(":")[:2] for line in answer.err.splitlines()] == [
        ["Error", " OVERSEERR_USER_ID"],
        ["Error", " SYNC_INTERVAL"],
    ]


def test_a_daemon_tells_every_problem_of_the_settings_in_its_log(cli, monkeypatch):
    monkeypatch.setenv("SYNC_INTERVAL", "1,5")
    monkeypatch.setenv("OVERSEERR_USER_ID", "abc")

    answer = cli("run")

    assert (answer.code, answer.err) == (2, "")
    assert [line.split(" Error: ")[1].split(":")[0] for line in answer.out.splitlines()] == [
        "OVERSEERR_USER_ID",
        "SYNC_INTERVAL",
    ]


def odd_list():
    return a_result(
        a_match().wanted.item,
        state=FetchState.PARTIAL,
        reason="1 of 4 entries not understood: line 5 (no id)",
        expected=4,
        unsupported=2,
        unsupported_kinds={"person": 2},
        not_understood=1,
        first_not_understood=(NotUnderstood("line 5", "no id"),),
    )


def test_lists_and_why_tell_what_was_not_understood_and_what_cannot_be_requested(cli, store, monkeypatch):
    monkeypatch.setenv("IMDB_LISTS", "ls000000001")
    record(store, requested(), fetched=(odd_list(),))

    words = "1 of 4 entries not understood: line 5 (no id)"
    assert f"{words}; 2 entries that cannot be requested (2 person)" in cli("lists").lines[1]
    assert f"  list     imdb:ls000000001, partial: {words}" in cli("why", "The Matrix").lines
    assert f"imdb:ls000000001, partial: {words}" in cli("why", "Breaking Bad").err


def test_lists_shows_those_that_are_set_and_those_that_were(cli, store, monkeypatch):
    monkeypatch.setenv("IMDB_LISTS", "ls000000001,top")
    failed = a_result(source=a_list("trakt", "joe/horror"), state=FetchState.FAILED, reason="not found")
    record(store, requested(), fetched=(a_result(requested().result.wanted.item), failed))

    answer = cli("lists")

    header, *rows = (line.split("  ") for line in answer.lines)
    assert header[0] == "LIST"
    assert [row[0].strip() for row in rows] == ["imdb:ls000000001", "imdb:top", "trakt:joe/horror"]
    assert "complete" in answer.lines[1]
    assert "2026-11-22 12:00:00" in answer.lines[1]
    assert answer.lines[2].endswith("not read yet")
    assert answer.lines[3].endswith("not set any more")


def test_times_are_shown_in_the_zone_of_tz(cli, store, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    record(store, requested())

    assert "2026-11-22 21:00:00" in cli("history").out


def test_history_shows_the_latest_runs_first_and_why_one_failed(cli, store):
    record(store, requested())
    record(store, error="overseerr: connection refused", failure=FailureKind.UNREACHABLE, minutes=5)

    answer = cli("history")

    assert [line.split()[0] for line in answer.lines] == ["RUN", "2", "1"]
    assert answer.lines[1].endswith("overseerr: connection refused")
    assert [line.split()[0] for line in cli("history", "--limit", "1").lines] == ["RUN", "2"]


def test_status_shows_when_the_daemon_syncs_next_and_history_shows_queued_runs(cli, store, home, monkeypatch):
    monkeypatch.setenv("SYNC_INTERVAL", "0.5")
    record(store, requested())
    with store.writing() as connection:
        ask(connection, HOME, RunOrder(), at=NOON)
    Heartbeat(home / "data" / "heartbeat").plan({"sync": NOON, "back-offs": NOON}, {})

    with FileLock(home / "data" / "daemon.lock"):
        status = cli("status")

    times = "next sync at 2026-11-22 12:00:00; next back-offs at 2026-11-22 12:00:00"
    assert status.lines[1] == f"daemon    alive, syncs every 0.5 hours; {times}"
    assert "last run  1, 2026-11-22 12:00:00, completed, 1 title requested" in status.lines
    assert cli("history").lines[1].split() == ["2", "-", "-", "manual", "queued", "-", "-", "0", "-", "-"]


def test_status_shows_server_daemon_last_run_lists_and_titles(cli, store, home, monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", "http://me:hunter2@host:5055/overseerr")
    monkeypatch.setenv("SYNC_INTERVAL", "0.5")
    failed = a_result(source=a_list("trakt", "joe/horror"), state=FetchState.FAILED, reason="list not found")
    record(store, requested(), for_review(), fetched=(failed,))

    with FileLock(home / "data" / "daemon.lock"):
        answer = cli("status")

    assert answer.code == 0
    assert answer.lines[0] == "server    http://host:5055/overseerr"
    assert answer.lines[1] == "daemon    alive, syncs every 0.5 hours"
    assert "last run  1, 2026-11-22 12:00:00, completed, 1 title requested" in answer.lines
    assert "          trakt:joe/horror failed: list not found" in answer.lines
    assert "1       needs_review (see: list-sync review)" in answer.lines
    assert "hunter2" not in answer.out + answer.err


def test_status_and_lists_show_the_age_of_a_copy(cli, store, monkeypatch):
    monkeypatch.setenv("TRAKT_LISTS", "joe/horror")
    read_at = datetime.now(UTC) - timedelta(days=3)
    copied = a_result(source=a_list("trakt", "joe/horror"), state=FetchState.STALE, reason="down", copied_at=read_at)
    record(store, requested(), fetched=(copied,))

    assert "          trakt:joe/horror stale: down, 3 days old" in cli("status").lines
    assert "down, 3 days old" in cli("lists").out


def test_status_tells_a_daemon_that_died_from_one_that_lives(cli, store, home):
    (home / "data" / "daemon.lock").touch()
    (home / "data" / "heartbeat").touch()

    assert "daemon    not running, syncs every 24 hours" in cli("status").lines


def test_why_shows_match_decision_lists_and_history(cli, store):
    record(store, skipped(a_match(), ItemStatus.WAITING, "the cap of 1 a day is reached"))
    record(store, requested(), minutes=5)

    answer = cli("why", "the matrix")

    assert answer.code == 0
    assert answer.lines[0] == "The Matrix (1999)"
    assert "  state    requested: request 1 made" in answer.lines
    assert "  matched  to tmdb movie 603 by tmdb id" in answer.lines
    assert "  list     imdb:ls000000001" in answer.lines
    assert [line for line in answer.lines if line.startswith("  history")] == [
        "  history  2026-11-22 12:00:05, run 1: waiting, the cap of 1 a day is reached",
        "  history  2026-11-22 12:05:05, run 2: requested, request 1 made",
    ]


@pytest.mark.parametrize("text", ["603", "movie:603", "tmdb:movie:603", "The Matrix (1999)", "  THE  matrix "])
def test_why_takes_ids_and_titles_in_any_spelling(cli, store, text):
    record(store, requested(), available("Heat", 949, year=1995))

    assert cli("why", text).lines[0] == "The Matrix (1999)"


def test_why_shows_both_qualities_of_a_title(cli, store):
    record(store, requested(), requested(reason="request 2 made", quality=Quality.UHD))

    lines = cli("why", "603").lines

    assert [line for line in lines if line.startswith("The Matrix")] == [
        "The Matrix (1999)",
        "The Matrix (1999), in 4K",
    ]
    assert [number for number in (1, 2) if any(f"request {number} made" in line for line in lines)] == [1, 2]


def test_why_shows_the_candidates_with_the_command_that_pins_each(cli, store):
    record(store, for_review(imdb="tt0113277"))

    lines = cli("why", "Heat").lines

    assert "  settle   list-sync pin imdb:tt0113277 tmdb:movie:949  # Heat (1995) [movie 949]" in lines
    assert "  settle   list-sync ban imdb:tt0113277" in lines


@pytest.mark.parametrize("text", ["Matrx", "The Matrix Reloaded", "matr"])
def test_why_suggests_titles_where_there_is_none_of_that_name(cli, store, text):
    record(store, requested(), requested(quality=Quality.UHD), available("The Matrix Revolutions", 605, year=2003))

    answer = cli("why", text)

    assert answer.code == 1
    assert f'no list holds a title "{text}", but:' in answer.err
    assert answer.err.splitlines().count("  The Matrix (1999)  (tmdb:movie:603)") == 1


def test_why_says_plainly_that_nothing_comes_near(cli, store):
    record(store, requested())

    answer = cli("why", "zzz")

    assert (answer.code, answer.err) == (1, 'no list holds a title "zzz"\n')


def test_review_shows_what_waits_and_what_settles_it(cli, store):
    record(store, for_review("Heat", 1995), for_review("Lola's [REC]", None), requested())

    answer = cli("review")

    assert "Heat (1995): two films of that name" in answer.lines
    assert "  list-sync pin title:movie:heat:1995 tmdb:movie:949  # Heat (1995) [movie 949]" in answer.lines
    assert "  list-sync ban 'title:movie:lola'\\''s [rec]:'" in answer.lines
    assert answer.lines[-1] == "2 titles to review"


def test_review_of_nothing_says_so(cli, store):
    record(store, requested())

    assert cli("review").lines == ["nothing to review"]


def test_titles_cannot_draw_on_the_terminal(cli, store):
    record(store, for_review("Evil\x1b[2J\nSync completed"))

    assert "\x1b" not in cli("review").out
    assert len(cli("why", "Evil\x1b[2J\nSync completed").lines[0].splitlines()) == 1


def test_status_says_what_the_folder_holds_and_of_which_server(cli, store, home, monkeypatch):
    record(store, requested(), for_review())
    with store.writing() as connection:
        info = ServerInfo(Dialect.SEERR, movie_4k=False, series_4k=False, installation="a")
        recognise_server(connection, HOME, info, address="http://127.0.0.1:5055", at=NOON)

    assert "holds     1 run, 1 list, 2 titles of the server at http://127.0.0.1:5055" in cli("status").lines
    monkeypatch.setenv("OVERSEERR_URL", "http://elsewhere:5055")
    monkeypatch.setenv("OVERSEERR_API_KEY", "key")
    assert any(line.endswith(":5055, which is not OVERSEERR_URL") for line in cli("status").lines)


def test_status_shows_the_rhythm_of_the_daemon_that_runs_here(cli, store, home, monkeypatch):
    monkeypatch.setenv("AUTOMATED_MODE", "false")
    Heartbeat(home / "data" / "heartbeat", rhythm="every 0.02 hours").plan({}, {})

    with FileLock(home / "data" / "daemon.lock"):
        alive = cli("status")

    assert "daemon    alive, syncs every 0.02 hours" in alive.lines
    assert "daemon    none wanted: list-sync run syncs once and ends" in cli("status").lines


def test_without_a_database_the_folder_of_the_demo_is_named(cli, home):
    (home / "data" / "demo").mkdir(parents=True)
    (home / "data" / "demo" / "list_sync.db").touch()

    assert cli("status").lines[-1].endswith("(DATA_DIR); the demo's is in data/demo: DATA_DIR=data/demo")
