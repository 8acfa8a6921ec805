"""What follows from changed files of lists, providers and the drop folder, in a session with real files."""

import json
import logging
import os

import pytest

from list_sync.config import load_settings
from list_sync.daemon.changes import FileChanges
from list_sync.daemon.heartbeat import Heartbeat, find_trouble, find_unclaimed
from list_sync.daemon.watching import LOOK_SECONDS, SETTLED_SECONDS
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.model.sources import FetchState, ListRef
from list_sync.providers import available_providers
from list_sync.providers.custom import load_custom_providers

MATRIX = {"title": "The Matrix", "media_type": "movie", "tmdb_id": 603}
FIGHT_CLUB = {"title": "Fight Club", "media_type": "movie", "tmdb_id": 550}
FILMS = ListRef("file", "films.json")
EXPORT = "Position,Const,Created,Title,Title Type,Year\n1,tt0133093,2020-01-01,The Matrix,Movie,1999\n"
PROVIDER = """
from list_sync.providers import register_provider
from _titles import TITLES

@register_provider("mine")
def fetch(list_id):
    return TITLES
"""


class Folder:
    """A data folder with a session whose changed files are applied, and the syncs that were asked for."""

    def __init__(self, path, open_session, clock, monkeypatch):
        self.drop, self.providers = path / "drop", path / "config" / "providers"
        self.heartbeat = path / "heartbeat"
        for folder in (self.drop, self.providers):
            folder.mkdir(parents=True)
        self._open, self._clock, self._monkeypatch, self._config = open_session, clock, monkeypatch, path / "config"
        self.asked = []
        self.changes = None

    def begin(self, claim_elsewhere=lambda _changed: (), **variables):
        """Start as a daemon does, with these settings in the environment."""
        given = {"DATA_DIR": str(self.drop.parent), "CONFIG_DIR": str(self._config), **variables}
        for name, text in given.items():
            self._monkeypatch.setenv(name, text)
        load_custom_providers(self.providers)
        self.session = self._open(**given)
        self.changes = FileChanges(
            self.session,
            Heartbeat(self.heartbeat),
            self.asked.append,
            steady=self._clock.steady,
            claim_elsewhere=claim_elsewhere,
        )
        self.changes.apply()

    def settle(self):
        """Find what changed and apply it; return the lists that are to be synced."""
        self._clock.pass_by(seconds=LOOK_SECONDS)
        self.changes.check()
        self._clock.pass_by(seconds=SETTLED_SECONDS)
        self.changes.check()
        self.changes.apply()
        asked, self.asked[:] = list(self.asked), []
        assert all(order.mode is SyncMode.FILE for order in asked)
        return [str(source) for order in asked for source in order.lists]

    def write(self, name, *entries):
        (self.drop / name).write_text(json.dumps(entries))


@pytest.fixture
def folder(tmp_path, open_session, clock, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "list_sync.daemon")
    monkeypatch.chdir(tmp_path)
    folder = Folder(tmp_path, open_session, clock, monkeypatch)
    yield folder
    folder.changes.close()


def test_a_changed_file_is_synced_as_its_list_and_read_anew(folder):
    folder.write("films.json", MATRIX)
    folder.begin(FILE_LISTS="films.json,other.json")
    folder.session.sync(mode=SyncMode.AUTOMATED)

    folder.write("films.json", MATRIX, FIGHT_CLUB)

    assert folder.settle() == ["file:films.json"]
    report = folder.session.sync(mode=SyncMode.FILE, only=(FILMS,))
    assert report.counts["requested"] == 1
    assert folder.settle() == []


def test_a_deleted_file_is_named_and_its_list_goes_stale_without_removing_anything(folder, caplog, demo):
    folder.write("films.json", MATRIX)
    folder.begin(FILE_LISTS="films.json")
    folder.session.sync(mode=SyncMode.AUTOMATED)

    (folder.drop / "films.json").unlink()

    assert folder.settle() == ["file:films.json"]
    assert "drop/films.json is gone, and nothing is removed for it: syncing file:films.json" in caplog.messages
    (result,) = folder.session.sync(mode=SyncMode.FILE, only=(FILMS,)).fetched
    assert result.state is FetchState.STALE
    assert [row["tmdb_id"] for row in demo.requests()] == [603]


