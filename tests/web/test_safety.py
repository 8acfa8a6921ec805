"""Who may come in: routes, tokens, scopes, names, proxies and pages of other sites."""

import ipaddress
import re
import sqlite3
from contextlib import closing

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from list_sync.model.access import Scope
from list_sync.storage.tokens import add_token, load_tokens, revoke_token
from list_sync.web.app import ROUTES, SET_UP_PAGES, SET_UP_ROUTES, build_api
from list_sync.web.entrance import rates
from list_sync.web.entrance.hosts import find_client, is_our_host, place_of
from list_sync.web.entrance.paths import ASSETS, DOORS, SIGNED, WATCHED
from list_sync.web.entrance.rates import FREE_FAILURES, Failures, Rates
from tests.fakes.patience import wait_until
from tests.fakes.ports import find_free_port
from tests.web.conftest import NOW, TOKEN
from tests.web.raw import ask_raw, request_of, send_raw, statuses
from tests.web.small_routes import SMALL

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get")
FORWARDED = "X-Forwarded-For: 8.8.8.8"


def a_token(store, scope, name="phone"):
    with store.writing() as connection:
        return add_token(connection, name, scope, at=NOW)


def all_paths(parts):
    return {re.sub(r"\{[^}]*\}", "1", route.path) for route in iter_route_contexts(build_api(parts).routes)}


def test_every_route_without_credentials_is_locked_but_those_that_watch_or_are_signed(service, monkeypatch):
    monkeypatch.setattr(rates, "BURST", 10_000.0)
    paths = all_paths(service.parts)
    assert set(WATCHED) <= paths

    for path in {path for path in paths if not path.startswith(ASSETS)} - {*WATCHED, *SIGNED, *DOORS}:
        for method in METHODS:
            assert (path, method, ask_raw(service, method, path)) == (path, method, 401)
    for path in (*WATCHED, *SIGNED):
        for method in METHODS[3:]:
            assert ask_raw(service, method, path) in (400, 401, 404, 405, 415)


def test_before_a_server_is_set_every_page_is_locked_too(start_service, monkeypatch):
    monkeypatch.setattr(rates, "BURST", 10_000.0)
    running = start_service(routes=SET_UP_ROUTES, pages=SET_UP_PAGES)
    paths = {
        re.sub(r"\{[^}]*\}", "1", one.path)
        for one in iter_route_contexts(build_api(running.parts, SET_UP_ROUTES, SET_UP_PAGES).routes)
    }

    for path in {"/lists", *paths} - {path for path in paths if path.startswith(ASSETS)} - {*WATCHED, *DOORS}:
        for method in METHODS:
            assert (path, method, ask_raw(running, method, path)) == (path, method, 401)


def test_a_person_without_a_log_in_is_led_to_it_and_no_further(start_door):
    running = start_door()

    for path in ("/lists", "/lists/x/change", "/lists?q=<script>", "/lists//evil", "/no/such/page"):
        answer = running.get(path, token="", headers={"Accept": "text/html"}, allow_redirects=False)
        assert answer.headers["Location"].startswith("/login?to=/")
        assert answer.text == ""
    assert running.post("/lists", token="", headers={"Accept": "text/html"}).status_code == 401


def test_a_path_that_is_not_there_is_locked_too(service):
    answer = service.get("/no/such/path", token="")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["status"] == 401
    assert service.get("/no/such/path").status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "//health",
        "/health/",
        "/health/../api/look",
        "/health/..;/api/look",
        "/health/%2e%2e/api/look",
        "/health%2f..%2fapi/look",
        "/health;/api/look",
        "/health%00/api/look",
        "/./api/look",
        "/API/LOOK",
        "/api//look",
        "/api/look/",
        "/api/look?/health",
        "/api/look#/health",
        "/%61pi/look",
        "http://localhost/api/look",
        "http://localhost/health",
        "localhost:443",
        "*",
    ],
)
def test_no_spelling_of_a_path_steps_around_the_lock(start_service, target):
    running = start_service(routes=SMALL)

    assert ask_raw(running, "GET", target) in (400, 401)
    assert b'"seen"' not in send_raw(running, request_of("CONNECT", target))


