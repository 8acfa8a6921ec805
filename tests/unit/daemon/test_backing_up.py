"""Backups by themselves: when they are made, which stay, and what is told of those that cannot be made."""

import logging
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace

import pytest

from list_sync.backups.archive import back_up
from list_sync.config import load_settings
from list_sync.config.encrypted import EncryptedStore
from list_sync.daemon import backing_up
from list_sync.daemon.backing_up import BackupKeeper
from list_sync.database.known_backups import find_backups, find_manifest, find_newest_verified
from list_sync.database.store import Store
from list_sync.storage.device import find_device_number
from tests.fakes.patience import wait_until


class Kept:
    """A data folder with its keeper, whose clock is in our hands."""

    def __init__(self, folder, clock, rhythm, **environment):
        variables = {"DATA_DIR": str(folder), "BACKUP_SCHEDULE": rhythm, **environment}
        self.settings = load_settings(variables, providers={}, dotenv=None)
        self.folder, self.clock = folder, clock
        self.store = Store(folder / "list_sync.db")
        self.store.open()
        self.told = []
        self.start()

    def start(self):
        """Begin anew, as after a restart."""
        rhythm = self.settings.process.backup_schedule
        self.keeper = BackupKeeper(
            self.settings,
            rhythm,
            self.store,
            self.folder,
            tell=lambda trouble, next_at: self.told.append((trouble, next_at)),
            now=self.clock.now,
        )
        self.look()

    def look(self, **later):
        self.clock.pass_by(**later)
        self.keeper.look()

    @property
    def names(self):
        return sorted(path.name for path in (self.folder / "backups").glob("*"))

    @property
    def trouble(self):
        return self.told[-1][0]

    @property
    def next_at(self):
        return self.told[-1][1]


@pytest.fixture
def keep(tmp_path, clock):
    opened = []

    def start(rhythm="24h", **environment):
        opened.append(Kept(tmp_path, clock, rhythm, **environment))
        return opened[-1]

    yield start
    for one in opened:
        one.store.close()


def write_rows(folder, count):
    with closing(sqlite3.connect(folder / "list_sync.db")) as connection:
        rows = [(f"key {number}", "2026-11-22 12:00:00") for number in range(count)]
        connection.executemany("INSERT OR REPLACE INTO pins (key, pinned_at) VALUES (?, ?)", rows)
        connection.commit()


