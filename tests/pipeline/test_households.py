"""Further households in one daemon: they begin, change and end as their files say, one sync at a time."""

import json
import logging
from contextlib import contextmanager, nullcontext
from functools import partial
from types import SimpleNamespace

import pytest

from list_sync.carrying import carry_out
from list_sync.config import find_state_folder
from list_sync.config.policy.joining import with_dry_run
from list_sync.daemon.heartbeat import heartbeat_of
from list_sync.daemon.households import AGAIN_SECONDS, Households, open_loop
from list_sync.daemon.loop import Loop
from list_sync.daemon.watching import LOOK_SECONDS, SETTLED_SECONDS
from list_sync.demo.server.demo_server import DemoServer
from list_sync.files.lock import FileLock
from list_sync.main import find_further, open_session, prepare_settings
from list_sync.workers import Stop

FILE = """\
server: {{url: "{url}", api_key: {{env: SECOND_KEY}}}}
lists: [{lists}]
"""
FILMS = {"matrix.json": ("The Matrix", 1999, 603), "arrival.json": ("Arrival", 2016, 329865)}


class NoFiles:
    """The files of `home`, none of which changes."""

    def check(self):
        return False

    def apply(self):
        pass

    def apply_settings(self):
        pass

    def suspended(self):
        return nullcontext()


class Place:
    """A data folder with a `home`, and what its households told."""

    def __init__(self, folder, server, clock):
        self.folder = folder / "config" / "households"
        self.server = server
        self.clock = clock
        self.told = []
        self.files = NoFiles()
        self.folder.mkdir(parents=True)

    def write(self, *lists, name="large", url=None):
        text = FILE.format(url=url or self.server.url, lists=", ".join(f"{{source: 'file:{one}'}}" for one in lists))
        (self.folder / f"{name}.yaml").write_text(text)

    @contextmanager
    def households(self):
        settings, stop = prepare_settings(), Stop()
        folder = find_state_folder(settings.process.data_dir)
        lock = FileLock(folder.daemon_lock)

        def open_household(name):
            return open_session(find_further(home.settings, name), stop=stop, is_patient=True)

        def build_loop(session, *parts, **more):
            return Loop(session, *parts, stop=stop, carry_out=partial(carry_out, session), **more)

        open_one = partial(open_loop, open_household, folder, lock, build_loop)
        self.home = home = SimpleNamespace(settings=settings)
        self.claimed = []
        found = Households(
            home,
            self.files,
            open_one,
            self.told.append,
            lambda: self.claimed.append(found.claim(())),
            steady=self.clock.steady,
        )
        self.heartbeat = heartbeat_of(folder, "large")
        try:
            yield found
        finally:
            found.close()

    def follow(self, households):
        """Let files that changed settle, and apply them."""
        for seconds in (LOOK_SECONDS, SETTLED_SECONDS):
            self.clock.pass_by(seconds=seconds)
            households.check()
        households.apply()

    def requested(self):
        return sorted(row["tmdb_id"] for row in self.server.requests())


@pytest.fixture
def place(tmp_path, monkeypatch, clock):
    monkeypatch.chdir(tmp_path)
    drop = tmp_path / "data" / "drop"
    drop.mkdir(parents=True)
    for name, (title, year, tmdb_id) in FILMS.items():
        (drop / name).write_text(
            json.dumps([{"title": title, "year": year, "tmdb_id": tmdb_id, "media_type": "movie"}])
        )
    with DemoServer(post_seconds=0) as server:
        for name, value in {
            "OVERSEERR_URL": "http://127.0.0.1:9",
            "OVERSEERR_API_KEY": "key",
            "SECOND_KEY": server.api_key,
            "SELENIUM_POOL_SIZE": "0",
        }.items():
            monkeypatch.setenv(name, value)
        yield Place(tmp_path, server, clock)


def test_a_household_is_synced_when_its_file_is_there_and_has_its_own_heartbeat(place):
    with place.households() as households:
        assert not households.check()
        place.write("matrix.json")
        place.follow(households)

        assert place.requested() == [603]
        assert json.loads(place.heartbeat.read_text())["rhythm"] == "every 24 hours"
    assert not place.heartbeat.exists()


def test_a_file_that_changes_is_followed(place, caplog):
    caplog.set_level(logging.INFO)
    place.write("matrix.json")
    with place.households() as households:
        households.apply()
        place.write("matrix.json", "arrival.json")
        place.follow(households)

        assert place.requested() == [603, 329865]
        (place.folder / "large.yaml").unlink()
        place.follow(households)
        assert "household large ends, because its file is gone" in caplog.text
        assert not place.heartbeat.exists()


