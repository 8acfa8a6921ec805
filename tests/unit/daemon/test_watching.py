"""Watching real files: by the notices of the system, and by looking where there are none."""

import os
import shutil
from pathlib import Path

import pytest

from list_sync.daemon.notices import Notices, is_without_notices
from list_sync.daemon.watching import (
    LOOK_SECONDS,
    LOOK_SECONDS_WITHOUT_NOTICES,
    SETTLED_SECONDS,
    Watch,
    Watched,
)
from tests.fakes.patience import wait_until


class NoNotices(Notices):
    """A system that reports no changes, as a network share does not."""

    is_watching = False

    def watch(self, places):
        return True

    def have_arrived(self):
        return False


class Scene:
    """Folders with files, and a watch whose clock stands still unless the test moves it."""

    def __init__(self, folder: Path, clock, *, notices=None, files=()):
        self.clock = clock
        self.looks = 0
        self.watched = Watched(folder / "drop", folder / "config" / "providers", files)
        self.watch = Watch(self.find_watched, steady=clock.steady, notices=notices)
        assert not self.watch.check()

    def find_watched(self):
        self.looks += 1
        return self.watched

    def wait_for_notice(self):
        """Wait until the system reports something; with the clock standing still, only that leads to a look."""
        before = self.looks
        wait_until(lambda: self.watch.check() or self.looks > before, "a notice")

    def settle(self):
        """Let a look find what changed and another one that it stays so; return the changes by name."""
        self.watch.check()
        self.clock.pass_by(seconds=SETTLED_SECONDS)
        self.watch.check()
        return {path.name: is_there for path, is_there in self.watch.take().items()}


@pytest.fixture
def drop(tmp_path):
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "films.csv").write_text("Title\nHeat\n")
    return folder


@pytest.fixture
def scene(tmp_path, clock, drop):
    scene = Scene(tmp_path, clock)
    yield scene
    scene.watch.close()


def test_a_changed_a_new_and_a_deleted_file_are_each_reported_once(scene, drop):
    (drop / "new.csv").write_text("Title\n")
    scene.wait_for_notice()
    assert scene.settle() == {"new.csv": True}

    (drop / "films.csv").write_text("Title\nRonin\n")
    (drop / "new.csv").unlink()
    scene.wait_for_notice()
    assert scene.settle() == {"films.csv": True, "new.csv": False}

    assert scene.settle() == {}


def test_a_file_that_is_still_copied_is_reported_once_it_has_stayed_the_same_for_two_seconds(scene, drop, clock):
    for size in range(1, 6):
        (drop / "growing.csv").write_bytes(b"x" * size)
        if size == 1:
            scene.wait_for_notice()
        assert not scene.watch.check()
        clock.pass_by(seconds=SETTLED_SECONDS * 0.9)

    assert scene.settle() == {"growing.csv": True}


def test_an_editor_that_writes_beside_the_file_and_renames_changes_that_file_alone(scene, drop):
    for name in (".films.csv.swp", "films.csv~", "films.csv.tmp"):
        (drop / name).write_text("half of a fil")
    (drop / "films.csv").rename(drop / "films.csv~")
    (drop / "films.csv.tmp").write_text("Title\nRonin\n")
    (drop / "films.csv.tmp").rename(drop / "films.csv")
    scene.wait_for_notice()

    assert scene.settle() == {"films.csv": True}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_is_given_to_another_user_is_changed(scene, drop):
    os.chown(drop / "films.csv", 4242, -1)
    scene.wait_for_notice()

    assert scene.settle() == {"films.csv": True}


def test_a_folder_that_appears_later_or_is_replaced_is_watched(tmp_path, clock, drop):
    shutil.rmtree(drop)
    scene = Scene(tmp_path, clock)
    assert not scene.watch.check()

    # Made elsewhere and moved: all of it is there at once.
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "films.csv").write_text("Title\nHeat\n")
    (tmp_path / "other").rename(drop)
    assert scene.settle() == {"films.csv": True}

    drop.rename(tmp_path / "away")
    drop.mkdir()
    (drop / "films.csv").write_text("Title\nRonin\n")
    scene.wait_for_notice()
    assert scene.settle() == {"films.csv": True}
    (drop / "films.csv").write_text("Title\nRonin\nHeat\n")
    scene.wait_for_notice()
    assert scene.settle() == {"films.csv": True}
    scene.watch.close()


def test_a_file_in_a_new_folder_of_the_drop_folder_is_found(scene, drop):
    (drop / "exports" / "alice").mkdir(parents=True)
    (drop / "exports" / "alice" / "watchlist.csv").write_text("Title\n")
    scene.wait_for_notice()
    assert scene.settle() == {"watchlist.csv": True}

    (drop / "exports" / "alice" / "watchlist.csv").write_text("Title\nHeat\n")
    scene.wait_for_notice()
    assert scene.settle() == {"watchlist.csv": True}


def swap(folder, number, **files):
    """Replace what a folder shows by one rename, as Kubernetes does for secrets and configurations."""
    (folder / f"..{number}").mkdir()
    for name, text in files.items():
        (folder / f"..{number}" / name).write_text(text)
    (folder / "..data_tmp").symlink_to(f"..{number}")
    (folder / "..data_tmp").rename(folder / "..data")


