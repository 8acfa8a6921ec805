"""The limits of hosts, and reads that ask whether something changed."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from list_sync.api.http.classifier import LONGEST_ASKED_SECONDS
from list_sync.api.http.client import HttpClient
from list_sync.api.http.conditional import KnownAnswers
from list_sync.api.http.limits import RULES, Allowance, HostLimits, Rule, parse_allowance
from list_sync.errors import RateLimited, SyncCancelled, UnexpectedResponse
from tests.fakes.scripted_server import Asked, ScriptedServer, Served

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://example.org/page"


class Clock:
    """A clock that moves only when somebody waits for it."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds - 1000.0)

    def is_set(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.seconds += seconds
        return False


def limits(clock: Clock, **rules: Rule) -> HostLimits:
    return HostLimits({name.replace("_", "."): rule for name, rule in rules.items()}, clock=clock, now=clock.now)


def take(limits: HostLimits, clock: Clock, url: str = URL) -> None:
    limits.wait_for_turn(url, service="example", stop=clock)  # type: ignore[arg-type]


@given(st.integers(1, 20), st.integers(1, 60), st.integers(0, 80), st.floats(0, 10))
def test_no_window_ever_holds_more_requests_than_the_rule_allows(requests, seconds, count, pause):
    clock = Clock()
    counted = limits(clock, example_org=Rule(requests, seconds))
    sent = []
    for _ in range(count):
        take(counted, clock)
        sent.append(clock.seconds)
        clock.seconds += pause

    for moment in sent:
        assert sum(moment <= other < moment + seconds - 1e-6 for other in sent) <= requests


def test_hosts_do_not_wait_for_each_other():
    clock = Clock()
    counted = limits(clock, example_org=Rule(1, 60))
    for url in (URL, "https://elsewhere.org/", "https://elsewhere.org/"):
        take(counted, clock, url)

    assert clock.waits == []


def test_a_host_that_asks_for_a_short_pause_gets_it_from_every_worker():
    clock = Clock()
    counted = limits(clock)
    counted.note(URL, 429, {"Retry-After": "20"})
    take(counted, clock)

    assert clock.waits == [20.0]


def test_a_long_pause_is_told_and_not_waited_for():
    clock = Clock()
    counted = limits(clock)
    counted.note(URL, 429, {"Retry-After": "3600"})

    with pytest.raises(RateLimited, match="rate limited until 2026-11-01 13:00 UTC") as told:
        take(counted, clock)
    assert told.value.retry_after == 3600
    clock.seconds += 3600
    take(counted, clock)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "Fri, 31 Dec 9999 23:59:59 -1200"},
        {"X-Ratelimit": '{"remaining": 0, "until": "9999-12-31T23:59:59-12:00"}'},
    ],
)
def test_a_pause_past_the_end_of_the_calendar_is_told_as_a_year(headers):
    clock = Clock()
    counted = limits(clock)
    counted.note(URL, 429, headers)

    with pytest.raises(RateLimited) as caught:
        take(counted, clock)
    assert caught.value.retry_after == LONGEST_ASKED_SECONDS


def test_a_host_that_asked_for_a_pause_of_a_year_is_asked_again_after_a_week():
    clock = Clock()
    counted = limits(clock)
    counted.note(URL, 429, {"Retry-After": "31536000"})

    clock.seconds += 6 * 86400
    with pytest.raises(RateLimited):
        take(counted, clock)
    clock.seconds += 86400
    take(counted, clock)
    counted.note(URL, 429, {"Retry-After": "31536000"})
    with pytest.raises(RateLimited):
        take(counted, clock)


def test_an_allowance_that_is_used_up_shuts_the_host_until_its_end():
    clock = Clock()
    counted = limits(clock)
    headers = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0"}
    counted.note(URL, 200, {**headers, "X-RateLimit-Reset": str(int(NOW.timestamp()) + 7200)})

    with pytest.raises(RateLimited):
        take(counted, clock)
    assert counted.find_allowances() == {"example.org": Allowance(0, 1000, NOW + timedelta(hours=2))}


def test_an_allowance_that_is_not_used_up_is_remembered_and_nothing_more():
    clock = Clock()
    counted = limits(clock)
    counted.note(URL, 200, {"X-Ratelimit": '{"name":"G","limit":500,"remaining":7,"until":"2026-11-01T12:05:00Z"}'})
    counted.note(URL, 200, {})
    take(counted, clock)

    assert clock.waits == []
    assert counted.find_allowances() == {"example.org": Allowance(7, 500, NOW + timedelta(minutes=5))}


