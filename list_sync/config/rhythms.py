"""Rhythms: how often lists are synced, every so many hours or at the times of cron expressions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice, pairwise

from cronsim import CronSim, CronSimError

from list_sync.config.values import SHORTEST_INTERVAL, parse_interval, shown
from list_sync.model.lengths import find_length

_EXAMPLES = 'for example 6h, or "0 3 * * *"'
_PARTS = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?\s*[a-z]+\s*)+", re.IGNORECASE)
# Enough times of cron expressions to meet their longest gap, such as that of a week.
_LOOKED_AHEAD = 50


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every so many hours, or at the times of cron expressions if there are any; 0 hours mean once, at the start."""

    interval_hours: float = 0.0
    crons: tuple[str, ...] = ()

    @property
    def is_timed(self) -> bool:
        """Return whether there is a second time."""
        return self.interval_hours > 0 or bool(self.crons)

    def describe(self) -> str:
        """Return how often that is, for people."""
        if not self.is_timed:
            return "once, at the start"
        return "; ".join(self.crons) or f"every {self.interval_hours:g} hours"

    def find_cron_time(self, after: datetime, zone: tzinfo) -> datetime:
        """Return the first time after a moment that a cron expression names."""
        # In UTC, as the difference of two times in one zone would be that of their clocks, summer time or not.
        return min(next(CronSim(cron, after.astimezone(zone))).astimezone(UTC) for cron in self.crons)

    def find_next_after(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the first time after a moment, of a rhythm that has a second time."""
        return self.find_cron_time(moment, zone) if self.crons else moment + timedelta(hours=self.interval_hours)

    def find_longest_gap(self, now: datetime, zone: tzinfo) -> timedelta | None:
        """Return the longest wait between the next syncs; None if there is no second time."""
        # After these, times of the most frequent expression are missing.
        return max(_gaps(self._look_ahead(now, zone, _LOOKED_AHEAD)[:_LOOKED_AHEAD]), default=self._interval)

    def find_shortest_gap(self, now: datetime, zone: tzinfo) -> timedelta | None:
        """Return the shortest wait between the next syncs; None if there is no second time."""
        return min(_gaps(self._look_ahead(now, zone, 2)), default=self._interval)

    def find_next_times(self, now: datetime, zone: tzinfo, count: int) -> list[datetime]:
        """Return the next times of cron expressions; none of an interval, which depends on the last sync."""
        return self._look_ahead(now, zone, count)[:count]

    @property
    def _interval(self) -> timedelta | None:
        return timedelta(hours=self.interval_hours) or None

    def _look_ahead(self, now: datetime, zone: tzinfo, count: int) -> list[datetime]:
        """Return the next times of each cron expression, in their order."""
        times = (islice(CronSim(cron, now.astimezone(zone)), count) for cron in self.crons)
        return sorted({time.astimezone(UTC) for every in times for time in every})


def _gaps(times: Sequence[datetime]) -> Iterator[timedelta]:
    return (after - before for before, after in pairwise(times))


@lru_cache(maxsize=128)
def parse_rhythm(text: str) -> Rhythm:
    """Return the rhythm of a list: an interval such as 6h, 90m or 1d 12h, or cron expressions."""
    if _PARTS.fullmatch(text.strip()):
        return Rhythm(_parse_hours(text))
    # What does not look like cron expressions may be meant as an interval.
    if not {";", "*"} & set(text) and len(text.split()) != 5:
        advice = f"write its unit, as in {text.strip()}h" if text.strip().isdecimal() else _EXAMPLES
        raise ValueError(f"{shown(text)} is neither an interval nor a cron expression; {advice}")
    crons = parse_schedule(text)
    if not crons:
        raise ValueError(f"there is no cron expression in it; {_EXAMPLES}")
    return Rhythm(crons=crons)


def _parse_hours(text: str) -> float:
    """Return the hours of an interval, which is as long as SYNC_INTERVAL may be."""
    length = find_length(text)
    if length is None:
        raise ValueError(f"{shown(text)} is no interval; write minutes, hours or days: 30m, 6h or 1d")
    if length < SHORTEST_INTERVAL:
        raise ValueError(f"{shown(text)} is too short; write at least one minute: 1m")
    try:
        return parse_interval(f"{length / timedelta(hours=1):.6f}")
    except ValueError:
        raise ValueError(f"{shown(text)} is too long; write at most a year: 365d") from None


def parse_schedule(text: str) -> tuple[str, ...]:
    """Return the cron expressions of a `;`-separated setting; each has five fields and a next time."""
    expressions = tuple(" ".join(part.split()) for part in text.split(";") if part.strip())
    for expression in expressions:
        _check_cron(expression)
    return expressions


def _check_cron(expression: str) -> None:
    """Raise ValueError for an expression that is no cron expression or never comes due."""
    example = 'for example "0 3 * * *", or "0 3 * * 1-5; 0 9 * * 0,6"'
    if len(expression.split()) != 5:
        raise ValueError(f"{shown(expression)} does not have the five fields of a cron expression; {example}")
    try:
        next(CronSim(expression, datetime.now(UTC)))
    except CronSimError as error:
        reason = str(error).lower()
        raise ValueError(f"{shown(expression)} is not a cron expression ({reason}); {example}") from None
    except StopIteration:
        raise ValueError(f"{shown(expression)} never comes due; {example}") from None
