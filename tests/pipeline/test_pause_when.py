"""What pause_when holds back: many pending requests, little left of a quota, little free space."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.servarr import Server as ArrServer
from list_sync.demo.catalogue.synthetic import synthetic_imdb_id, synthetic_title
from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.model.moments import shown, utc_now
from list_sync.model.policy import HouseholdPolicy, PauseWhen
from list_sync.model.terms import Destination, SentOptions, Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType, Quality
from list_sync.surveying.pauses import Pauses
from tests.fakes.shelf import synthetic

FILMS = [synthetic(number) for number in range(6)]
GB = 10**9
STRICT = {"pending": 99, "quota_left": 1, "free_space_bytes": GB}
CAPS = {"max_requests_per_run": 9, "max_requests_per_day": 9, "max_requests_by_all": 9, "has_file": True}


@pytest.fixture
def alice(bench, demo):
    """Return a user whose requests stay pending, as the requester of the bench."""
    bench.terms = Terms(requester_id=demo.add_user("alice", movie_quota=4, tv_quota=9))
    bench.policy = replace(bench.policy, has_file=True)
    return bench.terms.requester_id


def pause(bench, **when):
    bench.rules = HouseholdPolicy(pause_when=PauseWhen(**when))


def reasons(report):
    return [outcome.reason for outcome in report.outcomes if outcome.status == "waiting"]


def without_turns(texts, demo, begun):
    """Replace the minute in which a request that was made since leaves the quota."""
    minutes = range(int((utc_now() - begun).total_seconds() // 60) + 2)
    turns = [shown(begun + timedelta(days=demo.settings.quota_days, minutes=minute)) for minute in minutes]
    return [re.sub("|".join(map(re.escape, turns)), "TURN", text) for text in texts]


def test_nothing_new_is_requested_while_so_many_requests_are_pending(bench, demo, alice):
    pause(bench, pending=3)

    first, second = bench.sync(*FILMS), bench.sync(*FILMS)

    assert (first.counts, second.calls.writes) == ({"requested": 3, "waiting": 3}, 0)
    full = "pause_when.pending=3: 3 requests are pending on the server; its turn comes when fewer of them are"
    assert set(reasons(first) + reasons(second)) == {full}
    demo.approve(demo.requests()[0]["id"])
    assert bench.sync(*FILMS).counts["requested"] == 1


def test_the_server_is_asked_how_many_are_pending_until_they_are_too_many():
    pending = iter([2, 3])
    pauses = Pauses(PauseWhen(pending=3), arrs={}, count_pending=pending.__next__)

    first, *others = [pauses.find_reason_to_wait() for _ in range(4)]

    assert first is None
    assert {reason.partition(";")[0] for reason in others} == {
        "pause_when.pending=3: 3 requests are pending on the server"
    }


def test_a_title_that_is_found_without_its_wrong_number_leaves_the_quota_free_as_well(bench, demo, alice):
    pause(bench, quota_left=2)
    ids = MediaIds(tmdb=99_000_000, imdb=synthetic_imdb_id(5))

    report = bench.sync(MediaItem(synthetic_title(5), MediaType.MOVIE, None, ids), *FILMS[:2])

    assert report.counts == {"requested": 2, "waiting": 1}


def test_a_part_of_a_quota_stays_free_and_each_title_says_when_it_goes(bench, demo, alice):
    pause(bench, quota_left=2)
    begun = utc_now()

    first, second = bench.sync(*FILMS), bench.sync(*FILMS)

    assert first.counts == {"requested": 2, "waiting": 4}
    assert reasons(first)[0].startswith(
        f"pause_when.quota_left=2: user {alice} has 4 films left in the quota and may use 2; its turn"
    )
    known = f"pause_when.quota_left=2: user {alice} has 2 films left in the quota and may use none; its turn comes"
    waits = without_turns(reasons(second), demo, begun)
    assert waits == [f"{known} at TURN", f"{known} at TURN", f"{known} after TURN", f"{known} after TURN"]


def test_a_show_counts_its_seasons_in_the_quota(bench, demo, alice):
    pause(bench, quota_left=4)
    shows = [MediaItem("", MediaType.TV, None, MediaIds(tmdb=tmdb)) for tmdb in (1398, 66732, 87108)]

    report = bench.sync(*shows)

    assert [(row["tmdb_id"], len(row["seasons"])) for row in demo.requests()] == [(66732, 4), (87108, 1)]
    assert report.counts == {"requested": 2, "waiting": 1}


@pytest.mark.parametrize("when", [{"quota_left": 6}, {}])
def test_a_show_that_takes_more_than_its_quota_ever_leaves_says_so(bench, demo, alice, when):
    pause(bench, **when)
    demo.change_user(alice, tv_quota=9 if when else 3)

    (reason,) = reasons(bench.sync(MediaItem("", MediaType.TV, None, MediaIds(tmdb=66732))))

    assert reason.endswith("; it takes 4 of at most 3 and never fits: choose fewer seasons, or raise the quota")


def test_a_quota_that_is_used_up_says_when_each_title_goes_if_there_is_a_lists_yaml(bench, demo, alice):
    begun = utc_now()

    report = bench.sync(*FILMS)

    waits = without_turns(reasons(report), demo, begun)
    assert waits == [f"the quota of user {alice} is used up; its turn comes at TURN"] * 2


def test_a_place_in_the_quota_that_is_freed_goes_to_the_title_that_is_known_longest(bench, demo, alice):
    bench.sync(*FILMS[:5])
    demo.change_user(alice, movie_quota=5)

    bench.sync(FILMS[5], *FILMS[:5])

    assert sorted(row["tmdb_id"] - 5_000_000 for row in demo.requests()) == [0, 1, 2, 3, 4]


@pytest.fixture
def radarr(bench, demo):
    """Return the demo's Radarr, which ListSync may ask."""
    http = HttpClient("radarr")
    bench.arrs = {MediaType.MOVIE: ArrServer(http, "Radarr", "RADARR", f"{demo.root_url}/_radarr/0", ARR_KEY)}
    yield demo.arrs.of("movie")[0]
    http.close()


