import io
import json
import os
import resource
import shutil
import signal
import sqlite3
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from list_sync.config.encrypted import EncryptedStore
from list_sync.config.sealing import KeyKind, parse_header
from list_sync.database.known_backups import find_backups
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.database.store import open_store
from list_sync.errors import StorageUnavailable
from list_sync.files.exchange import READY
from list_sync.files.lock import FileLock

ARCHIVE = "data/backup.tar.gz"


@pytest.fixture
def data(home):
    """A data folder with a database that holds a note of ours."""
    open_store(home / "data" / "list_sync.db").close()
    note(home, "first")
    return home / "data"


def note(home, text):
    with closing(sqlite3.connect(home / "data" / "list_sync.db")) as connection:
        connection.execute("DELETE FROM pins")
        connection.execute("INSERT INTO pins (key, pinned_at) VALUES (?, '2026-11-22 12:00:00')", [text])
        connection.commit()


def read_note(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT key FROM pins").fetchone()[0]


def keep_secret(data, value, *, passphrase=None):
    EncryptedStore(data / "config.enc", passphrase).set({"OVERSEERR_API_KEY": value})


def secret_in(folder, *, passphrase=None):
    return EncryptedStore(folder / "config.enc", passphrase).load().get("OVERSEERR_API_KEY")


def aside(data):
    (folder,) = data.glob("before-restore-*")
    return folder


def content(folder):
    locks = {"daemon.lock", "run.lock", ".config.enc.lock"}
    return {
        path.relative_to(folder).as_posix(): read(path)
        for path in folder.rglob("*")
        if path.is_file() and path.name not in locks
    }


def read(path):
    """Return what is in a file; a database without its audit log, which also has commands that were refused."""
    if path.name != "list_sync.db" or not path.stat().st_size:
        return path.read_bytes()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            return [line for line in connection.iterdump() if "audit_log" not in line]
    except sqlite3.DatabaseError:
        return path.read_bytes()


def made(cli, path=ARCHIVE):
    answer = cli("backup", path)
    assert answer.code == 0, answer.err
    return answer


def test_everything_that_cannot_be_made_again_is_in_one_file_and_one_line(cli, data, home):
    keep_secret(data, "key")
    (home / ".env").write_text("IMDB_LISTS=top")
    answer = made(cli)

    members = f"list_sync.db (schema {SCHEMA_VERSION}), config.enc, .config_key, .env; "
    assert answer.lines[0].startswith(f"data/backup.tar.gz: {members}"), answer.out
    assert (len(answer.lines), answer.err) == (1, "")
    with tarfile.open(home / ARCHIVE) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert names == ["list-sync-backup.json", "list_sync.db", "config.enc", ".config_key", ".env"]
    assert (home / ARCHIVE).stat().st_mode & 0o777 == 0o600


def test_an_env_file_may_be_mounted_in_the_folder_of_the_configuration(cli, data, home):
    (home / "config").mkdir()
    (home / "config" / ".env").write_text("IMDB_LISTS=top")
    answer = made(cli)

    assert ", .env; " in answer.out


def test_an_env_file_that_is_not_here_is_said_to_be_missing(cli, data):
    assert made(cli).out.rstrip().endswith("; .env is not here, keep a copy of it yourself")


def test_the_folder_for_backups_is_made(cli, data):
    made(cli, "data/backups/monday.tar.gz")

    assert find_backups(data)[0].path == data / "backups" / "monday.tar.gz"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_backs_up_belongs_to_whom_the_data_folder_belongs(cli, data):
    os.chown(data, 4242, 4242)
    made(cli, "data/backups/monday.tar.gz")

    owners = {path.stat().st_uid for path in (data / "backups", data / "backups" / "monday.tar.gz")}
    assert owners == {4242}


def test_a_file_in_the_place_of_the_folder_for_backups_is_told_of(cli, data):
    (data / "backups").touch()
    answer = cli("backup", "data/backups/monday.tar.gz")

    assert answer.code == 1
    assert (
        "data/backups/monday.tar.gz cannot be written (Not a directory): name a file in the data folder" in answer.err
    )


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ("data", 2, "data is a folder: name a file in it, as in data/list-sync.tar.gz"),
        ("data/list_sync.db", 2, "a backup is called FILE.tar.gz, as in data/list_sync.tar.gz"),
        ("data/config.enc", 2, "a backup is called FILE.tar.gz, as in data/config.tar.gz"),
        (".env", 2, "a backup is called FILE.tar.gz, as in data/list-sync.tar.gz"),
        ("missing/a.tar.gz", 1, "name a file in the data folder, as in data/a.tar.gz"),
    ],
)
def test_a_name_that_will_not_do_is_refused_with_one_that_does(cli, data, target, code, words):
    before = content(data)
    answer = cli("backup", target)

    assert (answer.code, answer.out) == (code, "")
    assert words in answer.err
    assert content(data) == before


