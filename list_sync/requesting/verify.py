"""After sending: read back what the server says it accepted, and send again what it lost.

The servers answer 201 and lose the row when POSTs of several clients overlap, and two clients that ask for one
title at the same moment both get 201 (both measured). Only reading back by title shows it: numbers are used twice.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from list_sync.errors import AnswerLost, LookupFailed, ServiceError, SyncCancelled, UnexpectedResponse
from list_sync.model.answers import MEANINGS, outcome_of
from list_sync.model.decisions import ItemStatus, Request, RequestOutcome
from list_sync.model.journal import RequestState
from list_sync.model.runs import Progress, ProgressListener, Stage, ignore_progress
from list_sync.model.servers import AnswerKind, MediaState, RequestAnswer, ServerRequest
from list_sync.model.titles import TitleKey
from list_sync.requesting.identity import (
    Sent,
    by_title,
    describe_adopted,
    find_difference,
    find_double,
    find_live,
    find_made,
    has_nothing_left,
)
from list_sync.requesting.lost import MARGIN, fetch_down_to
from list_sync.requesting.sender import Batch, Sender
from list_sync.requesting.withdraw import withdraw

logger = logging.getLogger(__name__)

FEW_TITLES = 20
ROUNDS_ALONE = 1
ROUNDS_WITH_OTHERS = 10
QUIET_SECONDS = 1.0
LONGEST_WAIT_FOR_QUIET = 30


def verify(batch: Batch, sender: Sender, *, workers: int, on_progress: ProgressListener = ignore_progress) -> None:
    """Correct a batch by what the server has, and note what was read; an error of the server ends the sending.

    Alone on the server, a request that is absent after a full read is sent again once. While others write to it
    too, their transactions can undo the second one as well, and a row a moment after it was read: what is read
    after a quiet moment counts, and up to ten rounds are made.
    """
    total = len(batch.sent)
    on_progress(Progress(Stage.VERIFYING, 0, total))
    if total:
        try:
            _Verification(batch, sender, workers).run()
        except (ServiceError, SyncCancelled) as error:
            sender.end(error)
            return
    on_progress(Progress(Stage.VERIFYING, total, total))


class _Verification:
    def __init__(self, batch: Batch, sender: Sender, workers: int) -> None:
        self._batch = batch
        self._sender = sender
        self._server = sender.server
        self._journal = sender.journal
        self._workers = workers
        self._states: dict[TitleKey, MediaState] = {}
        self._others_write = False

    def run(self) -> None:
        self._look_once_quiet()
        self._send_missing_again()
        self._withdraw_doubles()
        self._tell_differences()
        asked = {one.decision.title_key for one in self._batch.outcomes if isinstance(one.decision, Request)}
        self._batch.read_back = [row for key, state in self._states.items() if key in asked for row in state.requests]
        # This leaves out what a failure kept from being sent again.
        missing = set(self._missing())
        self._batch.proven = frozenset(one.entry_id for place, one in self._batch.sent.items() if place not in missing)

    def _look_once_quiet(self) -> None:
        """Read back; if others write at the same time, read again after a pause."""
        if not self._others_write:
            self._look()
        if self._others_write:
            self._wait_until_quiet()
            self._look()

    def _look(self) -> None:
        """Read the newest requests back, and more only if they do not settle every title."""
        take = len(self._batch.sent) + MARGIN
        # If no answer named a number, there is no request of ours that others' transactions could have undone.
        first = min(filter(None, (sent.identity.request_id for sent in self._batch.sent.values())), default=None)
        # A request that others made while our first was being sent has a number a little below it.
        rows = fetch_down_to(None if first is None else first - MARGIN, take, self._server)
        self._states = by_title(rows)
        self._others_write |= first is not None and any(self._find_foreign(rows, first))
        missing = [self._batch.sent[place] for place in self._missing()]
        if len(missing) <= FEW_TITLES and all(_has_no_number(sent) for sent in missing):
            self._look_at_pages(missing)
        if self._missing():
            self._look_at_everything()

    def _find_foreign(self, rows: Sequence[ServerRequest], first: int) -> Iterator[ServerRequest]:
        """Yield what others made since our first request, though our numbers may be wrong."""
        told = defaultdict(list)
        for sent in self._batch.sent.values():
            told[sent.answer.request_id].append(sent)
        for row in rows:
            if row.request_id >= first and not any(find_made([row], sent) for sent in told[row.request_id]):
                yield row

    def _look_at_pages(self, missing: Sequence[Sent]) -> None:
        """Read the pages of titles that the server says it has: their requests may be older than the newest ones."""
        for sent in missing:
            try:
                self._read_page(sent)
            except (LookupFailed, UnexpectedResponse):
                continue

    def _read_page(self, sent: Sent) -> None:
        details = self._server.find_details(*sent.request.title_key)
        if details:
            self._states[sent.request.title_key] = details.state

    def _look_at_everything(self) -> None:
        states = self._server.fetch_states(workers=self._workers)
        sent_titles = (sent.request.title_key for sent in self._batch.sent.values())
        self._states = {key: states[key] for key in sent_titles if key in states}

    def _missing(self) -> list[int]:
        return [place for place, sent in self._batch.sent.items() if not self._is_there(sent)]

    def _state_of(self, sent: Sent) -> MediaState:
        return self._states.get(sent.request.title_key) or MediaState(*sent.request.title_key)

    def _is_there(self, sent: Sent) -> bool:
        if sent.answer.kind is AnswerKind.NOTHING_LEFT:
            return has_nothing_left(self._state_of(sent), sent)
        return self._find(sent) is not None

    def _find(self, sent: Sent) -> ServerRequest | None:
        rows = self._state_of(sent).requests
        return find_made(rows, sent) or find_live(rows, sent)

    def _wait_until_quiet(self) -> None:
        # Compare the whole row, because a number that was rolled back is given to another request.
        newest: tuple[ServerRequest, ...] | None = None
        for _ in range(LONGEST_WAIT_FOR_QUIET):
            rows = self._server.fetch_recent_requests(1)
            if rows == newest:
                return
            newest = rows
            # A random pause, because two programs that wait for each other would continue at the same moment.
            if self._sender.stop.wait(QUIET_SECONDS * random.uniform(1.0, 2.0)):  # noqa: S311 (no secret)
                return

    def _send_missing_again(self) -> None:
        for _ in range(ROUNDS_WITH_OTHERS if self._others_write else ROUNDS_ALONE):
            missing = self._missing()
            if not missing:
                break
            for place in missing:
                if self._sender.stop.is_set() or self._sender.failure:
                    return
                self._send_again(place)
            self._look_once_quiet()
        for place in self._missing():
            self._give_up(place)
        # The server's list counts more than its answers.
        for place in list(self._batch.sent):
            self._adopt(place)

    def _send_again(self, place: int) -> None:
        """Send a missing request again, unless the page of its title shows it."""
        sent = self._batch.sent[place]
        try:
            self._read_page(sent)
        except ServiceError as error:
            self._sender.failure = error
            reason = f"the server lost it, and then: {error}; the next run takes over"
            self._batch.replace(place, RequestOutcome(sent.request, ItemStatus.WAITING, reason))
            return
        if self._is_there(sent):
            self._adopt(place)
            return
        self._journal.mark([sent.entry_id], RequestState.LOST, "absent when it was read back")
        self._sender.gates.reopen(sent.request)
        self._batch.replace(place, *self._sender.send(sent.request))

    def _give_up(self, place: int) -> None:
        sent = self._batch.sent[place]
        if sent.answer.kind is AnswerKind.CREATED:
            reason = "the server accepted the request twice and does not have it"
            self._let_go(place, RequestState.LOST, RequestOutcome(sent.request, ItemStatus.REQUEST_FAILED, reason))
        else:
            self._batch.replace(place, outcome_of(sent.request, sent.answer))

    def _adopt(self, place: int) -> None:
        """Take the request that the server has for the title, if it does not have ours."""
        sent = self._batch.sent[place]
        found = self._find(sent)
        kind = sent.answer.kind
        if not found or kind is AnswerKind.NOTHING_LEFT or find_made([found], sent):
            return
        if kind is AnswerKind.CREATED:
            reason = f"the server lost our request, and has request {found.request_id} for the same"
            outcome = RequestOutcome(sent.request, ItemStatus.ALREADY_REQUESTED, reason, found.request_id)
            self._let_go(place, RequestState.LOST, outcome)
        elif sent.answer.request_id != found.request_id:
            answer = RequestAnswer(AnswerKind.DUPLICATE, "", found.request_id, found.status, found.seasons)
            self._journal.mark([sent.entry_id], RequestState.ACCEPTED, describe_adopted(found))
            self._batch.replace(place, outcome_of(sent.request, answer), Sent(sent.entry_id, sent.request, answer))

    def _let_go(self, place: int, state: RequestState, outcome: RequestOutcome) -> None:
        """Record that a request of ours is gone, and why."""
        self._journal.mark([self._batch.sent[place].entry_id], state, outcome.reason)
        self._batch.replace(place, outcome)

    def _withdraw_doubles(self) -> None:
        """Withdraw our request if another for the same came first; the lowest number stays."""
        for place, sent in list(self._batch.sent.items()):
            double = find_double(self._state_of(sent).requests, sent)
            if double:
                self._withdraw(place, *double)

    def _tell_differences(self) -> None:
        """Say where the server made something else of a request; it is never sent again for that."""
        for place, sent in self._batch.sent.items():
            made = find_made(self._state_of(sent).requests, sent)
            difference = find_difference(made, sent.request.options, sent.request.approval) if made else ""
            if made and difference:
                outcome = self._batch.outcomes[place]
                self._batch.outcomes[place] = replace(outcome, reason=f"{outcome.reason}; {difference}")
                logger.warning("request %d for %s: %s", made.request_id, sent.request.match.label, difference)

    def _withdraw(self, place: int, made: ServerRequest, first: ServerRequest) -> None:
        """Read both requests once more, and withdraw ours only if neither changed."""
        sent = self._batch.sent[place]
        title, number = sent.request.title_key, made.request_id
        try:
            take = number - first.request_id + MARGIN
            rows = fetch_down_to(first.request_id, take, self._server)
            self._states[title] = by_title(rows).get(title) or MediaState(*title)
            double = find_double(self._states[title].requests, sent)
            if double is None:
                self._settle_changed(place)
                return
            made, first = double
            because = f"request {first.request_id} came first"
            withdraw(made, sent.entry_id, sent.identity, self._server, self._journal, because=because)
        except ServiceError as error:
            reason = f"request {number} made, beside request {first.request_id} for the same; not withdrawn: {error}"
            outcome = RequestOutcome(sent.request, ItemStatus.REQUESTED, reason, number)
            # Without an answer, it is not known whether ours was withdrawn: the entry of the journal stays open.
            self._batch.replace(place, outcome, None if isinstance(error, AnswerLost) else sent)
            return
        left = [row for row in self._states[title].requests if row is not made]
        self._states[title] = self._states[title].with_requests(left)
        reason = f"{because}; our request {number} was withdrawn"
        self._batch.replace(place, RequestOutcome(sent.request, ItemStatus.ALREADY_REQUESTED, reason, first.request_id))

    def _settle_changed(self, place: int) -> None:
        if self._is_there(self._batch.sent[place]):
            self._adopt(place)
        else:
            self._send_again(place)


def _has_no_number(sent: Sent) -> bool:
    """Return whether the server says that it has the title, without naming a request of ours."""
    return sent.answer.kind is not AnswerKind.CREATED and MEANINGS[sent.answer.kind].is_sure
