"""After the writes: what the server said it took is read back, and what vanished is sent again.

The servers answer 201 and lose the row when POSTs of several clients overlap, and two clients that ask for one
title at the same moment both get 201 (both measured). Nothing but reading back tells.
"""

import random
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from list_sync.errors import ServiceError
from list_sync.model.decisions import ItemStatus, Request, RequestOutcome, TitleKey
from list_sync.model.server_state import AnswerKind, MediaState, RequestAnswer, RequestStatus, ServerRequest
from list_sync.requesting.answers import ACCEPTED, UNSURE, outcome_of, state_after
from list_sync.requesting.lost import find_request
from list_sync.requesting.perform import Journal, Performance, Requester, Sent

MARGIN = 50
ROUNDS_ALONE = 1
ROUNDS_WITH_OTHERS = 6
QUIET_SECONDS = 1.0
LONGEST_WAIT_FOR_QUIET = 30

_WITHOUT_A_NUMBER = UNSURE | {AnswerKind.DUPLICATE}

Requests = Mapping[TitleKey, Collection[ServerRequest]]


class Server(Requester, Protocol):
    """The part of a media-request server that verifying needs."""

    def fetch_recent_requests(self, take: int) -> tuple[ServerRequest, ...]:
        """Return the newest requests."""
        ...

    def fetch_states(self, *, workers: int = 5) -> Mapping[TitleKey, MediaState]:
        """Return everything that the server knows."""
        ...

    def delete_request(self, request_id: int) -> bool:
        """Withdraw a request; False when it is gone already."""
        ...


class VerifiedJournal(Journal, Protocol):
    """The journal, with the last word on entries."""

    def mark(self, entry_ids: Collection[int], state: str) -> None:
        """Record the last word on some entries."""
        ...


def verify(
    performance: Performance, server: Server, journal: VerifiedJournal, *, workers: int, stop: threading.Event
) -> frozenset[int]:
    """Bring `performance` to the truth; return the journal's entries that are proven to be on the server.

    Alone on the server, a request that is absent after a full read is sent again once. While others write to it
    too, their transactions can swallow the second one as well, so up to six rounds are made, each after a quiet
    moment.
    """
    if not performance.sent:
        return frozenset()
    verification = _Verification(performance, server, journal, workers, stop)
    verification.look()
    verification.send_missing_again()
    verification.withdraw_doubles()
    return verification.proven()


