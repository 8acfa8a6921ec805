from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from list_sync.daemon.timetable import RETRY_SECONDS
from list_sync.model.exit_codes import FailureKind
from tests.fakes.clock import FakeClock
from tests.unit.daemon.timetables import at, report, timetable

BERLIN = ZoneInfo("Europe/Berlin")


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

    assert not table.tick()
    clock.pass_by(minutes=59, seconds=59)
    assert not table.tick()
    clock.pass_by(seconds=1)
    assert table.tick()
    table.begin()
    table.plan_next(report())
    assert not table.tick()


def test_times_that_went_by_during_a_long_sync_are_skipped_and_not_made_up(clock):
    table = timetable(clock, hours=1)
    table.begin()
    clock.pass_by(hours=2, minutes=30)

    assert table.plan_next(report()) == at("2026-11-22 15:00")
    clock.pass_by(minutes=30)
    assert table.tick()
    table.begin()
    assert table.plan_next(report()) == at("2026-11-22 16:00")


def test_of_several_cron_expressions_the_next_one_counts(clock):
    table = timetable(clock, "0 3 * * *", "30 22 * * 0", "0 9 1 1 *")

    assert table.plan_next(report()) == at("2026-11-22 22:30")
    clock.pass_by(hours=10, minutes=30)
    assert table.tick()
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
    assert not table.tick()
    clock.pass_by(minutes=1)
    assert table.tick()


def test_a_clock_that_is_set_back_does_not_make_an_interval_longer(clock):
    table = timetable(clock, hours=1)
    table.plan_next(report())
    clock.pass_by(minutes=30)
    clock.set_by(days=-3650)
    assert not table.tick()

    clock.pass_by(minutes=29)
    assert not table.tick()
    clock.pass_by(minutes=1)
    assert table.tick()


def test_a_clock_that_is_set_forward_does_not_make_an_interval_shorter(clock):
    table = timetable(clock, hours=1)
    table.plan_next(report())
    clock.set_by(days=20_000)

    assert not table.tick()
    clock.pass_by(hours=1)
    assert table.tick()


def test_cron_times_move_with_a_clock_that_is_set(clock):
    table = timetable(clock, "0 15 * * *")
    table.plan_next(report())
    clock.set_by(hours=-2)
    clock.pass_by(hours=3)
    assert not table.tick()
    clock.pass_by(hours=2)
    assert table.tick()


@pytest.mark.parametrize("failure", [FailureKind.UNREACHABLE, FailureKind.STORAGE, None])
def test_what_the_server_or_the_disk_prevented_is_tried_again_ever_more_rarely_until_it_works(clock, failure):
    table = timetable(clock)
    broken = report(failure) if failure else None
    waits = []
    for _ in range(len(RETRY_SECONDS) + 2):
        waits.append((table.plan_next(broken) - clock.now()).total_seconds())
        clock.pass_by(seconds=waits[-1])
        assert table.tick()
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


def test_the_next_times_are_those_of_the_jobs_of_the_scheduler(clock):
    table = timetable(clock, hours=24)
    table.plan_next(report())
    table.plan_backoff_end(at("2026-11-22 12:05"))

    assert table.next_times() == {"sync": at("2026-11-23 12:00"), "back-offs": at("2026-11-22 12:05")}
    clock.pass_by(minutes=5)
    assert table.tick()
    assert not table.take_due_syncs()
    table.plan_backoff_end(None)
    assert not table.take_due_backoffs()
    assert not table.tick()
    assert table.next_times() == {"sync": at("2026-11-23 12:00")}


@pytest.mark.parametrize("days", [-3650, 20_000])
def test_a_repeated_job_goes_on_whatever_the_clock_is_set_to(clock, days):
    beats = []
    table = timetable(clock)
    table.repeat("heartbeat", 15, lambda: beats.append(clock.steady()))
    for _ in range(10):
        clock.pass_by(seconds=3)
        table.tick()
    clock.set_by(days=days)
    for _ in range(10):
        clock.pass_by(seconds=3)
        table.tick()

    assert len(beats) in (3, 4)
