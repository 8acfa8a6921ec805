"""Pending requests of titles that left all lists are withdrawn, if their list says so, and only if that is sure."""

from contextlib import closing
from dataclasses import replace

import pytest

from list_sync.api.overseerr import OverseerrClient
from list_sync.correcting.advice import advise
from list_sync.correcting.finding import find_server_knowledge
from list_sync.correcting.plans import build_plan, judge_lines
from list_sync.database.file_cache import FileCache
from list_sync.database.store import open_store
from list_sync.errors import ServiceUnavailable
from list_sync.job import Job
from list_sync.model.decisions import Policy
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.plans import PlannedServer
from list_sync.model.servers import HOME, MediaState
from list_sync.model.terms import Terms, Withdrawal
from list_sync.model.titles import Quality
from list_sync.pipeline import run_cycle
from list_sync.requesting.leaving import _find_pending
from list_sync.storage.cache import CachedLists
from list_sync.storage.record import Record
from list_sync.storage.title_search import find_titles
from tests.builders import NOON
from tests.fakes.clock import FakeClock
from tests.fakes.shelf import synthetic

AWAY = Terms(withdraw=Withdrawal.PENDING)
NUMBER = 5_000_001
KEPT, LEFT = synthetic(2), synthetic(1)


@pytest.fixture
def clock_of_days():
    return FakeClock(NOON)


@pytest.fixture
def days(bench, demo, clock_of_days):
    """Return a function that syncs lists on the next day; requests of its user wait for approval."""
    clock = clock_of_days
    user = demo.add_user("alice", permissions=32)
    bench.clock, bench.terms = clock.now, replace(AWAY, requester_id=user)

    def sync(*items, more=None, **policy):
        clock.pass_by(days=1)
        return bench.sync_lists({"shelf": (items, bench.terms), **(more or {})}, **policy)

    return sync


def numbers(demo):
    return sorted(row["tmdb_id"] - 5_000_000 for row in demo.requests())


def find_record(bench):
    with bench.opened() as parts, parts.store.reading() as connection:
        return find_titles(connection, HOME, f"movie:{NUMBER}")[0]


def test_a_pending_request_is_withdrawn_after_two_full_runs_without_its_title(bench, demo, days):
    days(LEFT, KEPT)
    assert (days(KEPT).left, numbers(demo)) == ((), [1, 2])

    report = days(KEPT)

    assert [(title.label, title.state) for title in report.left] == [("Synthetic Film 000001", "withdrawn")]
    assert "1 request withdrawn" in report.closing_line
    assert numbers(demo) == [2]
    record = find_record(bench)
    assert (record.status, record.reason) == ("declined", "our request 1 was withdrawn: the title left all lists")
    assert record.events[-1].run_id == report.run_id
    assert advise(record) == "put it on a list again; the next sync then requests it as a new one"
    with bench.opened() as parts:
        assert find_server_knowledge(parts.store, record).state.requests == ()
    assert days(KEPT).left == ()


def test_one_reading_by_a_clock_that_was_hours_ahead_is_not_counted_twice(bench, demo, days, clock_of_days, tmp_path):
    cache = CachedLists(FileCache(tmp_path / "cache.db", now=clock_of_days.now), seconds=1800)
    days(LEFT, KEPT)
    clock_of_days.set_by(hours=2)
    shelf = {"shelf": ((KEPT,), bench.terms)}
    bench.sync_lists(shelf, cache=cache)

    clock_of_days.set_by(hours=-2)
    clock_of_days.pass_by(minutes=5)
    report = bench.sync_lists(shelf, cache=cache)

    assert [result.attempts[0].route for result in report.fetched] == ["cache"]
    assert (report.left, numbers(demo)) == ((), [1, 2])
    clock_of_days.pass_by(minutes=5)
    assert bench.sync_lists(shelf, cache=cache).left == ()
    assert numbers(days(KEPT) and demo) == [2]


def test_a_title_that_comes_back_is_requested_as_a_new_one(demo, days):
    days(LEFT, KEPT)
    days(KEPT)
    days(KEPT)

    assert days(LEFT, KEPT).counts == {"already_requested": 1, "requested": 1}
    assert numbers(demo) == [1, 2]


