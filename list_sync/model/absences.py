"""How long to believe that TMDB lacks a title: it depends on the clean runs (without a TMDB failure) that saw it."""

import hashlib
from datetime import datetime, timedelta

from list_sync.model.moments import is_in_future

ENOUGH_RUNS = 2
# The servers cache the answers to searches for this time.
CONFIRM_AFTER = timedelta(minutes=5)
LOOK_AGAIN_AFTER = timedelta(days=1)
SPREAD = timedelta(days=1)


def overdue_by(key: str, seen_at: datetime, *, clean_runs: int, now: datetime) -> timedelta:
    """Return how long a new check of an absence is overdue; negative while no check is due.

    Without a clean run, a check is due at once. After one clean run, it is due when the servers' caches have expired.
    After that, it is due every one to two days, at a different time for each key.
    """
    if is_in_future(seen_at, now=now):
        return seen_at - now
    age = max(now - seen_at, timedelta())
    if clean_runs == 0:
        return age
    if clean_runs < ENOUGH_RUNS:
        return age - CONFIRM_AFTER
    digest = hashlib.blake2b(key.encode(errors="replace"), digest_size=4).digest()
    return age - LOOK_AGAIN_AFTER - SPREAD * (int.from_bytes(digest) / 0xFFFFFFFF)


def set_back(seen_at: datetime, *, now: datetime) -> datetime:
    """Return the time to store after a failed check: the next check is due at once, after those that wait longer."""
    longest_held = now - LOOK_AGAIN_AFTER - SPREAD
    return longest_held if is_in_future(seen_at, now=now) else max(seen_at, longest_held)
