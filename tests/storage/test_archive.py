import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from list_sync.backups.adopting import adopt_database, kept_closed
from list_sync.backups.archive import write_archive
from list_sync.database.known_backups import find_backups, find_manifest
from list_sync.database.looking import load_version, require_whole
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import open_store
from list_sync.errors import StorageError
from list_sync.model.decisions import ItemStatus
from tests.builders import NOON
from tests.fakes.patience import PATIENCE_SECONDS
from tests.storage.processes import hear, kill, start
from tests.storage.recording import FIRST, left, read, run

HOLDING = """
from list_sync.files.lock import claimed_folder
with claimed_folder(path):
    say("held")
    wait()
"""
READING = """
store = open_store(path)
with store.reading() as connection:
    connection.exec_driver_sql("SELECT * FROM lists").fetchall()
say("open")
wait()
"""


def archive(target, database, **others):
    files = {name: content.encode() for name, content in others.items()}
    return write_archive(target, database=database, others=files, program="1.0", made_at=NOON)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def execute(path, script):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def query(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "a.tar.gz"


@pytest.fixture
def filled(path):
    with open_store(path) as store:
        run(store, left(ItemStatus.REQUESTED), lists=[read(FIRST)])
    return path


def test_an_archive_says_what_is_in_it_and_nobody_else_may_read_it(path, target):
    manifest = archive(target, path, **{"config.enc": "sealed"})

    assert find_manifest(target) == manifest
    assert (manifest.made_at, manifest.program, manifest.schema) == (NOON, "1.0", SCHEMA_VERSION)
    assert list(manifest.members) == ["list_sync.db", "config.enc"]
    assert target.stat().st_mode & 0o777 == 0o600
    with tarfile.open(target) as opened:
        assert opened.getnames()[0] == "20261122_120000/list-sync-backup.json"
    assert names_in(target.parent) == ["a.tar.gz", "data"]


def test_a_database_is_copied_while_somebody_writes_it(store, target):
    with store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO schema_version (version) VALUES (1)")
        archive(target, store.path)

    assert find_manifest(target).schema == SCHEMA_VERSION


def test_the_next_backup_takes_the_place_of_the_one_before(path, target):
    archive(target, path)
    execute(path, "CREATE TABLE notes (text TEXT)")
    manifest = archive(target, path)

    assert find_manifest(target) == manifest
    assert names_in(target.parent) == ["a.tar.gz", "data"]


def test_a_damaged_database_is_no_backup_and_the_one_before_stays(filled, target):
    archive(target, filled)
    before = target.read_bytes()
    content = bytearray(filled.read_bytes())
    content[4096 * 2 : 4096 * 12] = os.urandom(4096 * 10)
    filled.write_bytes(content)

    with pytest.raises(StorageError, match=r"list_sync\.db is damaged"):
        archive(target, filled)
    assert target.read_bytes() == before
    assert names_in(target.parent) == ["a.tar.gz", "data"]


def break_quietly(path):
    """Damage a database in a way that no reading of it shows, only a look for damage."""
    script = "CREATE TABLE odd (word TEXT); INSERT INTO odd VALUES (NULL); PRAGMA writable_schema = ON;"
    execute(path, f"{script} UPDATE sqlite_master SET sql = 'CREATE TABLE odd (word TEXT NOT NULL)' WHERE name = 'odd'")


def test_damage_that_nobody_noticed_so_far_is_found(filled, target):
    break_quietly(filled)

    with pytest.raises(StorageError, match=r"list_sync\.db is damaged"):
        archive(target, filled)
    with pytest.raises(StorageError, match=r"the database in it is damaged \(NULL value in odd\.word\)"):
        adopt(filled)


def test_what_a_killed_backup_left_is_gone_after_the_next_and_a_living_one_is_left_alone(path, target):
    dead, alive = (target.with_name(f".list-sync-backup-{name}") for name in ("dead", "alive"))
    dead.mkdir()
    (dead / "list_sync.db").write_text("half")
    other = start(HOLDING, alive)
    assert hear(other) == "held"
    archive(target, path)
    assert names_in(target.parent) == [".list-sync-backup-alive", "a.tar.gz", "data"]
    kill(other)
    archive(target, path)

    assert names_in(target.parent) == ["a.tar.gz", "data"]


@pytest.mark.parametrize("place", ["missing", "file"])
def test_a_place_that_cannot_be_written_is_named_with_one_that_can(path, tmp_path, place):
    (tmp_path / "file").write_text("")
    target = tmp_path / place / "a.tar.gz"

    with pytest.raises(StorageError) as caught:
        archive(target, path)
    assert f"{target} cannot be written" in str(caught.value)
    assert str(caught.value).endswith(f"name a file in the data folder, as in {path.parent / 'a.tar.gz'}")


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0, 1.05])
def test_a_disk_without_room_is_told_of_and_nothing_is_left_behind(path, target, share):
    execute(path, "CREATE TABLE noise AS SELECT randomblob(1000000) AS bytes")
    archive(target, path)
    before = target.read_bytes()
    limit = int(path.stat().st_size * share)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # What Python and SQLite see of a full disk is what they see of the largest file that is allowed.
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(StorageError) as caught:
            archive(target, path, filler=os.urandom(2_000_000).hex())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, former)

    assert str(target.parent) in str(caught.value)
    assert target.read_bytes() == before
    assert names_in(target.parent) == ["a.tar.gz", "data"]