def test_links_that_are_swapped_change_the_files_behind_them(tmp_path, clock):
    secrets, providers = tmp_path / "secrets", tmp_path / "config" / "providers"
    for folder, name in ((secrets, "imdb"), (providers, "mine.py")):
        folder.mkdir(parents=True)
        swap(folder, 1, **{name: "first"})
        (folder / name).symlink_to(f"..data/{name}")
    scene = Scene(tmp_path, clock, files=[secrets / "imdb"])

    swap(secrets, 2, imdb="second")
    scene.wait_for_notice()
    assert scene.settle() == {"imdb": True}
    swap(providers, 2, **{"mine.py": "second"})
    scene.wait_for_notice()
    assert scene.settle() == {"mine.py": True}
    scene.watch.close()


def test_a_file_alone_is_watched_where_its_link_leads_and_its_neighbours_are_not_read(tmp_path, clock):
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "imdb.txt").write_text("top\n")
    (tmp_path / "imdb.txt").symlink_to(tmp_path / "share" / "imdb.txt")
    scene = Scene(tmp_path, clock, files=[tmp_path / "imdb.txt"])

    (tmp_path / "share" / "imdb.txt").write_text("top\nls1\n")
    (tmp_path / "share" / "other.txt").write_text("x")
    scene.wait_for_notice()

    assert scene.settle() == {"imdb.txt": True}
    scene.watch.close()


def test_pipes_dead_links_tests_and_bytecode_are_no_files(scene, drop, tmp_path):
    providers = tmp_path / "config" / "providers"
    (providers / "__pycache__").mkdir(parents=True)
    (providers / "__pycache__" / "mine.py").write_text("")
    (providers / "test_mine.py").write_text("")
    (providers / "mine.py").write_text("")
    os.mkfifo(drop / "pipe.csv")
    (drop / "dead.csv").symlink_to("nowhere")
    (drop / "loop").symlink_to(".")
    scene.wait_for_notice()

    assert scene.settle() == {"mine.py": True}


def test_names_that_are_no_text_hide_no_other_file(tmp_path, clock, drop):
    folder = os.fsdecode(os.fsencode(drop) + b"/f\xe9lm")
    Path(folder).mkdir()
    scene = Scene(tmp_path, clock)
    for name in (os.fsdecode(b"f\xe9lm.csv"), "films.csv"):
        (drop / name).write_text("Title\nRonin\n")
    scene.wait_for_notice()
    assert set(scene.settle()) == {os.fsdecode(b"f\xe9lm.csv"), "films.csv"}

    (Path(folder) / "inside.csv").write_text("Title\n")
    clock.pass_by(seconds=LOOK_SECONDS)
    assert scene.settle() == {"inside.csv": True}
    scene.watch.close()


def test_during_a_sync_nothing_is_watched_and_what_changed_is_found_after_it(scene, drop, clock):
    looks = scene.looks
    with scene.watch.suspended():
        (drop / "films.csv").write_text("Title\nRonin\n")
        clock.pass_by(hours=1)
        assert not scene.watch.check()
        assert scene.looks == looks

    assert scene.settle() == {"films.csv": True}
    (drop / "films.csv").write_text("Title\nRonin\nHeat\n")
    scene.wait_for_notice()
    assert scene.settle() == {"films.csv": True}


def test_without_notices_changes_are_found_by_looking(tmp_path, clock, drop):
    scene = Scene(tmp_path, clock, notices=NoNotices())
    (drop / "films.csv").write_text("Title\nRonin\n")
    looks = scene.looks

    assert not scene.watch.check()
    assert scene.looks == looks
    clock.pass_by(seconds=LOOK_SECONDS_WITHOUT_NOTICES)
    assert scene.settle() == {"films.csv": True}


def test_among_ten_thousand_files_the_changed_one_is_found_and_no_look_is_taken_while_nothing_happens(
    tmp_path, clock, drop
):
    for number in range(10_000):
        (drop / f"{number}.csv").touch()
    scene = Scene(tmp_path, clock)
    looks = scene.looks
    for _ in range(1_000):
        assert not scene.watch.check()
    assert scene.looks == looks

    (drop / "5000.csv").write_text("Title\nHeat\n")
    scene.wait_for_notice()
    assert scene.settle() == {"5000.csv": True}
    scene.watch.close()


MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /data rw - nfs4 nas:/data rw
31 30 254:1 / /data/drop rw - ext4 /dev/vdb rw
32 22 0:50 / /my\\040films rw shared:7 - fuse.sshfs nas:/films rw
33 22 0:51 / /local rw - fuseblk /dev/sdc1 rw
34 22 0:52 / /over rw - ext4 /dev/sdd rw
35 22 0:53 / /over rw - cifs //nas/over rw
"""


@pytest.mark.parametrize(
    ("path", "is_silent"),
    [
        ("/data", True),
        ("/data/other/deep", True),
        ("/data/drop/films.csv", False),
        ("/my films/films.csv", True),
        ("/local/films.csv", False),
        ("/over", True),
        ("/database", False),
    ],
)
def test_network_shares_are_known_by_their_mount(tmp_path, path, is_silent):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)

    assert is_without_notices([Path(path)], mounts=mounts) == is_silent
    assert not is_without_notices([Path(path)], mounts=tmp_path / "missing")


def test_a_system_that_watches_no_more_is_named_once_and_files_are_looked_at(tmp_path, clock, drop, caplog):
    class NoneLeft(Notices):
        def find_source(self):
            raise RuntimeError("the limit on inotify instances is reached")

    scene = Scene(tmp_path, clock, notices=NoneLeft())
    (drop / "more").mkdir()
    clock.pass_by(seconds=LOOK_SECONDS_WITHOUT_NOTICES)

    assert scene.settle() == {}
    assert len(caplog.messages) == 1
    assert "inotify instances" in caplog.text
