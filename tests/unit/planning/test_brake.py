"""The brake stops a run that wants very many titles more than usual, and no other."""

from dataclasses import replace

import pytest

from list_sync.model.brake import BrakeFacts
from list_sync.model.decisions import ItemStatus, Request, Skip
from list_sync.model.sources import FetchState, ListRef
from list_sync.model.titles import MediaType, Quality
from list_sync.model.waiting import WaitingCause, find_cause
from list_sync.planning.brake import brake, find_most
from tests.builders import a_match, a_result

TOP, OTHER = ListRef("imdb", "top"), ListRef("imdb", "other")
READ = {TOP.key: True, OTHER.key: True}
USUAL = [3, 2, 4, 3, 5]


def ask(number, *sources, kind=MediaType.MOVIE):
    return Request(a_match(number, kind, sources=sources or (TOP,)), Quality.HD, (1,) if kind is MediaType.TV else ())


def facts(requested=USUAL, *, waited=(), held=(), lists=READ):
    return BrakeFacts(requested, lambda one: one.title_key[1] in waited, lambda one: one.title_key[1] in held, lists)


def braked(count, known=None, fetched=(), sources=()):
    return brake([ask(number, *sources) for number in range(count)], known or facts(), fetched)


@pytest.mark.parametrize(
    ("requested", "most"),
    [([1, 1, 1, 1], None), ([1] * 5, 25), ([3, 2, 4, 3, 5], 30), ([100, 1, 1, 1, 200], 25), ([4, 5] * 3, 45)],
)
def test_a_run_may_want_ten_times_the_median_and_always_twenty_five(requested, most):
    assert find_most(requested) == most


def test_one_title_more_than_that_stops_the_run_and_its_titles_wait_for_the_user():
    assert braked(30) is None

    stopped = braked(31)

    assert {one.status for one in stopped.decisions} == {ItemStatus.WAITING}
    assert {find_cause(one.reason) for one in stopped.decisions} == {WaitingCause.BRAKE}
    assert stopped.reason == (
        "the brake stopped the run before it requested anything: it wanted 31 new titles, and after the last runs at "
        "most 30 are usual; if they are right, list-sync apply --pending requests them"
    )


def test_without_five_runs_that_requested_anything_there_is_no_brake():
    assert braked(5_000, facts(requested=[1] * 4)) is None


def test_titles_that_waited_before_do_not_count_but_wait_with_the_others():
    assert braked(60, facts(waited=range(30))) is None

    stopped = braked(61, facts(waited=range(30)))

    causes = [find_cause(one.reason) for one in stopped.decisions]
    assert causes == [WaitingCause.STOPPED] * 30 + [WaitingCause.BRAKE] * 31


def test_what_a_cap_holds_back_counts_as_well_and_waits_for_the_user():
    held = [Skip(ask(number).match, ItemStatus.WAITING, "a cap", Quality.HD, held=ask(number)) for number in range(31)]

    stopped = brake(held, facts(), ())

    assert {find_cause(one.reason) for one in stopped.decisions} == {WaitingCause.BRAKE}


def test_shows_whose_seasons_are_not_read_do_not_count():
    shows = [replace(ask(number, kind=MediaType.TV), seasons=()) for number in range(500)]

    assert brake(shows, facts(), ()) is None


@pytest.mark.parametrize(
    ("lists", "state", "is_first"),
    [
        ({}, FetchState.COMPLETE, True),
        ({TOP.key: False}, FetchState.COMPLETE, True),
        ({TOP.key: False}, FetchState.PARTIAL, False),
        ({TOP.key: True}, FetchState.COMPLETE, False),
    ],
    ids=["new", "first complete", "never complete", "known"],
)
def test_the_titles_of_a_list_that_is_read_completely_for_the_first_time_do_not_count(lists, state, is_first):
    fetched = [a_result(source=TOP, state=state)]

    assert (braked(500, facts(lists=lists), fetched) is None) is is_first


def test_a_title_that_a_new_list_wants_as_well_does_not_count():
    fetched = [a_result(source=OTHER)]

    assert braked(500, facts(lists={TOP.key: True}), fetched, sources=(TOP, OTHER)) is None


def test_it_is_news_only_as_long_as_the_brake_did_not_hold_all_of_these_titles():
    assert braked(31).is_news
    assert braked(31, facts(held=range(30))).is_news
    assert not braked(31, facts(held=range(31))).is_news