def test_without_a_database_there_is_nothing_to_back_up(cli, home):
    answer = cli("backup", "a.tar.gz")

    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "there is no database in data (DATA_DIR)" in answer.err
    assert list(home.iterdir()) == []


def test_wrong_settings_and_a_store_that_does_not_open_keep_nobody_from_a_backup(cli, data, home, monkeypatch):
    monkeypatch.setenv("SYNC_INTERVAL", "often")
    (data / "config.enc").write_bytes(b"ListSync secrets, cut off")
    made(cli)
    (data / "list_sync.db").unlink()

    assert cli("restore", ARCHIVE).code == 0
    assert read_note(data / "list_sync.db") == "first"


def test_what_cannot_be_read_is_left_out_with_a_warning(cli, data):
    (data / "config.enc").mkdir()
    answer = made(cli)

    assert "warning: data/config.enc cannot be read (Is a directory) and is not in the backup" in answer.err


def test_a_restore_brings_back_what_was_there_and_keeps_what_is(cli, data, home):
    keep_secret(data, "old")
    made(cli)
    before = content(data)
    note(home, "second")
    (data / "config.enc").unlink()
    (data / ".config_key").unlink()
    keep_secret(data, "new")
    answer = cli("restore", ARCHIVE)

    assert answer.code == 0, answer.err
    assert (read_note(data / "list_sync.db"), secret_in(data)) == ("first", "old")
    assert (read_note(aside(data) / "list_sync.db"), secret_in(aside(data))) == ("second", "new")
    assert answer.lines[0].startswith("restored list_sync.db, config.enc, .config_key from data/backup.tar.gz of 20")
    former = aside(data).relative_to(home)
    assert answer.lines[-1] == f"the former data is in {former}; `list-sync restore {former}` restores it"
    assert {path.name for path in data.iterdir() if path.is_file()} >= {Path(name).name for name in before}
    assert {name: (data / name).stat().st_mode & 0o777 for name in ("config.enc", ".config_key")} == {
        "config.enc": 0o600,
        ".config_key": 0o600,
    }


def test_a_restore_can_be_undone(cli, data, home):
    keep_secret(data, "old")
    made(cli)
    note(home, "second")
    keep_secret(data, "new")
    assert cli("restore", ARCHIVE).code == 0
    former = aside(data)
    answer = cli("restore", str(former))

    assert answer.code == 0, answer.err
    assert answer.lines[0].startswith("restored list_sync.db, config.enc, .config_key from ")
    assert (read_note(data / "list_sync.db"), secret_in(data)) == ("second", "new")
    assert (read_note(former / "list_sync.db"), secret_in(former)) == ("second", "new")


def test_an_empty_folder_takes_a_backup(cli, data, home):
    keep_secret(data, "key")
    made(cli, "backup.tar.gz")
    shutil.rmtree(data)
    answer = cli("restore", "backup.tar.gz")

    assert (answer.code, answer.lines[-1]) == (0, "the folder had no data before")
    assert (read_note(data / "list_sync.db"), secret_in(data)) == ("first", "key")


def test_a_copy_of_the_database_alone_leaves_the_secrets_as_they_are(cli, data, home):
    keep_secret(data, "key")
    shutil.copy(data / "list_sync.db", data / "list_sync.db.backup.3")
    note(home, "second")
    answer = cli("restore", "data/list_sync.db.backup.3")

    assert answer.code == 0
    assert "config.enc is not replaced: the backup has none" in answer.lines
    assert (read_note(data / "list_sync.db"), secret_in(data)) == ("first", "key")
    assert [path.name for path in aside(data).iterdir()] == ["list_sync.db"]
    assert (data / "list_sync.db.backup.3").exists()


