"""`import` of a data folder of ListSync 0.6, from the command line, with the demo server."""

import base64
import json
import shutil
import sqlite3
from contextlib import closing

import pytest
import requests
from cryptography.fernet import Fernet

from list_sync.config.encrypted import open_encrypted
from list_sync.errors import StorageUnavailable
from list_sync.files.lock import FileLock
from list_sync.importing import settling
from tests.fakes.former_program import FormerFolder
from tests.fakes.patience import PATIENCE_SECONDS

FILM = 5_000_000
HAVING, GONE, FAILED, NEW, CONFUSED = (FILM + number for number in range(1, 6))


@pytest.fixture
def former(home):
    return FormerFolder(home / "old")


@pytest.fixture
def served(former, demo):
    """A folder of 0.6 whose server has one of the titles that it requested."""
    ask_as_a_person(demo, HAVING)
    former.add_settings(overseerr_url=demo.url, overseerr_api_key=demo.api_key)
    listed = {"source_list_type": "imdb", "source_list_id": "top"}
    former.add_list("imdb", "top").add_title("Having", HAVING, "requested", **listed)
    former.add_title("Gone", GONE, "skipped", **listed)
    return former.add_title("Failed", FAILED, "request_failed", **listed)


def ask_as_a_person(server, number, kind="movie"):
    body = {"mediaType": kind, "mediaId": number, "is4k": False, "seasons": [1]}
    requests.post(
        f"{server.url}/api/v1/request", json=body, headers={"X-Api-Key": server.api_key}, timeout=PATIENCE_SECONDS
    )


def requested(server):
    return {row["tmdb_id"] for row in server.requests()}


