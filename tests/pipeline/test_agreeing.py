"""Names in the terms of lists: found at the server, remembered, read again before a request, and waited for."""

import logging

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.servarr import Server
from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.model.terms import Approval, ServerOptions, TagsMode, Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType, Quality
from list_sync.model.waiting import WaitingCause, find_cause
from tests.fakes.shelf import synthetic

BREAKING_BAD = MediaItem("Breaking Bad", MediaType.TV, 2008, MediaIds(tmdb=1396))


@pytest.fixture(autouse=True)
def people(demo):
    for name, more in {
        "alice": {},
        "bob": {"address": "bob@home.invalid"},
        "": {"plex_name": "Carol", "plex_id": 77},
    }.items():
        demo.add_user(name, **more)
    for number in range(20):
        demo.add_user(f"guest{number}")


@pytest.fixture
def radarr(demo):
    http = HttpClient("radarr")
    yield Server(http, "Radarr", "RADARR", f"{demo.root_url}/_radarr/0", ARR_KEY)
    http.close()


def sync(bench, terms, *items, **more):
    return bench.sync_lists({"kids": (items or [synthetic(1)], terms)}, **more)


def by(options, **more):
    return Terms(approval=Approval.KEY, server=ServerOptions(**options), **more)


def why(report):
    return {outcome.reason for outcome in report.outcomes}


def reads(demo, *words):
    paths = [call.path.removeprefix("/api/v1") for call in demo.calls if call.method == "GET"]
    demo.reset_counts()
    return [path for path in paths if path.startswith(words or ("/user", "/service", "/overrideRule"))]


def requesters(demo):
    return [row["requested_by"] for row in demo.requests()]


def options(demo):
    return [(row["server_id"], row["profile_id"], row["root_folder"], row["tags"]) for row in demo.requests()]


@pytest.mark.parametrize(
    ("stated", "number"), [("2", 2), ("alice", 2), ("ALICE", 2), ("Carol", 4), ("bob@HOME.invalid", 3), ("guest19", 24)]
)
def test_a_requester_is_found_by_number_user_name_display_name_or_address(bench, demo, stated, number):
    assert sync(bench, Terms(requester=stated)).counts == {"requested": 1}
    assert requesters(demo) == [number]


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("alcie", 'the server has no user "alcie"; nearest: alice'),
        ("zoe", 'the server has no user "zoe"; its users are admin (1), alice (2), bob (3), Carol (4)'),
        ("99", "the server has no user 99"),
        ("zoe@home.invalid", "the server has no user with this e-mail address"),
        ("twin", '"twin" is ambiguous, it can be twin (25) and twin (26): state the number'),
    ],
)
def test_titles_wait_for_a_requester_who_is_not_one_user_and_other_lists_go_on(bench, demo, caplog, stated, words):
    demo.add_user("twin"), demo.add_user("twin")
    lists = {"kids": ([synthetic(1), synthetic(2)], Terms(requester=stated)), "others": ([synthetic(3)], Terms())}

    with caplog.at_level(logging.WARNING):
        report = bench.sync_lists(lists)

    assert report.counts == {"requested": 1, "waiting": 2}
    assert any(words in reason for reason in why(report)), why(report)
    assert caplog.text.count(words) == 1
    assert "@home" not in caplog.text
    assert report.exit_code == 1


def test_a_run_without_requests_reads_no_users_and_one_with_requests_reads_them_again(bench, demo):
    terms = Terms(requester="alice")
    sync(bench, terms)
    assert reads(demo) == ["/user"]
    sync(bench, terms)
    assert reads(demo) == []
    sync(bench, terms, synthetic(1), synthetic(2))
    assert reads(demo) == ["/user"]
    sync(bench, Terms(requester="2"), synthetic(1), synthetic(2))
    assert reads(demo) == []


def test_the_most_important_list_is_not_replaced_by_another_one_that_wants_the_title(bench, demo):
    lost = Terms(requester="zoe", priority=1)
    lists = {"kids": ([synthetic(1), synthetic(2)], Terms()), "zoe": ([synthetic(2), synthetic(3)], lost)}

    report = bench.sync_lists(lists)

    assert report.counts == {"requested": 1, "waiting": 2}
    assert {find_cause(reason) for reason in why(report) if "zoe" in reason} == {WaitingCause.TERMS}
    lists["zoe"] = (lists["zoe"][0], Terms(requester="zoe"))
    assert bench.sync_lists(lists).counts == {"already_requested": 1, "requested": 1, "waiting": 1}


