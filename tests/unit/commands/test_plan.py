"""A plan shows what a sync would do and sends no write; apply sends what still holds and tells of the rest."""

import json
import os
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import requests

from list_sync.correcting import plan_files
from list_sync.correcting.plan_files import read_plan, require_place, write_plan
from list_sync.demo.catalogue.synthetic import synthetic_title
from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.demo.server.arrs import ArrTitle
from list_sync.demo.server.demo_server import DemoServer
from list_sync.errors import ConfigError
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.shelf import synthetic

FILMS = 5


def film(number):
    return {"title": synthetic_title(number), "media_type": "movie", "tmdb_id": synthetic(number).ids.tmdb}


@pytest.fixture(scope="module")
def running():
    with DemoServer(synthetic_films=40) as server:
        yield server


@pytest.fixture
def server(running):
    running.reset()
    running.reset_counts()
    return running


@pytest.fixture
def house(cli, home, server, monkeypatch):
    for name, value in {
        "OVERSEERR_URL": server.url,
        "OVERSEERR_API_KEY": server.api_key,
        "DATA_DIR": "data",
        "FILE_LISTS": "films.json",
    }.items():
        monkeypatch.setenv(name, value)
    write(home, *range(FILMS))
    return cli


def write(folder, *numbers):
    (folder / "data" / "drop").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "drop" / "films.json").write_text(json.dumps([film(number) for number in numbers]))


def edit(folder, change):
    path = folder / "plan.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def applied(house):
    answer = house("apply", "plan.json", "--json")
    return answer.code, {line["tmdb_id"] - synthetic(0).ids.tmdb: line for line in json.loads(answer.out)["lines"]}


def requested(server):
    return sorted(row["tmdb_id"] - synthetic(0).ids.tmdb for row in server.requests())


def test_a_plan_sends_no_write_and_apply_requests_exactly_what_it_says(house, home, server):
    answer = house("plan", "-o", "plan.json")

    assert answer.code == 0, answer.err
    assert answer.lines[-1] == "5 titles"
    assert [line[:1] for line in answer.lines].count("+") == FILMS
    assert server.writes == 0
    assert (home / "plan.json").stat().st_mode & 0o777 == 0o640

    write(home, 9, *range(FILMS))
    code, lines = applied(house)

    assert code == 0
    assert requested(server) == list(range(FILMS))
    assert {line["status"] for line in lines.values()} == {"requested"}


