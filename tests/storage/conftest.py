"""The store of the tests of records, which run on SQLite and on PostgreSQL, and that of the tests about files."""

import shutil
import tempfile
from pathlib import Path

import pytest

from list_sync.database.store import open_store
from tests.fakes.postgres_server import postgres  # noqa: F401

# These are about the file of an SQLite database.
ABOUT_FILES = {
    "test_archive",
    "test_backups",
    "test_cache",
    "test_damage",
    "test_migrations",
    "test_store",
    "test_taken_away",
    "test_users_scripts",
}


@pytest.fixture(scope="session")
def new_database(tmp_path_factory):
    """Migrate an empty file once; each test begins with a copy."""
    path = tmp_path_factory.mktemp("new") / "list_sync.db"
    open_store(path).close()
    return path


@pytest.fixture
def path(tmp_path, new_database):
    folder = tmp_path / "data"
    folder.mkdir()
    return shutil.copy(new_database, folder / "list_sync.db")


def pytest_generate_tests(metafunc):
    """Run every test of records on both databases."""
    if "store" in metafunc.fixturenames:
        is_about_files = metafunc.module.__name__.rpartition(".")[2] in ABOUT_FILES
        metafunc.parametrize("store", ["sqlite"] if is_about_files else ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def store(request):
    if request.param == "postgresql":
        opened = request.getfixturevalue("postgres")
        opened.empty()
        yield opened
        return
    opened = open_store(request.getfixturevalue("path"))
    yield opened
    opened.close()


@pytest.fixture
def open_folder():
    """A folder that every user can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)
