"""The cause of each reason to wait; the reasons come from the code that writes them."""

import threading
from datetime import timedelta

import pytest

from list_sync.errors import ServiceUnavailable
from list_sync.model.answers import outcome_of
from list_sync.model.decisions import ItemStatus, Knowledge, OwnRequest, OwnState, Policy, Request
from list_sync.model.servers import AnswerKind, RequestAnswer
from list_sync.model.titles import MediaType, Quality
from list_sync.model.waiting import WaitingCause, find_cause
from list_sync.planning.caps import cap
from list_sync.planning.decide import decide
from list_sync.requesting.sender import Sender
from tests.builders import NOON, SERVER, a_match, a_wish

REQUEST = Request(a_match(), Quality.HD)


def capped(**policy):
    return cap([REQUEST, Request(a_match(604), Quality.HD)], Policy(**policy))[-1]


def answered(kind):
    return outcome_of(REQUEST, RequestAnswer(kind))


def held_back(state):
    own = {(MediaType.MOVIE, 603, Quality.HD): OwnRequest(state, NOON - timedelta(days=1))}
    return decide(a_wish(a_match()), Knowledge(SERVER, own=own), now=NOON)


def unsent(*, stopped=False, failure=None):
    stop = threading.Event()
    if stopped:
        stop.set()
    sender = Sender(None, None, stop=stop)
    sender.failure = failure
    return sender.send(REQUEST)[0]


@pytest.mark.parametrize(
    ("waiting", "cause"),
    [
        (capped(max_requests_per_run=1), WaitingCause.RUN_CAP),
        (capped(max_requests_per_day=1), WaitingCause.DAY_CAP),
        (answered(AnswerKind.QUOTA_EXCEEDED), WaitingCause.QUOTA),
        (answered(AnswerKind.TMDB_UNAVAILABLE), WaitingCause.TMDB),
        (held_back(OwnState.UNSETTLED), WaitingCause.LOST_ANSWER),
        (held_back(OwnState.VANISHED), WaitingCause.VANISHED),
        (unsent(stopped=True), WaitingCause.STOPPED),
        (unsent(failure=ServiceUnavailable("overseerr", "no answer")), WaitingCause.SERVER),
    ],
    ids=lambda value: str(value) if isinstance(value, WaitingCause) else "",
)
def test_the_cause_is_told_from_the_reason(waiting, cause):
    assert waiting.status is ItemStatus.WAITING
    assert find_cause(waiting.reason) is cause