def ask_as(server, user, number):
    answer = requests.post(
        f"{server.url}/api/v1/request",
        json={"mediaType": "movie", "mediaId": synthetic(number).ids.tmdb, "is4k": False},
        headers={"X-Api-Key": server.api_key, "X-API-User": str(user)},
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code == 201


def test_a_line_that_is_ticked_out_is_left_to_the_next_sync(house, home, server):
    house("plan", "-o", "plan.json")
    edit(home, lambda plan: plan["lines"][1].update(apply=False))

    code, lines = applied(house)

    assert code == 0
    assert requested(server) == [0, 2, 3, 4]
    assert set(lines) == {0, 2, 3, 4}
    again = house("apply", "plan.json")
    assert "1 left out" in again.out
    assert "Sync completed: 1 list; 4 already requested, 1 left to the next sync; " in again.out + again.err
    assert house("sync").code == 0
    assert requested(server) == list(range(FILMS))


def test_each_line_that_does_not_hold_says_what_changed(house, home, server, monkeypatch):
    monkeypatch.setenv("MAX_REQUESTS_PER_DAY", "5")
    house("plan", "-o", "plan.json")
    ask_as(server, server.add_user(name="Bob"), 0)
    write(home, 0, 2, 3, 4)
    server.blocklist("movie", synthetic(2).ids.tmdb)
    for number in range(10, 14):
        ask_as(server, 1, number)

    code, lines = applied(house)

    assert code == 0
    assert requested(server) == [0, 3, 10, 11, 12, 13]
    assert lines[0]["reason"].startswith("already requested by Bob")
    assert lines[1]["reason"] == "not on the list any more"
    assert lines[2]["status"] == "blocklisted"
    assert lines[3]["done"]
    assert lines[4]["status"] == "waiting"
    assert "MAX_REQUESTS_PER_DAY=5 is reached" in lines[4]["reason"]


def test_a_plan_of_another_policy_is_refused(house, server, monkeypatch):
    house("plan", "-o", "plan.json")
    monkeypatch.setenv("MAX_REQUESTS_PER_RUN", "1")

    answer = house("apply", "plan.json")

    assert answer.code == 4
    assert "the policy" in answer.err
    assert server.writes == 0


def test_a_list_that_cannot_be_read_is_not_called_one_that_the_title_left(house, home, server, monkeypatch):
    monkeypatch.setenv("FILE_LISTS", "films.json,gone.json")
    house("plan", "-o", "plan.json")
    write(home, 1)

    code, lines = applied(house)

    assert code == 1
    assert requested(server) == [1]
    assert lines[0]["reason"] == "not on the list any more, or on a list that was not read"


def test_applying_twice_requests_nothing_twice(house, server):
    house("plan", "-o", "plan.json")
    applied(house)

    code, lines = applied(house)

    assert code == 0
    assert len(server.requests()) == FILMS
    assert {line["status"] for line in lines.values()} == {"already_requested"}


def test_no_users_are_read_for_titles_that_are_requested_and_not_in_the_plan(house, home, server):
    house("sync")
    write(home, *range(FILMS + 1))
    house("plan", "-o", "plan.json")
    server.reset_counts()

    code, lines = applied(house)

    assert (code, list(lines)) == (0, [FILMS])
    assert not any("/user" in call.path for call in server.calls)


def test_the_server_may_be_restarted_and_requests_approved_or_deleted_between_plan_and_apply(house, server):
    house("plan", "-o", "plan.json")
    for number in (0, 1):
        ask_as(server, 1, number)
    server.approve(1)
    server.delete_request(2)
    server.blocklist("movie", synthetic(2).ids.tmdb)
    server.crash()
    server.revive()

    code, lines = applied(house)

    assert code == 0
    assert [lines[number]["status"] for number in range(FILMS)] == [
        "already_requested",
        "requested",
        "blocklisted",
        "requested",
        "requested",
    ]
    assert {row["tmdb_id"] - synthetic(0).ids.tmdb for row in server.requests()} == {0, 1, 3, 4}


def test_a_server_that_is_down_leaves_the_lines_undone_and_says_so(house, server):
    house("plan", "-o", "plan.json")
    server.faults.down_status, server.faults.down_calls, server.faults.only = 503, 1, "POST"

    code, lines = applied(house)

    assert code == 3
    assert not any(line["done"] for line in lines.values())
    assert "next run takes over" in lines[0]["reason"]


def test_a_plan_of_another_household_is_refused(house, home, server):
    house("plan", "-o", "plan.json")
    write_plan(replace(read_plan(home / "plan.json"), household="attic"), home / "plan.json")

    answer = house("apply", "plan.json")

    assert answer.code == 4
    assert "that of household attic" in answer.err


def test_an_old_plan_is_refused(house, home):
    house("plan", "-o", "plan.json")
    made = read_plan(home / "plan.json")
    write_plan(replace(made, expires_at=made.made_at), home / "plan.json")

    answer = house("apply", "plan.json")

    assert answer.code == 4
    assert "is older than 24 hours" in answer.err


def test_what_is_not_in_the_plan_keeps_its_state_and_its_lists(house, home, server):
    write(home, 0)
    house("plan", "-o", "plan.json")
    write(home, 0, 1)
    house("apply", "plan.json")

    assert requested(server) == [0]
    assert "would_request" in house("why", synthetic_title(1)).out


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda plan: plan["lines"][0].update(tmdb_id=5_000_009), "was changed"),
        (lambda plan: plan["lines"].pop(), "was changed"),
        (lambda plan: plan.update(expires_at="2099-01-01T00:00:00Z"), "was changed"),
        (lambda plan: plan.update(comment="mine"), "was changed"),
        (lambda plan: plan.pop("digest"), "was changed"),
        (lambda plan: plan.update(lines=7), "was changed"),
        (lambda plan: plan.update(format_version=2), "format_version 2"),
        (lambda plan: plan.update(format_version="1"), "no format_version"),
        (lambda plan: plan["lines"][0].update(apply="perhaps"), "lines.0.apply"),
    ],
)
def test_a_plan_that_was_edited_otherwise_is_refused_with_the_reason(house, home, server, change, reason):
    house("plan", "-o", "plan.json")
    edit(home, change)

    answer = house("apply", "plan.json")

    assert answer.code == 4
    assert reason in answer.err
    assert server.writes == 0


@pytest.mark.parametrize(
    "content", [b"", b"[1]", b"{", b"\xff\xfe{", b"[" * 60_000, b'{"format_version": 1e999}', b"\0" * 100, b"nul"]
)
def test_a_file_that_is_no_plan_is_refused(house, home, content):
    (home / "plan.json").write_bytes(content)

    answer = house("apply", "plan.json")

    assert answer.code == 4
    assert "plan.json is no plan of list-sync" in answer.err


def test_a_plan_that_is_too_long_to_be_read_again_is_not_saved(house, home, monkeypatch):
    monkeypatch.setattr(plan_files, "MOST_LINES", 4)

    answer = house("plan", "-o", "plan.json")

    assert answer.code == 4
    assert "5 lines, more than 4" in answer.err
    assert not (home / "plan.json").exists()


def test_a_file_that_is_missing_is_named(house):
    answer = house("apply", "nowhere.json")

    assert answer.code == 2
    assert "nowhere.json cannot be read" in answer.err


def test_a_plan_is_as_good_in_another_layout_and_with_a_byte_order_mark(house, home, server):
    house("plan", "-o", "plan.json")
    document = json.loads((home / "plan.json").read_text())
    text = json.dumps(dict(reversed(document.items())), indent=7)
    (home / "plan.json").write_text("\ufeff" + text, encoding="utf-8")

    assert applied(house)[0] == 0
    assert len(server.requests()) == FILMS


