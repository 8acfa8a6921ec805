"""How many titles a user requested in 24 hours: those on the server, and those of ours that are gone from it."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from list_sync.model.decisions import Decision, QualityKey, Request
from list_sync.model.moments import CLOCKS_MAY_DIFFER_BY
from list_sync.model.policy import Policy

DAY = timedelta(hours=24)

logger = logging.getLogger(__name__)


class RequestCounter(Protocol):
    """The part of a media-request server that counting needs."""

    def count_requests(self) -> int:
        """Return how many requests there are, of all users."""
        ...

    def fetch_asked(
        self, requester_id: int, *, since: datetime, until: datetime, enough: int
    ) -> Collection[QualityKey]:
        """Return the titles that a user asked for between two moments."""
        ...


class DailyCount:
    """The count against MAX_REQUESTS_PER_DAY; the server is read only if there is a cap and something to request.

    It is read for the plan. Before each request, the number of all requests is read, and if it changed by more than
    our own requests, the count is read again. Two programs at the same moment can exceed the cap only by what the
    other one requests between that reading and our request.

    `load_own` returns the titles that we requested since a moment in a user's name.
    """

    def __init__(
        self,
        server: RequestCounter,
        load_own: Callable[[datetime, int], Collection[QualityKey]],
        policy: Policy,
        now: Callable[[], datetime],
    ) -> None:
        self._server = server
        self._load_own = load_own
        self._policy = policy
        self._now = now
        self._count: int | None = None
        self._is_full = False
        self._latest = 0
        self._held: frozenset[QualityKey] = frozenset()
        # The number of requests of all users except our own, when they were last read.
        self._others: int | None = None

    def plan(self, policy: Policy, make: Callable[[Policy], Sequence[Decision]]) -> Sequence[Decision]:
        """Return what `make` plans by the policy and the count; it is read if something is to be requested."""
        decisions = make(replace(policy, requested_today=self._count or 0))
        is_capped = self._policy.max_requests_per_day and any(isinstance(decision, Request) for decision in decisions)
        if self._count is not None or not is_capped:
            return decisions
        self._count = self._read()
        return make(replace(policy, requested_today=self._count))

    def find_reason_to_wait(self) -> str | None:
        """Return why one more title has to wait, if the cap was reached since the plan was made."""
        if self._count is None:
            return None
        if not self._is_full:
            self._latest = self._read()
            self._is_full = self._latest >= self._policy.max_requests_per_day
        return self._policy.describe_full_day(self._latest) if self._is_full else None

    def warn_of_overshoot(self, made: int) -> None:
        """Log a warning if our requests went over the cap, because others asked at the same moment."""
        if self._count is None or not made:
            return
        count, policy = self._read(), self._policy
        if count > policy.max_requests_per_day:
            logger.warning(
                "MAX_REQUESTS_PER_DAY=%d was passed: user %d asked for %d in 24 hours, because another ListSync or a "
                "person asked at the same moment",
                policy.max_requests_per_day,
                policy.requester_id,
                count,
            )

    def _read(self) -> int:
        """Return the count; requests are read only if needed, because the server asks Radarr and Sonarr for them."""
        now, user = self._now(), self._policy.requester_id
        since, until = now - DAY, now + CLOCKS_MAY_DIFFER_BY
        own = frozenset(self._load_own(since, user))
        # Before the requests: one that is made in between is read now, and the next call reads them once more.
        others = self._server.count_requests() - len(own)
        if others != self._others:
            enough = self._policy.max_requests_per_day + 1
            self._held = frozenset(self._server.fetch_asked(user, since=since, until=until, enough=enough))
            self._others = others
        return len(self._held | own)