def test_the_same_spellings_open_nothing_below_a_base_path(start_service):
    running = start_service(routes=SMALL, WEB_BASE_PATH="/health")

    for target in ("/health/api/look", "/api/look", "/health/health/../api/look", "/health"):
        assert ask_raw(running, "GET", target) == 401
    assert ask_raw(running, "GET", "/health/api/look", token=TOKEN) == 200


def test_a_route_without_a_scope_is_refused_at_the_start(start_service):
    def forgotten(_parts):
        router = APIRouter()

        @router.get("/api/forgotten")
        def forgotten():
            return {}

        return router

    with pytest.raises(ValueError, match="/api/forgotten"):
        start_service(routes=(*SMALL, forgotten))


@pytest.mark.parametrize(
    ("scope", "answers"),
    [(Scope.READ, (200, 403, 403)), (Scope.TRIGGER, (200, 200, 403)), (Scope.ADMIN, (200, 200, 200))],
)
def test_a_token_may_do_what_its_scope_says(start_service, store, scope, answers):
    running = start_service(routes=SMALL)
    token = a_token(store, scope)

    asked = [
        running.get("/api/look", token=token),
        running.post("/api/ask", token=token, json={}),
        running.ask("DELETE", "/api/all", token=token),
    ]

    assert tuple(answer.status_code for answer in asked) == answers
    for answer in asked:
        assert answer.status_code == 200 or answer.json()["detail"].endswith(f"phone has {scope}")


def test_a_revoked_token_is_refused_at_its_next_request(start_service, store):
    running = start_service(routes=SMALL)
    token = a_token(store, Scope.ADMIN)
    assert running.get("/api/look", token=token).status_code == 200

    with store.writing() as connection:
        revoke_token(connection, "phone")

    assert running.get("/api/look", token=token).status_code == 401


def test_the_last_use_of_a_token_is_stored_without_waiting_for_a_run_that_writes(start_service, store):
    running = start_service(routes=SMALL)
    token = a_token(store, Scope.READ)

    with closing(sqlite3.connect(store.path, isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        assert running.get("/api/look", token=token).status_code == 200
        busy.execute("ROLLBACK")

    def is_stored():
        with store.reading() as connection:
            return load_tokens(connection)[0].last_used_at == NOW

    wait_until(is_stored)


@pytest.mark.parametrize(
    "query", ["?token={}", "?apikey={}", "?api_key={}", "?access_token={}", "?Authorization=Bearer%20{}"]
)
def test_a_token_in_an_address_does_not_count(start_service, query):
    running = start_service(routes=SMALL)

    assert running.get("/api/look" + query.format(TOKEN), token="").status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        f"Basic {TOKEN}",
        f"bearer{TOKEN}",
        TOKEN,
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Bearer é",
    ],
)
def test_other_credentials_do_not_count(start_service, header):
    running = start_service(routes=SMALL)

    assert ask_raw(running, "GET", "/api/look", f"Authorization: {header}") == 401
    assert ask_raw(running, "GET", "/api/look", f"X-Api-Key: {TOKEN}", f"Cookie: token={TOKEN}") == 401
    assert ask_raw(running, "GET", "/api/look", f"authorization: BEARER   {TOKEN}") == 200


def test_wrong_tokens_wait_longer_each_time_and_are_logged_for_fail2ban(start_service, caplog):
    running = start_service(routes=(*ROUTES, *SMALL))
    answers = [running.get("/api/look", token=f"guess-{number}") for number in range(FREE_FAILURES + 2)]

    assert [answer.status_code for answer in answers] == [401] * FREE_FAILURES + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert running.get("/health", token="").status_code == 200
    lines = [record.getMessage() for record in caplog.records if "authentication failure" in record.getMessage()]
    assert lines == ["authentication failure: a wrong token from 127.0.0.1"] * FREE_FAILURES