def test_a_list_of_each_person_that_was_not_taken_apart_requests_nothing(bench, demo):
    assert sync(bench, Terms(requester="each")).counts == {"waiting": 1}


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_a_server_that_hides_its_services_is_not_one_without_them(bench, demo, status):
    terms = by({"profile": "Any"})
    sync(bench, terms, BREAKING_BAD)
    demo.faults.only, demo.faults.down_status = "/service/", status

    sync(bench, terms, MediaItem("Game of Thrones", MediaType.TV, 2011, MediaIds(tmdb=1399)))

    assert [profile for _, profile, *_ in options(demo)] == [1, 1]


def test_lists_that_name_nothing_read_nothing(bench, demo):
    sync(bench, Terms())
    assert reads(demo) == []


@pytest.mark.parametrize("stated", ["alice", "2"])
def test_titles_wait_once_their_requester_is_deleted(bench, demo, stated):
    sync(bench, Terms(requester=stated))
    demo.delete_user(2)
    demo.reset_counts()

    report = sync(bench, Terms(requester=stated), synthetic(2))

    assert report.counts == {"waiting": 1}
    assert all("requester of shelf:" in reason and "the server has no user" in reason for reason in why(report))
    assert demo.writes == 0


def test_a_user_whose_name_changed_is_not_confused_with_the_one_who_has_it_now(bench, demo):
    sync(bench, Terms(requester="alice"))
    demo.change_user(id=2, name="alice2")
    demo.change_user(id=3, name="alice")

    sync(bench, Terms(requester="alice"), synthetic(2))

    assert requesters(demo) == [2, 3]


def test_names_of_a_sonarr_become_numbers_and_are_read_again_before_a_request(bench, demo):
    terms = by({"server": "sonarr", "profile": "any", "root_folder": "/tv/", "tags": ("Kids",)})
    demo.arrs.of("tv")[0].tags[7] = "default"
    demo.arrs.of("tv")[0].default_tags = [7]

    assert sync(bench, terms, BREAKING_BAD).counts == {"requested": 1}
    assert options(demo) == [(0, 1, "/tv", [7, 1])]
    assert reads(demo) == ["/service/sonarr", "/service/sonarr/0"]
    sync(bench, terms, BREAKING_BAD)
    assert reads(demo) == []


def test_names_of_the_users_own_radarr_are_read_there_and_never_through_the_server(bench, demo, radarr):
    bench.arrs[MediaType.MOVIE] = radarr
    demo.faults.radarr_down = True

    sync(bench, by({"profile": "Ultra-HD", "tags": (), "tags_mode": TagsMode.REPLACE}))

    assert options(demo) == [(None, 5, None, [])]
    assert reads(demo) == ["/service/radarr"]
    assert [call.path.rpartition("/")[2] for call in demo.backend.arr_calls] == ["qualityprofile", "rootfolder", "tag"]


def test_a_radarr_that_is_not_the_one_of_the_server_is_not_believed(bench, demo, radarr, caplog):
    bench.arrs[MediaType.MOVIE] = Server(radarr.http, "Radarr", "RADARR", f"{demo.root_url}/_radarr/1", ARR_KEY)
    demo.settings.movie_4k_enabled = True
    demo.arrs.of("movie")[1].profiles = {5: "Ultra-HD", 8: "Kids"}

    assert sync(bench, by({"profile": "Kids"})).counts == {"waiting": 1}
    demo.arrs.of("movie")[1].root_folders = ["/elsewhere"]
    with caplog.at_level(logging.WARNING):
        sync(bench, by({"profile": "Kids"}))
    assert "the Radarr of RADARR_URL is none of the server's" in caplog.text


def test_the_names_of_a_radarr_that_only_the_server_can_ask_are_waited_for(bench, demo):
    report = sync(bench, by({"profile": "Ultra-HD"}))

    assert report.counts == {"waiting": 1}
    assert "run list-sync check" in why(report).pop()
    assert reads(demo) == ["/service/radarr"]


