"""When memory will do, and when the server has to be asked."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from list_sync.knowing.freshness import is_explained_by, needs_full_read, show_check_is_due
from list_sync.model.server_state import Fingerprint
from tests.builders import NOON

FINGERPRINT = Fingerprint(requests=10, pending=2, declined=1, media=12, newest_request_id=40)


def test_an_unchanged_server_that_was_read_this_week_is_not_read_again():
    assert not needs_full_read(FINGERPRINT, FINGERPRINT, NOON - timedelta(days=6), now=NOON)


def test_everything_is_read_at_first_after_a_change_and_once_a_week():
    changed = replace(FINGERPRINT, declined=2)

    assert needs_full_read(FINGERPRINT, None, None, now=NOON)
    assert needs_full_read(FINGERPRINT, FINGERPRINT, None, now=NOON)
    assert needs_full_read(changed, FINGERPRINT, NOON, now=NOON)
    assert needs_full_read(FINGERPRINT, FINGERPRINT, NOON - timedelta(days=7), now=NOON)


def test_our_own_requests_explain_a_fingerprint_and_anybody_elses_do_not():
    after = replace(FINGERPRINT, requests=13, media=15, pending=5, newest_request_id=43)

    assert is_explained_by(FINGERPRINT, after, own_requests=3)
    assert not is_explained_by(FINGERPRINT, replace(after, requests=14), own_requests=3)
    assert not is_explained_by(FINGERPRINT, replace(after, declined=2), own_requests=3)
    assert not is_explained_by(FINGERPRINT, replace(after, media=16), own_requests=3)


@given(st.integers(1, 10_000_000))
def test_every_show_is_looked_at_between_the_sixth_and_the_ninth_day(tmdb_id):
    assert not show_check_is_due(tmdb_id, NOON - timedelta(days=5, hours=23), now=NOON)
    assert show_check_is_due(tmdb_id, NOON - timedelta(days=9, seconds=1), now=NOON)


def test_the_checks_of_a_thousand_shows_are_spread_over_the_days():
    due = [
        sum(show_check_is_due(number, NOON - timedelta(days=6, hours=hours), now=NOON) for number in range(1_000))
        for hours in (0, 24, 48, 72)
    ]

    assert due[0] < 50
    assert 250 < due[1] < 420
    assert 580 < due[2] < 750
    assert due[3] > 950
