"""TMDB numbers of lists that exist and are those of other titles, as far as a run can know it."""

from dataclasses import replace

import pytest

from list_sync.correcting.pins import pin
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.builders import NOON
from tests.fakes.shelf import synthetic

MATRIX, FIGHT_CLUB, GODFATHER = 603, 550, 238
RIGHT = MediaItem("Fight Club", MediaType.MOVIE, 1999, MediaIds(FIGHT_CLUB, "tt0137523"))
WRONG = replace(RIGHT, ids=MediaIds(MATRIX, "tt0137523"))
# More than are read one by one.
MANY = [synthetic(number) for number in range(1, 31)]


def requested(demo):
    return [row["tmdb_id"] for row in demo.requests() if row["tmdb_id"] < 5_000_000]


def states(report):
    return [one.status.value for one in report.outcomes if one.result.wanted.item not in MANY]


def test_two_lists_that_give_one_imdb_id_two_numbers_are_decided_by_a_look_up_of_that_id(bench, demo):
    lists = {"shelf": ([*MANY, WRONG], Terms()), "other": ([RIGHT], Terms())}

    reports = [bench.sync_lists(lists), bench.sync_lists(lists)]

    assert requested(demo) == [FIGHT_CLUB]
    assert states(reports[0]) == ["needs_review", "requested"]
    assert sum("imdb" in str(call) for call in demo.calls) == 1
    assert reports[1].calls.reads == 4


def test_a_wrong_number_of_one_list_leaves_the_title_of_that_number_on_another_list_alone(bench, demo):
    matrix = MediaItem("The Matrix", MediaType.MOVIE, 1999, MediaIds(MATRIX, "tt0133093"))

    report = bench.sync_lists({"shelf": ([WRONG], Terms()), "other": ([matrix], Terms())})

    assert requested(demo) == [MATRIX]
    assert states(report) == ["needs_review", "requested"]


def test_a_pin_of_an_entry_with_a_wrong_number_is_no_pin_of_the_title_of_that_number(bench, demo):
    matrix = MediaItem("The Matrix", MediaType.MOVIE, 1999, MediaIds(MATRIX, "tt0133093"))
    bench.sync(WRONG)
    with bench.opened() as parts:
        pin(parts.store, "tt0137523", MediaType.MOVIE, FIGHT_CLUB, at=NOON)

    report = bench.sync_lists({"shelf": ([WRONG], Terms()), "other": ([matrix], Terms())})

    assert states(report) == ["requested", "requested"]
    assert requested(demo) == [FIGHT_CLUB, MATRIX]


def test_lists_that_contradict_each_other_about_an_id_that_tmdb_does_not_know_keep_their_numbers(bench, demo):
    unknown = [replace(item, ids=replace(item.ids, imdb="tt9999999")) for item in (RIGHT, WRONG)]
    lists = {"shelf": ([*MANY, unknown[0]], Terms()), "other": ([unknown[1]], Terms())}

    bench.sync_lists(lists)

    assert requested(demo) == [FIGHT_CLUB, MATRIX]


def test_a_film_that_waits_for_review_is_not_requested_with_many_others(bench, demo):
    first = bench.sync(WRONG)

    assert [states(first), states(bench.sync(WRONG, *MANY))] == [["needs_review"], ["needs_review"]]
    assert requested(demo) == []


@pytest.mark.parametrize(("year", "status"), [(2010, "needs_review"), (2001, "requested"), (None, "requested")])
def test_without_another_id_a_number_of_another_name_and_year_is_for_review(bench, year, status):
    nameless = MediaItem("Ein Film", MediaType.MOVIE, year, MediaIds(MATRIX))

    assert states(bench.sync(nameless)) == [status]


def test_a_title_of_a_list_that_is_left_out_is_known_by_its_imdb_id_though_its_number_is_wrong(bench, demo):
    ids = MediaIds(9_999_999, "tt0068646")
    seen = MediaItem("The Godfather", MediaType.MOVIE, 1972, ids)
    left_out = bench.put("seen", [seen])
    wanted = replace(seen, ids=replace(ids, tmdb=GODFATHER))

    lists = {"shelf": ([wanted, *MANY], Terms(exclude_lists=(left_out.name,)))}
    report = bench.sync_lists(lists, rules=HouseholdPolicy(excluding=(left_out,)))

    assert states(report) == ["excluded"]
    assert requested(demo) == []


def test_every_season_is_requested_at_once_of_a_show_whose_number_does_not_exist(bench, demo):
    ids = MediaIds(9_999_999, "tt0903747", 81189)
    seasons = [MediaItem("Breaking Bad", MediaType.TV, 2008, ids, number) for number in (1, 2)]

    bench.sync(*seasons)

    assert [row["seasons"] for row in demo.requests()] == [[1, 2]]
