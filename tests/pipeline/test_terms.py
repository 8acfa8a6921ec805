"""Lists with terms of their own in one run: each title is asked for in each quality that a list wants, once."""

import pytest

from list_sync.model.servers import HOME
from list_sync.model.terms import Terms
from list_sync.model.titles import Quality
from list_sync.storage.title_search import find_titles
from tests.fakes.shelf import synthetic

HD, UHD = Quality.HD, Quality.UHD
MAY_ASK_FOR_ALL = 32 | 1024


@pytest.fixture(autouse=True)
def with_4k(demo):
    demo.settings.movie_4k_enabled = True


def made(demo):
    return sorted((row["tmdb_id"] - 5_000_000, row["is4k"]) for row in demo.requests())


def lists_of(bench, text):
    with bench.opened() as parts, parts.store.reading() as connection:
        found = find_titles(connection, HOME, text)
    return {record.quality: [name.rpartition("/")[2] for name in record.lists] for record in found}


def test_one_run_asks_for_the_titles_of_one_list_in_hd_and_of_another_in_4k_once_each(bench, demo):
    lists = {
        "hd": ([synthetic(1), synthetic(2)], Terms(qualities=(HD,))),
        "4k": ([synthetic(2), synthetic(3)], Terms(qualities=(UHD,))),
    }

    assert bench.sync_lists(lists).counts == {"requested": 4}
    assert made(demo) == [(1, False), (2, False), (2, True), (3, True)]
    assert lists_of(bench, "movie:5000002") == {HD: ["hd"], UHD: ["4k"]}
    assert bench.sync_lists(lists).calls.writes == 0


def test_a_list_may_want_both_qualities(bench, demo):
    lists = {"both": ([synthetic(1)], Terms(qualities=(HD, UHD)))}
    bench.sync_lists(lists)

    assert made(demo) == [(1, False), (1, True)]
    bench.sync_lists({"both": ([], Terms(qualities=(HD, UHD)))})
    assert lists_of(bench, "movie:5000001") == {HD: [], UHD: []}


def test_a_title_that_is_not_found_is_one_row_though_both_qualities_are_wanted(bench):
    lost = synthetic(987_654, imdb_only=True)

    report = bench.sync_lists({"both": ([lost], Terms(qualities=(HD, UHD)))})

    assert report.counts == {"not_found": 1}


def test_the_first_list_that_wants_a_title_in_a_quality_says_who_asks_for_it(bench, demo):
    alice = demo.add_user("alice", permissions=MAY_ASK_FOR_ALL)
    lists = {
        "hd": ([synthetic(1)], Terms(qualities=(HD,))),
        "alice": ([synthetic(1)], Terms(requester_id=alice, qualities=(HD, UHD))),
    }

    bench.sync_lists(lists)

    assert {(row["is4k"], row["requested_by"]) for row in demo.requests()} == {(False, 1), (True, alice)}


def test_who_may_not_ask_in_4k_still_asks_in_hd(bench, demo):
    alice = demo.add_user("alice")
    lists = {"both": ([synthetic(1), synthetic(2)], Terms(requester_id=alice, qualities=(UHD, HD)))}

    report = bench.sync_lists(lists)

    assert report.counts == {"request_failed": 2, "requested": 2}
    assert made(demo) == [(1, False), (2, False)]
    assert sum(count for (_, _, is4k), count in demo.posts_by_title().items() if is4k) == 1


def test_the_cap_of_a_day_counts_each_requester_alone(bench, demo):
    alice = demo.add_user("alice")
    lists = {
        "mine": ([synthetic(1), synthetic(2)], Terms()),
        "hers": ([synthetic(3), synthetic(4)], Terms(requester_id=alice)),
    }

    report = bench.sync_lists(lists, max_requests_per_day=1)

    assert report.counts == {"requested": 2, "waiting": 2}
    assert made(demo) == [(1, False), (3, False)]
