"""Backup and restore as processes: beside a daemon, by the guide's own script, killed at any moment."""

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from list_sync.backups.archive import write_archive
from list_sync.config.encrypted import EncryptedStore
from list_sync.database.migrating import VERSIONS
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import open_store
from list_sync.demo.server.demo_server import DemoServer
from list_sync.files.exchange import READY, UNFINISHED
from tests.builders import NOON
from tests.fakes.house import REPOSITORY, House, wait_until
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.starter import KILLED, Starter

GUIDE = REPOSITORY.parent / "shared" / "guide" / "advanced-usage.md"
WITHOUT_ROOTS_RIGHTS = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.getuid() == 0 else ()
# For what happens between two changes of a file, which are tried one by one.
ROUNDS = int(os.environ.get("KILL_ROUNDS", "10"))
FILMS = [
    {"title": f"Synthetic Film {number:06d}", "media_type": "movie", "tmdb_id": 5_000_000 + number}
    for number in range(150)
]


@pytest.fixture
def server():
    with DemoServer(synthetic_films=2_000) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    settings = {"OVERSEERR_URL": server.url, "OVERSEERR_API_KEY": server.api_key, "FILE_LISTS": "films.json"}
    house = House(tmp_path, **settings, CACHE_TTL="0")
    house.write_list(*FILMS[:20])
    yield house
    house.end()