def test_a_copy_with_its_log_beside_it_is_restored_with_what_is_in_the_log(cli, data, home):
    (home / "copies").mkdir()
    with closing(sqlite3.connect(data / "list_sync.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE pins SET key = 'in the log'")
        connection.commit()
        for path in data.glob("list_sync.db*"):
            shutil.copy(path, home / "copies")
    before = {path.name: path.read_bytes() for path in (home / "copies").iterdir()}
    note(home, "second")

    assert cli("restore", "copies/list_sync.db").code == 0
    assert read_note(data / "list_sync.db") == "in the log"
    assert {path.name: path.read_bytes() for path in (home / "copies").iterdir()} == before


def test_the_guides_archive_is_restored_with_the_key_that_is_still_there(cli, data, home):
    keep_secret(data, "old")
    pack_as_the_guide_does(home, "list_sync.db", "config.enc")
    note(home, "second")
    keep_secret(data, "new")

    assert cli("restore", "guide.tar.gz").code == 0
    assert (read_note(data / "list_sync.db"), secret_in(data)) == ("first", "old")
    assert secret_in(aside(data)) == "new"


def pack_as_the_guide_does(home, *names):
    with tarfile.open(home / "guide.tar.gz", "w:gz") as archive:
        for name in names:
            archive.add(home / "data" / name, f"20261122_120000/{name}")


def test_secrets_whose_key_is_lost_are_not_put_in_the_place_of_others(cli, data, home):
    keep_secret(data, "old")
    pack_as_the_guide_does(home, "list_sync.db", "config.enc")
    (data / "config.enc").unlink()
    (data / ".config_key").unlink()
    keep_secret(data, "new")
    answer = cli("restore", "guide.tar.gz")

    assert answer.code == 0
    assert "config.enc of the backup is not restored: its key .config_key is neither in it nor in data" in answer.lines
    assert secret_in(data) == "new"


def test_secrets_with_a_passphrase_come_back_with_a_word_on_the_passphrase(cli, data, home, monkeypatch):
    keep_secret(data, "old", passphrase="of then")
    made(cli)
    (data / "config.enc").unlink()
    keep_secret(data, "new")
    answer = cli("restore", "--trust", ARCHIVE)

    assert "config.enc opens only with the CONFIG_PASSPHRASE that was set when it was made" in answer.lines
    assert secret_in(data, passphrase="of then") == "old"
    assert parse_header((data / "config.enc").read_bytes(), data).kind is KeyKind.PASSPHRASE
    assert not (data / ".config_key").exists(), "it belongs to the former ones"
    assert secret_in(aside(data)) == "new"
    monkeypatch.setenv("CONFIG_PASSPHRASE", "of then")
    assert "CONFIG_PASSPHRASE" not in cli("restore", ARCHIVE).out


def test_the_former_database_is_kept_as_one_file_with_what_was_written_last(cli, data, home):
    made(cli, "backup.tar.gz")
    (home / "open").mkdir()
    with closing(sqlite3.connect(data / "list_sync.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE pins SET key = 'in the log'")
        connection.commit()
        for path in data.glob("list_sync.db*"):
            shutil.copy(path, home / "open")
    shutil.rmtree(data)
    (home / "open").rename(data)

    assert cli("restore", "backup.tar.gz").code == 0
    assert [path.name for path in aside(data).iterdir()] == ["list_sync.db"]
    assert read_note(aside(data) / "list_sync.db") == "in the log"


def test_whoever_changes_the_secrets_is_waited_for(cli, data):
    keep_secret(data, "key")
    made(cli)
    is_done = threading.Event()

    def change_slowly():
        with EncryptedStore(data / "config.enc", None).locked():
            began.set()
            threading.Event().wait(1.0)
            is_done.set()

    began = threading.Event()
    other = threading.Thread(target=change_slowly)
    other.start()
    began.wait()
    assert cli("restore", ARCHIVE).code == 0
    assert is_done.is_set()
    other.join()


def test_an_env_file_is_the_users_own_and_is_put_beside(cli, data, home):
    (home / ".env").write_text("IMDB_LISTS=old")
    made(cli)
    assert ".env" not in cli("restore", ARCHIVE).out, "it is the same"
    (home / ".env").write_text("IMDB_LISTS=new")
    answer = cli("restore", ARCHIVE)

    assert "your .env stays; that of the backup is data/.env.restored: compare, then remove it" in answer.lines
    assert (home / ".env").read_text() == "IMDB_LISTS=new"
    assert (data / ".env.restored").read_text() == "IMDB_LISTS=old"
    assert (data / ".env.restored").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [b"", b"no database " * 1000, None])
def test_a_present_database_that_is_damaged_is_no_hindrance(cli, data, home, damage):
    made(cli)
    (data / "list_sync.db-wal").write_bytes(b"stale")
    if damage is None:
        (data / "list_sync.db").unlink()
    else:
        (data / "list_sync.db").write_bytes(damage)
    answer = cli("restore", ARCHIVE)

    assert answer.code == 0, answer.err
    assert read_note(data / "list_sync.db") == "first"
    assert not (data / "list_sync.db-wal").exists()
    kept = content(aside(data))
    assert kept.get("list_sync.db") == damage
    assert kept["list_sync.db-wal"] == b"stale"


def test_a_backup_that_will_not_do_changes_nothing(cli, data, home):
    made(cli)
    whole = (home / ARCHIVE).read_bytes()
    (home / "cut.tar.gz").write_bytes(whole[:-9])
    (home / "flipped.tar.gz").write_bytes(whole[:3000] + bytes([whole[3000] ^ 1]) + whole[3001:])
    (home / "text").write_text("no backup")
    with closing(sqlite3.connect(home / "newer.db")) as newer:
        newer.executescript("CREATE TABLE alembic_version (v); CREATE TABLE schema_version (version INTEGER);")
        newer.execute("INSERT INTO schema_version VALUES (99)")
        newer.commit()
    note(home, "second")
    before = content(data)

    for name, words in {
        "cut.tar.gz": "cut.tar.gz is damaged: take another backup",
        "flipped.tar.gz": "flipped.tar.gz is damaged: take another backup",
        "text": "text is not a backup",
        "newer.db": "newer.db was made by a newer ListSync",
    }.items():
        answer = cli("restore", name)
        assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
        assert words in answer.err
        assert content(data) == before


@pytest.mark.parametrize("share", [0.1, 0.9, 1.0])
def test_a_disk_that_is_full_changes_nothing(cli, data, home, share):
    made(cli)
    note(home, "second")
    before = content(data)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(share * (data / "list_sync.db").stat().st_size) - 8192, hard))
    try:
        answer = cli("restore", ARCHIVE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, former)

    assert (answer.code, answer.out) == (1, "")
    # The second line says that the audit log has no line about this.
    assert answer.err.count("\n") == 1 + ("the audit log" in answer.err)
    assert "damaged" not in answer.err
    after = content(data)
    # Without room, that line stays in the write-ahead log.
    assert {name: after[name] for name in after if not name.endswith(("-shm", "-wal"))} == before


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("missing.tar.gz", "missing.tar.gz does not exist: name a backup, as in data/list-sync.tar.gz"),
        ("data", "data/list_sync.db is the present database: name a backup of it"),
        ("config", "config is a folder without list_sync.db: name a backup, as in data/list-sync.tar.gz"),
        ("data/list_sync.db", "data/list_sync.db is the present database: name a backup of it"),
    ],
)
def test_what_is_no_backup_at_all_is_a_wrong_command_line(cli, data, home, source, words):
    (home / "config").mkdir()
    answer = cli("restore", source)

    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err


