from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from list_sync.database.schema import run_lists
from list_sync.model.decisions import ItemStatus
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.routes import CACHE_ROUTE
from list_sync.model.servers import HOME, CallCounts
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState, ListRef, NotUnderstood
from list_sync.model.terms import Terms
from list_sync.storage.lists import find_lists, record_lists
from list_sync.storage.packing import pack_result, read_remainder, unpack_result
from list_sync.storage.pruning import find_end_of_memory, prune
from list_sync.storage.record import Record
from list_sync.storage.runs import (
    RunStatus,
    close_interrupted,
    find_run,
    find_runs,
    finish_run,
    start_run,
)
from tests.builders import NOON, an_item
from tests.storage.recording import FIRST, SECOND, asked, find_one, left, read, run

REMAINDER = {
    "unsupported": 3,
    "unsupported_kinds": {"person": 2, "game": 1},
    "not_understood": 4,
    "first_not_understood": (NotUnderstood("line 5", "no id"), NotUnderstood("anime[2]", "no title")),
}


def test_what_a_list_holds_beside_its_titles_is_kept_with_the_run_with_the_list_and_with_copies(store):
    item = replace(an_item(), other_titles=("Die Matrix", "黑客帝國"))
    odd = replace(read(FIRST, FetchState.PARTIAL), items=(item,), expected=8, is_whole=True, **REMAINDER)
    run_id = run(store, lists=[odd])

    assert unpack_result(pack_result(odd), FIRST) == odd
    run(store, lists=[replace(read(FIRST, FetchState.FAILED), unsupported=0)])
    with store.reading() as connection:
        of_run = connection.execute(select(run_lists).where(run_lists.c.run_id == run_id)).mappings().one()
        (of_list,) = find_lists(connection, HOME)
    assert read_remainder(of_run) == {name: getattr(of_list, name) for name in REMAINDER} == REMAINDER


def test_a_finished_run_holds_its_counts_calls_and_lists(store):
    outcomes = (
        asked(tmdb_id=1),
        left(ItemStatus.ALREADY_AVAILABLE, tmdb_id=2),
        left(ItemStatus.ERROR, tmdb_id=3),
        asked(tmdb_id=4, status=ItemStatus.REQUEST_FAILED),
    )
    lists = (read(FIRST, items=4), read(SECOND, FetchState.FAILED, items=0, reason="trakt: list not found"))
    with store.writing() as connection:
        run_id = start_run(connection, HOME, mode=SyncMode.WEBHOOK, started_at=NOON, dry_run=False)
        end = NOON + timedelta(seconds=9)
        report = SyncReport(run_id, NOON, end, False, SyncMode.WEBHOOK, lists, outcomes, CallCounts(7, 2))
        finish_run(connection, HOME, report)

    with store.reading() as connection:
        record = find_run(connection, run_id)
        columns = [run_lists.c[name] for name in ("list_id", "state", "items", "reason")]
        of_lists = connection.execute(select(*columns).order_by(run_lists.c.list_type)).all()
    assert (record.status, record.mode, record.started_at, record.finished_at) == ("completed", "webhook", NOON, end)
    assert (record.items_processed, record.items_requested, record.items_skipped, record.items_errored) == (4, 1, 1, 2)
    assert (record.reads, record.writes, record.lists_total, record.lists_failed) == (7, 2, 2, 1)
    assert record.counts == report.counts
    assert of_lists == [
        ("ls1", FetchState.COMPLETE, 4, None),
        ("joe/best", FetchState.FAILED, 0, "trakt: list not found"),
    ]


def test_runs_are_listed_newest_first_and_a_failed_one_says_why(store):
    first = run(store)
    second = run(store, hour=1, error="overseerr: connection refused (OVERSEERR_URL)")

    with store.reading() as connection:
        assert [record.run_id for record in find_runs(connection, HOME)] == [second, first]
        assert [record.run_id for record in find_runs(connection, HOME, limit=1)] == [second]
        assert find_run(connection, second).status is RunStatus.FAILED
        assert find_run(connection, second).error.startswith("overseerr: ")
        assert find_run(connection, 99) is None


def test_runs_that_a_kill_left_running_are_marked(store):
    done = run(store)
    with store.writing() as connection:
        cut_off = start_run(connection, HOME, mode=SyncMode.AUTOMATED, started_at=NOON, dry_run=False)

    with store.writing() as connection:
        assert close_interrupted(connection, HOME, at=NOON) == 1
        assert close_interrupted(connection, HOME, at=NOON) == 0

    with store.reading() as connection:
        assert find_run(connection, cut_off).status is RunStatus.INTERRUPTED
        assert find_run(connection, done).status is RunStatus.COMPLETED


