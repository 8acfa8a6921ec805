"""`import --from radarr|sonarr`: a preview, lines of lists.yaml, twice with the same end, and hostile answers."""

import json

import pytest

from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.unit.commands.import_lists import of_radarr, of_sonarr

SECRET = "planted-secret-0123456789"


@pytest.fixture(scope="module")
def running():
    with DemoServer(synthetic_films=5) as server:
        yield server


@pytest.fixture
def server(running):
    running.reset()
    return running


@pytest.fixture
def house(cli, home, server, monkeypatch):
    for name, value in {
        "OVERSEERR_URL": server.url,
        "OVERSEERR_API_KEY": server.api_key,
        "DATA_DIR": "data",
        "RADARR_URL": f"{server.root_url}/_radarr/0",
        "RADARR_API_KEY": ARR_KEY,
        "SONARR_URL": f"{server.root_url}/_sonarr/0",
        "SONARR_API_KEY": ARR_KEY,
    }.items():
        monkeypatch.setenv(name, value)
    return cli


@pytest.fixture
def file(home):
    return home / "config" / "lists.yaml"


def usual_lists():
    return [
        of_radarr("Best", "RadarrListImport", url=f"https://mdblist.com/lists/bob/best/json?apikey={SECRET}"),
        of_radarr("Kids", "IMDbListImport", options={"qualityProfileId": 5, "tags": [1]}, listId="ls055592025"),
        of_radarr("Off", "TMDbListImport", options={"enableAuto": False}, listId="8219"),
        of_radarr("Again", "CustomImport", url="https://mdblist.com/lists/bob/best"),
        of_radarr("Watchlist", "PlexImport", accessToken=SECRET),
        of_radarr("Keyed", "RadarrListImport", url=f"https://example.org/list.json?apikey={SECRET}"),
        of_radarr("Person", "TMDbPersonImport", personId="1"),
    ]


