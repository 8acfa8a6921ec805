"""A real PostgreSQL of its own: in a folder of its own, on a Unix socket only, ended with the tests."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, exists, literal, select, union_all
from sqlalchemy.engine import URL

from list_sync.database.schema import create_tables, metadata
from list_sync.model.servers import HOME
from tests.fakes.patience import wait_until

USER = "list_sync"
# Nothing of this outlives the tests: it need not be safe from a power cut.
OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "timezone=Asia/Tokyo")


class PostgresServer:
    """A server whose databases are gone with it."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self._process = None
        # It refuses root.
        self._owner = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            self._owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)

    @property
    def url(self) -> URL:
        return URL.create("postgresql+psycopg", USER, database="postgres", query={"host": str(self.folder)})

    def start(self) -> None:
        data = self.folder / "data"
        # As a plain C locale it sorts text by its bytes, like SQLite.
        command = [self._programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, **self._owner)
        settings = [part for option in OPTIONS for part in ("-c", option)]
        log = self.folder / "log"
        with log.open("wb") as output:
            # It ends with the tests, however they end.
            bound = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
            self._process = subprocess.Popen(
                [*bound, self._programs / "postgres", "-D", data, "-k", self.folder, *settings],
                cwd=self.folder,
                stderr=output,
                stdout=output,
                **self._owner,
            )
        wait_until(lambda: "ready to accept connections" in log.read_text(), "PostgreSQL")

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
        shutil.rmtree(self.folder)


class PostgresStore:
    """What of a Store the records use."""

    household = HOME

    def __init__(self, url: URL) -> None:
        # For each new connection, PostgreSQL starts a process.
        engine = create_engine(url)
        self._reader = engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = engine

    @contextmanager
    def reading(self):
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self):
        with self._writer.begin() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")
            yield connection

    def make_tables(self) -> None:
        with self.writing() as connection:
            create_tables(connection)

    def close(self) -> None:
        self._writer.dispose()

    def empty(self) -> None:
        """Empty the tables that hold rows, and start all numbers anew: to truncate them all takes much longer."""
        with self.writing() as connection:
            held = connection.scalars(
                union_all(*(select(literal(name)).where(exists(select(one))) for name, one in metadata.tables.items()))
            )
            if names := ", ".join(held):
                connection.exec_driver_sql(f"TRUNCATE {names} CASCADE")
            connection.exec_driver_sql(
                "SELECT setval(quote_ident(sequencename)::regclass, start_value, false)"
                " FROM pg_sequences WHERE last_value IS NOT NULL"
            )


def find_programs() -> Path | None:
    """Return the folder of Debian's newest PostgreSQL, or of the one on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="session")
def postgres():
    """A store with every table of the schema."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed: pip install 'psycopg[binary]'")
    server = PostgresServer(programs)
    try:
        server.start()
        store = PostgresStore(server.url)
        store.make_tables()
        yield store
        store.close()
    finally:
        server.stop()
