"""People log in and out: what opens the door, what the cookie is, when a session ends."""

import ipaddress
import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from list_sync.errors import StorageError
from list_sync.model.access import LoginKind
from list_sync.model.servers import HOME
from list_sync.storage.audit import find_deeds
from list_sync.storage.sessions import MOST_SESSIONS, end_all_sessions
from list_sync.web.entrance import passwords
from list_sync.web.entrance.hosts import is_https
from list_sync.web.entrance.passwords import hash_password, is_password
from list_sync.web.entrance.rates import FREE_LOGINS, FREE_LOGINS_OF_ALL
from list_sync.web.pages import access
from list_sync.web.pages import lists as lists_page
from list_sync.web.pages.rendering import find_our_path
from list_sync.web.routes import backups, lists
from tests.fakes.patience import wait_until
from tests.web.browser import Browser, words_of
from tests.web.conftest import TOKEN
from tests.web.raw import ask_raw

pytestmark = pytest.mark.usefixtures("cheap_hashes")
PASSWORD = "correct horse battery"
PROXIED = {"TRUSTED_PROXIES": "127.0.0.1", "WEB_AUTH_HEADER": "Remote-User", "WEB_AUTH_USERS": "alice, bob"}


@pytest.fixture
def house(start_door, clock):
    return start_door(WEB_PASSWORD=PASSWORD, now=clock)


@pytest.fixture
def person(house):
    browser = Browser(house)
    assert browser.log_in(PASSWORD).status_code == 303
    return browser


def rows(store):
    with store.reading() as connection:
        return connection.exec_driver_sql("SELECT * FROM web_sessions").mappings().all()


def deeds(store):
    with store.reading() as connection:
        return [(one.actor, one.action, one.target, one.outcome) for one in find_deeds(connection, HOME)]


def test_the_password_and_the_token_of_the_owner_open_the_door(house):
    for secret in (PASSWORD, TOKEN, f" {TOKEN}\n"):
        browser = Browser(house)
        assert not browser.is_in()

        answer = browser.log_in(secret, to="/lists?x=1")

        assert (answer.status_code, answer.headers["Location"]) == (303, "/lists?x=1")
        assert browser.is_in()
        assert browser.get("/login?to=/items").headers["Location"] == "/items"


def test_every_wrong_log_in_has_the_same_answer(start_door, caplog):
    house = start_door(WEB_PASSWORD=PASSWORD, TRUSTED_PROXIES="127.0.0.1")
    wrong = ["", "x", PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper(), TOKEN[:-1], "é" * 5000]
    browsers = [Browser(house, {"X-Forwarded-For": f"192.0.2.{number}"}) for number in range(len(wrong))]

    answers = [browser.log_in(secret) for browser, secret in zip(browsers, wrong, strict=True)]

    assert {one.status_code for one in answers} == {401}
    assert len({one.text for one in answers}) == 1
    assert "That password is not the one 4 more tries, then a pause of 1 min." in words_of(answers[0])
    assert not any(browser.cookies for browser in browsers)
    lines = [one for one in caplog.messages if "authentication" in one]
    assert lines == [f"authentication failure: a wrong log-in from 192.0.2.{number}" for number in range(len(wrong))]


def test_a_cookie_of_http_and_one_of_https(start_door):
    house = start_door(WEB_PASSWORD=PASSWORD, TRUSTED_PROXIES="127.0.0.1")
    plain, safe = Browser(house), Browser(house, {"X-Forwarded-Proto": "https"})
    plain.log_in(PASSWORD)
    safe.log_in(PASSWORD, stay="on")

    one, other = plain.attributes["listsync_session"], safe.attributes["__Host-listsync_session"]
    assert (one["httponly"], one["samesite"], one["path"], one["secure"], one["max-age"]) == (True, "lax", "/", "", "")
    assert (other["httponly"], other["samesite"], other["path"], other["secure"]) == (True, "lax", "/", True)
    assert (other["domain"], other["max-age"]) == ("", str(14 * 86400))
    assert safe.is_in()
    # On https, a cookie that any page of http could have set counts for nothing.
    assert not Browser(house, safe.headers, plain.cookies).is_in()


