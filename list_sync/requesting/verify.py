"""After the writes: what the server said it took is read back, and what vanished is sent again.

The servers answer 201 and lose the row when POSTs of several clients overlap, and two clients that ask for one
title at the same moment both get 201 (both measured). Only reading back by title shows it: numbers are used twice.
"""

import random
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from list_sync.errors import LookupFailed, ServiceError, UnexpectedResponse
from list_sync.model.decisions import ItemStatus, Request, RequestOutcome, TitleKey
from list_sync.model.journal import RequestState
from list_sync.model.servers import AnswerKind, MediaState, ServerRequest
from list_sync.requesting.answers import UNSURE, outcome_of, state_after
from list_sync.requesting.identity import (
    as_found,
    by_title,
    find_double,
    find_live,
    find_made,
    has_nothing_left,
    told_number,
)
from list_sync.requesting.perform import Journal, Performance, Requester, Sent

MARGIN = 50
FEW_TITLES = 20
ROUNDS_ALONE = 1
ROUNDS_WITH_OTHERS = 10
QUIET_SECONDS = 1.0
LONGEST_WAIT_FOR_QUIET = 30
_WITHOUT_A_NUMBER = UNSURE | {AnswerKind.DUPLICATE}
_THERE_BY_ITS_WORD = frozenset({AnswerKind.DUPLICATE, AnswerKind.NOTHING_LEFT})


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


def verify(
    performance: Performance, server: Server, journal: Journal, *, workers: int, stop: threading.Event
) -> frozenset[int]:
    """Bring `performance` to the truth; return the journal's entries that are proven to be on the server.

    Alone on the server, a request that is absent after a full read is sent again once. While others write to it
    too, their transactions can swallow the second one as well, and a row a moment after it was read: what is read
    after a quiet moment counts, and up to ten rounds are made.
    """
    if not performance.sent:
        return frozenset()
    verification = _Verification(performance, server, journal, workers, stop)
    verification.look_once_quiet()
    verification.send_missing_again()
    verification.withdraw_doubles()
    performance.read_back += verification.rows()
    return verification.proven()


