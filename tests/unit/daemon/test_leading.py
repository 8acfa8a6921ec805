"""What a daemon does before its first sync."""

from types import SimpleNamespace

import pytest

from list_sync.daemon.heartbeat import Heartbeat
from list_sync.daemon.leading import CLOCK_LOOK_SECONDS, CLOCK_SECONDS, wait_for_clock
from list_sync.database.store import open_store
from list_sync.model.report import SyncMode
from list_sync.model.servers import HOME
from list_sync.storage.runs import start_run
from tests.unit.daemon.timetables import NOON


@pytest.fixture
def wait(tmp_path, clock):
    """Return a function that waits as a daemon does whose last sync was at noon, and returns for how many seconds."""

    def wait(*, is_set_after=None):
        began = clock.steady()

        def look(seconds):
            clock.pass_by(seconds=seconds)
            if is_set_after is not None and clock.steady() - began >= is_set_after:
                clock.moment = NOON
            return False

        with open_store(tmp_path / "list_sync.db") as store:
            with store.writing() as connection:
                start_run(connection, HOME, mode=SyncMode.AUTOMATED, started_at=NOON, dry_run=False)
            heartbeat = Heartbeat(tmp_path / "heartbeat")
            wait_for_clock(store, heartbeat, SimpleNamespace(wait=look), now=clock.now, steady=clock.steady)
        return clock.steady() - began

    return wait


def test_no_sync_starts_before_a_clock_is_set_that_is_days_behind_the_last_one(wait, clock, tmp_path, caplog):
    clock.set_by(days=-20_000)

    assert wait(is_set_after=5 * CLOCK_LOOK_SECONDS) == 5 * CLOCK_LOOK_SECONDS
    assert (tmp_path / "heartbeat").exists()
    assert "the clock is behind the last sync" in caplog.text


def test_a_clock_that_is_never_set_holds_syncs_for_some_minutes(wait, clock):
    clock.set_by(days=-20_000)

    assert wait() == CLOCK_SECONDS


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_clock_that_may_be_right_holds_nothing(wait, clock, days):
    clock.set_by(days=days)

    assert wait() == 0
