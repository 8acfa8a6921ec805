"""Periods by a clock that somebody may set."""

from datetime import UTC, timedelta

from hypothesis import given
from hypothesis import strategies as st

from list_sync.model.moments import is_over, is_to_come
from tests.builders import NOON

WEEK = timedelta(days=7)


def test_a_period_is_over_once_it_has_gone_by():
    assert is_over(NOON - WEEK, WEEK, now=NOON)
    assert not is_over(NOON - WEEK + timedelta(seconds=1), WEEK, now=NOON)


def test_a_clock_that_is_set_back_a_little_changes_nothing_and_one_that_was_far_ahead_is_not_waited_for():
    assert not is_over(NOON + timedelta(hours=1), WEEK, now=NOON)
    assert is_over(NOON + timedelta(days=2), WEEK, now=NOON)


def test_what_is_waited_for_is_over_once_it_came_and_where_nobody_can_have_said_so():
    assert is_to_come(NOON + WEEK, within=WEEK, now=NOON)
    assert not is_to_come(NOON, within=WEEK, now=NOON)
    assert not is_to_come(NOON + WEEK + timedelta(seconds=1), within=WEEK, now=NOON)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)), st.timedeltas(timedelta(), WEEK))
def test_no_two_clocks_make_anything_wait_for_longer_than_its_period_and_a_day(written, now, period):
    if not is_over(written, period, now=now):
        assert now - written < period
        assert written - now <= timedelta(days=1)
    if is_to_come(written, within=period, now=now):
        assert written - now <= period
