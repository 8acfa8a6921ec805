"""What a run that was cut off had requested is told of in the record, whatever the runs after it look at."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from list_sync.model.decisions import Request
from list_sync.model.journal import RequestState
from list_sync.model.matches import Match, MatchMethod, WantedItem
from list_sync.model.sources import ListRef
from list_sync.model.terms import SentOptions
from list_sync.model.titles import MediaType, Quality
from list_sync.requesting import lost
from list_sync.storage.journal import RequestJournal
from tests.fakes.shelf import Bench, synthetic

FILM = synthetic(1)


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    monkeypatch.setattr(lost, "PAUSE_SECONDS", 0.001)


def ask_and_be_cut_off(bench, *, quality=Quality.HD, at=None, options=None):
    """Send a request as a run does, and die before its answer is written down."""
    wanted = WantedItem(FILM, (ListRef("shelf", "gone"),))
    request = Request(
        Match(wanted, MediaType.MOVIE, FILM.ids.tmdb, MatchMethod.TMDB_ID),
        quality=quality,
        requester_id=1,
        options=options,
    )
    bench.sync()
    with bench.opened() as parts:
        journal = RequestJournal(parts.store, server_id=1, run_id=1, now=lambda: at or parts.now())
        journal.intend(request)
        parts.client.create_request(media_type=MediaType.MOVIE, tmdb_id=FILM.ids.tmdb, quality=quality)


def open_entries(bench):
    with bench.opened() as parts:
        journal = RequestJournal(parts.store, server_id=1, run_id=1, now=parts.now)
        return journal.load_entries(RequestState.SENT, RequestState.ACCEPTED)


def test_a_request_is_told_of_by_the_first_run_that_sees_its_title_again(bench, demo):
    ask_and_be_cut_off(bench)

    bench.sync()
    report = bench.sync(FILM)

    assert report.counts == {"requested": 1}
    assert demo.writes == 1
    assert not open_entries(bench)


def test_what_the_server_made_otherwise_of_such_a_request_is_said(bench, demo, caplog):
    ask_and_be_cut_off(bench, options=SentOptions(profile_id=5, tags=(1,)))

    with caplog.at_level(logging.WARNING):
        assert bench.sync(FILM).counts == {"requested": 1}

    assert "the server has profile none in place of 5 and tags none in place of 1" in caplog.text
    assert demo.writes == 1


def test_a_request_whose_title_no_list_names_any_more_is_not_looked_for_for_ever(bench):
    ask_and_be_cut_off(bench)
    bench.clock = lambda: datetime.now(UTC) + timedelta(days=3)

    bench.sync()

    assert not open_entries(bench)


def test_a_4k_request_that_is_found_says_nothing_of_an_hd_request_that_was_taken_back(bench, demo):
    demo.settings.movie_4k_enabled = True
    bench.sync(FILM)
    demo.delete_request(1)
    ask_and_be_cut_off(bench, quality=Quality.UHD)

    assert bench.sync(FILM).counts == {"declined": 1}
    assert bench.sync(FILM, quality=Quality.UHD).counts == {"requested": 1}


@pytest.mark.parametrize("hours", [1, 24 * 365])
def test_a_clock_that_was_set_back_does_not_keep_the_next_run_looking_until_then(bench, demo, hours):
    ask_and_be_cut_off(bench, at=datetime.now(UTC) + timedelta(hours=hours))
    demo.delete_request(1)

    report = bench.sync(FILM)

    assert report.calls.reads < 20


def test_a_request_that_was_lost_and_whose_number_is_another_films_by_now_is_asked_for_again(tmp_path, bench, demo):
    demo.faults.lose_rows = 1
    ask_and_be_cut_off(bench)
    (entry,) = open_entries(bench)
    with bench.opened() as parts:
        journal = RequestJournal(parts.store, server_id=1, run_id=1, now=parts.now)
        journal.settle(entry.entry_id, state=RequestState.ACCEPTED, request_id=1, answer="created")
    Bench(tmp_path, demo, name="other").sync(synthetic(2))

    report = bench.sync(FILM)

    assert report.counts == {"requested": 1}
    assert [(row["id"], row["tmdb_id"]) for row in demo.requests()] == [
        (1, synthetic(2).ids.tmdb),
        (2, FILM.ids.tmdb),
    ]


def test_what_somebody_else_asked_for_meanwhile_is_not_asked_for_again(tmp_path, bench, demo):
    demo.faults.drop_before_write = 100
    bench.client_options = {"retry_attempts": 1}
    bench.sync(FILM)
    demo.faults.drop_before_write = 0
    other = Bench(tmp_path, demo, name="other")
    other.sync(FILM)

    bench.sync(FILM)

    assert [row["tmdb_id"] for row in demo.requests()] == [FILM.ids.tmdb]
