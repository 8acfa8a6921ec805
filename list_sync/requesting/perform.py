"""One writer: the planned requests are sent one after the other, and each answer is written down.

Parallel POSTs make the servers lose rows (measured), so nothing here runs in parallel.
"""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from list_sync.errors import AnswerLost, RateLimited, ServiceError, ServiceUnavailable, SyncCancelled
from list_sync.model.decisions import Decision, ItemStatus, Request, RequestOutcome
from list_sync.model.journal import RequestState
from list_sync.model.progress import Progress, ProgressListener, Stage, ignore_progress
from list_sync.model.servers import AnswerKind, RequestAnswer, ServerRequest, TitleDetails
from list_sync.model.titles import MediaType, Quality
from list_sync.requesting.answers import UNSURE, outcome_of, state_after
from list_sync.requesting.gates import Gates
from list_sync.requesting.lost import is_asked_by, look_for

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 120.0
RATE_LIMIT_ATTEMPTS = 3


class Requester(Protocol):
    """The part of a media-request server that sending needs."""

    def create_request(
        self,
        *,
        media_type: MediaType,
        tmdb_id: int,
        quality: Quality,
        seasons: Sequence[int] = (),
        requester_id: int | None = None,
    ) -> RequestAnswer:
        """Send one request, once."""
        ...

    def find_details(self, media_type: MediaType, tmdb_id: int) -> TitleDetails | None:
        """Return what the server knows of a title."""
        ...


class Journal(Protocol):
    """Where every request is written down before it is sent, and its answer after."""

    def intend(self, request: Request) -> int:
        """Record that a request is about to be sent; return the number of the entry."""
        ...

    def settle(self, entry_id: int, *, state: RequestState, request_id: int | None = None, answer: str = "") -> None:
        """Record what became of it."""
        ...

    def flush(self) -> None:
        """Write everything to disk."""
        ...

    def mark(self, entry_ids: Collection[int], state: RequestState) -> None:
        """Record a state that was found out later."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that the server answered, by its entry in the journal."""

    entry_id: int
    request: Request
    answer: RequestAnswer


@dataclass(slots=True)
class Performance:
    """What became of the decisions, in their order, and what stopped the sending early, if anything did.

    `sent` holds, by place in `outcomes`, what the server says it has or may have: the part that is verified.
    `read_back` holds the rows that verifying saw.
    """

    outcomes: list[RequestOutcome] = field(default_factory=list)
    sent: dict[int, Sent] = field(default_factory=dict)
    read_back: list[ServerRequest] = field(default_factory=list)
    failure: ServiceError | None = None
    is_stopped: bool = False


def perform(
    decisions: Sequence[Decision],
    requester: Requester,
    journal: Journal,
    *,
    dry_run: bool,
    stop: threading.Event,
    gates: Gates | None = None,
    find_reason_to_wait: Callable[[], str | None] = lambda: None,
    on_progress: ProgressListener = ignore_progress,
) -> Performance:
    """Send every planned request and return all outcomes; a server that goes away ends the sending, not the run.

    `gates` are the refusals of the run so far; `find_reason_to_wait` is asked before each request.
    """
    writer = _Writer(requester, journal, stop, gates or Gates(), find_reason_to_wait)
    total = sum(1 for decision in decisions if isinstance(decision, Request))
    sent = 0
    for decision in decisions:
        if not isinstance(decision, Request):
            writer.done.outcomes.append(RequestOutcome(decision, decision.status, decision.reason))
        elif dry_run:
            outcome = RequestOutcome(decision, ItemStatus.WOULD_REQUEST, "would be requested; this is a dry run")
            writer.done.outcomes.append(outcome)
            _log(outcome)
        else:
            outcome = writer.send(decision)
            writer.done.outcomes.append(outcome)
            _log(outcome)
            sent += 1
            on_progress(Progress(Stage.REQUESTING, sent, total, decision.match.wanted.item.label))
    journal.flush()
    return writer.done