@given(st.dictionaries(st.sampled_from(["X-Ratelimit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]), st.text()))
def test_whatever_a_host_says_of_its_limit_is_read_or_left(headers):
    parse_allowance(headers)


def test_stopping_ends_the_wait():
    stop = threading.Event()
    stop.set()
    counted = HostLimits({})
    counted.note(URL, 429, {"Retry-After": "30"})

    with pytest.raises(SyncCancelled):
        counted.wait_for_turn(URL, service="example", stop=stop)


def test_the_rules_are_those_that_the_sources_state():
    assert {"api.trakt.tv": Rule(500, 300.0), "graphql.anilist.co": Rule(30, 60.0)} == RULES


def test_two_clients_of_one_host_share_its_limit():
    with ScriptedServer([Served({}, 429, {"Retry-After": "600"})]) as server:
        shared = HostLimits({})
        first, second = (HttpClient(name, limits=shared) for name in ("one", "two"))
        with pytest.raises(RateLimited):
            first.get_json(server.url)
        with pytest.raises(RateLimited, match="two: rate limited until"):
            second.get_json(server.url)
        first.close()
        second.close()

    assert len(server.asked) == 1
    assert shared.answers == 1


class Shelf:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def find(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def keep(self, key: str, content: bytes, *, seconds: float) -> None:
        self.kept[key] = content


def etagged(asked: Asked) -> Served:
    if asked.headers.get("If-None-Match") == '"7"':
        return Served(b"", 304, {"X-RateLimit-Remaining": "5"})
    return Served({"n": asked.query["n"]}, headers={"ETag": '"7"', "X-Has-More": "false", "Set-Cookie": "a=b"})


def test_what_did_not_change_is_not_sent_again():
    shelf = Shelf()
    with ScriptedServer(etagged) as server:
        for _ in range(2):
            http = HttpClient("example", known_answers=KnownAnswers(shelf))
            answer = http.get(server.url, params={"n": "1", "apikey": "secret-key"})
            http.close()
            assert answer.status == 200
            assert answer.json() == {"n": "1"}
            assert answer.headers["x-has-more"] == "false"

    assert ["If-None-Match" in asked.headers for asked in server.asked] == [False, True]
    assert "secret-key" not in str(shelf.kept)


def test_another_page_or_another_key_is_another_question():
    shelf = Shelf()
    with ScriptedServer(etagged) as server:
        http = HttpClient("example", known_answers=KnownAnswers(shelf))
        for params, headers in (({"n": "1"}, None), ({"n": "2"}, None), ({"n": "1"}, {"X-Key": "b"})):
            assert http.get_json(server.url, params=params, headers=headers) == {"n": params["n"]}
        http.close()

    assert not any("If-None-Match" in asked.headers for asked in server.asked)


def test_a_date_serves_as_well_and_damaged_memories_are_forgotten():
    shelf = Shelf()
    dated = Served({"n": 1}, headers={"Last-Modified": "Sun, 01 Nov 2026 12:00:00 GMT"})
    with ScriptedServer([dated, Served(b"", 304), dated]) as server:
        http = HttpClient("example", known_answers=KnownAnswers(shelf))
        assert [http.get_json(server.url) for _ in range(2)] == [{"n": 1}] * 2
        shelf.kept = dict.fromkeys(shelf.kept, b"{}")
        assert http.get_json(server.url) == {"n": 1}
        http.close()

    assert [asked.headers.get("If-Modified-Since", "")[:11] for asked in server.asked] == ["", "Sun, 01 Nov", ""]


def test_a_304_that_nobody_asked_for_is_no_answer():
    with ScriptedServer([Served(b"", 304)]) as server:
        http = HttpClient("example", known_answers=KnownAnswers(Shelf()))
        with pytest.raises(UnexpectedResponse):
            http.get_json(server.url)
        http.close()


@pytest.mark.parametrize("years", [14, -56])
@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "Sun, 01 Nov 2026 12:00:30 GMT"},
        {"X-Ratelimit": '{"remaining": 0, "until": "2026-11-01T12:00:30Z"}'},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 30)},
    ],
)
def test_a_pause_until_a_time_is_by_the_clock_of_who_asks_for_it(headers, years):
    clock = Clock()
    counted = HostLimits({}, clock=clock, now=lambda: NOW + timedelta(days=365 * years))
    counted.note(URL, 429, CaseInsensitiveDict({"date": "Sun, 01 Nov 2026 12:00:00 GMT", **headers}))
    take(counted, clock)

    assert clock.waits == [30.0]
