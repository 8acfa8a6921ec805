"""What a sync reads anew: everything that a person asked for, files always; scheduled syncs reuse what is young."""

import json

import pytest

from list_sync.commands.report import print_report
from list_sync.fetching.settling import PAUSES
from list_sync.model.report import SyncMode
from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.fakes.shelf import SHELVES, synthetic

ASKED_FOR = [SyncMode.MANUAL, SyncMode.API]


@pytest.fixture
def shelf(open_session):
    SHELVES["films"] = [synthetic(1)]
    return open_session(SHELF_LISTS="films")


def count(report):
    return [len(result.items) for result in report.fetched]


@pytest.mark.parametrize("mode", ASKED_FOR)
@pytest.mark.parametrize(("seconds", "expected"), [(59, 1), (60, 2), (600, 2)])
def test_a_sync_that_was_asked_for_reads_anew_what_is_a_minute_old(shelf, clock, mode, seconds, expected):
    shelf.sync(mode=SyncMode.AUTOMATED)
    SHELVES["films"].append(synthetic(2))
    clock.pass_by(seconds=seconds)

    assert count(shelf.sync(mode=mode, only=shelf.settings.household.lists)) == [expected]
    assert count(shelf.sync(mode=mode)) == [expected]


@pytest.mark.parametrize("mode", [SyncMode.WEBHOOK, SyncMode.FILE])
def test_a_webhook_or_a_changed_file_reads_anew_at_once_and_so_does_fresh(shelf, mode):
    shelf.sync(mode=SyncMode.AUTOMATED)
    SHELVES["films"].append(synthetic(2))
    assert count(shelf.sync(mode=mode)) == [2]
    SHELVES["films"].append(synthetic(3))
    assert count(shelf.sync(mode=SyncMode.MANUAL, fresh=True)) == [3]


def test_what_was_read_anew_is_what_scheduled_syncs_reuse(shelf, clock):
    shelf.sync(mode=SyncMode.AUTOMATED)
    SHELVES["films"].append(synthetic(2))
    shelf.sync(mode=SyncMode.MANUAL, fresh=True)
    SHELVES["films"].append(synthetic(3))
    clock.pass_by(minutes=5)

    assert count(shelf.sync(mode=SyncMode.AUTOMATED)) == [2]


@pytest.mark.parametrize(("minutes", "expected"), [(29, 1), (31, 2)])
def test_a_scheduled_sync_reuses_what_is_younger_than_cache_ttl(shelf, clock, minutes, expected):
    shelf.sync(mode=SyncMode.MANUAL)
    SHELVES["films"].append(synthetic(2))
    clock.pass_by(minutes=minutes)

    assert count(shelf.sync(mode=SyncMode.MANUAL, is_scheduled=True)) == [expected]


def test_the_table_says_how_old_a_copy_is(shelf, clock, capsys):
    shelf.sync(mode=SyncMode.AUTOMATED)
    clock.pass_by(minutes=5)
    capsys.readouterr()
    print_report(shelf.sync(mode=SyncMode.AUTOMATED))

    assert "shelf:films  complete  1       api    read 5 minutes ago by api\n" in capsys.readouterr().out


@pytest.mark.parametrize("mode", SyncMode)
def test_a_file_that_changed_is_read_at_once(open_session, tmp_path, mode):
    path = tmp_path / "drop" / "films.csv"
    path.parent.mkdir()
    session = open_session(FILE_LISTS="films.csv")
    for number in (1, 2, 3):
        path.write_text("\n".join(["title,year", *(f"Film {one},2000" for one in range(number))]))
        assert count(session.sync(mode=mode)) == [number]


def test_a_document_at_an_address_is_a_source_like_others(open_session):
    def serve(_):
        return Served([{"title": f"Film {number}", "year": 2000} for number in range(len(server.asked))])

    with ScriptedServer(serve) as server:
        session = open_session(FILE_LISTS=f"{server.url}/list.json")
        first = count(session.sync(mode=SyncMode.AUTOMATED))
        assert count(session.sync(mode=SyncMode.AUTOMATED)) == first
        assert len(server.asked) == 1


@pytest.fixture
def left_alone(open_session, clock):
    """Return a session and its Trakt, which failed so often that scheduled syncs leave it alone."""
    with ScriptedServer(lambda _: Served(status=503)) as trakt:
        session = open_session(TRAKT_LISTS="joe/films", TRAKT_BASE_URL=trakt.url, TRAKT_CLIENT_ID="id")
        for _ in PAUSES[:4]:
            session.sync(mode=SyncMode.AUTOMATED)
            clock.pass_by(minutes=1)
        yield session, trakt


def test_a_source_that_is_left_alone_does_not_keep_an_export_from_being_read(left_alone, tmp_path):
    session, trakt = left_alone
    asked = len(trakt.asked)
    (tmp_path / "drop").mkdir(exist_ok=True)
    entry = {"type": "movie", "movie": {"title": "Heat", "year": 1995, "ids": {"trakt": 1, "tmdb": 949}}}
    (tmp_path / "drop" / "joe-films.json").write_text(json.dumps([entry]))
    (result,) = session.sync(mode=SyncMode.AUTOMATED).fetched

    assert (result.state, result.route) == (FetchState.COMPLETE, "export")
    assert len(trakt.asked) == asked


def test_a_sync_that_was_asked_for_tries_a_source_that_is_left_alone(left_alone):
    session, trakt = left_alone
    asked = len(trakt.asked)
    session.sync(mode=SyncMode.AUTOMATED)
    assert len(trakt.asked) == asked
    session.sync(mode=SyncMode.MANUAL)
    assert len(trakt.asked) > asked
