"""What a daemon records and logs while its database cannot be used."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from list_sync.config import load_settings
from list_sync.daemon import run_queue
from list_sync.database.store import Store
from list_sync.files.lock import FolderLock
from list_sync.main import open_session
from list_sync.model.report import ExitCode, SyncMode
from list_sync.storage import triggers

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
    return run_queue.RunQueue(session.store, FolderLock(session.folder.daemon_lock))


def ask(session):
    with session.store.writing() as connection:
        return triggers.ask(connection, lists=(), dry_run=False, mode=SyncMode.MANUAL, at=datetime.now(UTC))


def find(session, number):
    with session.store.reading() as connection:
        return triggers.find(connection, number)


def test_the_end_of_an_order_is_recorded_once_the_database_can_be_written_again(session, queue, monkeypatch, caplog):
    monkeypatch.setattr(run_queue, "OPEN_AGAIN_SECONDS", 0.0)
    number = ask(session)
    order = queue.take_order()
    with closing(sqlite3.connect(session.folder.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        queue.finish_order(order, None)
        assert queue.take_order() is None
    assert find(session, number).finished_at is None
    assert "the end of the sync that was asked for is recorded later" in caplog.text

    assert queue.take_order() is None
    told = find(session, number)
    assert (told.finished_at is None, told.exit_code) == (False, ExitCode.FAILURES)
    assert queue.take_recovered()


def test_for_a_damaged_database_the_end_does_not_say_that_nothing_is_lost(session, caplog):
    session.folder.database.write_bytes(b"no database any more" * 4096)
    session.close()

    assert [record.getMessage().partition(": ")[0] for record in caplog.records] == [
        f"{session.folder.database} is not a database"
    ]