def _log(outcome: RequestOutcome) -> None:
    label = outcome.result.wanted.item.label
    logger.info("%s %s: %s", outcome.status.value, label, outcome.reason)


class _Writer:
    """Sends requests until the server, a gate or the stop event says otherwise."""

    def __init__(
        self,
        requester: Requester,
        journal: Journal,
        stop: threading.Event,
        gates: Gates,
        find_reason_to_wait: Callable[[], str | None],
    ) -> None:
        self._requester = requester
        self._journal = journal
        self._stop = stop
        self._gates = gates
        self._find_reason_to_wait = find_reason_to_wait
        self.done = Performance()

    def send(self, request: Request) -> RequestOutcome:
        refusal = self._gates.find_refusal(request)
        if refusal:
            return refusal
        if self.done.failure:
            reason = f"not sent, because {self.done.failure}; the next run takes over"
            return RequestOutcome(request, ItemStatus.WAITING, reason)
        if self._stop.is_set():
            return self._stopped(request)
        try:
            reason_to_wait = self._find_reason_to_wait()
        except ServiceError as error:
            return self._give_up(request, error)
        except SyncCancelled:
            return self._stopped(request)
        if reason_to_wait:
            return RequestOutcome(request, ItemStatus.WAITING, reason_to_wait)
        return self._send_and_settle(request)

    def _send_and_settle(self, request: Request) -> RequestOutcome:
        entry_id = self._journal.intend(request)
        try:
            answer = self._ask_until_answered(request)
        except ServiceUnavailable as error:
            # Whether it was carried out is not known: the entry stays open, and the next run looks for it first.
            return self._give_up(request, error)
        except SyncCancelled:
            self.done.is_stopped = True
            return RequestOutcome(request, ItemStatus.WAITING, "stopped before it was answered; the next run looks")
        except ServiceError as error:
            self._journal.settle(entry_id, state=RequestState.REFUSED, answer=str(error))
            return self._give_up(request, error)
        state = state_after(answer.kind)
        self._journal.settle(entry_id, state=state, request_id=answer.request_id, answer=answer.kind.value)
        self._gates.note(request, answer)
        if state is RequestState.ACCEPTED or answer.kind in UNSURE:
            self.done.sent[len(self.done.outcomes)] = Sent(entry_id, request, answer)
        return outcome_of(request, answer)

    def _stopped(self, request: Request) -> RequestOutcome:
        self.done.is_stopped = True
        return RequestOutcome(request, ItemStatus.WAITING, "not sent, because ListSync was stopped")

    def _give_up(self, request: Request, error: ServiceError) -> RequestOutcome:
        self.done.failure = error
        return RequestOutcome(request, ItemStatus.WAITING, f"{error}; the next run takes over")

    def _ask_until_answered(self, request: Request) -> RequestAnswer:
        try:
            return self._ask(request)
        except AnswerLost:
            search = look_for(request, self._requester, self._stop)
            if search.found:
                return _answer_found(search.found, request)
            if not search.is_absent:
                raise
        return self._ask(request)

    def _ask(self, request: Request) -> RequestAnswer:
        for attempt in range(1, RATE_LIMIT_ATTEMPTS + 1):
            try:
                return self._requester.create_request(
                    media_type=request.match.media_type,
                    tmdb_id=request.match.tmdb_id,
                    quality=request.quality,
                    seasons=request.seasons,
                    requester_id=request.requester_id,
                )
            except RateLimited as error:
                asked_for = 5.0 * attempt if error.retry_after is None else error.retry_after
                pause = min(asked_for, LONGEST_PAUSE_SECONDS)
                if attempt == RATE_LIMIT_ATTEMPTS or self._stop.wait(pause):
                    raise
        raise AssertionError("the loop above returns or raises")


def _answer_found(found: ServerRequest, request: Request) -> RequestAnswer:
    is_ours = is_asked_by(found, request.requester_id)
    kind, words = (AnswerKind.CREATED, "found after its answer was lost") if is_ours else (AnswerKind.DUPLICATE, "")
    return RequestAnswer(kind, words, found.request_id, found.status, found.seasons)
