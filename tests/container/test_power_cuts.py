"""Kill -9 of the container at random moments: the database is whole, nothing is doubled, nothing is lost."""

import random
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from list_sync.database.schema import SCHEMA_VERSION
from tests.container.conftest import PROGRAM
from tests.container.engine import Neighbours
from tests.container.home import FIRST_FILM, films, ids
from tests.container.place import ANNAS_ID, KEEP_SECRET, Place, cut_power

NEW_FILMS = 25
ARCHIVE = "nightly.tar.gz"
# Enough for a database whose copying takes a while.
MANY = range(20_000, 60_000)
UNFINISHED_BACKUP = ".list-sync-backup-*"
UNFINISHED_RESTORE = "restore.*"
MOMENTS = random.Random(20261123)


@pytest.fixture(scope="module")
def neighbours():
    neighbours = Neighbours(PROGRAM, synthetic_films=60_000, post_seconds=0.02)
    yield neighbours
    neighbours.close()


@pytest.fixture(scope="module")
def old_place(tmp_path_factory, neighbours):
    """A place that grows from round to round."""
    place = Place(tmp_path_factory.mktemp("place"), neighbours)
    place.prepare(20)
    return place


@pytest.fixture
def prepared_place(tmp_path_factory, neighbours):
    """A place whose server has what was asked for there, and nothing else."""
    neighbours.server.wipe()
    place = Place(tmp_path_factory.mktemp("prepared"), neighbours)
    place.prepare(15)
    return place


def test_during_a_sync(old_place, record_property, round_number):
    before = old_place.content()
    old_place.want(NEW_FILMS)
    container = old_place.run()
    try:
        after = MOMENTS.uniform(0.0, 1.5)
        cut_power(container, after=after, begun=lambda: "sync started" in container.log)
        stage = stage_of(old_place, before)
        record_property(f"cut {stage}", round(after, 2))

        old_place.assert_whole()
        old_place.assert_goes_on(container, before)
    finally:
        container.remove()


def stage_of(place, before):
    runs = place.home.query("SELECT id, status FROM sync_history")
    if len(runs) == len(before["history"]):
        return "before the run"
    if runs[-1][1] != "running":
        return "after the run"
    sent = place.home.query("SELECT count(*) FROM sent_requests WHERE state = 'sent'")[0][0]
    return "with a request under way" if sent else "in the run"


def test_during_the_first_start(tmp_path, neighbours, record_property, round_number):
    neighbours.server.wipe()
    place = Place(tmp_path, neighbours)
    place.want(0)
    container = place.run()
    try:
        after = MOMENTS.uniform(0.0, 0.4)
        cut_power(container, after=after, begun=lambda: any(place.home.data.glob("list_sync.db*")))
        has_database = (place.home.data / "list_sync.db").exists()
        record_property(f"cut with {'a' if has_database else 'no'} database", round(after, 2))

        if has_database:
            place.assert_whole()
        container.start()
        container.wait_for("next sync at")
        assert container.stop()[0] == 0
        place.assert_whole()
    finally:
        container.remove()


def test_during_a_migration(prepared_place, build_next_image, record_property, round_number):
    place = prepared_place
    before = place.content()
    container = place.run(image=build_next_image(4))
    try:
        after = MOMENTS.uniform(0.0, 2.0)
        cut_power(container, after=after, begun=(place.home.data / f"list_sync.db.backup.{SCHEMA_VERSION}").exists)
        version = place.home.query("SELECT max(version) FROM schema_version")[0][0]
        record_property(f"cut {'after it' if version > SCHEMA_VERSION else 'during it'}", round(after, 2))

        place.assert_whole()
        place.assert_goes_on(container, before)
        assert place.home.query("SELECT max(version) FROM schema_version") == [(SCHEMA_VERSION + 1,)]
        assert "padding" not in str(place.home.query("SELECT name FROM sqlite_master"))
    finally:
        container.remove()