@pytest.mark.parametrize("lock", ["daemon.lock", "run.lock"])
def test_while_a_listsync_works_there_the_restore_names_the_command_that_helps(cli, data, lock):
    made(cli)
    before = content(data)
    with FileLock(data / lock):
        answer = cli("restore", ARCHIVE)

    assert (answer.code, answer.out) == (4, "")
    assert (
        "stop it first (docker compose stop listsync), then: docker compose run --rm listsync list-sync " in answer.err
    )
    assert "restore data/backup.tar.gz" in answer.err
    assert content(data) == before


def test_a_restore_that_was_cut_off_is_completed_by_the_next_command_and_not_by_a_look_at_the_health(cli, data, home):
    keep_secret(data, "key")
    (data / READY / "new").mkdir(parents=True)
    shutil.copy(data / "list_sync.db", data / READY / "new")
    (data / READY / "plan.json").write_text(
        '{"outgoing": ["list_sync.db"], "incoming": ["list_sync.db"], "aside": "before-restore-x"}'
    )
    note(home, "second")
    before = content(data)
    answer = cli("health")

    assert (answer.code, answer.out) == (
        1,
        "unhealthy: a restore into data is in progress, or was interrupted: start ListSync to finish it\n",
    )
    assert content(data) == before
    assert "config.enc" in cli("config", "show").out
    assert read_note(data / "list_sync.db") == "first"
    assert read_note(aside(data) / "list_sync.db") == "second"


