"""A server that loses, drops, refuses or dies: nothing doubled, nothing lost, a reason for every title."""

import pytest

from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.demo.server.faults import Faults, change, current
from list_sync.model.exit_codes import FailureKind
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.shelf import Bench, synthetic

FILMS = [synthetic(number) for number in range(12)]


def doubles(server):
    rows = [(row["media_type"], row["tmdb_id"], row["is4k"]) for row in server.requests()]
    return len(rows) - len(set(rows))


def wanted_are_there_once(server, films=FILMS):
    return sorted(row["tmdb_id"] for row in server.requests()) == sorted(film.ids.tmdb for film in films)


def test_a_row_that_the_server_lost_is_sent_again(bench, demo):
    demo.faults.lose_rows = 3

    report = bench.sync(*FILMS)

    assert report.counts == {"requested": 12}
    assert wanted_are_there_once(demo)
    assert demo.writes == 15


def test_a_row_that_the_server_loses_again_and_again_is_sent_twice_and_then_reported(bench, demo):
    demo.faults.lose_rows = 1_000

    report = bench.sync(*FILMS)

    assert report.counts == {"request_failed": 12}
    assert max(demo.posts_by_title().values()) == 2
    assert report.has_failures


def test_a_lost_answer_is_looked_for_and_the_request_is_not_sent_twice(bench, demo):
    demo.faults.drop_after_write = 2

    report = bench.sync(*FILMS)

    assert report.counts == {"requested": 12}
    assert wanted_are_there_once(demo)
    assert max(demo.posts_by_title().values()) == 1


def test_a_request_that_never_arrived_is_sent_again_after_looking(bench, demo):
    demo.faults.drop_before_write = 1

    report = bench.sync(*FILMS[:2])

    assert report.counts == {"requested": 2}
    assert wanted_are_there_once(demo, FILMS[:2])


def test_a_server_that_dies_in_the_middle_ends_the_run_and_the_next_run_takes_over(bench, demo):
    bench.client_options = {"retry_attempts": 1}
    demo.faults.die_in_the_middle = 24
    report = bench.sync(*FILMS)

    assert report.failure is FailureKind.UNREACHABLE
    assert report.counts["waiting"] > 0
    demo.revive()

    assert "waiting" not in bench.sync(*FILMS).counts
    assert wanted_are_there_once(demo)
    assert max(demo.posts_by_title().values()) <= 2
    assert 409 not in [status for statuses in demo.answers_by_title().values() for status in statuses]


def test_a_lost_request_that_left_its_title_pending_is_made_again_by_the_next_run(bench, demo, tmp_path):
    bench.client_options = {"retry_attempts": 1}
    Bench(tmp_path, demo, name="rehearsal").sync(*FILMS, dry_run=True)
    demo.faults.lose_rows = 12
    demo.faults.die_in_the_middle = demo.reads + 12
    bench.sync(*FILMS)
    demo.faults.lose_rows = 0
    demo.revive()

    assert demo.media()
    assert not demo.requests()
    assert bench.sync(*FILMS).counts == {"requested": 12}
    assert wanted_are_there_once(demo)


def test_a_server_that_dies_while_lost_rows_are_sent_again_leaves_none_of_them_for_taken_back(bench, demo, tmp_path):
    bench.client_options = {"retry_attempts": 1}
    Bench(tmp_path, demo, name="rehearsal").sync(*FILMS[:3], dry_run=True)
    calls_until_the_first_is_sent_again = 3 + 3 + 1
    demo.faults.lose_rows = 3
    demo.faults.die_in_the_middle = demo.reads + calls_until_the_first_is_sent_again
    bench.sync(*FILMS[:3])
    demo.revive()

    assert demo.posts_by_title()["movie", FILMS[0].ids.tmdb, False] == 2
    assert bench.sync(*FILMS[:3]).counts == {"requested": 3}
    assert wanted_are_there_once(demo, FILMS[:3])


