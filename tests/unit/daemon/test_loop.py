import logging
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from list_sync.daemon.heartbeat import Heartbeat
from list_sync.daemon.loop import run_daemon
from list_sync.errors import StorageError
from list_sync.model.report import FailureKind, SyncMode, SyncReport
from tests.unit.daemon.timetables import NOON, report, timetable


class Work:
    """Carries out syncs as a script says: reports, or errors to raise; sets the stop event after the last."""

    def __init__(self, stop, *script, orders=()):
        self.stop = stop
        self.script = list(script)
        self.orders = list(orders)
        self.done = []
        self.finished = []
        self.rests = []

    def sync(self, *, mode, dry_run=False, only=()):
        self.done.append(mode)
        step = self.script.pop(0)
        if not self.script:
            self.stop.set()
        if isinstance(step, Exception):
            raise step
        return step

    def take_recovered(self):
        return False

    def take_order(self):
        return self.orders.pop(0) if self.orders else None

    def finish_order(self, order, result):
        self.finished.append((order, result))

    def rest(self):
        self.rests.append(len(self.done))


class Order:
    lists = ()
    dry_run = False
    mode = SyncMode.WEBHOOK


class ImpatientEvent(threading.Event):
    """A stop event for which the loop waits in no time; every tick lets two hours go by."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def wait(self, timeout=None):
        if threading.current_thread() is not threading.main_thread():
            return super().wait(timeout)
        self.clock.pass_by(hours=2)
        return self.is_set()


@pytest.fixture
def stop(clock):
    return ImpatientEvent(clock)


def run(work, clock, stop, folder: Path):
    run_daemon(work, work, timetable(clock, hours=1), heartbeat=folder / "heartbeat", stop=stop)


def test_no_error_whatever_ends_the_loop(clock, stop, tmp_path, caplog):
    work = Work(stop, ZeroDivisionError("boom"), StorageError("the disk is full"), KeyError("x"), report())

    with caplog.at_level(logging.INFO):
        run(work, clock, stop, tmp_path)

    assert work.done == [SyncMode.AUTOMATED] * 4
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError, KeyError]
    assert not (tmp_path / "heartbeat").exists()


def test_after_each_sync_and_only_then_memory_is_given_back(clock, stop, tmp_path):
    work = Work(stop, report(), StorageError("the disk is full"), report())

    run(work, clock, stop, tmp_path)

    assert work.rests == [1, 2, 3]


def test_an_order_is_carried_out_in_its_own_name_and_its_end_is_told(clock, stop, tmp_path):
    order, result = Order(), report(mode=SyncMode.WEBHOOK)
    work = Work(stop, report(), result, orders=[order])

    run(work, clock, stop, tmp_path)

    assert work.done == [SyncMode.AUTOMATED, SyncMode.WEBHOOK]
    assert work.finished == [(order, result)]


def test_an_order_that_fails_is_told_as_well(clock, stop, tmp_path):
    order = Order()
    work = Work(stop, report(), RuntimeError("boom"), report(), orders=[order])

    run(work, clock, stop, tmp_path)

    assert work.finished == [(order, None)]


def test_after_an_order_that_the_database_prevented_a_sync_soon_finds_out_whether_it_is_well(clock, stop, tmp_path):
    work = Work(stop, report(), StorageError("it is locked"), report(), orders=[Order()])

    run_daemon(work, work, timetable(clock, hours=24), heartbeat=tmp_path / "heartbeat", stop=stop)

    assert work.done == [SyncMode.AUTOMATED, SyncMode.WEBHOOK, SyncMode.AUTOMATED]
    assert clock.now() - NOON <= timedelta(hours=6)


def test_an_order_that_the_server_prevented_leaves_the_time_of_the_next_sync_as_it_is(clock, stop, tmp_path):
    work = Work(stop, report(), report(FailureKind.UNREACHABLE), report(), orders=[Order()])

    run_daemon(work, work, timetable(clock, hours=24), heartbeat=tmp_path / "heartbeat", stop=stop)

    assert clock.now() - NOON >= timedelta(hours=24)


def test_the_heartbeat_is_as_long_whatever_it_says_so_that_a_full_disk_has_room_for_it(tmp_path):
    beating = Heartbeat(tmp_path / "heartbeat")
    beating.beat()
    size = (tmp_path / "heartbeat").stat().st_size

    for trouble in ("the disk is full", "é" * 3_000, ""):
        beating.report(trouble)
        assert (tmp_path / "heartbeat").stat().st_size == size
    beating.end()
    assert not (tmp_path / "heartbeat").exists()


def test_a_heartbeat_that_cannot_be_written_is_complained_of_once_each_time(tmp_path, caplog):
    folder = tmp_path / "data"
    beating = Heartbeat(folder / "heartbeat")
    for _ in range(3):
        beating.beat()
    folder.mkdir()
    beating.beat()
    (folder / "heartbeat").unlink()
    folder.rmdir()
    for _ in range(3):
        beating.beat()
    beating.end()

    complaint = f"the heartbeat {folder / 'heartbeat'} cannot be written: No such file or directory"
    assert [record.getMessage() for record in caplog.records] == [complaint] * 2


def test_the_heartbeat_says_what_is_wrong_with_the_database_until_a_sync_goes_through(clock, stop, tmp_path):
    told = []
    full = SyncReport(1, NOON, NOON, dry_run=False, error="the disk is full", failure=FailureKind.STORAGE)
    script = [StorageError("it is locked"), full, report(FailureKind.UNREACHABLE), KeyError("x"), report()]
    work = Work(stop, *script)
    work.rest = lambda: told.append((tmp_path / "heartbeat").read_text().strip())

    run(work, clock, stop, tmp_path)

    assert told == ["it is locked", "the disk is full", "", "", ""]


def test_a_database_that_take_recovered_is_synced_at_once(clock, stop, tmp_path):
    work = Work(stop, report(FailureKind.STORAGE), report())
    work.take_recovered = iter([False, False, True]).__next__
    table = timetable(clock)
    table.check = lambda: False

    run_daemon(work, work, table, heartbeat=tmp_path / "heartbeat", stop=stop)

    assert work.done == [SyncMode.AUTOMATED] * 2
