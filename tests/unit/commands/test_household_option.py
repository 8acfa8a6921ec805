"""Two households in one data folder: each has its own server, lists, pins, runs and titles."""

import json

import pytest

from list_sync.daemon.heartbeat import Heartbeat
from list_sync.demo.server.demo_server import DemoServer
from list_sync.files.lock import FileLock
from tests.builders import NOON

FILE = """\
server: {{url: "{url}", api_key: {{env: SECOND_KEY}}}}
defaults: {{quality: {quality}}}
lists:
  - source: file:second.json
    name: Large screen
"""


@pytest.fixture
def two(home, monkeypatch):
    """Two servers, a household for each, and a list for each in the drop folder."""
    monkeypatch.delenv("HOUSEHOLD", raising=False)
    drop = home / "data" / "drop"
    drop.mkdir(parents=True)
    (drop / "first.json").write_text(
        json.dumps([{"title": "Arrival", "year": 2016, "tmdb_id": 329865, "media_type": "movie"}])
    )
    films = [{"title": "The Matrix", "year": 1999, "tmdb_id": 603, "media_type": "movie"}]
    (drop / "second.json").write_text(json.dumps(films))
    with DemoServer(post_seconds=0) as first, DemoServer(post_seconds=0) as second:
        for name, value in {
            "OVERSEERR_URL": first.url,
            "OVERSEERR_API_KEY": first.api_key,
            "SECOND_KEY": second.api_key,
            "FILE_LISTS": "first.json",
            "SELENIUM_POOL_SIZE": "0",
        }.items():
            monkeypatch.setenv(name, value)
        write(home, FILE.format(url=second.url, quality="hd"))
        yield first, second


def write(home, text, name="large.yaml"):
    folder = home / "config" / "households"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def requested(server):
    return [row["tmdb_id"] for row in server.requests()]


def test_each_household_requests_at_its_own_server_and_keeps_its_own_records(cli, two):
    first, second = two

    assert cli("sync").code == 0
    assert cli("sync", "--household", "large").code == 0

    assert (requested(first), requested(second)) == ([329865], [603])
    assert [cli("why", "Arrival").code, cli("why", "Arrival", "--household", "large").code] == [0, 1]
    assert "Large screen decides" in cli("why", "The Matrix", "--household", "large").out
    assert len(json.loads(cli("history", "--json", "--household", "large").out)["runs"]) == 1
    assert "file:second.json" in cli("lists", "--household", "large").out
    assert "file:second.json" not in cli("lists").out


def test_a_title_on_lists_of_both_is_requested_at_both_servers_once(cli, two, home):
    first, second = two
    write(home, FILE.format(url=second.url, quality="hd").replace("second.json", "first.json"))

    for _ in range(2):
        assert cli("sync").code == 0
        assert cli("sync", "--household", "large").code == 0

    assert (requested(first), requested(second)) == ([329865], [329865])
    assert "state    requested" in cli("why", "Arrival", "--household", "large").out


def test_a_single_sync_syncs_every_household_and_a_wrong_file_stops_its_own_alone(cli, two, home, monkeypatch):
    first, second = two
    monkeypatch.setenv("AUTOMATED_MODE", "false")
    write(home, "server: nowhere\n", "broken.yaml")

    answer = cli("run")

    assert (requested(first), requested(second)) == ([329865], [603])
    assert answer.code == 2
    assert "household broken: config/households/broken.yaml:1:1: server" in answer.out


def test_a_single_sync_asks_the_servers_about_no_radarr(cli, two, home, monkeypatch):
    _, second = two
    monkeypatch.setenv("AUTOMATED_MODE", "false")
    write(home, FILE.format(url=second.url, quality="hd") + "    server: {profile: Ultra-HD}\n")

    assert cli("run").code == 1
    assert not any("/service/radarr/" in call.path for call in second.calls)


def test_a_ban_counts_for_its_household_alone(cli, two):
    first, second = two
    cli("ban", "tmdb:movie:603", "--household", "large")
    cli("ban", "tmdb:movie:329865", "--household", "large")

    cli("sync")
    cli("sync", "--household", "large")

    assert (requested(first), requested(second)) == ([329865], [])