class _Verification:
    def __init__(
        self, performance: Performance, server: Server, journal: VerifiedJournal, workers: int, stop: threading.Event
    ) -> None:
        self._performance = performance
        self._server = server
        self._journal = journal
        self._workers = workers
        self._stop = stop
        self._requests: Requests = {}
        self._others_write = False

    def look(self) -> None:
        own = {sent.answer.request_id for sent in self._performance.sent.values() if sent.answer.request_id}
        take = len(self._performance.sent) + MARGIN
        rows = self._server.fetch_recent_requests(take)
        first = min(own, default=0)
        self._others_write = any(row.request_id > first and row.request_id not in own for row in rows)
        self._requests = _by_title(rows)
        reaches_back = len(rows) < take or min(row.request_id for row in rows) <= first
        if self._missing() or (self._others_write and not reaches_back):
            self._look_at_everything()

    def _look_at_everything(self) -> None:
        states = self._server.fetch_states(workers=self._workers)
        wanted = {sent.request.title_key for sent in self._performance.sent.values()}
        self._requests = {key: states[key].requests for key in wanted if key in states}

    def _missing(self) -> list[int]:
        return [
            place
            for place, sent in self._performance.sent.items()
            if sent.answer.kind is not AnswerKind.NOTHING_LEFT and self._find(sent) is None
        ]

    def _find(self, sent: Sent) -> ServerRequest | None:
        shown = self._requests.get(sent.request.title_key, ())
        return find_request(shown, is_4k=sent.request.is_4k, seasons=_seasons(sent))

    def send_missing_again(self) -> None:
        for _ in range(ROUNDS_WITH_OTHERS if self._others_write else ROUNDS_ALONE):
            missing = self._missing()
            if not missing:
                break
            if self._others_write:
                self._wait_until_quiet()
            for place in missing:
                if self._stop.is_set() or self._performance.failure:
                    return
                self._send_again(place)
            self._look_at_everything()
        for place in self._missing():
            self._give_up(place)
        self._adopt_what_is_there()

    def _give_up(self, place: int) -> None:
        sent = self._performance.sent[place]
        if sent.answer.kind in UNSURE:
            outcome = outcome_of(sent.request, sent.answer)
            self._forget(place, outcome.status, outcome.reason)
            return
        self._journal.mark([sent.entry_id], "lost")
        reason = "the server said that it took the request, twice, and does not have it"
        self._forget(place, ItemStatus.REQUEST_FAILED, reason)

    def _adopt_what_is_there(self) -> None:
        """Believe the server's list rather than its refusal, and take the number of somebody else's request from it."""
        for place, sent in self._performance.sent.items():
            found = self._find(sent)
            if sent.answer.kind in _WITHOUT_A_NUMBER and found:
                self._keep(place, _as_found(sent, found))

    def _wait_until_quiet(self) -> None:
        newest = -1
        for _ in range(LONGEST_WAIT_FOR_QUIET):
            rows = self._server.fetch_recent_requests(1)
            if rows and rows[0].request_id == newest:
                return
            newest = rows[0].request_id if rows else -1
            # Not the same pause for everyone, or two that wait for each other would go on at the same moment.
            if self._stop.wait(QUIET_SECONDS * random.uniform(1.0, 2.0)):
                return

    def _send_again(self, place: int) -> None:
        request, earlier = self._performance.sent[place].request, self._performance.sent[place].entry_id
        try:
            details = self._server.find_details(request.match.media_type, request.match.tmdb_id)
            known = details.state.requests if details else ()
            found = find_request(known, is_4k=request.is_4k, seasons=request.seasons)
            if found:
                self._keep(place, _as_found(self._performance.sent[place], found))
                return
            self._journal.mark([earlier], "lost")
            self._post_again(place, request)
        except ServiceError as error:
            self._performance.failure = error
            self._forget(place, ItemStatus.WAITING, f"the server lost it, and then: {error}; the next run takes over")

    def _post_again(self, place: int, request: Request) -> None:
        entry_id = self._journal.intend(request)
        answer = self._server.create_request(
            media_type=request.match.media_type,
            tmdb_id=request.match.tmdb_id,
            is_4k=request.is_4k,
            seasons=request.seasons,
            requester_id=request.requester_id,
        )
        state = state_after(answer.kind)
        self._journal.settle(entry_id, state=state, request_id=answer.request_id, answer=answer.kind.value)
        if state == ACCEPTED or answer.kind in UNSURE:
            self._keep(place, Sent(entry_id, request, answer))
        else:
            self._forget(place, outcome_of(request, answer).status, outcome_of(request, answer).reason)

    def _keep(self, place: int, sent: Sent) -> None:
        self._performance.sent[place] = sent
        self._performance.outcomes[place] = outcome_of(sent.request, sent.answer)

    def _forget(self, place: int, status: ItemStatus, reason: str) -> None:
        request = self._performance.sent.pop(place).request
        self._performance.outcomes[place] = RequestOutcome(request, status, reason)

    def proven(self) -> frozenset[int]:
        """Return the entries whose request was seen, which leaves out what a failure kept from being sent again."""
        missing = set(self._missing())
        return frozenset(sent.entry_id for place, sent in self._performance.sent.items() if place not in missing)

    def withdraw_doubles(self) -> None:
        """Take back our request where somebody else's for the same thing came first; the lowest number stays."""
        for place, sent in self._performance.sent.items():
            number = sent.answer.request_id
            first = self._find(sent)
            if sent.answer.kind is not AnswerKind.CREATED or number is None or first is None:
                continue
            if first.request_id < number and _covers(first, sent):
                self._withdraw(place, sent, number, first)

    def _withdraw(self, place: int, sent: Sent, number: int, first: ServerRequest) -> None:
        try:
            self._server.delete_request(number)
        except ServiceError as error:
            reason = f"request {number} made, beside request {first.request_id} for the same; not taken back: {error}"
            self._performance.outcomes[place] = RequestOutcome(sent.request, ItemStatus.REQUESTED, reason, number)
            return
        reason = f"request {first.request_id} came first; our request {number} was taken back"
        self._performance.sent[place] = _as_found(sent, first)
        self._performance.outcomes[place] = RequestOutcome(
            sent.request, ItemStatus.ALREADY_REQUESTED, reason, first.request_id
        )


def _as_found(sent: Sent, found: ServerRequest) -> Sent:
    answer = RequestAnswer(AnswerKind.DUPLICATE, "", found.request_id, found.status, found.seasons)
    return Sent(sent.entry_id, sent.request, answer)


def _by_title(rows: Iterable[ServerRequest]) -> Requests:
    by_title: dict[TitleKey, list[ServerRequest]] = defaultdict(list)
    for row in rows:
        by_title[(row.media_type, row.tmdb_id)].append(row)
    return by_title


def _seasons(sent: Sent) -> Collection[int]:
    return sent.answer.seasons or sent.request.seasons


def _covers(other: ServerRequest, sent: Sent) -> bool:
    is_live = other.status is not RequestStatus.DECLINED
    return is_live and (not sent.request.seasons or frozenset(_seasons(sent)) <= other.seasons)
