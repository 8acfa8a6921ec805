"""Every request is written to the journal before it is sent, and the server's answer decides about the next."""

import threading
from dataclasses import replace

import pytest

from list_sync.errors import AnswerLost, AuthenticationFailed, RateLimited, ServiceUnavailable
from list_sync.model.decisions import ItemStatus, Request, Skip
from list_sync.model.servers import AnswerKind, RequestAnswer, RequestStatus
from list_sync.model.titles import MediaType, Quality
from list_sync.model.users import UserQuota
from list_sync.requesting import lost
from list_sync.requesting.gates import Gates
from list_sync.requesting.sender import Sender
from tests.builders import a_match, a_server_request, a_show, a_state


class Journal:
    def __init__(self):
        self.lines = []

    def intend(self, request):
        self.lines.append(("intend", request.match.tmdb_id))
        return len(self.lines)

    def settle(self, entry_id, *, state, request_id=None, answer=""):
        self.lines.append((state, answer))

    def flush(self):
        self.is_kept = True


class Server:
    """Answers each request with the next of its answers; an exception is raised, the last answer stays."""

    def __init__(self, *answers, details=None):
        self.answers = list(answers) or [RequestAnswer(AnswerKind.CREATED, request_id=1)]
        self.asked = []
        self.details = details
        self.quotas = {}
        self.quota_reads = []

    def create_request(self, **request):
        self.asked.append(request["tmdb_id"])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def find_details(self, media_type, tmdb_id):
        return self.details

    def fetch_quotas(self, requester_id):
        self.quota_reads.append(requester_id)
        if isinstance(self.quotas, Exception):
            raise self.quotas
        return self.quotas


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(lost, "PAUSE_SECONDS", 0.0)


def films(count):
    return [Request(a_match(number), quality=Quality.HD) for number in range(1, count + 1)]


def run(decisions, server, *, dry_run=False, stop=None, gates=None):
    sender = Sender(server, Journal(), stop=stop or threading.Event())
    sender.gates = gates or sender.gates
    return sender.send_all(decisions, dry_run=dry_run), sender


def statuses(batch):
    return [outcome.status for outcome in batch.outcomes]


def test_every_request_is_written_down_before_it_is_sent_and_settled_after():
    _, sender = run(films(2), Server())

    assert sender.journal.lines == [("intend", 1), ("accepted", "created"), ("intend", 2), ("accepted", "created")]
    assert sender.journal.is_kept


def test_a_dry_run_sends_nothing_and_writes_nothing_down():
    server = Server()
    batch, sender = run(films(3), server, dry_run=True)

    assert statuses(batch) == [ItemStatus.WOULD_REQUEST] * 3
    assert (server.asked, sender.journal.lines) == ([], [])


def test_what_was_decided_to_be_left_alone_is_left_alone():
    skip = Skip(a_match(), ItemStatus.DECLINED, "declined", Quality.HD)
    batch, _ = run([skip], Server())

    assert (batch.outcomes[0].status, batch.outcomes[0].reason) == (ItemStatus.DECLINED, "declined")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (AnswerKind.CREATED, ItemStatus.REQUESTED),
        (AnswerKind.DUPLICATE, ItemStatus.ALREADY_REQUESTED),
        (AnswerKind.NOTHING_LEFT, ItemStatus.ALREADY_REQUESTED),
        (AnswerKind.BLOCKLISTED, ItemStatus.BLOCKLISTED),
        (AnswerKind.TITLE_UNKNOWN, ItemStatus.NOT_FOUND),
        (AnswerKind.TMDB_UNAVAILABLE, ItemStatus.WAITING),
        (AnswerKind.TVDB_CONFLICT, ItemStatus.UNSUPPORTED),
        (AnswerKind.DATABASE_CONFLICT, ItemStatus.REQUEST_FAILED),
        (AnswerKind.REJECTED, ItemStatus.REQUEST_FAILED),
        (AnswerKind.NO_PERMISSION, ItemStatus.REQUEST_FAILED),
        (AnswerKind.QUOTA_EXCEEDED, ItemStatus.WAITING),
    ],
)
def test_each_answer_of_the_server_has_its_own_outcome_with_a_reason(kind, status):
    batch, _ = run(films(1), Server(RequestAnswer(kind, "the server's words")))

    assert statuses(batch) == [status]
    assert batch.outcomes[0].reason


@pytest.mark.parametrize("kind", [AnswerKind.QUOTA_EXCEEDED, AnswerKind.NO_PERMISSION])
def test_after_a_film_was_refused_for_quota_or_permission_no_other_film_is_sent_but_shows_are(kind):
    show = Request(a_match(1399, MediaType.TV), quality=Quality.HD, seasons=(1,))
    server = Server(RequestAnswer(kind, "no"), RequestAnswer(AnswerKind.CREATED, request_id=2))

    batch, _ = run([*films(3), show], server)

    assert server.asked == [1, 1399]
    assert batch.outcomes[-1].status is ItemStatus.REQUESTED


