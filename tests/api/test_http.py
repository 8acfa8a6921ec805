"""The HTTP client over real loopback connections: retries, limits, and what is told of failures."""

import gzip
import socket
import threading

import pytest

from list_sync.api.http.client import USER_AGENT, HttpClient
from list_sync.errors import (
    AnswerLost,
    Blocked,
    RateLimited,
    ResourceNotFound,
    ServiceUnavailable,
    SyncCancelled,
    UnexpectedResponse,
)
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import ScriptedServer, Served


class RecordingStop(threading.Event):
    """A stop event on which waiting takes no time; it notes for how long it was asked to wait."""

    def __init__(self, *, stops_after: int | None = None) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._stops_after = stops_after

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        if self._stops_after is not None and len(self.waits) >= self._stops_after:
            self.set()
        return self.is_set()


@pytest.fixture
def stop() -> RecordingStop:
    return RecordingStop()


@pytest.fixture
def client(stop: RecordingStop):
    client = HttpClient("sample", timeout_seconds=PATIENCE_SECONDS, stop=stop)
    yield client
    client.close()


def a_closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_json_is_read_and_we_say_who_we_are(client: HttpClient):
    with ScriptedServer([Served({"a": [1]})]) as server:
        assert client.get_json(f"{server.url}/x", params={"q": "a b"}) == {"a": [1]}

    (asked,) = server.asked
    assert asked.query == {"q": "a b"}
    assert asked.headers["User-Agent"] == USER_AGENT
    assert USER_AGENT.startswith("ListSync/")
    assert "+http" in USER_AGENT


def test_own_headers_are_sent_with_every_request():
    with ScriptedServer([Served({})]) as server:
        client = HttpClient("sample", headers={"X-Api-Key": "abc"})
        client.send("GET", server.url, headers={"X-Other": "1"})
        client.close()

    assert server.asked[0].headers["X-Api-Key"] == "abc"
    assert server.asked[0].headers["X-Other"] == "1"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 521])
def test_a_read_is_tried_again_when_the_service_is_busy(client: HttpClient, stop: RecordingStop, status: int):
    with ScriptedServer([Served({}, status), Served({}, status), Served([1])]) as server:
        assert client.get_json(server.url) == [1]

    assert len(server.asked) == 3
    assert len(stop.waits) == 2
    assert 0 < stop.waits[0] < stop.waits[1] < 5


def test_retrying_ends_after_the_set_number_of_tries(client: HttpClient):
    with (
        ScriptedServer([Served({"message": "worn out"}, 503)]) as server,
        pytest.raises(ServiceUnavailable, match="worn out"),
    ):
        client.get(server.url)

    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 423])
def test_a_refusal_is_not_tried_again(client: HttpClient, status: int):
    with ScriptedServer([Served({}, status)]) as server:
        assert client.send("GET", server.url, retry=True).status == status

    assert len(server.asked) == 1


def test_without_retry_every_answer_is_handed_over_unjudged(client: HttpClient):
    with ScriptedServer([Served({"message": "x"}, 500)]) as server:
        assert client.send("POST", server.url, json={"a": 1}).status == 500

    assert [asked.json for asked in server.asked] == [{"a": 1}]


def test_retry_after_is_obeyed(client: HttpClient, stop: RecordingStop):
    with ScriptedServer([Served({}, 429, {"Retry-After": "17"}), Served([])]) as server:
        client.get_json(server.url)

    assert stop.waits == [17.0]


def test_a_pause_longer_than_ours_is_told_instead_of_shortened(client: HttpClient, stop: RecordingStop):
    with ScriptedServer([Served({}, 429, {"Retry-After": "3600"})]) as server, pytest.raises(RateLimited) as caught:
        client.get_json(server.url)

    assert caught.value.retry_after == 3600
    assert (len(server.asked), stop.waits) == (1, [])


def test_a_challenge_is_not_tried_again(client: HttpClient):
    page = Served("<html><title>Just a moment...</title></html>", 503, {"Server": "cloudflare"})
    with ScriptedServer([page]) as server, pytest.raises(Blocked, match="Cloudflare"):
        client.get_json(server.url)

    assert len(server.asked) == 1


def test_a_lost_read_is_tried_again(client: HttpClient):
    with ScriptedServer([Served(cut_after=-1), Served(b"[1,2,3]", cut_after=3), Served([4])]) as server:
        assert client.get_json(server.url) == [4]

    assert len(server.asked) == 3


def test_a_write_whose_answer_is_lost_is_sent_once_and_told_as_lost(client: HttpClient):
    for lost in (Served(cut_after=-1), Served(b'{"id": 1}', cut_after=4)):
        with ScriptedServer([lost]) as server, pytest.raises(AnswerLost):
            client.send("POST", server.url, json={})
        assert len(server.asked) == 1


