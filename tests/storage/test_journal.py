import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from list_sync.database.store import open_store
from list_sync.model.decisions import Request
from list_sync.model.journal import RequestState
from list_sync.model.limits import EVERYONE
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.journal import RequestJournal
from tests.builders import NOON, a_match
from tests.storage.processes import hear, kill, start

KILLED_WHILE_SENDING = """
from list_sync.model.decisions import Request
from list_sync.model.titles import Quality
from list_sync.storage.journal import RequestJournal
from tests.builders import a_match
journal = RequestJournal(open_store(path), server_id=1, run_id=3, now=lambda: NOW)
for number in range(1, int(sys.argv[2])):
    journal.settle(journal.intend(Request(a_match(number), Quality.HD)), state="accepted", request_id=number)
journal.intend(Request(a_match(int(sys.argv[2])), Quality.HD))
say("sent")
wait()
"""

SENDING_UNTIL_KILLED = """
from list_sync.model.decisions import Request
from list_sync.model.titles import Quality
from list_sync.storage.journal import RequestJournal
from tests.builders import a_match
journal = RequestJournal(open_store(path), server_id=1, run_id=3, now=lambda: NOW)
while True:
    entry_id = journal.intend(Request(a_match(), Quality.HD))
    say(entry_id)
    journal.settle(entry_id, state="accepted")
"""


@pytest.fixture
def journal(store):
    return RequestJournal(store, server_id=1, run_id=1, now=lambda: NOON)


def a_request(tmdb_id=603, media_type=MediaType.MOVIE, *, quality=Quality.HD, seasons=(), requester_id=None):
    return Request(a_match(tmdb_id, media_type), quality, seasons, requester_id)


def send(journal, request=None, state="accepted", **more):
    entry_id = journal.intend(request or a_request())
    journal.settle(entry_id, state=state, **more)
    return entry_id


def test_an_intent_is_unsettled_until_something_came_of_it(journal):
    entry_id = journal.intend(a_request(1399, MediaType.TV, quality=Quality.UHD, seasons=(1, 3), requester_id=4))

    (entry,) = journal.load_entries("sent")
    assert (entry.entry_id, entry.run_id, entry.media_type, entry.tmdb_id) == (entry_id, 1, MediaType.TV, 1399)
    assert (entry.quality, entry.seasons, entry.requester_id, entry.sent_at) == (Quality.UHD, (1, 3), 4, NOON)
    assert (entry.state, entry.request_id, entry.settled_at) == (RequestState.SENT, None, None)

    journal.settle(entry_id, state="accepted", request_id=88, answer="created")
    assert journal.load_entries("sent") == ()
    (settled,) = journal.load_entries("accepted")
    assert (settled.request_id, settled.answer, settled.settled_at) == (88, "created", NOON)


def test_entries_are_found_by_their_state_and_a_state_may_change_later(journal):
    first = send(journal, request_id=1)
    send(journal, state="refused", answer="quota_exceeded")
    second = send(journal, a_request(quality=Quality.UHD), request_id=3)

    assert [entry.entry_id for entry in journal.load_entries("accepted")] == [first, second]
    assert [entry.answer for entry in journal.load_entries("refused")] == ["quota_exceeded"]

    journal.mark([second], "vanished")
    assert [entry.entry_id for entry in journal.load_entries("accepted", "vanished")] == [first, second]
    assert [entry.quality for entry in journal.load_entries("vanished")] == [Quality.UHD]


def test_what_we_asked_for_lately_is_what_may_have_reached_the_server_in_this_users_name(journal):
    for number, state in enumerate(
        ("accepted", "confirmed", "vanished", "released", "withdrawn", "refused", "lost"), 1
    ):
        send(journal, a_request(number, requester_id=4), state=state, answer="created")
    send(journal, a_request(10, requester_id=4), state="accepted", answer="duplicate")
    send(journal, a_request(11, requester_id=5), answer="created")
    journal.intend(a_request(1399, MediaType.TV, seasons=(1,), requester_id=4))
    journal.intend(a_request(1399, MediaType.TV, seasons=(2,), requester_id=4))

    made = {(MediaType.MOVIE, number, Quality.HD) for number in range(1, 5)} | {(MediaType.TV, 1399, Quality.HD)}
    assert journal.load_asked_since(NOON, 4) == dict.fromkeys(made, NOON)
    assert journal.load_asked_since(NOON, EVERYONE).keys() == made | {(MediaType.MOVIE, 11, Quality.HD)}
    assert journal.load_asked_since(NOON + timedelta(seconds=1), 4) == {}


def test_each_server_has_a_journal_of_its_own(store, journal):
    journal.intend(a_request(requester_id=1))
    other = RequestJournal(store, server_id=2, run_id=1, now=lambda: NOON)

    assert (other.load_entries(*RequestState), other.load_asked_since(NOON, 1)) == ((), {})


def test_an_answer_with_half_a_character_in_it_is_stored_all_the_same(journal):
    entry_id = send(journal, state="refused", answer="na\u00efve \ud83d answer")

    (entry,) = journal.load_entries("refused")
    assert (entry.entry_id, entry.answer) == (entry_id, "na\u00efve ? answer")


def test_a_state_that_does_not_exist_is_never_written(journal):
    entry_id = journal.intend(a_request())

    with pytest.raises(ValueError, match="done"):
        journal.settle(entry_id, state="done")
    assert len(journal.load_entries("sent")) == 1


@pytest.mark.parametrize("sent", [1, 40])
def test_an_intent_is_there_after_a_kill(path, sent):
    process = start(KILLED_WHILE_SENDING, path, sent)
    assert hear(process) == "sent"
    kill(process)

    with open_store(path) as store:
        journal = RequestJournal(store, server_id=1, run_id=4, now=lambda: NOON)
        assert [(entry.tmdb_id, entry.run_id) for entry in journal.load_entries("sent")] == [(sent, 3)]
        assert len(journal.load_entries("accepted")) == sent - 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_nothing_that_was_written_down_is_lost_by_kills_at_any_moment(path):
    heard = []
    for lines in (1, 7, 150):
        process = start(SENDING_UNTIL_KILLED, path)
        heard += [int(hear(process)) for _ in range(lines)]
        kill(process)

    with open_store(path) as store:
        journal = RequestJournal(store, server_id=1, run_id=4, now=lambda: NOON)
        entries = journal.load_entries("sent", "accepted")
        assert {entry.entry_id for entry in entries} >= set(heard)
        assert len(journal.load_entries("sent")) <= 3
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_withdrawal_after_an_undo_that_failed_is_not_that_of_the_undo(journal):
    entry_id = send(journal)
    journal.mark([entry_id], "withdrawing", undone_in=2)
    journal.mark([entry_id], "confirmed", "not withdrawn")

    journal.mark([entry_id], "withdrawing")
    journal.mark([entry_id], "withdrawn")

    assert [entry.undone_in for entry in journal.load_entries("withdrawn")] == [None]
