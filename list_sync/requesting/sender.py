"""Send requests: the only module that does, for first requests and for those that verifying sends again.

Parallel POSTs make the servers lose rows (measured), so requests are sent one after the other.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import AnswerLost, ListSyncError, RateLimited, ServiceError, ServiceUnavailable, SyncCancelled
from list_sync.log import about
from list_sync.model.answers import MEANINGS, outcome_of
from list_sync.model.decisions import Decision, ItemStatus, Request, RequestOutcome
from list_sync.model.journal import RequestState
from list_sync.model.runs import Progress, ProgressListener, Stage, ignore_progress
from list_sync.model.servers import AnswerKind, RequestAnswer, ServerRequest
from list_sync.requesting.gates import Gates
from list_sync.requesting.identity import Sent, is_asked_by
from list_sync.requesting.lost import look_for
from list_sync.storage.journal import RequestJournal

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 120.0
RATE_LIMIT_ATTEMPTS = 3


@dataclass(slots=True)
class Batch:
    """The outcomes of some decisions, in their order.

    `sent` holds, by place in `outcomes`, the requests that the server says it has or may have; these are verified.
    `read_back` holds the rows that verifying read, `proven` the journal's entries that it saw on the server.
    """

    outcomes: list[RequestOutcome] = field(default_factory=list)
    sent: dict[int, Sent] = field(default_factory=dict)
    read_back: list[ServerRequest] = field(default_factory=list)
    proven: frozenset[int] = frozenset()

    def replace(self, place: int, outcome: RequestOutcome, sent: Sent | None = None) -> None:
        """Replace the outcome at a place, and what was sent for it."""
        self.outcomes[place] = outcome
        if sent:
            self.sent[place] = sent
        else:
            self.sent.pop(place, None)


class Sender:
    """Sends the requests of one run until the server, a refusal or the stop event prevents it.

    `find_reason_to_wait` is called before each request. `failure` is the error of a service that ended the sending
    early.
    """

    def __init__(
        self,
        server: OverseerrClient,
        journal: RequestJournal,
        *,
        stop: threading.Event,
        find_reason_to_wait: Callable[[Request], str | None] = lambda _request: None,
    ) -> None:
        self.server = server
        self.journal = journal
        self.stop = stop
        self.gates = Gates(server)
        self._batches: list[Batch] = []
        self.failure: ServiceError | None = None
        self.is_stopped = False
        self._find_reason_to_wait = find_reason_to_wait
        self._held_back: Counter[str] = Counter()

    @property
    def error(self) -> ListSyncError | None:
        """Return the error that ended the sending early, also if it was a stop."""
        stopped = SyncCancelled("stopped before every request was sent") if self.is_stopped else None
        return self.failure or stopped

    @property
    def made(self) -> Counter[int]:
        """Return how many requests the server created in this run, by requester."""
        sent = [sent for batch in self._batches for sent in batch.sent.values()]
        return Counter(one.request.requester_id for one in sent if one.answer.kind is AnswerKind.CREATED)

    @property
    def counted(self) -> list[Request]:
        """Return the requests of this run that count against caps."""
        outcomes = [outcome for batch in self._batches for outcome in batch.outcomes if outcome.uses_caps]
        return [outcome.decision for outcome in outcomes if isinstance(outcome.decision, Request)]

    @property
    def read_back(self) -> list[ServerRequest]:
        """Return what was read after the requests were made."""
        return [row for batch in self._batches for row in batch.read_back]

    def confirm(self, told: frozenset[int]) -> None:
        """Mark recorded requests as confirmed; otherwise the next run would look for them again."""
        proven = told.union(*(batch.proven for batch in self._batches))
        self.journal.mark(proven, RequestState.CONFIRMED)

    def send_all(
        self, decisions: Sequence[Decision], *, dry_run: bool, on_progress: ProgressListener = ignore_progress
    ) -> Batch:
        """Send every planned request and return all outcomes; a server that fails ends the sending, not the run."""
        batch = Batch()
        total = sum(isinstance(decision, Request) for decision in decisions)
        done = 0
        for place, decision in enumerate(decisions):
            sent = None
            if not isinstance(decision, Request):
                outcome = RequestOutcome(decision, decision.status, decision.reason)
            elif dry_run:
                outcome = RequestOutcome(decision, ItemStatus.WOULD_REQUEST, "would be requested; this is a dry run")
                _log(outcome)
            else:
                outcome, sent = self.send(decision)
                done += 1
                on_progress(Progress(Stage.REQUESTING, done, total, decision.match.label))
            batch.outcomes.append(outcome)
            if sent:
                batch.sent[place] = sent
        self.journal.flush()
        self._log_held_back()
        self._batches.append(batch)
        return batch

    def send(self, request: Request) -> tuple[RequestOutcome, Sent | None]:
        """Send one request unless something prevents it; return what was sent if the server has it or may have it."""
        with about(**request.match.wanted.log_fields):
            return self._send(request)

    def _send(self, request: Request) -> tuple[RequestOutcome, Sent | None]:
        refusal = self.gates.find_refusal(request) or self._find_obstacle(request)
        if refusal:
            self._count_held_back(refusal)
            return refusal, None
        try:
            outcome, sent = self._send_and_settle(request)
        except (ServiceError, SyncCancelled) as error:
            outcome, sent = self._stop_sending(request, error), None
        _log(outcome)
        if sent is None:
            self._held_back[outcome.reason] = 0
        return outcome, sent

    def _find_obstacle(self, request: Request) -> RequestOutcome | None:
        if self.failure:
            return RequestOutcome(
                request, ItemStatus.WAITING, f"not sent, because {self.failure}; the next run takes over"
            )
        try:
            if self.stop.is_set():
                raise SyncCancelled("stopped before every request was sent")
            reason = self._find_reason_to_wait(request)
        except (ServiceError, SyncCancelled) as error:
            return self._stop_sending(request, error)
        return RequestOutcome(request, ItemStatus.WAITING, reason) if reason else None

    def end(self, error: ServiceError | SyncCancelled) -> None:
        """End the sending because of an error; the first error of a service is the `failure`."""
        if isinstance(error, ServiceError):
            self.failure = self.failure or error
        else:
            self.is_stopped = True

    def _stop_sending(self, request: Request, error: ServiceError | SyncCancelled) -> RequestOutcome:
        self.end(error)
        cause = error if isinstance(error, ServiceError) else "ListSync was stopped"
        return RequestOutcome(request, ItemStatus.WAITING, f"{cause}; the next run takes over")

    def _send_and_settle(self, request: Request) -> tuple[RequestOutcome, Sent | None]:
        entry_id = self.journal.intend(request)
        try:
            answer = self._ask_until_answered(request)
        except ServiceUnavailable:
            # Whether it was carried out is not known: the entry stays open, and the next run looks for it first.
            raise
        except ServiceError as error:
            self.journal.settle(entry_id, state=RequestState.REFUSED, answer=str(error))
            raise
        meaning = MEANINGS[answer.kind]
        self.journal.settle(entry_id, state=meaning.state, request_id=answer.request_id, answer=answer.kind.value)
        self.gates.note(request, answer)
        return outcome_of(request, answer), Sent(entry_id, request, answer) if meaning.is_to_be_verified else None

    def _ask_until_answered(self, request: Request) -> RequestAnswer:
        try:
            return self._ask(request)
        except AnswerLost as error:
            try:
                search = look_for(request.identity, self.server, self.stop)
            except ServiceError:
                raise error from None
            if search.found:
                return _answer_found(search.found, request)
            if not search.is_absent:
                raise
        return self._ask(request)

    def _ask(self, request: Request) -> RequestAnswer:
        for attempt in range(1, RATE_LIMIT_ATTEMPTS + 1):
            try:
                return self.server.create_request(
                    media_type=request.match.media_type,
                    tmdb_id=request.match.tmdb_id,
                    quality=request.quality,
                    seasons=request.seasons,
                    requester_id=request.requester_id,
                    approval=request.approval,
                    options=request.options,
                )
            except RateLimited as error:
                wanted = 5.0 * attempt if error.retry_after is None else error.retry_after
                if attempt == RATE_LIMIT_ATTEMPTS or self.stop.wait(min(wanted, LONGEST_PAUSE_SECONDS)):
                    raise
        raise AssertionError("the loop above returns or raises")

    def _count_held_back(self, refusal: RequestOutcome) -> None:
        """Log the first title of each reason, and count the others."""
        if refusal.reason in self._held_back:
            self._held_back[refusal.reason] += 1
        else:
            self._held_back[refusal.reason] = 0
            _log(refusal)

    def _log_held_back(self) -> None:
        for reason, count in self._held_back.items():
            if count:
                logger.info("%d more not sent: %s", count, reason)
        self._held_back.clear()


def _answer_found(found: ServerRequest, request: Request) -> RequestAnswer:
    is_ours = is_asked_by(found, request.requester_id)
    kind, words = (AnswerKind.CREATED, "found after its answer was lost") if is_ours else (AnswerKind.DUPLICATE, "")
    return RequestAnswer(kind, words, found.request_id, found.status, found.seasons)


def _log(outcome: RequestOutcome) -> None:
    wanted = outcome.result.wanted
    with about(**wanted.log_fields):
        logger.info("%s %s: %s", outcome.status.value, outcome.result.label, outcome.reason)