def test_old_runs_go_with_their_lists_and_events_and_their_numbers_never_come_back(store):
    run(store, left(ItemStatus.REQUESTED), lists=[read(FIRST)])
    newest = run(store, left(ItemStatus.ALREADY_AVAILABLE), lists=[read(FIRST)], hour=5)

    with store.writing() as connection:
        assert prune(connection, HOME, before=NOON + timedelta(hours=1)) == 1
    with store.reading() as connection:
        assert [record.run_id for record in find_runs(connection, HOME)] == [newest]
        assert connection.exec_driver_sql("SELECT DISTINCT run_id FROM run_lists").scalars().all() == [newest]
    assert [event.status for event in find_one(store, "603").events] == [ItemStatus.ALREADY_AVAILABLE]

    with store.writing() as connection:
        prune(connection, HOME, before=NOON + timedelta(days=400))
        assert start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=NOON, dry_run=False) == newest + 1


def test_lists_are_exactly_those_of_the_last_full_run(store):
    run(store, lists=[read(FIRST, items=3), read(SECOND)])
    run(store, lists=[read(SECOND, items=2), read(ListRef("file", "x.json"))], hour=1)

    with store.reading() as connection:
        assert [(row.list_type, row.list_id, row.item_count) for row in find_lists(connection, HOME)] == [
            ("file", "x.json", 1),
            ("trakt", "joe/best", 2),
        ]


def test_a_run_of_one_list_updates_it_if_it_is_configured_and_adds_nothing(store):
    run(store, lists=[read(FIRST), read(SECOND)])

    run(store, lists=[read(SECOND, items=5), read(ListRef("file", "once.json"))], hour=1, is_full_run=False)

    with store.reading() as connection:
        assert [(row.list_type, row.item_count) for row in find_lists(connection, HOME)] == [("imdb", 1), ("trakt", 5)]


def test_lists_that_are_not_due_stay_and_those_that_are_not_set_any_more_go(store):
    run(store, lists=[read(FIRST), read(SECOND), read(ListRef("file", "old.json"))])

    run(store, lists=[read(SECOND, items=5), read(ListRef("file", "new.json"))], hour=1, resting=[FIRST.key])

    with store.reading() as connection:
        assert [(row.list_id, row.item_count) for row in find_lists(connection, HOME)] == [
            ("new.json", 1),
            (FIRST.list_id, 1),
            (SECOND.list_id, 5),
        ]


def test_a_list_that_failed_keeps_what_was_known_of_it(store):
    run(store, lists=[read(FIRST, items=7)])
    run(
        store,
        lists=[read(FIRST, FetchState.FAILED, items=0, reason="imdb: blocked"), read(SECOND, FetchState.FAILED)],
        hour=1,
    )

    with store.reading() as connection:
        known, unknown = find_lists(connection, HOME)
    assert (known.state, known.reason, known.item_count, known.route) == (FetchState.FAILED, "imdb: blocked", 7, "api")
    assert known.last_synced == known.complete_at == NOON
    assert (unknown.last_synced, unknown.fetched_at, unknown.complete_at) == (None, None, None)


def test_a_partial_list_keeps_the_time_at_which_it_was_last_complete(store):
    run(store, lists=[read(FIRST, items=7)])
    run(store, lists=[read(FIRST, FetchState.PARTIAL, items=5)], hour=1)

    with store.reading() as connection:
        (record,) = find_lists(connection, HOME)
    assert (record.item_count, record.complete_at, record.last_synced) == (5, NOON, NOON + timedelta(hours=1))


def test_since_when_a_route_of_a_list_does_not_work_is_kept_through_copies_and_back_offs(store):
    def came_to(*attempts):
        return replace(read(FIRST), attempts=attempts)

    drifted = Attempt("graphql", AttemptOutcome.DRIFTED, "no edges")
    run(store, lists=[came_to(drifted, Attempt("mdblist", AttemptOutcome.SERVED))])
    run(store, hour=1, lists=[came_to(Attempt(CACHE_ROUTE, AttemptOutcome.SERVED))])
    run(store, hour=2, lists=[came_to(Attempt("back-off", AttemptOutcome.SKIPPED))])
    run(store, hour=3, lists=[came_to(drifted)])

    with store.reading() as connection:
        (known,) = find_lists(connection, HOME)
    first, later = (NOON + timedelta(hours=hours) for hours in (0, 3))
    graphql, mdblist = known.routes
    assert (graphql.route, graphql.outcome) == ("graphql", AttemptOutcome.DRIFTED)
    assert later - first <= graphql.at - graphql.since < later - first + timedelta(hours=1)
    assert (mdblist.outcome, mdblist.since) == (AttemptOutcome.SERVED, graphql.since)


