"""What the server says after the requests were made: refusals of Radarr, titles that are gone, and what `why` tells."""

from datetime import UTC, datetime, timedelta

import pytest

from list_sync.api.mediaserver import bulk as overseerr_bulk
from list_sync.api.mediaserver import paging as overseerr_paging
from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import ExitCode
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.shelf import Bench, synthetic

FILMS = [synthetic(number) for number in range(30)]
SHOW = next(
    title
    for title in load_catalogue().titles
    if title.kind == "tv" and title.tvdb and sum(season.number > 0 for season in title.seasons) > 2
)


@pytest.fixture(params=Dialect, ids=lambda dialect: dialect.value)
def any_demo(request):
    with DemoServer(request.param, synthetic_films=100, post_seconds=0) as server:
        yield server


def states(report):
    return {outcome.decision.title_key[1] - 5_000_000: outcome.status for outcome in report.outcomes}


def paths(demo):
    return [call.path.removeprefix("/api/v1") for call in demo.calls]


def whole_show(*, season=None):
    return MediaItem(SHOW.title, MediaType.TV, None, MediaIds(tmdb=SHOW.tmdb), season)


def test_requests_that_radarr_refused_become_failed_with_their_reason_in_the_next_run(any_demo, tmp_path):
    bench = Bench(tmp_path, any_demo)
    first = bench.sync(*FILMS)
    for number in (3, 4):
        any_demo.fail_request(number)

    report = bench.sync(*FILMS)

    assert first.exit_code is ExitCode.OK
    assert report.counts == {"already_requested": 28, "request_failed": 2}
    assert report.exit_code is ExitCode.FAILURES
    reasons = {outcome.reason for outcome in report.outcomes if outcome.status is ItemStatus.REQUEST_FAILED}
    assert reasons == {
        f"request {n} failed on its way from the server to Radarr: retry it on the server" for n in (3, 4)
    }
    assert any_demo.writes == 30


def test_a_request_that_radarr_refused_at_once_is_found_by_the_next_run(any_demo, tmp_path):
    any_demo.faults.radarr_refuses = True
    bench = Bench(tmp_path, any_demo)

    bench.sync(*FILMS[:3])

    assert bench.sync(*FILMS[:3]).counts == {"request_failed": 3}


def test_a_refused_request_that_was_retried_is_a_request_again(bench, demo):
    bench.sync(*FILMS)
    demo.fail_request(3)
    bench.sync(*FILMS)
    demo.approve(3)

    report = bench.sync(*FILMS)

    assert report.counts == {"already_requested": 30}
    assert report.exit_code is ExitCode.OK


def test_a_title_stays_failed_until_its_request_is_retried(bench, demo):
    bench.sync(*FILMS)
    demo.fail_request(3)
    bench.sync(*FILMS)
    demo.reset_counts()

    report = bench.sync(*FILMS)

    assert report.exit_code is ExitCode.FAILURES
    assert "/request" not in paths(demo)


def test_a_season_that_sonarr_refused_is_told_beside_one_that_it_took(bench, demo):
    bench.sync(whole_show(season=1))
    bench.sync(whole_show(season=1), whole_show(season=2))
    demo.fail_request(2)

    report = bench.sync(whole_show(season=1), whole_show(season=2))

    assert report.counts == {"request_failed": 1}
    assert report.outcomes[0].reason.startswith("request 2 failed on its way from the server to Sonarr")


def test_a_refused_season_that_no_list_wants_fails_nothing(bench, demo):
    bench.sync(whole_show(season=1))
    bench.sync(whole_show(season=1), whole_show(season=2))
    demo.fail_request(2)

    assert bench.sync(whole_show(season=1)).counts == {"already_requested": 1}


def test_a_show_whose_request_was_declined_is_declined_though_the_server_calls_it_processing(any_demo, tmp_path):
    bench = Bench(tmp_path, any_demo)
    bench.sync(whole_show())
    any_demo.decline(1)

    assert bench.sync(whole_show()).counts == {"declined": 1}
    assert [row["status"] for row in any_demo.media()] == [3]
    assert any_demo.writes == 1


def test_requests_are_read_only_when_counts_moved(bench, demo):
    bench.sync(*FILMS)
    demo.reset_counts()
    bench.sync(*FILMS)
    unchanged = paths(demo)
    demo.fail_request(3)
    demo.reset_counts()
    bench.sync(*FILMS)

    assert "/request" not in unchanged
    assert paths(demo).count("/request") == 1


def test_a_radarr_that_hangs_does_not_slow_a_run_in_which_nothing_changed(bench, demo):
    bench.sync(*FILMS)
    # Longer than the client waits: a run that asked for it would fail.
    bench.client_options = {"timeout_seconds": 1.0, "retry_attempts": 0}
    demo.faults.arr_hangs_seconds = 60

    assert bench.sync(*FILMS).counts == {"already_requested": 30}


def test_a_title_that_a_scan_marked_deleted_is_told_as_deleted(tmp_path):
    with DemoServer(Dialect.SEERR, synthetic_films=10) as demo:
        bench = Bench(tmp_path, demo)
        for number in range(5):
            demo.make_available("movie", 5_000_000 + number)
        assert bench.sync(*FILMS[:5]).counts == {"already_available": 5}
        demo.set_media("movie", 5_000_002, status=7)

        assert bench.sync(*FILMS[:5]).counts == {"already_available": 4, "deleted": 1}
        assert demo.writes == 0


