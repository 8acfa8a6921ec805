"""When memory will do, and when the server has to be asked."""

import hashlib
from datetime import datetime, timedelta

from list_sync.model.moments import is_over
from list_sync.model.server_state import Fingerprint
from list_sync.model.titles import MediaType

FULL_READ_EVERY = timedelta(days=7)
SHOW_CHECK_EVERY = timedelta(days=6)
SHOW_CHECK_SPREAD = timedelta(days=3)
SHOW_CHECKS_PER_RUN = 50


def needs_full_read(
    current: Fingerprint, remembered: Fingerprint | None, full_read_at: datetime | None, *, now: datetime
) -> bool:
    """Tell whether everything has to be read: the server changed by more than our own writes, or a week is over."""
    return (
        remembered is None
        or full_read_at is None
        or current != remembered
        or is_over(full_read_at, FULL_READ_EVERY, now=now)
    )


def is_explained_by(before: Fingerprint, after: Fingerprint, *, own_requests: int) -> bool:
    """Tell whether a fingerprint moved by our own requests and by nothing else."""
    return (
        after.requests - before.requests == own_requests
        and after.declined == before.declined
        and 0 <= after.media - before.media <= own_requests
        and abs(after.pending - before.pending) <= own_requests
    )


def show_check_is_due(tmdb_id: int, checked_at: datetime, *, now: datetime) -> bool:
    """Tell whether a show should be looked at for new seasons: every six to nine days, each on its own day."""
    digest = hashlib.blake2b(f"{MediaType.TV.value}:{tmdb_id}".encode(), digest_size=4).digest()
    share = int.from_bytes(digest) / 0xFFFFFFFF
    return is_over(checked_at, SHOW_CHECK_EVERY + SHOW_CHECK_SPREAD * share, now=now)
