"""A clock that was years ahead and is right again: what it dated is not waited for."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from list_sync.correcting.snoozing import snooze
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.model.terms import SeasonChoice, SeasonRule, Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.wishing.exclusions import Excluded
from list_sync.wishing.terms import settle_terms
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
    demo.reset_counts()

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
    demo.reset_counts()

    bench.sync(unknown)

    assert any(call.path.endswith("/movie/99000001") for call in demo.calls)


def test_what_began_to_rest_years_ahead_rests_no_longer(bench_ahead):
    bench = bench_ahead(synthetic(1), planned={})
    bench.terms = Terms(hold=timedelta(days=3))

    assert bench.sync(synthetic(1)).counts == {"requested": 1}
    assert bench.sync(synthetic(2)).counts == {"waiting": 1}


def test_a_list_that_was_read_first_years_ahead_wants_the_seasons_from_now_on():
    source = ListRef("shelf", "one", Terms(seasons=SeasonRule(SeasonChoice.FUTURE)))
    read = FetchResult(source, (), FetchState.COMPLETE, "direct", TODAY)

    (settled,) = settle_terms([read], Excluded(), first_read=lambda: {source.key: AHEAD.date()}, today=TODAY.date())

    assert settled.source.terms.seasons.since == TODAY.date()


def test_a_snooze_by_a_clock_years_ahead_is_over(bench):
    with bench.opened() as parts:
        snooze(parts.store, "tmdb:movie:5000001", AHEAD + timedelta(days=30), at=AHEAD)
    bench.clock = lambda: TODAY

    assert bench.sync(synthetic(1)).counts == {"requested": 1}


FIRST_BOOT = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
LISTED = (synthetic(1), synthetic(2), UNKNOWN, MediaItem("", MediaType.MOVIE, None, MediaIds(tmdb=99_000_001)))


def sync_at(bench, *moments):
    """Sync the same list at each of these moments; return what was called in the last of these syncs."""
    for moment in moments:
        bench.clock = lambda moment=moment: moment
        before = len(bench.server.calls)
        bench.sync(*LISTED)
    return [f"{call.method} {call.path}" for call in bench.server.calls[before:]]


def later(moment, hours=6):
    return moment + timedelta(hours=hours)


@pytest.mark.parametrize("wrong", [FIRST_BOOT, AHEAD, TODAY + timedelta(hours=5), TODAY - timedelta(days=3)])
def test_a_wrong_clock_repeats_nothing_and_a_right_one_goes_on_where_it_was(bench, demo, wrong):
    few = len(sync_at(bench, TODAY, later(TODAY)))

    while_wrong = sync_at(bench, wrong, later(wrong))
    when_right = sync_at(bench, later(TODAY, 12), later(TODAY, 18))

    assert max(len(while_wrong), len(when_right)) <= few
    assert not any("/search" in call for call in while_wrong + when_right)
    assert set(demo.posts_by_title().values()) == {1}
    assert len(demo.requests()) == 2


def test_a_first_start_in_1970_leaves_nothing_behind_that_lasts(bench, demo):
    sync_at(bench, FIRST_BOOT, later(FIRST_BOOT))

    when_right = sync_at(bench, TODAY, later(TODAY))

    assert not any("/search" in call for call in when_right)
    assert set(demo.posts_by_title().values()) == {1}
    assert query(bench, "SELECT count(*) FROM sync_history WHERE status = 'completed'") == [(4,)]


def test_the_history_of_years_survives_a_clock_that_is_ahead(bench):
    bench.clock = lambda: TODAY
    bench.sync(synthetic(1))
    query(
        bench,
        "WITH RECURSIVE day(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM day WHERE n < 399)"
        " INSERT INTO sync_history (household, sync_started, sync_mode, status, dry_run)"
        f" SELECT 'home', datetime('{TODAY:%Y-%m-%d %H:%M:%S}', '-' || n || ' days'), 'automated', 'completed', 0"
        " FROM day",
    )

    sync_at(bench, AHEAD, later(AHEAD), TODAY)

    assert query(bench, "SELECT count(*) FROM sync_history WHERE sync_started < '2027'") == [(400,)]
    sync_at(bench, TODAY + timedelta(days=30))
    assert query(bench, "SELECT min(sync_started) >= '2025-10' FROM sync_history") == [(1,)]


def test_what_was_looked_for_in_vain_survives_a_clock_that_is_ahead(bench):
    sync_at(bench, TODAY, AHEAD, later(AHEAD))

    assert query(bench, "SELECT count(*) FROM unresolved_titles") == [(1,)]


def query(bench, statement):
    with closing(sqlite3.connect(f"{bench.folder}/{bench.name}.db")) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
        return rows
