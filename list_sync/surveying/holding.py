"""What holds requests back: caps of lists, the rest of new titles, and pauses; read only if there is a request."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from list_sync.model.decisions import Decision, Knowledge, OwnState, Request
from list_sync.model.limits import DAY, Limits, ListUse, QuotaKey, Target
from list_sync.model.moments import is_in_future, is_over
from list_sync.model.servers import Availability, RequestStatus
from list_sync.model.sources import ListKey
from list_sync.model.titles import QualityKey
from list_sync.surveying.pauses import Pauses
from list_sync.surveying.quotas import Quotas

_STANDING = (RequestStatus.PENDING, RequestStatus.APPROVED)
# With one of these, a request for a film or for all seasons has ended.
_ENDED = (Availability.AVAILABLE, Availability.DELETED, Availability.BLOCKLISTED)
_UNREAD = (OwnState.UNREAD, OwnState.UNSETTLED)


class Facts(Protocol):
    """Our records of lists and titles."""

    def load_requests_of_lists(self, lists: Collection[ListKey]) -> Iterable[tuple[ListKey, QualityKey, datetime]]:
        """Return every title that we requested for one of these lists, and when."""
        ...

    def load_first_seen(self, source: ListKey, titles: Collection[QualityKey]) -> Mapping[QualityKey, datetime]:
        """Return when each of these titles was first seen on a list."""
        ...

    def load_known_since(self) -> Mapping[QualityKey, datetime]:
        """Return since when titles are known that were not requested yet."""
        ...


class Holding:
    """What holds requests back in one run, as far as it was read."""

    def __init__(self, facts: Facts, pauses: Pauses, quotas: Quotas, *, is_oldest_first: bool, now: datetime) -> None:
        self._facts = facts
        self._pauses = pauses
        self._quotas = quotas
        self._is_oldest_first = is_oldest_first
        self._now = now
        self._limits = Limits()
        self._has_order = False
        self._checked: set[tuple[QualityKey, ListKey]] = set()
        self._targets: set[Target] = set()
        self._users: set[QuotaKey] = set()

    @property
    def known_since(self) -> Mapping[QualityKey, datetime]:
        """Return since when titles are known that were not requested yet, as far as it was read."""
        return self._limits.known_since

    def plan(self, make: Callable[[Limits], Sequence[Decision]], knowledge: Knowledge) -> Sequence[Decision]:
        """Return what `make` plans with everything that holds its requests back."""
        decisions = make(self._limits)
        while self._read_for([one for one in decisions if isinstance(one, Request)], knowledge):
            decisions = make(self._limits)
        return decisions

    def _read_for(self, requests: Sequence[Request], knowledge: Knowledge) -> bool:
        """Read what is not known yet for some requests; return whether that is anything."""
        before = self._limits
        if requests and self._is_oldest_first and not self._has_order:
            self._has_order = True
            self._limits = replace(self._limits, known_since=self._facts.load_known_since())
        self._read_lists(requests, knowledge)
        self._read_rests(requests)
        # What rests or is over a cap needs no call to Radarr, Sonarr or the server.
        if self._limits is before:
            self._read_pauses(requests)
        return self._limits is not before

    def _read_lists(self, requests: Sequence[Request], knowledge: Knowledge) -> None:
        sources = {request.list_ref for request in requests}
        capped = {one.key for one in sources if one.terms.max_open is not None or one.terms.max_new_per_day is not None}
        unread = capped - self._limits.lists.keys()
        if not unread:
            return
        asked: dict[ListKey, dict[QualityKey, datetime]] = {key: {} for key in unread}
        for source, title, at in self._facts.load_requests_of_lists(unread):
            asked[source][title] = at
        uses = {key: self._measure(titles, knowledge) for key, titles in asked.items()}
        self._limits = replace(self._limits, lists={**self._limits.lists, **uses})

    def _measure(self, titles: Mapping[QualityKey, datetime], knowledge: Knowledge) -> ListUse:
        lately = sorted(at for at in titles.values() if self._now - at < DAY and not is_in_future(at, now=self._now))
        return ListUse(tuple(lately), sum(is_open(key, knowledge) for key in titles))

    def _read_rests(self, requests: Sequence[Request]) -> None:
        resting = defaultdict(list)
        for request in requests:
            source = request.list_ref
            if source.terms.hold is not None and (request.quality_key, source.key) not in self._checked:
                self._checked.add((request.quality_key, source.key))
                resting[source].append(request)
        rests: dict[QualityKey, datetime] = {}
        for source, theirs in resting.items():
            first_seen = self._facts.load_first_seen(source.key, [request.quality_key for request in theirs])
            for request in theirs:
                since = self._find_beginning(request, source.key, first_seen.get(request.quality_key))
                hold = source.terms.hold or timedelta()
                if not is_over(since, hold, now=self._now):
                    rests[request.quality_key] = since + hold
        if rests:
            self._limits = replace(self._limits, rests={**self._limits.rests, **rests})

    def _read_pauses(self, requests: Sequence[Request]) -> None:
        if targets := dict.fromkeys(request.target for request in requests if request.target not in self._targets):
            self._targets.update(targets)
            if pauses := self._pauses.find_pauses(targets):
                self._limits = replace(self._limits, pauses={**self._limits.pauses, **pauses})
        if theirs := [request for request in requests if request.quota_key not in self._users]:
            self._users.update(request.quota_key for request in theirs)
            if quotas := self._quotas.find_quotas(theirs):
                self._limits = replace(self._limits, quotas={**self._limits.quotas, **quotas})

    def _find_beginning(self, request: Request, source: ListKey, first_seen: datetime | None) -> datetime:
        """Return since when a title is on a list: as its source states it, else as we saw it first, else now."""
        place = request.match.wanted.find_place(source)
        stated = place.added_at if place is not None else None
        if stated is not None and stated <= self._now:
            return stated
        return first_seen or self._now


def is_open(key: QualityKey, knowledge: Knowledge) -> bool:
    """Return whether a request of ours is neither fulfilled nor ended; one that was not read back yet is open."""
    kind, tmdb_id, quality = key
    state = knowledge.states.get((kind, tmdb_id))
    if state is None:
        own = knowledge.own.get(key)
        return own is not None and own.state in _UNREAD
    availability = state.availability_in(quality)
    if availability in _ENDED:
        return False
    statuses = [request.status for request in state.requests_in(quality)]
    return availability is Availability.PROCESSING or any(status in _STANDING for status in statuses)
