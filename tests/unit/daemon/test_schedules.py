"""Lists with schedules of their own: when each is due, and which are due together."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from list_sync.config.rhythms import Rhythm, parse_rhythm
from list_sync.daemon.timetable import RETRY_SECONDS, Timetable
from list_sync.model.exit_codes import FailureKind
from tests.fakes.clock import FakeClock
from tests.unit.daemon.timetables import at, report

BERLIN = ZoneInfo("Europe/Berlin")


def timetable(clock, *schedules, hours=24.0, zone=UTC):
    rhythms = {"": Rhythm(hours)} | {text: parse_rhythm(text) for text in schedules}
    table = Timetable(rhythms, zone=zone, now=clock.now, steady=clock.steady)
    table.begin()
    table.plan_next(report())
    return table


def follow(table, clock, **duration):
    """Return what is due at the next tick after a time, as a run that takes no time."""
    clock.pass_by(**duration)
    table.tick()
    due = table.take_due_syncs()
    table.begin(due)
    table.plan_next(report(), due)
    return due


@pytest.mark.parametrize(
    ("text", "rhythm"),
    [
        ("6h", Rhythm(6.0)),
        ("90m", Rhythm(1.5)),
        ("1d 12h", Rhythm(36.0)),
        (" 0.5 H ", Rhythm(0.5)),
        ("0 3 * * *", Rhythm(crons=("0 3 * * *",))),
        ("*/30  2-6 * * *; 0 8 * * *", Rhythm(crons=("*/30 2-6 * * *", "0 8 * * *"))),
    ],
)
def test_a_schedule_is_an_interval_or_cron_expressions(text, rhythm):
    assert parse_rhythm(text) == rhythm


@pytest.mark.parametrize("text", ["", " ; ", "6", "6x", "30s", "0h", "9000h", "-1h", "6h;0 3 * * *", "@daily", "daily"])
def test_what_is_neither_is_refused_in_one_line_with_an_example(text):
    with pytest.raises(ValueError, match=r"for example|write ") as refusal:
        parse_rhythm(text)

    assert "\n" not in str(refusal.value)


def test_each_schedule_is_due_at_its_own_time(clock):
    table = timetable(clock, "6h", "0 3 * * *")

    assert table.next_syncs() == {
        "": at("2026-11-23 12:00"),
        "6h": at("2026-11-22 18:00"),
        "0 3 * * *": at("2026-11-23 03:00"),
    }
    assert table.next_times() == {"sync": at("2026-11-22 18:00")}
    assert follow(table, clock, hours=6) == {"6h"}
    assert follow(table, clock, hours=6) == {"6h"}
    assert follow(table, clock, hours=3) == {"0 3 * * *"}


def test_what_is_due_within_a_minute_is_one_run_and_is_not_repeated(clock):
    table = timetable(clock, "0 13 * * *", "1 13 * * *", "2 13 * * *", hours=1)

    assert follow(table, clock, hours=1) == {"", "0 13 * * *", "1 13 * * *"}
    assert follow(table, clock, minutes=1) == set()
    assert follow(table, clock, minutes=1) == {"2 13 * * *"}
    assert table.next_syncs()["1 13 * * *"] == at("2026-11-23 13:01")


def test_a_time_that_comes_during_a_run_of_other_lists_is_made_up_once(clock):
    table = timetable(clock, "*/10 13 * * *", hours=1)
    clock.pass_by(hours=1, seconds=-90)
    table.set_syncs_due([""])
    due = table.take_due_syncs()
    table.begin(due)
    for _ in range(35):
        clock.pass_by(minutes=1)
        table.tick()
    table.plan_next(report(), due)

    assert due == {""}
    assert table.take_due_syncs() == {"*/10 13 * * *"}
    table.begin(["*/10 13 * * *"])
    table.plan_next(report(), ["*/10 13 * * *"])
    assert not table.tick()
    assert table.next_syncs()["*/10 13 * * *"] == at("2026-11-22 13:40")


def test_times_that_a_sleeping_machine_missed_are_made_up_once(clock):
    table = timetable(clock, "*/10 13 * * *", "0 14 * * *")

    assert follow(table, clock, hours=9) == {"*/10 13 * * *", "0 14 * * *"}
    assert follow(table, clock, minutes=5) == set()


def test_a_failed_run_is_repeated_soon_for_its_lists_alone(clock):
    table = timetable(clock, "6h")
    clock.pass_by(hours=6)
    table.tick()
    assert table.take_due_syncs() == {"6h"}
    table.plan_next(report(FailureKind.UNREACHABLE), ["6h"])

    assert follow(table, clock, seconds=RETRY_SECONDS[0]) == {"6h"}
    assert follow(table, clock, minutes=10) == set()


@pytest.mark.parametrize(("shift", "hours"), [({"days": 3}, 12), ({"hours": -5}, 12 + 5)])
def test_cron_times_move_with_a_clock_that_is_set_and_intervals_do_not(clock, shift, hours):
    table = timetable(clock, "0 0 * * *", "6h", hours=1000)
    clock.set_by(**shift)
    table.tick()

    waits = {name: (time - clock.now()).total_seconds() / 3600 for name, time in table.next_syncs().items()}
    assert waits == {"": 1000, "0 0 * * *": hours, "6h": 6}


@pytest.mark.parametrize(
    ("night", "expected"),
    [
        ("2026-03-28 20:00", ["2026-03-29 01:30", "2026-03-29 03:00", "2026-03-30 01:30", "2026-03-30 02:30"]),
        ("2026-10-24 20:00", ["2026-10-25 01:30", "2026-10-25 02:30", "2026-10-26 01:30", "2026-10-26 02:30"]),
    ],
)
def test_a_night_with_a_change_of_the_clocks_has_each_time_once(monkeypatch, night, expected):
    clock = FakeClock(at(night, BERLIN)).install(monkeypatch)
    table = timetable(clock, "30 1,2 * * *", hours=1000, zone=BERLIN)
    times = []
    while len(times) < 4:
        if follow(table, clock, minutes=5):
            times.append(f"{clock.now().astimezone(BERLIN):%Y-%m-%d %H:%M}")

    assert times == expected


def test_other_rhythms_keep_the_times_of_those_that_stay(clock):
    table = timetable(clock, "6h", "0 3 * * *")
    clock.pass_by(hours=1)
    table.use({"": Rhythm(12), "6h": Rhythm(6), "2h": Rhythm(2)})

    assert table.schedules == {"", "6h", "2h"}
    assert table.next_syncs() == {
        "": at("2026-11-23 00:00"),
        "6h": at("2026-11-22 18:00"),
        "2h": at("2026-11-22 15:00"),
    }
    assert follow(table, clock, hours=2) == {"2h"}


def test_lists_without_a_second_time_are_synced_at_the_start_alone(clock):
    table = timetable(clock, "6h", hours=0)

    assert table.next_syncs() == {"6h": at("2026-11-22 18:00")}
    assert follow(table, clock, hours=6) == {"6h"}