def test_numbers_need_no_reading(bench, demo):
    sync(bench, by({"profile": 5, "tags": (1,), "tags_mode": TagsMode.REPLACE}))

    assert options(demo) == [(None, 5, None, [1])]
    assert reads(demo) == []


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"profile": "HD-1080"}, 'Sonarr has no quality profile "HD-1080"; nearest: HD-1080p'),
        ({"root_folder": "/films"}, 'Sonarr has no root folder "/films"; it has /tv'),
        ({"tags": ("grown-ups",)}, 'Sonarr has no tag "grown-ups"; it has kids'),
        ({"server": "Sonar"}, 'the server has no Sonarr "Sonar"; nearest: Sonarr'),
        ({"server": "Sonarr 4K"}, "Sonarr 4K of the server is for 4K, and these titles are wanted in HD"),
        ({"server": 1}, "Sonarr 4K of the server is for 4K, and these titles are wanted in HD"),
        ({"profile": "any"}, 'Sonarr has two quality profiles "any": state the number, 1 or 9'),
    ],
)
def test_titles_wait_for_a_name_that_the_server_does_not_have(bench, demo, stated, words):
    demo.settings.series_4k_enabled = True
    demo.arrs.of("tv")[0].profiles[9] = "ANY"

    report = sync(bench, by(stated), BREAKING_BAD, synthetic(1))

    assert any(words in reason for reason in why(report)), why(report)
    assert not any(row["media_type"] == "tv" for row in demo.requests())


def test_a_profile_that_was_renamed_or_deleted_is_waited_for_and_never_replaced_by_the_default(bench, demo):
    terms = by({"profile": "Any"})
    sync(bench, terms, BREAKING_BAD)
    demo.arrs.of("tv")[0].profiles[1] = "Everything"

    report = sync(bench, terms, BREAKING_BAD, MediaItem("Game of Thrones", MediaType.TV, 2011, MediaIds(tmdb=1399)))

    assert report.counts == {"already_requested": 1, "waiting": 1}
    assert any('Sonarr has no quality profile "Any"' in reason for reason in why(report))
    assert len(demo.requests()) == 1


def test_a_sonarr_that_is_down_does_not_hold_back_what_is_remembered(bench, demo):
    terms = by({"profile": "Any"})
    sync(bench, terms, BREAKING_BAD)
    demo.faults.sonarr_down = True

    sync(bench, terms, MediaItem("Game of Thrones", MediaType.TV, 2011, MediaIds(tmdb=1399)))

    assert [profile for _, profile, *_ in options(demo)] == [1, 1]


def test_a_list_in_both_qualities_goes_to_both_servers_by_their_own_names(bench, demo):
    demo.settings.series_4k_enabled = True
    demo.arrs.of("tv")[1].profiles = {3: "Best"}
    demo.arrs.of("tv")[0].profiles = {8: "Best"}

    sync(bench, by({"profile": "Best"}, qualities=(Quality.HD, Quality.UHD)), BREAKING_BAD)

    assert [profile for _, profile, *_ in options(demo)] == [8, 3]


def test_anime_goes_where_its_own_options_say_or_where_the_server_says(bench, demo):
    demo.arrs.of("tv")[0].profiles[6] = "Anime"
    demo.change_show(1396, is_anime=True)
    thrones = MediaItem("Game of Thrones", MediaType.TV, 2011, MediaIds(tmdb=1399))

    sync(bench, by({"profile": "Any", "anime": ServerOptions(profile="Anime")}), BREAKING_BAD, thrones)
    assert {row["tmdb_id"]: row["profile_id"] for row in demo.requests()} == {1396: 6, 1399: 1}

    demo.wipe()
    bench.name = "other"
    sync(bench, by({"profile": "Any", "root_folder": "/tv"}), BREAKING_BAD)
    assert options(demo) == [(None, None, None, None)]


def test_override_rules_are_warned_of_where_they_win(bench, demo, caplog):
    demo.settings.override_rules = [{"id": 1, "users": "2", "profileId": 4, "radarrServiceId": 0}]

    with caplog.at_level(logging.WARNING):
        sync(bench, Terms(requester="alice", server=ServerOptions(profile=5)), synthetic(1), synthetic(2))

    assert caplog.text.count("the override rules of the server win over its options") == 1
    assert reads(demo).count("/overrideRule") == 1
