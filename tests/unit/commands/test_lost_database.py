"""A database that a daemon lost is not replaced by other commands, and one of an older daemon is not migrated."""

import sqlite3
from contextlib import closing

import pytest

from list_sync.config import StateFolder
from list_sync.database.store import load_version
from list_sync.files.lock import FileLock
from tests.storage.former_folder import SCHEMA


@pytest.fixture
def folder(home):
    (home / "data").mkdir()
    return StateFolder(home / "data")


@pytest.fixture
def server_named(monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OVERSEERR_API_KEY", "key")


COMMANDS = [
    ("sync",),
    ("--sync-now",),
    ("pin", "Heat (1995)", "tmdb:movie:949"),
    ("ban", "Heat (1995)"),
    ("lists", "test", "file:films.json"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_makes_a_database_in_place_of_the_one_that_a_daemon_lost(cli, server_named, folder, arguments):
    with FileLock(folder.daemon_lock):
        answer = cli(*arguments)

    assert answer.code != 0
    assert "data/list_sync.db is gone: put it back and ListSync goes on" in answer.out + answer.err
    assert not folder.database.exists()


def test_without_a_daemon_a_command_makes_the_first_database(cli, server_named, folder):
    folder.daemon_lock.touch()

    cli("ban", "Heat (1995)")

    assert folder.database.exists()


def test_a_daemon_of_an_older_version_is_not_waited_for_and_keeps_its_database(cli, server_named, folder):
    with closing(sqlite3.connect(folder.database)) as connection:
        connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        connection.execute("INSERT INTO schema_version (version) VALUES (4)")
        connection.commit()

    with FileLock(folder.daemon_lock):
        answer = cli("--sync-now")

    assert answer.code == 1
    assert "the running ListSync is an older version: restart it with this one, then ask again" in answer.err
    assert load_version(folder.database) == 4
