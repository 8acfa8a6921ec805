"""Fixtures that many tests share."""

import os
import signal
import threading

import pytest
from hypothesis import settings
from sqlalchemy import event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

from list_sync import providers
from list_sync.database import store
from list_sync.database.schema import create_tables
from list_sync.demo.server.demo_server import DemoServer
from list_sync.providers import custom
from tests.fakes.mosquitto import broker  # noqa: F401
from tests.fakes.redis_server import redis_server  # noqa: F401
from tests.fakes.shelf import Bench

# Machines are noisy: how long an example takes says nothing about whether it is right.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
# A source that fails would be tried by browser as well; those who want that say so.
os.environ["SELENIUM_POOL_SIZE"] = "0"
# Tests side by side are given a width, to which commands would cut their lines; those who want one say so.
os.environ.pop("COLUMNS", None)

# A shell's background job begins with Ctrl-C ignored, and so would every process that a test means to interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# For `pytest --hypothesis-profile thorough`: an evening's search instead of the same examples every time.
settings.register_profile("thorough", max_examples=1_000, stateful_step_count=100, deadline=None, print_blob=True)


LONGEST_ID = 60


def pytest_make_parametrize_id(val):
    """Name a case that is a whole document by its beginning: names of 30 MB travelled between the processes."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_ID:
        return f"{val[:LONGEST_ID]!r} and {len(val) - LONGEST_ID} more"
    return None


# What a module uses whose tests work with other processes, signals or locks.
PROCESS_NAMES = {
    *("subprocess", "signal", "multiprocessing", "fcntl", "processes"),
    *("House", "Starter", "fork", "start", "FileLock", "EncryptedStore", "redis_server"),
}


def pytest_collection_modifyitems(items):
    """Mark the tests that a busy machine is hardest for: `make test-load` runs them ten times."""
    for item in items:
        if PROCESS_NAMES & vars(item.module).keys() or PROCESS_NAMES & set(item.fixturenames):
            item.add_marker("processes")


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once():
    """Compile each statement once for all SQLite databases of the tests, which have one engine each."""
    compiled = LRUCache(2_000)
    with pytest.MonkeyPatch.context() as patch:
        # SQLAlchemy keeps compiled statements by engine, and by dialect.
        patch.setattr(Engine, "_compiled_cache", property(lambda _: compiled, lambda *_: None), raising=False)
        patch.setattr(SQLiteDialect_pysqlite, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(SQLiteDialect_pysqlite, "__hash__", lambda one: hash(type(one)))
        yield


def create_and_note(connection):
    """Create the tables, and return the statements that did it."""
    made = []

    def note(_connection, _cursor, statement, parameters, _context, is_many):
        if statement.lstrip().startswith(("CREATE", "INSERT")):
            made.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    create_tables(connection)
    event.remove(connection, "before_cursor_execute", note)
    return made


@pytest.fixture(scope="session", autouse=True)
def tables_written_once():
    """Create the tables of each database by the statements that the first one took: putting those together is slow."""
    made = []
    # Two programs of a test may create their first databases at the same moment.
    one_at_a_time = threading.Lock()

    def create(connection):
        with one_at_a_time:
            if not made:
                made.extend(create_and_note(connection))
                return
        cursor = connection.connection.cursor()
        for statement, parameters in made:
            cursor.execute(statement, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "create_tables", create)
        yield


@pytest.fixture(autouse=True)
def providers_as_they_were():
    """What a test registers is gone after it: pasted addresses are offered to every provider that there is."""
    providers.available_providers()
    kept = [providers._registry, custom._origins, custom._refusals]
    before = [dict(one) for one in kept]
    yield
    for one, values in zip(kept, before, strict=True):
        one.clear()
        one.update(values)


@pytest.fixture
def demo():
    with DemoServer(synthetic_films=2_000) as server:
        yield server


@pytest.fixture
def bench(tmp_path, demo):
    return Bench(tmp_path, demo)
