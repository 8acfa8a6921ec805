"""How long ago something was, by a clock that somebody may set."""

from datetime import datetime, timedelta

CLOCKS_MAY_DIFFER_BY = timedelta(days=1)


def is_over(since: datetime, period: timedelta, *, now: datetime) -> bool:
    """Tell whether a period has gone by since a moment.

    A moment well in the future was written by a wrong clock, and waiting for it might take years: its period is over.
    """
    return now - since >= period or is_in_future(since, now=now)


def is_to_come(until: datetime, *, within: timedelta, now: datetime) -> bool:
    """Tell whether a moment that is waited for is still to come.

    One further ahead than anybody is ever told to wait was set by a wrong clock, and is not waited for.
    """
    return timedelta() < until - now <= within


def is_in_future(moment: datetime, *, now: datetime) -> bool:
    """Tell whether a moment lies further ahead than clocks that are right may differ."""
    return moment - now > CLOCKS_MAY_DIFFER_BY