@pytest.mark.parametrize(
    ("peer", "proto", "is_safe"),
    [
        *(("172.18.0.2", proto, True) for proto in ("https", "HTTPS", "https, https")),
        *(("172.18.0.2", proto, False) for proto in ("http", "https, http", "http, https", "", "httpss")),
        *((peer, "https", False) for peer in ("10.0.0.1", "", "172.19.0.1")),
    ],
)
def test_only_a_trusted_proxy_that_says_https_makes_it_https(peer, proto, is_safe):
    assert is_https(peer, proto, (ipaddress.ip_network("172.18.0.0/16"),)) is is_safe


def test_below_a_path_the_cookie_is_of_that_path_alone(start_door):
    house = start_door(WEB_PASSWORD=PASSWORD, WEB_BASE_PATH="/sync", TRUSTED_PROXIES="127.0.0.1")
    browser = Browser(house, {"X-Forwarded-Proto": "https"})

    answer = browser.ask("POST", "/sync/login", fields={"password": PASSWORD, "to": "/lists"})

    assert answer.headers["Location"] == "/sync/lists"
    assert browser.attributes["__Secure-listsync_session"]["path"] == "/sync"
    assert browser.get("/sync/lists").status_code == 200


def test_only_a_digest_of_a_session_is_stored(person, store):
    (row,) = rows(store)
    cookie = person.cookies["listsync_session"]

    assert len(cookie) == 43
    assert cookie not in str(dict(row))
    assert (row["name"], row["kind"]) == ("dashboard", LoginKind.PASSWORD.value)


def test_each_log_in_begins_a_new_session_and_ends_the_one_before(person, store):
    before = person.copy()

    person.log_in(PASSWORD)

    assert person.cookies != before.cookies
    assert (person.is_in(), before.is_in(), len(rows(store))) == (True, False, 1)


def test_a_session_that_was_not_begun_here_is_none(house):
    browser = Browser(house, cookies={"listsync_session": "A" * 43})

    assert not browser.is_in()
    browser.log_in(PASSWORD)
    assert browser.cookies["listsync_session"] != "A" * 43


def test_a_log_out_ends_the_session_at_the_server(person, store):
    stolen = person.copy()

    answer = person.post("/logout")

    assert answer.headers["Location"] == "/login?ended=true"
    assert person.cookies == {}
    assert not stolen.is_in()
    assert rows(store) == []
    assert "You are logged out" in words_of(person.get("/login?ended=true"))


def test_a_session_ends_after_12_hours_without_use_and_7_days_with(person, clock):
    idle = person.copy()
    for _ in range(13):
        clock.wait(hours=11)
        assert person.is_in()
        wait_until_used(person, clock)
    clock.wait(hours=23)
    assert not person.is_in()
    assert not idle.is_in()


def wait_until_used(person, clock):
    def is_noted():
        return all(
            row["last_used_at"].startswith(clock.now.strftime("%Y-%m-%d")) for row in rows(person.running.parts.store)
        )

    wait_until(is_noted)


def test_a_session_that_is_not_used_ends_after_12_hours(person, clock):
    clock.wait(hours=12)

    assert not person.is_in()


def test_a_device_that_stays_logged_in_does_so_for_14_days(house, clock):
    browser = Browser(house)
    browser.log_in(PASSWORD, stay="on")

    clock.wait(days=13, hours=23)
    assert browser.is_in()
    clock.wait(hours=1)
    assert not browser.is_in()


def test_sessions_that_are_over_or_too_many_are_removed_at_the_next_log_in(person, store, clock):
    with store.writing() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 700) INSERT INTO web_sessions "
            "SELECT i, name, kind, seal, created_at, last_used_at, idle_seconds, expires_at FROM n, web_sessions"
        )
    Browser(person.running).log_in(PASSWORD)
    assert len(rows(store)) == MOST_SESSIONS

    clock.wait(hours=13)
    person.log_in(PASSWORD)
    assert len(rows(store)) == 1


