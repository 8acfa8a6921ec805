"""A database file that is deleted, moved, put back, replaced or emptied while a store has it open."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from list_sync.database.copying import backup_file
from list_sync.database.looking import load_version
from list_sync.database.store import Store, open_store
from list_sync.errors import StorageError
from list_sync.files.lock import RUN_LOCK
from list_sync.model.decisions import ItemStatus
from list_sync.model.report import SyncMode
from list_sync.model.servers import HOME
from list_sync.storage.runs import start_run
from tests.builders import NOON
from tests.storage.recording import find_one, left, run

GONE = r"list_sync\.db is gone: put it back and ListSync goes on, or stop ListSync and restore a backup"


def begin(store):
    with store.writing() as connection:
        return start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=NOON, dry_run=False)


def count_runs(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM sync_history").fetchone()[0]


def delete(path):
    for file in path.parent.glob("list_sync.db*"):
        file.unlink()


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("with_log", [True, False])
def test_a_deleted_file_is_neither_written_any_more_nor_made_anew(store, with_log):
    begin(store)
    delete(store.path) if with_log else store.path.unlink()

    for act in (lambda: begin(store), store.open, lambda: begin(store)):
        with pytest.raises(StorageError, match=GONE):
            act()
    assert not store.path.exists()


def test_a_folder_that_vanished_is_not_made_anew(store):
    shutil.rmtree(store.path.parent)

    with pytest.raises(StorageError, match=GONE):
        store.open()
    assert not store.path.parent.exists()


def test_a_folder_that_was_replaced_by_an_empty_one_stays_empty(store):
    store.path.parent.rename(store.path.parent.with_name("away"))
    store.path.parent.mkdir()

    with pytest.raises(StorageError, match=GONE):
        store.open()
    store.close()
    assert names_in(store.path.parent) == []


def test_a_file_that_was_moved_away_holds_everything_and_is_opened_again_where_it_was(store, tmp_path):
    begin(store)
    away = store.path.rename(tmp_path / "away.db")
    with pytest.raises(StorageError, match=GONE):
        store.open()
    assert count_runs(away) == 1

    away.rename(store.path)
    store.open()

    assert begin(store) == 2


def test_a_copy_that_is_put_in_place_counts_and_gets_nothing_of_the_lost_files_log(store, tmp_path):
    run(store, left(ItemStatus.REQUESTED, reason="in the backup"))
    backup_file(store.path, tmp_path / "backup.db")
    run(store, left(ItemStatus.ALREADY_AVAILABLE), hour=1)
    store.path.unlink()
    with pytest.raises(StorageError, match=GONE):
        store.open()

    shutil.copy(tmp_path / "backup.db", store.path)
    store.open()

    assert find_one(store, "603").reason == "in the backup"
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]


def test_nothing_is_written_into_a_file_that_took_the_place_until_it_is_opened(store, tmp_path):
    shutil.copy(store.path, tmp_path / "other.db")
    begin(store)
    (tmp_path / "other.db").replace(store.path)

    with pytest.raises(StorageError, match=r"list_sync\.db was replaced while ListSync used it"):
        begin(store)
    store.open()
    assert begin(store) == 1


def test_a_file_that_is_put_back_is_brought_up_to_date_or_refused_like_any_other(store):
    store.path.unlink()
    with pytest.raises(StorageError, match=GONE):
        store.open()

    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("CREATE TABLE photos (id INTEGER)")
    with pytest.raises(StorageError, match="belongs to another program"):
        store.open()


def test_a_store_that_lost_its_file_closes_without_a_word(store):
    begin(store)
    delete(store.path)

    store.close()

    assert names_in(store.path.parent) == []


def test_a_store_whose_folder_vanished_closes_without_a_word(store):
    begin(store)
    shutil.rmtree(store.path.parent)

    store.close()

    assert not store.path.parent.exists()


def test_a_store_opens_what_was_never_there(tmp_path):
    store = Store(tmp_path / "new" / "list_sync.db")
    store.open()

    assert begin(store) == 1
    store.close()


def test_a_new_database_where_there_once_was_one_is_warned_of_with_the_copy_to_take(store, caplog):
    store.path.with_name(RUN_LOCK).touch()
    backup_file(store.path, store.path.with_name("list_sync.db.backup.3"))
    store.close()
    store.path.unlink()
    open_store(store.path).close()

    (warning,) = caplog.messages
    assert warning.startswith(
        f"{store.path} is missing, so ListSync creates a new database; to continue with the old one, restore"
    )
    assert warning.endswith("list_sync.db.backup.3`")


def test_the_first_database_of_a_folder_is_begun_without_a_word(tmp_path, caplog):
    open_store(tmp_path / "list_sync.db").close()

    assert caplog.messages == []


def test_an_empty_file_is_a_new_database(tmp_path):
    path = tmp_path / "list_sync.db"
    path.touch()

    with open_store(path) as store:
        assert begin(store) == 1


@pytest.mark.parametrize("trace", ["list_sync.db-wal", RUN_LOCK])
def test_an_empty_file_that_once_was_not_is_no_new_database(tmp_path, trace):
    path = tmp_path / "list_sync.db"
    path.touch()
    (tmp_path / trace).write_bytes(b"1" * (trace != RUN_LOCK))

    for look in (load_version, open_store):
        with pytest.raises(
            StorageError, match=r"list_sync\.db is empty, although it held data before: restore a backup"
        ):
            look(path)
    assert path.stat().st_size == 0
    assert names_in(tmp_path) == sorted(["list_sync.db", trace])


def test_a_log_without_its_database_is_not_thrown_away(tmp_path):
    log = tmp_path / "list_sync.db-wal"
    log.write_bytes(b"what was written last")

    with pytest.raises(StorageError, match=r"list_sync\.db is gone, but the last data is still in .*-wal"):
        open_store(tmp_path / "list_sync.db")
    assert names_in(tmp_path) == [log.name]
    assert log.read_bytes() == b"what was written last"
