"""`undo` shows exactly what it does, asks, and does it; without an answer nothing is changed."""

import io
import json

import pytest

from list_sync.demo.catalogue.synthetic import synthetic_title
from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.demo.server.arrs import ArrTitle
from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.shelf import synthetic


@pytest.fixture(scope="module")
def running():
    with DemoServer(synthetic_films=5) as server:
        yield server


@pytest.fixture
def server(running):
    running.reset()
    running.add_user("Ann")
    return running


@pytest.fixture
def house(cli, home, server, monkeypatch):
    for name, value in {
        "OVERSEERR_URL": server.url,
        "OVERSEERR_API_KEY": server.api_key,
        "OVERSEERR_USER_ID": "2",
        "DATA_DIR": "data",
        "FILE_LISTS": "films.json",
    }.items():
        monkeypatch.setenv(name, value)
    films = [
        {"title": synthetic_title(number), "media_type": "movie", "tmdb_id": synthetic(number).ids.tmdb}
        for number in range(3)
    ]
    (home / "data" / "drop").mkdir(parents=True)
    (home / "data" / "drop" / "films.json").write_text(json.dumps(films))
    assert cli("sync").code == 0
    return cli


@pytest.mark.parametrize("columns", [80, 140])
def test_without_a_terminal_the_preview_is_shown_and_nothing_is_changed(house, server, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))

    answer = house("undo", "1")

    assert answer.code == 4
    assert "add --yes" in answer.err
    assert answer.lines[-1] == "3 requests to withdraw, 0 stay as they are"
    assert max(map(len, answer.lines)) <= columns
    assert len(server.requests()) == 3


def test_yes_withdraws_and_history_names_the_run_that_was_undone(house, server):
    answer = house("undo", "1", "--yes")

    assert answer.code == 0
    assert "3 titles of run 1 taken back: undone by run 2" in answer.out
    assert "Sync completed (undo of run 1): 3 taken back; " in answer.out + answer.err
    assert server.requests() == []
    assert "(undo of run 1)" in house("status").out
    again = house("undo", "1", "--yes")
    assert (again.code, again.lines[-1]) == (0, "0 requests to withdraw, 3 stay as they are")
    assert "taken back" in house("why", synthetic_title(0)).out


def test_what_the_server_does_not_withdraw_is_not_counted_as_taken_back(house, server):
    server.faults.down_status, server.faults.down_calls, server.faults.only = 403, 1, "DELETE"

    answer = house("undo", "1", "--yes")

    assert answer.code == 1
    assert "2 titles of run 1 taken back, 1 not: undone by run 2" in answer.out
    assert len(server.requests()) == 1


def test_the_preview_as_json_names_each_request(house, server):
    answer = house("undo", "1", "--json")

    printed = json.loads(answer.out)
    assert answer.code == 4
    assert printed["run_id"] is None
    assert [line["request_id"] for line in printed["lines"]] == [1, 2, 3]
    assert {line["withdraw"] for line in printed["lines"]} == {True}
    assert len(server.requests()) == 3


def test_with_json_nothing_is_asked_on_a_terminal_either(house, server, monkeypatch):
    typed = io.StringIO("y\n")
    typed.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", typed)

    answer = house("undo", "1", "--json")

    assert (answer.code, json.loads(answer.out)["run_id"]) == (4, None)
    assert len(server.requests()) == 3


@pytest.mark.parametrize(("answer", "code", "left"), [("y\n", 0, 0), ("n\n", 4, 3), ("\n", 4, 3)])
def test_on_a_terminal_it_asks_after_the_preview(house, server, monkeypatch, answer, code, left):
    typed = io.StringIO(answer)
    typed.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", typed)

    result = house("undo", "1")

    assert result.code == code
    assert "Withdraw 3 requests of run 1?" in result.out + result.err
    assert len(server.requests()) == left


@pytest.mark.parametrize(("run", "code"), [("9", 4), ("0", 2), ("x", 2), ("99999999999999999999999", 2)])
def test_a_run_that_does_not_exist_is_named(house, run, code):
    assert house("undo", run, "--yes").code == code


@pytest.mark.parametrize(("has_file", "words"), [(False, "Radarr still has it"), (True, "Radarr has downloaded it")])
def test_what_radarr_has_of_an_approved_request_is_said(house, server, monkeypatch, has_file, words):
    monkeypatch.setenv("RADARR_URL", f"{server.root_url}/_radarr/0")
    monkeypatch.setenv("RADARR_API_KEY", ARR_KEY)
    server.approve(1)
    number = synthetic(0).ids.tmdb
    held = ArrTitle(number, None, 1, "/movies", set(), has_file=has_file)
    server.backend.arrs.find("movie", 0).titles[number] = held

    answer = house("undo", "1", "--yes")

    assert words in answer.out
    assert len(server.requests()) == has_file


def test_nothing_is_withdrawn_with_dry_run_set(house, server, monkeypatch):
    monkeypatch.setenv("DRY_RUN", "true")

    answer = house("undo", "1", "--yes")

    assert answer.code == 4
    assert "DRY_RUN" in answer.err
    assert len(server.requests()) == 3


def test_nothing_is_withdrawn_or_applied_during_a_pause(house, server):
    house("plan", "-o", "plan.json")
    house("pause", "1h")

    assert [house("undo", "1", "--yes").code, house("apply", "plan.json").code] == [4, 4]
    assert len(server.requests()) == 3
