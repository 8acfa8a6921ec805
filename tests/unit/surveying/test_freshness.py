"""When memory will do, and when the server has to be asked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.model.servers import Fingerprint
from list_sync.surveying.freshness import count_checks_left, is_explained_by, needs_full_read, show_check_is_due
from tests.builders import NOON, a_show

FINGERPRINT = Fingerprint(requests=10, pending=2, declined=1, media=12, failed=1)


def test_an_unchanged_server_that_was_read_this_week_is_not_read_again():
    assert not needs_full_read(FINGERPRINT, FINGERPRINT, NOON - timedelta(days=6), now=NOON)


def test_everything_is_read_at_first_after_a_change_and_once_a_week():
    changed = replace(FINGERPRINT, declined=2)

    assert needs_full_read(FINGERPRINT, None, None, now=NOON)
    assert needs_full_read(FINGERPRINT, FINGERPRINT, None, now=NOON)
    assert needs_full_read(changed, FINGERPRINT, NOON, now=NOON)
    assert needs_full_read(FINGERPRINT, FINGERPRINT, NOON - timedelta(days=7), now=NOON)


def test_a_request_that_radarr_refused_is_no_reason_to_read_everything():
    assert not needs_full_read(replace(FINGERPRINT, failed=2), FINGERPRINT, NOON, now=NOON)


def test_our_own_requests_explain_a_fingerprint_and_anybody_elses_do_not():
    after = replace(FINGERPRINT, requests=13, media=15, pending=5)

    assert is_explained_by(FINGERPRINT, after, own_requests=3)
    assert not is_explained_by(FINGERPRINT, replace(after, requests=14), own_requests=3)
    assert not is_explained_by(FINGERPRINT, replace(after, declined=2), own_requests=3)
    assert not is_explained_by(FINGERPRINT, replace(after, media=16), own_requests=3)


def is_due(tmdb_id=1, *, after, **more):
    return show_check_is_due(replace(a_show(tmdb_id), **more), NOON - after, now=NOON)


@given(
    st.integers(1, 10_000_000), st.sampled_from([None, "Returning Series", "In Production", "Planned", "Pilot", "?"])
)
def test_every_show_that_goes_on_is_looked_at_between_the_sixth_and_the_ninth_day(tmdb_id, status):
    assert not is_due(tmdb_id, after=timedelta(days=5, hours=23), status=status)
    assert is_due(tmdb_id, after=timedelta(days=9, seconds=1), status=status)


@pytest.mark.parametrize("status", ["Ended", "Canceled", "Cancelled", "ended"])
def test_a_show_that_ended_is_looked_at_every_sixty_days(status):
    assert not is_due(after=timedelta(days=59, hours=23), status=status)
    assert is_due(after=timedelta(days=60), status=status)


@pytest.mark.parametrize("status", ["Returning Series", "Ended", None])
def test_any_show_is_looked_at_when_its_next_episode_airs_and_not_again_for_that_one(status):
    assert is_due(after=timedelta(days=2), status=status, next_episode_on=NOON.date())
    assert not is_due(after=timedelta(days=2), status=status, next_episode_on=NOON.date() + timedelta(days=1))
    assert not is_due(after=timedelta(hours=1), status=status, next_episode_on=NOON.date())


def test_the_checks_of_a_thousand_shows_are_spread_over_the_days():
    due = [
        sum(is_due(number, after=timedelta(days=6, hours=hours)) for number in range(1_000))
        for hours in (0, 24, 48, 72)
    ]

    assert due[0] < 50
    assert 250 < due[1] < 420
    assert 580 < due[2] < 750
    assert due[3] > 950


def test_five_hundred_checks_a_day_are_spread_over_its_syncs():
    def left(*tries):
        return count_checks_left([NOON - timedelta(hours=hours) for hours in tries], now=NOON)

    assert left() == 500
    assert left(24, 30) == 500
    assert left(12) == 250
    assert left(1) == 20
    assert left(0.01) == 0
    assert left(*([12] * 400)) == 100
    assert left(*([12] * 500)) == 0
    assert left(*([24] * 500)) == 500


def test_checks_that_a_wrong_clock_dated_ahead_count_for_nothing():
    assert count_checks_left([NOON + timedelta(days=400)] * 500, now=NOON) == 500