ADDRESSES = {
    "OVERSEERR_URL": "http://stranger:5055",
    "PLEX_BASE_URL": "http://joe:SECRET@stranger/x",
    "FILE_LISTS": "a.json,http://stranger/x?key=SECRET",
    "OVERSEERR_API_KEY": "key",
}
NAMED = (
    "FILE_LISTS a.json, http://stranger/x?key=*** (not set now); "
    "OVERSEERR_URL http://stranger:5055 (now http://home:5055); PLEX_BASE_URL http://***@stranger/x (not set now)"
)


@pytest.fixture
def foreign(cli, data, monkeypatch):
    """A backup whose config.enc has other addresses than the present settings."""
    EncryptedStore(data / "config.enc", None).set(ADDRESSES)
    made(cli)
    EncryptedStore(data / "config.enc", None).begin_anew({"OVERSEERR_URL": "http://home:5055"})
    return data


def test_a_backup_with_other_addresses_is_not_restored_without_a_word_of_its_user(cli, foreign):
    before = content(foreign)
    answer = cli("restore", ARCHIVE)

    assert answer.code == 4
    assert answer.err == (
        f"Error: {ARCHIVE} is not restored: its config.enc has addresses that differ from what is set: {NAMED}."
        " If they are yours, restore it with --trust\n"
    )
    assert content(foreign) == before


def test_a_backup_with_other_addresses_is_restored_with_trust(cli, foreign):
    answer = cli("restore", "--trust", ARCHIVE)

    assert answer.code == 0
    assert "config.enc of the backup sets OVERSEERR_URL http://stranger:5055 (now http://home:5055)" in answer.out
    assert "SECRET" not in answer.out
    assert EncryptedStore(foreign / "config.enc", None).load() == ADDRESSES


@pytest.mark.parametrize(("word", "code"), [("y\n", 0), ("n\n", 4)])
def test_on_a_terminal_the_addresses_are_asked_for(cli, foreign, monkeypatch, word, code):
    terminal = io.StringIO(word)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)

    assert cli("restore", ARCHIVE).code == code
    assert (EncryptedStore(foreign / "config.enc", None).load() == ADDRESSES) == (code == 0)


def test_addresses_that_are_set_already_are_not_asked_for(cli, foreign, monkeypatch):
    for name in ("OVERSEERR_URL", "PLEX_BASE_URL", "FILE_LISTS"):
        monkeypatch.setenv(name, ADDRESSES[name])

    assert cli("restore", ARCHIVE).code == 0


SEALED = "without the CONFIG_PASSPHRASE with which it was made it cannot be opened, so its addresses are not known"


@pytest.fixture(params=["not set", "another one", "ListSync 0.6.x"])
def sealed(request, cli, data, monkeypatch):
    """A backup whose config.enc cannot be opened with what is set."""
    if request.param == "ListSync 0.6.x":
        (data / "config.enc").write_bytes(Fernet(Fernet.generate_key()).encrypt(b"{}"))
    else:
        EncryptedStore(data / "config.enc", "of then").set(ADDRESSES)
    made(cli)
    (data / "config.enc").unlink()
    note(data.parent, "second")
    if request.param == "another one":
        monkeypatch.setenv("CONFIG_PASSPHRASE", "of now")
    return data


