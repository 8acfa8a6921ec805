"""How many titles a requester asked for in 24 hours: what the server holds, and what we asked for and is gone."""

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


class Server(Protocol):
    """The part of a media-request server that counting needs."""

    def fetch_asked(
        self, requester_id: int, *, since: datetime, until: datetime, enough: int
    ) -> Collection[QualityKey]:
        """Return the titles that a user asked for between two moments."""
        ...


class DailyCount:
    """The count against MAX_REQUESTS_PER_DAY; the server is read only where there is a cap and something to request.

    `load_own` returns the titles that we asked for since a moment in a user's name.
    """

    def __init__(
        self,
        server: Server,
        load_own: Callable[[datetime, int], Collection[QualityKey]],
        policy: Policy,
        now: Callable[[], datetime],
    ) -> None:
        self._server = server
        self._load_own = load_own
        self._cap = policy.max_requests_per_day
        self._requester_id = policy.requester_id
        self._now = now
        self._count: int | None = None

    def plan(self, policy: Policy, make: Callable[[Policy], Sequence[Decision]]) -> Sequence[Decision]:
        """Return what `make` plans by the policy and the count, which is read once something is to be requested."""
        decisions = make(replace(policy, requested_today=self._count or 0))
        is_capped = self._cap and any(isinstance(decision, Request) for decision in decisions)
        if self._count is not None or not is_capped:
            return decisions
        self._count = self._read()
        return make(replace(policy, requested_today=self._count))

    def warn_of_overshoot(self, made: int) -> None:
        """Say so if the cap was passed by what we made: others may have asked at the same moment."""
        if self._count is None or not made:
            return
        count = self._read()
        if count > self._cap:
            logger.warning(
                "MAX_REQUESTS_PER_DAY=%d was passed: user %d asked for %d in 24 hours, because another ListSync or a "
                "person asked at the same moment",
                self._cap,
                self._requester_id,
                count,
            )

    def _read(self) -> int:
        now = self._now()
        since, until = now - DAY, now + CLOCKS_MAY_DIFFER_BY
        held = self._server.fetch_asked(self._requester_id, since=since, until=until, enough=self._cap + 1)
        return len(frozenset(held) | frozenset(self._load_own(since, self._requester_id)))
