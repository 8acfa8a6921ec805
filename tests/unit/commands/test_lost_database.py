"""While a daemon waits for its lost database, no other command makes a new one in its place."""

import pytest

from list_sync.config import StateFolder
from list_sync.files.lock import FileLock


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