@pytest.fixture(scope="module")
def large_place(tmp_path_factory, neighbours):
    """A place with a database of some megabytes, and its archive."""
    neighbours.server.wipe()
    place = Place(tmp_path_factory.mktemp("large"), neighbours)
    place.home.write_list(*films(MANY), name="many.json")
    place.run_to_the_end("list-sync", "sync", "--dry-run", "--list", "file:many.json")
    place.prepare(15)
    return place


def is_whole(archive):
    """Tell whether an archive holds a good database, and a config.enc with its key."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        (database,) = Path(folder).glob("*/list_sync.db")
        assert {path.name for path in database.parent.iterdir()} >= {"config.enc", ".config_key"}
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_during_a_backup(large_place, record_property, round_number):
    before = large_place.content()
    large_place.want(NEW_FILMS)
    archive = large_place.home.data / ARCHIVE
    former = archive.stat().st_mtime_ns if archive.exists() else None
    daemon = large_place.run()
    backing = large_place.run("list-sync", "backup", f"data/{ARCHIVE}")
    try:
        after = MOMENTS.uniform(0.0, 1.0)
        cut_power(backing, after=after, begun=lambda: any(large_place.home.data.glob(UNFINISHED_BACKUP)))
        daemon.kill()
        now = archive.stat().st_mtime_ns if archive.exists() else None
        has_begun = any(large_place.home.data.glob(UNFINISHED_BACKUP))
        stage = "after it" if now != former else "during it" if has_begun else "before it"
        record_property(f"cut {stage}", round(after, 2))

        assert now is None or is_whole(archive)
        large_place.assert_whole()
        large_place.assert_goes_on(daemon, before)
        large_place.run_to_the_end("list-sync", "backup", f"data/{ARCHIVE}")
        assert is_whole(archive)
        assert list(large_place.home.data.glob(UNFINISHED_BACKUP)) == []
    finally:
        for container in (daemon, backing):
            container.remove()


@pytest.fixture(scope="module")
def two_states(tmp_path_factory, neighbours):
    """A place with the archive of an earlier state, whose secrets had another key; and the rows of both states."""
    neighbours.server.wipe()
    place = Place(tmp_path_factory.mktemp("states"), neighbours)
    place.home.write_list(*films(MANY), name="many.json")
    place.run_to_the_end("list-sync", "sync", "--dry-run", "--list", "file:many.json")
    place.prepare(15)
    place.run_to_the_end("list-sync", "backup", f"data/{ARCHIVE}")
    earlier = place.content()
    for name in ("config.enc", ".config_key"):
        (place.home.data / name).unlink()
    place.want(NEW_FILMS)
    ban = f"list-sync ban movie:{FIRST_FILM + 900}"
    place.run_to_the_end("sh", "-c", f"list-sync sync && {ban} && {KEEP_SECRET}")
    return place, earlier, place.content()


def test_during_a_restore(tmp_path, two_states, record_property, round_number):
    prepared, earlier, later = two_states
    place = prepared.copy_to(tmp_path)
    restoring = place.run("list-sync", "restore", f"data/{ARCHIVE}")
    daemon = None
    try:
        after = MOMENTS.uniform(0.0, 1.5)
        cut_power(restoring, after=after, begun=lambda: any(place.home.data.glob(UNFINISHED_RESTORE)))
        has_begun = any(place.home.data.glob(UNFINISHED_RESTORE))
        daemon = place.run()
        place.assert_syncs_and_ends(daemon)

        is_earlier = place.content()["pins and bans"] == earlier["pins and bans"]
        stage = "during it" if has_begun else "after it" if is_earlier else "before it"
        record_property(f"cut {stage}, then {'restored' if is_earlier else 'as before'}", round(after, 2))
        place.assert_nothing_lost(earlier if is_earlier else later)
        assert place.neighbours.requested() == [*ids(range(place.wanted)), ANNAS_ID]
        assert list(place.home.data.glob(UNFINISHED_RESTORE)) == []
        assert len(list(place.home.data.glob("before-restore-*"))) == is_earlier
    finally:
        for container in filter(None, (restoring, daemon)):
            container.remove()
