"""What the demo server can be told to do wrong."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from list_sync.demo.server.demo_server import Call, DemoServer, Dialect
from tests.demo.server_facts.world import ALIEN, ALIENS, MATRIX, TWO_SEASONS, WORLD
from tests.fakes.patience import PATIENCE_SECONDS


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(Dialect.SEERR, WORLD, post_seconds=0.0) as server:
        yield server


@pytest.fixture
def session(server: DemoServer) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["X-Api-Key"] = server.api_key
        yield session


def get(server: DemoServer, session: requests.Session, path: str, **options: Any) -> requests.Response:
    return session.get(f"{server.url}/api/v1{path}", timeout=PATIENCE_SECONDS, allow_redirects=False, **options)


def ask(server: DemoServer, session: requests.Session, tmdb: int) -> requests.Response:
    body = {"mediaType": "movie", "mediaId": tmdb, "is4k": False}
    return session.post(f"{server.url}/api/v1/request", json=body, timeout=PATIENCE_SECONDS)


def test_a_call_with_a_query_is_under_way_until_it_is_answered(server: DemoServer, session: requests.Session) -> None:
    get(server, session, "/request?take=10")

    assert [call.label for call in server.calls] == ["GET /api/v1/request?take=10"]
    assert server.under_way == []


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_that_is_down_answers_every_call_alike(
    server: DemoServer, session: requests.Session, status: int
) -> None:
    server.faults.down_status = status
    server.faults.retry_after = 7

    for answer in (get(server, session, "/status"), ask(server, session, MATRIX)):
        assert answer.status_code == status
        assert answer.headers["Retry-After"] == "7"
    assert server.requests() == []


@pytest.mark.parametrize("percent", [0, 20, 100])
def test_tmdb_fails_in_a_share_of_the_calls(server: DemoServer, session: requests.Session, percent: int) -> None:
    server.faults.tmdb_failing_percent = percent

    answers = [get(server, session, f"/search?query=imdb%3Att{number}").status_code for number in range(200)]

    assert abs(answers.count(500) - 2 * percent) <= 20


def test_a_search_by_year_asks_tmdb_twice_and_either_may_fail(server: DemoServer, session: requests.Session) -> None:
    def found(good_calls: int) -> int:
        server.let_pass(301)
        server.faults.tmdb_good_calls = good_calls
        return int(get(server, session, "/search?query=fight%20club%20year%3A1999").json()["totalResults"])

    assert [found(good_calls) for good_calls in (0, 1, 2)] == [0, 1, 1]


def test_a_server_may_be_down_for_some_calls_only(server: DemoServer, session: requests.Session) -> None:
    server.faults.down_status = 503
    server.faults.down_calls = 2

    assert [get(server, session, "/status").status_code for _ in range(3)] == [503, 503, 200]


def test_faults_may_concern_some_calls_only(server: DemoServer, session: requests.Session) -> None:
    server.faults.down_status = 500
    server.faults.only = "GET /api/v1/media"

    assert get(server, session, "/media?take=1").status_code == 500
    assert get(server, session, "/auth/me").status_code == 200


def test_html_in_place_of_json(server: DemoServer, session: requests.Session) -> None:
    server.faults.html_answers = True

    answer = get(server, session, "/auth/me")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_redirect_to_a_log_in_page(server: DemoServer, session: requests.Session) -> None:
    server.faults.login_redirect = True

    answer = get(server, session, "/auth/me")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")
    page = session.get(f"{server.url}/login", timeout=PATIENCE_SECONDS)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_truncated_json(server: DemoServer, session: requests.Session) -> None:
    server.faults.truncate_json = True

    answer = get(server, session, "/auth/me")

    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_garbage(server: DemoServer, session: requests.Session) -> None:
    server.faults.garbage = True
    server.faults.garbage_bytes = 100_000

    answer = get(server, session, "/media")

    assert answer.status_code == 200
    assert len(answer.content) == 100_000


def test_slowness(server: DemoServer, session: requests.Session) -> None:
    server.faults.slow_seconds = 0.1
    started = time.monotonic()

    get(server, session, "/status")

    assert time.monotonic() - started >= 0.1


def test_a_request_whose_answer_is_lost_was_carried_out(server: DemoServer, session: requests.Session) -> None:
    server.faults.drop_after_write = 1

    with pytest.raises(requests.ConnectionError):
        ask(server, session, MATRIX)

    assert [row["tmdb_id"] for row in server.requests()] == [MATRIX]
    assert server.posts_by_title() == {("movie", MATRIX, False): 1}
    assert server.answers_by_title() == {}
    assert ask(server, session, MATRIX).status_code == 409
    assert server.answers_by_title() == {("movie", MATRIX, False): [409]}


def test_a_request_that_is_dropped_before_it_was_carried_out(server: DemoServer, session: requests.Session) -> None:
    server.faults.drop_before_write = 1

    with pytest.raises(requests.ConnectionError):
        ask(server, session, MATRIX)

    assert server.requests() == []
    assert ask(server, session, MATRIX).status_code == 201


def test_rows_that_are_lost_although_nothing_failed(server: DemoServer, session: requests.Session) -> None:
    server.faults.lose_rows = 2

    assert [ask(server, session, tmdb).status_code for tmdb in (MATRIX, ALIEN, ALIENS)] == [201, 201, 201]

    assert [row["tmdb_id"] for row in server.requests()] == [ALIENS]


def test_titles_that_become_available_by_themselves(server: DemoServer, session: requests.Session) -> None:
    ask(server, session, MATRIX)
    assert server.media()[0]["status"] == 3

    server.faults.auto_available_seconds = 0.0

    assert get(server, session, f"/movie/{MATRIX}").json()["mediaInfo"]["status"] == 5
    assert server.requests()[0]["status"] == 5


def test_a_crash_drops_connections_and_a_revival_finds_the_rows(server: DemoServer, session: requests.Session) -> None:
    ask(server, session, MATRIX)
    address = server.url

    server.crash()
    with pytest.raises(requests.ConnectionError):
        get(server, session, "/status")
    server.revive()

    assert server.url == address
    assert get(server, session, "/request").json()["pageInfo"]["results"] == 1


def test_a_crash_in_the_middle_of_a_post_leaves_nothing(server: DemoServer) -> None:
    server.faults.post_seconds = 5.0
    body = b'{"mediaType":"movie","mediaId":603,"is4k":false}'
    head = (
        f"POST /api/v1/request HTTP/1.1\r\nHost: x\r\nX-Api-Key: {server.api_key}\r\nContent-Type: application/json\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        while not server.posts_by_title():
            time.sleep(0.005)
        server.crash()
        assert connection.recv(1) == b""
    assert server.requests() == []


def test_dying_after_some_calls(server: DemoServer, session: requests.Session) -> None:
    server.faults.die_in_the_middle = 2

    assert get(server, session, "/status").status_code == 200
    assert ask(server, session, MATRIX).status_code == 201
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            get(server, session, "/status")
    assert not server.is_running
    server.revive()
    assert get(server, session, "/request").json()["pageInfo"]["results"] == 1


def test_calls_are_counted_and_kept(server: DemoServer, session: requests.Session) -> None:
    server.add_user("alice")
    get(server, session, "/media?take=1", headers={"X-API-User": "2"})
    ask(server, session, MATRIX)
    ask(server, session, MATRIX)

    assert (server.reads, server.writes) == (1, 2)
    body = {"mediaType": "movie", "mediaId": MATRIX, "is4k": False}
    assert server.calls == [
        Call("GET", "/api/v1/media", "take=1", 2, None, 200),
        Call("POST", "/api/v1/request", "", 1, body, 201),
        Call("POST", "/api/v1/request", "", 1, body, 409),
    ]
    assert server.posts_by_title() == {("movie", MATRIX, False): 2}
    assert server.answers_by_title() == {("movie", MATRIX, False): [201, 409]}
    server.reset_counts()
    assert (server.reads, server.writes, server.calls, server.posts_by_title()) == (0, 0, [], {})


def test_behind_a_prefix_that_a_proxy_strips() -> None:
    with DemoServer(Dialect.SEERR, WORLD, path_prefix="/overseerr") as server:
        inside = requests.get(f"{server.url}/api/v1/status", timeout=PATIENCE_SECONDS)
        outside = requests.get(f"{server.root_url}/api/v1/status", timeout=PATIENCE_SECONDS)

    assert server.url.endswith("/overseerr")
    assert inside.json()["commitTag"] == "f74306ed"
    assert outside.status_code == 404
    assert outside.headers["Content-Type"].startswith("text/html")


def test_an_answer_that_did_not_change_needs_not_be_sent_again(server: DemoServer, session: requests.Session) -> None:
    first = get(server, session, "/media")

    again = get(server, session, "/media", headers={"If-None-Match": first.headers["ETag"]})
    ask(server, session, MATRIX)
    changed = get(server, session, "/media", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


def test_synthetic_films_are_found_by_number_by_id_and_by_title() -> None:
    with DemoServer(Dialect.SEERR, WORLD, synthetic_films=20_000) as server:
        headers = {"X-Api-Key": server.api_key}

        def search(query: str) -> dict[str, Any]:
            url = f"{server.url}/api/v1/search?query={query}"
            return requests.get(url, headers=headers, timeout=PATIENCE_SECONDS).json()

        (by_imdb,) = search("imdb%3Att90000001")["results"]
        (by_title,) = search("Synthetic%20Film%20000001")["results"]
        (by_year,) = search("Synthetic%20Film%20000001%20year%3A1951")["results"]
        everything = search("synthetic%20film&page=500")
        assert search("imdb%3Att90020000")["totalResults"] == 0

    assert by_imdb == by_title == by_year
    assert (by_imdb["id"], by_imdb["title"], by_imdb["releaseDate"]) == (5000001, "Synthetic Film 000001", "1951-06-15")
    assert (everything["totalResults"], everything["totalPages"], len(everything["results"])) == (20_000, 500, 20)


def test_a_show_put_in_place_is_shown_with_its_seasons(server: DemoServer, session: requests.Session) -> None:
    server.set_media("tv", TWO_SEASONS, status=4, seasons={1: 5, 2: 3})

    info = get(server, session, f"/tv/{TWO_SEASONS}").json()["mediaInfo"]

    assert [(season["seasonNumber"], season["status"]) for season in info["seasons"]] == [(1, 5), (2, 3)]
