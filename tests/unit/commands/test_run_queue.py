"""What a daemon records and logs while its database cannot be used."""

import io
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from list_sync import log
from list_sync.config import load_settings
from list_sync.daemon import run_queue
from list_sync.database.store import Store
from list_sync.errors import StorageUnavailable
from list_sync.files.lock import FileLock
from list_sync.main import open_session
from list_sync.model.exit_codes import ExitCode
from list_sync.model.runs import RunOrder, RunStatus
from list_sync.model.servers import HOME
from list_sync.model.sources import Backoff, ListRef
from list_sync.storage import orders
from list_sync.storage.list_memory import ListMemory
from list_sync.storage.runs import find_run
from tests.fakes.clock import FakeClock

SERVER = {"OVERSEERR_URL": "http://127.0.0.1:9", "OVERSEERR_API_KEY": "key"}


@pytest.fixture
def session(home):
    settings = load_settings({**SERVER, "DATA_DIR": str(home / "data")}, providers={}, dotenv=None)
    with open_session(settings) as session:
        session.store.close()
        session.store = Store(session.folder.database, busy_timeout_seconds=0.05)
        session.store.open()
        yield session


@pytest.fixture
def queue(session):
    return run_queue.RunQueue(session.store, FileLock(session.folder.daemon_lock))


ALL = RunOrder()


def ask(session, order=ALL):
    with session.store.writing() as connection:
        return orders.ask(connection, HOME, order, at=datetime.now(UTC))


def find(session, number):
    with session.store.reading() as connection:
        return find_run(connection, number)