def test_two_households_of_one_server_ask_for_a_title_once(cli, two, home, monkeypatch):
    first, _ = two
    write(home, FILE.format(url=first.url, quality="hd"), "same.yaml")
    monkeypatch.setenv("SECOND_KEY", first.api_key)
    monkeypatch.setenv("FILE_LISTS", "first.json,second.json")

    cli("sync")
    answer = cli("sync", "--household", "same")

    assert answer.code == 0
    assert sorted(requested(first)) == [603, 329865]


def test_a_dry_run_of_the_environment_counts_for_every_household(cli, two, monkeypatch):
    _, second = two
    monkeypatch.setenv("DRY_RUN", "true")

    cli("sync", "--household", "large")

    assert requested(second) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("small", "there is no household small, because there is no"),
        ("home2.yml", "there is no household home2.yml"),
    ],
)
def test_a_household_that_does_not_exist_is_named_with_those_that_do(cli, two, name, words):
    answer = cli("status", "--household", name)

    assert answer.code == 2
    assert words in answer.err
    assert "households are home, large" in answer.err


@pytest.mark.parametrize(
    ("name", "option", "words"),
    [
        ("Kids.yaml", "Kids", "name it with small letters, digits and -"),
        ("home.yaml", "home", None),
        ("kids.yml", "kids.yml", "rename it to kids.yaml"),
    ],
)
def test_a_file_with_a_wrong_name_is_refused(cli, two, home, name, option, words):
    write(home, FILE.format(url="http://127.0.0.1:9", quality="hd"), name)

    answer = cli("status", "--household", option)

    assert (answer.code == 2 and words in answer.err) if words else answer.code == 0


def test_a_secret_that_is_not_there_is_named_with_its_key_and_its_place(cli, two, monkeypatch):
    monkeypatch.delenv("SECOND_KEY")

    answer = cli("status", "--household", "large")

    assert answer.code == 2
    assert "large.yaml: server.api_key: SECOND_KEY is not set" in answer.err


def test_a_personal_list_needs_the_credential_of_its_household(cli, two, home, monkeypatch):
    first, _ = two
    monkeypatch.setenv("PLEX_TOKEN", "a" * 20)
    write(home, FILE.format(url=first.url, quality="hd") + "  - source: plex:watchlist\n", "kids.yaml")

    answer = cli("lists", "test", "plex:watchlist", "--household", "kids")

    assert "PLEX_TOKEN" in answer.out + answer.err


def test_check_names_each_household_and_what_is_wrong_with_its_file(cli, two, home):
    write(home, "server: nowhere\n", "broken.yaml")

    answer = cli("check", "--offline")

    assert answer.code == 2
    assert "ok   household large: 1 list (list-sync check --household large)" in answer.lines
    assert any(line.startswith("fix  household broken: config/households/broken.yaml:1:") for line in answer.lines)


def test_status_names_the_other_households_and_their_next_sync(cli, two, home):
    with FileLock(home / "data" / "daemon.lock"):
        Heartbeat(home / "data" / "heartbeat.large").plan({"sync": NOON}, {})
        alive, told = cli("status"), json.loads(cli("status", "--json").out)

    words = "(list-sync status --household large)"
    assert f"household large: next sync at 2026-11-22 12:00:00 {words}" in alive.lines
    assert told["households"] == {"large": "2026-11-22T12:00:00Z"}
    assert f"household large: not synced now {words}" in cli("status").lines


def test_status_says_that_a_living_daemon_does_not_sync_a_household(cli, two, home):
    with FileLock(home / "data" / "daemon.lock"):
        answer = cli("status", "--household", "large")

    assert "daemon    alive, and does not sync the household large: list-sync status says why" in answer.lines


def test_people_with_one_household_do_not_meet_the_word(cli, home):
    pages = [cli(command, "--help").out for command in ("sync", "status", "why", "pin")]

    assert not any("household" in page.lower() for page in pages)
