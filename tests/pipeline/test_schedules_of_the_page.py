"""Two weeks with the schedules of docs/schedules.md, by a clock that goes on as the test wants."""

import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from list_sync.config import load_settings
from list_sync.config.policy.joining import read_joined
from list_sync.daemon.timetable import Timetable
from list_sync.providers import available_providers
from tests.fakes.clock import FakeClock
from tests.unit.daemon.timetables import report

PAGE = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
ZONE = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 23, 0, 1, tzinfo=ZONE)
# A sync takes a while.
SYNC = timedelta(minutes=7)


@pytest.fixture
def replay(tmp_path, monkeypatch):
    """Return the runs of two weeks, each with its local time and its lists, with lists.yaml alone."""

    def go(text, begin=MONDAY, days=14):
        (tmp_path / "lists.yaml").write_text(text)
        providers = available_providers()
        env = {"CONFIG_DIR": str(tmp_path), "TZ": ZONE.key}
        household = read_joined(load_settings(env, providers=providers, dotenv=None), providers).household
        clock, runs = FakeClock(begin).install(monkeypatch), []
        table = Timetable(household.rhythms, zone=ZONE, now=clock.now, steady=clock.steady)
        table.begin()
        table.plan_next(report())
        end = begin + timedelta(days=days)
        while (following := table.next_times()["sync"]) < end:
            clock.pass_by(seconds=max(0, (following - clock.now()).total_seconds()))
            table.tick()
            due = table.take_due_syncs()
            names = [ref.list_id for ref in household.lists if ref.terms.schedule in due]
            runs.append((clock.now().astimezone(ZONE), tuple(sorted(names))))
            table.begin(due)
            clock.pass_by(seconds=SYNC.total_seconds())
            table.plan_next(report(), due)
        return runs

    return go


def block(name):
    return next(text for text in BLOCKS if text.startswith(f"# {name}\n"))


def test_peak_and_off_peak(replay):
    everything = ("boxoffice", "ls123456789", "moviemeter", "top", "ur987654321")
    essential = ("boxoffice", "top")
    runs = replay(block("peak and off-peak"))

    # Ten half hours of the night; at midnight, and from 8 to 22 o'clock every two hours. The first midnight is past.
    assert Counter(lists for _, lists in runs) == {everything: 14 * 10, essential: 14 * 9}
    assert [f"{at:%H:%M}" for at, lists in runs if at.day == 25] == [
        *("00:00", "02:00", "02:30", "03:00", "03:30", "04:00", "04:30", "05:00", "05:30", "06:00", "06:30"),
        *("08:00", "10:00", "12:00", "14:00", "16:00", "18:00", "20:00", "22:00"),
    ]
    assert all((lists == everything) == (2 <= at.hour <= 6) for at, lists in runs)


def test_weekdays_and_weekends(replay):
    daily = ("popular:shows", "trending:movies")
    everything = ("anticipated:movies", "popular:movies", "popular:shows", "trending:movies", "trending:shows")
    runs = replay(block("weekdays and weekends"))

    # Ten weekdays with two runs, four days of weekends with six. The first midnight is past, the last one is in it.
    assert Counter(lists for _, lists in runs) == {daily: 10 * 2, everything: 4 * 6}
    assert [f"{at:%a %H:%M}" for at, _ in runs[:10]] == [
        *("Mon 12:00", "Tue 00:00", "Tue 12:00", "Wed 00:00", "Wed 12:00"),
        *("Thu 00:00", "Thu 12:00", "Fri 00:00", "Fri 12:00", "Sat 00:00"),
    ]
    assert [f"{at:%H:%M}" for at, _ in runs if at.day == 28] == ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00"]


def test_intervals_beside_a_cron_expression(replay):
    runs = replay(BLOCKS[0])
    by_list = Counter(name for _, lists in runs for name in lists)

    # Every half hour, every twelve hours, and once each night. From the first night on, all are due together at 03:00.
    assert by_list == {"example-user/to-watch": 14 * 48, "top": 14 * 2, "ls123456789": 14}
    assert {lists for at, lists in runs if at.hour in (0, 12) and at.minute == 0} == {("example-user/to-watch", "top")}
    assert {lists for at, lists in runs if at.hour == 3 and at.minute == 0} == {
        ("example-user/to-watch", "ls123456789")
    }


@pytest.mark.parametrize(
    ("day", "nights"),
    [
        # The clocks skip from 2 to 3, and go back from 2 to 1.
        (
            datetime(2026, 3, 7, 12, tzinfo=ZONE),
            ["03:00", "03:30", "04:00", "04:30", "05:00", "05:30", "06:00", "06:30"],
        ),
        (datetime(2026, 10, 31, 12, tzinfo=ZONE), ["02:00", "02:30", "03:00", "03:30", "04:00", "04:30", "05:00"]),
    ],
)
def test_a_night_in_which_the_clocks_change(replay, day, nights):
    runs = replay(block("peak and off-peak"), begin=day, days=1)

    found = [f"{at:%H:%M}" for at, lists in runs if at.hour in range(1, 7)]
    assert found[: len(nights)] == nights