def test_a_new_file_of_no_list_is_shown_once_and_never_synced(folder, caplog):
    folder.write("old.json", MATRIX)
    folder.begin(FILE_LISTS="films.json")
    assert "old.json" in find_unclaimed(folder.heartbeat)

    folder.write("new.json", MATRIX)
    assert folder.settle() == []
    folder.write("new.json", FIGHT_CLUB)
    assert folder.settle() == []

    told = "drop/new.json belongs to no list: name it in FILE_LISTS to sync it"
    assert [line for line in caplog.messages if "belongs to no list" in line] == [told]
    assert find_unclaimed(folder.heartbeat).startswith("drop/new.json, drop/old.json belong to no list")


def test_a_file_that_a_household_begins_to_sync_is_not_shown_as_one_of_no_list(folder):
    folder.write("old.json", MATRIX)
    claimed = set()
    folder.begin(claim_elsewhere=lambda _changed: claimed)
    assert "old.json" in find_unclaimed(folder.heartbeat)

    claimed.add("old.json")
    folder.changes.tell_unclaimed()

    assert find_unclaimed(folder.heartbeat) == ""


def test_names_of_files_are_shown_as_text_whatever_they_are(folder, caplog):
    folder.begin(IMDB_LISTS_FILE="", IMBD_LISTS="top")

    (folder.drop / os.fsdecode(b"f\xe9lm.csv")).write_text("Title\n")
    for number in range(10):
        folder.write(f"{number}.json", MATRIX)
    assert folder.settle() == []

    assert "drop/0.json, drop/1.json, drop/2.json and 8 more belong to no list" in caplog.text
    for number in range(10):
        (folder.drop / f"{number}.json").unlink()
    assert folder.settle() == []
    assert find_unclaimed(folder.heartbeat).startswith("drop/f\ufffdlm.csv belongs to no list")


def test_an_export_belongs_to_the_list_whose_export_it_is(folder):
    folder.begin(IMDB_LISTS="ls123456789,ls000000002", LETTERBOXD_LISTS="alice/watchlist")

    (folder.drop / "ls123456789.csv").write_text(EXPORT)
    assert folder.settle() == ["imdb:ls123456789"]
    (folder.drop / "letterboxd-alice").mkdir()
    (folder.drop / "letterboxd-alice" / "watchlist.csv").write_text(
        "Date,Name,Year,Letterboxd URI\n2020-01-01,Heat,1995,https://boxd.it/2aGA\n"
    )
    assert folder.settle() == ["letterboxd:alice/watchlist"]
    (folder.drop / "ls123456789.csv").unlink()
    assert folder.settle() == ["imdb:ls123456789"]
    assert find_unclaimed(folder.heartbeat) == ""


def test_new_lists_of_a_file_are_synced_and_removed_ones_are_no_lists_any_more(folder, tmp_path, caplog):
    lists = tmp_path / "lists.txt"
    lists.write_text("one.json\ntwo.json\n")
    folder.begin(FILE_LISTS_FILE=str(lists), IMDB_LISTS="top")

    lists.write_text("# a comment\ntwo.json\nthree.json\n")

    assert folder.settle() == ["file:three.json"]
    assert [str(one) for one in folder.session.settings.household.lists] == [
        "file:two.json",
        "file:three.json",
        "imdb:top",
    ]
    assert f"FILE_LISTS_FILE: {lists} changed: 1 new list, 1 list not set any more" in caplog.messages
    lists.write_text("# another comment\ntwo.json\nthree.json\n")
    assert folder.settle() == []