def test_the_failure_of_an_order_is_recorded_once_the_database_can_be_written_again(
    session, queue, monkeypatch, caplog
):
    monkeypatch.setattr(run_queue, "OPEN_AGAIN_SECONDS", 0.0)
    number = ask(session)
    assert queue.find_order() == (number, RunOrder())
    with closing(sqlite3.connect(session.folder.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        queue.fail_order(number, "it is locked")
        assert queue.find_order() is None
        assert not queue.is_readable
    assert find(session, number).status is RunStatus.QUEUED
    assert "the end of the sync that was asked for is recorded later" in caplog.text

    assert queue.find_order() is None
    run = find(session, number)
    assert (run.status, run.error, run.exit_code) == (RunStatus.FAILED, "it is locked", ExitCode.FAILURES)
    assert queue.take_recovered()


def test_an_order_of_another_version_fails_with_a_reason_and_the_next_one_is_found(session, queue):
    strange, known = ask(session), ask(session, RunOrder(dry_run=True))
    with session.store.writing() as connection:
        connection.exec_driver_sql(f"UPDATE sync_history SET run_order = 'strange' WHERE id = {strange}")

    assert queue.find_order() == (known, RunOrder(dry_run=True))
    run = find(session, strange)
    assert (run.status, run.error) == (RunStatus.FAILED, run_queue.NOT_UNDERSTOOD)


def test_an_order_wakes_the_daemon_once(session, queue):
    assert not queue.was_woken()
    run_queue.wake_daemon(session.folder.path)
    assert queue.was_woken()
    assert not queue.was_woken()


def test_a_database_that_is_taken_away_wakes_the_daemon(session, queue):
    session.folder.database.unlink()

    assert queue.was_woken()
    assert queue.find_order() is None
    assert not queue.is_readable


def test_each_new_reason_why_the_database_cannot_be_used_is_logged_once(session, queue, monkeypatch, caplog):
    monkeypatch.setattr(run_queue, "OPEN_AGAIN_SECONDS", 0.0)
    whole = session.folder.database.read_bytes()
    session.store.close()
    session.folder.database.write_bytes(b"no database" * 1000)
    assert [queue.find_order(), queue.find_order()] == [None, None]
    session.folder.database.unlink()
    assert [queue.find_order(), queue.find_order()] == [None, None]

    told = [line for line in caplog.messages if line.startswith("no sync can be asked for at the moment: ")]
    assert len(told) == 2
    assert "list_sync.db is gone" in told[1]

    session.folder.database.write_bytes(whole)
    assert queue.find_order() is None
    assert queue.take_recovered()


def test_only_configured_lists_are_read_again_after_their_back_off(session, queue):
    now = datetime.now(UTC).replace(microsecond=0)
    mine, other = ListRef("imdb", "top"), ListRef("imdb", "gone")
    for source in (mine, other):
        ListMemory(session.store, HOME).keep_backoff(source, Backoff(2, now + timedelta(hours=1), "", "gone"))
    waiting = run_queue.RunQueue(session.store, FileLock(session.folder.daemon_lock), find_lists=lambda: [mine])
    later = run_queue.RunQueue(
        session.store,
        FileLock(session.folder.daemon_lock),
        find_lists=lambda: [mine],
        now=lambda: now + timedelta(hours=2),
    )

    assert (waiting.find_backoff_end(), waiting.find_ended_backoffs()) == (now + timedelta(hours=1), ())
    assert (later.find_backoff_end(), later.find_ended_backoffs()) == (None, (mine,))


def test_a_back_off_that_ends_during_another_sync_is_planned_at_once_and_only_once(session):
    clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
    first, second, fresh = (ListRef("imdb", name) for name in ("top", "boxoffice", "moviemeter"))
    queue = run_queue.RunQueue(
        session.store, FileLock(session.folder.daemon_lock), find_lists=lambda: [first, second, fresh], now=clock.now
    )
    ends = {source: clock.now() + timedelta(minutes=minutes) for source, minutes in ((first, 1), (second, 2))}
    memory = ListMemory(session.store, HOME)
    for source, end in ends.items():
        memory.keep_backoff(source, Backoff(2, end, "", "gone"))

    clock.pass_by(minutes=1)
    assert queue.find_ended_backoffs() == (first,)
    clock.pass_by(minutes=2)
    memory.clear_backoff(first)
    memory.keep_backoff(fresh, Backoff(1, clock.now(), "", "gone"))

    assert queue.find_backoff_end() == ends[second]
    assert second in queue.find_ended_backoffs()
    assert queue.find_backoff_end() is None


def test_a_back_off_that_cannot_be_understood_does_not_end_the_daemon(session):
    mine = ListRef("imdb", "top")
    queue = run_queue.RunQueue(session.store, FileLock(session.folder.daemon_lock), find_lists=lambda: [mine])
    ListMemory(session.store, HOME).keep_backoff(mine, Backoff(2, datetime.now(UTC), "", "gone"))
    with session.store.writing() as connection:
        connection.exec_driver_sql("UPDATE list_backoffs SET until = 'soon'")

    assert (queue.find_backoff_end(), queue.find_ended_backoffs()) == (None, ())


def test_the_log_says_that_a_stuck_run_was_stopped_before_its_database_is_waited_for(session, monkeypatch):
    stream = io.StringIO()
    log.configure_logging("INFO", "text", stream)
    monkeypatch.setattr(session, "_began", session.now())
    found = []

    def wait_for_a_lock():
        found.append(stream.getvalue())
        raise StorageUnavailable("it is locked")

    monkeypatch.setattr(session.store, "writing", wait_for_a_lock)
    with log.running():
        session.abandon()

    assert found[0].splitlines()[-1].endswith(" INFO Running stopped: while it waited for an answer")


def test_a_stuck_run_that_is_stopped_leaves_nothing_beside_its_databases(session):
    session.sources._cache.keep("key", b"answer", seconds=60)
    session.abandon()

    assert sorted(path.name for path in session.folder.path.glob("*.db-*")) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_file_that_wakes_the_daemon_belongs_to_the_owner_of_the_folder(tmp_path):
    os.chown(tmp_path, 4242, 4242)
    run_queue.wake_daemon(tmp_path)

    assert (tmp_path / run_queue.WAKE_NAME).stat().st_uid == 4242


def test_for_a_damaged_database_the_end_does_not_say_that_nothing_is_lost(session, caplog):
    session.folder.database.write_bytes(b"no database any more" * 4096)
    session.close()

    assert [record.getMessage().partition(": ")[0] for record in caplog.records] == [
        f"{session.folder.database} is not a database"
    ]
