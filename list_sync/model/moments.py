"""Moments: how long ago they were by a clock that may be wrong, and how messages show them."""

from datetime import UTC, datetime, timedelta

from list_sync.model.titles import counted

CLOCKS_MAY_DIFFER_BY = timedelta(days=1)


def utc_now() -> datetime:
    """Return the wall-clock time, which people may set."""
    return datetime.now(UTC)


def is_over(since: datetime, period: timedelta, *, now: datetime) -> bool:
    """Return whether a period has gone by since a moment.

    A moment far in the future was written by a wrong clock. Waiting for it could take years, so its period is over.
    """
    return now - since >= period or is_in_future(since, now=now)


def is_to_come(until: datetime, *, within: timedelta, now: datetime) -> bool:
    """Return whether the end of a wait is still to come.

    No wait is longer than `within`. An end further ahead was set by a wrong clock, and counts as over.
    """
    return timedelta() < until - now <= within


def is_in_future(moment: datetime, *, now: datetime) -> bool:
    """Return whether a moment lies further ahead than two correct clocks may differ."""
    return moment - now > CLOCKS_MAY_DIFFER_BY


def shown(moment: datetime) -> str:
    """Return a moment in UTC as messages show it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def shown_age(age: timedelta) -> str:
    """Return an age in minutes, hours or days."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 120:
        return counted(minutes, "minute")
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