def test_a_plan_of_another_installation_is_refused(house, monkeypatch):
    house("plan", "-o", "plan.json")
    with DemoServer(synthetic_films=40) as other:
        monkeypatch.setenv("OVERSEERR_URL", other.url)
        monkeypatch.setenv("OVERSEERR_API_KEY", other.api_key)
        answer = house("apply", "plan.json")

        assert answer.code == 4
        assert "another server" in answer.err
        assert other.writes == 0


def test_check_says_by_its_exit_code_whether_there_is_something_to_do(house, home, server):
    assert house("plan", "--check").code == 5
    assert house("plan").code == 0
    house("sync")
    answer = house("plan", "--check")

    assert (answer.code, answer.lines[-1]) == (0, "nothing to do")
    (home / "data" / "drop" / "films.json").write_text("[")
    assert house("plan", "--check").code == 1


def test_the_printed_object_is_the_plan_that_is_saved(house, home):
    answer = house("plan", "--json", "-o", "plan.json")

    assert json.loads(answer.out) == json.loads((home / "plan.json").read_text())


def test_a_run_that_ends_early_makes_no_plan_and_does_not_say_that_there_is_nothing_to_do(
    house, home, server, monkeypatch
):
    monkeypatch.setenv("RETRY_ATTEMPTS", "0")
    server.faults.down_status, server.faults.down_calls = 503, 500

    answer = house("plan", "--json", "-o", "plan.json")

    assert answer.code == 3
    assert json.loads(answer.out)["summary"].startswith("there is no plan")
    assert not (home / "plan.json").exists()


def test_a_plan_holds_for_a_day(house, home):
    house("plan", "-o", "plan.json")
    plan = json.loads((home / "plan.json").read_text())

    made, expires = (datetime.fromisoformat(plan[name]) for name in ("made_at", "expires_at"))

    assert (expires - made).total_seconds() == 24 * 3600


def test_a_place_that_cannot_hold_the_plan_is_refused_before_anything_is_read(house, server):
    answer = house("plan", "-o", "nowhere/plan.json")

    assert answer.code == 2
    assert server.reads == 0


def test_a_folder_that_may_not_be_written_is_refused_with_one_that_may():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            with pytest.raises(ConfigError, match=r"plan\.json cannot be written: .* as in data/plan\.json"):
                require_place(Path(folder) / "plan.json", Path("data"))
        finally:
            if is_root:
                os.seteuid(0)


def test_the_last_line_says_how_much_room_the_titles_take(house, server, monkeypatch):
    monkeypatch.setenv("RADARR_URL", f"{server.root_url}/_radarr/0")
    monkeypatch.setenv("RADARR_API_KEY", ARR_KEY)
    monkeypatch.setenv("MAX_REQUESTS_PER_DAY", "20")
    server.backend.arrs.find("movie", 0).titles[1] = ArrTitle(1, None, 1, "/movies", set(), has_file=True)

    answer = house("plan")

    room = "about 5.0 GB of 1.0 TB free (an estimate by the median of what is there)"
    assert answer.lines[-1] == f"5 titles, 20 a day for each requester, {room}"


def test_a_radarr_that_does_not_answer_is_named_and_the_plan_is_whole(house, monkeypatch):
    monkeypatch.setenv("RADARR_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("RADARR_API_KEY", ARR_KEY)
    monkeypatch.setenv("RETRY_ATTEMPTS", "0")

    answer = house("plan")

    assert (answer.code, answer.lines[-1]) == (0, "5 titles")
    assert "how much room the titles take is not known: radarr: 127.0.0.1:9 cannot be reached" in answer.err


def test_a_plan_changes_nothing_in_whose_turn_is_next(house, home, server, monkeypatch):
    (home / "config").mkdir()
    (home / "config" / "lists.yaml").write_text("caps: {per_day: 2}\nlists: [{source: 'file:films.json'}]")

    plans = [json.loads(house("plan", "--json").out)["lines"] for _ in range(2)]
    house("sync")

    wanted = [[line["tmdb_id"] for line in plan if line["kind"] == "request"] for plan in plans]
    assert wanted[0] == wanted[1]
    assert requested(server) == [number - synthetic(0).ids.tmdb for number in wanted[0]] == [0, 1]


@pytest.mark.parametrize("columns", [80, 140])
def test_lines_fit_the_terminal(house, home, server, monkeypatch, columns):
    monkeypatch.setenv("MAX_REQUESTS_PER_RUN", "2")
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LOG_LEVEL", "ERROR")

    answer = house("plan", "-o", "plan.json")

    shown = answer.lines[answer.lines.index("file:films.json: 2 to request, 3 waiting") :]
    assert max(map(len, shown)) <= columns
    assert shown.count("    MAX_REQUESTS_PER_RUN=2 is reached; asked for in a later run") <= 1
    assert answer.lines[-1] == "5 titles (3 of them wait)"
