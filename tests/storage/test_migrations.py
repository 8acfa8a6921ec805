import shutil
import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from list_sync.database.migrating import VERSIONS, migrate
from list_sync.database.schema import SCHEMA_VERSION, metadata
from list_sync.database.store import load_version, open_store
from list_sync.errors import StorageError
from list_sync.model.decisions import ItemStatus
from tests.fakes.patience import PATIENCE_SECONDS
from tests.storage.processes import hear, let_go, start
from tests.storage.recording import FIRST, find_one, left, read, run

NEXT_VERSION = SCHEMA_VERSION + 1
BACKUP = f"list_sync.db.backup.{SCHEMA_VERSION}"
REVISION = f"""
import os
import signal
from alembic import op

revision = "{NEXT_VERSION:04}"
down_revision = "{SCHEMA_VERSION:04}"


def upgrade():
    op.execute("ALTER TABLE lists ADD COLUMN colour TEXT")
    {{ending}}
"""
INTERRUPTED = f"""
from list_sync.database.migrating import VERSIONS, migrate
migrate(path, found={SCHEMA_VERSION}, versions=(*VERSIONS, Path(sys.argv[2])))
"""
# The tables of 0.6.x as its users have them, by columns (facts in the documentation of `list-sync import`).
OLD_TABLES = """
CREATE TABLE lists (id INTEGER PRIMARY KEY, list_type TEXT, list_id TEXT, UNIQUE(list_type, list_id));
CREATE TABLE synced_items (id INTEGER PRIMARY KEY, title TEXT NOT NULL, media_type TEXT NOT NULL, status TEXT);
CREATE TABLE app_settings (key TEXT PRIMARY KEY, value TEXT);
INSERT INTO synced_items (title, media_type, status) VALUES ('The Matrix', 'movie', 'requested');
"""


