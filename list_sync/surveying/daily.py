"""How many titles were requested in 24 hours: those on the server, and those of ours that are gone from it."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from list_sync.api.overseerr import OverseerrClient
from list_sync.model.decisions import Decision, Policy, Request
from list_sync.model.limits import DAY, EVERYONE
from list_sync.model.moments import CLOCKS_MAY_DIFFER_BY
from list_sync.model.titles import QualityKey

logger = logging.getLogger(__name__)


# Titles, and when they were requested last.
Asked = Mapping[QualityKey, datetime]


class DailyCount:
    """The counts against the caps of a day: one for each requester, and one of all together (EVERYONE).

    The server is read only if there is a cap and something to request. It is read for the plan. Before each request,
    the number of all requests is read, and if it changed by more than the requester's own requests, the count is read
    again. Two programs at the same moment can exceed the cap only by what the other one requests between that reading
    and our request.

    `load_own` returns the titles that we requested since a moment in a user's name, or in those of all.
    """

    def __init__(
        self,
        server: OverseerrClient,
        load_own: Callable[[datetime, int], Asked],
        policy: Policy,
        now: Callable[[], datetime],
    ) -> None:
        self._server = server
        self._load_own = load_own
        self._policy = policy
        self._now = now
        # When the titles were requested that the plan is made with, oldest first.
        self._counts: dict[int, Sequence[datetime]] = {}
        # The same of requesters who reached the cap since, and how many titles wait for them.
        self._full: dict[int, Sequence[datetime]] = {}
        self._waiting: Counter[int] = Counter()
        self._held: dict[int, Asked] = {}
        # The number of requests of all users except the requester's own, when they were last read.
        self._others: dict[int, int] = {}

    def plan(
        self,
        make: Callable[[Policy], Sequence[Decision]],
        *,
        requested_in_run: Mapping[int, int],
    ) -> Sequence[Decision]:
        """Return what `make` plans by the policy and the counts; those of users to request for are read."""
        policy = replace(self._policy, requested_in_run=requested_in_run)
        decisions = make(self._with_counts(policy))
        while unread := self._find_unread(decisions):
            total = self._server.count_requests()
            self._counts = {**self._counts, **{user: self._read(user, total) for user in sorted(unread)}}
            decisions = make(self._with_counts(policy))
        return decisions

    def _with_counts(self, policy: Policy) -> Policy:
        today = {user: len(asked_at) for user, asked_at in self._counts.items()}
        return replace(policy, requested_today=today, asked_at=self._counts)

    def _find_unread(self, decisions: Sequence[Decision]) -> set[int]:
        asking = {decision.requester_id for decision in decisions if isinstance(decision, Request)}
        capped = {user for user in (asking | {EVERYONE} if asking else ()) if self._policy.find_day_cap(user)}
        return capped - self._counts.keys()

    def find_reason_to_wait(self, request: Request) -> str | None:
        """Return why a title has to wait, if a cap was reached since the plan was made."""
        users = [user for user in (EVERYONE, request.requester_id) if user in self._counts]
        if users and not self._full.keys() & users:
            self._look_for_full(users)
        return next((self._describe_full(user, self._full[user]) for user in users if user in self._full), None)

    def _look_for_full(self, users: Collection[int]) -> None:
        total = self._server.count_requests()
        for user in users:
            asked_at = self._read(user, total)
            if len(asked_at) >= self._find_most(user):
                self._full[user] = asked_at

    def _describe_full(self, user: int, asked_at: Sequence[datetime]) -> str:
        place = self._waiting[user]
        self._waiting[user] += 1
        cap = replace(self._policy, asked_at={user: asked_at}).find_day_cap(user)
        now = self._now() if self._policy.has_file else None
        return cap.describe_full(len(asked_at), place=place, now=now) if cap else ""

    def _find_most(self, user: int) -> int:
        cap = self._policy.find_day_cap(user)
        return cap.most if cap else 0

    def warn_of_overshoot(self, users: Collection[int]) -> None:
        """Log a warning if our requests for these users went over a cap: others requested at the same moment."""
        capped = sorted(self._counts.keys() & {*users, *([EVERYONE] if users else ())})
        total = self._server.count_requests() if capped else 0
        for user in capped:
            count, cap = len(self._read(user, total)), self._policy.find_day_cap(user)
            if cap is not None and count > cap.most:
                logger.warning(
                    "%s was passed: %s asked for %d in 24 hours, because another ListSync or a person asked at the "
                    "same moment",
                    cap.name,
                    cap.users,
                    count,
                )

    def _read(self, user: int, total: int) -> Sequence[datetime]:
        """Return the moments; requests are read only if needed, because the server asks Radarr and Sonarr for them.

        `total` is the number of all requests, counted before: a request made in between is then in the titles that are
        read, and the next call reads them again.
        """
        now = self._now()
        since, until = now - DAY, now + CLOCKS_MAY_DIFFER_BY
        own = self._load_own(since, user)
        others = total - len(own)
        if others != self._others.get(user):
            enough = self._find_most(user) + 1
            self._held[user] = self._server.fetch_asked(user, since=since, until=until, enough=enough)
            self._others[user] = others
        return sorted({**self._held[user], **own}.values())