class _Verification:
    def __init__(
        self, performance: Performance, server: Server, journal: Journal, workers: int, stop: threading.Event
    ) -> None:
        self._performance = performance
        self._server = server
        self._journal = journal
        self._workers = workers
        self._stop = stop
        self._states: dict[TitleKey, MediaState] = {}
        self._others_write = False

    def look_once_quiet(self) -> None:
        """Read back; if others write at the same time, read again after a pause."""
        if not self._others_write:
            self._look()
        if self._others_write:
            self._wait_until_quiet()
            self._look()

    def _look(self) -> None:
        """Read the newest requests back, and more only if they do not settle every title."""
        take = len(self._performance.sent) + MARGIN
        # If no answer named a number, we made nothing that others' transactions could have undone.
        first = min(filter(None, map(told_number, self._performance.sent.values())), default=None)
        # A request that others made while our first was being sent has a number a little below it.
        rows = self._read_down_to(None if first is None else first - MARGIN, take)
        self._states = by_title(rows)
        self._others_write |= first is not None and any(self._find_foreign(rows, first))
        missing = [self._performance.sent[place] for place in self._missing()]
        if len(missing) <= FEW_TITLES and all(sent.answer.kind in _THERE_BY_ITS_WORD for sent in missing):
            self._look_at_pages(missing)
        if self._missing():
            self._look_at_everything()

    def _read_down_to(self, number: int | None, take: int) -> tuple[ServerRequest, ...]:
        """Return the newest requests: at least `take`, and down to a number."""
        rows = self._server.fetch_recent_requests(take)
        if number is not None and len(rows) == take and rows[-1].request_id > number:
            return self._server.fetch_recent_requests(rows[0].request_id - number + MARGIN)
        return rows

    def _find_foreign(self, rows: Sequence[ServerRequest], first: int) -> Iterator[ServerRequest]:
        """Yield what others made since our first request, though our numbers may be wrong."""
        told = defaultdict(list)
        for sent in self._performance.sent.values():
            told[sent.answer.request_id].append(sent)
        for row in rows:
            if row.request_id >= first and not any(find_made([row], sent) for sent in told[row.request_id]):
                yield row

    def _look_at_pages(self, missing: Sequence[Sent]) -> None:
        """Read the pages of titles that the server says it has: their requests may be older than the newest ones."""
        for sent in missing:
            try:
                details = self._server.find_details(*sent.request.title_key)
            except (LookupFailed, UnexpectedResponse):
                continue
            if details:
                self._states[sent.request.title_key] = details.state

    def _look_at_everything(self) -> None:
        states = self._server.fetch_states(workers=self._workers)
        sent_titles = (sent.request.title_key for sent in self._performance.sent.values())
        self._states = {key: states[key] for key in sent_titles if key in states}

    def _missing(self) -> list[int]:
        return [place for place, sent in self._performance.sent.items() if not self._is_there(sent)]

    def _is_there(self, sent: Sent) -> bool:
        if sent.answer.kind is AnswerKind.NOTHING_LEFT:
            state = self._states.get(sent.request.title_key) or MediaState(*sent.request.title_key)
            return has_nothing_left(state, sent)
        return self._find(sent) is not None

    def _find(self, sent: Sent) -> ServerRequest | None:
        state = self._states.get(sent.request.title_key)
        rows = state.requests if state else ()
        return find_made(rows, sent) or find_live(rows, sent)

    def send_missing_again(self) -> None:
        for _ in range(ROUNDS_WITH_OTHERS if self._others_write else ROUNDS_ALONE):
            missing = self._missing()
            if not missing:
                break
            for place in missing:
                if self._stop.is_set() or self._performance.failure:
                    return
                self._send_again(place)
            self.look_once_quiet()
        for place in self._missing():
            self._give_up(place)
        self._adopt_what_is_there()

    def _give_up(self, place: int) -> None:
        sent = self._performance.sent[place]
        if sent.answer.kind is AnswerKind.CREATED:
            reason = "the server said that it took the request, twice, and does not have it"
            self._let_go(place, RequestState.LOST, ItemStatus.REQUEST_FAILED, reason)
        else:
            outcome = outcome_of(sent.request, sent.answer)
            self._forget(place, outcome.status, outcome.reason)

    def _adopt_what_is_there(self) -> None:
        """Correct our outcomes by the server's list, which counts more than its answers."""
        for place, sent in list(self._performance.sent.items()):
            self._adopt(place, sent)

    def _adopt(self, place: int, sent: Sent) -> None:
        """Take the number of the request that stands, if the answer had none; one with another number is not ours."""
        found = self._find(sent)
        if found and sent.answer.kind in _WITHOUT_A_NUMBER:
            self._keep(place, as_found(sent, found))
        elif found and sent.answer.kind is AnswerKind.CREATED and not find_made([found], sent):
            reason = f"the server lost our request, and has request {found.request_id} for the same"
            self._let_go(place, RequestState.LOST, ItemStatus.ALREADY_REQUESTED, reason, found)

    def _wait_until_quiet(self) -> None:
        # Compare the whole row, because a number that was rolled back is given to another request.
        newest: tuple[ServerRequest, ...] | None = None
        for _ in range(LONGEST_WAIT_FOR_QUIET):
            rows = self._server.fetch_recent_requests(1)
            if rows == newest:
                return
            newest = rows
            # Not the same pause for everyone, or two that wait for each other would go on at the same moment.
            if self._stop.wait(QUIET_SECONDS * random.uniform(1.0, 2.0)):
                return

    def _send_again(self, place: int) -> None:
        sent = self._performance.sent[place]
        try:
            details = self._server.find_details(*sent.request.title_key)
            if details:
                self._states[sent.request.title_key] = details.state
            if self._is_there(sent):
                self._adopt(place, sent)
                return
            self._journal.mark([sent.entry_id], RequestState.LOST)
            self._post_again(place, sent.request)
        except ServiceError as error:
            self._performance.failure = error
            self._forget(place, ItemStatus.WAITING, f"the server lost it, and then: {error}; the next run takes over")

    def _post_again(self, place: int, request: Request) -> None:
        entry_id = self._journal.intend(request)
        answer = self._server.create_request(
            media_type=request.match.media_type,
            tmdb_id=request.match.tmdb_id,
            quality=request.quality,
            seasons=request.seasons,
            requester_id=request.requester_id,
        )
        state = state_after(answer.kind)
        self._journal.settle(entry_id, state=state, request_id=answer.request_id, answer=answer.kind.value)
        if state is RequestState.ACCEPTED or answer.kind in UNSURE:
            self._keep(place, Sent(entry_id, request, answer))
        else:
            self._forget(place, outcome_of(request, answer).status, outcome_of(request, answer).reason)

    def _keep(self, place: int, sent: Sent) -> None:
        self._performance.sent[place] = sent
        self._performance.outcomes[place] = outcome_of(sent.request, sent.answer)

    def _let_go(
        self, place: int, state: RequestState, status: ItemStatus, reason: str, found: ServerRequest | None = None
    ) -> None:
        """Record that a request of ours is gone, and what the server has in its place."""
        self._journal.mark([self._performance.sent[place].entry_id], state)
        self._forget(place, status, reason, found)

    def _forget(self, place: int, status: ItemStatus, reason: str, found: ServerRequest | None = None) -> None:
        request = self._performance.sent.pop(place).request
        self._performance.outcomes[place] = RequestOutcome(request, status, reason, found.request_id if found else None)

    def proven(self) -> frozenset[int]:
        """Return the entries whose request was seen, which leaves out what a failure kept from being sent again."""
        missing = set(self._missing())
        return frozenset(sent.entry_id for place, sent in self._performance.sent.items() if place not in missing)

    def rows(self) -> list[ServerRequest]:
        """Return what the server showed of the requested titles."""
        asked = {one.decision.title_key for one in self._performance.outcomes if isinstance(one.decision, Request)}
        return [row for title, state in self._states.items() if title in asked for row in state.requests]

    def withdraw_doubles(self) -> None:
        """Withdraw our request if another for the same came first; the lowest number stays."""
        doubles = {place: found for place, sent in self._performance.sent.items() if (found := self._find_double(sent))}
        for place, (made, first) in doubles.items():
            sent = self._performance.sent[place]
            try:
                self._withdraw_unless_changed(place, sent, made, first)
            except ServiceError as error:
                self._tell_of_double(place, sent, made.request_id, first, error)

    def _withdraw_unless_changed(self, place: int, sent: Sent, made: ServerRequest, first: ServerRequest) -> None:
        """Read both requests once more, and withdraw ours by its number only if neither changed."""
        title = sent.request.title_key
        rows = self._read_down_to(first.request_id, made.request_id - first.request_id + MARGIN)
        self._states[title] = by_title(rows).get(title) or MediaState(*title)
        double = self._find_double(sent)
        if double:
            self._withdraw(place, sent, double[0].request_id, double[1])
        elif self._is_there(sent):
            self._adopt(place, sent)
        else:
            self._send_again(place)

    def _withdraw(self, place: int, sent: Sent, number: int, first: ServerRequest) -> None:
        try:
            self._server.delete_request(number)
        except ServiceError as error:
            self._tell_of_double(place, sent, number, first, error)
            return
        state = self._states[sent.request.title_key]
        left = [row for row in state.requests if row.request_id != number]
        self._states[sent.request.title_key] = state.with_requests(left)
        reason = f"request {first.request_id} came first; our request {number} was taken back"
        self._let_go(place, RequestState.WITHDRAWN, ItemStatus.ALREADY_REQUESTED, reason, first)

    def _tell_of_double(self, place: int, sent: Sent, number: int, first: ServerRequest, error: ServiceError) -> None:
        reason = f"request {number} made, beside request {first.request_id} for the same; not taken back: {error}"
        self._performance.outcomes[place] = RequestOutcome(sent.request, ItemStatus.REQUESTED, reason, number)

    def _find_double(self, sent: Sent) -> tuple[ServerRequest, ServerRequest] | None:
        state = self._states.get(sent.request.title_key)
        return find_double(state.requests, sent) if state else None
