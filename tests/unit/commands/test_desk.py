"""What a daemon says, to those who asked it for a sync and at its end, of a database that cannot be used."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from list_sync.commands import desk as desks
from list_sync.commands.exits import ExitCode
from list_sync.config import load_settings
from list_sync.database.store import Store
from list_sync.files.lock import FolderLock
from list_sync.main import open_session
from list_sync.model.report import SyncMode
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
def desk(session):
    return desks.Desk(session, FolderLock(session.folder.daemon_lock))


def ask(session):
    with session.store.writing() as connection:
        return triggers.ask(connection, lists=(), dry_run=False, mode=SyncMode.MANUAL, at=datetime.now(UTC))


def find(session, number):
    with session.store.reading() as connection:
        return triggers.find(connection, number)


def test_whoever_asked_is_told_how_it_ended_once_the_database_can_be_written_again(session, desk, monkeypatch, caplog):
    monkeypatch.setattr(desks, "LOOK_AGAIN_SECONDS", 0.0)
    number = ask(session)
    wish = desk.take_wish()
    with closing(sqlite3.connect(session.folder.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        desk.finish_wish(wish, None)
        assert desk.take_wish() is None
    assert find(session, number).finished_at is None
    assert "whoever asked for the sync is told later how it ended" in caplog.text

    assert desk.take_wish() is None
    told = find(session, number)
    assert (told.finished_at is None, told.exit_code) == (False, ExitCode.FAILURES)
    assert desk.is_mended()


def test_of_a_database_that_was_damaged_meanwhile_nobody_hears_at_the_end_that_nothing_is_lost(session, caplog):
    session.folder.database.write_bytes(b"no database any more" * 4096)
    session.close()

    assert [record.getMessage().partition(": ")[0] for record in caplog.records] == [
        f"{session.folder.database} is not a database"
    ]