@pytest.mark.parametrize("broken", [b"", b"top\x80\x81", b"x" * 70_000, None])
def test_a_broken_file_keeps_the_lists_that_it_had_and_is_told_once_until_it_is_right(folder, tmp_path, caplog, broken):
    lists = tmp_path / "lists.txt"
    lists.write_text("one.json\n")
    folder.begin(FILE_LISTS_FILE=str(lists))

    lists.unlink() if broken is None else lists.write_bytes(broken)
    assert folder.settle() == []
    folder.changes.hang_up()
    folder.changes.apply()
    folder.asked.clear()

    assert [str(one) for one in folder.session.settings.household.lists] == ["file:one.json"]
    (told,) = [line for line in caplog.messages if "the lists stay as they were" in line]
    assert told.startswith("FILE_LISTS_FILE: ")
    assert find_trouble(folder.heartbeat) == told

    lists.write_text("one.json\ntwo.json\n")
    assert folder.settle() == ["file:two.json"]
    assert find_trouble(folder.heartbeat) == ""


def test_a_changed_provider_is_loaded_again_with_its_neighbours_and_its_lists_are_read_anew(folder):
    (folder.providers / "mine.py").write_text(PROVIDER)
    (folder.providers / "_titles.py").write_text(f"TITLES = [{MATRIX}]")
    folder.begin(MINE_LISTS="a", FILE_LISTS="films.json")
    folder.session.sync(mode=SyncMode.AUTOMATED)

    (folder.providers / "_titles.py").write_text(f"TITLES = [{MATRIX}, {FIGHT_CLUB}]")
    assert folder.settle() == ["mine:a"]
    (result,) = folder.session.sync(mode=SyncMode.FILE, only=(ListRef("mine", "a"),)).fetched
    assert [item.title for item in result.items] == ["The Matrix", "Fight Club"]

    (folder.providers / "mine.py").write_text("def broken(:\n")
    assert folder.settle() == []
    assert "mine.py line 1" in find_trouble(folder.heartbeat)
    (result,) = folder.session.sync(mode=SyncMode.FILE, only=(ListRef("mine", "a"),)).fetched
    assert len(result.items) == 2

    (folder.providers / "mine.py").unlink()
    assert folder.settle() == ["mine:a"]
    (result,) = folder.session.sync(mode=SyncMode.FILE, only=(ListRef("mine", "a"),)).fetched
    assert (result.state, "mine.py is gone" in result.reason) == (FetchState.FAILED, True)


def test_a_provider_that_appears_later_brings_its_lists(folder):
    folder.providers.rmdir()
    folder.begin(MINE_LISTS="a")
    assert folder.session.settings.household.lists == ()

    folder.providers.mkdir()
    (folder.providers / "_titles.py").write_text(f"TITLES = [{MATRIX}]")
    (folder.providers / "mine.py").write_text(PROVIDER)

    assert folder.settle() == ["mine:a"]
    assert folder.session.settings.household.lists == (ListRef("mine", "a"),)


def test_a_hangup_reads_the_files_again_and_asks_for_one_sync_of_everything(folder, tmp_path):
    lists = tmp_path / "lists.txt"
    lists.write_text("one.json\n")
    folder.begin(FILE_LISTS_FILE=str(lists))

    lists.write_text("one.json\ntwo.json\n")
    folder.changes.hang_up()
    assert folder.changes.check()
    folder.changes.apply()

    assert folder.asked == [RunOrder(mode=SyncMode.MANUAL)]
    assert len(folder.session.settings.household.lists) == 2


def test_the_settings_name_the_files_of_lists(tmp_path):
    (tmp_path / "imdb.txt").write_text("top\n")
    given = {"IMDB_LISTS_FILE": str(tmp_path / "imdb.txt"), "TRAKT_LISTS": "1", "TRAKT_LISTS_FILE": "unused"}

    settings = load_settings(given, providers=available_providers(), dotenv=None)

    assert settings.list_files == {"imdb": tmp_path / "imdb.txt"}
