"""The store that every contract test runs on; another database is one more parameter."""

import shutil

import pytest

from list_sync.database.store import open_store, sqlite_url


@pytest.fixture(scope="session")
def new_database(tmp_path_factory):
    """Migrate an empty file once; each test begins with a copy."""
    path = tmp_path_factory.mktemp("new") / "list_sync.db"
    open_store(sqlite_url(path)).close()
    return path


@pytest.fixture
def path(tmp_path, new_database):
    folder = tmp_path / "data"
    folder.mkdir()
    return shutil.copy(new_database, folder / "list_sync.db")


@pytest.fixture(params=["sqlite"])
def store(request, path):
    opened = open_store(sqlite_url(path))
    yield opened
    opened.close()
