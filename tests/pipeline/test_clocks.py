"""A clock that was years ahead and is right again: what it dated is not waited for."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.shelf import synthetic

TODAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AHEAD = TODAY + timedelta(days=4 * 365)
UNKNOWN = MediaItem("No Film Of This Name", MediaType.MOVIE, 1999)


@pytest.fixture
def bench_ahead(bench):
    """Return an installation whose first sync is made by a clock that is four years ahead."""

    def sync(*items, **policy):
        bench.clock = lambda: AHEAD
        bench.sync(*items, **policy)
        bench.clock = lambda: TODAY
        return bench

    return sync


def test_the_cap_of_a_day_does_not_count_what_was_asked_for_years_ahead(bench_ahead):
    bench = bench_ahead(synthetic(1), synthetic(2))

    assert bench.sync(synthetic(3), max_requests_per_day=1).counts == {"requested": 1}


def test_what_was_asked_for_a_moment_ahead_still_counts_for_the_day(bench):
    bench.clock = lambda: TODAY + timedelta(minutes=5)
    bench.sync(synthetic(1))
    bench.clock = lambda: TODAY

    assert bench.sync(synthetic(2), max_requests_per_day=1).counts == {"waiting": 1}


def test_titles_that_were_looked_for_in_vain_are_looked_for_again(bench_ahead, demo):
    bench = bench_ahead(UNKNOWN)
    demo.calls.clear()

    bench.sync(UNKNOWN)

    assert any(call.path.endswith("/search") for call in demo.calls)


def test_everything_is_read_again_within_a_week_all_the_same(bench_ahead, demo):
    bench = bench_ahead(synthetic(1))
    bench.sync(synthetic(1))

    with closing(sqlite3.connect(f"{bench.folder}/{bench.name}.db")) as connection:
        ((full_read_at,),) = connection.execute("SELECT full_read_at FROM server_fingerprints").fetchall()
    assert full_read_at.startswith("2026")


def test_a_number_that_tmdb_did_not_have_is_tried_again(bench_ahead, demo):
    unknown = MediaItem("", MediaType.MOVIE, None, MediaIds(tmdb=99_000_001))
    bench = bench_ahead(unknown)
    demo.calls.clear()

    bench.sync(unknown)

    assert any(call.path.endswith("/movie/99000001") for call in demo.calls)
