"""How long an absence at TMDB is believed: it depends on how many clean runs (without a failure of TMDB) saw it."""

import hashlib
from datetime import datetime, timedelta

from list_sync.model.moments import is_in_future

ENOUGH_RUNS = 2
# The servers keep the answers to searches as long as this.
CONFIRM_AFTER = timedelta(minutes=5)
LOOK_AGAIN_AFTER = timedelta(days=1)
SPREAD = timedelta(days=1)


def overdue_by(key: str, seen_at: datetime, *, clean_runs: int, now: datetime) -> timedelta:
    """Return for how long an absence has been due to be checked again; negative while it is believed.

    Without a clean run it is due at once. After one clean run it is due when the servers' caches have expired, after
    that every one to two days, each key at its own moment.
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
    """Return the time by which what was due and could not be told stays due, but behind what has waited for longer."""
    longest_held = now - LOOK_AGAIN_AFTER - SPREAD
    return longest_held if is_in_future(seen_at, now=now) else max(seen_at, longest_held)
