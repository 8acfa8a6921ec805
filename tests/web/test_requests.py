"""Requests that are too large, too deep, too slow, half, doubled, or no HTTP at all."""

import json
import logging
from contextlib import ExitStack, closing

import pytest
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from list_sync.model.access import Scope
from list_sync.web.entrance import bodies, connections
from list_sync.web.entrance.access import needs
from tests.fakes.patience import wait_until
from tests.web.conftest import TOKEN
from tests.web.raw import ask_raw, connect, read_all, request_of, send_raw, statuses
from tests.web.small_routes import SMALL

JSON = "Content-Type: application/json"
MANY = 10_000_000


def large_routes(_parts):
    router = APIRouter(dependencies=[needs(Scope.READ)])

    @router.get("/api/large")
    def large():
        return PlainTextResponse("x" * MANY)

    return router


@pytest.fixture
def running(start_service):
    return start_service(routes=(*SMALL, large_routes))


@pytest.fixture
def impatient(running, monkeypatch):
    """A service that waits a tenth of a second where it waits ten seconds."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.1)
    monkeypatch.setattr(connections, "UNREAD_SECONDS", 0.1)
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.1)
    return running


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/json ;x=y"]
)
def test_json_is_taken_under_its_name(running, kind):
    assert running.post("/api/ask", data=b"{}", headers={"Content-Type": kind}).status_code == 200


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/json",
        "application/jsonp",
        "json",
    ],
)
def test_a_body_of_another_kind_is_415(running, kind):
    headers = {"Content-Type": kind} if kind else {}
    answer = running.post("/api/ask", data=b"{}", headers=headers)

    assert answer.status_code == 415
    assert "Content-Type: application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}{}",
        b'{"title": NaN}',
        b'{"title": Infinity}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 33 + b"]" * 33,
        b'{"title": "\xff"}',
        b'{"title": "\xed\xa0\x80"}',
        rb'{"title": "\ud800"}',
        rb'{"\udfff": 1}',
        b"\xef\xbb\xbf{}",
        '{"title": "x"}'.encode("utf-16"),
        b'{"title": ' + b"1" * 5000 + b"}",
        b"\0",
    ],
)
def test_what_is_not_json_or_too_deep_is_400(running, body):
    answer = running.post("/api/ask", data=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


def test_a_body_of_another_shape_is_422_and_says_where(running):
    answer = running.post("/api/ask", json={"title": ["secret-of-the-caller"]})

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("body.title: ")
    assert "secret-of-the-caller" not in answer.text


def test_a_body_may_have_a_million_bytes_and_no_more(running):
    most = json.dumps({"title": "x" * (bodies.MOST_BYTES - 13)}).encode()
    assert len(most) == bodies.MOST_BYTES

    headers = {"Content-Type": "application/json"}
    assert running.post("/api/ask", data=most, headers=headers).status_code == 200
    assert ask_raw(running, "POST", "/api/ask", JSON, "Content-Length: 1000001", token=TOKEN) == 413
    assert ask_raw(running, "POST", "/api/ask", JSON, "Content-Length: 99999999999999999999", token=TOKEN) == 413


@pytest.mark.parametrize("size", [1_000_001, 50_000_000])
def test_a_client_that_sends_too_much_reads_why_it_is_refused(running, size):
    answer = running.post("/api/ask", data=b" " * size, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413


def test_chunks_are_counted_and_joined(running):
    lines = (JSON, "Transfer-Encoding: chunked")
    small = b'5\r\n{"tit\r\n9;x=y\r\nle": "H"}\r\n0\r\n\r\n'
    large = (b"10000\r\n" + b" " * 65536 + b"\r\n") * 16

    assert ask_raw(running, "POST", "/api/ask", *lines, token=TOKEN, body=small) == 200
    assert ask_raw(running, "POST", "/api/ask", *lines, token=TOKEN, body=large) == 413
    assert ask_raw(running, "POST", "/api/ask", *lines, token=TOKEN, body=b"zz\r\n{}\r\n0\r\n\r\n") == 400


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: 2, 3",),
        ("Content-Length: +2",),
        ("Content-Length: -2",),
        ("Content-Length: 0x2",),
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 2"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding: identity, chunked",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: gzip",),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding:\x0bchunked",),
        ("Content-Length : 2",),
        ("X: y\r\n folded", "Content-Length: 2, 5"),
        ("Content-Length: 0", "Authorization: Bearer other"),
    ],
)
def test_a_request_that_two_programs_could_read_differently_is_refused_and_closed(running, lines):
    hidden = request_of("DELETE", "/api/all", token=TOKEN)
    # Without "Connection: close", so that the service itself must close.
    head = ["POST /api/ask HTTP/1.1", "Host: localhost", JSON, f"Authorization: Bearer {TOKEN}", *lines]
    answer = send_raw(running, "\r\n".join([*head, "", ""]).encode("latin-1") + b"0\r\n\r\n" + hidden)

    assert statuses(answer) in ([400], [501])


def test_old_http_has_no_chunks(running):
    head = f"POST /api/ask HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n{JSON}\r\n"

    answer = send_raw(running, f"{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n".encode())

    assert b" 400 " in answer.splitlines()[0]


@pytest.mark.parametrize(
    "bytes_",
    [
        b"\r\n\r\n\r\n\r\nhello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /health\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX\x00: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 400_000 + b"\r\n\r\n",
        b"GET /" + b"y" * 400_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_and_not_logged(running, bytes_, caplog):
    assert set(statuses(send_raw(running, bytes_))) <= {400, 421}
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_an_upgrade_is_ignored_and_not_logged(running, caplog):
    lines = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13")

    assert ask_raw(running, "GET", "/api/look", *lines, token=TOKEN) == 200
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_garbage_after_the_answer_has_begun_closes_the_connection_and_is_not_logged(running, caplog):
    lines = ("Transfer-Encoding: chunked",)
    request = request_of("GET", "/api/large", *lines, token=TOKEN)

    with closing(connect(running)) as connection:
        connection.sendall(request)
        assert connection.recv(12) == b"HTTP/1.1 200"
        connection.sendall(b"no chunk\r\n")
        read_all(connection)

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_requests_in_one_packet_are_answered_in_their_order(running):
    first = request_of("GET", "/api/look", token=TOKEN).replace(b"Connection: close\r\n", b"")
    second = request_of("GET", "/api/none", token=TOKEN).replace(b"Connection: close\r\n", b"")

    assert statuses(send_raw(running, first + second + request_of("GET", "/api/look"))) == [200, 404, 401]


def test_head_is_answered_as_get_is_without_a_body(running):
    answer = send_raw(running, request_of("HEAD", "/api/look", token=TOKEN))
    head, _, body = answer.partition(b"\r\n\r\n")

    assert statuses(answer) == [200]
    assert b"content-length: 13" in head.lower()
    assert body == b""
    assert ask_raw(running, "HEAD", "/api/look") == 401


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "TRACE", "PROPFIND"])
def test_a_method_that_a_path_does_not_have_is_405(running, method):
    assert ask_raw(running, method, "/api/look", token=TOKEN) == 405


def test_a_fault_is_told_without_its_cause_and_logged_once(running, caplog):
    answer = running.post("/api/fail")

    assert answer.status_code == 500
    detail, _, number = answer.json()["detail"].rpartition(" ")
    assert detail == "this is a fault of ListSync; the log says more under"
    wait_until(lambda: caplog.messages)
    assert caplog.messages == [f"a fault of ListSync at POST /api/fail ({number}); please report this"]


@pytest.mark.parametrize("begun", [b"", b"GET", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: "])
def test_a_request_whose_headers_do_not_end_is_closed_soon(impatient, begun):
    with closing(connect(impatient)) as connection:
        connection.sendall(begun)

        assert read_all(connection) == b""


def test_headers_that_drip_do_not_get_more_time(impatient):
    def is_closed():
        try:
            connection.sendall(b"X")
        except ConnectionError:
            return True
        return False

    with closing(connect(impatient)) as connection:
        wait_until(is_closed)


def test_a_connection_that_asks_nothing_more_is_closed(impatient):
    request = request_of("GET", "/api/look", token=TOKEN).replace(b"Connection: close\r\n", b"")

    assert statuses(send_raw(impatient, request)) == [200]


@pytest.mark.parametrize("lines", [("Content-Length: 100",), ("Transfer-Encoding: chunked",)])
def test_a_body_that_does_not_arrive_is_408(impatient, lines):
    assert ask_raw(impatient, "POST", "/api/ask", JSON, *lines, token=TOKEN) == 408


def test_an_answer_that_is_not_read_does_not_keep_its_connection(impatient):
    request = request_of("GET", "/api/large", token=TOKEN)
    with closing(connect(impatient, receive_bytes=4096)) as connection:
        connection.sendall(request)
        assert connection.recv(1) == b"H"
        wait_until(lambda: not impatient.service._server.server_state.connections, "the end of the connection")

        assert len(read_all(connection)) < MANY


def test_a_large_answer_is_read_whole(running):
    assert len(send_raw(running, request_of("GET", "/api/large", token=TOKEN))) > MANY


def test_three_hundred_connections_do_not_keep_others_out(running):
    with ExitStack() as stack:
        held = [stack.enter_context(closing(connect(running))) for _ in range(300)]
        for connection in held[:50]:
            connection.sendall(b"GET /api/look HTTP/1.1\r\n")

        assert running.get("/api/look").status_code == 200
        wait_until(lambda: len(running.service._server.server_state.connections) <= connections.MOST_CONNECTIONS)


def test_clients_without_a_token_hold_only_a_few_large_bodies(running):
    large = b"x" * 100_000

    def send_webhook(body):
        return running.post("/sync-trigger", data=body, token="").status_code

    with ExitStack() as stack:
        for _ in range(bodies.MOST_LARGE):
            connection = stack.enter_context(closing(connect(running)))
            connection.sendall(request_of("POST", "/sync-trigger", "Content-Length: 900000") + large)
        wait_until(lambda: send_webhook(large) == 503, "no room for one more")

        assert send_webhook(b"{}") == 404
        assert running.post("/api/ask", json={"title": "x" * 100_000}).status_code == 200
    wait_until(lambda: send_webhook(large) == 404, "room again")