def test_an_archive_in_the_data_folder_is_the_newest_backup(path):
    archive(path.with_name("a.tar.gz"), path)

    (found,) = find_backups(path.parent)
    assert (found.path.name, found.made_at, found.schema) == ("a.tar.gz", NOON, SCHEMA_VERSION)
    assert found.made_at > NOON - timedelta(seconds=1)


def adopt(path):
    return adopt_database(path, source=Path("backup"))


def message_of(path):
    with pytest.raises(StorageError) as caught:
        adopt(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_database_of_ours_may_be_restored_and_is_one_file_then(filled):
    execute(filled, "PRAGMA journal_mode = WAL")
    contents = adopt(filled)

    assert (contents.schema, contents.titles, contents.strays) == (SCHEMA_VERSION, 1, 0)
    assert contents.last_sync
    assert query(filled, "PRAGMA journal_mode") == [("delete",)]
    assert names_in(filled.parent) == ["list_sync.db"]


def test_a_database_of_a_newer_version_is_refused_with_advice(filled):
    execute(filled, "INSERT INTO schema_version (version) VALUES (99)")

    assert message_of(filled) == (
        f"backup was made by a newer ListSync (schema 99, this one knows {SCHEMA_VERSION}):"
        " update ListSync, then restore it"
    )


def test_a_database_of_listsync_0_6_is_refused_with_what_to_do(tmp_path):
    execute(tmp_path / "old.db", "CREATE TABLE lists (id); CREATE TABLE synced_items (id)")

    assert "is a backup of ListSync 0.6" in message_of(tmp_path / "old.db")


@pytest.mark.parametrize("script", ["CREATE TABLE recipes (name TEXT)", "VACUUM"])
def test_a_database_of_another_program_is_refused(tmp_path, script):
    execute(tmp_path / "other.db", script)

    assert "belongs to another program" in message_of(tmp_path / "other.db")


def test_a_damaged_database_is_refused(filled):
    content = bytearray(filled.read_bytes())
    content[4096 * 2 : 4096 * 12] = os.urandom(4096 * 10)
    filled.write_bytes(content)

    assert "the database in it is damaged" in message_of(filled)


def test_damage_that_sqlite_tells_of_in_bytes_that_are_no_text_is_damage(filled, target):
    content = filled.read_bytes().replace(b"CREATE TABLE synced_items", b"CREATE \x80ABLE synced_items")
    filled.write_bytes(content)
    shutil.copy(filled, filled.with_name("list_sync.db.backup.3"))

    for look in (load_version, require_whole, lambda path: archive(target, path)):
        with pytest.raises(StorageError, match=r"list_sync\.db is damaged: restore a backup"):
            look(filled)
    assert "the database in it is damaged" in message_of(filled)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "list_sync.db"
    with open_store(path) as store:
        run(store, *(left(ItemStatus.REQUESTED, tmdb_id=number) for number in range(1, 40)), lists=[read(FIRST)])
    return path


places = st.integers(0, 2**20)


@settings(max_examples=60)
@given(st.lists(st.tuples(places, st.binary(min_size=1, max_size=64)), max_size=5), st.one_of(st.none(), places))
def test_a_database_with_any_damage_is_refused_or_sound(sound, tmp_path_factory, damages, cut):
    content = bytearray(sound.read_bytes())
    for place, noise in damages:
        start = place % (len(content) - len(noise))
        content[start : start + len(noise)] = noise
    path = tmp_path_factory.getbasetemp() / "damaged" / "list_sync.db"
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir()
    path.write_bytes(content if cut is None else content[: cut % len(content)])

    try:
        adopt(path)
    except StorageError:
        return
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert query(path, "PRAGMA foreign_key_check") == []
    open_store(path).close()


def test_a_database_that_lacks_what_its_schema_has_is_refused(filled):
    execute(filled, "ALTER TABLE lists DROP COLUMN route")

    assert f"lacks lists.route, which schema {SCHEMA_VERSION} has" in message_of(filled)


def test_rows_that_point_at_nothing_are_taken_out(filled):
    execute(filled, "DELETE FROM synced_items")
    contents = adopt(filled)

    assert (contents.titles, contents.strays) == (0, 2)
    assert query(filled, "SELECT count(*) FROM item_lists") == [(0,)]
    assert query(filled, "PRAGMA foreign_key_check") == []


def test_nobody_gets_into_a_database_that_is_about_to_be_replaced(filled):
    with kept_closed(filled), pytest.raises(sqlite3.OperationalError, match="locked"):
        query_at_once(filled)
    assert names_in(filled.parent) == ["list_sync.db"]


def query_at_once(path):
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        connection.execute("SELECT count(*) FROM lists").fetchall()


def test_a_database_that_somebody_has_open_is_not_replaced(filled):
    other = start(READING, filled)
    assert hear(other) == "open"
    try:
        with pytest.raises(StorageError, match="is locked"), kept_closed(filled, patience_seconds=0.3):
            raise AssertionError
    finally:
        kill(other)
    with kept_closed(filled):
        pass


@pytest.mark.parametrize("content", [None, b"", b"no database" * 1000])
def test_a_database_that_is_damaged_or_missing_may_be_replaced(tmp_path, content):
    path = tmp_path / "list_sync.db"
    if content is not None:
        path.write_bytes(content)
    with kept_closed(path):
        pass

    assert path.exists() == (content is not None)


def test_what_reads_and_writes_archives_is_not_loaded_by_those_who_do_not(path):
    script = (
        "import sys; from pathlib import Path; from list_sync.database.store import open_store;"
        "open_store(Path(sys.argv[1])).close();"
        "assert 'tarfile' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, path], check=True, timeout=PATIENCE_SECONDS)
