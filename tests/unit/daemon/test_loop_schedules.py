"""The loop with lists that have schedules of their own."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.config.rhythms import Rhythm
from list_sync.daemon.heartbeat import Heartbeat, find_next_syncs, find_next_times
from list_sync.daemon.timetable import Timetable
from list_sync.errors import StorageError
from list_sync.model.exit_codes import FailureKind
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from tests.unit.daemon.test_loop import Work, build_loop
from tests.unit.daemon.timetables import NOON, report

USUAL = ListRef("imdb", "top")
OFTEN = ListRef("imdb", "boxoffice", Terms(schedule="6h"))


class Lists(Work):
    """Work whose lists are those two."""

    def find_scheduled(self, schedules):
        return tuple(ref for ref in (USUAL, OFTEN) if ref.terms.schedule in schedules)

    @property
    def lists(self):
        return [[ref.list_id for ref in only] or "all" for _, _, only in self.done]


@pytest.fixture
def drive(clock, tmp_path):
    """Return a function that carries out a script, with a look every two hours."""

    def go(*script, orders=(), hours=12, look=lambda work, loop: None):
        stop = threading.Event()
        work = Lists(stop, *script, orders=orders)
        table = Timetable({"": Rhythm(hours), "6h": Rhythm(6)}, now=clock.now, steady=clock.steady)
        loop = build_loop(work, table, Heartbeat(tmp_path / "heartbeat"), stop)
        loop.begin()
        loop.sync_and_rest()
        while not stop.is_set():
            look(work, loop)
            clock.pass_by(hours=2)
            loop.tick()
            loop.do_tasks()
        return work

    return go


def test_all_lists_are_synced_at_the_start_and_then_each_at_its_time_and_together_if_both_are_due(drive):
    work = drive(report(), report(), report(), report())

    assert work.lists == ["all", ["boxoffice"], "all", ["boxoffice"]]
    assert set(work.modes) == {SyncMode.AUTOMATED}


def test_a_failed_sync_is_repeated_for_the_same_lists(drive):
    work = drive(report(), report(FailureKind.UNREACHABLE), report(), report())

    assert work.lists == ["all", ["boxoffice"], ["boxoffice"], ["top"]]


def test_a_sync_of_everything_that_was_asked_for_is_that_of_every_schedule_that_is_due(drive):
    everything = RunOrder(mode=SyncMode.API)

    def ask(work, loop):
        if len(work.done) == 1:
            work.orders = [(7, everything)]

    work = drive(report(), report(mode=SyncMode.API), report(), look=ask)
    assert work.lists == ["all", "all", ["boxoffice"]]


def test_what_was_due_during_a_pause_is_synced_after_it_for_its_lists_alone(drive, clock):
    def pause(work, loop):
        is_paused = NOON + timedelta(hours=4) <= clock.now() < NOON + timedelta(hours=10)
        work.paused_until = NOON + timedelta(hours=10) if is_paused else None

    work = drive(report(), report(), report(), hours=24, look=pause)
    assert work.lists == ["all", ["boxoffice"], ["boxoffice"]]


def test_a_sync_that_met_a_pause_when_it_began_is_done_after_it_for_the_same_lists(drive):
    met = replace(report(), paused_until=NOON + timedelta(hours=7))

    assert drive(report(), met, report(), hours=24).lists == ["all", ["boxoffice"], ["boxoffice"]]


def test_trouble_of_the_database_in_a_sync_of_some_lists_is_tried_again_soon(drive, clock):
    work = drive(report(), StorageError("it is locked"), report(), hours=24)

    assert work.lists == ["all", ["boxoffice"], ["boxoffice"]]
    assert clock.now() - NOON == timedelta(hours=8)


def test_the_heartbeat_holds_the_next_time_of_each_schedule(drive, tmp_path):
    found = []

    def look(work, loop):
        found.append((find_next_times(tmp_path / "heartbeat"), find_next_syncs(tmp_path / "heartbeat")))

    drive(report(), report(), look=look)
    assert found[0] == (
        {"sync": NOON + timedelta(hours=6)},
        {"": NOON + timedelta(hours=12), "6h": NOON + timedelta(hours=6)},
    )


def test_very_many_and_very_long_schedules_do_not_fill_the_heartbeat(tmp_path):
    beating = Heartbeat(tmp_path / "heartbeat")
    beating.beat()
    size = (tmp_path / "heartbeat").stat().st_size
    many = {
        f"{minute} {hour} 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 1-12 {'*' * 3}": NOON
        for minute in range(60)
        for hour in range(3)
    }
    beating.plan({"sync": NOON}, {"": NOON, "x" * 1000: NOON, **many})
    beating.report("é" * 600)

    assert (tmp_path / "heartbeat").stat().st_size == size
    assert find_next_syncs(tmp_path / "heartbeat")[""] == NOON
