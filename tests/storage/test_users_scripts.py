"""What users' own scripts do with the database: our versions of it always, the guide's own text where it is at hand."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import open_store, sqlite_url
from list_sync.model.decisions import ItemStatus
from tests.builders import an_item
from tests.storage.recording import FIRST, SECOND, asked, find_one, left, read, run

GUIDE = Path(__file__).parents[3] / "shared" / "guide" / "advanced-usage.md"


def guide_blocks(language, opening):
    """Return the first block of code in the guide that has this line in it."""
    if not GUIDE.exists():
        pytest.skip("the users' guide is not beside this repository")
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.S)
    return next(block for block in blocks if opening in block)


@pytest.fixture
def filled(store):
    """Record one run of the present moment, since the guide asks about the last 24 hours."""
    outcomes = (
        asked(FIRST, tmdb_id=1, item=an_item("One", tmdb=1)),
        left(ItemStatus.ALREADY_AVAILABLE, FIRST, tmdb_id=2, item=an_item("Two", tmdb=2)),
        left(ItemStatus.ALREADY_AVAILABLE, SECOND, tmdb_id=3, item=an_item("Three", tmdb=3)),
    )
    run(store, *outcomes, lists=[read(FIRST), read(SECOND)])
    with store.writing() as connection:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        connection.exec_driver_sql(f"UPDATE synced_items SET last_synced = '{now}'")
    return store


def execute(script, folder, *arguments):
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_what_scripts_count_can_be_counted(filled):
    with closing(sqlite3.connect(filled.path)) as connection:
        recent = "FROM synced_items WHERE last_synced > datetime('now', '-24 hours')"
        statuses = dict(connection.execute(f"SELECT status, COUNT(*) {recent} GROUP BY status"))
        active = dict(connection.execute("SELECT list_type, COUNT(*) FROM lists GROUP BY list_type"))
        (last,) = connection.execute("SELECT MAX(last_synced) FROM synced_items").fetchone()
        row = connection.execute("SELECT title, media_type, overseerr_id, provider_source FROM synced_items").fetchone()

    assert statuses == {"requested": 1, "already_available": 2}
    assert active == {"imdb": 1, "trakt": 1}
    assert abs((datetime.now(UTC).replace(tzinfo=None) - datetime.fromisoformat(last)).total_seconds()) < 3600
    assert row == ("One", "movie", 1, "imdb:ls1")


def test_a_script_may_make_its_indexes_and_tidy_up_while_the_store_is_open(filled):
    with closing(sqlite3.connect(filled.path)) as connection:
        connection.execute("CREATE INDEX IF NOT EXISTS idx_synced_items_status ON synced_items(status)")
        connection.execute("VACUUM")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode = WAL")

    run(filled, left(ItemStatus.WAITING, tmdb_id=9, item=an_item("Nine")))
    assert find_one(filled, "9").status is ItemStatus.WAITING


def test_a_script_that_migrates_by_version_finds_nothing_to_do(filled):
    with closing(sqlite3.connect(filled.path)) as connection:
        newest = connection.execute("SELECT version FROM schema_version ORDER BY version DESC LIMIT 1").fetchone()

    assert newest == (SCHEMA_VERSION,) >= (3,)


def test_the_guides_optimisation_runs_as_it_stands(filled):
    script = guide_blocks("sql", "Add indexes for common queries")
    with closing(sqlite3.connect(filled.path)) as connection:
        before = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name").fetchall()
        connection.executescript(script)
        after = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name").fetchall()

    assert before == after
    run(filled, left(ItemStatus.WAITING, tmdb_id=9, item=an_item("Nine")))


def test_the_guides_migration_finds_nothing_to_do(filled):
    script = guide_blocks("python", "# migrate_database.py")

    assert "Database is up to date" in execute(script, filled.path.parent.parent)
    assert [name.name for name in filled.path.parent.glob("*backup*")] == []
    assert find_one(filled, "One").status is ItemStatus.REQUESTED


def test_the_guides_metrics_count_what_was_synced(filled, tmp_path):
    script = guide_blocks("python", "# metrics-exporter.py").replace("/data/list_sync.db", str(filled.path))
    script = script[: script.index("if __name__")]
    (tmp_path / "prometheus_client.py").write_text(
        "class Gauge:\n"
        "    def __init__(self, *_): self.values = {}\n"
        "    def labels(self, **labels): self.key = tuple(labels.values()); return self\n"
        "    def set(self, value): self.values[self.key] = value\n"
        "    def inc(self, value): self.values[self.key] = value\n"
        "Counter = Histogram = Gauge\n"
        "def start_http_server(port): pass\n"
    )
    script += "\ncollect_metrics()\nprint(items_processed.values, active_lists.values)\n"

    assert execute(script, tmp_path).strip() == str({("already_available",): 2, ("requested",): 1}) + " " + str(
        {("imdb",): 1, ("trakt",): 1}
    )


def test_the_guides_health_check_finds_database_and_last_sync_healthy(filled, tmp_path):
    script = guide_blocks("python", "# health-check.py").replace("/data/list_sync.db", str(filled.path))
    script = script[: script.index("if __name__")]
    (tmp_path / "flask.py").write_text(
        "class Flask:\n"
        "    def __init__(self, name): pass\n"
        "    def route(self, path): return lambda function: function\n"
        "def jsonify(value): return value\n"
    )
    script += "\nimport json\nprint(json.dumps([health_check()[0]['checks'], metrics()]))\n"

    checks, metrics = json.loads(execute(script, tmp_path))
    assert (checks["database"], checks["last_sync"]) == ("healthy", "healthy")
    assert metrics == {
        "total_lists": 2,
        "items_synced_24h": 3,
        "status_breakdown": {"already_available": 2, "requested": 1},
    }


def test_the_guides_backup_by_cp_is_whole_after_a_clean_stop(path, tmp_path):
    store = open_store(sqlite_url(path))
    run(store, left(ItemStatus.REQUESTED), lists=[read(FIRST)])
    store.close()

    subprocess.run(["cp", str(path), str(tmp_path / "copy.db")], check=True)
    path.unlink()
    subprocess.run(["cp", str(tmp_path / "copy.db"), str(path)], check=True)
    with open_store(sqlite_url(path)) as again:
        assert find_one(again, "603").lists == ("imdb:ls1",)
