"""The migration of a whole data folder that the version with schema 4 left: nothing is lost, wherever it is killed."""

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import load_version, open_store
from tests.fakes.patience import PATIENCE_SECONDS
from tests.storage.former_folder import FORMER_ADDRESS, LISTS, UNKNOWN_ADDRESS, build_titles, write_folder
from tests.storage.processes import start

# What has another form afterwards: syncs that were asked for, shows (once for all servers), what can be read again.
REBUILT = {"known_shows", "triggers", "cached_answers", "alembic_version", "schema_version", "sqlite_sequence"}
# Whether the last run is called cut off by the migration or by the next start is not of interest here.
CHANGING = {("sync_history", "status"), ("sync_history", "sync_completed")}


@pytest.fixture(scope="module")
def former(tmp_path_factory):
    """Write one folder for all tests; each works with a copy."""
    folder = tmp_path_factory.mktemp("former") / "data"
    write_folder(folder, build_titles())
    return folder


@pytest.fixture
def folder(former, tmp_path):
    return shutil.copytree(former, tmp_path / "data")


def load_rows(folder):
    """Return the rows of every table, each as a dictionary of the words that schema 5 has for what schema 4 says."""
    with closing(sqlite3.connect(folder / "list_sync.db")) as connection:
        connection.row_factory = sqlite3.Row
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in names}
    addresses = {row["id"]: row["address"] for row in tables.get("servers", ())}
    for row in (row for rows in tables.values() for row in rows):
        if "is_4k" in row:
            row["quality"] = "4k" if row.pop("is_4k") else "hd"
        if "server_id" in row:
            row["server"] = addresses.get(row.pop("server_id"))
        if "server" in row:
            # The address of another installation that was once at the same one had a note of that.
            row["server"] = str(row["server"]).partition(" ")[0]
    return tables


def counted(rows, columns):
    return Counter(tuple(row[name] for name in columns) for row in rows)


def test_every_row_is_there_after_the_migration(folder):
    before = load_rows(folder)
    open_store(folder / "list_sync.db").close()
    after = load_rows(folder)

    for table in before.keys() - REBUILT:
        kept = before[table]
        assert kept[0].keys() <= after[table][0].keys(), table
        columns = [name for name in kept[0] if (table, name) not in CHANGING]
        missing = counted(kept, columns) - counted(after[table], columns)
        if table == "provider_memory":
            missing = Counter({row: number for row, number in missing.items() if "media-request servers" not in row})
        assert not missing, table
    assert len(after["synced_items"]) == 2_000
    assert {row["tmdb_id"] for row in after["titles"]} == {row["tmdb_id"] for row in before["known_shows"]}
    assert {row["pinned_at"] for row in after["pins"]} == {row["pinned_at"] for row in before["pins"]}


def test_syncs_that_were_asked_for_still_wait(folder):
    open_store(folder / "list_sync.db").close()

    with closing(sqlite3.connect(folder / "list_sync.db")) as connection:
        waiting = connection.execute("SELECT count(*) FROM sync_history WHERE status = 'queued'").fetchone()
    # Three that no daemon took, and one that a killed daemon did not finish.
    assert waiting == (4,)


# One process that forks a child for each step: before every statement, commit, and change of a file it is killed.
KILLED = """
import shutil
from sqlalchemy import event
from sqlalchemy.engine import Engine
from tests.storage.test_former_folder import is_whole
former, work = path, Path(sys.argv[2])
CHANGES = {"os.rename", "os.remove", "os.truncate", "sqlite3.connect"}
last = taken = 0

def step(*_):
    global taken
    taken += 1
    if taken == last:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", step)
event.listen(Engine, "commit", step)
sys.addaudithook(lambda name, _: step() if name in CHANGES else None)
fsync = os.fsync
os.fsync = lambda file: (step(), fsync(file))[1]
# Every second step in one run of the tests: the steps between them lie in the same transactions.
for kill_at in range(1, 1_000, 2):
    shutil.copytree(former, work, dirs_exist_ok=True)
    child = os.fork()
    if child == 0:
        last, taken = kill_at, 0
        open_store(work / "list_sync.db").close()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    is_migrated = is_whole(work, former, starts_again=kill_at % 9 == 1 or status == 0)
    say(f"{kill_at} {status} {is_migrated}")
    shutil.rmtree(work)
    if status == 0:
        break
"""


def is_whole(work, former, *, starts_again):
    """Fail unless a folder holds all of the former one, before or after the migration; return whether after."""
    with closing(sqlite3.connect(work / "list_sync.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    version = load_version(work / "list_sync.db")
    if version == 4:
        assert load_rows(work) == load_rows(former)
    if starts_again:
        open_store(work / "list_sync.db").close()
        assert load_version(work / "list_sync.db") == SCHEMA_VERSION
        assert len(load_rows(work)["sent_requests"]) == len(load_rows(former)["sent_requests"])
    return version == SCHEMA_VERSION


def test_a_migration_that_is_killed_at_any_step_leaves_the_folder_whole(tmp_path):
    write_folder(tmp_path / "former", build_titles(100))
    process = start(KILLED, tmp_path / "former", tmp_path / "work")
    said, _ = process.communicate(timeout=10 * PATIENCE_SECONDS)

    assert process.returncode == 0
    steps = [line.split() for line in said.splitlines()]
    assert [status for _, status, _ in steps] == ["9"] * (len(steps) - 1) + ["0"]
    assert steps[-1][2] == "True"
    assert len(steps) > 25


@pytest.fixture
def migrated(folder):
    open_store(folder / "list_sync.db").close()
    return folder / "list_sync.db"


def test_what_a_migrated_folder_says_of_its_servers_is_true(migrated):
    tables = load_rows(migrated.parent)
    servers = {row["server"] for row in tables["sent_requests"]}

    assert servers == {FORMER_ADDRESS, UNKNOWN_ADDRESS}
    assert len(tables["lists"]) == len(LISTS)
    assert json.loads(tables["sync_history"][0]["counts"]) == {"requested": 1}
