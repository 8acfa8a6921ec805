"""A quota that is used up costs one refused request of each kind and run."""

import pytest

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.server.dialects import Dialect
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.shelf import Bench, synthetic

# By how many seasons they have.
BY_SIZE = {1399: 8, 1398: 6, 1396: 5, 66732: 4, 87108: 1}
SHOWS = [MediaItem("", MediaType.TV, None, MediaIds(tmdb=tmdb)) for tmdb in BY_SIZE]
FILMS = [synthetic(number) for number in range(5)]
WRONGLY_NUMBERED = MediaItem(
    "Synthetic Film 000007", MediaType.MOVIE, None, MediaIds(tmdb=99_000_007, imdb="tt90000007")
)


@pytest.fixture(params=list(Dialect))
def server(request):
    with DemoServer(request.param, synthetic_films=10) as running:
        yield running


def refused(server):
    return [
        call.body["mediaId"] for call in server.backend.traffic.calls() if call.method == "POST" and call.status == 403
    ]


def a_bench(folder, server, **quotas):
    return Bench(folder, server, terms=Terms(requester_id=server.add_user("alice", **quotas)))


def test_a_used_up_quota_for_shows_is_asked_about_once(tmp_path, server):
    bench = a_bench(tmp_path, server, tv_quota=1)
    bench.sync(SHOWS[-1])

    report = bench.sync(*SHOWS[:-1])

    assert len(refused(server)) == 1
    assert report.counts == {"waiting": 4}
    user = bench.terms.requester_id
    assert {outcome.reason for outcome in report.outcomes} == {
        f"the quota of user {user} has no room for {seasons} seasons; a later run requests it again"
        for seasons in (8, 6, 5, 4)
    }


def test_shows_that_fit_what_is_left_are_requested_all_the_same(tmp_path, server):
    bench = a_bench(tmp_path, server, tv_quota=6)

    report = bench.sync(*SHOWS)

    assert refused(server) == [1399]
    assert {row["tmdb_id"] for row in server.requests()} == {1398}
    assert report.counts == {"requested": 1, "waiting": 4}


def test_a_used_up_quota_for_films_is_asked_about_once_also_by_those_found_without_their_wrong_number(tmp_path, server):
    bench = a_bench(tmp_path, server, movie_quota=1)
    bench.sync(FILMS[0])

    report = bench.sync(*FILMS[1:], WRONGLY_NUMBERED)

    assert len(refused(server)) == 1
    assert report.counts == {"waiting": 5}