def test_a_client_with_the_right_token_is_not_locked_out_by_another_one_at_its_address(start_service):
    running = start_service(routes=SMALL)
    assert running.get("/api/look").status_code == 200

    for number in range(FREE_FAILURES + 1):
        running.get("/api/look", token=f"guess-{number}")

    assert running.get("/api/look", token="guess").status_code == 429
    assert running.get("/api/look").status_code == 200


def test_the_wait_doubles_to_a_quarter_of_an_hour_and_ends():
    moment = [0.0]
    failures = Failures(lambda: moment[0])
    waits = []
    for _ in range(FREE_FAILURES + 12):
        failures.note("1.2.3.4", "guess")
        waits.append(failures.find_wait("1.2.3.4", "guess"))
        moment[0] += waits[-1]

    assert waits[: FREE_FAILURES + 2] == [0.0] * (FREE_FAILURES - 1) + [1.0, 2.0, 4.0]
    assert waits[-1] == 900.0
    assert failures.find_wait("1.2.3.4", "guess") == 0
    assert failures.find_wait("1.2.3.5", "guess") == 0


def test_a_right_log_in_after_the_wait_begins_no_new_one():
    moment = [0.0]
    failures = Failures(lambda: moment[0], free=2, first_wait=60.0)
    for _ in range(2):
        failures.note("1.2.3.4", "")
    moment[0] += 60

    for _ in range(3):
        # A log-in counts as wrong until it is known: here they are right.
        failures.note("1.2.3.4", "")
        failures.take_back("1.2.3.4")
        assert failures.find_wait("1.2.3.4", "") == 0

    failures.note("1.2.3.4", "")
    assert failures.find_wait("1.2.3.4", "") == 120


def test_many_addresses_are_remembered_and_no_more(monkeypatch):
    failures, rates = Failures(), Rates()
    for number in range(5000):
        failures.note(str(number), "")
        failures.note_right(str(number), "")
        rates.find_wait(str(number))

    assert max(len(failures._failed), len(failures._right), len(rates._left)) == 4096


def test_a_caller_that_asks_too_often_waits():
    moment = [0.0]
    rates = Rates(lambda: moment[0])

    assert [rates.find_wait("phone") for _ in range(200)] == [0.0] * 200
    assert 0 < rates.find_wait("phone") <= 0.01
    assert rates.find_wait("other") == 0
    moment[0] += 0.02
    assert rates.find_wait("phone") == 0


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LocalHost:5000", "127.0.0.1", "127.0.0.1:5000", "[::1]", "[::1]:5000", "[fd00::7]", "10.1.2.3"),
        *(
            "nas",
            "nas:80",
            "list_sync:5000",
            "nas.",
            "nas.local",
            "NAS.LOCAL.",
            "a.b.lan:5000",
            "x.home.arpa",
            "x.internal",
        ),
        *(
            "listsync.example.com",
            "LISTSYNC.example.com.:443",
            "a.example.org",
            "a.b.example.org:1",
            "listsync.example.com:",
        ),
    ],
)
def test_our_names_are_addresses_local_names_and_those_of_the_settings(host):
    assert is_our_host(host, ("listsync.example.com", "*.example.org"))


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            " ",
            ".",
            "..",
            ":",
            ":5000",
            "example.com",
            "evil.listsync.example.com",
            "example.org",
            "notexample.org",
        ),
        *("127.0.0.1.evil.com", "evil.com#localhost", "evil.com@localhost", "localhost@evil.com", "localhost:5000:x"),
        *(
            "evil.com:5000",
            "evil.com:x",
            "[::1",
            "::1]",
            "[evil.com]",
            "[]",
            "evil.com%00.local",
            "evil.com/.local",
            "127.1",
        ),
        *(
            "0x7f.0.0.1",
            "evil..local",
            ".local",
            "a b.local",
            "evil.com\t.local",
            "é.local",
            "local.evil.com",
            "x.lan.evil",
        ),
    ],
)
def test_every_other_name_is_refused(host):
    assert not is_our_host(host, ("listsync.example.com", "*.example.org"))


