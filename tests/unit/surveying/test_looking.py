"""What a run that reads little takes in: pages of titles, requests whose number moved, what was sent last."""

from dataclasses import replace

from list_sync.errors import LookupFailed
from list_sync.model.servers import Availability, Fingerprint, Glance, RequestStatus
from list_sync.model.titles import MediaType
from list_sync.surveying.reading import look, take_in_rows
from tests.builders import a_server_request, a_show, a_state

FILM, OTHER, SHOW = (MediaType.MOVIE, 603), (MediaType.MOVIE, 604), (MediaType.TV, 1399)
FINGERPRINT = Fingerprint(3, 0, 0, 3)
ASKED = a_state(603, availability=Availability.PROCESSING, requests=[a_server_request(5)])


class Server:
    """Notes what is read of it."""

    def __init__(self, *, requests=None, newest=None, details=None):
        self.requests, self.newest, self.details = requests or {}, newest or {}, details
        self.read = []

    def fetch_requests(self, *, workers):
        self.read.append("requests")
        return self.requests

    def fetch_newest_states(self):
        self.read.append("newest")
        return self.newest

    def find_details(self, *key):
        self.read.append(key)
        if isinstance(self.details, Exception):
            raise self.details
        return self.details


def look_at(server, known, page, *, failed=0, sent=()):
    glance = Glance(replace(FINGERPRINT, failed=failed), page, 0)
    return look(server, glance, known, before=FINGERPRINT, sent=sent, workers=1)


def test_a_page_replaces_what_was_known_of_its_titles_but_not_their_requests():
    page = {FILM: a_state(603, availability=Availability.DELETED), OTHER: a_state(604)}

    reading = look_at(Server(), {FILM: ASKED}, page)

    assert reading.states[FILM].availability is Availability.DELETED
    assert reading.states[FILM].requests == ASKED.requests
    assert reading.states[OTHER] == a_state(604)


def test_one_of_several_rows_of_a_title_is_not_taken_for_all_of_it():
    of_two_rows = replace(ASKED, media_rows=2)

    assert take_in_rows({FILM: of_two_rows}, {FILM: a_state(603)}) == {}
    assert FILM in take_in_rows({FILM: of_two_rows}, {FILM: replace(a_state(603), media_rows=2)})


def test_requests_are_read_where_their_failed_number_moved_and_every_change_of_them_is_taken_in():
    failed = a_state(603, requests=[a_server_request(5, status=RequestStatus.FAILED)])
    new = a_state(605, requests=[a_server_request(9, 605)])
    withdrawn = a_state(604, requests=[a_server_request(6, 604)])
    server = Server(requests={FILM: failed, (MediaType.MOVIE, 605): new})

    reading = look_at(server, {FILM: ASKED, OTHER: withdrawn}, {}, failed=1)

    assert server.read == ["requests"]
    assert [request.status for request in reading.states[FILM].requests] == [RequestStatus.FAILED]
    assert reading.states[FILM].availability is Availability.PROCESSING
    assert reading.states[OTHER].requests == ()
    assert reading.states[MediaType.MOVIE, 605] == new


def test_what_was_sent_last_is_read_only_where_the_page_does_not_show_it():
    server = Server()

    look_at(server, {}, {FILM: ASKED}, sent=[FILM])

    assert server.read == []


def test_one_title_that_was_sent_last_is_read_by_its_own_page():
    show = a_show(state=a_state(1399, MediaType.TV, Availability.PROCESSING))
    server = Server(details=show)

    reading = look_at(server, {}, {}, sent=[SHOW])

    assert server.read == [SHOW]
    assert (reading.states[SHOW], reading.details[SHOW]) == (show.state, show)


def test_a_page_that_cannot_be_read_changes_nothing():
    for details in (None, LookupFailed("overseerr", "failed")):
        assert look_at(Server(details=details), {FILM: ASKED}, {}, sent=[FILM]).states == {}


def test_several_titles_that_were_sent_last_are_read_by_the_newest_page():
    server = Server(newest={FILM: a_state(603, availability=Availability.AVAILABLE)})

    reading = look_at(server, {FILM: ASKED}, {}, sent=[FILM, OTHER])

    assert server.read == ["newest"]
    assert reading.states[FILM].availability is Availability.AVAILABLE
    assert reading.states[FILM].requests == ASKED.requests
