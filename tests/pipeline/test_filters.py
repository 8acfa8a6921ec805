"""Filters and exclusions in whole runs: what is read, what is remembered, and when it is read again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.errors import ServiceUnavailable
from list_sync.model.filters import Filters, IfUnknown, NotOn, Range, Rating, RatingSource, Release, Released, Words
from list_sync.model.policy import Exclusions, HouseholdPolicy
from list_sync.model.terms import SeasonChoice, SeasonRule, Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.shelf import synthetic

FILMS = [synthetic(number) for number in range(6)]
SHOW = MediaItem("Breaking Bad", MediaType.TV, 2008, MediaIds(tmdb=1396))
NO_HORROR = Terms(filters=Filters(genres=Words(frozenset(), frozenset({"Horror"}))))
GOOD = Terms(filters=Filters(rating=Rating(RatingSource.IMDB, 7)))
HORROR = ((27, "Terror"),)


@pytest.fixture
def bench(bench, clock):
    bench.clock = clock.now
    return bench


def change(demo, number, **facts):
    demo.change_title("movie", 5_000_000 + number, **facts)


def pages(demo):
    return [call.path for call in demo.calls if "/movie/" in call.path or "/tv/" in call.path]


def reasons(report):
    return [outcome.reason for outcome in report.outcomes]


def test_a_title_that_a_filter_leaves_out_is_read_once_and_an_unchanged_run_reads_no_page(bench, demo):
    change(demo, 1, genres=HORROR)
    lists = {"list": (FILMS[:3], NO_HORROR)}

    first = bench.sync_lists(lists)
    demo.reset_counts()
    second = bench.sync_lists(lists)

    assert first.counts == {"requested": 2, "filtered": 1}
    assert reasons(first)[1] == "genre not Horror: Horror"
    assert second.counts == {"already_requested": 2, "filtered": 1}
    assert pages(demo) == []
    assert demo.reads <= 6


def test_the_pages_of_many_films_are_read_once_each_and_not_their_states_in_bulk_alone(bench, demo):
    films = [synthetic(number) for number in range(40)]
    for number in range(0, 40, 2):
        change(demo, number, genres=HORROR)

    report = bench.sync_lists({"list": (films, NO_HORROR)})

    assert report.counts == {"requested": 20, "filtered": 20}
    assert len(pages(demo)) == len(set(pages(demo))) == 40


def test_a_capped_list_reads_some_titles_in_each_run_and_requests_no_more_than_the_cap(bench, demo):
    films = [synthetic(number) for number in range(120)]
    lists = {"list": (films, NO_HORROR)}

    report = bench.sync_lists(lists, max_requests_per_run=2)

    assert report.counts["requested"] == 2
    assert len(pages(demo)) <= 55


def test_ratings_elsewhere_are_asked_for_only_if_a_list_filters_by_them_and_remembered(bench, demo):
    change(demo, 0, imdb_rating=(6.1, 1_000))
    change(demo, 1, imdb_rating=(7.4, 1_000))
    bench.sync_lists({"other": (FILMS[3:4], NO_HORROR)})
    assert not [path for path in pages(demo) if "ratings" in path]

    report = bench.sync_lists({"list": (FILMS[:3], GOOD)})
    asked = [path for path in pages(demo) if "ratings" in path]
    demo.reset_counts()

    assert report.counts == {"requested": 2, "filtered": 1}
    assert reasons(report)[0] == "rating ≥7 (imdb): 6.1"
    assert len(asked) == 3
    assert bench.sync_lists({"list": (FILMS[:3], GOOD)}).counts["filtered"] == 1
    assert pages(demo) == []


def test_while_the_ratings_cannot_be_read_titles_wait_and_few_calls_are_lost(bench, demo):
    films = [synthetic(number) for number in range(60)]
    demo.faults.ratings_down = True

    report = bench.sync_lists({"list": (films, GOOD)})

    assert report.counts == {"waiting": 60}
    assert len([path for path in pages(demo) if "ratings" in path]) == 20
    demo.faults.ratings_down = False
    assert bench.sync_lists({"list": (films, GOOD)}).counts == {"requested": 60}


def test_facts_that_change_are_read_again_after_some_days_and_those_that_do_not_after_weeks(bench, demo, clock):
    change(demo, 0, services=(("DE", "Netflix"),))
    change(demo, 1, genres=HORROR)
    streaming = Terms(filters=Filters(not_on=NotOn("DE", frozenset({"netflix"}))))
    lists = {"streams": (FILMS[:1], streaming), "genres": (FILMS[1:2], NO_HORROR)}
    assert bench.sync_lists(lists).counts == {"filtered": 2}
    change(demo, 0, services=())
    change(demo, 1, genres=())
    demo.reset_counts()

    clock.pass_by(days=5)
    assert bench.sync_lists(lists).counts == {"filtered": 2}
    assert pages(demo) == []
    clock.pass_by(days=5)
    assert bench.sync_lists(lists).counts == {"requested": 1, "filtered": 1}
    clock.pass_by(days=90)

    assert bench.sync_lists(lists).counts == {"already_requested": 1, "requested": 1}


def test_an_unreleased_film_is_requested_on_its_day_and_no_page_is_read_before(bench, demo, clock):
    day = (clock.now() + timedelta(days=4)).date()
    change(demo, 0, releases=(("US", 3, "2020-01-01"), ("DE", 4, day.isoformat())))
    lists = {"list": (FILMS[:2], Terms(filters=Filters(released=Release(Released.DIGITAL))))}

    first = bench.sync_lists(lists)
    demo.reset_counts()
    clock.pass_by(days=3)
    second = bench.sync_lists(lists)

    assert first.counts == second.counts == {"filtered": 1, "waiting": 1}
    assert reasons(second)[0] == f"released (digital): {day.isoformat()}, looked at again then"
    assert pages(demo) == []
    clock.pass_by(days=1)
    assert bench.sync_lists(lists).counts == {"requested": 1, "waiting": 1}


def test_a_change_of_a_filter_needs_no_page_that_was_read_before(bench, demo):
    change(demo, 0, runtime=200)
    bench.sync_lists({"list": (FILMS[:1], Terms(filters=Filters(runtime=Range(None, 120))))})
    demo.reset_counts()

    report = bench.sync_lists({"list": (FILMS[:1], Terms(filters=Filters(runtime=Range(None, 150))))})

    assert reasons(report) == ["runtime ≤150 min: 200 min"]
    assert pages(demo) == []
    report = bench.sync_lists({"list": (FILMS[:1], Terms(filters=Filters(runtime=Range(None, 250))))})
    assert report.counts == {"requested": 1}


def test_a_title_whose_page_cannot_be_read_is_not_requested_past_the_filter(bench, demo):
    demo.faults.tmdb_down = True
    accepting = Terms(filters=Filters(runtime=Range(None, 120, IfUnknown.ACCEPT)))

    assert "requested" not in bench.sync_lists({"list": (FILMS[:2], accepting)}).counts
    assert demo.writes == 0


def test_a_list_without_filters_wants_what_another_leaves_out_and_decides_who_requests_it(bench, demo):
    alice = demo.add_user("alice")
    change(demo, 0, genres=HORROR)
    strict = Terms(filters=NO_HORROR.filters, priority=9)
    lists = {"strict": (FILMS[:2], strict), "all": (FILMS[:2], Terms(requester_id=alice))}

    bench.sync_lists(lists)

    assert {row["tmdb_id"] % 1000: row["requested_by"] for row in demo.requests()} == {0: alice, 1: 1}
    assert bench.sync_lists(lists).calls.writes == 0


def test_a_list_of_higher_priority_decides_whatever_the_order_of_the_lists(bench, demo):
    alice, bob = demo.add_user("alice"), demo.add_user("bob")
    lists = {"low": (FILMS[:1], Terms(requester_id=alice)), "high": (FILMS[:1], Terms(requester_id=bob, priority=1))}

    bench.sync_lists(lists)

    assert [row["requested_by"] for row in demo.requests()] == [bob]


def test_future_asks_for_what_airs_after_the_list_was_first_read(bench, demo, clock):
    future = {"list": ([SHOW], Terms(seasons=SeasonRule(SeasonChoice.FUTURE)))}
    demo.change_show(1396, status="Returning Series")
    first = bench.sync_lists(future)
    title = demo.backend.titles.find("tv", 1396)
    season = type(title.seasons[0])(6, 8, (clock.now() + timedelta(days=2)).date().isoformat())
    demo.change_show(1396, seasons=(*title.seasons, season))

    clock.pass_by(days=10)
    bench.sync_lists(future)

    assert first.counts == {"filtered": 1}
    assert [row["seasons"] for row in demo.requests()] == [[6]]


def test_raising_first_to_all_asks_for_the_missing_seasons_alone(bench, demo):
    def sync(rule):
        return bench.sync_lists({"list": ([SHOW], Terms(seasons=rule))})

    sync(SeasonRule(SeasonChoice.FIRST))
    assert sync(SeasonRule(SeasonChoice.FIRST)).calls.writes == 0
    sync(SeasonRule())

    assert [row["seasons"] for row in demo.requests()] == [[1], [2, 3, 4, 5]]
    assert {call.method for call in demo.calls} == {"GET", "POST"}


def excluding(bench, items, *, by_all):
    """Return the rules of a household with a list of seen titles, and the terms of a list that leaves it out."""
    seen = bench.put("seen", items)
    rules = HouseholdPolicy(exclusions=Exclusions(lists=(seen.name,) if by_all else ()), excluding=(seen,))
    return rules, Terms(exclude_lists=() if by_all else (seen.name,))


@pytest.mark.parametrize("by_all", [True, False])
def test_the_titles_of_a_list_that_is_left_out_are_not_requested_and_it_is_no_list_of_the_run(bench, demo, by_all):
    rules, terms = excluding(bench, [synthetic(1, imdb_only=True)], by_all=by_all)

    report = bench.sync_lists({"list": (FILMS[:3], terms)}, rules=rules)

    assert report.counts == {"requested": 2, "excluded": 1}
    assert len(report.fetched) == 1
    assert bench.sync_lists({"list": (FILMS[:3], terms)}, rules=rules).calls.writes == 0


@pytest.mark.parametrize("by_all", [True, False])
def test_while_a_list_that_is_left_out_cannot_be_read_its_last_copy_counts_and_without_one_titles_wait(
    bench, demo, by_all
):
    rules, terms = excluding(bench, ServiceUnavailable("trakt", "no answer"), by_all=by_all)
    lists = {"list": (FILMS[:2], terms)}
    first = bench.sync_lists(lists, rules=rules, remembers=True)
    excluding(bench, FILMS[:1], by_all=by_all)
    second = bench.sync_lists(lists, rules=rules, remembers=True)
    excluding(bench, ServiceUnavailable("trakt", "no answer"), by_all=by_all)

    third = bench.sync_lists({"list": (FILMS[:3], terms)}, rules=rules, remembers=True)

    assert first.counts == {"waiting": 2}
    assert "whose titles are left out, cannot be read: requested once it can be" in reasons(first)[0]
    assert second.counts == {"excluded": 1, "requested": 1}
    assert third.counts == {"excluded": 1, "already_requested": 1, "requested": 1}


def test_an_entry_that_cannot_be_looked_up_may_be_any_title_so_the_titles_wait(bench, demo):
    rules, terms = excluding(bench, [synthetic(1, imdb_only=True)], by_all=True)
    demo.faults.down_status, demo.faults.only = 500, "/search"

    first = bench.sync_lists({"list": (FILMS[:2], terms)}, rules=rules)
    demo.faults.down_status = None

    assert first.counts == {"waiting": 2}
    assert bench.sync_lists({"list": (FILMS[:2], terms)}, rules=rules).counts == {"excluded": 1, "requested": 1}


def test_titles_of_which_lists_state_only_a_number_are_excluded_by_name_and_read_once_for_it(bench, demo):
    rules = HouseholdPolicy(exclusions=Exclusions(names=(synthetic(1).title, "/^Squid/")))
    untitled = [MediaItem("", MediaType.TV, None, MediaIds(tmdb=93405)), *(replace(film, title="") for film in FILMS)]
    lists = {"list": (untitled[:3], Terms())}

    assert bench.sync_lists(lists, rules=rules).counts == {"excluded": 2, "requested": 1}
    assert bench.sync_lists(lists, rules=rules).counts == {"excluded": 2, "already_requested": 1}
    demo.reset_counts()
    bench.sync_lists(lists, rules=rules)
    assert pages(demo) == []


@pytest.mark.parametrize("calls", [1, 3, 9])
def test_a_title_whose_name_cannot_be_read_is_not_requested(bench, demo, calls):
    rules = HouseholdPolicy(exclusions=Exclusions(names=(synthetic(1).title,)))
    lists = {"list": ([replace(synthetic(1), title="")], Terms())}
    demo.faults.tmdb_good_calls, demo.faults.tmdb_bad_calls = 0, calls

    assert bench.sync_lists(lists, rules=rules).counts in ({"error": 1}, {"excluded": 1})
    demo.faults.tmdb_good_calls = None
    assert bench.sync_lists(lists, rules=rules).counts == {"excluded": 1}


def test_a_list_may_leave_out_the_titles_of_another_list_of_the_run(bench, demo):
    wanted = bench.put("wanted", FILMS[:2])
    rules = HouseholdPolicy(excluding=(wanted,))
    lists = {"wanted": (FILMS[:2], Terms()), "rest": (FILMS[1:4], Terms(exclude_lists=(wanted.name,)))}

    report = bench.sync_lists(lists, rules=rules)

    assert report.counts == {"requested": 4}
    lists["wanted"] = ([], Terms())
    assert bench.sync_lists(lists, rules=rules).counts == {"already_requested": 3}
