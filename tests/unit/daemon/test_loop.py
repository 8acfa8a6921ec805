import logging
import threading
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from list_sync.daemon.heartbeat import Heartbeat, find_next_times, find_trouble
from list_sync.daemon.loop import Loop
from list_sync.daemon.title_queue import TitleQueue
from list_sync.errors import PlanRefused, ServiceUnavailable, StorageError
from list_sync.model.exit_codes import ExitCode, FailureKind
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import RunOrder
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaType
from tests.fakes.patience import wait_until
from tests.unit.daemon.timetables import NOON, report, timetable


class Work:
    """Carries out syncs as a script says: reports, or errors to raise; sets the stop event after the last."""

    is_readable = True
    progress: object = None
    paused_until = None

    def __init__(self, stop, *script, orders=(), backoffs=()):
        self.stop = stop
        self.script = list(script)
        self.orders = list(orders)
        self.backoffs = list(backoffs)
        self.done = []
        self.failed = []
        self.rests = []
        self.applied = 0
        self.settings_followed = []

    def carry_out(self, order, run_id):
        self.done.append((run_id, order.mode, order.lists))
        self.orders = [(number, one) for number, one in self.orders if number != run_id]
        step = self.script.pop(0)
        if not self.script:
            self.stop.set()
        if isinstance(step, Exception):
            raise step
        return step

    def check(self):
        return False

    def apply(self):
        self.applied += 1

    def apply_settings(self):
        self.settings_followed.append(len(self.done))

    def suspended(self):
        return nullcontext()

    def was_woken(self):
        return bool(self.orders)

    def take_recovered(self):
        return False

    def find_order(self, *, only_dry):
        return next(((number, one) for number, one in self.orders if one.dry_run or not only_dry), None)

    def fail_order(self, run_id, error, _code):
        self.failed.append((run_id, error))

    def find_backoff_end(self):
        return self.backoffs[0][1] if self.backoffs else None

    def find_ended_backoffs(self):
        return (self.backoffs.pop(0)[0],)

    def note_pause(self, until):
        """Nobody is told."""

    def rest(self):
        self.rests.append(len(self.done))

    @property
    def modes(self):
        return [mode for _, mode, _ in self.done]


def build_loop(work, table, heartbeat, stop, **more):
    return Loop(work, work, table, heartbeat, stop=stop, files=work, carry_out=work.carry_out, **more)


ORDER = RunOrder(mode=SyncMode.WEBHOOK)


@pytest.fixture
def stop(clock):
    return threading.Event()


def run(work, clock, stop, folder: Path, *, hours=1):
    """Drive a loop with a clock of which each look lets two hours go by."""
    loop = build_loop(work, timetable(clock, hours=hours), Heartbeat(folder / "heartbeat"), stop)
    loop.begin()
    loop.sync_and_rest()
    while not stop.is_set():
        clock.pass_by(hours=2)
        loop.tick()
        loop.do_tasks()
    loop.end()


def test_no_error_whatever_ends_the_loop(clock, stop, tmp_path, caplog):
    work = Work(stop, ZeroDivisionError("boom"), StorageError("the disk is full"), KeyError("x"), report())

    with caplog.at_level(logging.INFO):
        run(work, clock, stop, tmp_path)

    assert work.modes == [SyncMode.AUTOMATED] * 4
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError, KeyError]
    assert not (tmp_path / "heartbeat").exists()


def test_after_each_sync_memory_is_given_back(clock, stop, tmp_path):
    work = Work(stop, report(), StorageError("the disk is full"), report())

    run(work, clock, stop, tmp_path)

    assert work.rests == [1, 2, 3]


def test_memory_that_pages_took_between_two_syncs_is_given_back(clock, stop, tmp_path):
    work = Work(stop, report())
    loop = build_loop(work, timetable(clock, hours=24), Heartbeat(tmp_path / "heartbeat"), stop)
    loop.run()
    stop.clear()
    loop.do_tasks()
    assert work.rests == [1]

    clock.pass_by(hours=1)
    loop.tick()
    loop.do_tasks()
    loop.do_tasks()

    assert (work.rests, len(work.done)) == ([1, 1], 1)


