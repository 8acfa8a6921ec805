"""The servers of a random life, one of each kind, and the clock that they share with ListSync."""

import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from list_sync.database.store import open_store
from list_sync.demo.server import backstage
from list_sync.demo.server.database import state
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.demo.server.requests import blocklist, creation, transitions
from list_sync.demo.server.users import quotas
from list_sync.requesting import lost, verify
from tests.fakes.wishes import FILMS

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """The three servers and an empty database, made once; `now` is the time of ListSync and of the servers."""

    def __init__(self):
        self.now = BEGINNING
        self._stack = ExitStack()

    def __enter__(self):
        patch = self._stack.enter_context(pytest.MonkeyPatch.context())
        clock = SimpleNamespace(time=lambda: self.now.timestamp(), monotonic=time.monotonic, sleep=time.sleep)
        for module in (backstage, state, blocklist, creation, transitions, quotas):
            patch.setattr(module, "time", clock)
        # Looking for a lost request takes seconds by design, and hundreds of them are looked for here.
        patch.setattr(lost, "PAUSE_SECONDS", 0.001)
        patch.setattr(verify, "QUIET_SECONDS", 0.001)
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        self.servers = {
            dialect.value: self._stack.enter_context(DemoServer(dialect, synthetic_films=FILMS, post_seconds=0))
            for dialect in Dialect
        }
        self.empty_database = Path(folder) / "empty.db"
        open_store(self.empty_database).close()
        return self

    def __exit__(self, *error):
        self._stack.close()
