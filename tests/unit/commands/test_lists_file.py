"""`config init`, `config schema` and `check --config`."""

import json
import re
import stat

import pytest

from list_sync.config.folders import is_lost_with_container
from list_sync.config.policy.reading import read_policy
from list_sync.config.settings import load_settings
from list_sync.model.policy import HouseholdPolicy
from list_sync.providers import available_providers

STATED = {
    "IMDB_LISTS": "top,https://www.imdb.com/list/ls123456789/",
    "TRAKT_LISTS": "joe/horror",
    "OVERSEERR_4K": "true",
    "OVERSEERR_USER_ID": "7",
    "MAX_REQUESTS_PER_RUN": "50",
    "MAX_REQUESTS_PER_DAY": "9",
    "SYNC_SCHEDULE": "0 3 * * 1-5; 0 9 * * 0,6",
}


@pytest.fixture
def state(monkeypatch):
    def set_all(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    return set_all


def test_init_writes_what_is_set_today(cli, home, state):
    state(**STATED)

    answer = cli("config", "init")

    path = home / "config" / "lists.yaml"
    assert answer.code == 0
    assert path.read_text().startswith("# yaml-language-server: $schema=lists.schema.json\n")
    assert {line.split()[0] for line in answer.lines if line.startswith("  ")} == set(STATED)
    household = load_settings(STATED, providers=available_providers(), dotenv=None).household
    file = read_policy(path, providers=available_providers(), policy=HouseholdPolicy())
    assert file.lists == household.lists
    assert file.policy.caps == household.policy.caps
    assert file.policy.defaults.qualities == household.policy.defaults.qualities
    assert file.policy.defaults.requester == "7"
    assert file.policy.defaults.schedule == STATED["SYNC_SCHEDULE"]
    assert file.policy.brake


def test_init_without_any_list_writes_a_file_that_is_right(cli, home):
    assert cli("config", "init").code == 0

    file = read_policy(home / "config" / "lists.yaml", providers={}, policy=HouseholdPolicy())
    assert (file.lists, file.stated) == ((), {"lists", "brake"})


def test_every_comment_of_the_first_file_is_right_when_its_sign_is_removed(cli, home, state):
    state(IMDB_LISTS="bottom", OVERSEERR_4K="true", MAX_REQUESTS_PER_RUN="50")
    cli("config", "init")
    path = home / "config" / "lists.yaml"
    path.write_text(re.sub(r"(?m)^( *)# ( *(?:- )?[a-z_]+:)", r"\1\2", path.read_text()))

    answer = cli("check", "--config", "config/lists.yaml", "--json")

    assert answer.code == 0, answer.err
    assert [one["name"] for one in json.loads(answer.out)["lists"]] == ["", "Best of 1994"]


def test_init_leaves_secrets_and_lists_in_files_where_they_are(cli, home, state):
    (home / "imdb.txt").write_text("top")
    state(FILE_LISTS="https://x.example/a?apikey=0123456789", IMDB_LISTS_FILE="imdb.txt", TRAKT_LISTS="joe/horror")

    answer = cli("config", "init")

    text = (home / "config" / "lists.yaml").read_text()
    assert "0123456789" not in text + answer.out
    assert "stays in FILE_LISTS: its address holds a key or a password" in text
    assert "The lists of IMDB_LISTS_FILE stay in imdb.txt" in text
    assert [line.split()[0] for line in answer.lines if line.startswith("  ")] == ["TRAKT_LISTS"]


def test_init_writes_every_spelling_so_that_it_means_the_same_list(cli, home, state):
    names = ["my films #1.csv", "a: b.csv", "- x.csv", "it's.csv", "[x].csv", "*.csv", "null", 'say "hi".csv']
    state(FILE_LISTS="\n".join(names))

    cli("config", "init")

    file = read_policy(home / "config" / "lists.yaml", providers=available_providers(), policy=HouseholdPolicy())
    assert [ref.list_id for ref in file.lists] == names


def test_init_says_where_it_cannot_write(cli, home, state):
    (home / "taken").touch()
    state(CONFIG_DIR="taken/config")

    answer = cli("config", "init")

    assert answer.code == 2
    assert "taken/config: nothing was written (Not a directory); let user" in answer.err


def test_the_folder_of_the_image_that_is_no_mount_is_told_from_folders_that_stay(tmp_path):
    folder = tmp_path / "usr/src/app/config"
    folder.mkdir(parents=True)

    assert not is_lost_with_container(folder, tmp_path)
    (tmp_path / ".dockerenv").touch()
    assert is_lost_with_container(folder, tmp_path)
    assert not is_lost_with_container(folder.parent, tmp_path)


def test_init_replaces_no_file_and_follows_no_link(cli, home):
    (home / "config").mkdir()
    path = home / "config" / "lists.yaml"
    path.symlink_to(home / "elsewhere.yaml")

    answer = cli("config", "init")

    assert answer.code == 2
    assert "config/lists.yaml is there already: edit it, or move it away first" in answer.err
    assert not (home / "elsewhere.yaml").exists()


def test_the_files_have_the_mode_that_umask_leaves(cli, home, state):
    state(UMASK="077")

    cli("config", "init")

    assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "config").iterdir()} == {0o600}


def test_the_schema_is_printed_or_written_beside_the_file(cli, home):
    schema = json.loads(cli("config", "schema").out)
    answer = cli("config", "schema", "--write")

    assert schema["title"] == "lists.yaml of ListSync"
    assert json.loads((home / "config" / "lists.schema.json").read_text()) == schema
    assert "write this as the first line of config/lists.yaml" in answer.out
    (home / "config" / "lists.yaml").write_text("# yaml-language-server: $schema=lists.schema.json\nlists: []\n")
    assert "first line" not in cli("config", "schema", "--write").out


def test_a_right_file_is_told_in_words(cli, home):
    (home / "new.yaml").write_text(
        "defaults: {max_new_per_day: 20}\ncaps: {per_day: 100}\nlists:\n"
        "- {source: 'imdb:top', name: Best, quality: both, seasons: 'first:2', hold: 1d 12h, requester: alice}\n"
        "- {source: 'trakt:a/b', enabled: off}\n"
    )

    answer = cli("check", "--config", "new.yaml")

    assert (answer.code, answer.lines) == (
        0,
        [
            "ok  new.yaml: 2 lists; by default: at most 20 a day",
            "LIST       NAME  TERMS",
            "imdb:top   Best  HD and 4K, the first 2 seasons, after 1d 12h, requested by alice",
            "trakt:a/b        off",
            "at most 100 a day",
            "the brake is on",
        ],
    )


def test_a_wrong_file_is_told_with_all_its_faults(cli, home):
    (home / "new.yaml").write_text("caps: 3\nlist: []\n")

    answer = cli("check", "--config", "new.yaml")

    assert answer.code == 2
    assert "new.yaml:1:1: caps: a map belongs here" in answer.err
    assert "new.yaml:2:1: list is no key; is it lists?" in answer.err


def test_a_file_of_a_further_household_is_checked_as_such(cli, home, monkeypatch):
    (home / "households").mkdir()
    (home / "households" / "alice.yaml").write_text("lists: []\n")

    assert "alice.yaml:1:1: server is missing" in cli("check", "--config", "households/alice.yaml").err
    monkeypatch.chdir(home / "households")
    assert "alice.yaml:1:1: server is missing" in cli("check", "--config", "alice.yaml").err


def test_a_file_that_is_not_there_is_told(cli):
    answer = cli("check", "--config", "nowhere.yaml")

    assert answer.code == 2
    assert "nowhere.yaml: it cannot be read (No such file or directory)" in answer.err
