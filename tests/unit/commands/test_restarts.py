import json
import threading
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync import log
from list_sync.config import ProcessSettings
from list_sync.daemon.restarts import (
    LOOP_RESTARTS,
    QUICK_SECONDS,
    LastSync,
    Restarts,
    count_restarts,
    describe_loop,
    load_record,
    pause_seconds,
)
from list_sync.model.exit_codes import FailureKind

ENDED = 1_800_000_000.0

a_last_sync = st.builds(
    LastSync,
    container=st.text(min_size=1),
    ended_at=st.floats(0, 4e9),
    restarts=st.integers(0, 1000),
    was_unreachable=st.booleans(),
    closing_line=st.none() | st.text(),
)


class Clock:
    def __init__(self):
        self.seconds = ENDED

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def begin(tmp_path, clock):
    """Begin in a container, so many seconds after whatever was before."""

    def begin(after, container="first"):
        clock.seconds += after
        return Restarts(tmp_path, container, clock=clock)

    return begin


def sync(restarts):
    restarts.note_end(is_stopped=False)
    return restarts.are_a_loop


def stopped():
    event = threading.Event()
    event.set()
    return event


@given(last=a_last_sync, seconds=st.floats(0, QUICK_SECONDS, exclude_max=True))
def test_every_start_within_a_minute_of_the_end_counts_one_more(last, seconds):
    now = last.ended_at + seconds
    is_quick = now - last.ended_at < QUICK_SECONDS

    assert count_restarts(last, container=last.container, now=now) == (last.restarts + 1 if is_quick else 0)


@given(last=a_last_sync, seconds=st.floats(QUICK_SECONDS, 1e9) | st.floats(-1e9, -1e-3))
def test_a_later_start_and_an_end_that_is_still_to_come_begin_the_count_anew(last, seconds):
    assert count_restarts(last, container=last.container, now=last.ended_at + seconds) == 0


@given(last=a_last_sync, container=st.text(min_size=1))
def test_another_container_begins_the_count_anew(last, container):
    assert (count_restarts(last, container=container, now=last.ended_at + 1) > 0) == (container == last.container)


def test_the_third_restart_in_a_row_waits_and_so_does_every_one_after_it(begin):
    assert [sync(begin(1)) for _ in range(6)] == [False, False, False, True, True, True]


def test_one_that_is_started_by_hand_twice_or_every_hour_does_not_wait(begin):
    assert [sync(begin(after)) for after in (0, 5, 5, 3600, 5, 5, 3600, 3600, 3600, 3600)] == [False] * 10


def test_one_that_is_made_anew_each_time_does_not_wait(begin):
    assert not any(sync(begin(1, container=f"run-{number}")) for number in range(10))


def test_a_clock_that_was_set_back_does_not_make_it_wait(begin):
    assert [sync(begin(after)) for after in (1, 1, 1, -7200)] == [False] * 4


@pytest.mark.parametrize(
    ("failure", "seconds"), [(None, 3600.0), (FailureKind.REFUSED, 3600.0), (FailureKind.UNREACHABLE, 300.0)]
)
def test_it_waits_an_hour_or_five_minutes_for_a_server_that_could_not_be_reached(begin, tmp_path, failure, seconds):
    begin(1).note_end(failure, is_stopped=False)

    assert pause_seconds(load_record(tmp_path / "restarts.json")) == seconds


@given(last=a_last_sync)
def test_a_record_says_what_was_recorded(last, tmp_path_factory):
    path = tmp_path_factory.mktemp("record") / "restarts.json"
    path.write_text(json.dumps(asdict(last)), encoding="utf-8")

    assert load_record(path) == last


def test_outside_of_a_container_nothing_is_counted_or_written(begin, tmp_path):
    assert not any(sync(begin(1, container=None)) for _ in range(6))
    assert list(tmp_path.iterdir()) == []


def test_whoever_stops_the_wait_starts_the_next_sync_at_once(begin, capsys):
    while not (restarts := begin(1)).are_a_loop:
        sync(restarts)

    assert not restarts.wait(ProcessSettings(), stopped())
    assert not begin(1).are_a_loop


def test_a_sync_that_was_stopped_ends_the_row(begin):
    for _ in range(LOOP_RESTARTS):
        sync(begin(1))
    begin(1).note_end(is_stopped=True)

    assert not begin(1).are_a_loop


def test_the_line_that_closed_the_last_sync_stays_the_last_one_while_it_waits(begin, home, capsys):
    log.configure_logging("INFO", "text")
    while not (restarts := begin(1)).are_a_loop:
        with log.running():
            log.close_run("Sync completed: 1 list")
        sync(restarts)
    log.configure_logging("INFO", "text")
    capsys.readouterr()
    restarts.wait(ProcessSettings(), stopped())

    warning, last = capsys.readouterr().out.splitlines()
    assert " WARNING AUTOMATED_MODE=false" in warning or " WARNING SYNC_INTERVAL=0" in warning
    assert last.endswith(" INFO Sync completed: 1 list")
    assert [status.closing_line for status in log.find_logs()] == [None]


@pytest.mark.parametrize(
    ("settings", "setting"),
    [({"automated_mode": False}, "AUTOMATED_MODE=false "), ({}, "SYNC_INTERVAL=0 ")],
)
def test_the_warning_names_the_setting_the_remedies_and_the_time(settings, setting):
    text = describe_loop(ProcessSettings(**settings, tz="Europe/Berlin"), 3, until=0.0)

    assert text.startswith(setting)
    assert "AUTOMATED_MODE=true" in text
    assert 'restart: "no"' in text
    assert text.endswith("waits until 1970-01-01 01:00:00")
    assert not log.WORDS.search(text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"container": "first"}',
        b'{"container": "first", "ended_at": "now", "restarts": 3, "was_unreachable": false, "closing_line": null}',
        b'{"container": "first", "ended_at": 1.0, "restarts": 1e999, "was_unreachable": false, "closing_line": null}',
    ],
)
def test_a_damaged_record_is_as_good_as_none(tmp_path, content):
    path = tmp_path / "restarts.json"
    path.write_bytes(content)

    assert load_record(path) is None


def test_a_record_that_is_missing_is_as_good_as_none(tmp_path):
    assert load_record(tmp_path / "restarts.json") is None


def test_a_record_that_cannot_be_written_is_a_warning(begin, tmp_path, caplog):
    (tmp_path / "restarts.json").mkdir()
    begin(1).note_end(is_stopped=False)

    assert "restarts of this container are not counted" in caplog.text
    assert json.dumps(str(tmp_path / "restarts.json")).strip('"') in caplog.text
