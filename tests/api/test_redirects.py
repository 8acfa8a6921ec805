"""Where redirects may lead: never from a public host into this machine or a private network."""

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.api.http.peers import Peer, judge_address, judge_host
from list_sync.errors import ServiceUnavailable, UnexpectedResponse
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Asked, ScriptedServer, Served

REFUSED = "redirect to .*(private network|cloud), is refused: (set ALLOW_PRIVATE_SOURCES=true|no list is there)"
# Both are on loopback; the tests declare the first one public.
PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"


class Internet:
    """Two servers on loopback, a public and a private one, and names for them."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        self.names = {"public.test": [PUBLIC], "private.test": [PRIVATE]}
        self.asked: list[str] = []
        self.ports: dict[str, int] = {}

    def url(self, host: str, path: str = "/list", *, on: str = "") -> str:
        return f"http://{host}:{self.ports[on or self.names.get(host, [host])[0]]}{path}"

    def look_up(self, host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        addresses = self.names.get(host, [host])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    internet = Internet()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            internet.asked.append(f"{self.server.server_address[0]}{self.path}")
            place = internet.places.get(self.path)
            self.send_response_only(302 if place else 200)
            self.send_header("Content-Length", "2")
            if place:
                self.send_header("Location", place)
            self.end_headers()
            self.wfile.write(b"[]")

    monkeypatch.setattr(socket, "getaddrinfo", internet.look_up)
    monkeypatch.setattr(ipaddress.IPv4Address, "is_global", property(lambda self: str(self) == PUBLIC))
    with contextlib.ExitStack() as running:
        for address in (PUBLIC, PRIVATE):
            server = running.enter_context(ThreadingHTTPServer((address, 0), Handler))
            server.daemon_threads = True
            internet.ports[address] = server.server_port
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
            running.callback(server.shutdown)
        yield internet


@pytest.fixture
def client() -> Iterator[HttpClient]:
    with contextlib.closing(HttpClient("sample", timeout_seconds=PATIENCE_SECONDS)) as client:
        yield client


def test_a_public_host_leads_to_public_hosts_only(internet: Internet, client: HttpClient):
    internet.places = {
        "/to-public": internet.url("public.test"),
        "/to-private": internet.url("private.test"),
        "/to-address": internet.url(PRIVATE),
        "/by-two": internet.url("public.test", "/to-private"),
    }

    assert client.get_json(internet.url("public.test", "/to-public")) == []
    for path in ("/to-private", "/to-address", "/by-two"):
        with pytest.raises(UnexpectedResponse, match=REFUSED):
            client.get_json(internet.url("public.test", path))
    assert [asked for asked in internet.asked if asked.startswith(PRIVATE)] == []


def test_an_open_connection_to_a_private_host_is_no_way_around(internet: Internet, client: HttpClient):
    internet.places = {"/to-private": internet.url("private.test", "/secret")}
    assert client.get_json(internet.url("private.test")) == []

    with pytest.raises(UnexpectedResponse, match=REFUSED):
        client.get_json(internet.url("public.test", "/to-private"))
    assert f"{PRIVATE}/secret" not in internet.asked


def test_hosts_that_the_user_sets_may_be_private_and_lead_anywhere(internet: Internet, client: HttpClient):
    internet.places = {"/to-public": internet.url("public.test"), "/to-private": internet.url("private.test")}

    for path in ("/list", "/to-public", "/to-private"):
        assert client.get_json(internet.url("private.test", path)) == []


def test_private_addresses_can_be_allowed(internet: Internet):
    internet.places = {"/to-private": internet.url("private.test")}
    with contextlib.closing(HttpClient("sample", allows_private=True)) as client:
        assert client.get_json(internet.url("public.test", "/to-private")) == []


@pytest.mark.parametrize("later", [[PRIVATE], [PUBLIC, PRIVATE]])
def test_a_name_that_turns_private_is_refused_and_only_checked_addresses_are_reached(
    internet: Internet, client: HttpClient, later: list[str]
):
    internet.places = {"/again": internet.url("turning.test", on=PUBLIC)}
    internet.names["turning.test"] = later

    with pytest.raises(UnexpectedResponse, match=REFUSED):
        client.get_json(internet.url("public.test", "/again"))


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:192.168.1.1]/",
        "http://[fe80::1%25eth0]/",
        "http://[64:ff9b::a00:1]/",
        "http://localhost/",
        "http://router/",
        "//192.168.1.1/",
    ],
)
def test_behind_a_proxy_no_redirect_leads_to_a_private_address(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch, place: str
):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    answers = [Served(b"", 302, {"Location": place}), Served([1])]
    with ScriptedServer(answers) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with pytest.raises(UnexpectedResponse, match=REFUSED):
            client.get_json("http://public.example/list")

    assert len(proxy.asked) == 1


def test_behind_a_proxy_names_and_what_the_user_sets_are_asked_for(client: HttpClient, monkeypatch: pytest.MonkeyPatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    def answer(asked: Asked) -> Served:
        return Served(b"", 302, {"Location": "http://other.example/list"}) if asked.path == "/old" else Served([1])

    with ScriptedServer(answer) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert client.get_json("http://public.example/old") == [1]
        assert client.get_json("http://192.168.1.20/old") == [1]


@pytest.mark.parametrize(
    "place",
    ["file:///etc/passwd?key=SECRET", "file:/etc/passwd", "ftp://h/x", "data:,x", "http://a..b/", "http://h:x/"],
)
def test_a_redirect_to_what_is_no_address_of_http_says_so_and_is_not_followed(client: HttpClient, place: str):
    with (
        ScriptedServer([Served(b"", 302, {"Location": place})]) as server,
        pytest.raises(UnexpectedResponse, match=r"redirects to an address that is not http\(s\)://host/…$") as raised,
    ):
        client.get_json(f"{server.url}/list")

    assert "SECRET" not in str(raised.value)


def test_an_address_that_the_user_set_and_is_none_of_http_is_named_as_such(client: HttpClient):
    with pytest.raises(UnexpectedResponse, match="is not an address that can be read"):
        client.get_json("file:///etc/passwd")


def test_where_a_redirect_leads_in_vain_the_other_host_is_named():
    with (
        ScriptedServer([Served(b"", 302, {"Location": "http://127.0.0.1:1/list"})]) as server,
        contextlib.closing(HttpClient("sample", retry_attempts=1)) as client,
        pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:1 cannot be reached: connection refused"),
    ):
        client.get_json(f"{server.url}/list")


def test_public_addresses_are_told_from_all_others():
    public = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
    others = ["0.0.0.0", "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "224.0.0.1"]
    others += ["255.255.255.255", "::", "::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "2002:a00:1::1"]
    others += ["::127.0.0.1", "::ffff:0:a00:1", "fec0::1", "64:ff9b:1::a00:1", "64:ff9b::7f00:1"]

    assert [address for address in public if judge_address(address) is not Peer.PUBLIC] == []
    assert [address for address in others if judge_address(address) is Peer.PUBLIC] == []


def test_names_of_the_local_network_look_private():
    assert [
        name for name in ("example.org", "example.org.", "a.b.example") if judge_host(name) is not Peer.PUBLIC
    ] == []
    assert [
        name
        for name in (
            "nas",
            "localhost",
            "app.localhost",
            "LOCALHOST.",
            "",
            "nas.local",
            "%31%32%37.0.0.1",
            "a.internal",
        )
        if judge_host(name) is Peer.PUBLIC
    ] == []


def test_an_address_that_others_named_must_be_public(internet):
    words = "^file: private.test, .*private network, is refused: set ALLOW_PRIVATE_SOURCES=true"
    with contextlib.closing(HttpClient("file", retry_attempts=1, only_public=True)) as client:
        with pytest.raises(UnexpectedResponse, match=words):
            client.get(internet.url("private.test"))
        client.get(internet.url("public.test"))
        with pytest.raises(UnexpectedResponse, match=words):
            client.get(internet.url("private.test"))
    assert internet.asked == [f"{PUBLIC}/list"]
