"""Rule 2 of the facts: what overlapping POST /request do to each other, and that single ones are safe."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from list_sync.demo.catalogue.synthetic import FIRST_TMDB_ID
from list_sync.demo.server.demo_server import DemoServer, Dialect
from tests.demo.server_facts.world import MATRIX, TWO_SEASONS, WORLD
from tests.fakes.patience import PATIENCE_SECONDS

FILMS = 60
POST_SECONDS = 0.01


class MeetingServer(DemoServer):
    """A server at which requests wait for each other, once they were checked and before their rows are written."""

    meeting: threading.Barrier | None = None

    def _pause(self, seconds: float) -> None:
        if self.meeting is not None and seconds == self.faults.post_seconds:
            self.meeting.wait(PATIENCE_SECONDS)
        super()._pause(seconds)


@pytest.fixture(params=list(Dialect))
def server(request: pytest.FixtureRequest) -> Iterator[MeetingServer]:
    with MeetingServer(request.param, WORLD, synthetic_films=1000, post_seconds=POST_SECONDS) as server:
        yield server


def film(tmdb: int) -> dict[str, Any]:
    return {"mediaType": "movie", "mediaId": tmdb, "is4k": False}


def post_all(
    server: DemoServer, bodies: Sequence[dict[str, Any]], workers: int, user: str = "1"
) -> list[tuple[int, str]]:
    """Return status and message for each body, sent by this many workers at once."""
    headers = {"X-Api-Key": server.api_key, "X-API-User": user}

    def send(body: dict[str, Any]) -> tuple[int, str]:
        # Each on a connection of its own: on a busy machine, one that is kept is closed by the server meanwhile.
        answer = requests.post(f"{server.url}/api/v1/request", json=body, headers=headers, timeout=PATIENCE_SECONDS)
        return answer.status_code, answer.json().get("message", "")

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(send, bodies))


def ask(server: DemoServer, tmdb: int) -> dict[str, Any]:
    """Return the server's answer to one request by itself."""
    answer = requests.post(
        f"{server.url}/api/v1/request", json=film(tmdb), headers={"X-Api-Key": server.api_key}, timeout=PATIENCE_SECONDS
    )
    created: dict[str, Any] = answer.json()
    return created


def mixed() -> list[dict[str, Any]]:
    """Return requests for different films with one that fails after every fifth."""
    bodies = [film(FIRST_TMDB_ID + number) for number in range(FILMS)]
    for place in range(FILMS - 5, 0, -5):
        bodies.insert(place, film(MATRIX))
    return bodies


def lost(server: DemoServer, bodies: Sequence[dict[str, Any]], results: Sequence[tuple[int, str]]) -> list[int]:
    """Return the films that were answered 201 and have no request."""
    there = {row["tmdb_id"] for row in server.requests()}
    accepted = [body["mediaId"] for body, (status, _) in zip(bodies, results, strict=True) if status == 201]
    return [tmdb for tmdb in accepted if tmdb not in there]


def test_one_worker_loses_nothing(server: DemoServer) -> None:
    post_all(server, [film(MATRIX)], 1)
    bodies = mixed()

    results = post_all(server, bodies, 1)

    assert Counter(status for status, _ in results) == {201: FILMS, 409: 11}
    assert lost(server, bodies, results) == []


@pytest.mark.parametrize("workers", [2, 10])
def test_a_failing_post_takes_the_rows_of_its_neighbours_along(server: DemoServer, workers: int) -> None:
    post_all(server, [film(MATRIX)], 1)
    bodies = mixed()

    results = post_all(server, bodies, workers)

    missing = lost(server, bodies, results)
    assert missing
    assert len(server.requests()) < FILMS
    assert {status for status, _ in results} <= {201, 409, 500}


def test_the_number_of_a_lost_row_is_given_to_another_film(server: DemoServer) -> None:
    server.faults.lose_rows = 2

    numbers = [ask(server, FIRST_TMDB_ID + number)["id"] for number in range(4)]

    assert numbers == [1, 1, 1, 2]
    assert [(row["id"], row["tmdb_id"] - FIRST_TMDB_ID) for row in server.requests()] == [(1, 2), (2, 3)]


def test_the_number_of_a_request_that_was_deleted_is_not_used_again(server: DemoServer) -> None:
    number = ask(server, FIRST_TMDB_ID)["id"]
    server.delete_request(number)

    assert ask(server, FIRST_TMDB_ID + 1)["id"] == number + 1


def test_sometimes_the_media_row_stays_behind(server: DemoServer) -> None:
    post_all(server, [film(MATRIX)], 1)
    bodies = mixed()

    missing = set(lost(server, bodies, post_all(server, bodies, 10)))

    orphans = {row["tmdb_id"] for row in server.media()} & missing
    assert orphans
    assert orphans != missing


def test_innocent_posts_may_fail_with_a_foreign_key(server: DemoServer) -> None:
    post_all(server, [film(MATRIX)], 1)
    server.faults.post_seconds = 5 * POST_SECONDS

    messages: set[str] = set()
    # They may: on a busy machine a whole round may come through one after another.
    for _ in range(5):
        messages |= {message for status, message in post_all(server, mixed() * 3, 20) if status == 500}
        if messages:
            break

    assert messages == {"SQLITE_CONSTRAINT: FOREIGN KEY constraint failed"}


def test_different_films_in_parallel_lose_nothing_as_long_as_none_fails(server: DemoServer) -> None:
    bodies = [film(FIRST_TMDB_ID + number) for number in range(200)]

    results = post_all(server, bodies, 10)

    assert {status for status, _ in results} == {201}
    assert len(server.requests()) == 200


def test_the_same_film_in_parallel_is_accepted_several_times_and_has_several_rows(server: MeetingServer) -> None:
    server.meeting = threading.Barrier(20)

    statuses = [status for status, _ in post_all(server, [film(MATRIX)] * 20, 20)]

    assert statuses.count(201) > 1
    rows = [row for row in server.media() if row["tmdb_id"] == MATRIX]
    assert len(rows) > 1
    assert len(server.requests()) <= statuses.count(201)


def test_the_same_show_in_parallel_mostly_breaks_the_unique_tvdb_id(server: MeetingServer) -> None:
    body = {"mediaType": "tv", "mediaId": TWO_SEASONS, "seasons": [1], "is4k": False}

    server.meeting = threading.Barrier(20)
    results = post_all(server, [body] * 20, 20)

    messages = Counter(message for status, message in results if status == 500)
    assert messages["SQLITE_CONSTRAINT: UNIQUE constraint failed: media.tvdbId"] > 0
    assert len([row for row in server.media() if row["tmdb_id"] == TWO_SEASONS]) <= 1


def test_quotas_are_not_atomic(server: MeetingServer) -> None:
    server.meeting = threading.Barrier(10)
    user = server.add_user("alice", movie_quota=2)

    results = post_all(server, [film(FIRST_TMDB_ID + number) for number in range(10)], 10, user=str(user))

    assert [status for status, _ in results].count(201) == 10


def test_without_loss_posts_wait_for_each_other(server: DemoServer) -> None:
    server.faults.lossy = False
    server.faults.post_seconds = 0.001
    post_all(server, [film(MATRIX)], 1)
    bodies = mixed()

    results = post_all(server, bodies, 10)

    assert Counter(status for status, _ in results) == {201: FILMS, 409: 11}
    assert lost(server, bodies, results) == []