def shows(*seasons, requester_id=None):
    return [
        Request(a_match(number, MediaType.TV), quality=Quality.HD, seasons=tuple(some), requester_id=requester_id)
        for number, some in enumerate(seasons, 1)
    ]


def test_after_a_show_was_refused_for_quota_only_shows_that_fit_what_is_left_are_sent():
    made = [
        RequestAnswer(AnswerKind.CREATED, request_id=2, seasons=frozenset({1})),
        RequestAnswer(AnswerKind.CREATED, request_id=3),
    ]
    server = Server(RequestAnswer(AnswerKind.QUOTA_EXCEEDED), *made)
    server.quotas = {MediaType.TV: UserQuota(limit=9, days=7, remaining=3)}

    batch, _ = run(shows((1, 2, 3, 4), (1, 2, 3, 4, 5), (1,), (1, 2, 3), (1, 2), (1,)), server)

    assert server.asked == [1, 3, 5]
    made, waits = ItemStatus.REQUESTED, ItemStatus.WAITING
    assert statuses(batch) == [waits, waits, made, waits, made, waits]
    assert server.quota_reads == [None]
    assert batch.outcomes[1].reason == (
        "the quota of user None has no room for 5 seasons; a later run requests it again"
    )


@pytest.mark.parametrize("quotas", [{}, {MediaType.TV: UserQuota(5, 7, 0)}, {MediaType.TV: UserQuota()}, "down"])
def test_after_a_show_was_refused_for_quota_no_show_is_sent_where_nothing_is_known_to_be_left(quotas):
    server = Server(RequestAnswer(AnswerKind.QUOTA_EXCEEDED))
    server.quotas = ServiceUnavailable("overseerr", "is down") if quotas == "down" else quotas

    batch, _ = run(shows(range(5), range(4), range(3), range(2), range(1)), server)

    assert server.asked == [1]
    assert statuses(batch) == [ItemStatus.WAITING] * 5


def test_a_show_that_is_refused_although_it_was_said_to_fit_ends_the_shows():
    server = Server(RequestAnswer(AnswerKind.QUOTA_EXCEEDED))
    server.quotas = {MediaType.TV: UserQuota(9, 7, 4)}

    run(shows(range(5), range(4), range(3), range(2)), server)

    assert server.asked == [1, 2]


def test_the_quota_of_one_user_keeps_nothing_of_another_back():
    server = Server(RequestAnswer(AnswerKind.QUOTA_EXCEEDED))
    alice, bob = shows((1,), (1,), requester_id=2), shows((1,), (1,), requester_id=3)

    run([*alice, *bob], server)

    assert server.asked == [1, 1]
    assert server.quota_reads == [2, 3]


def test_refusals_hold_for_all_titles_of_a_run():
    server = Server(RequestAnswer(AnswerKind.QUOTA_EXCEEDED))
    gates = Gates(server)
    run(films(1), server, gates=gates)

    batch, _ = run(films(2), server, gates=gates)

    assert server.asked == [1]
    assert statuses(batch) == [ItemStatus.WAITING] * 2


def test_after_five_answers_in_a_row_that_tmdb_is_down_the_rest_waits():
    down, made = RequestAnswer(AnswerKind.TMDB_UNAVAILABLE), RequestAnswer(AnswerKind.CREATED, request_id=1)
    server = Server(*[down] * 4, made, down)

    batch, _ = run(films(40), server)

    assert server.asked == list(range(1, 11))
    assert statuses(batch).count(ItemStatus.WAITING) == 39


def test_specials_that_the_server_takes_no_request_for_are_explained():
    specials = Request(a_match(1399, MediaType.TV), quality=Quality.HD, seasons=(0,))

    batch, _ = run([specials], Server(RequestAnswer(AnswerKind.NOTHING_LEFT)))

    assert statuses(batch) == [ItemStatus.UNSUPPORTED]
    assert "specials" in batch.outcomes[0].reason


@pytest.mark.parametrize("error", [ServiceUnavailable("overseerr", "down"), AuthenticationFailed("overseerr", "no")])
def test_a_server_that_goes_away_ends_the_sending_and_the_rest_waits(error):
    server = Server(RequestAnswer(AnswerKind.CREATED, request_id=1), error)

    batch, sender = run(films(4), server)

    assert statuses(batch) == [ItemStatus.REQUESTED, *[ItemStatus.WAITING] * 3]
    assert sender.failure is error
    assert server.asked == [1, 2]


def test_a_request_whose_fate_is_unknown_stays_open_in_the_journal():
    _, sender = run(films(1), Server(ServiceUnavailable("overseerr", "down")))

    assert sender.journal.lines == [("intend", 1)]


