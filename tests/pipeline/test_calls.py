"""How many calls a sync costs: the promise "ask once", counted by the server."""

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.shelf import Bench, synthetic


def films(count, **more):
    return [synthetic(number, **more) for number in range(count)]


def test_a_thousand_new_films_cost_a_thousand_writes_and_at_most_twelve_reads(bench, demo):
    report = bench.sync(*films(1_000))

    assert report.counts == {"requested": 1_000}
    assert demo.writes == 1_000
    assert demo.reads <= 12
    assert (report.calls.reads, report.calls.writes) == (demo.reads, demo.writes)


@pytest.fixture(scope="module")
def full_server():
    with DemoServer(synthetic_films=20_001) as server:
        for number in range(20_000):
            server.set_media("movie", 5_000_000 + number, status=5)
        yield server


@pytest.fixture(scope="module")
def full_bench(full_server, tmp_path_factory):
    """A bench that has synced twenty thousand films."""
    bench = Bench(tmp_path_factory.mktemp("full"), full_server)
    bench.sync(*films(20_000))
    return bench


@pytest.mark.parametrize("size", [1_000, 20_000])
def test_a_sync_in_which_nothing_changed_costs_the_same_few_reads_at_any_size(request, full_server, tmp_path, size):
    if size == 20_000:
        bench = request.getfixturevalue("full_bench")
    else:
        bench = Bench(tmp_path, full_server)
        bench.sync(*films(size))
    full_server.reset_counts()

    report = bench.sync(*films(size))

    assert report.counts == {"already_available": size}
    assert full_server.writes == 0
    assert full_server.reads <= 6


def test_one_title_more_among_twenty_thousand_costs_one_write_and_at_most_twelve_reads(full_server, full_bench):
    full_server.reset_counts()

    report = full_bench.sync(*films(20_001))

    assert report.counts == {"already_available": 20_000, "requested": 1}
    assert full_server.writes == 1
    assert full_server.reads <= 12


def test_titles_known_by_imdb_id_only_are_looked_up_once_and_never_again_not_even_after_a_restart(bench, demo):
    first = bench.sync(*films(1_000, imdb_only=True))
    searches = [call for call in demo.calls if call.path.endswith("/search")]
    demo.reset_counts()
    second = bench.sync(*films(1_000, imdb_only=True))

    assert first.counts == {"requested": 1_000}
    assert len(searches) == 1_000
    assert second.counts == {"already_requested": 1_000}
    assert [call for call in demo.calls if call.path.endswith("/search")] == []
    assert demo.writes == 0


def test_a_dry_run_says_what_would_be_requested_and_sends_no_write(bench, demo):
    report = bench.sync(*films(20), dry_run=True)

    assert report.counts == {"would_request": 20}
    assert demo.writes == 0
    assert bench.sync(*films(20)).counts == {"requested": 20}