def test_an_order_is_carried_out_under_its_number_and_in_its_own_name(clock, stop, tmp_path):
    work = Work(stop, report(), report(mode=SyncMode.WEBHOOK), orders=[(7, ORDER)])

    run(work, clock, stop, tmp_path)

    assert work.done == [(None, SyncMode.AUTOMATED, ()), (7, SyncMode.WEBHOOK, ())]
    assert work.failed == []


def test_a_sync_of_everything_that_was_asked_for_is_the_scheduled_one_too_if_that_is_due(clock, stop, tmp_path):
    everything = RunOrder(mode=SyncMode.API)
    work = Work(stop, report(), report(mode=SyncMode.API), report(), orders=[(7, everything)])

    run(work, clock, stop, tmp_path)

    assert work.modes == [SyncMode.AUTOMATED, SyncMode.API, SyncMode.AUTOMATED]
    assert clock.seconds == 1000 + timedelta(hours=4).total_seconds()


def test_a_sync_of_one_list_does_not_stand_for_the_scheduled_one(clock, stop, tmp_path):
    work = Work(stop, report(), report(), report(), orders=[(7, RunOrder((ListRef("imdb", "top"),)))])

    run(work, clock, stop, tmp_path)

    assert [number for number, _, _ in work.done] == [None, 7, None]
    assert work.modes[-1] is SyncMode.AUTOMATED


def test_what_the_server_told_of_is_read_between_syncs_and_again_if_another_process_syncs(clock, stop, tmp_path):
    titles, work = TitleQueue(), Work(stop)
    told = {(MediaType.MOVIE, 603): False}
    answers, asked = [False, ServiceUnavailable("overseerr", "it is down"), True], []
    work.refresh = lambda found: asked.append(found) or raise_or_return(answers.pop(0))
    loop = build_loop(work, timetable(clock), Heartbeat(tmp_path / "heartbeat"), stop, titles=titles)
    titles.add(told)

    loop.do_tasks()
    assert titles.is_filled
    loop.do_tasks()
    assert not titles.is_filled
    titles.add(told)
    loop.do_tasks()
    loop.do_tasks()

    assert asked == [told] * 3