def test_nothing_is_withdrawn_without_the_term(bench, demo, days):
    bench.terms = replace(bench.terms, withdraw=Withdrawal.NEVER)
    days(LEFT, KEPT)

    assert [days(KEPT).left for _ in range(3)] == [(), (), ()]
    assert numbers(demo) == [1, 2]


def test_a_title_that_moved_to_another_list_keeps_its_request(bench, demo, days):
    days(LEFT, KEPT, more={"other": ((), bench.terms)})

    assert [days(KEPT, more={"other": ((LEFT,), Terms())}).left for _ in range(3)] == [(), (), ()]
    assert numbers(demo) == [1, 2]


@pytest.mark.parametrize("broken", [ServiceUnavailable("shelf", "down")])
def test_while_another_list_cannot_be_read_nothing_is_withdrawn(bench, demo, days, broken):
    days(LEFT, KEPT, more={"other": ((), bench.terms)})

    assert [days(KEPT, more={"other": (broken, bench.terms)}).left for _ in range(3)] == [(), (), ()]
    assert numbers(demo) == [1, 2]


def test_a_failure_of_its_own_list_begins_the_count_anew(demo, days):
    days(LEFT, KEPT)
    days(KEPT)
    days(more={"shelf": (ServiceUnavailable("shelf", "down"), Terms())})

    assert [len(days(KEPT).left) for _ in range(2)] == [0, 1]


def test_a_list_that_is_not_configured_any_more_is_no_list_that_titles_left(bench, demo, days):
    days(KEPT, more={"other": ((LEFT,), bench.terms)})

    assert [days(KEPT).left for _ in range(3)] == [(), (), ()]
    assert [len(days(KEPT, more={"other": ((), bench.terms)}).left) for _ in range(2)] == [0, 1]


@pytest.fixture
def turns(bench, clock_of_days):
    """Return a function that syncs one of two lists, which have schedules of their own, an hour later."""

    def sync(name, *items):
        clock_of_days.pass_by(hours=1)
        resting = {"shelf", "other"} - {name}
        return len(bench.sync_lists({name: (items, bench.terms)}, resting=resting).left)

    return sync


def test_a_list_with_a_schedule_of_its_own_counts_its_own_readings_and_waits_for_a_reading_of_the_others(
    bench, demo, days, turns
):
    days(LEFT, KEPT, more={"other": ((KEPT,), bench.terms)})

    assert [turns("shelf", KEPT) for _ in range(3)] == [0, 0, 0]
    assert turns("other", KEPT) == 0
    assert turns("shelf", KEPT) == 1
    assert numbers(demo) == [2]


def test_a_title_that_moved_to_a_list_that_is_not_due_keeps_its_request(bench, demo, days, turns):
    days(LEFT, KEPT, more={"other": ((KEPT,), bench.terms)})

    assert [turns("shelf", KEPT), turns("shelf", KEPT), turns("other", LEFT, KEPT), turns("shelf", KEPT)] == [0] * 4
    assert numbers(demo) == [1, 2]
    assert [turns("other", KEPT), turns("other", KEPT), turns("shelf", KEPT)] == [0, 0, 1]


def test_a_title_that_came_back_in_a_run_of_another_quality_keeps_its_request(bench, demo, days):
    demo.settings.movie_4k_enabled = True
    days(LEFT, KEPT)
    days(KEPT)
    bench.terms = replace(bench.terms, qualities=(Quality.UHD,))

    assert days(LEFT, KEPT).left == ()
    assert numbers(demo) == [1, 2]


def test_the_request_of_another_household_of_the_server_is_its_own(bench, demo, days):
    def sync_next_door(*items):
        with bench.opened() as parts, closing(open_store(parts.store.path, household="large")) as store:
            own = replace(bench.terms, withdraw=Withdrawal.NEVER)
            run_cycle(replace(parts, store=store), Job((bench.put("shelf", items, own),), Policy()))

    days(KEPT)
    sync_next_door(LEFT, KEPT)
    days(LEFT, KEPT)
    for _ in range(3):
        sync_next_door(KEPT)
        assert days(KEPT).left == ()
    assert numbers(demo) == [1, 2]


def test_what_people_approved_stays(demo, days):
    days(LEFT, KEPT)
    demo.approve(1)

    assert [days(KEPT).left for _ in range(3)] == [(), (), ()]
    assert numbers(demo) == [1, 2]


