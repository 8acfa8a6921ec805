"""What the terms of a list hold back: its caps, the rest of new titles, and who comes first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.model.decisions import ItemStatus
from list_sync.model.servers import HOME
from list_sync.model.terms import Order, Terms
from list_sync.storage.title_search import find_titles
from tests.builders import NOON
from tests.fakes.clock import FakeClock
from tests.fakes.shelf import Bench, Cut, synthetic

FILMS = [synthetic(number) for number in range(6)]


@pytest.fixture
def clock(bench):
    clock = FakeClock(NOON)
    bench.clock = clock.now
    return clock


def made(demo):
    return sorted(row["tmdb_id"] - 5_000_000 for row in demo.requests())


def reasons(report):
    return [outcome.reason for outcome in report.outcomes if outcome.status == "waiting"]


def test_a_new_title_rests_and_is_asked_for_when_its_time_is_over(bench, demo, clock):
    lists = {"watchlist": (FILMS[:2], Terms(hold=timedelta(hours=2), name="Watchlist"))}

    first = bench.sync_lists(lists)
    assert reasons(first) == ["new on Watchlist: it rests until 2026-11-22 14:00 UTC (hold)"] * 2
    assert first.calls.writes == 0
    clock.pass_by(hours=1)
    lists["watchlist"] = (FILMS[:3], lists["watchlist"][1])
    assert bench.sync_lists(lists).counts == {"waiting": 3}
    clock.pass_by(hours=1)

    assert bench.sync_lists(lists).counts == {"requested": 2, "waiting": 1}
    assert made(demo) == [0, 1]


def test_the_rest_begins_when_the_source_says_that_the_title_was_added(bench, demo, clock):
    old, new = (
        replace(film, added_at=NOON - timedelta(hours=hours)) for film, hours in zip(FILMS, (3, 1), strict=False)
    )

    report = bench.sync_lists({"watchlist": ([old, new], Terms(hold=timedelta(hours=2)))})

    assert report.counts == {"requested": 1, "waiting": 1}
    assert made(demo) == [0]
    assert "2026-11-22 13:00 UTC" in reasons(report)[0]


def test_a_title_that_is_on_the_server_shows_its_state_while_new_ones_rest(bench, demo, clock):
    bench.sync_lists({"hers": (FILMS[:1], Terms())})

    report = bench.sync_lists({"his": (FILMS[:2], Terms(hold=timedelta(days=1)))})

    assert report.counts == {"already_requested": 1, "waiting": 1}


def test_what_was_known_longest_goes_first_when_room_is_freed(bench, demo, clock):
    policy = {"max_requests_per_run": 1, "has_file": True}
    bench.sync_lists({"list": (FILMS[:2], Terms())}, **policy)
    clock.pass_by(days=1)

    bench.sync_lists({"list": ([FILMS[2], *FILMS[:2]], Terms())}, **policy)

    assert made(demo) == [0, 1]


def test_a_title_that_goes_on_waiting_shows_when_it_goes_and_has_one_event(bench, demo, clock):
    lists = {"few": (FILMS, Terms(max_new_per_day=1))}
    bench.sync_lists(lists)
    clock.pass_by(hours=25)
    bench.sync_lists(lists)

    with bench.opened() as parts, parts.store.reading() as connection:
        (last,) = find_titles(connection, HOME, "movie:5000005")
    assert last.reason.endswith("its turn comes about 2026-11-27")
    assert len(last.events) == 1


def test_the_cap_of_all_users_together_holds_over_runs_and_users(bench, demo):
    alice = demo.add_user("alice")
    lists = {"mine": (FILMS[:2], Terms()), "hers": (FILMS[2:], Terms(requester_id=alice))}

    first = bench.sync_lists(lists, max_requests_by_all=3, has_file=True)
    second = bench.sync_lists(lists, max_requests_by_all=3, has_file=True)

    assert (first.counts, second.calls.writes) == ({"requested": 3, "waiting": 3}, 0)
    assert reasons(second)[0].startswith("caps.per_day=3 is reached: all users asked for 3 in 24 hours; its turn comes")


def test_two_containers_keep_one_cap_of_all_users_together(tmp_path, demo):
    reports = []
    for number in range(2):
        films = [synthetic(100 * number + film) for film in range(4)]
        user = demo.add_user(f"user {number}")
        bench = Bench(tmp_path, demo, name=f"container-{number}", terms=Terms(requester_id=user))
        reports.append(bench.sync(*films, max_requests_by_all=5, has_file=True))

    assert [report.counts for report in reports] == [{"requested": 4}, {"requested": 1, "waiting": 3}]


def test_a_list_keeps_to_its_titles_a_day_over_runs_while_others_go_on(bench, demo, clock):
    lists = {"few": (FILMS[:4], Terms(max_new_per_day=2)), "all": (FILMS[4:], Terms())}

    assert bench.sync_lists(lists).counts == {"requested": 4, "waiting": 2}
    clock.pass_by(hours=23)
    assert bench.sync_lists(lists).calls.writes == 0
    clock.pass_by(hours=1)

    assert bench.sync_lists(lists).calls.writes == 2
    assert made(demo) == [0, 1, 2, 3, 4, 5]


def test_a_list_waits_until_what_it_asked_for_is_available(bench, demo):
    lists = {"few": (FILMS[:4], Terms(max_open=2))}

    first = bench.sync_lists(lists)
    assert first.counts == {"requested": 2, "waiting": 2}
    assert reasons(first)[1].endswith("its turn comes when 2 of its 2 open requests are available")
    assert bench.sync_lists(lists).calls.writes == 0
    demo.make_available("movie", 5_000_000)

    assert bench.sync_lists(lists).counts["waiting"] == 1
    assert made(demo) == [0, 1, 2]


def test_a_limit_cuts_what_is_new_and_never_what_is_there(bench, demo):
    bench.sync_lists({"top": (FILMS[:3], Terms())})

    report = bench.sync_lists({"top": (FILMS[::-1], Terms(limit=2))})

    assert report.counts == {"already_requested": 3, "filtered": 1, "requested": 2}
    assert made(demo) == [0, 1, 2, 4, 5]
    assert bench.sync_lists({"top": (FILMS[3:], Terms(limit=2))}).counts["requested"] == 1


@pytest.mark.parametrize(("order", "made"), [(Order.RATING, 0), (Order.ADDED, 0), (Order.RANK, 1)])
def test_a_list_that_is_cut_off_asks_for_its_first_titles_only_where_these_are_sure(bench, demo, order, made):
    films = tuple(replace(synthetic(number), rating=5.0, added_at=NOON) for number in (1, 2))

    report = bench.sync_lists({"shelf": (Cut(films), Terms(limit=1, order=order))})

    assert len(demo.requests()) == made
    assert made or {one.status for one in report.outcomes} == {ItemStatus.WAITING}
