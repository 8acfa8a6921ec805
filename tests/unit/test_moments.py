"""Periods by a clock that somebody may set."""

from datetime import timedelta

from list_sync.model.moments import is_over
from tests.builders import NOON

WEEK = timedelta(days=7)


def test_a_period_is_over_once_it_has_gone_by():
    assert is_over(NOON - WEEK, WEEK, now=NOON)
    assert not is_over(NOON - WEEK + timedelta(seconds=1), WEEK, now=NOON)


def test_a_clock_that_is_set_back_a_little_changes_nothing_and_one_that_was_far_ahead_is_not_waited_for():
    assert not is_over(NOON + timedelta(hours=1), WEEK, now=NOON)
    assert is_over(NOON + timedelta(days=2), WEEK, now=NOON)
