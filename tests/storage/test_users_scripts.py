"""What users' own scripts do with the database: our versions of it always, the guide's own text where it is at hand."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import Store, open_store
from list_sync.model.decisions import ItemStatus
from list_sync.model.servers import HOME
from list_sync.storage.title_search import count_statuses
from tests.builders import an_item
from tests.storage.former_folder import LISTS, build_titles, write_folder
from tests.storage.recording import FIRST, SECOND, asked, find_one, left, read, run

GUIDE = Path(__file__).parents[3] / "shared" / "guide" / "advanced-usage.md"


def guide_blocks(language, opening):
    """Return the first block of code in the guide that has this line in it."""
    if not GUIDE.exists():
        pytest.skip("the users' guide is not beside this repository")
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.S)
    return next(block for block in blocks if opening in block)


@pytest.fixture
def recorded(path):
    """Record one run of the present moment, since the guide asks about the last 24 hours."""
    store = open_store(path)
    outcomes = (
        asked(FIRST, tmdb_id=1, item=an_item("One", tmdb=1)),
        left(ItemStatus.ALREADY_AVAILABLE, FIRST, tmdb_id=2, item=an_item("Two", tmdb=2)),
        left(ItemStatus.ALREADY_AVAILABLE, SECOND, tmdb_id=3, item=an_item("Three", tmdb=3)),
    )
    run(store, *outcomes, lists=[read(FIRST), read(SECOND)])
    with store.writing() as connection:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        connection.exec_driver_sql(f"UPDATE synced_items SET last_synced = '{now}'")
    yield Folder(store, {"already_available": 2, "requested": 1}, {"imdb": 1, "trakt": 1})
    store.close()


@pytest.fixture
def migrated(tmp_path):
    """Open the data folder of a former version."""
    titles = build_titles(100)
    write_folder(tmp_path / "former" / "data", titles)
    store = open_store(tmp_path / "former" / "data" / "list_sync.db")
    statuses = Counter(title.kind.status for title in titles)
    yield Folder(store, dict(sorted(statuses.items())), Counter(provider for provider, _ in LISTS))
    store.close()


@pytest.fixture(params=["recorded", "migrated"])
def filled(request):
    return request.getfixturevalue(request.param)


@dataclass
class Folder:
    """An open folder with what the scripts are to count in it."""

    store: Store
    statuses: dict
    lists: dict

    @property
    def path(self):
        return self.store.path


def execute(script, folder, *arguments):
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_what_scripts_count_can_be_counted(filled):
    with closing(sqlite3.connect(filled.path)) as connection:
        recent = "FROM synced_items WHERE last_synced > datetime('now', '-24 hours')"
        statuses = dict(connection.execute(f"SELECT status, COUNT(*) {recent} GROUP BY status"))
        active = dict(connection.execute("SELECT list_type, COUNT(*) FROM lists GROUP BY list_type"))
        (last,) = connection.execute("SELECT MAX(last_synced) FROM synced_items").fetchone()

    assert statuses == filled.statuses
    assert active == filled.lists
    assert abs((datetime.now(UTC).replace(tzinfo=None) - datetime.fromisoformat(last)).total_seconds()) < 7200


def test_scripts_find_the_columns_of_a_title(recorded):
    with closing(sqlite3.connect(recorded.path)) as connection:
        row = connection.execute("SELECT title, media_type, overseerr_id, provider_source FROM synced_items").fetchone()

    assert row == ("One", "movie", 1, "imdb:ls1")


def test_a_script_may_make_its_indexes_and_tidy_up_while_the_store_is_open(filled):
    with closing(sqlite3.connect(filled.path)) as connection:
        connection.execute("CREATE INDEX IF NOT EXISTS idx_synced_items_status ON synced_items(status)")
        connection.execute("VACUUM")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode = WAL")

    run(filled.store, left(ItemStatus.WAITING, tmdb_id=9, item=an_item("Nine")))
    assert find_one(filled.store, "Nine").status is ItemStatus.WAITING


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
    run(filled.store, left(ItemStatus.WAITING, tmdb_id=9, item=an_item("Nine")))


def test_the_guides_migration_finds_nothing_to_do(filled):
    script = guide_blocks("python", "# migrate_database.py")

    assert "Database is up to date" in execute(script, filled.path.parent.parent)
    assert not list(filled.path.parent.glob(f"*backup.{SCHEMA_VERSION}"))
    with closing(sqlite3.connect(filled.path)) as connection:
        assert connection.execute("SELECT count(*) FROM synced_items").fetchone() == (sum(filled.statuses.values()),)


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

    statuses, lists = ({(word,): count for word, count in found.items()} for found in (filled.statuses, filled.lists))
    assert execute(script, tmp_path).strip() == f"{statuses} {lists}"


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
        "total_lists": sum(filled.lists.values()),
        "items_synced_24h": sum(filled.statuses.values()),
        "status_breakdown": filled.statuses,
    }


def test_the_guides_backup_and_restore_keep_all_after_a_clean_stop(filled, tmp_path):
    script = guide_blocks("bash", "# backup-restore.sh")
    folder = filled.path.parent.parent
    (tmp_path / "bin").mkdir()
    shutil.copy("/bin/true", tmp_path / "bin" / "docker-compose")
    search = {**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    filled.store.close()

    subprocess.run(["bash", "-c", script, "bash", "backup"], cwd=folder, env=search, check=True)
    with closing(sqlite3.connect(filled.path)) as connection:
        connection.execute("DELETE FROM synced_items")
        connection.commit()
    (archive,) = (folder / "backups").iterdir()
    subprocess.run(["bash", "-c", script, "bash", "restore", str(archive)], cwd=folder, env=search, check=True)

    with open_store(filled.path) as again, again.reading() as connection:
        assert count_statuses(connection, HOME) == filled.statuses
