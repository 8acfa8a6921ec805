"""How much of a plan goes in this run: the caps, and what lists and pauses hold back, read as needed."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from list_sync.errors import ServiceError, SyncCancelled
from list_sync.job import Job, Parts
from list_sync.model.decisions import Decision, Knowledge, Policy, Request, RequestOutcome, Wish
from list_sync.model.limits import Limits, Quota, QuotaKey
from list_sync.planning.caps import cap, in_turn
from list_sync.planning.plan import decide_all
from list_sync.storage.record import Record
from list_sync.surveying.daily import DailyCount
from list_sync.surveying.holding import Holding
from list_sync.surveying.pauses import Pauses
from list_sync.surveying.quotas import Quotas
from list_sync.surveying.survey import Survey

logger = logging.getLogger(__name__)


class Capping:
    """What holds the requests of one run back."""

    def __init__(self, parts: Parts, job: Job, record: Record) -> None:
        self._job = job
        self._record = record
        self._now = parts.now
        self._daily = DailyCount(parts.client, record.journal.load_asked_since, job.policy, parts.now)
        pause_when = job.rules.pause_when
        self._quotas = Quotas(parts.client, left=pause_when.quota_left, now=parts.now)
        self._pauses = Pauses(pause_when, arrs=parts.arrs, count_pending=parts.client.count_pending)
        self._holding = Holding(
            record,
            self._pauses,
            self._quotas,
            is_oldest_first=job.policy.has_file,
            now=record.started_at,
        )

    def plan(self, survey: Survey, wishes: Sequence[Wish], counted: Sequence[Request]) -> Sequence[Decision]:
        """Return the decisions about some wishes; `counted` are the requests of this run so far.

        The requests among them are in the order in which they go: a quota of the server may end the sending.
        """
        self._pauses.pending = survey.fingerprint.pending
        decisions = survey.plan(partial(self._plan, wishes, counted, self._now()))
        return in_turn(decisions, self._holding.known_since)

    def _plan(
        self, wishes: Sequence[Wish], counted: Sequence[Request], now: datetime, knowledge: Knowledge
    ) -> Sequence[Decision]:
        decided = decide_all(wishes, knowledge, self._job.policy, now=now)
        listed = Counter(request.list_ref.key for request in counted)

        def make(policy: Policy, limits: Limits) -> Sequence[Decision]:
            limits = replace(limits, quotas=_leave_room(limits.quotas, counted))
            return cap(decided, replace(policy, limits=limits, listed_in_run=listed), now=now)

        return self._daily.plan(
            lambda policy: self._holding.plan(partial(make, policy), knowledge),
            requested_in_run=Counter(request.requester_id for request in counted),
        )

    def find_reason_to_wait(self, request: Request) -> str | None:
        """Return why a title has to wait, if a cap was reached or a pause began since the plan was made."""
        return self._daily.find_reason_to_wait(request) or self._pauses.find_reason_to_wait()

    def tell_turns(self, outcomes: Sequence[RequestOutcome]) -> Sequence[RequestOutcome]:
        """Return the outcomes of a run; with lists.yaml, those that a quota refused say when they go, if known."""
        if not self._job.policy.has_file:
            return outcomes
        try:
            return self._quotas.tell_turns(outcomes)
        except (ServiceError, SyncCancelled) as error:
            logger.debug("when a place in a quota is free is not known: %s", error)
            return outcomes

    def warn_of_overshoot(self, made: Counter[int]) -> None:
        """Log a warning if the requests that were made, by requester, went over a cap of a day."""
        self._daily.warn_of_overshoot(made)


def _leave_room(quotas: Mapping[QuotaKey, Quota], counted: Sequence[Request]) -> dict[QuotaKey, Quota]:
    """Return quotas without the room that requests of this run took after the quotas were read."""
    used: Counter[QuotaKey] = Counter()
    for request in counted:
        used[request.quota_key] += request.quota_cost
    return {key: replace(quota, room=quota.room - used[key]) for key, quota in quotas.items()}