def test_a_request_for_another_name_is_misdirected_but_health_may_be_asked_by_any(start_service):
    running = start_service(routes=SMALL, WEB_ALLOWED_HOSTS="listsync.example.com")

    assert ask_raw(running, "GET", "/api/look", token=TOKEN, host="evil.example") == 421
    assert ask_raw(running, "GET", "/api/look", token=TOKEN, host="") == 421
    assert ask_raw(running, "GET", "/api/look", token=TOKEN, host="ListSync.Example.com.:443") == 200
    two = request_of("GET", "/api/look", "Host: evil.example", token=TOKEN)
    none = b"GET /api/look HTTP/1.1\r\nConnection: close\r\n\r\n"
    old = f"GET /api/look HTTP/1.0\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
    assert [statuses(send_raw(running, one)) for one in (two, none, old)] == [[400], [400], [421]]


def test_health_may_be_asked_by_any_name(service):
    assert ask_raw(service, "GET", "/health", host="evil.example") == 200


NETWORKS = tuple(map(ipaddress.ip_network, ("172.18.0.0/16", "10.0.0.1/32", "fd00::/64")))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.168.1.9", "8.8.8.8", "192.168.1.9"),
        ("172.18.0.2", "8.8.8.8", "8.8.8.8"),
        ("172.18.0.2", "", "172.18.0.2"),
        ("172.18.0.2", "1.1.1.1, 8.8.8.8", "8.8.8.8"),
        ("172.18.0.2", "1.1.1.1, 8.8.8.8, 10.0.0.1", "8.8.8.8"),
        ("172.18.0.2", "172.18.0.9, 10.0.0.1", "172.18.0.9"),
        ("172.18.0.2", "8.8.8.8, garbage", "172.18.0.2"),
        ("172.18.0.2", "8.8.8.8, unknown, 10.0.0.1", "10.0.0.1"),
        ("172.18.0.2", "8.8.8.8:4711", "8.8.8.8"),
        ("172.18.0.2", "[2001:db8::7]:4711", "2001:db8::7"),
        ("172.18.0.2", '"[2001:db8::7]"', "2001:db8::7"),
        ("172.18.0.2", "2001:db8::7%eth0", "172.18.0.2"),
        ("172.18.0.2", ", ,,8.8.8.8, ,", "8.8.8.8"),
        ("::ffff:172.18.0.2", "::ffff:8.8.8.8", "8.8.8.8"),
        ("::ffff:192.168.1.9", "8.8.8.8", "192.168.1.9"),
        ("fd00::5", "2001:db8::7", "2001:db8::7"),
        ("fd00:0:0:1::5", "2001:db8::7", "fd00:0:0:1::5"),
        ("", "8.8.8.8", ""),
    ],
)
def test_a_proxy_is_believed_only_where_the_settings_trust_it(peer, forwarded, client):
    assert find_client(peer, forwarded, NETWORKS) == client


def test_nobody_is_trusted_without_the_setting(start_service, caplog):
    without, trusting = start_service(), start_service(TRUSTED_PROXIES="127.0.0.0/8")

    ask_raw(without, "GET", "/api/x", FORWARDED, "Forwarded: for=8.8.8.8", "X-Real-IP: 8.8.8.8", token="wrong")
    ask_raw(trusting, "GET", "/api/x", "X-Forwarded-For: 9.9.9.9", FORWARDED, token="wrong")

    assert [one for one in caplog.messages if "wrong token" in one] == [
        "authentication failure: a wrong token from 127.0.0.1",
        "authentication failure: a wrong token from 8.8.8.8",
    ]