def raise_or_return(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_settings_that_changed_during_a_sync_count_for_the_next_one_in_the_queue(clock, stop, tmp_path):
    lists = [RunOrder((ListRef("imdb", name),)) for name in ("top", "boxoffice")]
    work = Work(stop, report(), report(), report(), orders=[(7, lists[0]), (8, lists[1])])

    run(work, clock, stop, tmp_path)

    assert [run_id for run_id, *_ in work.done] == [None, 7, 8]
    assert work.settings_followed == [0, 1, 2]


def test_an_order_from_before_the_start_is_carried_out_right_after_the_first_sync(clock, stop, tmp_path):
    work = Work(stop, report(), report(mode=SyncMode.WEBHOOK), orders=[(7, ORDER)])
    loop = build_loop(work, timetable(clock), Heartbeat(tmp_path / "heartbeat"), stop)

    working = threading.Thread(target=loop.work, daemon=True)
    working.start()

    wait_until(stop.is_set, "the order")
    assert [number for number, _, _ in work.done] == [None, 7]


def test_an_error_of_the_thread_that_watches_the_clock_does_not_end_it(clock, stop, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("list_sync.daemon.loop.TICK_SECONDS", 0.0)
    work = Work(stop, report())
    looks = iter([OverflowError("date value out of range"), None])

    def look():
        error = next(looks)
        if error:
            raise error
        stop.set()

    work.was_woken = look
    build_loop(work, timetable(clock), Heartbeat(tmp_path / "heartbeat"), stop).keep_time()

    assert [record.exc_info[0] for record in caplog.records] == [OverflowError]


def test_an_order_that_cannot_begin_is_marked_as_failed(clock, stop, tmp_path):
    work = Work(stop, report(), StorageError("it is locked"), report(), report(), orders=[(7, ORDER)])

    run(work, clock, stop, tmp_path)

    assert work.failed == [(7, "it is locked")]


def test_after_an_order_that_the_database_prevented_a_sync_soon_finds_out_whether_it_is_well(clock, stop, tmp_path):
    work = Work(stop, report(), StorageError("it is locked"), report(), orders=[(7, ORDER)])

    run(work, clock, stop, tmp_path, hours=24)

    assert work.modes == [SyncMode.AUTOMATED, SyncMode.WEBHOOK, SyncMode.AUTOMATED]
    assert clock.now() - NOON <= timedelta(hours=6)


def test_an_order_that_the_server_prevented_leaves_the_time_of_the_next_sync_as_it_is(clock, stop, tmp_path):
    work = Work(stop, report(), report(FailureKind.UNREACHABLE), report(), orders=[(7, ORDER)])

    run(work, clock, stop, tmp_path, hours=24)

    assert clock.now() - NOON >= timedelta(hours=24)


def test_lists_whose_back_off_ends_are_read_again_alone(clock, stop, tmp_path):
    source = ListRef("imdb", "top")
    work = Work(stop, report(), report(), report(), backoffs=[(source, NOON + timedelta(hours=3))])

    run(work, clock, stop, tmp_path, hours=24)

    assert work.done[:2] == [(None, SyncMode.AUTOMATED, ()), (None, SyncMode.AUTOMATED, (source,))]
    assert clock.now() - NOON == timedelta(hours=24)


def test_trouble_of_a_sync_after_a_back_off_is_tried_again_soon(clock, stop, tmp_path):
    work = Work(
        stop,
        report(),
        StorageError("it is locked"),
        report(),
        backoffs=[(ListRef("imdb", "top"), NOON + timedelta(hours=3))],
    )

    run(work, clock, stop, tmp_path, hours=24)

    assert [lists for _, _, lists in work.done] == [(), (ListRef("imdb", "top"),), ()]
    assert clock.now() - NOON <= timedelta(hours=6)


def test_the_heartbeat_holds_the_times_of_the_next_tasks(clock, stop, tmp_path):
    found = []
    work = Work(stop, report(), report(), backoffs=[(ListRef("imdb", "top"), NOON + timedelta(hours=30))])
    work.rest = lambda: found.append(find_next_times(tmp_path / "heartbeat"))

    run(work, clock, stop, tmp_path, hours=24)

    assert found[0] == {"sync": NOON + timedelta(hours=24), "back-offs": NOON + timedelta(hours=30)}


def test_a_sync_without_progress_is_a_trouble_until_it_gets_on(clock, stop, tmp_path, caplog):
    work = Work(stop, report())
    heartbeat = tmp_path / "heartbeat"
    loop = build_loop(work, timetable(clock), Heartbeat(heartbeat), stop, stall_seconds=60)
    troubles = []
    for progress in (None, *[None] * 9, *[1] * 7, *[2] * 5, None):
        work.progress = progress
        loop.beat()
        troubles.append(find_trouble(heartbeat))

    stalled = "the sync has made no progress for more than 1 minute: a source or the server keeps it waiting"
    assert troubles == [""] * 14 + [stalled] * 3 + [""] * 4 + [stalled, ""]
    assert [record.getMessage() for record in caplog.records] == [stalled] * 2


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
    work.rest = lambda: told.append(find_trouble(tmp_path / "heartbeat"))

    run(work, clock, stop, tmp_path)

    assert told == ["it is locked", "the disk is full", "", "", ""]


def test_a_database_that_recovered_is_synced_at_once(clock, stop, tmp_path):
    work = Work(stop, report(FailureKind.STORAGE), report())
    work.take_recovered = iter([False, False, True]).__next__
    clock.pass_by = lambda **_: None

    run(work, clock, stop, tmp_path)

    assert work.modes == [SyncMode.AUTOMATED] * 2


def test_during_a_pause_no_sync_starts_and_what_was_due_or_asked_for_is_done_after_it(clock, stop, tmp_path, caplog):
    work = Work(
        stop, report(), report(mode=SyncMode.WEBHOOK), orders=[(7, replace(ORDER, lists=(ListRef("imdb", "top"),)))]
    )
    work.paused_until = NOON + timedelta(days=3)
    loop = build_loop(work, timetable(clock, hours=1), Heartbeat(tmp_path / "heartbeat"), stop)
    loop.begin()

    with caplog.at_level(logging.INFO):
        loop.sync_and_rest()
        for _ in range(3):
            clock.pass_by(hours=2)
            loop.tick()
            loop.do_tasks()
        assert work.done == []
        work.paused_until = None
        loop.do_tasks()

    assert sorted(number or 0 for number, _, _ in work.done) == [0, 7]
    pauses = [record.getMessage() for record in caplog.records if "pause" in record.getMessage()]
    assert [text.partition(":")[0] for text in pauses] == ["paused until 2026-11-25 12", "the pause is over"]
    assert find_trouble(tmp_path / "heartbeat") == ""


def test_a_sync_that_met_a_pause_when_it_began_is_done_after_the_pause(clock, stop, tmp_path):
    work = Work(stop, replace(report(), paused_until=NOON + timedelta(days=3)), report())
    loop = build_loop(work, timetable(clock), Heartbeat(tmp_path / "heartbeat"), stop)
    loop.begin()

    loop.sync_and_rest()
    assert len(work.done) == 1
    loop.do_tasks()

    assert len(work.done) == 2


def test_the_next_time_is_logged_at_first_and_around_irregular_ones(clock, stop, tmp_path, caplog):
    down = report(FailureKind.UNREACHABLE)
    work = Work(stop, report(), report(), report(), down, report(), report(), report())

    with caplog.at_level(logging.DEBUG, logger="list_sync.daemon.loop"):
        run(work, clock, stop, tmp_path)

    levels = [record.levelname for record in caplog.records if "next sync at" in record.getMessage()]
    assert levels == ["INFO", "DEBUG", "DEBUG", "INFO", "INFO", "DEBUG"]


class Changing(Work):
    """Work of which files change: the first time the code of a provider fails, then a sync is queued for them."""

    def check(self):
        return self.applied < 3

    def apply(self):
        self.applied += 1
        if self.applied == 2:
            self.orders = [(4, RunOrder((ListRef("file", "films.csv"),), mode=SyncMode.FILE))]
        if self.applied == 1:
            raise ZeroDivisionError("the code of a provider")


def test_changed_files_are_applied_between_syncs_and_their_failure_does_not_end_the_loop(clock, stop, tmp_path, caplog):
    work = Changing(stop, report(), report(), report(mode=SyncMode.FILE))

    run(work, clock, stop, tmp_path)

    assert work.modes == [SyncMode.AUTOMATED, SyncMode.AUTOMATED, SyncMode.FILE]
    assert "changed files could not be read again" in caplog.text


def test_in_a_pause_only_dry_runs_are_done(clock, stop, tmp_path):
    orders = [(7, ORDER), (8, RunOrder(dry_run=True))]
    work = Work(stop, report(), report(), orders=orders)
    work.paused_until = NOON
    loop = build_loop(work, timetable(clock), Heartbeat(tmp_path / "heartbeat"), stop)

    loop.do_tasks()

    assert [number for number, _, _ in work.done] == [8]


def test_an_order_that_is_refused_fails_with_the_reason_and_the_exit_code_of_that(clock, stop, tmp_path, caplog):
    codes = []
    order = RunOrder(applies=3)
    work = Work(stop, report(), PlanRefused("the plan is too old"), report(), orders=[(7, order)])
    work.fail_order = lambda run_id, error, code: codes.append((run_id, error, code))

    with caplog.at_level(logging.WARNING):
        run(work, clock, stop, tmp_path)

    assert codes == [(7, "the plan is too old", ExitCode.REFUSED)]
    assert caplog.messages == ["run 7 is not carried out: the plan is too old"]