def damage(folder):
    """Overwrite a page in the middle of the database."""
    with (folder / "list_sync.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 8192)


def test_the_first_backup_is_made_at_the_start_and_the_next_after_the_interval(keep):
    kept = keep("6h")
    for _ in range(12):
        kept.look(hours=1)

    assert kept.names == [f"list-sync-scheduled-20261122-{hour}0000.tar.gz" for hour in ("12", "18")] + [
        "list-sync-scheduled-20261123-000000.tar.gz"
    ]
    assert kept.next_at == kept.clock.now() + timedelta(hours=6)


def test_a_backup_is_verified_and_for_its_owner_alone(keep):
    kept = keep()
    (name,) = kept.names
    made = kept.folder / "backups" / name

    assert made.stat().st_mode & 0o777 == 0o600
    manifest = find_manifest(made)
    assert (manifest.is_verified, manifest.scheduled_by) == (True, find_device_number(kept.store))
    assert find_newest_verified(kept.folder, now=kept.clock.now()).path == made


def test_times_of_a_cron_expression_are_those_of_the_time_zone(keep):
    kept = keep("30 3 * * *", TZ="Europe/Berlin")

    assert kept.next_at.isoformat() == "2026-11-23T02:30:00+00:00"


@pytest.mark.parametrize(("hours", "count"), [(5, 1), (25, 2), (24 * 30, 2)])
def test_times_that_went_by_while_nothing_ran_are_made_up_once(keep, hours, count):
    kept = keep("24h")
    kept.clock.pass_by(hours=hours)
    kept.start()
    kept.look()

    assert len(kept.names) == count


def test_a_restart_makes_no_further_backup(keep):
    kept = keep("24h")
    for _ in range(5):
        kept.start()

    assert len(kept.names) == 1


def test_the_newest_stay_and_what_others_made_is_not_touched(keep):
    kept = keep("1h", BACKUP_KEEP="2")
    backups = kept.folder / "backups"
    (first,) = kept.names
    by_hand = backups / "list-sync-20261122-120000.tar.gz"
    back_up(by_hand, kept.settings.open_environment(), made_at=kept.clock.now())
    shutil.copy(backups / first, backups / "mine.tar.gz")
    # Under a name of ours: another time in the name, another installation, no schedule, no archive at all.
    shutil.copy(backups / first, backups / "list-sync-scheduled-20200101-000000.tar.gz")
    other = backups / "list-sync-scheduled-20261122-115900.tar.gz"
    back_up(other, kept.settings.open_environment(), made_at=kept.clock.now() - timedelta(minutes=1), scheduled_by="9")
    shutil.copy(by_hand, backups / "list-sync-scheduled-20261122-115800.tar.gz")
    (backups / "list-sync-scheduled-20261122-115700.tar.gz").write_text("a note")
    others = set(kept.names) - {first}
    for _ in range(3):
        kept.look(hours=1)

    ours = [f"list-sync-scheduled-20261122-1{hour}0000.tar.gz" for hour in (4, 5)]
    assert set(kept.names) == others | set(ours)


def test_with_one_to_keep_the_last_good_one_stays_until_the_next_is_verified(keep):
    kept = keep("1h", BACKUP_KEEP="1")
    (first,) = kept.names
    damage(kept.folder)
    kept.look(hours=1)

    assert kept.names == [first]
    assert "is damaged" in kept.trouble


def test_after_the_clock_was_far_ahead_backups_go_on(keep):
    kept = keep("24h", BACKUP_KEEP="2")
    kept.clock.set_by(days=3000)
    kept.keeper.look()
    kept.clock.set_by(days=-3000)
    kept.look(hours=1)
    assert kept.next_at - kept.clock.now() <= timedelta(hours=24)
    for _ in range(3):
        kept.look(hours=24)

    # The one from the far future counts as the oldest.
    assert [name[20:28] for name in kept.names] == ["20261124", "20261125"]


def test_a_clock_that_is_set_back_a_little_delays_no_backup_beyond_one_interval(keep):
    kept = keep("6h")
    kept.clock.set_by(hours=-20)
    kept.look()
    kept.look(hours=6)

    assert len(kept.names) == 2


def test_a_database_that_cannot_be_backed_up_is_told_and_the_former_backup_stays(keep, caplog):
    kept = keep("1h")
    (first,) = kept.names
    damage(kept.folder)
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            kept.look(hours=1)

    assert kept.names == [first]
    assert kept.trouble.endswith("the last good one is of 2026-11-22 12:00 UTC")
    assert len(caplog.messages) == 1, "the same reason is logged once"


def test_what_went_wrong_is_tried_again_soon_and_told_to_be_over(keep):
    kept = keep("24h")
    # What is in the place of the folder can be no folder.
    shutil.rmtree(kept.folder / "backups")
    (kept.folder / "backups").write_text("")
    kept.start()
    assert "cannot be written" in kept.trouble
    assert "there is none yet" in kept.trouble
    assert kept.next_at - kept.clock.now() == timedelta(minutes=1)
    kept.look(minutes=1)
    assert kept.next_at - kept.clock.now() == timedelta(minutes=5)
    (kept.folder / "backups").unlink()
    kept.look(minutes=5)

    assert (kept.trouble, len(kept.names)) == ("", 1)


def test_a_full_disk_is_one_plain_message_and_leaves_nothing(keep, monkeypatch):
    kept = keep("24h")
    (first,) = kept.names
    monkeypatch.setattr("list_sync.backups.unpacking.shutil.disk_usage", lambda _path: SimpleNamespace(free=100_000))
    kept.look(hours=24)

    assert kept.names == [first]
    assert "needs" in kept.trouble
    assert "free some space" in kept.trouble


def test_a_config_enc_that_does_not_open_with_the_passphrase_is_named(keep, tmp_path):
    EncryptedStore(tmp_path / "config.enc", "the right one").set({"TRAKT_CLIENT_ID": "abc"})
    kept = keep("24h", CONFIG_PASSPHRASE="the right one")
    assert kept.trouble == ""
    EncryptedStore(tmp_path / "config.enc", "the right one").path.unlink()
    EncryptedStore(tmp_path / "config.enc", "another one").set({"TRAKT_CLIENT_ID": "abc"})
    kept.look(hours=24)

    assert "config.enc in it cannot be opened with the CONFIG_PASSPHRASE that is set" in kept.trouble
    assert "another one" not in kept.trouble
    assert len(kept.names) == 1


def test_a_database_that_restore_would_refuse_is_named_when_it_is_backed_up(keep):
    kept = keep("1h")
    with closing(sqlite3.connect(kept.folder / "list_sync.db")) as connection:
        connection.execute("ALTER TABLE pins ADD COLUMN mine TEXT AS (key || key) VIRTUAL")
    kept.look(hours=1)

    assert "generated column pins.mine" in kept.trouble
    assert len(kept.names) == 1


def test_what_people_added_to_the_database_is_left_out_and_named(keep, caplog):
    kept = keep("1h")
    with closing(sqlite3.connect(kept.folder / "list_sync.db")) as connection:
        connection.executescript(
            "CREATE VIEW busy AS SELECT key FROM pins; CREATE TABLE mine (name TEXT UNIQUE);"
            "CREATE TRIGGER noted AFTER INSERT ON pins BEGIN INSERT INTO mine VALUES (new.key); END;"
            "CREATE INDEX long_keys ON pins (length(key)); CREATE INDEX named ON mine (name);"
        )
    write_rows(kept.folder, 3)
    with caplog.at_level(logging.INFO):
        kept.look(hours=1)

    assert kept.trouble == ""
    assert "did not make it: view busy, table mine, trigger noted" in caplog.text
    with closing(sqlite3.connect(kept.folder / "list_sync.db")) as connection:
        assert connection.execute("SELECT count(*) FROM busy, mine").fetchone() == (9,), "the database stays as it is"


def test_a_lost_database_makes_no_backup_of_nothing(keep):
    kept = keep("1h")
    kept.store.close()
    (kept.folder / "list_sync.db").unlink()
    kept.look(hours=1)

    assert len(kept.names) == 1
    assert "list_sync.db" in kept.trouble


def test_a_backup_beside_a_writer_holds_one_state(keep, tmp_path):
    kept = keep("1h")
    stop = threading.Event()
    sizes = []

    def write():
        while not stop.is_set():
            write_rows(kept.folder, 50)
            with kept.store.writing() as connection:
                connection.exec_driver_sql("DELETE FROM pins")
            sizes.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    wait_until(lambda: sizes, "the writer")
    for _ in range(5):
        kept.look(hours=1)
    stop.set()
    writer.join()

    assert kept.trouble == ""
    assert len(find_backups(tmp_path)) == 6


def test_after_a_restart_nothing_is_told_to_be_over_before_a_backup_was_made(keep):
    kept = keep("24h")
    kept.told.clear()
    kept.start()
    assert [trouble for trouble, _ in kept.told] == [None]
    damage(kept.folder)
    kept.look(hours=24)
    kept.start()

    assert all(trouble for trouble, _ in kept.told if trouble is not None)


def test_an_unforeseen_error_ends_neither_the_thread_nor_the_daemon(keep, monkeypatch, caplog):
    kept = keep("1h")
    stop = threading.Event()
    looks = []

    def fail(*_):
        looks.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(backing_up, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(kept.keeper, "look", fail)
    thread = threading.Thread(target=kept.keeper.run, args=(stop,))
    thread.start()
    wait_until(lambda: len(looks) > 1, "another look")
    stop.set()
    thread.join()

    assert kept.trouble.startswith("it broke off")
