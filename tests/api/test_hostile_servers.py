"""Servers that misbehave on purpose: every exchange ends at its deadline, and at once after a stop."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from list_sync.api.http import bodies, watch
from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.client import HttpClient
from list_sync.errors import AnswerLost, ServiceUnavailable, SyncCancelled, UnexpectedResponse
from tests.fakes.hostile_servers import (
    CHUNKED,
    DRIP_SECONDS,
    DRIPS,
    FLOODS,
    FOREIGN,
    HEAD,
    HostileServer,
    start_of_gzip,
)
from tests.fakes.tls import trusted_server


@contextlib.contextmanager
def hostile(
    first: bytes, again: bytes = b"", *, reached: Callable[[], None] = lambda: None, seconds: float = DRIP_SECONDS
) -> Iterator[str]:
    """Give the address of a server that sends `first` after the request, and then `again` until the client leaves."""

    def talk(client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(first)
        reached()
        while not server.closing.wait(seconds):
            client.sendall(again)

    server = HostileServer(talk)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.close()
        thread.join()


@contextlib.contextmanager
def a_client(timeout_seconds: float = 60.0, **more: object) -> Iterator[HttpClient]:
    with contextlib.closing(HttpClient("sample", timeout_seconds=timeout_seconds, **more)) as client:  # type: ignore[arg-type]
        yield client


@pytest.mark.parametrize("drip", DRIPS)
def test_a_drip_ends_at_the_deadline(drip: str):
    with hostile(*DRIPS[drip]) as url, a_client(0.1) as client, pytest.raises(AnswerLost) as caught:
        client.send("GET", url)

    assert "complete" in str(caught.value) or "in time" in str(caught.value)


def test_an_exchange_that_took_all_its_time_is_not_tried_again():
    clients: list[None] = []
    drip = DRIPS["the body"]
    with (
        hostile(*drip, reached=lambda: clients.append(None)) as url,
        a_client(0.2, retry_attempts=9) as client,
        pytest.raises(AnswerLost),
    ):
        client.get(url)

    assert len(clients) < 3


@pytest.mark.parametrize("drip", DRIPS)
def test_a_stop_is_heard_at_every_point_of_a_read(drip: str):
    stop = threading.Event()
    with (
        hostile(*DRIPS[drip], reached=stop.set) as url,
        a_client(3600, stop=stop) as client,
        pytest.raises(SyncCancelled),
    ):
        client.get(url)


def test_a_stop_leaves_a_write_some_time_for_its_answer(monkeypatch: pytest.MonkeyPatch):
    stop = threading.Event()
    answer = HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n[]"
    monkeypatch.setattr(watch, "SECONDS_FOR_A_WRITE", 60.0)
    with hostile(b"", answer, reached=stop.set) as url, a_client(3600, stop=stop) as client:
        assert client.send("POST", url, json={}).content == b"[]"
    stop.clear()
    monkeypatch.setattr(watch, "SECONDS_FOR_A_WRITE", 0.1)
    with (
        hostile(*DRIPS["the body"], reached=stop.set) as url,
        a_client(3600, stop=stop) as client,
        pytest.raises(AnswerLost, match="not complete"),
    ):
        client.send("POST", url, json={})


def test_a_stop_and_the_deadline_are_heard_while_a_connection_is_encrypted():
    stop = threading.Event()
    with (
        hostile(b"", b"", reached=stop.set) as url,
        a_client(3600, stop=stop) as client,
        pytest.raises(SyncCancelled),
    ):
        client.send("GET", url.replace("http:", "https:"))
    record = (b"\x16\x03\x03\x40\x00", b"\x02")
    with hostile(*record) as url, a_client(0.1) as client, pytest.raises(AnswerLost):
        client.send("GET", url.replace("http:", "https:"))


def test_a_stop_and_the_deadline_are_heard_while_a_name_is_looked_up(monkeypatch: pytest.MonkeyPatch):
    stop, end = threading.Event(), threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        stop.set()
        end.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with a_client(3600, stop=stop) as client, pytest.raises(SyncCancelled):
        client.get("http://sample.invalid/")
    with a_client(0.1) as client, pytest.raises(ServiceUnavailable, match="no connection in time") as caught:
        client.send("GET", "http://sample.invalid/")
    end.set()

    assert not isinstance(caught.value, AnswerLost)


def test_a_stop_and_the_deadline_are_heard_while_a_proxy_makes_a_tunnel(monkeypatch: pytest.MonkeyPatch):
    stop = threading.Event()
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with hostile(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", reached=stop.set) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        with a_client(3600, stop=stop) as client, pytest.raises(SyncCancelled):
            client.send("GET", "https://sample.invalid/")
        with a_client(0.1) as client, pytest.raises(ServiceUnavailable):
            client.send("GET", "https://sample.invalid/")


def test_a_stop_and_the_deadline_are_heard_while_a_socks_proxy_makes_a_connection(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("socks")
    stop = threading.Event()
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    # The answer to the greeting, and a name of 255 letters in the answer to the request.
    with hostile(b"\x05\x00\x05\x00\x00\x03\xff", b"x", reached=stop.set) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.replace("http:", "socks5h:"))
        with a_client(3600, stop=stop) as client, pytest.raises(SyncCancelled):
            client.send("GET", "http://sample.invalid/")
        with a_client(0.1) as client, pytest.raises(ServiceUnavailable, match="the proxy"):
            client.send("GET", "http://sample.invalid/")


@pytest.mark.parametrize("flood", FLOODS)
def test_more_bytes_than_an_answer_may_have_are_refused(flood: str):
    with (
        hostile(*FLOODS[flood], seconds=0.0) as url,
        a_client(max_bytes=100_000) as client,
        pytest.raises(UnexpectedResponse, match=r"larger than it may be|over 100000 bytes"),
    ):
        client.get(url)


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_http_is_called_so(what: str):
    with (
        hostile(*FOREIGN[what], seconds=0.0) as url,
        a_client(retry_attempts=0) as client,
        pytest.raises(AnswerLost, match="not HTTP: check the address and the port"),
    ):
        client.get(url)


def test_a_body_in_too_many_tiny_parts_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bodies, "MOST_PARTS", 100)
    tiny = (CHUNKED, b"1\r\n \r\n" * 10)
    with hostile(*tiny) as url, a_client() as client, pytest.raises(UnexpectedResponse, match="tiny parts"):
        client.get(url)


def test_the_body_of_a_redirect_is_not_read():
    with hostile(HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n[]") as target:
        redirect = f"HTTP/1.1 302 Found\r\nLocation: {target}/\r\nContent-Encoding: gzip\r\n\r\n".encode()
        with hostile(redirect + start_of_gzip(), b" " * 10_000) as url, a_client() as client:
            assert client.get_json(url) == []


def test_broken_headers_leave_no_line_in_the_log(caplog: pytest.LogCaptureFixture):
    broken = HEAD + b"Content-Length: 3\r\nno colon\r\nX: y\r\n\r\n[1]"
    with hostile(broken) as url, a_client(0.1) as client, contextlib.suppress(AnswerLost):
        client.send("GET", url)

    assert caplog.records == []


@pytest.mark.parametrize("charset", ["punycode", "Punycode", "idna", "undefined", "unicode_escape", "zip", "x"])
def test_the_text_of_an_answer_is_decoded_by_alphabets_only(charset: str):
    page = b"<html><title>Down</title>" + b"abcz" * 50_000 + b"-" + b"zzza" * 50_000
    answer = HttpAnswer(200, {"Content-Type": f"text/html; charset={charset}"}, page, "", "sample")

    assert (answer.page_title, len(answer.text)) == ("Down", len(page))


def test_an_interim_answer_is_not_taken_for_the_answer():
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    with hostile(early + HEAD + b"Content-Length: 3\r\n\r\n[1]") as url, a_client() as client:
        assert client.get_json(url) == [1]


def test_encrypted_answers_are_read_and_unknown_certificates_refused(tmp_path, monkeypatch: pytest.MonkeyPatch):
    with trusted_server(tmp_path, [1]) as (url, certificate):
        with a_client() as client, pytest.raises(ServiceUnavailable, match="certificate"):
            client.send("GET", url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with a_client() as client:
            assert [client.get_json(url) for _ in range(2)] == [[1], [1]]