def test_a_backup_whose_addresses_cannot_be_seen_is_not_restored_without_a_word_of_its_user(cli, sealed):
    before = content(sealed)
    answer = cli("restore", ARCHIVE)

    assert (answer.code, answer.out) == (4, "")
    assert answer.err == (
        f"Error: {ARCHIVE} is not restored because of its config.enc: {SEALED}."
        " Set that CONFIG_PASSPHRASE; or, if the backup is yours, restore it with --trust\n"
    )
    assert content(sealed) == before


@pytest.mark.parametrize(("options", "word", "code"), [(["--trust"], "", 0), ([], "y\n", 0), ([], "n\n", 4)])
def test_addresses_that_cannot_be_seen_are_accepted_by_trust_and_asked_for_on_a_terminal(
    cli, sealed, monkeypatch, options, word, code
):
    terminal = io.StringIO(word)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    answer = cli("restore", *options, ARCHIVE)

    assert answer.code == code
    assert f"config.enc of the backup: {SEALED}" in answer.lines
    assert (sealed / "config.enc").exists() == (code == 0)


def test_the_passphrase_that_fits_opens_the_addresses_for_comparison(cli, data, monkeypatch):
    EncryptedStore(data / "config.enc", "of then").set({"OVERSEERR_URL": "http://stranger:5055"})
    made(cli)
    (data / "config.enc").unlink()
    monkeypatch.setenv("CONFIG_PASSPHRASE", "of then")
    answer = cli("restore", ARCHIVE)

    assert answer.code == 4
    assert "OVERSEERR_URL http://stranger:5055 (not set now)" in answer.err


def tokens(cli):
    return {one["name"]: one["scope"] for one in json.loads(cli("web", "token", "list", "--json").out)["tokens"]}


def sql(data, statement):
    with closing(sqlite3.connect(data / "list_sync.db")) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_restore_keeps_the_tokens_that_are_here_and_leaves_out_all_others_by_name(cli, data):
    for name in ("kept", "raised", "revoked", "foreign"):
        cli("web", "token", "new", name)
    sql(data, "UPDATE api_tokens SET scope = 'admin' WHERE name = 'raised'")
    made(cli)
    sql(data, "DELETE FROM api_tokens WHERE name IN ('revoked', 'foreign')")
    sql(data, "UPDATE api_tokens SET scope = 'read' WHERE name = 'raised'")
    cli("web", "token", "new", "later")

    restored = cli("restore", ARCHIVE)

    left_out = "tokens of the service are left out, because this folder does not have them: foreign, revoked"
    assert left_out in restored.lines
    assert tokens(cli) == {"kept": "read", "raised": "read"}


@pytest.mark.parametrize("present", [None, b"SQLite format 3\0 damaged", b""])
def test_a_folder_without_a_database_that_can_be_read_gets_no_token_of_a_backup(cli, data, present):
    for number in range(12):
        cli("web", "token", "new", f"token {number:02}")
    made(cli)
    Path(ARCHIVE).rename("kept.tar.gz")
    shutil.rmtree(data)
    data.mkdir()
    if present is not None:
        (data / "list_sync.db").write_bytes(present)

    restored = cli("restore", "kept.tar.gz")

    assert restored.code == 0
    (line,) = [line for line in restored.lines if line.startswith("tokens of the service")]
    assert line.endswith("token 08, token 09 and 2 more")
    assert tokens(cli) == {}


def test_a_restore_brings_neither_a_password_nor_a_log_in(cli, data):
    row = "'dashboard', 'password', 's', '2026-11-27', '2026-11-27', 60, '2030-11-27'"
    cli("web", "token", "new", "first")
    sql(data, "INSERT INTO web_password VALUES (1, 'hash of the backup', '2026-11-27 12:00:00')")
    sql(data, f"INSERT INTO web_sessions VALUES ('digest', {row})")
    made(cli)
    sql(data, "UPDATE web_password SET hash = 'hash of now'")

    assert cli("restore", ARCHIVE).code == 0

    with closing(sqlite3.connect(data / "list_sync.db")) as connection:
        assert connection.execute("SELECT hash FROM web_password").fetchall() == [("hash of now",)]
        assert connection.execute("SELECT count(*) FROM web_sessions").fetchone() == (0,)


