"""Titles that were refused stay away, unless a list with `again: when_readded` has them anew."""

from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.demo.server.database.rows import MediaStatus
from list_sync.model.filters import Filters
from list_sync.model.servers import HOME
from list_sync.model.terms import Again, Terms
from list_sync.model.titles import MediaType
from list_sync.storage.title_search import find_titles
from tests.builders import NOON
from tests.fakes.clock import FakeClock
from tests.fakes.shelf import synthetic

AGAIN = Terms(again=Again.WHEN_READDED)
NUMBER = 5_000_001
DAY = timedelta(days=1)


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def days(bench, clock):
    """Return a function that syncs some titles on the next day and returns how many requests it made."""
    bench.clock, bench.terms = clock.now, AGAIN

    def sync(*items, **more):
        clock.pass_by(days=1)
        return bench.sync(*items, **more).calls.writes

    return sync


def film(added_at=None):
    return replace(synthetic(1), added_at=added_at)


def newest(demo):
    return max(row["id"] for row in demo.requests() if row["tmdb_id"] == NUMBER)


def decline(demo):
    demo.decline(newest(demo))


def delete(demo):
    demo.make_available("movie", NUMBER)
    demo.delete_media("movie", NUMBER)


def lose_file(demo):
    """A scan does not find the file any more; the request of the title stays, as completed."""
    demo.make_available("movie", NUMBER)
    demo.set_media("movie", NUMBER, status=MediaStatus.DELETED)


def take_back(demo):
    demo.delete_request(newest(demo))


REFUSE = pytest.mark.parametrize("refuse", [decline, delete, lose_file, take_back])
OTHER = synthetic(2)


@REFUSE
def test_a_refused_title_that_comes_back_after_two_readings_without_it_is_requested_once_more(days, demo, refuse):
    days(film(), OTHER)
    refuse(demo)
    assert days(film(), OTHER) == 0

    assert [days(OTHER), days(OTHER), days(film(), OTHER), days(film(), OTHER)] == [0, 0, 1, 0]

    refuse(demo)
    assert [days(film(), OTHER), days(film(), OTHER)] == [0, 0]


def test_a_refusal_while_the_title_was_gone_counts_as_well(days, demo):
    days(film(), OTHER)
    days(OTHER)
    delete(demo)

    assert [days(OTHER), days(film(), OTHER)] == [0, 1]


def test_one_reading_without_it_is_not_enough(days, demo):
    days(film(), OTHER)
    decline(demo)

    assert [days(OTHER), days(film(), OTHER), days(OTHER), days(film(), OTHER)] == [0, 0, 0, 0]


@pytest.mark.parametrize("refuse", [decline, take_back])
def test_the_own_date_of_a_list_counts_where_it_states_one(days, demo, clock, refuse):
    days(film(NOON - DAY))
    refuse(demo)
    assert [days(film(NOON - DAY)), days(), days(), days(film(NOON - DAY))] == [0, 0, 0, 0]

    added_again = clock.now() + timedelta(hours=5)
    assert [days(film(added_again)), days(film(added_again))] == [1, 0]

    refuse(demo)
    assert [days(film(added_again)), days(film(added_again + DAY / 24))] == [0, 0]


def test_a_date_to_come_is_none(days, demo, clock):
    days(film(NOON - DAY))
    decline(demo)

    assert [days(film(clock.now() + 9 * DAY)) for _ in range(3)] == [0, 0, 0]


def test_a_title_on_the_blocklist_stays_away(days, demo, clock):
    days(film(NOON - DAY))
    take_back(demo)
    demo.blocklist("movie", NUMBER)

    assert [days(film(NOON - DAY)), days(film(clock.now() + DAY / 2))] == [0, 0]


def test_without_the_term_nothing_is_requested_again(bench, demo, clock, days):
    bench.terms = Terms()
    days(film(NOON - DAY))
    decline(demo)

    assert [days(film(NOON - DAY)), days(film(clock.now() + DAY / 2))] == [0, 0]


def test_changing_the_term_asks_for_nothing(bench, demo, days):
    bench.terms = Terms()
    days(film(NOON - DAY))
    decline(demo)
    days(film(NOON - DAY))

    bench.terms = AGAIN
    assert [days(film(NOON - DAY)), days(film(NOON - DAY))] == [0, 0]


def test_a_list_that_is_new_does_not_ask_for_what_was_refused(bench, demo, days):
    days(film())
    decline(demo)
    days(film())

    bench.sync_lists({"shelf": ([film()], AGAIN), "new": ([film()], AGAIN)})
    assert len(demo.requests()) == 1


def test_the_rule_that_counted_is_told(bench, demo, days, clock):
    bench.terms = replace(AGAIN, name="New films")
    days(film(NOON))
    decline(demo)
    days(film(NOON))
    days(film(clock.now() + DAY / 2))

    with bench.opened() as parts, parts.store.reading() as connection:
        (record,) = find_titles(connection, HOME, f"movie:{NUMBER}")
    assert record.status == "requested"
    (rule,) = [rule for rule in record.explanation.rules if rule.rule == "again: when_readded"]
    assert rule.source == "New films"
    assert rule.value.startswith("the list states that it was added on ")


def test_only_the_list_that_has_it_anew_counts_for_it(bench, demo, days, clock):
    """Another list wants the title too, without the term, and the one with the term leaves it out."""
    leaving_out = replace(AGAIN, filters=Filters(kind=MediaType.TV))
    lists = {"shelf": ([film(NOON - DAY)], leaving_out), "other": ([film()], Terms())}
    clock.pass_by(days=1)
    bench.sync_lists(lists)
    decline(demo)
    clock.pass_by(days=1)
    bench.sync_lists(lists)

    lists["shelf"] = ([film(clock.now() + DAY / 2)], leaving_out)
    clock.pass_by(days=1)
    assert bench.sync_lists(lists).counts == {"declined": 1}
    assert len(demo.requests()) == 1