def test_pages_write_nothing_and_the_last_use_is_stored_now_and_then(person, store, clock):
    first = rows(store)
    clock.wait(minutes=29)
    assert person.is_in()
    assert rows(store) == first

    clock.wait(minutes=1)
    assert person.is_in()
    wait_until(lambda: rows(store) != first)


def test_another_password_or_token_in_the_settings_ends_the_sessions_of_the_old_one(start_door, house, person):
    by_token = Browser(house)
    by_token.log_in(TOKEN)
    assert by_token.is_in()
    same = start_door(WEB_PASSWORD=PASSWORD)
    others = [start_door(WEB_PASSWORD="another password"), start_door()]
    other_token = start_door(WEB_PASSWORD=PASSWORD, token="another-token-of-the-owner")

    def counts_at(running, browser):
        return Browser(running, cookies=dict(browser.cookies)).is_in()

    assert counts_at(same, person)
    assert counts_at(same, by_token)
    assert not any(counts_at(running, person) for running in others)
    assert counts_at(other_token, person)
    assert not counts_at(other_token, by_token)


def test_the_stream_of_a_session_ends_with_it(person):
    events = person.get("/api/events", stream=True, headers={"Accept": "text/event-stream"})
    assert next(events.iter_lines()) == b"retry: 3000"

    person.post("/logout")

    assert b"ping" not in events.raw.read()


def test_the_stream_of_a_session_that_another_process_ended_ends_at_the_next_ping(person, store, monkeypatch):
    monkeypatch.setattr("list_sync.web.routes.events.PING_SECONDS", 0.05)
    events = person.get("/api/events", stream=True, headers={"Accept": "text/event-stream"})

    with store.writing() as connection:
        end_all_sessions(connection)

    assert events.raw.read().startswith(b"retry:")


def test_a_stream_ends_quietly_while_the_database_cannot_be_used(person, store, monkeypatch, caplog):
    events = person.get("/api/events", stream=True, headers={"Accept": "text/event-stream"})
    lines = events.iter_lines()
    assert next(lines) == b"retry: 3000"

    def fail():
        raise StorageError("the database is locked")

    monkeypatch.setattr(store, "reading", fail)
    person.running.parts.feed.look_again()

    assert list(lines) == [b""]
    assert caplog.messages == []


def test_wrong_log_ins_wait_longer_each_time_and_the_page_says_so(house, store):
    browser = Browser(house)
    answers = [browser.log_in("wrong password") for _ in range(FREE_LOGINS + 1)]

    assert [one.status_code for one in answers] == [401] * FREE_LOGINS + [429]
    assert "Wait 1 min." in words_of(answers[-2])
    assert "Too many wrong log-ins" in words_of(answers[-1])
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    # The right one waits as well: a guess must not be told from it.
    assert browser.log_in(PASSWORD).status_code == 429
    assert deeds(store) == [("not logged in", "log in", "", "refused")] * FREE_LOGINS


def test_addresses_wait_apart_and_all_of_them_together_after_many(start_door):
    house = start_door(WEB_PASSWORD=PASSWORD, TRUSTED_PROXIES="127.0.0.1")

    def log_in_from(address, password="wrong password"):
        return Browser(house, {"X-Forwarded-For": address}).log_in(password).status_code

    assert log_in_from("192.0.2.1", PASSWORD) == 303
    answers = [log_in_from(f"198.51.100.{number}") for number in range(FREE_LOGINS_OF_ALL + 1)]

    assert set(answers[:-1]) == {401}
    assert answers[-1] == 429
    assert log_in_from("192.0.2.1", PASSWORD) == 303
    assert log_in_from("192.0.2.2", PASSWORD) == 429


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "/\t/evil.example"),
        *("/%09/evil.example", "/%2f/evil.example", "/%5Cevil.example", "//evil.example/lists", "javascript:x"),
        *("lists", "", " /lists", "/li sts", "/lists\r\nSet-Cookie: a=b", "/é", "/%0d%0aSet-Cookie:a=b"),
        *("/login", "/login?to=/lists", "/log%69n", "/logout", "/claim"),
    ],
)
def test_nothing_leads_anywhere_but_to_pages_of_ours(target):
    assert find_our_path(target) == "/"


