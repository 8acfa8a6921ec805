"""A run of the lists that are due leaves the titles of the other lists as they are."""

from datetime import timedelta

import pytest

from list_sync.model.filters import Filters
from list_sync.model.servers import HOME
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaType
from list_sync.storage.title_search import find_titles
from tests.fakes.shelf import synthetic

PATIENT = Terms(hold=timedelta(days=1))
SHOWS = Terms(filters=Filters(kind=MediaType.TV))
FILM = synthetic(1)


@pytest.fixture
def bench_of_two(bench, demo):
    """Return a function that syncs one of two lists, of which the other is not due, and returns the film's state."""

    def sync(name, terms, *items):
        resting = {"shelf", "other"} - {name}
        bench.sync_lists({name: (items, terms)}, resting=resting)
        with bench.opened() as parts, parts.store.reading() as connection:
            found = find_titles(connection, HOME, "movie:5000001")
        return found[0].status.value if found else None

    return sync


def test_a_title_that_waits_for_another_list_keeps_its_state_when_this_list_leaves_it_out(bench_of_two):
    assert bench_of_two("other", PATIENT, FILM) == "waiting"
    assert bench_of_two("shelf", SHOWS, FILM) == "waiting"
    assert bench_of_two("other", PATIENT, FILM) == "waiting"


def test_a_title_that_only_this_list_holds_is_left_out(bench_of_two):
    assert bench_of_two("other", PATIENT, synthetic(2)) is None
    assert bench_of_two("shelf", SHOWS, FILM) == "filtered"


def test_a_title_that_left_the_other_list_is_left_out(bench_of_two):
    bench_of_two("other", PATIENT, FILM, synthetic(2))
    bench_of_two("shelf", SHOWS, FILM)
    bench_of_two("other", PATIENT, synthetic(2))

    assert bench_of_two("shelf", SHOWS, FILM) == "filtered"


def test_a_title_that_this_list_wants_is_requested_though_another_one_lets_it_rest(bench_of_two, demo):
    assert bench_of_two("other", PATIENT, FILM) == "waiting"
    assert bench_of_two("shelf", Terms(), FILM) == "requested"
    assert bench_of_two("other", PATIENT, FILM) == "requested"
    assert len(demo.requests()) == 1