@pytest.fixture
def small_pages(monkeypatch):
    """Read the server in pages of twenty, so that a few titles fill several."""
    for module in (overseerr_bulk, overseerr_paging):
        monkeypatch.setattr(module, "PAGE_SIZE", 20)


@pytest.fixture
def big_server(small_pages):
    """Return a server with two pages and a half of titles."""
    with DemoServer(Dialect.SEERR, synthetic_films=50) as server:
        for number in range(50):
            server.set_media("movie", 5_000_000 + number, status=5)
        yield server


def test_every_page_of_titles_has_its_turn(big_server, tmp_path):
    bench = Bench(tmp_path, big_server)
    many = [synthetic(number) for number in range(50)]
    bench.sync(*many)
    # Numbers from old to new: the newest page is read first.
    for number in (0, 24, 48):
        big_server.set_media("movie", 5_000_000 + number, status=7)

    seen = [bench.sync(*many).counts.get("deleted", 0) for _ in range(4)]

    assert seen == [1, 2, 3, 3]
    assert big_server.writes == 0


def test_one_of_several_rows_of_a_title_does_not_change_its_state(small_pages, bench, demo):
    demo.set_media("movie", 5_000_001, status=1)
    state = demo.backend.state
    for number in range(2, 23):
        demo.set_media("movie", 5_000_000 + number, status=5)
    # A race left a second row behind, on another page than the first.
    twin = demo.backend.creation._new_media({}, demo.backend.titles.find("movie", 5_000_001), is_4k=False)
    twin.status = 5
    with state.lock:
        state.save_media(twin)
    films = [synthetic(number) for number in range(1, 23)]

    assert [bench.sync(*films).counts for _ in range(3)] == [{"already_available": 22}] * 3
    assert demo.writes == 0


def test_what_was_sent_last_is_read_back_by_the_next_run(big_server, tmp_path):
    bench = Bench(tmp_path, big_server)
    many = [synthetic(number) for number in range(30)]
    bench.sync(*many)
    bench.sync(*many)
    newcomers = [MediaItem("The Matrix", MediaType.MOVIE, 1999, MediaIds(tmdb=603))]
    bench.sync(*many, *newcomers)
    big_server.make_available("movie", 603)
    big_server.reset_counts()

    report = bench.sync(*many, *newcomers)

    assert report.counts == {"already_available": 31}
    assert "/movie/603" in paths(big_server)
    assert big_server.reads <= 6
    big_server.reset_counts()
    bench.sync(*many, *newcomers)
    assert "/movie/603" not in paths(big_server)


def test_several_titles_that_were_sent_last_are_read_back_by_the_newest_page(big_server, tmp_path):
    bench = Bench(tmp_path, big_server)
    many = [synthetic(number) for number in range(30)]
    bench.sync(*many)
    bench.sync(*many)
    newcomers = [MediaItem("", MediaType.MOVIE, None, MediaIds(tmdb=number)) for number in (603, 604, 605)]
    bench.sync(*many, *newcomers)
    for number in (603, 604, 605):
        big_server.make_available("movie", number)
    big_server.reset_counts()

    report = bench.sync(*many, *newcomers)

    assert report.counts == {"already_available": 33}
    assert big_server.reads <= 6


@pytest.mark.parametrize("requester", ["owner", "another"])
@pytest.mark.parametrize("there", [0, 30])
def test_a_run_in_which_nothing_changed_takes_six_reads_for_any_requester(
    small_pages, any_demo, tmp_path, requester, there
):
    for number in range(25):
        any_demo.add_user(f"user{number}")
    for number in range(there):
        any_demo.set_media("movie", 5_000_000 + number, status=5)
    bench = Bench(tmp_path, any_demo, terms=Terms(requester_id=1 if requester == "owner" else 20))
    films = [synthetic(number) for number in range(there + 5)]
    bench.sync(*films)
    reads = []
    for _ in range(3):
        any_demo.reset_counts()
        bench.sync(*films)
        reads.append(any_demo.reads)

    assert max(reads) <= 6
    assert any_demo.writes == 0


def test_a_fresh_run_reads_the_server_anew(big_server, tmp_path):
    bench = Bench(tmp_path, big_server)
    many = [synthetic(number) for number in range(50)]
    bench.sync(*many)
    for number in (0, 24, 48):
        big_server.set_media("movie", 5_000_000 + number, status=7)

    assert bench.sync(*many, fresh=True).counts == {"already_available": 47, "deleted": 3}


def test_the_week_after_which_everything_is_read_begins_anew_with_a_fresh_run(bench, demo):
    moment = [datetime(2026, 11, 22, tzinfo=UTC)]
    bench.clock = lambda: moment[0]
    bench.sync(*FILMS)
    moment[0] += timedelta(days=6)
    bench.sync(*FILMS, fresh=True)
    moment[0] += timedelta(days=6)
    demo.reset_counts()

    bench.sync(*FILMS)

    assert "/request" not in paths(demo)
