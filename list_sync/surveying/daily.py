"""How many titles a user requested in 24 hours: those on the server, and those of ours that are gone from it."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from list_sync.api.overseerr import OverseerrClient
from list_sync.model.decisions import Decision, Policy, Request
from list_sync.model.moments import CLOCKS_MAY_DIFFER_BY
from list_sync.model.titles import QualityKey

DAY = timedelta(hours=24)

logger = logging.getLogger(__name__)


class DailyCount:
    """The counts against MAX_REQUESTS_PER_DAY, one for each requester.

    The server is read only if there is a cap and something to request. It is read for the plan. Before each request,
    the number of all requests is read, and if it changed by more than the requester's own requests, the count is read
    again. Two programs at the same moment can exceed the cap only by what the other one requests between that reading
    and our request.

    `load_own` returns the titles that we requested since a moment in a user's name.
    """

    def __init__(
        self,
        server: OverseerrClient,
        load_own: Callable[[datetime, int], Collection[QualityKey]],
        policy: Policy,
        now: Callable[[], datetime],
    ) -> None:
        self._server = server
        self._load_own = load_own
        self._policy = policy
        self._now = now
        # The counts that the plan is made with.
        self._counts: dict[int, int] = {}
        # The counts of requesters who reached the cap since.
        self._full: dict[int, int] = {}
        self._held: dict[int, frozenset[QualityKey]] = {}
        # The number of requests of all users except the requester's own, when they were last read.
        self._others: dict[int, int] = {}

    def plan(
        self, make: Callable[[Policy], Sequence[Decision]], *, requested_in_run: Mapping[int, int]
    ) -> Sequence[Decision]:
        """Return what `make` plans by the policy and the counts; those of users to request for are read."""
        policy = replace(self._policy, requested_in_run=requested_in_run)
        decisions = make(replace(policy, requested_today=self._counts))
        while unread := self._find_unread(decisions):
            self._counts = {**self._counts, **{user: self._read(user) for user in unread}}
            decisions = make(replace(policy, requested_today=self._counts))
        return decisions

    def _find_unread(self, decisions: Sequence[Decision]) -> set[int]:
        if not self._policy.max_requests_per_day:
            return set()
        return {decision.requester_id for decision in decisions if isinstance(decision, Request)} - self._counts.keys()

    def find_reason_to_wait(self, request: Request) -> str | None:
        """Return why a title has to wait, if its requester reached the cap since the plan was made."""
        user, cap = request.requester_id, self._policy.max_requests_per_day
        if user not in self._counts:
            return None
        if user not in self._full and (count := self._read(user)) >= cap:
            self._full[user] = count
        return self._policy.describe_full_day(user, self._full[user]) if user in self._full else None

    def warn_of_overshoot(self, users: Collection[int]) -> None:
        """Log a warning if our requests for these users went over the cap: others requested at the same moment."""
        for user in sorted(self._counts.keys() & set(users)):
            count, cap = self._read(user), self._policy.max_requests_per_day
            if count > cap:
                logger.warning(
                    "MAX_REQUESTS_PER_DAY=%d was passed: user %d asked for %d in 24 hours, because another ListSync or "
                    "a person asked at the same moment",
                    cap,
                    user,
                    count,
                )

    def _read(self, user: int) -> int:
        """Return the count; requests are read only if needed, because the server asks Radarr and Sonarr for them."""
        now = self._now()
        since, until = now - DAY, now + CLOCKS_MAY_DIFFER_BY
        own = frozenset(self._load_own(since, user))
        # Counted first: a request made in between is then in the titles below, and the next call reads them again.
        others = self._server.count_requests() - len(own)
        if others != self._others.get(user):
            enough = self._policy.max_requests_per_day + 1
            self._held[user] = frozenset(self._server.fetch_asked(user, since=since, until=until, enough=enough))
            self._others[user] = others
        return len(self._held[user] | own)
