"""What a monitor learns of the syncs of a session, through a real server on loopback."""

import pytest

from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.model.report import SyncMode
from tests.fakes.scripted_server import ScriptedServer, Served

FILM = '[{"title": "The Matrix", "media_type": "movie", "tmdb_id": 603}]'


@pytest.fixture
def monitor():
    with ScriptedServer([Served("OK")]) as server:
        yield server


def paths(monitor):
    return [one.path for one in monitor.asked]


def test_a_sync_that_goes_through_pings_its_start_and_its_closing_line(open_session, monitor, tmp_path):
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "films.json").write_text(FILM)
    session = open_session(FILE_LISTS="films.json", HEALTHCHECKS_URL=f"{monitor.url}/check")

    report = session.sync(mode=SyncMode.AUTOMATED)
    session.close()

    assert paths(monitor) == ["/check/start", "/check"]
    assert monitor.asked[1].body.decode() == report.closing_line
    assert "1 requested" in report.closing_line


def test_a_list_that_cannot_be_read_is_no_failure_of_the_sync_and_a_server_that_is_down_is(open_session, monitor, demo):
    session = open_session(FILE_LISTS="missing.json", HEALTHCHECKS_URL=f"{monitor.url}/check")

    session.sync(mode=SyncMode.AUTOMATED)
    demo.stop()
    session.sync(mode=SyncMode.AUTOMATED)
    session.close()

    assert paths(monitor) == ["/check/start", "/check", "/check/start", "/check/fail"]


def test_a_database_that_cannot_be_opened_fails_the_check(open_session, monitor, tmp_path):
    session = open_session(HEALTHCHECKS_URL=f"{monitor.url}/check")
    session.store.close()
    (tmp_path / "folder.db").mkdir()
    session.store = Store(tmp_path / "folder.db", is_checked=True)

    with pytest.raises(StorageError):
        session.sync(mode=SyncMode.AUTOMATED)
    session.close()

    assert paths(monitor) == ["/check/start", "/check/fail"]