def snapshot(folder):
    return {one: one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def rows(query, database="data/list_sync.db"):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def journal():
    return {(number, state) for number, state in rows("SELECT tmdb_id, state FROM sent_requests")}


def end_state(home):
    """Return all that an import leaves, without times."""
    return (
        rows("SELECT server_id, media_type, tmdb_id, state, answer FROM sent_requests ORDER BY id"),
        rows("SELECT item_key, title, status, reason FROM synced_items ORDER BY item_key"),
        rows("SELECT sync_started, status, asked_by FROM sync_history ORDER BY id"),
        rows("SELECT thing, name FROM imported_names ORDER BY thing, name"),
        (home / "config" / "lists.yaml").read_text(),
        open_encrypted(home / "data" / "config.enc", None).load(),
    )


def findings(answer):
    return {(one["fate"], one["thing"], one["reason"]): one for one in json.loads(answer.out)["findings"]}


def sync_wanted(cli, home, monkeypatch, *numbers):
    """Sync one list of these films."""
    drop = home / "data" / "drop"
    drop.mkdir(exist_ok=True)
    lines = [f"{number},Film {number},movie" for number in numbers]
    (drop / "wanted.csv").write_text("\n".join(["tmdb_id,title,type", *lines]))
    monkeypatch.setenv("FILE_LISTS", "wanted.csv")
    return cli("sync", "--list", "file:wanted.csv")


def test_a_folder_is_taken_over_and_the_next_sync_asks_for_exactly_what_is_missing(
    cli, served, home, demo, monkeypatch
):
    served.age()
    before = served.photograph()

    answer = cli("import", "old")

    assert (answer.code, answer.err.count("Error")) == (0, 0)
    assert served.photograph() == before
    assert dict(rows("SELECT title, status FROM synced_items")) == {
        "Having": "already_requested",
        "Gone": "declined",
        "Failed": "waiting",
    }
    assert sync_wanted(cli, home, monkeypatch, HAVING, GONE, FAILED, NEW).code == 0
    assert requested(demo) == {HAVING, FAILED, NEW}
    assert "taken back" in cli("why", f"movie:{GONE}").out
    assert cli("pin", f"movie:{GONE}", f"tmdb:movie:{GONE}").code == 0
    cli("sync", "--list", "file:wanted.csv")
    assert requested(demo) == {HAVING, FAILED, NEW, GONE}


def test_twenty_thousand_rows_are_taken_over_once(cli, former, home):
    states = ("requested", "skipped", "already_available", "request_failed")
    former.add_list("imdb", "top")
    former.insert(
        "synced_items",
        *(
            {
                "title": f"Film {number}",
                "media_type": "movie",
                "overseerr_id": FILM + number // 2,
                "status": states[number % 4],
                "source_list_type": "imdb",
                "source_list_id": "top",
            }
            for number in range(20_000)
        ),
    )

    assert cli("import", "old").code == 0
    once = end_state(home)
    assert (len(once[0]), len(once[1])) == (10_000, 10_000)
    assert cli("import", "old").code == 0
    assert end_state(home) == once


def test_a_dry_run_reports_the_same_and_writes_nothing(cli, served, home):
    before = snapshot(home)

    planned = findings(cli("import", "old", "--dry-run", "--json"))

    assert snapshot(home) == before
    assert planned == findings(cli("import", "old", "--json"))


def test_an_import_that_is_repeated_has_the_same_end(cli, served, home, monkeypatch):
    cli("import", "old")
    once = end_state(home)

    assert cli("import", "old").code == 0
    assert end_state(home) == once

    sync_wanted(cli, home, monkeypatch, HAVING, NEW)
    synced = journal()
    assert cli("import", "old").code == 0
    assert journal() == synced


def test_what_the_user_changed_since_is_not_changed_back(cli, served, home):
    served.add_list("imdb", "boxoffice", "3")
    cli("import", "old")
    lists = home / "config" / "lists.yaml"
    lists.write_text("lists:\n  - source: imdb:boxoffice\n    requester: 5\n")
    cli("config", "set", "OVERSEERR_URL", "--remove")

    answer = cli("import", "old")

    assert lists.read_text() == "lists:\n  - source: imdb:boxoffice\n    requester: 5\n"
    assert "OVERSEERR_URL" not in open_encrypted(home / "data" / "config.enc", None).load()
    assert "imported before, and removed since" in answer.out
    assert "lists.yaml says requester: 5, and 0.6 had user 3" in answer.out


def test_the_data_folder_itself_is_taken_over_and_the_old_files_are_kept(cli, served, home):
    before = served.photograph()
    shutil.move(home / "old", home / "data")

    assert cli("import").code == 0

    kept = {name: (home / "data" / "listsync-0.6" / name).read_bytes() for name in before}
    assert kept == {name: content for name, (content, _) in before.items()}
    assert journal() == {(HAVING, "imported"), (GONE, "imported")}
    once = end_state(home)
    assert cli("import").code == 0
    assert cli("import", "data").code == 0
    assert end_state(home) == once


def test_without_a_server_the_first_sync_compares_the_titles_with_it(cli, former, home, demo, monkeypatch):
    ask_as_a_person(demo, HAVING)
    former.add_title("Having", HAVING, "requested").add_title("Gone", GONE, "skipped")

    answer = cli("import", "old")

    assert answer.code == 0
    assert "the next sync asks the server, before it requests anything" in answer.out
    assert rows("SELECT DISTINCT server_id FROM sent_requests") == [(0,)]
    monkeypatch.setenv("OVERSEERR_URL", demo.url)
    monkeypatch.setenv("OVERSEERR_API_KEY", demo.api_key)
    sync_wanted(cli, home, monkeypatch, HAVING, GONE, NEW)
    assert requested(demo) == {HAVING, NEW}
    assert rows("SELECT count(*) FROM sent_requests WHERE server_id = 0") == [(0,)]


def test_a_number_that_the_server_has_as_the_other_kind_is_decided_anew(cli, served, home, demo):
    ask_as_a_person(demo, 1399, "tv")
    served.add_title("Known as a film", 1399, "already_available").add_title("Without a kind", 1399, "skipped", "None")

    answer = cli("import", "old")

    assert "which 0.6 confused: the next sync decides anew" in answer.out
    found = rows("SELECT media_type, state FROM sent_requests WHERE tmdb_id = 1399 ORDER BY media_type")
    assert found == [("movie", "lost"), ("tv", "imported")]


def test_a_title_without_a_number_is_looked_up_by_its_imdb_id(cli, served, home, demo, monkeypatch):
    served.add_title("The Matrix", None, "skipped", imdb_id="tt0133093").add_title("No id", None, "requested")

    answer = cli("import", "old")

    assert (603, "imported") in journal()
    assert "list-sync ban keeps it away\n    No id" in answer.out


def test_if_most_is_gone_from_the_server_its_titles_wait_for_the_user(cli, served, home, demo, monkeypatch):
    for number in range(100, 120):
        served.add_title(f"Film {number}", FILM + number, "requested")

    answer = cli("import", "old")

    assert answer.code == 1
    assert "list-sync accept-reset" in answer.out
    once = end_state(home)
    assert (cli("import", "old").code, end_state(home)) == (1, once)
    sync_wanted(cli, home, monkeypatch, FILM + 100, FILM + 101)
    assert requested(demo) == {HAVING}
    assert "21 titles: gone from the server" in cli("import", "old").out
    cli("accept-reset", "--keep-away")
    assert cli("import", "old").code == 0


@pytest.mark.parametrize("step", ["show_states", "settle_imported"])
def test_an_import_that_is_cut_off_while_it_settles_titles_is_completed_by_the_next_one(
    cli, served, home, monkeypatch, step
):
    for number in range(100, 120):
        served.add_title(f"Film {number}", FILM + number, "requested", source_list_type="imdb", source_list_id="top")
    cli("import", "old")
    whole = end_state(home)
    shutil.rmtree(home / "data")
    shutil.rmtree(home / "config")

    def fail(*_, **__):
        raise StorageUnavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(settling, step, fail)
        assert cli("import", "old").code != 0

    assert cli("import", "old").code == 1
    assert end_state(home) == whole


def test_a_request_that_people_declined_is_not_made_again(cli, served, home, demo, monkeypatch):
    demo.decline(demo.requests()[0]["id"])
    cli("import", "old")

    sync_wanted(cli, home, monkeypatch, HAVING)

    assert len(demo.requests()) == 1
    assert "declined" in cli("why", f"movie:{HAVING}").out


def test_a_data_folder_that_a_daemon_uses_is_not_replaced(cli, served, home):
    shutil.move(home / "old", home / "data")
    before = (home / "data" / "list_sync.db").read_bytes()

    with FileLock(home / "data" / "daemon.lock"):
        answer = cli("import")

    assert answer.code == 4
    assert "stop it first" in answer.err
    assert (home / "data" / "list_sync.db").read_bytes() == before


def test_the_report_fits_a_terminal_of_80_columns(cli, served, monkeypatch):
    served.add_list("collections", "Alien Collection").add_list("tvdb", "12345")
    monkeypatch.setenv("COLUMNS", "80")

    assert max(map(len, cli("import", "old", "--dry-run").lines)) <= 80


def test_history_is_shown_as_that_of_0_6_and_a_killed_run_as_interrupted(cli, served):
    served.add_run("a", items_requested=3, total_items=9)
    served.add_run("b", status="running", in_progress=1, end_time=None).add_run("c", start_time=None, end_time=None)

    answer = cli("import", "old")

    assert "1 run: without a time" in answer.out
    listed = cli("history").lines
    assert [("ListSync 0.6" in line, "interrupted" in line) for line in listed[1:]] == [(True, True), (True, False)]
    assert "by ListSync 0.6" in cli("status").out


def test_an_import_says_what_comes_next_until_there_is_nothing_to_take(cli, served):
    said = "Next: list-sync check, then list-sync plan"

    assert [said in cli("import", "old", *more).out for more in (["--dry-run"], [], [])] == [False, True, False]


def test_a_film_and_a_show_with_one_number_are_told_apart_in_the_report(cli, served, demo):
    served.add_title("The film", HAVING, "requested").add_title("The show", HAVING, "requested", kind="tv")

    found = findings(cli("import", "old", "--json"))

    gone = next(one for (_, _, reason), one in found.items() if reason.startswith("gone from the server"))
    assert sorted(gone["examples"]) == ["Gone", "The show"]


def test_what_the_environment_sets_is_not_replaced_and_is_named_if_it_differs(cli, served, home, monkeypatch):
    monkeypatch.setenv("SYNC_INTERVAL", "24")
    served.insert("sync_interval", {"interval_hours": 6.0})
    served.add_settings(timezone="Europe/Berlin", frontend_domain="http://nas:3222")

    answer = cli("import", "old")

    assert "set in the environment to another value, which counts" in answer.out
    assert "SYNC_INTERVAL=6" in answer.out
    stored = open_encrypted(home / "data" / "config.enc", None).load()
    assert stored["TZ"] == "Europe/Berlin"
    assert "SYNC_INTERVAL" not in stored


@pytest.mark.parametrize(
    ("word", "quality", "stored"), [("True", "4k", "true"), ("1", "hd", None), ("yes", "hd", None)]
)
def test_titles_were_requested_in_4k_only_if_0_6_took_its_setting_so(cli, former, home, word, quality, stored):
    former.add_settings(overseerr_4k=word, timezone="Europe/Berlin").add_title("Heat", 949, "requested")

    assert cli("import", "old").code == 0
    assert rows("SELECT quality FROM sent_requests") == [(quality,)]
    assert open_encrypted(home / "data" / "config.enc", None).load().get("OVERSEERR_4K") == stored


@pytest.mark.parametrize("place", ["file", "environment", "base64"])
def test_encrypted_settings_are_opened_by_each_key_that_0_6_had(cli, former, home, monkeypatch, place):
    key = Fernet.generate_key()
    former.add_settings(key=key, trakt_client_id="abc123")
    if place == "environment":
        monkeypatch.setenv("ENCRYPTION_KEY", key.decode())
    else:
        (former.path / ".encryption_key").write_bytes(key + b"\n")
    if place == "base64":
        with closing(sqlite3.connect(former.database)) as connection:
            token = connection.execute("SELECT value FROM app_settings").fetchone()[0]
            coded = base64.urlsafe_b64encode(token.encode()).decode()
            connection.execute("UPDATE app_settings SET value = ?", [coded])
            connection.commit()

    assert cli("import", "old").code == 0
    assert open_encrypted(home / "data" / "config.enc", None).load() == {"TRAKT_CLIENT_ID": "abc123"}


@pytest.mark.parametrize(
    ("key", "words"),
    [(None, "is missing or damaged"), (Fernet.generate_key(), "is not the key")],
    # A name that is drawn at random differs between processes, which then collect different tests.
    ids=["missing", "wrong"],
)
def test_a_key_that_is_missing_or_wrong_is_named_and_nothing_is_stored(cli, former, home, monkeypatch, key, words):
    former.add_settings(key=Fernet.generate_key(), trakt_client_id="abc123")
    if key:
        (former.path / ".encryption_key").write_bytes(key)

    answer = cli("import", "old")

    assert answer.code == 1
    assert words in answer.out
    assert not (home / "data" / "config.enc").exists()
    monkeypatch.setenv("TRAKT_CLIENT_ID", "typed")

    answer = cli("import", "old")

    assert answer.code == 0
    assert "1 setting: set in the environment\n    TRAKT_CLIENT_ID" in answer.out


def test_config_enc_is_opened_by_the_passphrase_and_its_settings_count_after_those_of_the_database(
    cli, former, home, demo, monkeypatch
):
    former.add_store("open sesame", overseerr_url=demo.url, api_key=demo.api_key, requester_user_id="1")
    assert "its password was not given" in cli("import", "old", "--dry-run").out
    monkeypatch.setenv("CONFIG_PASSPHRASE", "open sesame")

    assert cli("import", "old").code == 0
    stored = open_encrypted(home / "data" / "config.enc", "open sesame").load()
    assert stored == {"OVERSEERR_URL": demo.url, "OVERSEERR_API_KEY": demo.api_key}


def test_lists_go_where_they_count_if_lists_yaml_cannot_be_written(cli, served, home):
    served.add_list("imdb", "boxoffice").add_list("trakt", "12345", "3")
    (home / "elsewhere").mkdir()
    (home / "config").symlink_to(home / "elsewhere")
    (home / "elsewhere" / "real.yaml").write_text("lists: []\n")
    (home / "elsewhere" / "lists.yaml").symlink_to("real.yaml")

    answer = cli("import", "old")

    assert answer.code == 1
    assert answer.lines[-2:] == ["  - source: trakt:12345", "    requester: 3"]
    assert open_encrypted(home / "data" / "config.enc", None).load()["IMDB_LISTS"] == "top, boxoffice"
    assert (home / "elsewhere" / "real.yaml").read_text() == "lists: []\n"


def test_a_folder_without_a_database_and_one_of_this_version_are_refused(cli, home):
    (home / "empty").mkdir()
    assert cli("import", "empty").code == 2
    cli("import", "empty")
    FormerFolder(home / "old")
    cli("import", "old")

    answer = cli("import")

    assert answer.code == 2
    assert "data holds the data of this version: name the folder of ListSync 0.6" in answer.err


def test_check_names_a_folder_of_0_6_once_and_ends_with_all_its_findings(cli, home, demo, monkeypatch):
    FormerFolder(home / "data")
    monkeypatch.setenv("OVERSEERR_URL", demo.url)
    monkeypatch.setenv("OVERSEERR_API_KEY", demo.api_key)

    answer = cli("check", "--json")

    texts = [one["text"] for one in json.loads(answer.out)["findings"]]
    assert answer.code == 2
    assert ["list-sync import" in text for text in texts].count(True) == 1
    assert "Error" not in answer.err
