"""Damaged databases: recognised before anything is done with them, left as they are, and told with the copy to take."""

import os
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime

import pytest
from sqlalchemy import select

from list_sync.database.copying import backup_file
from list_sync.database.schema import lists, sync_history
from list_sync.database.store import Store, open_store
from list_sync.errors import ListSyncError, ServiceUnavailable, StorageError
from list_sync.model.decisions import ItemStatus
from list_sync.model.servers import HOME
from list_sync.storage.runs import find_runs
from tests.storage.recording import find_one, left, run

PAGE = 4096


@pytest.fixture(scope="module")
def filled(new_database, tmp_path_factory):
    """A database in which most tables and indexes have rows."""
    path = shutil.copy(new_database, tmp_path_factory.mktemp("filled") / "list_sync.db")
    with open_store(path) as store:
        for tmdb_id in range(600, 640):
            run(store, left(ItemStatus.REQUESTED, tmdb_id=tmdb_id), hour=tmdb_id - 600)
    return path


@pytest.fixture
def path(tmp_path, filled):
    (tmp_path / "data").mkdir()
    return shutil.copy(filled, tmp_path / "data" / "list_sync.db")


def overwrite(path, start, content):
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


def read_roots(path, table):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchall()


def change_schema(path, statement, values=()):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
    return rows


def message_at_opening(path):
    before = path.read_bytes()
    with pytest.raises(StorageError) as caught:
        Store(path, is_checked=True).open()
    assert path.read_bytes() == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_whole_database_is_opened(path):
    store = Store(path, is_checked=True)
    store.open()
    assert find_one(store, "603").status is ItemStatus.REQUESTED
    store.close()


@pytest.mark.parametrize("kind", ["noise", "zeros"])
def test_every_page_that_is_overwritten_is_noticed_when_the_database_is_opened(path, kind):
    whole = path.read_bytes()
    noise = random.Random(20261122)
    for number in range(1, len(whole) // PAGE):
        overwrite(path, number * PAGE, noise.randbytes(PAGE) if kind == "noise" else bytes(PAGE))
        assert "list_sync.db is damaged: restore a backup, or move it away" in message_at_opening(path), number
        path.write_bytes(whole)


def test_an_index_that_lacks_a_row_of_its_table_is_noticed(path):
    index = "name = 'idx_synced_items_status'"
    (entry,) = change_schema(path, f"SELECT * FROM sqlite_master WHERE {index}")
    change_schema(path, f"DELETE FROM sqlite_master WHERE {index}")
    change_schema(path, "UPDATE synced_items SET status = 'available' WHERE overseerr_id = 603")
    change_schema(path, "INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", entry)

    assert "is damaged" in message_at_opening(path)


@pytest.mark.parametrize("size", [100, PAGE, 10 * PAGE + 100, -PAGE])
def test_a_file_that_was_cut_short_is_noticed(path, size):
    os.truncate(path, size if size > 0 else path.stat().st_size + size)

    assert "list_sync.db is " in message_at_opening(path)


@pytest.mark.parametrize("start", [0, 18, 100])
def test_a_header_of_garbage_is_noticed(path, start):
    overwrite(path, start, b"\xff" * 60)

    assert "restore a backup, or move it away to begin a new one" in message_at_opening(path)


def test_the_newest_copy_is_named_with_the_command(path):
    data = path.parent
    for number, age in ((1, 3600), (2, 60)):
        backup_file(path, data / f"list_sync.db.backup.{number}")
        os.utime(data / f"list_sync.db.backup.{number}", (1_800_000_000 - age, 1_800_000_000 - age))
    overwrite(path, PAGE, b"\xff" * PAGE)

    assert (
        f"restore the copy of 2027-01-15 07:59 UTC with `list-sync restore {data}/list_sync.db.backup.2`"
        in message_at_opening(path)
    )


def test_damage_that_shows_during_use_keeps_the_database_from_being_opened_again_until_it_is_whole(path):
    whole = path.read_bytes()
    store = Store(path, is_checked=True)
    store.open()
    overwrite(path, PAGE, b"\xff" * (len(whole) - PAGE))
    with pytest.raises(StorageError, match="is damaged"):
        find_one(store, "603")

    with pytest.raises(StorageError, match="is damaged"):
        store.open()
    path.write_bytes(whole)
    store.open()

    assert find_one(store, "603").status is ItemStatus.REQUESTED
    store.close()


def test_values_that_make_no_sense_have_the_whole_file_looked_at_before_it_is_used_again(path):
    store = Store(path, is_checked=True)
    store.open()
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE synced_items SET status = 'garbage'")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ((page,),) = read_roots(path, "pins")
    overwrite(path, (page - 1) * PAGE, b"\xff" * PAGE)

    with pytest.raises(ValueError, match="garbage"):
        find_one(store, "603")
    with pytest.raises(StorageError, match="is damaged"):
        store.open()


@pytest.fixture
def store(path):
    with closing(Store(path, is_checked=True)) as opened:
        opened.open()
        yield opened


def is_checked_when_opened(store):
    """Tell whether the file is read through: damage that nothing has met so far is then found."""
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ((page,),) = read_roots(store.path, "pins")
    overwrite(store.path, (page - 1) * PAGE, b"\xff" * PAGE)
    try:
        store.open()
    except StorageError:
        return True
    return False


def search_for_a_word(connection):
    int("not a number, typed into a search box")


def take_what_is_not_there(connection):
    {}["colour"]


def lose_the_server(connection):
    raise ServiceUnavailable("seerr", "no answer")


def press_ctrl_c(connection):
    raise KeyboardInterrupt


def bind_a_moment_without_a_zone(connection):
    connection.execute(select(sync_history).where(sync_history.c.sync_started < datetime(2026, 1, 1)))  # noqa: DTZ001


def bind_what_no_column_holds(connection):
    connection.exec_driver_sql("SELECT ?", (object(),))


def look_for_text_without_utf8(connection):
    connection.execute(select(lists).where(lists.c.list_id == "\ud83d"))


def add_the_same_key_twice(connection):
    for _ in range(2):
        connection.exec_driver_sql("INSERT INTO provider_memory VALUES ('a', 'b', 'c')")


@pytest.mark.parametrize(
    "mistake",
    [
        search_for_a_word,
        take_what_is_not_there,
        lose_the_server,
        press_ctrl_c,
        bind_a_moment_without_a_zone,
        bind_what_no_column_holds,
        look_for_text_without_utf8,
        add_the_same_key_twice,
    ],
)
@pytest.mark.parametrize("transaction", ["reading", "writing"])
def test_a_mistake_of_the_code_inside_a_transaction_is_not_taken_for_damage(store, mistake, transaction):
    with (
        pytest.raises((ValueError, KeyError, ListSyncError, KeyboardInterrupt)),
        getattr(store, transaction)() as connection,
    ):
        mistake(connection)

    assert not is_checked_when_opened(store)


def test_a_value_that_our_queries_cannot_read_has_the_file_checked(store):
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE sync_history SET sync_started = 'garbage'")
    with pytest.raises(ValueError, match="garbage"), store.reading() as connection:
        find_runs(connection, HOME)

    assert is_checked_when_opened(store)