def test_a_dry_run_shows_the_lines_and_writes_nothing(house, server, file, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    server.arrs.of("movie")[0].import_lists = usual_lists()

    answer = house("import", "--from", "radarr", "--dry-run")

    assert answer.code == 1
    assert not file.exists()
    assert max(map(len, answer.lines)) <= 80
    assert "source: mdblist:bob/best" in answer.out
    assert "4 lists" in answer.out
    words = " ".join(answer.out.split())
    assert "run list-sync login plex" in words
    assert "write it into FILE_LISTS" in words
    assert SECRET not in answer.out + answer.err


def test_lists_are_written_once_and_can_be_synced(house, server, file):
    server.arrs.of("movie")[0].import_lists = usual_lists()

    assert house("import", "--from", "radarr").code == 1
    written = file.read_text()
    assert house("check", "--config", str(file)).code == 0
    again = house("import", "--from", "Radarr", "--json")

    assert file.read_text() == written
    assert SECRET not in written
    assert "    server: {profile: Ultra-HD, tags: [kids]}" in written
    assert "    enabled: off" in written
    fates = {one["fate"]: one["count"] for one in json.loads(again.out)["findings"] if one["thing"] == "list"}
    assert fates["here already"] == 5
    assert "taken" not in fates


def test_what_the_user_removed_since_stays_away_and_is_named(house, server, file):
    server.arrs.of("movie")[0].import_lists = usual_lists()[:2]
    server.arrs.of("movie")[0].exclusions = [603, 604]
    house("import", "--from", "radarr", "--exclusions")
    before = "lists:\n  - mdblist:bob/best\nexclusions:\n  - movie: 604\n"
    file.write_text(before)

    preview = house("import", "--from", "radarr", "--exclusions", "--dry-run")
    answer = house("import", "--from", "radarr", "--exclusions")

    assert (preview.code, answer.code, file.read_text()) == (0, 0, before)
    assert "1 list: imported before, and removed since" in preview.out
    assert "1 exclusion: imported before, and removed since" in answer.out


def test_what_could_not_be_written_is_offered_again(house, server, home, file):
    file.parent.mkdir()
    (home / "elsewhere.yaml").write_text("lists: []\n")
    file.symlink_to(home / "elsewhere.yaml")
    server.arrs.of("movie")[0].import_lists = usual_lists()[1:2]
    house("import", "--from", "radarr")
    file.unlink()

    assert house("import", "--from", "radarr").code == 0
    assert "imdb:ls055592025" in file.read_text()


def test_what_people_wrote_counts_more_and_its_comments_stay(house, server, file):
    file.parent.mkdir()
    before = "# mine\nlists:\n  - source: imdb:ls055592025  # the best\n    name: Mine\n"
    file.write_text(before)
    server.arrs.of("movie")[0].import_lists = usual_lists()[:2]

    assert house("import", "--from", "radarr").code == 0

    assert file.read_text().startswith(before)
    assert "source: mdblist:bob/best" in file.read_text()


def test_lists_of_the_environment_are_not_written_twice(house, server, file, monkeypatch):
    monkeypatch.setenv("IMDB_LISTS", "https://www.imdb.com/list/ls055592025/")
    server.arrs.of("movie")[0].import_lists = usual_lists()[1:2]

    answer = house("import", "--from", "radarr")

    assert answer.code == 0
    assert "here already" in answer.out
    assert not file.exists()


def test_one_list_in_both_programs_is_named(house, server):
    address = "https://mdblist.com/lists/bob/best"
    server.arrs.of("movie")[0].import_lists = [of_radarr("Films", "RadarrListImport", url=address)]
    server.arrs.of("tv")[0].import_lists = [of_sonarr("Shows", "CustomImport", baseUrl=address)]

    assert house("import", "--from", "radarr").code == 0
    answer = house("import", "--from", "sonarr")

    assert answer.code == 1
    assert "it takes no shows: remove kind from its filters" in answer.out


def test_exclusions_are_offered_and_written_when_asked_for(house, server, file):
    server.arrs.of("movie")[0].exclusions = [603, 604]
    server.arrs.of("tv")[0].exclusions = [81189, 999_999_999]
    file.parent.mkdir()
    file.write_text("lists: []\nexclusions:\n  - movie: 603\n")

    offered = house("import", "--from", "radarr")
    assert (offered.code, "--exclusions writes them down" in offered.out) == (0, True)
    assert house("import", "--from", "radarr", "--exclusions").code == 0
    shows = house("import", "--from", "sonarr", "--exclusions")

    assert shows.code == 0
    assert "does not find exactly one show" in shows.out
    assert "  - movie: 603\n  - movie: 604\n  - tv: 1396\n" in file.read_text()


def test_a_folder_that_cannot_be_written_gives_the_lines_to_the_user(house, server, home, file):
    server.arrs.of("movie")[0].import_lists = usual_lists()[1:2]
    file.parent.mkdir()
    (home / "elsewhere.yaml").write_text("lists: []\n")
    file.symlink_to(home / "elsewhere.yaml")

    answer = house("import", "--from", "radarr")

    assert answer.code == 1
    assert "add the lines below" in answer.out
    assert "taken:" not in answer.out.splitlines()
    assert "source: imdb:ls055592025" in answer.out
    assert (home / "elsewhere.yaml").read_text() == "lists: []\n"


def test_without_the_request_server_profiles_are_left(house, server, monkeypatch, file):
    monkeypatch.setenv("OVERSEERR_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("RETRY_ATTEMPTS", "0")
    server.arrs.of("movie")[0].import_lists = usual_lists()[1:2]

    answer = house("import", "--from", "radarr")

    assert answer.code == 0
    assert "Quality profiles, root folders and tags were not taken" in answer.out
    assert "server:" not in file.read_text()


def test_more_than_the_file_may_hold_is_not_written(house, server, file):
    server.arrs.of("movie")[0].exclusions = range(10_000, 72_000)

    answer = house("import", "--from", "radarr", "--exclusions")

    assert answer.code == 2
    assert "larger than 1 MB" in answer.err
    assert not file.exists()


@pytest.mark.parametrize(
    ("served", "code", "words"),
    [
        (Served("<html>a page</html>"), 3, "radarr"),
        (Served({"error": SECRET}, status=401), 4, "RADARR_API_KEY was refused"),
        (Served({}), 3, "the list importlist"),
        (Served([None]), 3, "an import list"),
        (Served({}, status=404), 3, "RADARR_URL"),
    ],
)
def test_a_hostile_answer_is_one_plain_sentence(house, monkeypatch, file, served, code, words):
    with ScriptedServer([served]) as other:
        monkeypatch.setenv("RADARR_URL", other.url)
        monkeypatch.setenv("RETRY_ATTEMPTS", "0")
        answer = house("import", "--from", "radarr")

    assert answer.code == code
    assert words in answer.err
    assert SECRET not in answer.err
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "lidarr"), "write radarr or sonarr"),
        (("data", "--exclusions"), "--exclusions belongs to --from"),
        (("data", "--from", "radarr"), "not both"),
    ],
)
def test_what_does_not_go_together_is_refused(house, arguments, words):
    answer = house("import", *arguments)

    assert answer.code == 2
    assert words in answer.err


def test_a_log_in_that_is_there_needs_nothing(house, server, monkeypatch):
    monkeypatch.setenv("PLEX_TOKEN", "a-token-of-the-test")
    server.arrs.of("movie")[0].import_lists = usual_lists()[4:5]

    assert house("import", "--from", "radarr").code == 0


def test_an_address_of_the_other_program_is_named(house, server, monkeypatch, file):
    server.arrs.of("tv")[0].import_lists = [of_sonarr("Shows", "PlexImport")]
    monkeypatch.setenv("RADARR_URL", f"{server.root_url}/_sonarr/0")

    answer = house("import", "--from", "radarr")

    assert answer.code == 2
    assert "RADARR_URL leads to Sonarr" in answer.err
    assert not file.exists()


def test_settings_that_are_missing_are_named(house, monkeypatch):
    monkeypatch.delenv("RADARR_API_KEY")

    answer = house("import", "--from", "radarr")

    assert answer.code == 2
    assert "RADARR_API_KEY must be set" in answer.err
