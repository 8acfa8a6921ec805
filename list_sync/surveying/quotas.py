"""The quotas that the server gives its users: what pause_when.quota_left keeps free, and when a place is free again."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from list_sync.api.overseerr import OverseerrClient
from list_sync.model.answers import ASKED_LATER
from list_sync.model.decisions import ItemStatus, Request, RequestOutcome
from list_sync.model.limits import Quota, QuotaKey
from list_sync.model.titles import MediaType, counted
from list_sync.model.users import UserQuota
from list_sync.model.waiting import WaitingCause, find_cause


class Quotas:
    """The quotas of one run: read only for users to request for, and only if `left` is to stay free."""

    def __init__(self, server: OverseerrClient, *, left: int | None, now: Callable[[], datetime]) -> None:
        self._server = server
        self._left = left
        self._now = now
        self._quotas: dict[QuotaKey, UserQuota] = {}

    def find_quotas(self, requests: Sequence[Request]) -> dict[QuotaKey, Quota]:
        """Return how much of their quotas the requests may use; a quota without a limit is left out."""
        if self._left is None:
            return {}
        costs: Counter[QuotaKey] = Counter()
        for request in requests:
            costs[request.quota_key] += request.quota_cost
        return {key: quota for key, cost in costs.items() if (quota := self._measure(key, cost, self._left))}

    def _measure(self, key: QuotaKey, cost: int, left: int) -> Quota | None:
        quota = self._find_quota(key)
        limit, remaining = quota.limit, quota.remaining
        if remaining is None:
            return None
        user, kind = key
        what = counted(remaining, "season" if kind is MediaType.TV else "film")
        room = max(0, remaining - left)
        reason = f"pause_when.quota_left={left}: user {user} has {what} left in the quota and may use {room or 'none'}"
        turns = self._find_turns(key, after=left - remaining) if cost > room else ()
        return Quota(room, reason, turns, None if limit is None else limit - left)

    def tell_turns(self, outcomes: Sequence[RequestOutcome]) -> list[RequestOutcome]:
        """Return the outcomes; those that the server's quota refused say when they go."""
        places: Counter[QuotaKey] = Counter()
        turns: dict[QuotaKey, Quota] = {}

        def tell(outcome: RequestOutcome) -> RequestOutcome:
            request = outcome.decision
            is_refused = outcome.status is ItemStatus.WAITING and find_cause(outcome.reason) is WaitingCause.QUOTA
            if not isinstance(request, Request) or not is_refused:
                return outcome
            key = request.quota_key
            if key not in turns:
                turns[key] = Quota(0, "", self._find_turns(key), self._find_quota(key).limit)
            turn = turns[key].describe_misfit(request.quota_cost)
            if not turn:
                places[key] += request.quota_cost
                turn = turns[key].describe_turn(places[key] - 1)
            return replace(outcome, reason=outcome.reason.replace(ASKED_LATER, turn))

        return [tell(outcome) for outcome in outcomes]

    def _find_quota(self, key: QuotaKey) -> UserQuota:
        if key not in self._quotas:
            user, _ = key
            self._quotas |= {(user, kind): quota for kind, quota in self._server.fetch_quotas(user).items()}
        return self._quotas[key]

    def _find_turns(self, key: QuotaKey, *, after: int = 0) -> Sequence[datetime]:
        """Return when each place of a quota is free again, but for the first `after` of them."""
        user, kind = key
        days = self._find_quota(key).days
        if not days:
            return ()
        period = timedelta(days=days)
        asked_at = self._server.fetch_quota_uses(user, kind, since=self._now() - period)
        return [moment + period for moment in asked_at][max(0, after) :]
