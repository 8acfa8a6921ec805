"""The caps on requests: which go now, and why the others wait and until when."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import inf

from list_sync.model.decisions import Decision, Policy, Request
from list_sync.model.limits import EVERYONE, DayCap, ListUse, Quota, describe_turn
from list_sync.model.moments import shown
from list_sync.model.sources import ListRef
from list_sync.model.titles import QualityKey, counted
from list_sync.planning.own_rules import hold

# So many unread shows pass beside the requests of a capped plan: most of them need no request.
UNREAD_SHOWS = 50


@dataclass(slots=True)
class _Cap:
    """One cap: how much it has left, and what people read of a title after `place` others that wait for it."""

    left: int
    describe: Callable[[int], str]
    place: int = 0


def cap(decisions: Sequence[Decision], policy: Policy, *, now: datetime | None = None) -> tuple[Decision, ...]:
    """Turn the requests that are over a cap, that rest, or that a pause holds back, into waiting titles.

    The titles that ListSync has known longest go first. One that is read first (a show without known seasons, or facts
    for filters) does not count against the caps. Fifty of them pass at a time, so that a long list is not planned once
    for each title.
    """
    capped = list(decisions)
    queue, known_since = _Queue(policy, now), policy.limits.known_since
    requests = [(place, one) for place, one in enumerate(decisions) if isinstance(one, Request)]
    for place, request in sorted(requests, key=lambda one: _seconds(one[1], known_since)):
        if reason := queue.find_reason_to_wait(request):
            capped[place] = hold(request, reason)
    return tuple(capped)


def in_turn(decisions: Sequence[Decision], known_since: Mapping[QualityKey, datetime]) -> list[Decision]:
    """Return the decisions with the requests among them in the order in which they go, those known longest first."""
    requests = [one for one in decisions if isinstance(one, Request)]
    turns = iter(sorted(requests, key=lambda one: _seconds(one, known_since)))
    return [next(turns) if isinstance(one, Request) else one for one in decisions]


def _seconds(request: Request, known_since: Mapping[QualityKey, datetime]) -> float:
    """Return since when a title is known, as a number; new titles come last, in their order."""
    since = known_since.get(request.quality_key)
    return inf if since is None else since.timestamp()


class _Queue:
    """The requests of one plan, and what each leaves of the caps for those behind it."""

    def __init__(self, policy: Policy, now: datetime | None) -> None:
        self._policy = policy
        self._now = now
        self._asked = Counter(policy.requested_in_run)
        self._listed = Counter(policy.listed_in_run)
        self._caps: dict[Hashable, _Cap] = {}
        self._unread = UNREAD_SHOWS

    def find_reason_to_wait(self, request: Request) -> str | None:
        """Return why a request waits; else count it against its caps and return None."""
        if reason := self._find_obstacle(request):
            return reason
        caps = list(self._find_caps(request))
        if not caps:
            return None
        if request.is_unread and self._unread > 0 and all(one.left > 0 for one, _ in caps):
            self._unread -= 1
            return None
        full, needed = next(((one, cost) for one, cost in caps if one.left < cost), (None, 1))
        if full is None and request.is_unread:
            full = min((one for one, _ in caps), key=lambda one: one.left)
        if full is not None:
            full.place += needed
            return full.describe(full.place - 1)
        for one, cost in caps:
            one.left -= cost
        self._asked[request.requester_id] += 1
        self._listed[request.list_ref.key] += 1
        return None

    def _find_obstacle(self, request: Request) -> str | None:
        limits = self._policy.limits
        if until := limits.rests.get(request.quality_key):
            return f"new on {request.list_ref.label}: it rests until {shown(until)} (hold)"
        if pause := limits.pauses.get(request.target):
            return pause
        quota = limits.quotas.get(request.quota_key)
        misfit = quota.describe_misfit(request.quota_cost) if quota else ""
        return f"{quota.reason}; {misfit}" if quota and misfit else None

    def _find_caps(self, request: Request) -> Iterator[tuple[_Cap, int]]:
        """Yield the caps that hold for a request, and how much it takes of each."""
        policy, user = self._policy, request.requester_id
        if policy.max_requests_per_run:
            yield self._get_cap("run", self._build_cap_of_run), 1
        for key in (EVERYONE, user):
            if day := policy.find_day_cap(key):
                yield self._get_cap(key, partial(self._build_cap_of_day, day)), 1
        source = request.list_ref
        if source.terms.max_new_per_day is not None:
            yield (
                self._get_cap((source, "day"), partial(self._build_cap_of_list, source, source.terms.max_new_per_day)),
                1,
            )
        if source.terms.max_open is not None:
            yield self._get_cap((source, "open"), partial(self._build_cap_of_open, source, source.terms.max_open)), 1
        kind = request.match.media_type
        if quota := policy.limits.quotas.get((user, kind)):
            yield self._get_cap((user, kind), partial(_build_cap_of_quota, quota)), request.quota_cost

    def _get_cap(self, key: Hashable, build: Callable[[], _Cap]) -> _Cap:
        if key not in self._caps:
            self._caps[key] = build()
        return self._caps[key]

    def _build_cap_of_run(self) -> _Cap:
        most = self._policy.max_requests_per_run
        name = self._policy.name_cap("per_run", "MAX_REQUESTS_PER_RUN")

        def describe(place: int) -> str:
            turn = "its turn comes in the next run" if place < most else f"its turn comes in {place // most + 1} runs"
            return f"{name}={most} is reached; {turn if self._policy.has_file else 'asked for in a later run'}"

        return _Cap(max(0, most - self._asked.total()), describe)

    def _build_cap_of_day(self, day: DayCap) -> _Cap:
        user = day.requester_id
        before = self._policy.requested_today.get(user, 0)

        def describe(place: int) -> str:
            in_run = self._count_in_run(user)
            now = self._now if self._policy.has_file else None
            return day.describe_full(max(before + in_run, day.most), place=place, in_run=in_run, now=now)

        return _Cap(max(0, day.most - before - self._count_in_run(user)), describe)

    def _count_in_run(self, user: int) -> int:
        return self._asked.total() if user == EVERYONE else self._asked[user]

    def _build_cap_of_list(self, source: ListRef, most: int) -> _Cap:
        asked_at = self._policy.limits.lists.get(source.key, ListUse()).asked_at

        def describe(place: int) -> str:
            in_run = self._listed[source.key]
            turn = "asked for in a later run"
            if self._now is not None:
                turn = describe_turn(most, asked_at, in_run=in_run, place=place, now=self._now)
            return f"max_new_per_day={most} of {source.label} is reached; {turn}"

        return _Cap(max(0, most - len(asked_at) - self._listed[source.key]), describe)

    def _build_cap_of_open(self, source: ListRef, most: int) -> _Cap:
        before = self._policy.limits.lists.get(source.key, ListUse()).open_requests

        def describe(place: int) -> str:
            total = before + self._listed[source.key]
            needed = min(total - most + place + 1, total)
            left = f"{needed} of its {counted(total, 'open request')}"
            return f"max_open={most} of {source.label} is reached; its turn comes when {left} are available"

        return _Cap(max(0, most - before - self._listed[source.key]), describe)


def _build_cap_of_quota(quota: Quota) -> _Cap:
    return _Cap(quota.room, lambda place: f"{quota.reason}; {quota.describe_turn(place)}")