def test_without_the_lock_each_address_has_its_own_limit_of_rate(start_service, monkeypatch):
    monkeypatch.setattr(rates, "BURST", 3.0)
    monkeypatch.setattr(rates, "REQUESTS_A_SECOND", 0.001)
    house = start_service(WEB_AUTH="none", TRUSTED_PROXIES="127.0.0.1")

    def ask_from(address):
        return house.get("/health/live", headers={"X-Forwarded-For": address}).status_code

    assert [ask_from("192.0.2.1") for _ in range(4)] == [200, 200, 200, 429]
    assert ask_from("192.0.2.2") == 200


def test_a_network_of_ipv6_is_limited_as_one_client():
    assert place_of("2001:db8:1:2:3:4:5:6") == place_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert place_of("8.8.8.8") == "8.8.8.8"


@pytest.mark.parametrize("auth", ["required", "none"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((), 200),
        (("Origin: http://localhost",), 200),
        (("Origin: https://LOCALHOST",), 200),
        (("Sec-Fetch-Site: same-origin", "Origin: https://listsync.example.com"), 200),
        (("Sec-Fetch-Site: none",), 200),
        (("Origin: http://evil.example",), 403),
        (("Origin: http://localhost:8080",), 403),
        (("Origin: http://localhost.evil.example",), 403),
        (("Origin: null",), 403),
        (("Origin:",), 403),
        (("Origin: http://[",), 403),
        (("Origin: http://localhost", "Origin: http://evil.example"), 403),
        (("Sec-Fetch-Site: cross-site",), 403),
        (("Sec-Fetch-Site: same-site", "Origin: http://localhost"), 403),
        (("Sec-Fetch-Site: something",), 403),
    ],
)
def test_a_page_of_another_site_can_change_nothing(start_service, auth, headers, status):
    running = start_service(routes=SMALL, WEB_AUTH=auth)
    lines = (*headers, "Content-Type: application/json", "Content-Length: 2")

    assert ask_raw(running, "POST", "/api/ask", *lines, token=TOKEN, body=b"{}") == status


def test_without_the_lock_scripts_need_no_token_and_the_name_is_checked_all_the_same(start_service, store):
    running = start_service(routes=SMALL, WEB_AUTH="none")

    assert running.post("/api/ask", json={"title": "Heat"}, token="").status_code == 200
    assert running.ask("DELETE", "/api/all", token="wrong").status_code == 200
    assert ask_raw(running, "GET", "/api/look", host="evil.example") == 421


def test_no_answer_allows_another_site_to_read_it(start_service):
    running = start_service(routes=SMALL)
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}

    for answer in (running.get("/api/look", headers=headers), running.ask("OPTIONS", "/api/ask", headers=headers)):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_every_answer_has_the_headers_that_bind_browsers(start_service):
    running = start_service(routes=SMALL)

    for answer in (running.get("/api/look"), running.get("/api/none", token=""), running.post("/api/fail")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Server" not in answer.headers


def test_a_port_for_metrics_serves_nothing_else(start_service):
    port = find_free_port()
    running = start_service(routes=(*ROUTES, *SMALL), METRICS_PORT=str(port))
    address = f"http://127.0.0.1:{port}"

    assert running.service.ports[1:] == (port,)
    for path, status in (("/health", 200), ("/metrics", 200), ("/api/look", 404), ("/health/../api/look", 404)):
        assert running.session.get(address + path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == status
    assert running.session.post(f"{address}/api/ask", json={}).status_code == 404


def test_closed_metrics_need_a_token_at_every_port(start_service):
    port = find_free_port()
    running = start_service(METRICS_PORT=str(port), METRICS_OPEN="false")

    assert running.get("/metrics", token="").status_code == 401
    assert running.session.get(f"http://127.0.0.1:{port}/metrics").status_code == 401
    assert running.get("/metrics").status_code == 200
    assert running.get("/health", token="").status_code == 200