def test_a_lost_answer_is_looked_for_and_what_is_found_is_not_sent_again():
    state = a_state(1, requests=[a_server_request(7, 1)])
    details = a_show(1, state=state)
    server = Server(AnswerLost("overseerr", "no answer"), details=details)

    batch, _ = run(films(1), server)

    assert server.asked == [1]
    assert (batch.outcomes[0].status, batch.outcomes[0].request_id) == (ItemStatus.REQUESTED, 7)


def test_a_lost_answer_whose_request_is_surely_absent_is_sent_once_more():
    server = Server(
        AnswerLost("overseerr", "no answer"),
        RequestAnswer(AnswerKind.CREATED, request_id=8),
        details=a_show(1, state=a_state(1)),
    )

    batch, _ = run(films(1), server)

    assert server.asked == [1, 1]
    assert batch.outcomes[0].status is ItemStatus.REQUESTED


def test_a_request_that_was_declined_before_is_not_the_one_whose_answer_was_lost():
    declined = a_state(1, requests=[a_server_request(7, 1, status=RequestStatus.DECLINED)])
    made = RequestAnswer(AnswerKind.CREATED, request_id=8)
    server = Server(AnswerLost("overseerr", "no answer"), made, details=a_show(1, state=declined))

    batch, _ = run(films(1), server)

    assert server.asked == [1, 1]
    assert batch.outcomes[0].request_id == 8


def test_a_lost_answer_that_nobody_can_tell_about_is_not_sent_again():
    server = Server(AnswerLost("overseerr", "no answer"), details=None)

    batch, sender = run(films(2), server)

    assert server.asked == [1]
    assert statuses(batch) == [ItemStatus.WAITING, ItemStatus.WAITING]
    assert sender.journal.lines == [("intend", 1)]


def test_a_server_that_asks_for_a_pause_is_given_it_and_asked_again():
    server = Server(RateLimited("overseerr", retry_after=0.0), RequestAnswer(AnswerKind.CREATED, request_id=1))

    batch, _ = run(films(1), server)

    assert statuses(batch) == [ItemStatus.REQUESTED]


def test_nothing_is_sent_after_the_stop_event():
    stop = threading.Event()
    stop.set()
    server = Server()

    batch, sender = run(films(2), server, stop=stop)

    assert server.asked == []
    assert sender.is_stopped
    assert statuses(batch) == [ItemStatus.WAITING] * 2


def test_a_request_that_has_a_reason_to_wait_is_not_sent():
    server, reasons = Server(), iter([None, "the day is full"])

    sender = Sender(server, Journal(), stop=threading.Event(), find_reason_to_wait=lambda _request: next(reasons))
    batch = sender.send_all(films(2), dry_run=False)

    assert server.asked == [1]
    assert [outcome.reason for outcome in batch.outcomes] == ["request 1 made", "the day is full"]


def test_a_server_that_goes_away_before_a_request_ends_the_sending():
    def fail(_request):
        raise ServiceUnavailable("overseerr", "down")

    server = Server()
    sender = Sender(server, Journal(), stop=threading.Event(), find_reason_to_wait=fail)
    batch = sender.send_all(films(2), dry_run=False)

    assert server.asked == []
    assert isinstance(sender.failure, ServiceUnavailable)
    assert statuses(batch) == [ItemStatus.WAITING] * 2


def test_a_refused_permission_is_explained_once_with_its_setting(caplog):
    caplog.set_level("INFO")

    run(films(4), Server(RequestAnswer(AnswerKind.NO_PERMISSION, "no permission")))

    text = caplog.text
    assert (text.count("OVERSEERR_USER_ID) may not request films"), text.count("request_failed")) == (1, 1)
    assert "3 more not sent" in text


def test_a_stated_requester_who_is_gone_is_not_told_to_lack_a_permission(caplog):
    asked = [replace(film, is_requester_stated=True, requester_id=3) for film in films(2)]

    run(asked, Server(RequestAnswer(AnswerKind.REQUESTER_UNKNOWN, "user 3 does not exist on the server")))

    assert "user 3, the requester of " in caplog.text
    assert "permission" not in caplog.text


def test_a_stop_while_a_lost_answer_is_looked_for_sends_nothing_more():
    stop = threading.Event()

    class ThatIsStopped(Server):
        def find_details(self, media_type, tmdb_id):
            stop.set()
            return a_show(1, state=a_state(1))

    server = ThatIsStopped(AnswerLost("overseerr", "no answer"))

    _, sender = run(films(1), server, stop=stop)

    assert (server.asked, sender.journal.lines) == ([1], [("intend", 1)])


@pytest.mark.parametrize("error", [ServiceUnavailable("overseerr", "down"), AuthenticationFailed("overseerr", "no")])
def test_a_lost_answer_stays_open_if_it_cannot_be_looked_for(error):
    class ThatFails(Server):
        def find_details(self, media_type, tmdb_id):
            raise error

    _, sender = run(films(1), ThatFails(AnswerLost("overseerr", "no answer")))

    assert sender.journal.lines == [("intend", 1)]
    assert isinstance(sender.failure, AnswerLost)