@pytest.mark.parametrize(
    "target", ["/", "/lists?x=1", "/items?q=J%C3%BCrgen%20%2F", "/lists/my%20list", "/items/3#why"]
)
def test_pages_of_ours_are_found_again(target):
    assert find_our_path(target) == target


def test_the_log_in_leads_back_and_never_elsewhere(house):
    browser = Browser(house)
    assert 'name="to" value="/"' in browser.get("/login?to=//evil.example").text
    assert browser.log_in(PASSWORD, to="//evil.example").headers["Location"] == "/"


@pytest.mark.parametrize("base", ["", "/sync"])
@pytest.mark.parametrize(
    "path",
    [
        "/lists/letterboxd:joe/caf%C3%A9",
        "/lists/file:https%3A%2F%2Fexample.org%2Fmy%20list.json%3Fkey=%2A",
        "/items?q=a%26b&list=x",
    ],
)
def test_the_page_of_any_list_opens_after_the_log_in(start_door, base, path):
    browser = Browser(start_door(WEB_PASSWORD=PASSWORD, WEB_BASE_PATH=base))

    location = urlsplit(browser.get(f"{base}{path}").headers["Location"])
    to = dict(parse_qsl(location.query))["to"]

    assert (location.path, to) == (f"{base}/login", path)
    answer = browser.ask("POST", f"{base}/login", fields={"password": PASSWORD, "to": to})
    assert answer.headers["Location"] == f"{base}{path}"


def test_a_proxy_logs_its_users_in_and_the_audit_log_names_them(start_door, store):
    house = start_door(**PROXIED)
    alice = Browser(house, {"Remote-User": "alice"})

    first = alice.get("/lists")
    second = alice.get(first.headers["Location"])

    assert second.headers["Location"] == "/lists"
    assert "alice" in words_of(alice.get("/lists"))
    alice.post("/theme", {"theme": "dark"})
    assert [one[:3] for one in deeds(store)] == [("alice", "POST /theme", ""), ("alice", "log in by proxy", "proxy")]


def test_other_names_and_other_headers_mean_nothing(start_door):
    house = start_door(**PROXIED)
    others = [{"Remote-User": name} for name in ("mallory", "", "Alice", "alice,bob", "alice\x7f", "\xe4lice")]
    others += [{name: "alice"} for name in ("X-Forwarded-User", "Remote-Name", "X-authentik-username", "Remote_User")]

    for headers in others:
        browser = Browser(house, headers)
        assert (headers, browser.get("/login").status_code, browser.is_in()) == (headers, 200, False)
    assert "The proxy names you mallory" in words_of(Browser(house, others[0]).get("/login"))


def test_a_name_that_is_sent_twice_is_none(start_door):
    house = start_door(**PROXIED)

    assert ask_raw(house, "GET", "/login", "Remote-User: alice") == 303
    assert ask_raw(house, "GET", "/login", "Remote-User: alice", "Remote-User: alice") == 200


def test_a_name_counts_from_a_trusted_proxy_alone_and_never_at_the_api(start_door):
    trusting, others = start_door(**PROXIED), start_door(**PROXIED | {"TRUSTED_PROXIES": "10.0.0.1"})

    assert Browser(others, {"Remote-User": "alice"}).get("/login").status_code == 200
    assert Browser(trusting, {"Remote-User": "alice"}).get("/api/lists").status_code == 401
    assert Browser(trusting, {"Remote-User": "alice"}).ask("POST", "/api/sync", json={}).status_code == 401