def test_films_wait_while_too_little_is_free_for_radarr(bench, demo, radarr):
    pause(bench, free_space_bytes=200 * GB)
    radarr.free_space = 150 * GB

    assert reasons(bench.sync(FILMS[0])) == [
        (
            f"pause_when.free_space=200 GB: 150 GB are free in {radarr.root_folder} of Radarr; "
            "its turn comes when more is free"
        )
    ]
    radarr.free_space = 200 * GB
    assert bench.sync(FILMS[0]).counts == {"requested": 1}
    asked = len(demo.backend.arr_calls)
    assert bench.sync(FILMS[0]).counts == {"already_requested": 1}
    assert len(demo.backend.arr_calls) == asked


def test_films_wait_while_radarr_does_not_say_how_much_is_free(bench, demo, radarr):
    pause(bench, free_space_bytes=200 * GB)
    bench.arrs[MediaType.MOVIE] = replace(bench.arrs[MediaType.MOVIE], key="wrong")

    (reason,) = reasons(bench.sync(FILMS[0]))

    assert reason.startswith("pause_when.free_space=200 GB: Radarr does not say how much is free, ")
    assert "RADARR_API_KEY was refused" in reason


def test_a_list_that_states_its_folder_is_judged_by_that_folder_and_without_radarr_nothing_waits(bench, radarr):
    pause(bench, free_space_bytes=10**15)

    there = {(MediaType.MOVIE, Quality.HD): Destination(SentOptions(root_folder=f"{radarr.root_folder}/"))}
    (reason,) = reasons(bench.sync_lists({"kids": (FILMS[:1], Terms(destinations=there))}))
    assert f"1.0 TB are free in {radarr.root_folder} of Radarr" in reason
    bench.arrs = {}
    assert bench.sync(FILMS[1]).counts == {"requested": 1}


def test_a_run_with_nothing_to_request_has_the_same_reads_with_caps_and_pauses_as_without(bench, demo, radarr):
    strict = Terms(max_new_per_day=9, max_open=9, hold=timedelta(0), limit=9)
    for terms, when, caps in ((Terms(), {}, {}), (strict, STRICT, CAPS)):
        pause(bench, **when)
        bench.sync_lists({"top": (FILMS, terms)}, **caps)
        bench.sync_lists({"top": (FILMS, terms)}, **caps)
        before = demo.reads, len(demo.backend.arr_calls)

        assert bench.sync_lists({"top": (FILMS, terms)}, **caps).calls.reads == 4
        assert (demo.reads - 4, len(demo.backend.arr_calls)) == before


def test_what_rests_or_is_cut_off_costs_no_read_of_quotas_radarr_or_requests(bench, demo, radarr):
    pause(bench, **STRICT)
    lists = {
        "new": (FILMS[:3], Terms(hold=timedelta(days=1))),
        "top": (FILMS[3:], Terms(limit=1, hold=timedelta(days=1))),
    }
    bench.sync_lists(lists, **CAPS)

    report = bench.sync_lists(lists, **CAPS)

    assert report.counts == {"filtered": 2, "waiting": 4}
    assert report.calls.reads == 4
    assert demo.backend.arr_calls == []
