import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from list_sync.database.copying import backup_file, restore_file
from list_sync.database.engines import READERS
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import open_store
from list_sync.errors import StorageError, StorageUnavailable
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.model.decisions import ItemStatus
from list_sync.model.report import SyncMode
from list_sync.model.servers import HOME
from list_sync.storage.runs import find_runs, start_run
from tests.builders import NOON
from tests.storage.processes import ROOT, as_another_user, hear, let_go, start
from tests.storage.recording import FIRST, find_one, left, read, run

TWO_AT_ONCE = """
from list_sync.model.servers import HOME
from list_sync.model.report import SyncMode
from list_sync.storage.runs import start_run
store = open_store(path)
say("open")
wait()
for _ in range(200):
    with store.writing() as connection:
        start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=NOW, dry_run=False)
store.close()
"""
LOCKING = """
import sqlite3
connection = sqlite3.connect(path, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
say("locked")
wait()
"""
OPENING_NEW = """
say("ready")
wait()
open_store(path).close()
"""


@contextmanager
def open_elsewhere(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def begin(store):
    with store.writing() as connection:
        return start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=NOON, dry_run=False)


def message_of(path, **more):
    with pytest.raises(StorageError) as caught:
        open_store(path, **more)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def pragmas(store, transaction, names):
    with getattr(store, transaction)() as connection:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}


@pytest.mark.parametrize(("transaction", "cache_size"), [("writing", 10000), ("reading", 500)])
def test_every_connection_has_the_settings_of_the_guide_and_readers_small_caches(store, transaction, cache_size):
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10000, "synchronous": 1, "temp_store": 2}
    wanted["cache_size"] = cache_size

    assert pragmas(store, transaction, wanted) == wanted


def test_readers_and_writers_have_few_connections_and_wait_for_a_free_one(path):
    with open_store(path, busy_timeout_seconds=0.05) as store, ExitStack() as held:
        for _ in range(READERS):
            held.enter_context(store.reading())
        with pytest.raises(StorageUnavailable, match="is locked"):
            held.enter_context(store.reading())

        held.enter_context(store.writing())
        with pytest.raises(StorageUnavailable, match="is locked"):
            begin(store)


def fill_and_empty(store):
    """Leave a file most of which is free."""
    with store.writing() as connection:
        connection.exec_driver_sql(f"INSERT INTO provider_memory VALUES ('x', 'big', '{'x' * 1_000_000}')")
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM provider_memory")
    return store.path.stat().st_size


@pytest.mark.parametrize("end", ["rest", "close"])
def test_a_file_that_is_mostly_free_is_made_smaller(path, end):
    store = open_store(path)
    run(store, left(ItemStatus.REQUESTED))
    with open_elsewhere(path) as elsewhere:
        fill_and_empty(store)
        assert elsewhere.execute("PRAGMA page_count").fetchone()[0] > 250
        getattr(store, end)()

        assert elsewhere.execute("PRAGMA freelist_count").fetchone() == (0,)
    store.close()
    assert path.stat().st_size < 500_000
    with open_store(path) as again:
        assert find_one(again, "603").status is ItemStatus.REQUESTED


def test_a_file_stays_as_large_as_it_is_while_a_run_is_under_way(path):
    store = open_store(path)
    fill_and_empty(store)
    with FileLock(path.with_name(RUN_LOCK)):
        store.close()

    assert path.stat().st_size > 1_000_000


def test_a_file_stays_as_large_as_it_is_when_the_disk_is_short(path, monkeypatch):
    store = open_store(path)
    fill_and_empty(store)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 1000, 1000))
    store.close()

    assert path.stat().st_size > 1_000_000


def test_the_statistics_of_queries_are_renewed_at_the_end(path):
    store = open_store(path)
    for tmdb_id in range(600, 640):
        run(store, left(ItemStatus.REQUESTED, tmdb_id=tmdb_id))
        find_one(store, str(tmdb_id))
    store.close()

    with open_elsewhere(path) as elsewhere:
        assert elsewhere.execute("SELECT count(*) FROM sqlite_stat1").fetchone() != (0,)


@pytest.mark.parametrize("name", ["a b", "a?b=c", "50%", "a#b", "ü"])
def test_any_folder_name_will_do(tmp_path, name):
    path = tmp_path / name / "list_sync.db"
    open_store(path).close()

    with open_store(path) as store:
        assert begin(store) == 1
    assert names_in(path.parent) == ["list_sync.db"]


