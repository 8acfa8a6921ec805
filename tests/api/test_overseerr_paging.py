"""Reading all rows while others add and remove some: nothing twice, and nothing missed that was there throughout."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.mediaserver.paging import PAGE_SIZE, count_pages
from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import ServiceUnavailable
from list_sync.model.servers import Fingerprint
from list_sync.model.titles import MediaType
from tests.api.overseerr_world import a_client
from tests.fakes.scripted_server import ScriptedServer, Served


class ChangingServer:
    """Rows of /media, newest first, that change after every answered page as `changes` say."""

    def __init__(self, count, changes=(), largest_page=PAGE_SIZE):
        self.rows = list(range(count, 0, -1))
        self.reads = 0
        self._newest = count
        self._changes = list(changes)
        self._largest_page = largest_page
        self._lock = threading.Lock()

    def __call__(self, asked):
        if asked.path.endswith("/request"):
            return Served({"pageInfo": {"results": 0}, "results": []})
        with self._lock:
            self.reads += 1
            skip, take = int(asked.query["skip"]), min(int(asked.query["take"]), self._largest_page)
            rows = [media_row(number) for number in self.rows[skip : skip + take]]
            answer = Served({"pageInfo": {"results": len(self.rows)}, "results": rows})
            self._change()
            return answer

    def _change(self):
        added, removed = self._changes.pop(0) if self._changes else (0, ())
        for index in sorted(removed, reverse=True):
            del self.rows[index % len(self.rows)]
        for _ in range(added):
            self._newest += 1
            self.rows.insert(0, self._newest)


def numbers_read(rows, workers=3):
    with ScriptedServer(rows) as server:
        client = a_client(server)
        states = client.fetch_states(workers=workers)
        client.close()
    return {tmdb_id for _media_type, tmdb_id in states}


@pytest.mark.parametrize("workers", [0, 1, 5])
@pytest.mark.parametrize(("count", "reads"), [(0, 1), (1, 1), (PAGE_SIZE, 1), (PAGE_SIZE + 1, 2), (3500, 4)])
def test_rows_that_stand_still_are_read_once_in_pages_of_a_thousand(count, reads, workers):
    rows = ChangingServer(count)

    assert numbers_read(rows, workers) == set(range(1, count + 1))
    assert rows.reads == reads


def test_rows_added_while_paging_shift_the_pages_and_nothing_is_missed():
    rows = ChangingServer(3000, changes=[(5, ()), (7, ())])

    assert numbers_read(rows) >= set(range(1, 3001))


def test_rows_removed_while_paging_shift_the_pages_and_nothing_is_missed():
    rows = ChangingServer(3000, changes=[(0, range(40)), (0, range(40))])

    assert numbers_read(rows) >= set(rows.rows)


def test_a_server_that_hands_out_smaller_pages_is_read_to_the_end():
    assert numbers_read(ChangingServer(2300, largest_page=500)) == set(range(1, 2301))


def test_a_page_that_cannot_be_read_fails_the_whole_reading():
    rows = ChangingServer(3500)

    def answer(asked):
        return Served("<html>Bad gateway</html>", 502) if asked.query.get("skip") == "2000" else rows(asked)

    with ScriptedServer(answer) as server, pytest.raises(ServiceUnavailable):
        a_client(server, retry_attempts=1).fetch_states(workers=2)


def test_recent_requests_beyond_one_page_are_read_in_pages():
    def answer(asked):
        skip, take = int(asked.query["skip"]), int(asked.query["take"])
        rows = [request_row(2500 - index) for index in range(skip, skip + take)]
        return Served({"pageInfo": {"results": 2500}, "results": rows})

    with ScriptedServer(answer) as server:
        requests = a_client(server).fetch_recent_requests(1050)

        assert [request.request_id for request in requests] == list(range(2500, 1450, -1))
        assert [asked.query["take"] for asked in server.asked] == ["1000", "50"]


def media_row(number):
    return {"id": number, "mediaType": "movie", "tmdbId": number, "status": 5, "status4k": 1, "seasons": []}


def request_row(number):
    media = {"id": number, "tmdbId": number, "mediaType": "movie"}
    return {"id": number, "type": "movie", "status": 2, "is4k": False, "media": media, "seasons": []}


def test_several_media_rows_of_one_title_are_one_state():
    rows = [media_row(603) | {"id": number, "status": status} for number, status in {3: 2, 2: 5, 1: 1}.items()]

    def answer(asked):
        found = [request_row(603)] if asked.path.endswith("/request") else rows
        return Served({"pageInfo": {"results": len(found)}, "results": found})

    with ScriptedServer(answer) as server:
        states = a_client(server).fetch_states()

    (state,) = states.values()
    assert (state.availability, len(state.requests)) == (5, 1)
    assert states.keys() == {(MediaType.MOVIE, 603)}


@given(st.integers(min_value=0, max_value=100_000))
def test_the_number_of_pages_is_what_holds_all_rows(rows):
    assert (count_pages(rows) - 1) * PAGE_SIZE < max(rows, 1) <= count_pages(rows) * PAGE_SIZE


def test_the_cost_of_reading_everything_is_known_from_the_fingerprint():
    assert OverseerrClient.count_state_pages(Fingerprint(20_000, 0, 0, 20_001, 9)) == 41
