import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from list_sync.daemon import RETRY_SECONDS, Heartbeat, Timetable, run_daemon
from list_sync.errors import StorageError
from list_sync.model.report import FailureKind, SyncMode, SyncReport
from tests.fakes.clock import FakeClock

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def clock(monkeypatch):
    return FakeClock(NOON).install(monkeypatch)


def timetable(clock, *crons, hours=24.0, zone=UTC):
    return Timetable(interval_hours=hours, crons=crons, zone=zone, now=clock.now, steady=clock.steady)


def report(failure=None, mode=SyncMode.AUTOMATED):
    error = "it did not work" if failure else None
    return SyncReport(1, NOON, NOON, dry_run=False, mode=mode, error=error, failure=failure)


def at(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("hours", "following"),
    [
        (24, "2026-11-23 12:00"),
        (0.5, "2026-11-22 12:30"),
        (1.25, "2026-11-22 13:15"),
        (0.001, "2026-11-22 12:00:04"),
    ],
)
def test_intervals_may_have_decimals(clock, hours, following):
    assert timetable(clock, hours=hours).plan_next(report()) == at(following)


def test_a_sync_becomes_due_at_its_time_and_not_before(clock):
    table = timetable(clock, hours=1)
    table.plan_next(report())

    assert not table.check()
    clock.pass_by(minutes=59, seconds=59)
    assert not table.check()
    clock.pass_by(seconds=1)
    assert table.check()
    table.begin()
    table.plan_next(report())
    assert not table.check()


def test_times_that_went_by_during_a_long_sync_are_skipped_and_not_made_up(clock):
    table = timetable(clock, hours=1)
    table.begin()
    clock.pass_by(hours=2, minutes=30)

    assert table.plan_next(report()) == at("2026-11-22 15:00")
    clock.pass_by(minutes=30)
    assert table.check()
    table.begin()
    assert table.plan_next(report()) == at("2026-11-22 16:00")


def test_of_several_cron_expressions_the_next_one_counts(clock):
    table = timetable(clock, "0 3 * * *", "30 22 * * 0", "0 9 1 1 *")

    assert table.plan_next(report()) == at("2026-11-22 22:30")
    clock.pass_by(hours=10, minutes=30)
    assert table.check()
    assert table.plan_next(report()) == at("2026-11-23 03:00")


def test_cron_expressions_are_read_in_the_zone_of_the_user(clock):
    table = timetable(clock, "0 14 * * *", zone=BERLIN)

    assert table.plan_next(report()).astimezone(UTC) == at("2026-11-22 13:00")


def test_the_hour_that_is_left_out_in_spring_makes_no_wait_longer(monkeypatch):
    clock = FakeClock(at("2026-03-28 22:00")).install(monkeypatch)
    table = timetable(clock, "0 6 * * *", zone=BERLIN)

    following = table.plan_next(report())

    assert following == at("2026-03-29 06:00", BERLIN)
    clock.pass_by(hours=5, minutes=59)
    assert not table.check()
    clock.pass_by(minutes=1)
    assert table.check()


def test_a_clock_that_is_set_back_does_not_make_an_interval_longer(clock):
    table = timetable(clock, hours=1)
    table.plan_next(report())
    clock.pass_by(minutes=30)
    clock.set_by(days=-3650)
    assert not table.check()

    clock.pass_by(minutes=29)
    assert not table.check()
    clock.pass_by(minutes=1)
    assert table.check()


def test_a_clock_that_is_set_forward_does_not_make_an_interval_shorter(clock):
    table = timetable(clock, hours=1)
    table.plan_next(report())
    clock.set_by(days=20_000)

    assert not table.check()
    clock.pass_by(hours=1)
    assert table.check()


def test_cron_times_move_with_a_clock_that_is_set(clock):
    table = timetable(clock, "0 15 * * *")
    table.plan_next(report())
    clock.set_by(hours=-2)
    clock.pass_by(hours=3)
    assert not table.check()
    clock.pass_by(hours=2)
    assert table.check()


