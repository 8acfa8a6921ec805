"""The modes of files in the data folder, and that no link there is followed."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from list_sync.config import load_settings
from list_sync.config.encrypted import EncryptedStore
from list_sync.config.folders import find_exposed, find_state_folder, make_drop_folder
from list_sync.daemon.heartbeat import WAKE_NAME, Heartbeat, heartbeat_age, wake_daemon
from list_sync.database.copying import backup_file
from list_sync.database.file_cache import FileCache
from list_sync.database.store import open_store
from list_sync.errors import ConfigError, StorageError
from list_sync.files.lock import FileLock
from list_sync.files.modes import DEFAULT_UMASK, create_beside, find_unfinished, open_own, use_umask

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="acts as other users")
GROUP, MEMBER = 7100, 7101


@pytest.fixture(autouse=True)
def usual_umask():
    """The umask of the system is the usual one; UMASK is the default again afterwards."""
    former = os.umask(0o022)
    yield
    os.umask(former)
    use_umask(DEFAULT_UMASK)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def fill(folder):
    """Make every file that ListSync makes beside a daemon."""
    find_state_folder(folder)
    make_drop_folder(folder)
    with open_store(folder / "list_sync.db") as store, store.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM lists")
        cache = FileCache(folder / "cache.db", now=lambda: datetime.now(UTC))
        cache.keep("a", b"1", seconds=60)
        backup_file(folder / "list_sync.db", folder / "list_sync.db.backup.3")
        wake_daemon(folder)
        Heartbeat(folder / "heartbeat").beat()
        FileLock(folder / "daemon.lock").acquire()
        EncryptedStore(folder / "config.enc", None).set({"TMDB_KEY": "x"})
        yield {path.name: mode_of(path) for path in folder.iterdir()}
        cache.close()


SECRETS = {".config_key": 0o600, "config.enc": 0o600}


@pytest.mark.parametrize(
    ("umask", "mode", "folder_mode", "drop"),
    [("027", 0o640, 0o750, 0o2770), ("0007", 0o660, 0o770, 0o2770), ("022", 0o644, 0o755, 0o2775)],
)
def test_files_have_the_mode_that_umask_leaves_and_secrets_are_for_their_owner(
    tmp_path, umask, mode, folder_mode, drop
):
    use_umask(umask)
    (modes,) = fill(tmp_path / "data")
    # A lock is never written, and the mode of its file is not widened.
    locks = {name: modes.pop(name) for name in ("daemon.lock", ".config.enc.lock")}

    assert mode_of(tmp_path / "data") == folder_mode
    assert {name: modes.pop(name) for name in SECRETS} == SECRETS
    assert modes.pop("drop") == drop
    assert set(modes) >= {"list_sync.db", "list_sync.db-wal", "list_sync.db-shm", "cache.db", "heartbeat", WAKE_NAME}
    assert set(modes.values()) == {mode}, modes
    assert all(found & ~mode == 0 for found in locks.values())


def test_a_folder_that_is_there_keeps_its_mode(tmp_path):
    (tmp_path / "data" / "drop").mkdir(parents=True)
    find_state_folder(tmp_path / "data")
    make_drop_folder(tmp_path / "data")

    assert (mode_of(tmp_path / "data"), mode_of(tmp_path / "data" / "drop")) == (0o755, 0o755)


@pytest.fixture
def open_folder():
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


READ = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM synced_items").fetchone()[0])
"""


def as_user(user, group, *command):
    setpriv = ("setpriv", f"--reuid={user}", f"--regid={user}", f"--groups={group}", "--inh-caps=-all")
    return subprocess.run([*setpriv, *map(str, command)], capture_output=True, text=True, check=False)


@needs_root
def test_a_user_of_the_group_reads_the_database_and_fills_drop_and_others_do_neither(open_folder):
    data = open_folder / "data"
    for _ in fill(data):
        for path in (data, *data.iterdir()):
            os.chown(path, GROUP, GROUP)
        (data / "drop").chmod(0o2770)
        reading = (sys.executable, "-c", READ, data / "list_sync.db")
        assert as_user(MEMBER, GROUP, *reading).stdout == "0\n"
        assert as_user(MEMBER, GROUP, "cp", data / "list_sync.db", open_folder / "copy.db").returncode == 0
        assert as_user(MEMBER, GROUP, "touch", data / "drop" / "films.csv").returncode == 0
        assert (data / "drop" / "films.csv").stat().st_gid == GROUP
        assert as_user(MEMBER, GROUP, "cat", data / "config.enc").returncode != 0
        assert as_user(MEMBER, GROUP, "touch", data / "evil").returncode != 0
        assert as_user(MEMBER, MEMBER, *reading).returncode != 0
        assert as_user(MEMBER, MEMBER, "touch", data / "drop" / "x").returncode != 0


