"""The proxies of the environment, by host, and requests of which only the body differs."""

import pytest

from list_sync.api.http.client import HttpClient
from tests.fakes.scripted_server import ScriptedServer, Served

DONE = Served({})


@pytest.fixture
def client(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return HttpClient("trakt", retry_attempts=1)


def hosts(server):
    return [asked.headers["Host"] for asked in server.asked]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_hosts_in_no_proxy_are_asked_directly_and_others_through_the_proxy(client, monkeypatch, name):
    with ScriptedServer([DONE]) as proxy, ScriptedServer([DONE]) as server:
        monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        for _ in range(2):
            client.get(f"{server.url}/list")
            client.get("http://sample.invalid/list")

    assert hosts(proxy) == ["sample.invalid"] * 2
    assert len(server.asked) == 2


def test_https_has_a_proxy_of_its_own(client, monkeypatch):
    with ScriptedServer([DONE]) as proxy, ScriptedServer([DONE]) as server:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        client.get(f"{server.url}/list")

    assert (len(proxy.asked), len(server.asked)) == (0, 1)


def test_the_environment_is_read_once_for_each_host(client, monkeypatch):
    with ScriptedServer([DONE]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        client.get("http://sample.invalid/list")
        monkeypatch.delenv("HTTP_PROXY")
        client.get("http://sample.invalid/another")

    assert len(proxy.asked) == 2


def test_posts_in_turn_keep_their_own_bodies_headers_and_cookies(client):
    with ScriptedServer([DONE, DONE, DONE, Served({}, headers={"Set-Cookie": "id=7"}), DONE]) as server:
        for number, user in ((1, "1"), (2, "1"), (300, "2"), (4, "1"), (5, "1")):
            client.send("POST", f"{server.url}/request", json={"mediaId": number}, headers={"X-API-User": user})

    assert [asked.json["mediaId"] for asked in server.asked] == [1, 2, 300, 4, 5]
    assert [asked.headers["X-API-User"] for asked in server.asked] == ["1", "1", "2", "1", "1"]
    assert [int(asked.headers["Content-Length"]) for asked in server.asked] == [len(one.body) for one in server.asked]
    assert [asked.headers.get("Cookie") for asked in server.asked] == [None] * 4 + ["id=7"]
