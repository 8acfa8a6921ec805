"""Addresses that people type: they lead to the public Internet and to servers of the settings, and nowhere else."""

import contextlib
import socket

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.api.http.peers import Peer, Reach, fetch_refusal, judge_address, judge_host
from list_sync.clients import find_own_servers, open_quick_client
from list_sync.config import load_settings
from list_sync.errors import ServiceError
from list_sync.providers import available_providers
from tests.fakes.scripted_server import ScriptedServer, Served

METADATA = (
    "169.254.169.254",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "::ffff:169.254.169.254",
)


def test_the_metadata_of_clouds_is_told_from_private_networks():
    assert [one for one in (*METADATA, "64:ff9b::a9fe:a9fe") if judge_address(one) is not Peer.LINK_LOCAL] == []
    assert {judge_host(name) for name in ("metadata.google.internal.", "metadata.goog")} == {Peer.LINK_LOCAL}
    assert judge_host("2852039166") is Peer.LINK_LOCAL
    assert [judge_address(one) for one in ("10.0.0.1", "127.0.0.1", "fd00::1")] == [Peer.PRIVATE] * 3


@pytest.mark.parametrize("host", METADATA)
@pytest.mark.parametrize("is_led_by_public", [None, True, False])
def test_no_setting_opens_the_metadata_of_a_cloud(host, is_led_by_public):
    reach = Reach(allows_private=True, only_public=True, own_servers=frozenset({(host, 80)}))

    assert "no list is there" in reach.find_refusal(host, 80, judge_address(host), is_led_by_public=is_led_by_public)


def test_a_host_that_no_name_server_can_be_asked_for_is_judged_all_the_same():
    for host in ("127.0.0.1%00.lists.example", "a..example", f"{'a' * 300}.example"):
        assert fetch_refusal(f"http://{host}/list.json", allows_private=False) == ""


def test_a_server_of_the_settings_is_reached_at_its_own_port_and_by_no_redirect_from_outside():
    reach = Reach(only_public=True, own_servers=frozenset({("nas", 5055)}))

    assert reach.find_refusal("NAS.", 5055, Peer.PRIVATE, is_led_by_public=None) == ""
    assert "private network" in reach.find_refusal("nas", 22, Peer.PRIVATE, is_led_by_public=None)
    assert "a redirect to nas" in reach.find_refusal("nas", 5055, Peer.PRIVATE, is_led_by_public=True)
    assert "a redirect to nas" in reach.find_refusal("nas", 5055, Peer.PRIVATE, is_led_by_public=False)


def test_what_users_set_themselves_is_judged_only_where_others_redirect():
    reach = Reach()

    assert reach.find_refusal("192.168.1.4", 80, Peer.PRIVATE, is_led_by_public=None) == ""
    assert reach.find_refusal("192.168.1.4", 80, Peer.PRIVATE, is_led_by_public=False) == ""
    assert "private network" in reach.find_refusal("192.168.1.4", 80, Peer.PRIVATE, is_led_by_public=True)


def port_of(server):
    return int(server.url.rpartition(":")[2])


def ask(url):
    """Return the error of asking for an address that a person typed, None if there is none."""
    with contextlib.closing(HttpClient("file", retry_attempts=1, only_public=True)) as client:
        try:
            client.get(url)
        except ServiceError as error:
            return error
    return None


@pytest.fixture
def asked():
    """A server on this machine that counts what reaches it."""
    with ScriptedServer(lambda _: Served(body=b"[]")) as server:
        yield server


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "0.0.0.0",
        "public.example@127.0.0.1",
        "user:pass@localhost",
    ],
)
def test_no_spelling_of_this_machine_is_reached(asked, host):
    assert ask(f"http://{host}:{port_of(asked)}/list") is not None
    assert asked.asked == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/x", "//127.0.0.1/x"])
def test_only_http_is_spoken(url):
    assert ask(url) is not None


def test_a_name_is_looked_up_once_and_what_it_turns_to_later_is_not_reached(asked, monkeypatch):
    answers = iter([["127.0.0.2", "127.0.0.1"], ["127.0.0.1"]])
    looked_up = []

    def look_up(host, port, *_):
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert "rebinds.test, an address of this machine" in str(ask(f"http://rebinds.test:{port_of(asked)}/list"))
    assert (looked_up, asked.asked) == (["rebinds.test"], [])


def test_a_test_of_a_typed_server_reaches_the_servers_of_the_settings_alone(asked):
    def settings_for(url):
        environment = {"OVERSEERR_URL": url, "OVERSEERR_API_KEY": "key-of-the-server", "RADARR_URL": "http://nas:7878"}
        return load_settings(environment, providers=available_providers(), dotenv=None)

    configured = find_own_servers(settings_for(asked.url))
    assert configured == {("127.0.0.1", port_of(asked)), ("nas", 7878)}
    for own_servers, words in ((configured, "expected a user"), (frozenset(), "private network")):
        client = open_quick_client(settings_for(asked.url), own_servers=own_servers)
        with contextlib.closing(client), pytest.raises(ServiceError, match=words):
            client.fetch_owner()
    assert len(asked.asked) == 1


def test_the_address_of_a_list_is_looked_up_before_it_is_written_anywhere(monkeypatch):
    places = {
        "nas.example": ["10.0.0.2"],
        "cloud.example": ["8.8.8.8", "169.254.169.254"],
        "public.example": ["8.8.8.8"],
    }

    def look_up(host, port, **_):
        if host not in places:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in places[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    found = {
        (host, allows_private): fetch_refusal(f"http://{host}/list.json", allows_private=allows_private)
        for host in (*places, "unknown.example", "unknown.lan")
        for allows_private in (False, True)
    }
    refused = {place for place, words in found.items() if words}
    assert refused == {
        ("nas.example", False),
        ("cloud.example", False),
        ("cloud.example", True),
        ("unknown.lan", False),
    }


def test_no_list_is_at_a_link_local_address_whoever_named_it():
    reach = Reach(is_of_list=True)

    assert "no list is there" in reach.find_refusal("169.254.169.254", 80, Peer.LINK_LOCAL, is_led_by_public=None)
    assert reach.find_refusal("10.0.0.2", 80, Peer.PRIVATE, is_led_by_public=None) == ""
    assert Reach().find_refusal("169.254.7.7", 5055, Peer.LINK_LOCAL, is_led_by_public=None) == ""
