"""Every wish's decision, and the caps on all of them together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from list_sync.model.decisions import Decision, ItemStatus, Knowledge, Policy, Request, RequestOutcome, Skip, Wish
from list_sync.model.titles import MediaType
from list_sync.planning.decide import decide
from list_sync.planning.planned import keep_to


def plan(wishes: Sequence[Wish], knowledge: Knowledge, policy: Policy, *, now: datetime) -> tuple[Decision, ...]:
    """Return one decision for each wish, in their order; what is over a cap waits."""
    return cap(keep_to([decide(wish, knowledge, now=now) for wish in wishes], policy.planned), policy)


# So many unread shows pass beside the requests of a capped plan: most of them need no request.
UNREAD_SHOWS = 50


def cap(decisions: Sequence[Decision], policy: Policy) -> tuple[Decision, ...]:
    """Turn the requests that are over MAX_REQUESTS_PER_RUN or MAX_REQUESTS_PER_DAY into waiting titles.

    An unread show (its seasons are not known yet) does not count against the caps. It is read before anything is
    sent. Fifty of them pass at a time, so that a long list is not planned once for each of its shows.
    """
    capped: list[Decision] = []
    asked = Counter(policy.requested_in_run)
    unread = UNREAD_SHOWS
    for decision in decisions:
        room, reached = _room(policy, asked, decision.requester_id) if isinstance(decision, Request) else (None, "")
        if room is None or not isinstance(decision, Request):
            capped.append(decision)
        elif _is_unread_show(decision) and room > 0 and unread > 0:
            unread -= 1
            capped.append(decision)
        elif room > 0 and not _is_unread_show(decision):
            asked[decision.requester_id] += 1
            capped.append(decision)
        else:
            capped.append(Skip(decision.match, ItemStatus.WAITING, reached, decision.quality))
    return tuple(capped)


def _is_unread_show(request: Request) -> bool:
    return request.match.media_type is MediaType.TV and not request.seasons


def _room(policy: Policy, asked: Counter[int], requester_id: int) -> tuple[int | None, str]:
    """Return how many more titles the run may ask for in a user's name, and what people read where none is left."""
    rooms = []
    if policy.max_requests_per_run:
        left = max(0, policy.max_requests_per_run - asked.total())
        words = f"MAX_REQUESTS_PER_RUN={policy.max_requests_per_run} is reached; asked for in a later run"
        rooms.append((left, words))
    if policy.max_requests_per_day:
        count = policy.requested_today.get(requester_id, 0) + asked[requester_id]
        left = max(0, policy.max_requests_per_day - count)
        words = policy.describe_full_day(requester_id, max(count, policy.max_requests_per_day))
        rooms.append((left, words))
    return min(rooms, default=(None, ""), key=lambda room: room[0] if room[0] is not None else 0)


def part_doubles(wishes: Iterable[Wish], outcomes: Sequence[RequestOutcome]) -> tuple[list[Wish], list[RequestOutcome]]:
    """Part wishes in those still to be decided, and the outcomes of those that are doubles of decided ones."""
    decided = {outcome.decision.quality_key: outcome for outcome in outcomes if outcome.decision.quality_key}
    others: list[Wish] = []
    doubles: list[RequestOutcome] = []
    for wish in wishes:
        first = decided.get(wish.key) if wish.key else None
        if first is None:
            others.append(wish)
        else:
            skip = Skip(wish.result, first.status, first.reason, wish.quality)
            doubles.append(replace(first, decision=skip))
    return others, doubles