def test_a_server_that_was_never_reached_is_no_lost_answer(client: HttpClient):
    with pytest.raises(ServiceUnavailable, match="connection refused") as caught:
        client.send("POST", f"http://127.0.0.1:{a_closed_port()}/request", json={})

    assert not isinstance(caught.value, AnswerLost)


def test_an_answer_that_takes_too_long_is_lost():
    client = HttpClient("sample", timeout_seconds=1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(AnswerLost, match="in time"):
        client.send("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/")
    client.close()


def test_a_stopped_client_asks_nothing(client: HttpClient, stop: RecordingStop):
    stop.set()
    with ScriptedServer([Served([])]) as server, pytest.raises(SyncCancelled):
        client.get(server.url)

    assert server.asked == []


def test_stopping_ends_the_wait_before_the_next_try():
    stop = RecordingStop(stops_after=1)
    client = HttpClient("sample", stop=stop)
    with ScriptedServer([Served({}, 503)]) as server, pytest.raises(SyncCancelled):
        client.get(server.url)
    client.close()

    assert len(server.asked) == 1


@pytest.mark.parametrize("how", ["stated", "unstated", "compressed"])
def test_an_answer_over_the_limit_is_refused(how: str):
    body = b"[" + b"1," * 50_000 + b"1]"
    served = {
        "stated": Served(body),
        "unstated": Served(body, headers={"Transfer-Encoding": "identity"}, cut_after=len(body)),
        "compressed": Served(gzip.compress(body), headers={"Content-Encoding": "gzip"}),
    }[how]
    client = HttpClient("sample", max_bytes=1000, retry_attempts=2)
    with ScriptedServer([served]) as server, pytest.raises(UnexpectedResponse, match="over 1000 bytes"):
        client.get(server.url)
    client.close()

    assert len(server.asked) == 1


def test_compressed_answers_are_unpacked_and_broken_ones_are_named(client: HttpClient):
    whole = gzip.compress(b"[1, 2]")
    with ScriptedServer([Served(whole, headers={"Content-Encoding": "gzip"})]) as server:
        assert client.get_json(server.url) == [1, 2]
    with (
        ScriptedServer([Served(b"not gzip", headers={"Content-Encoding": "gzip"})]) as server,
        pytest.raises(UnexpectedResponse, match="unpacked"),
    ):
        client.get_json(server.url)


def test_redirects_are_followed_and_the_last_address_is_told_without_its_query(client: HttpClient):
    with ScriptedServer([Served(b"", 302, {"Location": "/new?token=secret"}), Served([1])]) as server:
        answer = client.get(f"{server.url}/old")

    assert answer.url == f"{server.url}/new"


def test_a_redirect_is_handed_over_when_it_must_not_be_followed(client: HttpClient):
    with ScriptedServer([Served(b"", 307, {"Location": "/login"})]) as server:
        answer = client.send("GET", server.url, allow_redirects=False)

    assert (answer.status, answer.headers["location"]) == (307, "/login")


def test_endless_redirects_are_named(client: HttpClient):
    with (
        ScriptedServer([Served(b"", 302, {"Location": "/again"})]) as server,
        pytest.raises(UnexpectedResponse, match="redirects without end"),
    ):
        client.get(server.url)


def test_keys_do_not_travel_to_another_host():
    client = HttpClient("sample", headers={"X-Api-Key": "secret", "trakt-api-key": "secret"})
    with ScriptedServer([Served([1])]) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        with ScriptedServer([Served(b"", 302, {"Location": f"{elsewhere}/x"})]) as server:
            client.get_json(server.url, headers={"Authorization": "Bearer secret"})
    client.close()

    assert "secret" in str(server.asked[0].headers)
    assert "secret" not in str(other.asked[0].headers)
    assert other.asked[0].headers["User-Agent"] == USER_AGENT


def test_keys_in_a_body_do_not_travel_to_another_host(client: HttpClient):
    with ScriptedServer([Served([1])]) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        with ScriptedServer([Served(b"", 307, {"Location": f"{elsewhere}/x"})]) as server:
            with pytest.raises(UnexpectedResponse, match="redirects to another host; the request is not sent there"):
                client.send("POST", server.url, json={"client_secret": "secret"})
            assert (len(server.asked), len(other.asked)) == (1, 0)
        with ScriptedServer([Served(b"", 307, {"Location": "/x"}), Served([1])]) as server:
            client.send("POST", server.url, json={"client_secret": "secret"})

    assert [asked.json for asked in server.asked] == [{"client_secret": "secret"}] * 2


def test_cookies_of_an_answer_can_be_read_by_name(client: HttpClient):
    with ScriptedServer([Served({}, headers={"Set-Cookie": "XSRF-TOKEN=abc; Path=/; Secure"})]) as server:
        assert client.send("GET", server.url).cookies == {"XSRF-TOKEN": "abc"}


def test_the_proxy_of_the_environment_is_used(client: HttpClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with ScriptedServer([Served([1])]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert client.get_json("http://sample.invalid/list") == [1]

    assert proxy.asked[0].headers["Host"] == "sample.invalid"


def test_a_proxy_that_is_down_is_named_by_its_setting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{a_closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    client = HttpClient("sample")
    with pytest.raises(ServiceUnavailable, match="HTTP_PROXY"):
        client.send("GET", "http://sample.invalid/")
    client.close()


@pytest.mark.parametrize("proxy", ["http:///user:SECRET@host", "socks5://user:SECRET@127.0.0.1:1"])
def test_a_proxy_that_is_no_http_proxy_is_named_by_its_setting(monkeypatch: pytest.MonkeyPatch, proxy: str):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    client = HttpClient("sample")
    with pytest.raises(ServiceUnavailable, match="HTTP_PROXY") as caught:
        client.send("GET", "http://sample.invalid/")
    client.close()

    assert "SECRET" not in str(caught.value)


def test_credentials_in_an_address_are_used_and_a_netrc_is_not(tmp_path, monkeypatch: pytest.MonkeyPatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client = HttpClient("sample")
    with ScriptedServer([Served([])]) as server:
        client.get(server.url.replace("http://", "http://user:pass@"))
        client.get(server.url)
        client.get(server.url, headers={"Authorization": "Bearer mine"})
    client.close()

    sent = [asked.headers.get("Authorization") for asked in server.asked]
    assert sent == ["Basic dXNlcjpwYXNz", None, "Bearer mine"]


def test_no_error_and_no_repr_holds_a_key_or_a_password():
    client = HttpClient("sample", headers={"X-Api-Key": "SECRET"}, retry_attempts=1)
    for address in (f"http://user:SECRET@127.0.0.1:{a_closed_port()}/x?apikey=SECRET", "http://[SECRET/?k=SECRET"):
        with pytest.raises((ServiceUnavailable, UnexpectedResponse)) as caught:
            client.get(address, params={"apikey": "SECRET"})
        assert "SECRET" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
    with ScriptedServer([Served({"k": "SECRET"}, headers={"X-Key": "SECRET"})]) as server:
        answer = client.get(f"{server.url.replace('//', '//user:SECRET@')}/x?apikey=SECRET")
    client.close()

    assert "SECRET" not in repr(answer) + repr(client)


@pytest.mark.parametrize(
    "address", ["nonsense", "ftp://host/x", "http://", f"http://{'a' * 70}.example/", "http://a b/"]
)
def test_an_address_that_cannot_be_asked_is_named_and_not_tried_again(client: HttpClient, stop: RecordingStop, address):
    with pytest.raises(UnexpectedResponse, match="not an address"):
        client.get(address)

    assert stop.waits == []


@pytest.mark.parametrize(
    ("served", "words"),
    [
        (Served(b""), "an empty answer"),
        (Served('[{"title": "x"}, {"ti'), "breaks off"),
        (Served('[{"title": "x"},'), "breaks off"),
        (Served('{"a":'), "breaks off"),
        (Served("plain words"), "not JSON"),
        (Served(b"\xff\xfe\xfd"), "not JSON"),
        (Served("[" * 100_000), "not JSON"),
        (Served("<html><title>Sign in</title></html>"), 'a web page "Sign in"'),
    ],
)
def test_what_came_in_place_of_json_is_named(client: HttpClient, served: Served, words: str):
    with ScriptedServer([served]) as server, pytest.raises(UnexpectedResponse, match=words):
        client.send("GET", server.url).json()


def test_a_missing_page_is_named(client: HttpClient):
    with (
        ScriptedServer([Served({"message": "no such list"}, 404)]) as server,
        pytest.raises(ResourceNotFound, match="no such list"),
    ):
        client.get(server.url)


def test_a_read_by_post_is_retried_and_judged(client: HttpClient):
    with ScriptedServer([Served({}, 502), Served({"data": 1})]) as server:
        assert client.post_json(server.url, {"query": "q"}).json() == {"data": 1}

    assert [asked.json for asked in server.asked] == [{"query": "q"}] * 2


def test_many_threads_may_share_a_client(client: HttpClient):
    with ScriptedServer(lambda asked: Served({"n": asked.query["n"]})) as server:
        answers: dict[int, object] = {}

        def ask(number: int) -> None:
            answers[number] = client.get_json(server.url, params={"n": number})

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert answers == {number: {"n": str(number)} for number in range(30)}


def test_cookies_are_sent_back_until_they_are_forgotten(client: HttpClient):
    with ScriptedServer([Served({}, headers={"Set-Cookie": "id=7"}), Served({})]) as server:
        for _ in range(2):
            client.get(server.url)
        client.forget_cookies()
        client.get(server.url)

    assert [asked.headers.get("Cookie") for asked in server.asked] == [None, "id=7", None]
