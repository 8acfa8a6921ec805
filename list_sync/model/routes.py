"""What is known of each route of a list: its last outcome, and since when it has had this outcome."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from list_sync.model.sources import Attempt, AttemptOutcome

# The route of a list that was not read, because its copy was recent enough; it says nothing about the source.
CACHE_ROUTE = "cache"
WORKING = (AttemptOutcome.SERVED, AttemptOutcome.PARTIAL, AttemptOutcome.UNPROVEN)
# They say nothing about the source: no key is set, or the list was not asked for.
_NOT_ASKED = (AttemptOutcome.SKIPPED, AttemptOutcome.NEEDS_KEY)


@dataclass(frozen=True, slots=True)
class RouteRecord:
    """The outcome of a route at a moment, and since when it has been the same without a break."""

    route: str
    outcome: AttemptOutcome
    since: datetime
    at: datetime

    @property
    def is_working(self) -> bool:
        """Return whether it gave the list, or a part of it."""
        return self.outcome in WORKING


def note_attempts(
    before: Sequence[RouteRecord], attempts: Iterable[Attempt], *, at: datetime
) -> tuple[RouteRecord, ...]:
    """Return what is known after some attempts."""
    known = {record.route: record for record in before}
    for attempt in attempts:
        if attempt.outcome in _NOT_ASKED or attempt.route == CACHE_ROUTE:
            continue
        former = known.get(attempt.route)
        outcome = AttemptOutcome.SERVED if attempt.outcome in WORKING else attempt.outcome
        since = former.since if former is not None and former.outcome is outcome else at
        known[attempt.route] = RouteRecord(attempt.route, outcome, since, at)
    return tuple(known.values())


def find_present(records: Sequence[RouteRecord]) -> tuple[RouteRecord, ...]:
    """Return the routes that were asked the last time; the outcomes of others are older, and may be untrue by now."""
    latest = max((record.at for record in records), default=None)
    return tuple(record for record in records if record.at == latest)
