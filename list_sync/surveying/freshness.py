"""When memory is enough, and when the server has to be read."""

import hashlib
import math
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from list_sync.model.moments import is_in_future, is_over
from list_sync.model.servers import Fingerprint, TitleDetails
from list_sync.model.titles import MediaType, TitleKey

FULL_READ_EVERY = timedelta(days=7)
SHOW_CHECK_EVERY = timedelta(days=6)
SHOW_CHECK_SPREAD = timedelta(days=3)
ENDED_CHECK_EVERY = timedelta(days=60)
ENDED = frozenset({"ended", "canceled", "cancelled"})
SHOW_CHECKS_A_DAY = 500
DAY = timedelta(days=1)
# The syncs of a daily schedule begin some minutes early or late, because reading the lists takes time.
A_DAY = DAY - timedelta(minutes=10)


def needs_full_read(
    current: Fingerprint, remembered: Fingerprint | None, full_read_at: datetime | None, *, now: datetime
) -> bool:
    """Return whether everything has to be read: others changed the server, or the last full read is a week old."""
    return (
        remembered is None
        or full_read_at is None
        # Requests that failed at Radarr and Sonarr do not count here.
        or replace(remembered, failed=current.failed) != current
        or is_over(full_read_at, FULL_READ_EVERY, now=now)
    )


def is_explained_by(before: Fingerprint, after: Fingerprint, *, own_requests: int) -> bool:
    """Return whether a fingerprint changed by our own requests only."""
    return (
        after.requests - before.requests == own_requests
        and after.declined == before.declined
        and 0 <= after.media - before.media <= own_requests
        and abs(after.pending - before.pending) <= own_requests
    )


def show_check_is_due(show: TitleDetails, checked_at: datetime, *, now: datetime) -> bool:
    """Return whether a show should be read again for new seasons.

    A running show is read every six to nine days, each on another day, an ended one every sixty days, and each when
    its next episode airs.
    """
    return is_over(checked_at, _check_interval(show), now=now) or _has_aired(show, since=checked_at, now=now)


def share_of_time_gone(show: TitleDetails, checked_at: datetime, *, now: datetime) -> float:
    """Return which share of the longest time between two checks is over; the show with the largest is read first.

    If too many shows are due, those that were read most recently wait, so that no show waits too long.
    """
    if is_in_future(checked_at, now=now):
        return math.inf
    return (now - checked_at) / (ENDED_CHECK_EVERY if _has_ended(show) else SHOW_CHECK_EVERY + SHOW_CHECK_SPREAD)


def share_of_facts_gone(key: TitleKey, read_at: datetime, lasts: timedelta, *, now: datetime) -> float | None:
    """Return which share of the longest time is over for which facts count; None while they count.

    They count for `lasts`, and up to half as long again, for each title until another day.
    """
    longest = lasts * 1.5
    if is_in_future(read_at, now=now):
        return math.inf
    return (now - read_at) / longest if is_over(read_at, lasts + (longest - lasts) * _share_of(key), now=now) else None


def count_checks_left(tries: Collection[datetime], *, now: datetime) -> int:
    """Return how many titles may be read now: 500 a day, spread over all syncs of the day."""
    past = [at for at in tries if not is_in_future(at, now=now)]
    used = sum(now - at < A_DAY for at in past)
    share = min(DAY, now - max(past)) / DAY if past else 1.0
    return max(0, min(SHOW_CHECKS_A_DAY - used, int(SHOW_CHECKS_A_DAY * share)))


def may_try_again(tried_at: datetime | None, *, now: datetime) -> bool:
    """Return whether a title may be read again after the last try, which may have failed."""
    return tried_at is None or is_over(tried_at, A_DAY, now=now)


def _has_ended(show: TitleDetails) -> bool:
    return show.status is not None and show.status.casefold() in ENDED


def _check_interval(show: TitleDetails) -> timedelta:
    if _has_ended(show):
        return ENDED_CHECK_EVERY
    return SHOW_CHECK_EVERY + SHOW_CHECK_SPREAD * _share_of((MediaType.TV, show.tmdb_id))


def _share_of(key: TitleKey) -> float:
    """Return a number from 0 to 1 that is always the same for a title, and evenly spread over all."""
    digest = hashlib.blake2b(f"{key[0].value}:{key[1]}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) / 0xFFFFFFFF


def _has_aired(show: TitleDetails, *, since: datetime, now: datetime) -> bool:
    if show.next_episode_on is None:
        return False
    return since < datetime.combine(show.next_episode_on, time.min, tzinfo=UTC) <= now
