"""Databases of backups that were made to do harm: nothing in them is executed, nothing of them hangs or stays."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from list_sync.backups.adopting import adopt_database
from list_sync.database import guarding
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import open_store
from list_sync.errors import StorageError
from tests.builders import an_item
from tests.storage.former_folder import build_titles, write_folder
from tests.storage.recording import FIRST, asked, read, run

ENDLESS = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r)"


@pytest.fixture
def filled(path):
    with open_store(path) as store:
        run(store, asked(FIRST, tmdb_id=1, item=an_item("One", tmdb=1)), lists=[read(FIRST)])
    return path


def execute(path, script):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA ignore_check_constraints = ON; {script}")


def rewrite(path, statement, *values):
    """Change the text of the schema, as a program without SQLite's own checks can."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(statement, values)
        connection.commit()


def query(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def adopt(path):
    return adopt_database(path, source=Path("backup"))


REFUSED = {
    "trigger evil": "CREATE TRIGGER evil AFTER INSERT ON sync_history BEGIN DELETE FROM pins; END",
    "view evil": f"CREATE VIEW evil AS {ENDLESS} SELECT x FROM r",
    "view synced_items": "DROP TABLE synced_items; CREATE VIEW synced_items AS SELECT 1 AS id",
    "table evil": "CREATE TABLE evil (a, CHECK (length(hex(zeroblob(a))) > 0)); INSERT INTO evil VALUES (400000000)",
    'table x" OR 1; --': 'CREATE TABLE "x"" OR 1; --" (a)',
    "table x\\ny": 'CREATE TABLE "x\ny" (a)',
    "virtual table evil": "CREATE VIRTUAL TABLE evil USING fts5(a)",
    "generated column lists.evil": "ALTER TABLE lists ADD COLUMN evil AS (hex(zeroblob(400000000)))",
    "index evil of an expression": "CREATE INDEX evil ON lists (hex(route))",
    "index part of an expression": "CREATE INDEX part ON lists (route) WHERE length(route) > 0",
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_listsync_does_not_make_is_refused_by_name(filled, what):
    execute(filled, f"PRAGMA foreign_keys = OFF; {REFUSED[what]}")

    with pytest.raises(StorageError) as caught:
        adopt(filled)
    assert f"the database in it has the {what}, which ListSync does not make" in str(caught.value).replace("'", "")
    assert "\n" not in str(caught.value)


def test_no_check_of_the_database_is_evaluated_or_stays(filled):
    rewrite(
        filled,
        "UPDATE sqlite_master SET sql = replace(sql, 'route TEXT NOT NULL',"
        " 'route TEXT NOT NULL CHECK (hex(zeroblob(400000000)) = 1)') WHERE name = 'lists'",
    )
    assert "zeroblob" in query(filled, "SELECT sql FROM sqlite_master WHERE name = 'lists'")[0][0]

    assert adopt(filled).titles == 1
    assert query(filled, "SELECT count(*) FROM sqlite_master WHERE sql LIKE '%zeroblob%'") == [(0,)]


def test_no_default_of_the_database_stays(filled):
    execute(filled, "ALTER TABLE pins ADD COLUMN more TEXT DEFAULT 'evil'")
    adopt(filled)

    assert query(filled, "SELECT count(*) FROM sqlite_master WHERE sql LIKE '%evil%'") == [(0,)]


def test_a_view_in_the_place_of_a_table_is_not_read(filled):
    sql = f"CREATE VIEW schema_version AS {ENDLESS} SELECT x AS version, x AS applied_at FROM r"
    rewrite(filled, "UPDATE sqlite_master SET sql = ?, rootpage = 0 WHERE name = 'schema_version'", sql)

    with pytest.raises(StorageError):
        adopt(filled)


def test_a_statement_that_takes_too_long_is_ended_and_named(filled, monkeypatch):
    monkeypatch.setattr(guarding, "_LEAST_SECONDS", -1.0)
    monkeypatch.setattr(guarding, "_STEPS_BETWEEN_LOOKS", 1)

    with pytest.raises(StorageError, match="backup: reading the database in it takes too long for its size"):
        adopt(filled)


def test_rows_that_point_at_nothing_and_cannot_be_deleted_there_are_left_out(filled):
    execute(filled, "PRAGMA foreign_keys = OFF; DELETE FROM synced_items")

    assert (adopt(filled).strays, query(filled, "PRAGMA foreign_key_check")) == (2, [])


def test_the_number_of_a_removed_run_is_not_given_again(filled):
    execute(filled, "DELETE FROM sync_history; UPDATE sqlite_sequence SET seq = 41 WHERE name = 'sync_history'")
    adopt(filled)

    assert query(filled, "SELECT seq FROM sqlite_sequence WHERE name = 'sync_history'") == [(41,)]


@pytest.mark.parametrize(
    "script",
    [
        f"UPDATE sqlite_sequence SET seq = {2**63 - 1} WHERE name = 'sync_history'",
        f"UPDATE sync_history SET id = {2**63 - 1}",
    ],
)
def test_numbers_after_which_no_run_could_be_recorded_are_refused(filled, script):
    execute(filled, script)

    with pytest.raises(StorageError, match="impossible row numbers"):
        adopt(filled)


def test_a_schema_that_no_version_had_is_refused(filled):
    execute(filled, "DELETE FROM schema_version; INSERT INTO schema_version (version) VALUES (1)")

    with pytest.raises(StorageError, match="there was no ListSync with schema 1"):
        adopt(filled)


def test_every_row_is_the_same_afterwards(filled):
    def rows():
        names = sorted(name for (name,) in query(filled, "SELECT name FROM sqlite_master WHERE type = 'table'"))
        return {
            name: query(filled, f"SELECT * FROM [{name}]")
            for name in names
            if not name.startswith(("sqlite_", "schema_"))
        }

    before = rows()
    assert adopt(filled).schema == SCHEMA_VERSION
    assert rows() == before


def test_a_database_of_a_former_schema_is_taken_over_whole(tmp_path):
    write_folder(tmp_path / "data", build_titles(50))
    path = tmp_path / "data" / "list_sync.db"
    titles = query(path, "SELECT id, title, status FROM synced_items ORDER BY id")

    assert adopt(path).schema == 4
    assert query(path, "SELECT id, title, status FROM synced_items ORDER BY id") == titles
    assert query(path, "SELECT max(version) FROM schema_version") == [(SCHEMA_VERSION,)]