def test_a_session_of_a_proxy_is_only_that_of_its_user(start_door):
    house = start_door(**PROXIED)
    alice = Browser(house, {"Remote-User": "alice"})
    alice.get("/login")
    assert alice.is_in()
    assert alice.get("/api/lists", headers={"Remote-User": None}).status_code == 200

    for name in ("bob", None, "mallory"):
        assert Browser(house, {"Remote-User": name}, dict(alice.cookies)).get("/lists").status_code == 303
    without = start_door(**PROXIED | {"WEB_AUTH_USERS": "bob"})
    assert not Browser(without, alice.headers, dict(alice.cookies)).is_in()


def test_people_of_a_proxy_can_log_out(start_door):
    alice = Browser(start_door(**PROXIED), {"Remote-User": "alice"})
    alice.get("/login")

    answer = alice.post("/logout")

    assert alice.get(answer.headers["Location"]).status_code == 200


def test_a_backup_asks_for_the_password_again(start_door, tmp_path):
    person = Browser(
        start_door(
            WEB_PASSWORD=PASSWORD, routes=(backups.routes, lists.routes), pages=(lists_page.routes, access.routes)
        )
    )
    person.log_in(PASSWORD)
    assert "Your password, again" in person.get("/settings/backups").text

    refused = [person.post("/settings/backups", {"proof": proof}) for proof in ("", "wrong")]
    answers = [answer.status_code for answer in refused]
    assert "No backup was made" in refused[1].text
    assert "That password is not the one" in refused[1].text
    by_api = person.ask("POST", "/api/backups", headers={"X-CSRF-Token": person.csrf()})

    assert (answers, by_api.status_code) == ([403, 403], 403)
    assert not (tmp_path / "backups").exists()
    assert person.post("/settings/backups", {"proof": PASSWORD}).status_code == 303
    assert len(list((tmp_path / "backups").iterdir())) == 1
    assert person.is_in()


def test_the_appearance_is_chosen_and_the_page_comes_back(person):
    answer = person.post("/theme", {"theme": "dark"}, headers={"Referer": "http://localhost/lists?x=1"})

    assert answer.headers["Location"] == "/lists?x=1"
    pages = ("/lists", "/no-such-page", "/password")
    assert ['data-theme="dark"' in person.get(path).text for path in pages] == [True] * 3
    for elsewhere in ("http://evil//x", "http://[evil", "//[", ""):
        assert person.post("/theme", {"theme": "dark"}, headers={"Referer": elsewhere}).headers["Location"] == "/"
    assert person.post("/theme", {"theme": '"><script>'}).status_code == 422


def test_a_password_that_was_hashed_is_known_again_and_an_odd_hash_fits_nothing():
    stored = hash_password(PASSWORD)

    assert is_password(PASSWORD, stored)
    assert is_password("cafe\u0301 au lait", hash_password("caf\u00e9 au lait"))
    assert hash_password(PASSWORD) != stored
    assert PASSWORD not in stored
    for odd in (
        "",
        "scrypt",
        "$" * 5,
        stored.replace("$4$", "$30$"),
        stored.replace("$8$", "$-8$"),
        "x" + stored,
        stored[:-4],
    ):
        assert not is_password(PASSWORD, odd)
    assert not is_password(PASSWORD[:-1], stored)


def test_the_real_cost_of_a_hash_is_what_owasp_advises(monkeypatch):
    monkeypatch.undo()

    assert re.match(r"scrypt\$15\$8\$3\$", hash_password("x"))


def test_a_very_long_password_costs_no_more_than_a_long_one(house, monkeypatch):
    # Many marks in the wrong order take minutes to sort, and everything in the process waits for that.
    marks, normalized, normalize = "a" + "\u0301" * 60_000 + "\u0327" * 60_000, [], passwords.unicodedata.normalize

    def note(form, text):
        normalized.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(passwords.unicodedata, "normalize", note)

    assert Browser(house).log_in(marks).status_code == 401
    assert Browser(house).log_in(PASSWORD).status_code == 303
    assert 0 < max(normalized) <= passwords.LONGEST
