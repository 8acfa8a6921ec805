"""A database of ListSync 0.6 is read in any state, and nothing is ever written beside it."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from list_sync.database.old_database import open_old
from list_sync.database.store import open_store
from list_sync.errors import ConfigError, StorageError, StorageUnavailable
from tests.fakes.former_program import FormerFolder


@pytest.fixture
def former(tmp_path):
    return FormerFolder(tmp_path / "old").add_title("Heat", 949, "requested")


def numbers(former):
    with open_old(former.database) as old:
        return [number for (number,) in old.rows("synced_items", "overseerr_id")]


def test_nothing_changes_in_the_folder_not_even_times(former):
    former.age()
    before = former.photograph()

    assert numbers(former) == [949]
    assert former.photograph() == before


def test_columns_and_tables_that_an_older_release_did_not_have_are_empty(former):
    former.execute("ALTER TABLE synced_items DROP COLUMN tmdb_id; DROP TABLE app_settings;")

    with open_old(former.database) as old:
        assert list(old.rows("synced_items", "title", "tmdb_id")) == [("Heat", None)]
        assert list(old.rows("app_settings", "key", "value")) == []


def test_a_virtual_table_is_refused_however_it_is_written(former):
    text = "CREATE  VIRTUAL TABLE odd USING fts5(a)"
    former.execute(
        "CREATE TABLE odd (a); PRAGMA writable_schema = ON;"
        f" UPDATE sqlite_master SET sql = '{text}', rootpage = 0 WHERE name = 'odd';"
    )

    with pytest.raises(StorageError, match="has the virtual table odd"):
        numbers(former)


def test_a_transaction_that_was_cut_off_is_undone_in_a_copy(former, tmp_path):
    with closing(sqlite3.connect(former.database, isolation_level=None)) as connection:
        # Without room in memory, SQLite writes changed pages before the end of the transaction.
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.execute("UPDATE synced_items SET overseerr_id = 1")
        connection.executemany("INSERT INTO synced_items (title, media_type) VALUES (?, 'movie')", [("x" * 500,)] * 200)
        cut_off = tmp_path / "cut_off"
        cut_off.mkdir()
        for one in former.path.iterdir():
            (cut_off / one.name).write_bytes(one.read_bytes())
    assert (cut_off / "list_sync.db-journal").stat().st_size > 0
    before = {one.name: one.read_bytes() for one in cut_off.iterdir()}

    with open_old(cut_off / "list_sync.db") as old:
        assert list(old.rows("synced_items", "title", "overseerr_id")) == [("Heat", 949)]
    assert {one.name: one.read_bytes() for one in cut_off.iterdir()} == before


def test_a_write_ahead_log_is_read_in_a_copy(former):
    with closing(sqlite3.connect(former.database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE synced_items SET overseerr_id = 950")
        connection.commit()
        before = former.photograph()

        assert numbers(former) == [950]
        assert former.photograph() == before


def test_a_file_that_changes_while_it_is_read_is_named(former):
    with (
        pytest.raises(StorageUnavailable, match="is being written: stop ListSync"),
        open_old(former.database),
    ):
        former.add_title("Alien", 348, "requested")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_file_of_another_user_is_not_called_damaged():
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        former = FormerFolder(Path(name) / "old")
        former.database.chmod(0o600)
        os.seteuid(65534)
        try:
            with pytest.raises(StorageError, match="may not be read by user 65534"), open_old(former.database):
                pass
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_a_damaged_file_is_refused_with_what_to_do(former, damage):
    content = former.database.read_bytes()
    former.database.write_bytes(content[:9000] if damage == "cut" else content[:5000] + b"\xff" * (len(content) - 5000))

    with pytest.raises(StorageError, match=r"is damaged .*\.recover"), open_old(former.database) as old:
        list(old.rows("synced_items", "title"))


def test_a_database_of_this_version_or_of_another_program_is_not_one_of_0_6(former, tmp_path):
    open_store(tmp_path / "list_sync.db").close()
    with pytest.raises(ConfigError, match="of this version, not of ListSync"), open_old(tmp_path / "list_sync.db"):
        pass
    former.execute("DROP TABLE lists; DROP TABLE synced_items;")
    with pytest.raises(ConfigError, match="belongs to another program"), open_old(former.database):
        pass
    former.database.write_bytes(b"")
    with pytest.raises(ConfigError, match="is empty"), open_old(former.database):
        pass


def test_a_value_that_is_too_large_is_named_so_and_not_damage(former):
    former.execute("UPDATE synced_items SET title = zeroblob(17 * 1024 * 1024)")

    with pytest.raises(StorageError, match="holds a value of more than 16 MB"), open_old(former.database) as old:
        list(old.rows("synced_items", "title"))