def test_what_every_user_can_read_is_named(tmp_path):
    tmp_path.chmod(0o755)
    for name in ("list_sync.db", "list_sync.db.backup.3", "config.enc", "a.tar.gz", "notes.txt", "heartbeat"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    (tmp_path / "config.enc").chmod(0o640)
    assert find_exposed(tmp_path) == {tmp_path: ["a.tar.gz", "list_sync.db", "list_sync.db.backup.3"]}

    tmp_path.chmod(0o750)
    assert find_exposed(tmp_path) == {}


def test_a_heartbeat_follows_no_link(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "heartbeat").symlink_to(tmp_path / "precious")
    Heartbeat(tmp_path / "heartbeat").beat()

    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "heartbeat").is_symlink()
    assert heartbeat_age(tmp_path / "heartbeat") < 60


def test_a_pipe_in_the_place_of_the_heartbeat_holds_nothing_up(tmp_path, caplog):
    os.mkfifo(tmp_path / "heartbeat")
    Heartbeat(tmp_path / "heartbeat").beat()

    assert "cannot be written" in caplog.text


def test_a_wake_file_follows_no_link(tmp_path):
    (tmp_path / WAKE_NAME).symlink_to(tmp_path / "precious")
    wake_daemon(tmp_path)

    assert not (tmp_path / "precious").exists()
    assert not (tmp_path / WAKE_NAME).is_symlink()


@pytest.mark.parametrize("exists", [True, False])
def test_a_database_follows_no_link(tmp_path, exists):
    if exists:
        open_store(tmp_path / "elsewhere.db").close()
    (tmp_path / "list_sync.db").symlink_to(tmp_path / "elsewhere.db")

    with pytest.raises(StorageError, match=r"list_sync\.db is a symbolic link, which ListSync does not follow"):
        open_store(tmp_path / "list_sync.db")
    assert (tmp_path / "elsewhere.db").exists() == exists


def test_a_cache_follows_no_link(tmp_path):
    (tmp_path / "elsewhere.db").write_bytes(b"")
    (tmp_path / "cache.db").symlink_to(tmp_path / "elsewhere.db")
    with closing(FileCache(tmp_path / "cache.db", now=lambda: datetime.now(UTC))) as cache:
        cache.keep("a", b"1", seconds=60)
        cache.keep("a", b"1", seconds=60)
        assert cache.find("a") == b"1"

    assert (tmp_path / "elsewhere.db").read_bytes() == b""


@pytest.mark.parametrize("name", ["config.enc", ".env", "list_sync.db.backup.3"])
def test_a_temporary_file_is_new_has_a_random_name_and_replaces_what_a_kill_left(tmp_path, name):
    made = []
    for _ in range(2):
        descriptor, path = create_beside(tmp_path / name, 0o600)
        os.close(descriptor)
        made.append(path)

    assert made[0] != made[1]
    assert find_unfinished(tmp_path / name) == [made[1]]
    assert mode_of(made[1]) == 0o600


def test_a_file_of_ours_that_is_there_keeps_its_mode(tmp_path):
    (tmp_path / "heartbeat").touch(0o600)
    os.close(open_own(tmp_path / "heartbeat"))

    assert mode_of(tmp_path / "heartbeat") == 0o600


def test_a_copy_of_the_database_goes_to_no_link(tmp_path):
    open_store(tmp_path / "list_sync.db").close()
    (tmp_path / "copy.db").symlink_to(tmp_path / "precious")
    backup_file(tmp_path / "list_sync.db", tmp_path / "copy.db")

    assert not (tmp_path / "precious").exists()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM synced_items").fetchone() == (0,)


@pytest.mark.parametrize("text", ["27", "0o27", "800", "777", "127", "rwx"])
def test_an_umask_that_is_none_or_locks_listsync_out_is_refused(text):
    with pytest.raises(ConfigError, match=r"UMASK: .*for example 027, or 007"):
        load_settings({"UMASK": text}, providers={}, dotenv=None)
