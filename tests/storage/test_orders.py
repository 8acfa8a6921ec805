"""Runs that were asked for: queued, merged, started, cancelled, and queued again after a kill."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from list_sync.database.schema import sync_history
from list_sync.errors import QueueFull, SyncCancelled
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder, RunStatus
from list_sync.model.servers import HOME
from list_sync.model.sources import ListRef
from list_sync.storage import orders
from list_sync.storage.record import Record
from list_sync.storage.runs import (
    LEASE,
    close_broken_off,
    close_interrupted,
    find_run,
    find_runs,
    renew_lease,
    start_run,
)
from tests.fakes.patience import wait_until
from tests.storage.recording import NOON

ORDER = RunOrder((ListRef("imdb", "ls1"), ListRef("trakt", "joe/ä")), dry_run=True, fresh=True, mode=SyncMode.API)


def ask(connection, order=ORDER, household=HOME):
    return orders.ask(connection, household, order, at=NOON)


def start(connection, run_id=None, **more):
    return start_run(connection, HOME, mode=SyncMode.API, started_at=NOON, dry_run=True, run_id=run_id, **more)


def statuses(connection, household=HOME):
    return [run.status.value for run in reversed(find_runs(connection, household))]


def test_a_run_has_its_number_from_the_moment_it_is_asked_for(store):
    with store.writing() as connection:
        number = ask(connection)
        run = find_run(connection, number)
        assert (run.status, run.asked_at, run.started_at, run.mode) == (RunStatus.QUEUED, NOON, None, SyncMode.API)
        assert orders.find_queued(connection, HOME) == (number, ORDER)

        assert start(connection, number) == number
        assert orders.find_queued(connection, HOME) is None
        assert find_run(connection, number).status is RunStatus.RUNNING


@pytest.mark.parametrize(("limit", "value"), [("MOST_QUEUED", 2), ("MOST_CHARACTERS", 300)])
def test_a_limited_order_is_refused_while_very_many_wait_unless_an_equal_one_is_there(store, monkeypatch, limit, value):
    monkeypatch.setattr(orders, limit, value)

    def ask_for(name, **options):
        order = RunOrder((ListRef("file", name),), mode=SyncMode.API)
        return orders.ask(connection, HOME, order, at=NOON, **options)

    with store.writing() as connection:
        assert [ask_for("a", is_limited=True), ask_for("b", is_limited=True)] == [1, 2]
        with pytest.raises(
            QueueFull, match="too many syncs wait already: ask again when some of them are over, or cancel"
        ):
            ask_for("c" * 100, is_limited=True)
        assert ask_for("b", is_limited=True) == 2
        assert ask_for("c" * 100) == 3


@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        (SyncMode.MANUAL, SyncMode.API, True),
        (SyncMode.WEBHOOK, SyncMode.MANUAL, True),
        (SyncMode.FILE, SyncMode.WEBHOOK, True),
        # The first one may use a copy from before the change.
        (SyncMode.API, SyncMode.WEBHOOK, False),
    ],
)
def test_a_run_that_does_the_same_is_one_for_all_who_ask(store, first, second, are_one):
    with store.writing() as connection:
        number = ask(connection, replace(ORDER, mode=first))
        assert (ask(connection, replace(ORDER, mode=second)) == number) is are_one
        assert find_run(connection, number).mode is first


def test_equal_queued_orders_are_one_run_and_others_are_not(store):
    with store.writing() as connection:
        number = ask(connection)
        assert ask(connection) == number
        assert ask(connection, RunOrder()) == number + 1
        assert ask(connection, household="other") == number + 2
        start(connection, number)
        assert ask(connection) == number + 3


def test_a_plan_is_applied_once_and_a_run_is_taken_back_by_one_at_a_time(store):
    applying, undoing = RunOrder(applies=7, asked_by="ann"), RunOrder(undoes=5, asked_by="ann")
    with store.writing() as connection:
        for order in (applying, undoing):
            number = ask(connection, order)
            start(connection, number, undoes=order.undoes)
            assert ask(connection, replace(order, asked_by="bob")) == number
            connection.execute(sync_history.update().values(status=RunStatus.COMPLETED.value))
            # What stayed may be taken back later.
            assert (ask(connection, order) == number) is (order is applying)
            assert ask(connection, replace(order, applies=order.applies and 8, undoes=order.undoes and 6)) > number


def test_a_queued_run_may_be_cancelled_and_a_started_one_may_not(store):
    with store.writing() as connection:
        cancelled, started = ask(connection), ask(connection, RunOrder())
        start(connection, started)

        assert orders.cancel(connection, cancelled, at=NOON)
        assert not orders.cancel(connection, started, at=NOON)
        assert statuses(connection) == ["cancelled", "running"]
        with pytest.raises(SyncCancelled):
            start(connection, cancelled)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "not JSON",
        "[]",
        "{}",
        '{"lists": [], "dry_run": false, "fresh": false, "mode": "telepathy"}',
        '{"lists": [["imdb"]], "dry_run": false, "fresh": false, "mode": "api"}',
        '{"lists": [], "dry_run": false, "fresh": false, "mode": "api", "quality": "8k"}',
    ],
)
def test_an_order_of_another_version_is_not_understood(text):
    assert orders.parse_order(text) is None


def test_the_order_of_a_run_that_was_killed_is_queued_again_and_a_run_without_order_is_not(store):
    with store.writing() as connection:
        start(connection, ask(connection))
        start(connection)

        assert close_interrupted(connection, HOME, at=NOON) == 2
        assert statuses(connection) == ["interrupted", "interrupted", "queued"]
        assert orders.find_queued(connection, HOME) == (3, ORDER)


def test_the_end_of_this_processs_run_is_not_taken_for_that_of_an_earlier_one_that_was_killed(store):
    later = NOON + timedelta(minutes=5)
    with store.writing() as connection:
        start(connection, ask(connection))
        close_broken_off(connection, HOME, RunStatus.FAILED, since=later, at=later, error="the disk is full")
        assert statuses(connection) == ["running"]

        close_interrupted(connection, HOME, at=later)
        assert statuses(connection) == ["interrupted", "queued"]


def test_a_run_of_another_worker_is_left_alone_until_its_lease_ends(store):
    with store.writing() as connection:
        start(connection, owner="elsewhere")
        close_broken_off(connection, HOME, RunStatus.STOPPED, since=NOON, at=NOON, error="stopped")
        assert close_interrupted(connection, HOME, at=NOON) == 0
        assert statuses(connection) == ["running"]

        renew_lease(connection, 1, at=NOON + LEASE)
        assert close_interrupted(connection, HOME, at=NOON + 2 * LEASE) == 0

        assert close_interrupted(connection, HOME, at=NOON + timedelta(minutes=11)) == 1
        assert statuses(connection) == ["interrupted"]


def test_the_lease_of_a_run_is_renewed_while_a_stage_waits_for_one_answer(store):
    later = NOON + timedelta(hours=1)
    record = Record.start(store, HOME, mode=SyncMode.API, now=lambda: NOON, dry_run=False)

    def load_lease():
        with store.reading() as connection:
            return connection.scalar(select(sync_history.c.lease_until))

    with record.lease_renewed(now=lambda: later, every_seconds=0.01):
        wait_until(lambda: load_lease() == later + LEASE, "a renewal of the lease")
    assert "lease" not in [thread.name for thread in threading.enumerate()]


def test_the_runs_of_one_household_do_not_show_in_another(store):
    with store.writing() as connection:
        start(connection)
        assert close_interrupted(connection, "other", at=NOON) == 0
        assert find_runs(connection, "other") == ()