def test_a_backup_without_tokens_says_nothing_of_them(cli, data):
    made(cli)

    assert "token" not in cli("restore", ARCHIVE).out


def test_the_backups_that_there_are_are_listed_with_age_size_and_whether_they_were_verified(cli, data, home):
    assert cli("restore", "--list").out.startswith("none in the data folder")
    made(cli, "data/backups/by-hand.tar.gz")
    shutil.copy(data / "list_sync.db", data / "list_sync.db.backup.7")
    answer = cli("restore", "--list")

    assert answer.code == 0
    head, *rows = answer.lines
    assert head.split() == ["MADE", "SIZE", "VERIFIED", "BY", "FILE"]
    assert {(row.split()[-3], row.split()[-2], Path(row.split()[-1]).name) for row in rows} == {
        ("yes", "hand", "by-hand.tar.gz"),
        ("-", "migration", "list_sync.db.backup.7"),
    }
    told = json.loads(cli("restore", "--list", "--json").out)["backups"]
    assert {(one["verified"], one["scheduled"]) for one in told} == {(True, False), (False, False)}


@pytest.mark.parametrize("arguments", [[], ["--json"], [ARCHIVE, "--json"]])
def test_restore_without_a_backup_is_a_wrong_command_line(cli, data, arguments):
    assert cli("restore", *arguments).code == 2


def test_a_backup_by_hand_that_could_not_be_restored_is_kept_and_says_so(cli, data, home):
    with closing(sqlite3.connect(data / "list_sync.db")) as connection:
        connection.execute("ALTER TABLE pins ADD COLUMN mine TEXT AS (key || key) VIRTUAL")
    answer = made(cli)

    assert "generated column pins.mine" in answer.err
    assert "verified" not in answer.out
    assert not find_backups(data)[0].is_verified


def test_status_says_how_old_the_last_good_backup_is(cli, data, home):
    assert "backup" not in cli("status").out
    assert json.loads(cli("status", "--json").out)["backup"] is None
    made(cli)

    (line,) = [line for line in cli("status").lines if line.startswith("backup")]
    assert line.endswith("(0 minutes ago), data/backup.tar.gz"), line
    told = json.loads(cli("status", "--json").out)["backup"]
    assert (told["path"], told["trouble"]) == ("data/backup.tar.gz", None)
    assert 0 <= told["age_seconds"] < 600


def test_after_an_update_that_is_taken_back_one_command_restores_the_copy_from_before_it(cli, data, home):
    shutil.copy(data / "list_sync.db", data / f"list_sync.db.backup.{SCHEMA_VERSION}")
    with closing(sqlite3.connect(data / "list_sync.db")) as connection:
        connection.execute("INSERT INTO schema_version (version) VALUES (?)", [SCHEMA_VERSION + 1])
        connection.execute("ALTER TABLE api_tokens RENAME COLUMN digest TO of_a_later_version")
        connection.commit()
    note(home, "after the update")
    refused = cli("history")
    command = refused.err.partition("`list-sync ")[2].partition("`")[0].split()

    assert refused.code == 1
    assert command == ["restore", f"data/list_sync.db.backup.{SCHEMA_VERSION}"]
    assert cli(*command).code == 0
    assert read_note(data / "list_sync.db") == "first"
    assert cli("history").code == 0


def test_a_backup_for_whose_check_there_is_no_room_says_that_it_is_not_verified(cli, data, home, monkeypatch):
    def verify(archive, place, manifest, *, passphrase):
        raise StorageUnavailable(f"{place / 'list_sync.db'} cannot grow, the disk is full: free some space in {place}")

    monkeypatch.setattr("list_sync.backups.verifying.verify", verify)
    answer = cli("backup", "data/b.tar.gz")

    assert answer.code == 0
    assert "warning: data/b.tar.gz could not be verified: data/list_sync.db cannot grow, the disk is full" in answer.err
    assert ".list-sync-backup-" not in answer.err