def test_a_server_that_is_not_there_fails_the_run_at_once_and_marks_nothing(bench, demo):
    bench.client_options = {"retry_attempts": 1}
    demo.crash()

    report = bench.sync(*FILMS)

    assert report.failure is FailureKind.UNREACHABLE
    assert report.outcomes == ()
    assert "OVERSEERR_URL" in report.error


def test_a_wrong_key_is_refused_with_the_name_of_its_setting(tmp_path, demo):
    class WithAnotherKey:
        url, api_key = demo.url, "wrong"

    report = Bench(tmp_path, WithAnotherKey).sync(*FILMS)

    assert report.failure is FailureKind.REFUSED
    assert "OVERSEERR_API_KEY" in report.error


def test_a_used_up_quota_keeps_the_rest_waiting_without_asking_for_each(bench, demo):
    user = demo.add_user("alice", movie_quota=5)
    bench.terms = Terms(requester_id=user)

    report = bench.sync(*FILMS)

    assert report.counts == {"requested": 5, "waiting": 7}
    assert demo.writes == 6
    assert {row["requested_by"] for row in demo.requests()} == {user}


def test_a_title_that_tmdb_does_not_have_is_not_found_and_not_asked_for_again_the_next_day(bench, demo):
    nothing = MediaItem("Nothing", MediaType.MOVIE, 2000, MediaIds(tmdb=79_999_999))

    assert bench.sync(nothing).counts == {"not_found": 1}
    demo.reset_counts()
    assert bench.sync(nothing).counts == {"not_found": 1}
    assert demo.writes == 0


def test_tmdb_down_is_an_error_that_passes_and_never_not_found(bench, demo):
    demo.faults.tmdb_down = True
    by_name = MediaItem("The Matrix", MediaType.MOVIE, 1999, MediaIds())

    report = bench.sync(synthetic(1, imdb_only=True), by_name)

    assert report.counts == {"error": 2}
    assert report.has_failures
    demo.faults.tmdb_down = False
    assert bench.sync(synthetic(1, imdb_only=True), by_name).counts == {"requested": 2}


def test_caps_keep_the_rest_waiting_and_later_runs_go_on(bench, demo):
    assert bench.sync(*FILMS, max_requests_per_run=5).counts == {"requested": 5, "waiting": 7}
    assert bench.sync(*FILMS, max_requests_per_run=5).counts["requested"] == 5
    assert bench.sync(*FILMS, max_requests_per_day=11).counts == {
        "already_requested": 10,
        "requested": 1,
        "waiting": 1,
    }


@pytest.mark.parametrize("dialect", Dialect)
def test_a_show_without_a_tvdb_id_is_explained_and_never_sent(tmp_path, dialect):
    with DemoServer(dialect=dialect) as server:
        show = next(title for title in load_catalogue().titles if title.kind == "tv" and not title.tvdb)
        report = Bench(tmp_path, server).sync(MediaItem(show.title, MediaType.TV, None, MediaIds(tmdb=show.tmdb)))

        assert report.counts == {"unsupported": 1}
        assert server.writes == 0


@pytest.mark.parametrize("fault", [{"down_status": 500}, {"garbage": True}], ids=["fails", "garbage"])
def test_one_title_whose_page_is_broken_keeps_none_of_the_others_back(bench, demo, fault):
    change(demo.faults, {"only": "GET /api/v1/movie/5000003", **fault})

    for _ in range(2):
        report = bench.sync(*FILMS)
        assert report.counts["error"] == 1
        assert report.error is None
    assert len(demo.requests()) == len(FILMS) - 1

    change(demo.faults, current(Faults()))
    assert bench.sync(*FILMS).counts["requested"] == 1


def test_a_server_whose_every_title_page_is_broken_fails_the_run(bench, demo):
    change(demo.faults, {"only": "GET /api/v1/movie/", "down_status": 500})

    report = bench.sync(*FILMS)

    assert report.failure is FailureKind.UNREACHABLE
    assert demo.writes == 0
