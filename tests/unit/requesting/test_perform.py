"""One writer: every request is written down before it is sent, and what the server says decides about the next."""

import threading

import pytest

from list_sync.errors import AnswerLost, AuthenticationFailed, RateLimited, ServiceUnavailable
from list_sync.model.decisions import ItemStatus, Request, Skip
from list_sync.model.server_state import AnswerKind, RequestAnswer
from list_sync.model.titles import MediaType
from list_sync.requesting import lost
from list_sync.requesting.perform import perform
from tests.builders import a_match, a_server_request, a_show, a_state


class Journal:
    def __init__(self):
        self.lines = []

    def intend(self, request):
        self.lines.append(("intend", request.match.tmdb_id))
        return len(self.lines)

    def settle(self, entry_id, *, state, request_id=None, answer=""):
        self.lines.append((state, answer))


class Server:
    """Answers each request with the next of its answers; an exception is raised, the last answer stays."""

    def __init__(self, *answers, details=None):
        self.answers = list(answers) or [RequestAnswer(AnswerKind.CREATED, request_id=1)]
        self.asked = []
        self.details = details

    def create_request(self, **request):
        self.asked.append(request["tmdb_id"])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def find_details(self, media_type, tmdb_id):
        return self.details


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(lost, "PAUSE_SECONDS", 0.0)


def films(count):
    return [Request(a_match(number), is_4k=False) for number in range(1, count + 1)]


def run(decisions, server, *, dry_run=False, stop=None):
    journal = Journal()
    performance = perform(decisions, server, journal, dry_run=dry_run, stop=stop or threading.Event())
    return performance, journal


def statuses(performance):
    return [outcome.status for outcome in performance.outcomes]


def test_every_request_is_written_down_before_it_is_sent_and_settled_after():
    _, journal = run(films(2), Server())

    assert journal.lines == [("intend", 1), ("accepted", "created"), ("intend", 2), ("accepted", "created")]


def test_a_dry_run_sends_nothing_and_writes_nothing_down():
    server = Server()
    performance, journal = run(films(3), server, dry_run=True)

    assert statuses(performance) == [ItemStatus.WOULD_REQUEST] * 3
    assert (server.asked, journal.lines) == ([], [])


def test_what_was_decided_to_be_left_alone_is_left_alone():
    skip = Skip(a_match(), ItemStatus.DECLINED, "declined")
    performance, _ = run([skip], Server())

    assert (performance.outcomes[0].status, performance.outcomes[0].reason) == (ItemStatus.DECLINED, "declined")


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
    performance, _ = run(films(1), Server(RequestAnswer(kind, "the server's words")))

    assert statuses(performance) == [status]
    assert performance.outcomes[0].reason


@pytest.mark.parametrize("kind", [AnswerKind.QUOTA_EXCEEDED, AnswerKind.NO_PERMISSION])
def test_after_a_film_was_refused_for_quota_or_permission_no_other_film_is_sent_but_shows_are(kind):
    show = Request(a_match(1399, MediaType.TV), is_4k=False, seasons=(1,))
    server = Server(RequestAnswer(kind, "no"), RequestAnswer(AnswerKind.CREATED, request_id=2))

    performance, _ = run([*films(3), show], server)

    assert server.asked == [1, 1399]
    assert performance.outcomes[-1].status is ItemStatus.REQUESTED


def test_a_show_over_the_quota_keeps_back_those_of_as_many_seasons_but_no_smaller_one():
    seasons = [(1, 2), (4, 5), (1, 2, 3), (1,)]
    shows = [
        Request(a_match(number, MediaType.TV), is_4k=False, seasons=some) for number, some in enumerate(seasons, 1)
    ]
    server = Server(RequestAnswer(AnswerKind.QUOTA_EXCEEDED), RequestAnswer(AnswerKind.CREATED, request_id=2))

    performance, _ = run(shows, server)

    assert statuses(performance) == [*[ItemStatus.WAITING] * 3, ItemStatus.REQUESTED]
    assert server.asked == [1, 4]


def test_after_five_answers_in_a_row_that_tmdb_is_down_the_rest_waits():
    down, made = RequestAnswer(AnswerKind.TMDB_UNAVAILABLE), RequestAnswer(AnswerKind.CREATED, request_id=1)
    server = Server(*[down] * 4, made, down)

    performance, _ = run(films(40), server)

    assert server.asked == list(range(1, 11))
    assert statuses(performance).count(ItemStatus.WAITING) == 39


def test_specials_that_the_server_takes_no_request_for_are_explained():
    specials = Request(a_match(1399, MediaType.TV), is_4k=False, seasons=(0,))

    performance, _ = run([specials], Server(RequestAnswer(AnswerKind.NOTHING_LEFT)))

    assert statuses(performance) == [ItemStatus.UNSUPPORTED]
    assert "specials" in performance.outcomes[0].reason


@pytest.mark.parametrize("error", [ServiceUnavailable("overseerr", "down"), AuthenticationFailed("overseerr", "no")])
def test_a_server_that_goes_away_ends_the_sending_and_the_rest_waits(error):
    server = Server(RequestAnswer(AnswerKind.CREATED, request_id=1), error)

    performance, _ = run(films(4), server)

    assert statuses(performance) == [ItemStatus.REQUESTED, *[ItemStatus.WAITING] * 3]
    assert performance.failure is error
    assert server.asked == [1, 2]


def test_a_request_whose_fate_is_unknown_stays_open_in_the_journal():
    _, journal = run(films(1), Server(ServiceUnavailable("overseerr", "down")))

    assert journal.lines == [("intend", 1)]


def test_a_lost_answer_is_looked_for_and_what_is_found_is_not_sent_again():
    state = a_state(1, requests=[a_server_request(7, 1)])
    details = a_show(1, state=state)
    server = Server(AnswerLost("overseerr", "no answer"), details=details)

    performance, _ = run(films(1), server)

    assert server.asked == [1]
    assert (performance.outcomes[0].status, performance.outcomes[0].request_id) == (ItemStatus.REQUESTED, 7)


def test_a_lost_answer_whose_request_is_surely_absent_is_sent_once_more():
    server = Server(
        AnswerLost("overseerr", "no answer"),
        RequestAnswer(AnswerKind.CREATED, request_id=8),
        details=a_show(1, state=a_state(1)),
    )

    performance, _ = run(films(1), server)

    assert server.asked == [1, 1]
    assert performance.outcomes[0].status is ItemStatus.REQUESTED


def test_a_lost_answer_that_nobody_can_tell_about_is_not_sent_again():
    server = Server(AnswerLost("overseerr", "no answer"), details=None)

    performance, journal = run(films(2), server)

    assert server.asked == [1]
    assert statuses(performance) == [ItemStatus.WAITING, ItemStatus.WAITING]
    assert journal.lines == [("intend", 1)]


def test_a_server_that_asks_for_a_pause_is_given_it_and_asked_again():
    server = Server(RateLimited("overseerr", retry_after=0.0), RequestAnswer(AnswerKind.CREATED, request_id=1))

    performance, _ = run(films(1), server)

    assert statuses(performance) == [ItemStatus.REQUESTED]


def test_nothing_is_sent_after_the_stop_event():
    stop = threading.Event()
    stop.set()
    server = Server()

    performance, _ = run(films(2), server, stop=stop)

    assert server.asked == []
    assert performance.is_stopped
    assert statuses(performance) == [ItemStatus.WAITING] * 2