@pytest.mark.parametrize("failure", [FailureKind.UNREACHABLE, FailureKind.STORAGE, None])
def test_what_the_server_or_the_disk_prevented_is_tried_again_ever_more_rarely_until_it_works(clock, failure):
    table = timetable(clock)
    broken = report(failure) if failure else None
    waits = []
    for _ in range(len(RETRY_SECONDS) + 2):
        waits.append((table.plan_next(broken) - clock.now()).total_seconds())
        clock.pass_by(seconds=waits[-1])
        assert table.check()
        table.begin()

    assert waits == [*RETRY_SECONDS, RETRY_SECONDS[-1], RETRY_SECONDS[-1]]
    assert (table.plan_next(report()) - clock.now()).total_seconds() == 24 * 3600
    assert (table.plan_next(broken) - clock.now()).total_seconds() == RETRY_SECONDS[0]


@pytest.mark.parametrize("failure", [FailureKind.REFUSED, FailureKind.CONFIGURATION])
def test_what_only_the_user_can_mend_waits_for_the_regular_time(clock, failure):
    assert timetable(clock).plan_next(report(failure)) == at("2026-11-23 12:00")


def test_a_retry_is_never_later_than_the_regular_time(clock):
    assert timetable(clock, hours=0.001).plan_next(report(FailureKind.UNREACHABLE)) == at("2026-11-22 12:00:04")
    cron = timetable(clock, "* * * * *")
    for _ in range(6):
        following = cron.plan_next(report(FailureKind.UNREACHABLE))
    assert following == at("2026-11-22 12:01")


class Work:
    """Carries out syncs as a script says: reports, or errors to raise; sets the stop event after the last."""

    def __init__(self, stop, *script, wishes=()):
        self.stop = stop
        self.script = list(script)
        self.wishes = list(wishes)
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

    def is_mended(self):
        return False

    def take_wish(self):
        return self.wishes.pop(0) if self.wishes else None

    def finish_wish(self, wish, result):
        self.finished.append((wish, result))

    def rest(self):
        self.rests.append(len(self.done))


class Wish:
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
    run_daemon(work, timetable(clock, hours=1), heartbeat=folder / "heartbeat", stop=stop)


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


def test_a_wish_is_carried_out_in_its_own_name_and_its_end_is_told(clock, stop, tmp_path):
    wish, result = Wish(), report(mode=SyncMode.WEBHOOK)
    work = Work(stop, report(), result, wishes=[wish])

    run(work, clock, stop, tmp_path)

    assert work.done == [SyncMode.AUTOMATED, SyncMode.WEBHOOK]
    assert work.finished == [(wish, result)]


def test_a_wish_that_fails_is_told_as_well(clock, stop, tmp_path):
    wish = Wish()
    work = Work(stop, report(), RuntimeError("boom"), report(), wishes=[wish])

    run(work, clock, stop, tmp_path)

    assert work.finished == [(wish, None)]


def test_after_a_wish_that_the_database_prevented_a_sync_soon_finds_out_whether_it_is_well(clock, stop, tmp_path):
    work = Work(stop, report(), StorageError("it is locked"), report(), wishes=[Wish()])

    run_daemon(work, timetable(clock, hours=24), heartbeat=tmp_path / "heartbeat", stop=stop)

    assert work.done == [SyncMode.AUTOMATED, SyncMode.WEBHOOK, SyncMode.AUTOMATED]
    assert clock.now() - NOON <= timedelta(hours=6)


def test_a_wish_that_the_server_prevented_leaves_the_time_of_the_next_sync_as_it_is(clock, stop, tmp_path):
    work = Work(stop, report(), report(FailureKind.UNREACHABLE), report(), wishes=[Wish()])

    run_daemon(work, timetable(clock, hours=24), heartbeat=tmp_path / "heartbeat", stop=stop)

    assert clock.now() - NOON >= timedelta(hours=24)


def test_the_heartbeat_is_as_long_whatever_it_says_so_that_a_full_disk_has_room_for_it(tmp_path):
    beating = Heartbeat(tmp_path / "heartbeat")
    beating.beat()
    size = (tmp_path / "heartbeat").stat().st_size

    for trouble in ("the disk is full", "é" * 3_000, ""):
        beating.tell(trouble)
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


def test_a_database_that_is_mended_is_synced_at_once(clock, stop, tmp_path):
    work = Work(stop, report(FailureKind.STORAGE), report())
    work.is_mended = iter([False, False, True]).__next__
    table = timetable(clock)
    table.check = lambda: False

    run_daemon(work, table, heartbeat=tmp_path / "heartbeat", stop=stop)

    assert work.done == [SyncMode.AUTOMATED] * 2