def test_opening_a_current_database_does_not_load_alembic(path):
    script = (
        "import sys; from list_sync.database.store import *;"
        "open_store(Path(sys.argv[1])); print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", script, path]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "False"


def test_a_clean_close_leaves_one_whole_file(path, tmp_path):
    store = open_store(path)
    begin(store)
    assert path.with_name("list_sync.db-wal").exists()
    store.close()

    assert names_in(path.parent) == ["list_sync.db"]
    shutil.copy(path, tmp_path / "copy.db")
    with open_elsewhere(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM sync_history").fetchone() == (1,)


def test_a_close_folds_everything_in_although_somebody_has_the_file_open(path, tmp_path):
    store = open_store(path)
    with open_elsewhere(path) as reader:
        reader.execute("SELECT count(*) FROM lists").fetchone()
        begin(store)
        store.close()
        shutil.copy(path, tmp_path / "copy.db")
    with open_elsewhere(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM sync_history").fetchone() == (1,)


def test_a_close_does_not_fail_because_of_a_long_read(path):
    store = open_store(path)
    with open_elsewhere(path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM lists").fetchone()
        begin(store)
        store.close()
    with open_store(path) as again:
        assert begin(again) == 2


def test_writing_goes_on_while_somebody_reads_and_the_reader_sees_one_state(store):
    with open_elsewhere(store.path) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM synced_items").fetchone() == (0,)
        run(store, left(ItemStatus.REQUESTED), lists=[read(FIRST)])
        assert reader.execute("SELECT count(*) FROM synced_items").fetchone() == (0,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM synced_items").fetchone() == (1,)


def test_an_error_amid_a_result_leaves_no_reader_with_an_old_state(store):
    run(store, left(ItemStatus.WAITING, FIRST))

    def break_off():
        with store.reading() as connection:
            return [row["id"] / 0 for row in connection.exec_driver_sql("SELECT id FROM sync_history").mappings()]

    with pytest.raises(ZeroDivisionError) as kept:
        break_off()
    run(store, left(ItemStatus.WAITING, FIRST))

    with store.reading() as connection:
        assert len(find_runs(connection, HOME)) == 2
    assert kept.value


def test_reading_goes_on_while_somebody_writes(store):
    begin(store)
    with open_elsewhere(store.path) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with store.reading() as connection:
            assert len(find_runs(connection, HOME)) == 1


def begin_and_fail(store):
    with store.writing() as connection:
        start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=NOON, dry_run=False)
        raise ZeroDivisionError


def test_a_failed_write_leaves_nothing_behind(store):
    with pytest.raises(ZeroDivisionError):
        begin_and_fail(store)
    with store.reading() as connection:
        assert find_runs(connection, HOME) == ()


def test_threads_write_through_one_store(store):
    threads = [threading.Thread(target=lambda: [begin(store) for _ in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.reading() as connection:
        assert len(find_runs(connection, HOME, limit=1000)) == 200


def test_two_processes_write_at_once_and_nothing_is_lost(path):
    processes = [start(TWO_AT_ONCE, path) for _ in range(2)]
    assert [hear(process) for process in processes] == ["open", "open"]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()

    assert [let_go(process) for process in processes] == [0, 0]
    with open_store(path) as store, store.reading() as connection:
        assert len(find_runs(connection, HOME, limit=1000)) == 400


def test_two_processes_open_a_new_folder_at_once(tmp_path):
    path = tmp_path / "new" / "list_sync.db"
    processes = [start(OPENING_NEW, path) for _ in range(3)]
    assert [hear(process) for process in processes] == ["ready"] * 3
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()

    assert [let_go(process) for process in processes] == [0, 0, 0]
    with open_store(path) as store, store.reading() as connection:
        assert connection.exec_driver_sql("SELECT version FROM schema_version").scalars().all() == [SCHEMA_VERSION]


def test_a_file_that_is_no_database_is_left_alone(path):
    path.write_bytes(b"hello, this is a text file" * 99)
    before = path.read_bytes()

    assert "is not a database: restore a backup, or move it away to begin a new one" in message_of(path)
    assert path.read_bytes() == before


def test_a_damaged_database_says_so_at_the_start(path):
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 1000)

    assert "is damaged: restore a backup, or move it away to begin a new one" in message_of(path)


def test_damage_found_while_reading_says_so(path):
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))

    with pytest.raises(StorageError, match="is damaged: restore a backup"):
        begin(open_store(path))


def test_a_folder_in_place_of_the_file_says_so(tmp_path):
    assert "is a folder" in message_of(tmp_path)


def test_a_file_in_place_of_the_folder_says_so(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageError, match=r"data: .*check DATA_DIR"):
        open_store(tmp_path / "data" / "list_sync.db")


def test_a_folder_that_cannot_be_written_names_the_user_and_the_folder(open_folder):
    open_folder.chmod(0o555)
    with as_another_user():
        message = message_of(open_folder / "list_sync.db")
        assert f"(uid {os.geteuid()}) write access to it and to the folder {open_folder}" in message


def test_a_file_that_cannot_be_written_is_told_at_the_start(open_folder, new_database):
    path = Path(shutil.copy(new_database, open_folder / "list_sync.db"))
    path.chmod(0o444)
    with as_another_user():
        assert "cannot be written" in message_of(path)


def test_a_folder_that_cannot_be_made_names_itself(open_folder):
    open_folder.chmod(0o555)
    with as_another_user(), pytest.raises(StorageError, match="cannot be written"):
        open_store(open_folder / "data" / "list_sync.db")


def fill_the_disk(store):
    big = "x" * 1_000_000
    with store.writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.exec_driver_sql(f"UPDATE synced_items SET reason = '{big}'")


def test_a_full_disk_says_so_and_the_database_stays_whole(store):
    run(store, left(ItemStatus.REQUESTED, reason="kept"))

    with pytest.raises(StorageError, match=r"list_sync\.db cannot grow, the disk is full: free some space"):
        fill_the_disk(store)
    assert find_one(store, "603").reason == "kept"


def test_a_locked_database_names_the_remedy(path):
    process = start(LOCKING, path)
    assert hear(process) == "locked"
    store = open_store(path, busy_timeout_seconds=0.05)
    with pytest.raises(StorageError, match=r"list_sync\.db is locked: close the program"):
        begin(store)
    let_go(process)
    store.close()


def test_a_broken_table_is_one_line_without_the_values(store):
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE sync_history")

    with pytest.raises(StorageError, match="no such table: sync_history") as caught:
        begin(store)
    assert "2026" not in str(caught.value)


def test_a_backup_is_one_whole_file_taken_while_the_database_is_in_use(store, tmp_path):
    run(store, left(ItemStatus.REQUESTED))
    target = tmp_path / "backup.db"
    target.write_text("an older backup")
    with store.writing() as connection:
        start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=NOON, dry_run=False)
        backup_file(store.path, target)

    assert names_in(tmp_path) == ["backup.db", "data"]
    with open_elsewhere(target) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM sync_history").fetchone() == (1,)
    with open_store(target) as again:
        assert find_one(again, "603").status is ItemStatus.REQUESTED


def test_a_backup_goes_back_under_the_eyes_of_a_reader(store, tmp_path):
    run(store, left(ItemStatus.REQUESTED))
    backup_file(store.path, tmp_path / "backup.db")
    run(store, left(ItemStatus.ALREADY_AVAILABLE), hour=1)

    restore_file(tmp_path / "backup.db", store.path)

    assert find_one(store, "603").status is ItemStatus.REQUESTED


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("missing.db", "copy.db", "missing.db does not exist"),
        ("data/list_sync.db", "data/list_sync.db", "is the database itself"),
        ("data/list_sync.db", "nowhere/copy.db", "nowhere/copy.db"),
        ("text", "copy.db", "text is not a database"),
    ],
)
def test_a_backup_that_cannot_be_made_says_why(path, tmp_path, source, target, message):
    (tmp_path / "text").write_text("no database" * 100)

    with pytest.raises(StorageError, match=message):
        backup_file(tmp_path / source, tmp_path / target)
    assert not (tmp_path / "missing.db").exists()
    assert not list(tmp_path.rglob("*.unfinished"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc to see open files")
def test_a_store_at_rest_holds_no_file_and_works_on(store):
    def held():
        links = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        return [link for link in links if link.name.startswith(store.path.name)]

    run(store, left(ItemStatus.REQUESTED), lists=[read(FIRST)])
    assert held()
    store.rest()

    assert held() == []
    assert find_one(store, "603").lists == ("imdb:ls1",)