@pytest.mark.parametrize("damage", ["{}", "[1]", '[["graphql", "gone", "x", "y"]]', '[["a", "served", "2026", null]]'])
def test_what_is_known_of_routes_is_nothing_if_others_wrote_it(store, damage):
    run(store, lists=[read(FIRST)])
    with store.writing() as connection:
        connection.execute(text("UPDATE lists SET routes = :damage"), {"damage": damage})

    with store.reading() as connection:
        assert find_lists(connection, HOME)[0].routes == ()


def test_a_list_named_twice_is_one_row(store):
    again = ListRef("imdb", "ls1", Terms(requester_id=4))
    with store.writing() as connection:
        record_lists(connection, HOME, [read(FIRST), read(again, items=2)], run_id=1, at=NOON, is_full_run=True)
        assert [row.item_count for row in find_lists(connection, HOME)] == [2]


def test_items_without_any_name_or_id_are_recorded_too(store):
    run(store, left(ItemStatus.WAITING, item=an_item("", None, None), tmdb_id=5))

    assert find_one(store, "5").label == "movie:5"


def test_what_is_kept_for_days_is_kept_while_there_were_runs_on_fewer_days(store):
    for day in range(12):
        run(store, hour=24 * day)
        run(store, hour=24 * day + 1)

    def end(days, **later):
        with store.reading() as connection:
            return find_end_of_memory(connection, HOME, days=days, at=NOON + timedelta(days=11, **later))

    assert end(12) is None
    assert end(5) == NOON + timedelta(days=6)
    assert end(5, hours=14) == NOON + timedelta(days=6, hours=12), "a new day's first run counts for that day only"


@pytest.mark.parametrize("runs_of_the_wrong_clock", [1, 50])
def test_a_clock_that_is_ahead_by_years_has_no_more_forgotten_than_the_oldest_day(store, runs_of_the_wrong_clock):
    for day in range(20):
        run(store, hour=24 * day)
    for number in range(runs_of_the_wrong_clock):
        run(store, hour=24 * 365 * 14 + number / 20)

    with store.reading() as connection:
        ahead = find_end_of_memory(connection, HOME, days=20, at=NOON + timedelta(days=365 * 14 + 2))
        assert ahead == datetime(2026, 11, 23, tzinfo=UTC)
        assert find_end_of_memory(connection, HOME, days=20, at=datetime(1970, 1, 1, tzinfo=UTC)) is None
        assert find_end_of_memory(connection, HOME, days=10, at=NOON + timedelta(days=19)) == NOON + timedelta(days=9)


def test_a_title_that_left_all_lists_goes_with_the_runs_of_its_time_and_its_request_stays(store):
    run(store, left(ItemStatus.REQUESTED), lists=[read(FIRST)])
    with store.writing() as connection:
        prune(connection, HOME, before=NOON + timedelta(days=1))
    assert find_one(store, "603"), "it is on its list, which was not read since"

    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE item_lists SET absent_since = first_seen")
        prune(connection, HOME, before=NOON - timedelta(days=1))
        assert count_rows(connection, "synced_items") == 1
        prune(connection, HOME, before=NOON + timedelta(days=1))
        assert count_rows(connection, "synced_items") == 0
        assert count_rows(connection, "item_lists") == count_rows(connection, "item_events") == 0


def count_rows(connection, table):
    return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()


@pytest.mark.parametrize(("days", "kept"), [(30, 30), (40, 40), (400, 40)])
def test_a_run_deletes_what_is_older_than_the_days_that_are_set(store, days, kept):
    for day in range(40):
        run(store, hour=24 * day)

    Record.start(
        store, HOME, mode=SyncMode.MANUAL, now=lambda: NOON + timedelta(days=40), dry_run=False, retention_days=days
    )

    assert count_rows_of(store, "sync_history") == kept + 1


def count_rows_of(store, table):
    with store.reading() as connection:
        return count_rows(connection, table)
