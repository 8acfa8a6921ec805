"""What a run that was cut off left open is looked for on the server, and the journal says what was found."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.model.servers import Availability, RequestStatus
from list_sync.model.terms import Approval
from list_sync.requesting.lost import recover
from tests.builders import NOON, a_server_request, a_show, a_state, an_entry

ME, BOB = 1, 2


class Server:
    def __init__(self, *rows, availability=Availability.PENDING):
        self.rows = rows
        self.availability = availability

    def fetch_recent_requests(self, take):
        return tuple(sorted(self.rows, key=lambda row: -row.request_id)[:take])

    def find_details(self, media_type, tmdb_id):
        state = a_state(tmdb_id, media_type, availability=self.availability, requests=self.rows)
        return a_show(tmdb_id, state=state)


class Journal:
    def __init__(self):
        self.marks = {}
        self.settled = {}

    def settle(self, entry_id, *, state, request_id=None, answer=""):
        self.settled[entry_id] = (state, request_id, answer)

    def mark(self, entry_ids, state, note=""):
        self.marks.update(dict.fromkeys(entry_ids, (state, note)))

    def load_sent_options(self, entry_ids):
        return dict.fromkeys(entry_ids, (None, Approval.REQUESTER))


def run(entry, server):
    journal = Journal()
    recovery = recover([entry], server, journal, now=NOON, stop=threading.Event())
    return recovery.found, journal.marks


def a_row(number, requester=ME):
    return replace(a_server_request(number, 603), requester_id=requester)


def a_withdrawal(**more):
    return an_entry(1, "withdrawing", request_id=11, requester_id=ME, note="request 10 came first", **more)


def test_a_withdrawal_that_was_carried_out_is_settled_as_one():
    found, marks = run(a_withdrawal(), Server(a_row(10, BOB)))

    assert (found, marks) == (frozenset(), {1: ("withdrawn", "")})


def test_a_withdrawal_that_did_not_reach_the_server_leaves_the_request_standing():
    found, marks = run(a_withdrawal(), Server(a_row(10, BOB), a_row(11)))

    assert found == {1}
    assert marks == {1: ("confirmed", "request 10 came first; the run was cut off before ours was withdrawn")}


@pytest.mark.parametrize("newer", [50, 51, 52, 300])
def test_a_withdrawal_is_looked_for_however_much_was_requested_since(newer):
    others = [a_server_request(12 + number, 10_000 + number) for number in range(newer)]

    found, _ = run(a_withdrawal(), Server(a_row(10, BOB), a_row(11), *others))

    assert found == {1}


def test_a_request_of_another_user_that_is_found_counts_and_is_named_and_ours_is_not_called_made_any_more():
    journal = Journal()
    entry = an_entry(1, "accepted", requester_id=ME, request_id=9)

    recovery = recover([entry], Server(a_row(10, BOB)), journal, now=NOON, stop=threading.Event())

    assert (recovery.found, journal.marks) == ({1}, {1: ("accepted", "request 10 of user 2 counts for it")})
    assert journal.settled == {1: ("accepted", None, "duplicate")}


def test_a_request_that_is_absent_is_lost():
    found, marks = run(an_entry(1, "accepted", requester_id=ME), Server())

    assert (found, marks) == (frozenset(), {1: ("lost", "")})


def a_declined(number):
    return replace(a_row(number), status=RequestStatus.DECLINED)


def test_a_request_that_was_declined_before_is_not_the_one_that_was_being_sent():
    found, marks = run(an_entry(1, "sent", requester_id=ME, sent_at=NOON - timedelta(minutes=1)), Server(a_declined(8)))

    assert (found, marks) == (frozenset(), {1: ("lost", "")})


def test_a_request_that_people_declined_after_the_server_named_its_number_is_found():
    entry = an_entry(1, "accepted", requester_id=ME, request_id=8)

    assert run(entry, Server(a_declined(8)))[0] == {1}