def query(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def make(path, script):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


@pytest.fixture
def filled(path):
    with open_store(path) as store:
        run(store, left(ItemStatus.REQUESTED), lists=[read(FIRST)])
    return path


@pytest.fixture
def revisions(tmp_path):
    """Make one revision more, with the given last statement; return where the revisions are."""

    def write(ending):
        folder = tmp_path / "later"
        folder.mkdir()
        (folder / f"v{NEXT_VERSION:04}_later.py").write_text(REVISION.format(ending=ending))
        return (*VERSIONS, folder)

    return write


def is_as_it_was(path):
    with open_store(path) as store:
        assert find_one(store, "603").lists == ("imdb:ls1",)
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    return load_version(path) == SCHEMA_VERSION and "colour" not in str(query(path, "SELECT sql FROM sqlite_master"))


def test_an_empty_folder_gets_a_database_at_the_latest_version(tmp_path):
    path = tmp_path / "a" / "b" / "list_sync.db"
    open_store(path).close()

    assert [name.name for name in path.parent.iterdir()] == ["list_sync.db"]
    ((version, applied_at),) = query(path, "SELECT version, applied_at FROM schema_version")
    assert version == SCHEMA_VERSION
    assert len(applied_at) == len("2026-11-22 12:00:00")


def test_an_empty_file_that_a_script_left_is_a_new_database(tmp_path):
    path = tmp_path / "list_sync.db"
    with closing(sqlite3.connect(path)) as script:
        script.execute("PRAGMA journal_mode = WAL")
        assert load_version(path) == 0
        open_store(path).close()

    assert load_version(path) == SCHEMA_VERSION


def test_a_script_that_reads_the_empty_file_meanwhile_breaks_nothing(tmp_path):
    path = tmp_path / "list_sync.db"
    make(path, "VACUUM")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sqlite_master").fetchall()
        with pytest.raises(StorageError, match="is locked"):
            open_store(path, busy_timeout_seconds=0.05)
        reader.execute("COMMIT")
        open_store(path).close()
    assert load_version(path) == SCHEMA_VERSION


def test_the_revisions_lead_exactly_to_the_schema(store):
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_new_database_is_what_the_revisions_would_have_made(store, tmp_path):
    revised = tmp_path / "revised.db"
    revised.touch()
    migrate(revised, found=0)

    assert structure(store.path) == structure(revised)
    assert query(store.path, "SELECT * FROM alembic_version") == query(revised, "SELECT * FROM alembic_version")
    version = "SELECT max(version) FROM schema_version"
    assert query(store.path, version) == query(revised, version)


def structure(path):
    """Return all that a table is made of: SQLite keeps the text of a column that was added in a form of its own."""
    tables = query(
        path, "SELECT name, sql LIKE '%AUTOINCREMENT%' FROM sqlite_master WHERE type = 'table' ORDER BY name"
    )
    parts = ("table_xinfo", "foreign_key_list")
    indexes = query(path, "SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name")
    return [(table, [query(path, f"PRAGMA {part}({table[0]})") for part in parts]) for table in tables], indexes


def test_two_who_make_the_same_database_do_it_once(tmp_path):
    code = "say('ready'); wait(); open_store(path).close()"
    both = [start(code, tmp_path / "list_sync.db") for _ in range(2)]
    assert [hear(process) for process in both] == ["ready", "ready"]
    for process in both:
        process.stdin.write("\n")
        process.stdin.flush()

    assert [let_go(process) for process in both] == [0, 0]
    assert query(tmp_path / "list_sync.db", "SELECT version FROM schema_version") == [(SCHEMA_VERSION,)]


def test_opening_a_current_database_changes_nothing(filled):
    before = filled.read_bytes()
    open_store(filled).close()

    assert filled.read_bytes() == before


def test_a_later_revision_keeps_the_data_and_a_copy_from_before(filled, revisions, caplog):
    with caplog.at_level("INFO"):
        migrate(filled, found=SCHEMA_VERSION, versions=revisions("pass"))

    assert f"changing the tables of schema {SCHEMA_VERSION}, a copy is {BACKUP}" in caplog.text
    assert query(filled, "SELECT version FROM schema_version ORDER BY version") == [(SCHEMA_VERSION,), (NEXT_VERSION,)]
    assert query(filled, "SELECT list_id, colour FROM lists") == [("ls1", None)]
    copy = filled.with_name(BACKUP)
    assert query(copy, "SELECT version FROM schema_version") == [(SCHEMA_VERSION,)]
    assert query(copy, "SELECT status FROM synced_items") == [("requested",)]


def test_rebuilding_a_table_keeps_the_rows_that_point_at_it(filled, revisions):
    ending = "\n    ".join(
        [
            'op.execute("CREATE TABLE other AS SELECT * FROM synced_items")',
            'op.execute("DROP TABLE synced_items")',
            'op.execute("ALTER TABLE other RENAME TO synced_items")',
        ]
    )
    migrate(filled, found=SCHEMA_VERSION, versions=revisions(ending))

    assert query(filled, "SELECT count(*) FROM item_lists") == [(1,)]


@pytest.mark.parametrize(
    "ending",
    ["op.execute('SELECT no_such_column FROM lists')", "op.execute('COMMIT'); op.execute('SELECT no_such_column')"],
)
def test_a_revision_that_fails_leaves_everything_as_it_was(filled, revisions, ending):
    with pytest.raises(StorageError, match=rf"list_sync\.db: no such column.*a copy is {BACKUP}"):
        migrate(filled, found=SCHEMA_VERSION, versions=revisions(ending))

    assert is_as_it_was(filled)


def test_a_revision_with_a_mistake_in_it_leaves_everything_as_it_was(filled, revisions):
    with pytest.raises(ZeroDivisionError):
        migrate(filled, found=SCHEMA_VERSION, versions=revisions("1 / 0"))

    assert is_as_it_was(filled)


def test_a_kill_in_the_middle_of_a_revision_leaves_everything_as_it_was(filled, revisions):
    versions = revisions("os.kill(os.getpid(), signal.SIGKILL)")
    process = start(INTERRUPTED, filled, versions[-1])
    assert process.wait(PATIENCE_SECONDS) == -9
    process.communicate()

    assert is_as_it_was(filled)


def test_two_who_migrate_the_same_file_do_it_once(filled, revisions):
    versions = revisions("pass")
    migrate(filled, found=SCHEMA_VERSION, versions=versions)
    migrate(filled, found=SCHEMA_VERSION, versions=versions)

    assert query(filled.with_name(BACKUP), "SELECT version FROM schema_version") == [(SCHEMA_VERSION,)]
    assert query(filled, "SELECT version FROM schema_version ORDER BY version") == [(SCHEMA_VERSION,), (NEXT_VERSION,)]


def test_a_damaged_database_is_not_migrated_and_an_earlier_copy_stays(filled, revisions):
    copy = filled.with_name(BACKUP)
    shutil.copy(filled, copy)
    before = copy.read_bytes()
    content = bytearray(before)
    content[4096 * 2 : 4096 * 12] = bytes(range(256)) * 160
    filled.write_bytes(content)

    with pytest.raises(StorageError, match=r"is damaged: restore the copy of"):
        migrate(filled, found=SCHEMA_VERSION, versions=revisions("pass"))
    assert copy.read_bytes() == before


def test_what_a_killed_copy_left_is_not_played_into_the_next_one(filled, revisions):
    unfinished = filled.with_name(f"{BACKUP}.unfinished")
    with closing(sqlite3.connect(unfinished)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE half (x)")
        other.commit()
        for path in filled.parent.glob("*.unfinished*"):
            shutil.copy(path, path.with_name(f"kept-{path.name}"))
    for path in filled.parent.glob("kept-*"):
        path.rename(path.with_name(path.name.removeprefix("kept-")))
    migrate(filled, found=SCHEMA_VERSION, versions=revisions("pass"))

    assert query(filled.with_name(BACKUP), "SELECT count(*) FROM lists") == [(1,)]
    assert not list(filled.parent.glob("*.unfinished*"))


def test_a_database_from_a_newer_version_is_not_touched(filled, revisions):
    migrate(filled, found=SCHEMA_VERSION, versions=revisions("pass"))
    before = filled.read_bytes()

    with pytest.raises(StorageError) as refused:
        open_store(filled)
    assert f"made by a newer ListSync (schema {NEXT_VERSION}, this one knows {SCHEMA_VERSION}): " in str(refused.value)
    assert "update ListSync; or, to stay with this version, restore the copy of " in str(refused.value)
    assert str(refused.value).endswith(f"`list-sync restore {filled.with_name(BACKUP)}`")
    assert filled.read_bytes() == before


@pytest.mark.parametrize(
    "more", ["", "CREATE TABLE schema_version (version INTEGER); INSERT INTO schema_version VALUES (3)"]
)
def test_a_database_of_an_older_listsync_is_recognised_and_not_touched(tmp_path, more):
    path = make(tmp_path / "list_sync.db", OLD_TABLES + more)
    before = path.read_bytes()

    with pytest.raises(StorageError, match=r"database of ListSync 0\.6, .* run `list-sync import`"):
        open_store(path)
    assert path.read_bytes() == before
    assert [name.name for name in tmp_path.iterdir()] == ["list_sync.db"]


def test_a_database_of_another_program_is_not_touched(tmp_path):
    path = make(tmp_path / "list_sync.db", "CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()

    with pytest.raises(StorageError, match="belongs to another program"):
        open_store(path)
    assert path.read_bytes() == before


def test_tables_of_the_users_own_in_our_database_stay(filled):
    make(filled, "CREATE TABLE my_notes (text TEXT); INSERT INTO my_notes VALUES ('mine')")
    open_store(filled).close()

    assert query(filled, "SELECT text FROM my_notes") == [("mine",)]


def test_a_copied_database_opens_where_it_was_copied_to(filled, tmp_path):
    copy = tmp_path / "restored" / "list_sync.db"
    copy.parent.mkdir()
    shutil.copy(filled, copy)

    with open_store(copy) as store:
        assert find_one(store, "603").status is ItemStatus.REQUESTED