def test_the_files_of_the_drop_folder_are_counted_again_when_a_household_begins_late_or_ends(place):
    with place.households() as households:
        households.apply()
        place.write("matrix.json")
        place.follow(households)
        households.apply()
        (place.folder / "large.yaml").unlink()
        place.follow(households)

        assert ["matrix.json" in files for files in place.claimed] == [True, False]


def test_a_changed_file_of_the_drop_folder_syncs_the_households_whose_lists_it_holds(place, tmp_path):
    place.write("matrix.json")
    with place.households() as households:
        households.apply()
        (tmp_path / "data" / "drop" / "matrix.json").write_text((tmp_path / "data/drop/arrival.json").read_text())

        assert "matrix.json" in households.claim(["arrival.json"])
        households.apply()
        assert place.requested() == [603]
        households.claim(["matrix.json"])
        households.apply()

        assert place.requested() == [603, 329865]


def test_a_hangup_syncs_further_households_as_well(place, tmp_path):
    place.write("matrix.json")
    with place.households() as households:
        households.apply()
        (tmp_path / "data" / "drop" / "matrix.json").write_text((tmp_path / "data/drop/arrival.json").read_text())
        households.apply()
        assert place.requested() == [603]
        households.hang_up()
        assert households.check()
        households.apply()

        assert place.requested() == [603, 329865]
        assert not households.check()


def test_a_wrong_file_stops_its_household_alone_and_is_told_until_it_is_mended(place, caplog):
    place.write("matrix.json")
    (place.folder / "broken.yaml").write_text("server: nowhere\n")
    with place.households() as households:
        households.apply()

        assert place.requested() == [603]
        assert place.told[-1].startswith("household broken: ")
        assert "it is not synced, and the others go on" in caplog.text
        told = len(caplog.records)
        households.apply()
        assert len(caplog.records) == told
        place.write("arrival.json", name="broken")
        place.follow(households)

        assert (place.told[-1], place.requested()) == ("", [603, 329865])


def test_what_fails_in_an_unexpected_way_is_not_tried_until_its_file_changes(place):
    tries = []

    def fail(name):
        tries.append(name)
        raise RuntimeError("a defect")

    place.write("matrix.json")
    with place.households() as households:
        households._open = fail
        with pytest.raises(RuntimeError):
            households.apply()
        assert not households.check()
        households.apply()

    assert tries == ["large"]


def test_a_household_whose_file_becomes_wrong_stays_as_it_was(place, caplog):
    place.write("matrix.json")
    with place.households() as households:
        households.apply()
        (place.folder / "large.yaml").write_text("server: nowhere\n")
        place.follow(households)

        assert "it stays as it was, and the others go on" in caplog.text
        assert place.told[-1].startswith("household large: ")
        assert place.heartbeat.exists()


def test_a_file_that_is_still_written_counts_once_it_has_stayed_the_same(place):
    place.write("matrix.json")
    with place.households() as households:
        households.apply()
        place.write("arrival.json")
        for text in ("", None):
            place.clock.pass_by(seconds=LOOK_SECONDS)
            households.check()
            households.apply()
            assert place.requested() == [603]
            if text is not None:
                (place.folder / "large.yaml").write_text(text)
        place.write("arrival.json")
        place.follow(households)

        assert (place.told, place.requested()) == ([], [603, 329865])


def test_a_household_whose_secret_is_mended_begins_by_itself(place, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    place.write("matrix.json")
    file = place.folder / "large.yaml"
    file.write_text(file.read_text().replace("{env: SECOND_KEY}", f"{{file: {tmp_path}/key}}"))
    with place.households() as households:
        households.apply()
        place.clock.pass_by(seconds=AGAIN_SECONDS)
        assert households.check()
        households.apply()
        assert (place.requested(), caplog.text.count("it is not synced")) == ([], 1)
        (tmp_path / "key").write_text(place.server.api_key)
        place.clock.pass_by(seconds=AGAIN_SECONDS)
        households.apply()

        assert (place.requested(), place.told[-1]) == ([603], "")


def test_dry_run_of_home_counts_for_households_that_run_and_for_those_that_begin(place, tmp_path):
    place.write("matrix.json")
    with place.households() as households:
        households.apply()

        def set_dry_run():
            place.home.settings = with_dry_run(place.home.settings, is_on=True)

        # The page was used during the last sync.
        place.files.apply_settings = set_dry_run
        (tmp_path / "data" / "drop" / "matrix.json").write_text((tmp_path / "data/drop/arrival.json").read_text())
        households.claim(["matrix.json"])
        place.write("arrival.json", name="small")
        place.follow(households)

        assert place.requested() == [603]