def query(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def assert_whole(path):
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert query(path, "PRAGMA foreign_key_check") == []


def unpacked(archive, folder):
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (database,) = folder.rglob("list_sync.db")
    return database


def test_backups_beside_a_daemon_that_syncs_are_whole_each_one(house, server, tmp_path):
    server.faults.slow_seconds = 0.01
    house.write_list(*FILMS)
    daemon = house.start_daemon(synced=False)
    counts = []
    while len(counts) < 5 or counts[-1] < len(FILMS):
        done = house.run("backup", "data/backup.tar.gz")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        database = unpacked(house.data / "backup.tar.gz", tmp_path / f"backup-{len(counts)}")
        assert_whole(database)
        counts.append(query(database, "SELECT count(*) FROM sent_requests")[0][0])

    assert counts == sorted(counts)
    daemon.wait_for("Sync completed")
    assert daemon.stop(signal.SIGTERM) == 0
    assert house.run("restore", "data/backup.tar.gz").returncode == 0
    again = house.run("sync")
    assert again.returncode == 0, again.stdout
    assert set(server.posts_by_title().values()) == {1}
    assert len(server.requests()) == len(FILMS)


def test_a_restore_waits_for_nobody_and_says_how_to_stop_the_daemon(house):
    daemon = house.start_daemon()
    assert house.run("backup", "data/backup.tar.gz").returncode == 0
    house.write_list(*FILMS[:30])
    assert house.run("--sync-now").returncode == 0
    refused = house.run("restore", "data/backup.tar.gz")
    assert refused.returncode == 4
    assert "a ListSync runs in data: stop it first (docker compose stop listsync)" in refused.stderr
    assert house.query("SELECT count(*) FROM synced_items") == [(30,)]

    daemon.stop(signal.SIGTERM)
    done = house.run("restore", "data/backup.tar.gz")
    assert done.returncode == 0, done.stderr
    assert house.query("SELECT count(*) FROM synced_items") == [(20,)]
    house.start_daemon()
    assert house.query("SELECT count(*) FROM synced_items") == [(30,)]


def test_after_a_restore_the_daemon_that_waited_for_its_turn_works_with_what_was_restored(house):
    assert house.run("sync").returncode == 0
    assert house.run("backup", "data/backup.tar.gz").returncode == 0
    with closing(sqlite3.connect(house.data / "list_sync.db")) as connection:
        connection.execute("DELETE FROM synced_items")
        connection.commit()
    assert house.run("restore", "data/backup.tar.gz").returncode == 0
    house.start_daemon()

    assert house.query("SELECT count(*) FROM synced_items") == [(20,)]
    assert house.run("health").stdout == "healthy\n"


@pytest.fixture
def open_folder():
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root can write everywhere, needs setpriv")
def test_where_only_the_logs_folder_can_be_written_the_database_is_restored_there(open_folder):
    house = House(open_folder)
    logs = house.data / "logs"
    logs.mkdir(parents=True)
    open_store(logs / "list_sync.db").close()
    EncryptedStore(house.data / "config.enc", "passphrase").set({"TMDB_KEY": "a" * 32})
    for path in (logs, logs / "list_sync.db", house.data / "config.enc"):
        path.chmod(0o777)
    house.data.chmod(0o555)
    try:
        backup = as_nobody(house, "backup", "data/logs/backup.tar.gz")
        done = as_nobody(house, "restore", "data/logs/backup.tar.gz")
    finally:
        house.data.chmod(0o755)

    assert (backup.returncode, done.returncode) == (0, 0), backup.stderr + done.stderr
    assert f"data/logs/backup.tar.gz: list_sync.db (schema {SCHEMA_VERSION}), config.enc;" in backup.stdout
    assert "config.enc of the backup is not restored: DATA_DIR, its place, cannot be written" in done.stdout
    assert not (logs / "config.enc").exists()
    assert_whole(logs / "list_sync.db")


def as_nobody(house, *arguments):
    command = [*WITHOUT_ROOTS_RIGHTS, sys.executable, "-m", "list_sync", *arguments]
    env = house.environment({"CONFIG_PASSPHRASE": "passphrase"})
    return subprocess.run(
        command, cwd=house.folder, env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


# What the program behind `docker-compose` does, for a service that is a process here.
COMPOSE = """\
#!{python}
import os, signal, subprocess, sys, time
command, service = sys.argv[1:]
assert service == "listsync"
state = {folder!r} + "/daemon.pid"
if command == "stop":
    pid = int(open(state).read())
    os.kill(pid, signal.SIGTERM)
    while os.path.exists(f"/proc/{{pid}}") and open(f"/proc/{{pid}}/stat").read().split(")")[1].split()[0] != "Z":
        time.sleep(0.02)
else:
    with open({folder!r} + "/daemon.log", "a") as output:
        daemon = subprocess.Popen([sys.executable, "-m", "list_sync"], stdout=output, stderr=output)
    open(state, "w").write(str(daemon.pid))
"""


@pytest.fixture
def compose(house):
    """A `docker-compose` on the path that really stops and starts a daemon; gives the environment."""
    programs = house.folder / "bin"
    programs.mkdir()
    program = programs / "docker-compose"
    program.write_text(COMPOSE.format(python=sys.executable, folder=str(house.folder)))
    program.chmod(0o755)
    environment = house.environment({})
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    subprocess.run(
        [program, "start", "listsync"], cwd=house.folder, env=environment, check=True, timeout=PATIENCE_SECONDS
    )
    yield environment
    pid = int((house.folder / "daemon.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pid), "the end of the daemon")


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def syncs_in_log(house):
    """Return how many syncs went through; the repeated closing lines hold the same time and are not counted."""
    return len(set(re.findall("^.*INFO Sync completed.*$", (house.folder / "daemon.log").read_text(), re.MULTILINE)))


def wait_until_synced_anew(house):
    """Wait for the sync after a restore; the changed list may be read once or twice before, so none are counted."""
    wait_until(lambda: house.query("SELECT count(*) FROM synced_items") == [(40,)], "the sync after the restore")


OUR_BACKUP = """
docker-compose stop listsync
mkdir -p backups/20261122_120000
cp data/list_sync.db data/config.enc data/.config_key backups/20261122_120000/
tar -czf backups/20261122_120000.tar.gz -C backups 20261122_120000
rm -r backups/20261122_120000
docker-compose start listsync
"""
OUR_RESTORE = """
docker-compose stop listsync
{list_sync} restore backups/20261122_120000.tar.gz
docker-compose start listsync
"""


def run_script(house, environment, script, *arguments):
    path = house.folder / "script.sh"
    path.write_text(f"set -e\n{script}")
    command = ["bash", str(path), *arguments]
    done = subprocess.run(
        command, cwd=house.folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def guides_script():
    text = GUIDE.read_text(encoding="utf-8")
    return re.search(r"```bash\n(#!/bin/bash\n# backup-restore\.sh.*?)```", text, re.DOTALL)[1]


def test_a_copy_made_while_listsync_is_stopped_is_restored_by_list_sync_restore(house, compose, server):
    EncryptedStore(house.data / "config.enc", None).set({"TMDB_KEY": "a" * 32})
    wait_until(lambda: syncs_in_log(house) == 1, "the first sync")
    run_script(house, compose, OUR_BACKUP)
    wait_until(lambda: syncs_in_log(house) == 2, "the sync after the backup")
    house.write_list(*FILMS[:40])
    assert house.run("--sync-now").returncode == 0
    run_script(house, compose, OUR_RESTORE.format(list_sync=f"{sys.executable} -m list_sync"))

    wait_until_synced_anew(house)
    assert_whole(house.data / "list_sync.db")
    assert set(server.posts_by_title().values()) == {1}


@pytest.mark.skipif(not GUIDE.exists(), reason="the users' guide is not beside the repository")
@pytest.mark.parametrize("restored_by", ["guide", "list-sync"])
def test_the_guides_own_script_leaves_a_whole_database(house, compose, server, restored_by):
    wait_until(lambda: syncs_in_log(house) == 1, "the first sync")
    script = guides_script()
    printed = run_script(house, compose, script, "backup")
    archive = re.search(r"Backup created: (\S+)", printed)[1]
    assert_whole(unpacked(house.folder / archive, house.folder / "unpacked"))
    assert_whole(house.data / "list_sync.db")
    wait_until(lambda: syncs_in_log(house) == 2, "the sync after the backup")
    house.write_list(*FILMS[:40])
    assert house.run("--sync-now").returncode == 0

    if restored_by == "guide":
        run_script(house, compose, script, "restore", archive)
    else:
        run_script(
            house,
            compose,
            OUR_RESTORE.replace("backups/20261122_120000.tar.gz", archive).format(
                list_sync=f"{sys.executable} -m list_sync"
            ),
        )
    wait_until_synced_anew(house)
    assert_whole(house.data / "list_sync.db")
    assert set(server.posts_by_title().values()) == {1}


@pytest.mark.skipif(not GUIDE.exists(), reason="the users' guide is not beside the repository")
def test_the_guides_own_script_restores_an_archive_of_ours(house, compose):
    wait_until(lambda: syncs_in_log(house) == 1, "the first sync")
    (house.folder / "backups").mkdir()
    assert house.run("backup", "backups/ours.tar.gz").returncode == 0
    run_script(house, compose, guides_script(), "restore", "backups/ours.tar.gz")

    wait_until(lambda: syncs_in_log(house) == 2, "the sync after the restore")
    assert_whole(house.data / "list_sync.db")
    assert house.query("SELECT count(*) FROM synced_items") == [(20,)]


class Folder:
    """A data folder in an old or a new state, each with database, config.enc and key that belong together."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"
        self.kept = folder / "kept"
        self._make("old")
        write_archive(
            folder / "old.tar.gz",
            database=self.kept / "old" / "list_sync.db",
            others={name: (self.kept / "old" / name).read_bytes() for name in ("config.enc", ".config_key")},
            program="1.0",
            made_at=NOON,
        )
        self._make("new")
        self.reset()

    def _make(self, name):
        place = self.kept / name
        place.mkdir(parents=True)
        with open_store(place / "list_sync.db") as store, store.writing() as connection:
            connection.exec_driver_sql(
                "INSERT INTO pins (media_type, key, pinned_at)"
                f" VALUES ('{name}', hex(randomblob(150000)), '2026-11-22 12:00:00')"
            )
        EncryptedStore(place / "config.enc", None).set({"TMDB_KEY": name})

    def reset(self, name="new"):
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(self.kept / name, self.data)

    def state(self, folder=None):
        """Return which state a folder is in; fail if it is a mixture or damaged."""
        folder = folder or self.data
        assert_whole(folder / "list_sync.db")
        ((text,),) = query(folder / "list_sync.db", "SELECT media_type FROM pins")
        assert EncryptedStore(folder / "config.enc", None).load().get("TMDB_KEY") == text
        return text


def names_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


@pytest.fixture
def starter(folder):
    return Starter(folder.folder, {})


def kill_in_many_ways(folder, starter, *arguments, seconds, seed, step=1, **more):
    """Run a command again and again, killed at each change of a file and then at random moments."""
    for number in starter.every_kill(*arguments, step=step, **more):
        yield "change", number
        folder.reset()
    moments = random.Random(seed)
    for _ in range(ROUNDS):
        folder.reset()
        after = moments.uniform(0, seconds)
        if starter.run(*arguments, kill_after=after, **more) == KILLED:
            yield "moment", after


def test_every_kill_of_a_restore_leaves_the_old_or_the_new_state_to_the_next_command(folder, starter):
    seen = []
    for how in kill_in_many_ways(folder, starter, "restore", "old.tar.gz", seconds=0.15, seed=1, step=3):
        if len(seen) % 5 == 0:
            before = names_in(folder.data)
            starter.run("health")
            assert names_in(folder.data) == before
        assert starter.run("status") == 0, starter.output
        state = folder.state()
        seen.append(state)
        has_journal = (folder.data / "list_sync.db-journal").exists()
        assert state == "new" or not has_journal, "a journal of the former database beside the restored one"
        for aside in folder.data.glob("before-restore-*"):
            assert (state, folder.state(aside)) == ("old", "new"), how
        assert not (folder.data / READY).exists()
        assert not (folder.data / UNFINISHED).exists()

    assert {"old", "new"} == set(seen)


def test_every_kill_of_a_restore_is_made_good_by_the_next_restore(folder, starter):
    for how in kill_in_many_ways(folder, starter, "restore", "old.tar.gz", seconds=0.15, seed=2, step=10):
        assert starter.run("restore", "old.tar.gz") == 0, starter.output
        assert folder.state() == "old", how
        assert {folder.state(aside) for aside in folder.data.glob("before-restore-*")} <= {"old", "new"}
        assert "new" in {folder.state(aside) for aside in folder.data.glob("before-restore-*")}


def test_every_kill_of_a_backup_leaves_the_backup_before_or_the_new_one(folder, starter):
    target = folder.folder / "backup.tar.gz"
    assert starter.run("backup", "backup.tar.gz") == 0
    for how in kill_in_many_ways(folder, starter, "backup", "backup.tar.gz", seconds=0.15, seed=3):
        place = folder.folder / "unpacked"
        assert_whole(unpacked(target, place))
        shutil.rmtree(place)
        assert folder.state() == "new", how

    assert starter.run("backup", "backup.tar.gz") == 0
    assert not list(folder.folder.glob(".list-sync-backup-*"))


REVISION = f"""
from alembic import op

revision = "{SCHEMA_VERSION + 1:04}"
down_revision = "{SCHEMA_VERSION:04}"


def upgrade():
    op.execute("ALTER TABLE lists ADD COLUMN colour TEXT")
    op.execute("CREATE TABLE other AS SELECT * FROM pins")
    op.execute("DROP TABLE pins")
    op.execute("ALTER TABLE other RENAME TO pins")
"""


def migrate_to_the_next_version(arguments):
    """Migrate a database by one revision more than there are, as the next version will; called in a process."""
    from list_sync.database.migrating import migrate

    migrate(Path(arguments[0]), found=SCHEMA_VERSION, versions=(*VERSIONS, Path(arguments[1])))


def test_every_kill_of_a_migration_leaves_a_database_of_one_schema_and_a_whole_copy(folder, starter, tmp_path):
    revisions = tmp_path / "later"
    revisions.mkdir()
    (revisions / f"v{SCHEMA_VERSION + 1:04}_later.py").write_text(REVISION)
    database = folder.data / "list_sync.db"
    copy = folder.data / f"list_sync.db.backup.{SCHEMA_VERSION}"
    seen = []
    call = "tests.system.test_backup:migrate_to_the_next_version"
    for how in kill_in_many_ways(folder, starter, str(database), str(revisions), seconds=0.4, seed=4, call=call):
        assert_whole(database)
        versions = query(database, "SELECT max(version) FROM schema_version")
        seen.append(versions[0][0])
        has_colour = "colour" in str(query(database, "SELECT sql FROM sqlite_master WHERE name = 'lists'"))
        assert has_colour == (versions == [(SCHEMA_VERSION + 1,)]), how
        if copy.exists():
            assert_whole(copy)
            assert query(copy, "SELECT max(version) FROM schema_version") == [(SCHEMA_VERSION,)], how
        assert copy.exists() or versions == [(SCHEMA_VERSION,)]
        assert starter.run(str(database), str(revisions), call=call) == 0, starter.output
        assert query(database, "SELECT max(version) FROM schema_version") == [(SCHEMA_VERSION + 1,)]
        assert query(copy, "SELECT max(version) FROM schema_version") == [(SCHEMA_VERSION,)]
        assert not list(folder.data.glob("*unfinished*"))

    assert SCHEMA_VERSION in seen
