"""Every title's decision, and the caps on all of them together."""

from collections.abc import Sequence
from datetime import datetime

from list_sync.model.decisions import Decision, ItemStatus, Knowledge, Request, Skip
from list_sync.model.matches import MatchResult
from list_sync.model.policy import Policy
from list_sync.model.titles import MediaType
from list_sync.planning.decide import decide


def plan(
    results: Sequence[MatchResult], knowledge: Knowledge, policy: Policy, *, now: datetime
) -> tuple[Decision, ...]:
    """Return one decision for each result, in their order; what is over a cap waits."""
    return cap([decide(result, knowledge, policy, now=now) for result in results], policy)


# So many unread shows pass beside the requests of a capped plan: most of them need no request.
UNREAD_SHOWS = 50


def cap(decisions: Sequence[Decision], policy: Policy) -> tuple[Decision, ...]:
    """Turn the requests that are over MAX_REQUESTS_PER_RUN or MAX_REQUESTS_PER_DAY into waiting titles.

    An unread show (its seasons are not known yet) does not count against the caps. It is read before anything is
    sent. Fifty of them pass at a time, so that a long list is not planned once for each of its shows.
    """
    room, reached = _room(policy)
    if room is None:
        return tuple(decisions)
    capped: list[Decision] = []
    unread = UNREAD_SHOWS
    for decision in decisions:
        if not isinstance(decision, Request):
            capped.append(decision)
        elif _is_unread_show(decision) and room > 0 and unread > 0:
            unread -= 1
            capped.append(decision)
        elif room > 0 and not _is_unread_show(decision):
            room -= 1
            capped.append(decision)
        else:
            capped.append(Skip(decision.match, ItemStatus.WAITING, reached))
    return tuple(capped)


def _is_unread_show(request: Request) -> bool:
    return request.match.media_type is MediaType.TV and not request.seasons


def _room(policy: Policy) -> tuple[int | None, str]:
    rooms = []
    if policy.max_requests_per_run:
        left = max(0, policy.max_requests_per_run - policy.requested_in_run)
        words = f"MAX_REQUESTS_PER_RUN={policy.max_requests_per_run} is reached; asked for in a later run"
        rooms.append((left, words))
    if policy.max_requests_per_day:
        asked = policy.requested_today + policy.requested_in_run
        left = max(0, policy.max_requests_per_day - asked)
        rooms.append((left, policy.describe_full_day(max(asked, policy.max_requests_per_day))))
    return min(rooms, default=(None, ""), key=lambda room: room[0] if room[0] is not None else 0)