def test_a_dry_run_says_what_would_be_withdrawn(demo, days):
    days(LEFT, KEPT)
    days(KEPT)

    report = days(KEPT, dry_run=True)

    assert [title.state for title in report.left] == ["would_withdraw"]
    assert (report.calls.writes, numbers(demo)) == (0, [1, 2])


def test_at_most_ten_are_withdrawn_in_a_run(demo, days):
    many = [synthetic(number) for number in range(10, 22)]
    days(KEPT, *many)
    days(KEPT)

    assert [len(days(KEPT).left) for _ in range(3)] == [10, 2, 0]
    assert numbers(demo) == [2]


def test_an_unchanged_run_reads_what_it_read_before(bench, demo, days):
    days(LEFT, KEPT)
    demo.approve(1)
    days(KEPT)
    days(KEPT)
    with_term = days(KEPT).calls.reads

    bench.terms = replace(bench.terms, withdraw=Withdrawal.NEVER)

    assert days(KEPT).calls.reads == with_term


def test_a_request_that_another_person_made_too_stays(demo, days, bench):
    days(LEFT, KEPT)
    bob = demo.add_user("bob", permissions=32)
    days(KEPT)
    with bench.opened() as parts:
        (row,) = [one for one in parts.client.fetch_recent_requests(10) if one.tmdb_id == NUMBER]
    entry_requests = [row, replace(row, request_id=99, requester_id=bob)]

    assert find_pending_of(entry_requests, row) is None
    assert find_pending_of([row], row) == row


def find_pending_of(rows, row):
    entry = JournalEntry(
        1, 1, row.media_type, row.tmdb_id, row.quality, (), row.requester_id, NOON, RequestState.CONFIRMED, 1, "created"
    )
    return _find_pending(MediaState(row.media_type, row.tmdb_id, requests=tuple(rows)), entry, {1})


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_run_that_is_cut_off_while_it_withdraws_is_finished_by_the_next(bench, demo, days, monkeypatch, is_deleted):
    days(LEFT, KEPT)
    days(KEPT)

    def cut_off(client, request_id):
        if is_deleted:
            delete(client, request_id)
        raise KeyboardInterrupt

    delete = OverseerrClient.delete_request
    with monkeypatch.context() as patched:
        patched.setattr(OverseerrClient, "delete_request", cut_off)
        with pytest.raises(KeyboardInterrupt):
            days(KEPT)

    assert [len(days(KEPT).left), numbers(demo), find_record(bench).status] == [1, [2], "declined"]
    assert days(KEPT).left == ()


def test_a_run_that_is_cut_off_before_its_record_is_told_by_the_next(bench, demo, days, monkeypatch):
    days(LEFT, KEPT)
    days(KEPT)
    with monkeypatch.context() as patched:
        patched.setattr(Record, "finish", lambda *_args, **_more: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            days(KEPT)
    assert (numbers(demo), find_record(bench).status) == ([2], "requested")

    assert [len(days(KEPT).left), find_record(bench).status, len(days(KEPT).left)] == [1, "declined", 0]


def test_a_plan_names_what_it_withdraws_and_a_line_may_be_left_out(demo, days):
    other = synthetic(3)
    days(LEFT, other, KEPT)
    days(KEPT)
    report = days(KEPT, dry_run=True)
    plan = build_plan(
        report,
        server=PlannedServer("", ""),
        policy="",
        summary=lambda _lines: "",
        names={},
        is_partial=False,
        household=HOME,
    )
    assert [(line.kind.sign, line.title) for line in plan.lines] == [
        ("-", "Synthetic Film 000001"),
        ("-", "Synthetic Film 000003"),
    ]

    first, second = plan.lines
    edited = replace(plan, lines=(first, replace(second, apply=False)))
    applied = days(KEPT, planned=edited.chosen)

    assert numbers(demo) == [2, 3]
    (result,) = judge_lines(edited, applied, {})
    assert (result.is_done, result.status, result.reason) == (
        True,
        "withdrawn",
        "our request 1 was withdrawn: the title left all lists",
    )
    (late,) = judge_lines(replace(plan, lines=(first,)), days(KEPT, planned=edited.chosen), {})
    assert (late.is_done, late.reason) == (False, "its request is not pending any more, or a list holds it again")
