"""Changes of lists.yaml in the cases that people meet, and writing them."""

import os
from textwrap import dedent

import pytest

from list_sync.config.policy.editing import add_list, build_edit, change_list, change_policy, remove_list
from list_sync.config.policy.saving import find_obstacle, load_present, save, take_back
from list_sync.errors import ConfigError
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.sources import ListRef
from list_sync.providers import available_providers

TOP, WATCHLIST = ListRef("imdb", "top"), ListRef("plex", "watchlist")
FILE = dedent("""\
    # What we want.
    lists:
      - source: imdb:top   # the best
        name: "The best"
        limit: 50          # enough
      # Of all of us.
      - plex:watchlist
    exclusions:
      - list: the best
""")


def prepare(folder, change):
    path, text = load_present(folder)
    return build_edit(path, text, change, providers=available_providers(), policy=HouseholdPolicy())


@pytest.fixture
def edit(tmp_path):
    """Build a change of a text, and return the text that comes of it."""

    def build(text, change):
        path = tmp_path / "lists.yaml"
        path.write_text(dedent(text), newline="")
        return prepare(tmp_path, change).after

    return build


def test_a_changed_term_changes_its_line_alone_and_keeps_the_comment(edit):
    assert edit(FILE, change_list(TOP, {"limit": "20"})) == FILE.replace("limit: 50 ", "limit: 20 ")


def test_a_list_of_one_line_gets_a_map_when_it_states_more(edit):
    after = edit(FILE, change_list(WATCHLIST, {"enabled": "off", "filters": {"kind": "movie"}}))

    lines = "  - source: plex:watchlist\n    enabled: off\n    filters: {kind: movie}\n"
    assert after == FILE.replace("  - plex:watchlist\n", lines)


def test_a_list_of_the_environment_gets_an_entry_for_its_terms(edit):
    after = edit(FILE, change_list(ListRef("trakt", "alice/one", spelling="Alice/one"), {"quality": "4k"}))

    assert "      - source: trakt:Alice/one\n".removeprefix("    ") in after
    assert "quality: 4k" in after


def test_what_names_a_list_by_its_name_follows_a_new_name_and_a_removal(edit):
    assert "- list: Others" in edit(FILE, change_list(TOP, {"name": "Others"}))
    assert "- list: imdb:top" in edit(FILE, change_list(TOP, {"name": None}))
    assert edit(FILE, remove_list(TOP)).endswith(
        "  # Of all of us.\n  - plex:watchlist\nexclusions:\n  - list: imdb:top\n"
    )


def test_a_list_that_the_file_does_not_state_is_not_removed_from_it(edit):
    with pytest.raises(ConfigError, match="TRAKT_LISTS names it"):
        edit(FILE, remove_list(ListRef("trakt", "alice/one")))


def test_a_list_whose_address_holds_a_key_does_not_come_into_the_file(edit):
    with pytest.raises(ConfigError, match="the address holds a key"):
        edit(FILE, add_list("https://example.com/feed.rss?apikey=abc"))
    with pytest.raises(ConfigError, match="the address holds a key"):
        edit(FILE, change_list(ListRef("file", "https://a:b@example.com/x"), {"enabled": "off"}))


def test_a_value_that_others_repeat_stays_for_them(edit):
    text = """\
        defaults: {server: &ours {profile: A}}
        lists:
          - source: imdb:top
            server: *ours
          - source: plex:watchlist
            server: *ours
    """
    after = edit(text, change_policy({"defaults": {"server": {"profile": "B"}}}))

    assert "defaults: {server: {profile: B}}" in after
    assert after.count("&ours {profile: A}") == after.count("*ours") == 1
    assert "server: {profile: C}" in edit(text, change_list(TOP, {"server": {"profile": "C"}}))
    assert "server: &ours {profile: A}" in edit(text, change_policy({"defaults": None}))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("lists: []  # none yet\n", "lists:  # none yet\n  - plex:watchlist\n"),
        ("brake: on", "brake: on\n\nlists:\n  - plex:watchlist"),
        ("lists: [imdb:top]\n", "lists: [imdb:top, plex:watchlist]\n"),
        ("lists:\n- imdb:top\n\n- imdb:bottom\n", "lists:\n- imdb:top\n\n- imdb:bottom\n\n- plex:watchlist\n"),
        ("{lists: []}", "{lists: [plex:watchlist]}"),
        ("brake: on\r\nlists:\r\n  - imdb:top\r\n", "brake: on\r\nlists:\r\n  - imdb:top\r\n  - plex:watchlist\r\n"),
        ("lists:\n  - source: imdb:top\n    name: >-\n      Two\n      lines\n\n# End\n", None),
        ("? lists\n: - imdb:top\n", "? lists\n: [imdb:top, plex:watchlist]\n"),
        ("---\nlists:\n  - imdb:top\n...\n", "---\nlists:\n  - imdb:top\n  - plex:watchlist\n...\n"),
    ],
)
def test_a_list_is_added_in_the_way_of_the_file(edit, text, wanted):
    after = edit(text, add_list("plex:watchlist"))

    assert after == (wanted or text.replace("\n\n# End", "\n  - plex:watchlist\n\n# End"))


def test_a_wrong_value_and_a_wrong_file_change_nothing_and_are_told(edit):
    with pytest.raises(ConfigError, match=r"quality: .8k. is none of hd, 4k, both"):
        edit(FILE, change_list(TOP, {"quality": "8k"}))
    with pytest.raises(ConfigError, match="is no key"):
        edit("list: []\n", add_list("plex:watchlist"))


def test_the_first_list_makes_a_file_that_takes_nothing_from_the_environment(tmp_path):
    made = prepare(tmp_path / "config", add_list("plex:watchlist"))

    assert made.before is None
    assert save(made)
    assert (tmp_path / "config/lists.yaml").read_text() == made.after
    assert made.file.stated == {"lists", "brake"}


def test_a_file_is_written_with_its_mode_and_its_last_text_beside_it(tmp_path):
    path = tmp_path / "lists.yaml"
    path.write_text(FILE)
    path.chmod(0o604)
    made = prepare(tmp_path, change_list(TOP, {"limit": None}))

    assert save(made)
    assert path.stat().st_mode & 0o777 == 0o604
    assert (tmp_path / "lists.yaml.bak").read_text() == FILE
    later = prepare(tmp_path, change_list(TOP, {"limit": "3"}))
    assert take_back(tmp_path, later.version)
    assert path.read_text() == FILE
    assert not take_back(tmp_path, later.version)


def test_a_file_that_others_changed_since_the_preview_is_not_overwritten(tmp_path):
    path = tmp_path / "lists.yaml"
    path.write_text(FILE)
    made = prepare(tmp_path, remove_list(TOP))
    path.write_text(f"{FILE}# mine\n")

    assert not save(made)
    assert path.read_text() == f"{FILE}# mine\n"


def test_a_link_and_a_file_of_another_user_are_left_alone(tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text(FILE)
    path = tmp_path / "lists.yaml"
    path.symlink_to("mine.yaml")
    with pytest.raises(ConfigError, match="is a link"):
        save(prepare(tmp_path, remove_list(TOP)))
    path.unlink()
    path.write_text(FILE)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert f"belongs to user {os.getuid()}" in find_obstacle(path)
    assert path.read_text() == FILE
