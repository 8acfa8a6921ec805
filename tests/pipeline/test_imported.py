"""What ListSync 0.6 requested counts for the household that imports it, whatever happened before and meanwhile."""

from datetime import timedelta

import pytest

from list_sync.correcting.pins import pin_keys
from list_sync.model.decisions import Request
from list_sync.model.households import HOME
from list_sync.model.journal import ImportedRequest
from list_sync.model.report import SyncMode
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.imports import add_requests
from list_sync.storage.journal import RequestJournal
from tests.builders import NOON, a_match
from tests.fakes.shelf import SHELVES, synthetic

HERE, GONE = synthetic(1), synthetic(2)


@pytest.fixture
def session(open_session):
    SHELVES["films"] = [HERE]
    session = open_session(SHELF_LISTS="films")
    session.sync(mode=SyncMode.AUTOMATED)
    return session


def take_over(session, *, at=NOON - timedelta(days=9)):
    """Import that 0.6 requested the film that is gone; return how many requests were added."""
    proof = ImportedRequest(MediaType.MOVIE, GONE.ids.tmdb, Quality.HD, at, is_sure=True)
    with session.store.writing() as connection:
        return add_requests(connection, HOME, [proof])


@pytest.fixture
def sync(session, clock, demo):
    """Return a function that syncs both films on the next day, and returns what is requested by then."""

    def sync_both():
        clock.pass_by(days=1)
        SHELVES["films"] = [HERE, GONE]
        report = session.sync(mode=SyncMode.AUTOMATED)
        assert len(report.outcomes) == 2
        return {row["tmdb_id"] for row in demo.requests()}

    return sync_both


def test_everything_is_read_to_compare_it_although_the_server_did_not_change(session, sync):
    assert take_over(session) == 1

    assert sync() == {HERE.ids.tmdb}


def test_a_request_of_another_household_says_nothing_of_this_one(session, sync):
    other = RequestJournal(session.store, server_id=7, run_id=0, now=session.now)
    other.intend(Request(a_match(GONE.ids.tmdb), quality=Quality.HD))

    assert (take_over(session), take_over(session)) == (1, 0)
    assert sync() == {HERE.ids.tmdb}


def test_a_title_that_was_pinned_before_the_import_is_requested(session, sync):
    pin_keys(session.store, [f"tmdb:movie:{GONE.ids.tmdb}"], MediaType.MOVIE, GONE.ids.tmdb, at=NOON)

    assert take_over(session) == 0
    assert sync() == {HERE.ids.tmdb, GONE.ids.tmdb}
