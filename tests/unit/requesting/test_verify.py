"""What was sent is read back by title: a number alone does not tell whose a request is, and withdraws nothing."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.errors import AnswerLost, ServiceUnavailable
from list_sync.model.answers import outcome_of
from list_sync.model.decisions import ItemStatus, Request
from list_sync.model.servers import (
    AnswerKind,
    Availability,
    RequestAnswer,
    RequestStatus,
    ServerRequest,
)
from list_sync.model.titles import MediaType, Quality
from list_sync.requesting import lost
from list_sync.requesting import verify as verifying
from list_sync.requesting.identity import Sent
from list_sync.requesting.sender import Batch, Sender
from list_sync.requesting.verify import verify
from list_sync.requesting.withdraw import withdraw
from tests.builders import a_match, a_show, a_state

FILM, OTHER_FILM, SHOW = (MediaType.MOVIE, 603), (MediaType.MOVIE, 550), (MediaType.TV, 1399)
ME, BOB, CAROL = 1, 2, 3


def a_row(number, title=FILM, requester=ME, *, quality=Quality.HD, seasons=(), status=RequestStatus.PENDING):
    return ServerRequest(number, *title, quality, status, frozenset(seasons), requester)


class Server:
    """A server that keeps its rows, numbers new ones after the highest, and writes down what it is asked."""

    def __init__(self, *rows, seasons_there=()):
        self.rows = list(rows)
        self.seasons_there = seasons_there
        self.calls = []
        self.deleted = []
        self.made = []

    def fetch_recent_requests(self, take):
        self.calls.append("recent")
        return tuple(sorted(self.rows, key=lambda row: -row.request_id)[:take])

    def fetch_states(self, *, workers=5):
        self.calls.append("everything")
        return {key: self.state_of(key) for key in {(row.media_type, row.tmdb_id) for row in self.rows}}

    def find_details(self, media_type, tmdb_id):
        self.calls.append("page")
        return a_show(tmdb_id, state=self.state_of((media_type, tmdb_id)))

    def state_of(self, key):
        rows = [row for row in self.rows if (row.media_type, row.tmdb_id) == key]
        return a_state(key[1], key[0], requests=rows, seasons=dict.fromkeys(self.seasons_there, Availability.AVAILABLE))

    def create_request(self, *, media_type, tmdb_id, quality, seasons, requester_id, **_more):
        taken = {number for row in self.state_of((media_type, tmdb_id)).requests_in(quality) for number in row.seasons}
        left = frozenset(seasons) - taken
        number = max((row.request_id for row in self.rows), default=0) + 1
        row = ServerRequest(number, media_type, tmdb_id, quality, RequestStatus.PENDING, left, requester_id)
        self.rows.append(row)
        self.made.append(row)
        return RequestAnswer(AnswerKind.CREATED, "", number, RequestStatus.PENDING, left)

    def delete_request(self, request_id):
        self.deleted += [row for row in self.rows if row.request_id == request_id]
        self.rows = [row for row in self.rows if row.request_id != request_id]
        return True


class Journal:
    def __init__(self):
        self.marks = []
        self.notes = []

    def intend(self, request):
        return 100

    def settle(self, entry_id, *, state, request_id=None, answer=""):
        pass

    def mark(self, entry_ids, state, note="", undone_in=None):
        self.marks += [(entry, state) for entry in entry_ids]
        self.notes.append(note)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(verifying, "QUIET_SECONDS", 0.0)


def ask_for(title=FILM, seasons=()):
    return Request(a_match(title[1], title[0]), quality=Quality.HD, seasons=tuple(seasons), requester_id=ME)


def told(number, seasons=()):
    return RequestAnswer(AnswerKind.CREATED, "", number, RequestStatus.PENDING, frozenset(seasons))


def run(server, *answers):
    """Verify what was answered to each of (request, answer)."""
    journal = Journal()
    outcomes = [outcome_of(request, answer) for request, answer in answers]
    sent = {place: Sent(place, request, answer) for place, (request, answer) in enumerate(answers)}
    batch = Batch(outcomes, sent)
    verify(batch, Sender(server, journal, stop=threading.Event()), workers=1)
    return batch, journal, batch.proven


def test_a_request_that_is_there_under_its_number_is_proven_with_one_read():
    server = Server(a_row(10))

    batch, journal, proven = run(server, (ask_for(), told(10)))

    assert (server.calls, proven, journal.marks) == (["recent"], {0}, [])
    assert batch.outcomes[0].status is ItemStatus.REQUESTED


def test_our_double_is_withdrawn_once_both_were_read_again():
    server = Server(a_row(10, requester=BOB), a_row(11))

    batch, journal, proven = run(server, (ask_for(), told(11)))

    assert server.deleted == [a_row(11)]
    assert server.calls == ["recent", "recent"]
    assert (proven, journal.marks) == (frozenset(), [(0, "withdrawing"), (0, "withdrawn")])
    outcome = batch.outcomes[0]
    assert (outcome.status, outcome.request_id) == (ItemStatus.ALREADY_REQUESTED, 10)
    assert outcome.reason == "request 10 came first; our request 11 was withdrawn"


@pytest.mark.parametrize("newer", [49, 50, 51, 200])
def test_a_double_is_found_however_much_others_asked_for_since(newer):
    others = [a_row(61 + number, (MediaType.MOVIE, 10_000 + number), CAROL) for number in range(newer)]
    older = [a_row(number, (MediaType.MOVIE, 20_000 + number), CAROL) for number in range(1, 59)]
    server = Server(*older, a_row(59, requester=BOB), a_row(60), *others)

    run(server, (ask_for(), told(60)))

    assert server.deleted == [a_row(60)]
    assert "everything" not in server.calls


@pytest.mark.parametrize(
    "bearer",
    [
        a_row(11, OTHER_FILM, CAROL),
        a_row(11, OTHER_FILM),
        a_row(11, (MediaType.TV, 603), seasons=(1,)),
        a_row(11, quality=Quality.UHD),
        a_row(11, requester=CAROL),
    ],
    ids=["another film of another user", "another film of ours", "the show of that number", "4K", "another user"],
)
def test_a_request_that_bears_our_number_and_is_not_ours_is_left_alone(bearer):
    server = Server(a_row(10, requester=BOB), bearer)

    batch, journal, _ = run(server, (ask_for(), told(11)))

    assert (server.deleted, server.made) == ([], [])
    assert journal.marks == [(0, "lost")]
    outcome = batch.outcomes[0]
    assert (outcome.status, outcome.request_id) == (ItemStatus.ALREADY_REQUESTED, 10)
    assert outcome.reason == "the server lost our request, and has request 10 for the same"


def test_a_show_request_with_other_seasons_than_ours_is_left_alone():
    server = Server(a_row(10, SHOW, BOB, seasons=(1, 2)), a_row(11, SHOW, seasons=(2,)))

    run(server, (ask_for(SHOW, (1,)), told(11, (1,))))

    assert server.deleted == []


def test_a_request_whose_user_the_server_does_not_tell_is_left_alone():
    server = Server(a_row(10, requester=BOB), a_row(11, requester=None))

    batch, _, proven = run(server, (ask_for(), told(11)))

    assert server.deleted == []
    assert (batch.outcomes[0].status, proven) == (ItemStatus.REQUESTED, {0})


def test_a_double_that_changed_since_it_was_read_is_left_alone():
    class ThatGivesOurNumberAway(Server):
        def fetch_recent_requests(self, take):
            rows = super().fetch_recent_requests(take)
            self.rows = [a_row(10, requester=BOB), a_row(11, OTHER_FILM, CAROL)]
            return rows

    server = ThatGivesOurNumberAway(a_row(10, requester=BOB), a_row(11))

    batch, journal, _ = run(server, (ask_for(), told(11)))

    assert server.deleted == []
    assert journal.marks == [(0, "lost")]
    assert batch.outcomes[0].status is ItemStatus.ALREADY_REQUESTED


def test_a_double_that_could_not_be_withdrawn_stands_with_its_reason():
    class ThatDeletesNothing(Server):
        def delete_request(self, request_id):
            raise ServiceUnavailable("overseerr", "is down")

    server = ThatDeletesNothing(a_row(10, requester=BOB), a_row(11))

    batch, journal, proven = run(server, (ask_for(), told(11)))

    assert (journal.marks, proven) == ([(0, "withdrawing"), (0, "confirmed")], {0})
    assert journal.notes[-1] == "request 10 came first; not withdrawn: overseerr: is down"
    assert batch.outcomes[0].reason == (
        "request 11 made, beside request 10 for the same; not withdrawn: overseerr: is down"
    )


def test_our_double_stays_if_the_first_request_vanished_since_it_was_read():
    class ThatLosesTheFirst(Server):
        def fetch_recent_requests(self, take):
            rows = super().fetch_recent_requests(take)
            self.rows = [a_row(11)]
            return rows

    server = ThatLosesTheFirst(a_row(10, requester=BOB), a_row(11))

    batch, _, proven = run(server, (ask_for(), told(11)))

    assert (server.rows, batch.outcomes[0].status, proven) == ([a_row(11)], ItemStatus.REQUESTED, {0})


def test_a_lost_request_whose_number_bears_another_title_is_sent_again():
    server = Server(a_row(10, OTHER_FILM, CAROL))

    batch, journal, _ = run(server, (ask_for(), told(10)))

    assert server.made == [a_row(11)]
    assert journal.marks == [(0, "lost")]
    outcome = batch.outcomes[0]
    assert (outcome.status, outcome.request_id) == (ItemStatus.REQUESTED, 11)


def test_one_number_answered_for_two_titles_is_one_request_and_the_other_is_sent_again():
    server = Server(a_row(10, OTHER_FILM))

    batch, _, _ = run(server, (ask_for(), told(10)), (ask_for(OTHER_FILM), told(10)))

    assert server.made == [a_row(11)]
    assert [outcome.request_id for outcome in batch.outcomes] == [11, 10]


def test_a_season_that_others_did_not_ask_for_is_sent_again():
    server = Server(a_row(12, SHOW, BOB, seasons=(1,)))

    run(server, (ask_for(SHOW, (1, 2)), told(11, (1, 2))))

    assert server.made == [a_row(13, SHOW, seasons=(2,))]


@pytest.mark.parametrize("kind", [AnswerKind.DUPLICATE, AnswerKind.NOTHING_LEFT])
@pytest.mark.parametrize("number", [2001, 3], ids=["new", "old"])
def test_an_answer_without_a_number_does_not_make_everything_be_read(kind, number):
    title, seasons = (FILM, ()) if kind is AnswerKind.DUPLICATE else (SHOW, (1,))
    others = [a_row(1000 + older, (MediaType.MOVIE, 10_000 + older), BOB) for older in range(200)]
    server = Server(*others, a_row(number, title, BOB, seasons=seasons))

    batch, _, proven = run(server, (ask_for(title, seasons), RequestAnswer(kind)))

    assert "everything" not in server.calls
    assert len(server.calls) <= 2
    assert (batch.outcomes[0].status, proven) == (ItemStatus.ALREADY_REQUESTED, {0})


def test_seasons_that_are_there_already_leave_nothing_to_look_for():
    server = Server(seasons_there=(1, 2))

    batch, _, _ = run(server, (ask_for(SHOW, (1, 2)), RequestAnswer(AnswerKind.NOTHING_LEFT)))

    assert (server.calls, server.made) == (["recent", "page"], [])
    assert batch.outcomes[0].status is ItemStatus.ALREADY_REQUESTED


@pytest.mark.parametrize(
    ("request_", "kind"), [(ask_for(), AnswerKind.DUPLICATE), (ask_for(SHOW, (1,)), AnswerKind.NOTHING_LEFT)]
)
def test_a_title_that_the_server_said_it_has_and_does_not_show_is_sent_again(request_, kind):
    server = Server()

    batch, _, _ = run(server, (request_, RequestAnswer(kind)))

    assert len(server.made) == 1
    assert batch.outcomes[0].status is ItemStatus.REQUESTED


def test_a_withdrawal_whose_answer_is_lost_stays_open():
    class ThatDoesNotAnswer(Server):
        def delete_request(self, request_id):
            raise AnswerLost("overseerr", "no answer")

    batch, journal, proven = run(ThatDoesNotAnswer(a_row(10, requester=BOB), a_row(11)), (ask_for(), told(11)))

    assert (journal.marks, proven) == ([(0, "withdrawing")], frozenset())
    assert batch.outcomes[0].status is ItemStatus.REQUESTED


@pytest.mark.parametrize(
    "row", [a_row(12), a_row(11, OTHER_FILM), a_row(11, requester=BOB), a_row(11, quality=Quality.UHD)]
)
def test_only_the_request_that_was_sent_can_be_withdrawn(row):
    server, journal = Server(row), Journal()

    with pytest.raises(ValueError, match="not the one that was sent"):
        withdraw(row, 0, Sent(0, ask_for(), told(11)).identity, server, journal, because="a double")

    assert (server.deleted, journal.marks) == ([], [])


def test_the_request_of_another_that_counts_is_named_in_the_journal():
    _, journal, proven = run(Server(a_row(7, requester=BOB)), (ask_for(), RequestAnswer(AnswerKind.DATABASE_CONFLICT)))

    assert (journal.marks, journal.notes) == ([(0, "accepted")], ["request 7 of user 2 counts for it"])
    assert proven == {0}


def test_a_repeat_whose_answer_is_lost_is_looked_for_before_it_is_sent_once_more(monkeypatch):
    monkeypatch.setattr(lost, "PAUSE_SECONDS", 0.0)

    class ThatLosesAnAnswer(Server):
        def create_request(self, **request):
            super().create_request(**request)
            raise AnswerLost("overseerr", "no answer")

    server = ThatLosesAnAnswer()

    batch, _, proven = run(server, (ask_for(), told(1)))

    assert len(server.made) == 1
    assert (batch.outcomes[0].status, proven) == (ItemStatus.REQUESTED, {100})


titles = st.sampled_from([FILM, OTHER_FILM, SHOW])
requesters = st.sampled_from([ME, BOB, CAROL, None])


@st.composite
def rows_and_answers(draw):
    """Return rows of the server, and up to three titles of ours with numbers that they were told."""
    rows = []
    for number in sorted(draw(st.sets(st.integers(1, 8), max_size=6))):
        title = draw(titles)
        seasons = draw(st.sets(st.integers(1, 3), min_size=1)) if title == SHOW else ()
        status = draw(st.sampled_from([RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.DECLINED]))
        rows.append(
            a_row(
                number, title, draw(requesters), quality=draw(st.sampled_from(Quality)), seasons=seasons, status=status
            )
        )
    answers = []
    for title in draw(st.lists(titles, unique=True, min_size=1)):
        seasons = draw(st.sets(st.integers(1, 3), min_size=1)) if title == SHOW else ()
        answers.append((ask_for(title, sorted(seasons)), told(draw(st.integers(1, 9)), seasons)))
    return rows, answers


@given(rows_and_answers())
def test_only_our_own_doubles_are_ever_withdrawn_and_every_title_is_there_after(world):
    rows, answers = world
    server = Server(*rows)

    run(server, *answers)

    for row in server.deleted:
        request = next(one for one, _ in answers if one.title_key == (row.media_type, row.tmdb_id))
        identity = (row.quality, row.seasons, row.requester_id, row.request_id)
        assert identity in [
            (Quality.HD, answer.seasons, ME, answer.request_id) for one, answer in answers if one == request
        ]
    for request, answer in answers:
        rows = server.state_of(request.title_key).requests_in(Quality.HD)
        # Ours may have been declined since, which is a person's word.
        stands = [
            row for row in rows if row.status is not RequestStatus.DECLINED or row.request_id == answer.request_id
        ]
        assert stands
        assert set(request.seasons) <= {season for row in rows for season in row.seasons}
