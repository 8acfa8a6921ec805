"""`forget` leaves no bytes of a person in the folder, and no title is requested twice for that."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from list_sync.database.rewriting import rewrite_file
from list_sync.database.store import open_store
from list_sync.demo.catalogue.synthetic import synthetic_title
from list_sync.demo.server.demo_server import DemoServer
from list_sync.errors import StorageUnavailable
from list_sync.forgetting.persons import forget_person
from list_sync.model.access import Deed
from list_sync.storage.audit import note_deed
from tests.fakes.dying import Death, DyingStore
from tests.fakes.shelf import synthetic

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PLANTED = ("wilhelmina", "w.tell@example.org", "mina tell")


@pytest.fixture(scope="module")
def running():
    with DemoServer(synthetic_films=5) as server:
        yield server


@pytest.fixture
def server(running):
    running.reset()
    running.add_user("wilhelmina", address="w.tell@example.org", plex_name="Mina Tell")
    return running


@pytest.fixture
def policy(home):
    (home / "config").mkdir()
    (home / "data" / "drop").mkdir(parents=True)
    titles = [
        {"title": synthetic_title(number), "media_type": "movie", "tmdb_id": synthetic(number).ids.tmdb}
        for number in range(3)
    ]
    (home / "data" / "drop" / "films.json").write_text(json.dumps(titles))
    path = home / "config" / "lists.yaml"
    path.write_text("lists:\n  - source: file:films.json\n    name: Picks of Wilhelmina\n    requester: mina tell\n")
    return path


@pytest.fixture
def house(cli, home, server, policy, monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", server.url)
    monkeypatch.setenv("OVERSEERR_API_KEY", server.api_key)
    assert cli("sync").code == 0
    assert {row["requested_by"] for row in server.requests()} == {2}
    with open_store(home / "data" / "list_sync.db") as store, store.writing() as connection:
        note_deed(connection, "home", Deed(NOW, "wilhelmina", "192.0.2.77", "pin", "movie:603", "done"))
    return cli


def traces(home):
    """Return the files of ListSync itself that hold something of the person, as bytes."""
    files = [path for path in (home / "data").rglob("*") if path.is_file() and path.name != "films.json"]
    texts = {path.name: path.read_bytes().decode("utf-8", "replace").casefold() for path in files}
    return {name for name, text in texts.items() if any(word in text for word in (*PLANTED, "192.0.2.77"))}


@pytest.mark.parametrize("stated", ["2", "Wilhelmina", "mina tell", "W.TELL@example.org"])
def test_by_any_of_the_names_no_bytes_are_left_in_the_data_folder(house, home, stated):
    assert traces(home) == {"list_sync.db"}

    answer = house("forget", stated, "--yes")

    assert answer.code == 0, answer.err
    assert traces(home) == set()
    assert re.search("^3 +requests +kept without the user, so that none is made twice$", answer.out, re.MULTILINE)
    assert "w.tell@example.org" not in answer.out


def test_the_story_of_a_title_says_that_its_user_was_forgotten(house):
    house("forget", "2", "--yes")

    told = " ".join(house("why", synthetic_title(0)).out.split())

    assert "decides: for a forgotten user" in told


def test_the_next_sync_asks_for_nothing_and_names_only_what_the_settings_name(house, home, server, policy):
    house("forget", "2", "--yes")
    policy.write_text("lists:\n  - source: file:films.json\n")

    assert house("sync").code == 0
    assert len(server.requests()) == 3
    assert traces(home) == set()


def test_the_lines_that_bring_the_person_back_are_named_and_not_changed(house, policy):
    before = policy.read_bytes()
    # Our own file, whose examples may have the same names.
    (policy.parent / "lists.schema.json").write_text('{"examples": ["mina tell"]}')

    answer = house("forget", "2", "--yes")

    assert "  list file:films.json: this person is its requester" in answer.lines
    assert [line for line in answer.lines if "lists.yaml, line" in line] == [
        "  config/lists.yaml, line 3",
        "  config/lists.yaml, line 4",
    ]
    assert "schema" not in answer.out
    assert "  household home: user 2 and the requests are still on the server: delete them there" in answer.lines
    assert policy.read_bytes() == before


@pytest.mark.parametrize("stated", ["2", "mina tell"])
def test_a_person_who_left_the_server_is_found_by_what_was_remembered(house, home, server, stated):
    server.delete_user(2)

    assert house("forget", stated, "--yes").code == 0

    with sqlite3.connect(home / "data" / "list_sync.db") as connection:
        assert connection.execute("SELECT count(*) FROM sent_requests WHERE requester_id = 2").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM server_requesters").fetchone() == (0,)


def test_a_dry_run_and_an_answer_without_yes_change_nothing(house, home):
    def rows():
        with sqlite3.connect(home / "data" / "list_sync.db") as connection:
            return [line for line in connection.iterdump() if '"sqlite_' not in line]

    before = rows()

    dry = house("forget", "2", "--dry-run", "--json")
    refused = house("forget", "2")

    assert rows() == before
    told = json.loads(dry.out)
    assert (dry.code, told["dry_run"], told["users"]) == (0, True, {"home": 2})
    assert told["records"]["requests"] == told["records"]["titles"] == 3
    assert refused.code == 4
    assert "add --yes to forget without a question" in refused.err


def test_twice_is_as_once(house, home):
    house("forget", "2", "--yes")
    again = json.loads(house("forget", "2", "--yes", "--json").out)

    assert (again["records"], again["users"]) == ({}, {"home": 2})


def test_a_name_of_several_users_is_refused_and_one_that_no_record_holds_changes_nothing(house, server):
    server.add_user("otto", plex_name="Mina Tell")

    several = house("forget", "Mina Tell", "--yes")
    unknown = house("forget", "nemo", "--yes")

    assert several.code == 2
    assert "is ambiguous, it can be" in several.err
    assert unknown.code == 0
    assert "the records do not name this person" in unknown.out


def test_without_its_server_the_command_says_what_is_missing_and_offline_goes_by_the_records(house, home, monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("RETRY_ATTEMPTS", "0")

    answer = house("forget", "mina tell", "--yes")

    assert answer.code == 3
    assert "forget mina tell --offline" in answer.err
    assert house("forget", "mina tell", "--yes", "--offline").code == 0
    assert house("forget", "2", "--yes", "--offline").code == 0
    with sqlite3.connect(home / "data" / "list_sync.db") as connection:
        assert connection.execute("SELECT count(*) FROM sent_requests WHERE requester_id = 2").fetchone() == (0,)


def test_the_audit_log_says_that_a_person_was_forgotten_and_not_who(house):
    house("forget", "2", "--yes")

    last = json.loads(house("audit", "--json").out)["audit"][0]
    assert (last["actor"], last["action"], last["target"]) == ("list-sync forget", "forget", "a person")


@pytest.mark.parametrize("is_after", [False, True])
def test_after_a_kill_everything_is_there_or_nothing_and_the_command_again_does_the_rest(house, home, is_after):
    with open_store(home / "data" / "list_sync.db") as store, pytest.raises(Death):
        forget_person(DyingStore(store, 1, is_after=is_after), "2", {}, numbers_count_in="home", is_trial=False)
    with sqlite3.connect(home / "data" / "list_sync.db") as connection:
        theirs = connection.execute("SELECT count(*) FROM sent_requests WHERE requester_id = 2").fetchone()
    assert theirs == ((0,) if is_after else (3,))

    assert house("forget", "2", "--yes").code == 0

    assert traces(home) == set()


def test_while_another_program_has_the_database_open_no_bytes_are_left_in_its_log_either(house, home):
    with open_store(home / "data" / "list_sync.db") as other:
        with other.reading() as connection:
            connection.execute(text("SELECT * FROM sent_requests")).all()

        assert house("forget", "2", "--yes").code == 0

        assert traces(home) == set()


def test_a_cache_that_cannot_be_emptied_is_said_and_the_command_is_run_again(house, home, monkeypatch):
    with closing(sqlite3.connect(home / "data" / "cache.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE IF NOT EXISTS others (id)")
        other.execute("BEGIN IMMEDIATE")
        answer = house("forget", "2", "--yes")
    assert answer.code == 1
    assert "data/cache.db cannot be emptied now" in answer.err
    assert "then run the command again" in answer.err

    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9")
    answer = house("forget", "wilhelmina", "--yes")
    assert answer.code == 1
    assert "the cache in Redis (REDIS_URL) cannot be emptied now" in answer.err

    monkeypatch.delenv("REDIS_URL")
    assert house("forget", "wilhelmina", "--yes").code == 0
    assert traces(home) == set()


def test_while_another_program_reads_an_older_state_the_log_is_not_empty_and_that_is_said(house, home):
    path = home / "data" / "list_sync.db"
    with open_store(path) as other, other.reading() as connection:
        connection.execute(text("SELECT * FROM sent_requests")).first()
        with pytest.raises(StorageUnavailable, match="another program reads it"):
            rewrite_file(path, busy_timeout_seconds=0.1)
