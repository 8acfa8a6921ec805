"""What a page of another site, or of another person, could send with the cookie of somebody who is logged in."""

import re
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import list_sync
from list_sync.model.access import Scope
from list_sync.web.app import ROUTES, build_api
from list_sync.web.entrance import csrf, rates
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.paths import ASSETS, DOORS, SAFE, SIGNED
from list_sync.web.pages.forms import Form
from tests.web.browser import Browser
from tests.web.conftest import TOKEN
from tests.web.small_routes import SMALL

TEMPLATES = Path(list_sync.__file__).parent / "web" / "templates"
PASSWORD = "correct horse battery"
HOUSE = {"WEB_PASSWORD": PASSWORD}


def form_routes(_parts):
    router = APIRouter(dependencies=[needs(Scope.ADMIN)])

    @router.post("/change")
    def change(request: Request, form: Form):
        return {name: form.getlist(name) for name in form if name != "csrf"}

    return router


@pytest.fixture
def house(start_door):
    return start_door(routes=(*SMALL, form_routes), **HOUSE)


@pytest.fixture
def person(house):
    browser = Browser(house)
    browser.log_in(PASSWORD)
    return browser


def test_a_form_of_our_page_is_taken(person):
    assert person.post("/change", {"x": "1"}).json() == {"x": ["1"]}
    same = {"Origin": None, "Sec-Fetch-Site": "same-origin"}
    assert person.post("/change", headers=same).status_code == 200


def test_a_form_with_the_right_token_from_elsewhere_is_refused(person):
    elsewhere = [{"Origin": one} for one in ("http://evil.example", "null", "http://localhost:8080", None)]
    elsewhere += [{"Origin": None, "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]

    for headers in elsewhere:
        assert (headers, person.post("/change", headers=headers).status_code) == (headers, 403)


def test_a_form_without_its_token_is_refused(house, person):
    other = Browser(house)
    other.log_in(PASSWORD)
    right = person.csrf()
    wrong = ["", "x", right[:-4], right[::-1], right + right, "é", "A" * 88, other.csrf(), csrf.mask(b"x" * 32)]

    for token in wrong:
        answer = person.ask("POST", "/change", fields={"csrf": token})
        assert (token, answer.status_code) == (token, 403)
    assert person.ask("POST", "/change", fields={}).status_code == 403
    assert person.ask("POST", "/change", fields=[("csrf", right), ("csrf", right)]).status_code == 403
    assert person.ask("POST", f"/change?csrf={right}", fields={}).status_code == 403
    assert person.ask("POST", "/change", fields={"csrf": right}).status_code == 200


def test_a_token_of_before_the_log_out_is_refused(person):
    before = person.csrf()
    person.post("/logout")
    person.log_in(PASSWORD)

    assert person.ask("POST", "/change", fields={"csrf": before}).status_code == 403


def test_each_page_has_another_token_for_the_same_secret(person):
    tokens = {person.csrf() for _ in range(5)}

    assert len(tokens) == 5
    secret = csrf.make_secret(person.cookies["listsync_session"])
    assert all(csrf.is_token_of(secret, token) for token in tokens)


def test_json_needs_the_token_in_a_header(person):
    right = person.csrf()

    def ask(headers):
        return person.ask("POST", "/api/ask", json={"title": "Heat"}, headers=headers).status_code

    assert ask({"X-CSRF-Token": right}) == 200
    assert [ask({}), ask({"X-CSRF-Token": "x"}), ask({"X-CSRF-Token": right, "Origin": "http://evil"})] == [403] * 3


def test_a_body_of_another_kind_brings_no_token_to_a_form(person):
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/json", ""):
        answer = person.ask("POST", "/change", fields=f"csrf={person.csrf()}".encode(), headers={"Content-Type": kind})
        assert (kind, answer.status_code) in ((kind, 403), ("application/json", 415), ("application/json", 400))


def test_a_token_in_the_header_authorization_needs_neither(house):
    answer = house.session.post(f"{house.address}/change", headers={"Authorization": f"Bearer {TOKEN}"}, data={"x": 1})

    assert answer.json() == {"x": ["1"]}


def test_a_wrong_token_is_not_helped_by_a_right_cookie(person):
    assert person.get("/lists", headers={"Authorization": "Bearer wrong"}).status_code in (303, 401)
    assert person.get("/api/look", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_without_the_lock_forms_need_the_token_of_a_page_and_scripts_need_none(start_door):
    house = start_door(routes=(*SMALL, form_routes), WEB_AUTH="none")
    browser = Browser(house)

    assert browser.post("/change").status_code == 200
    assert browser.ask("POST", "/change", fields={}).status_code == 403
    assert browser.post("/change", headers={"Origin": "http://evil.example"}).status_code == 403
    assert browser.ask("POST", "/api/ask", json={}, headers={"Origin": None}).status_code == 200
    assert browser.get("/login").headers["Location"] == "/"


def test_the_name_of_web_base_url_is_ours_also_where_a_proxy_sends_another_host(start_door):
    house = start_door(
        routes=(*SMALL, form_routes), WEB_BASE_URL="https://sync.example.com", TRUSTED_PROXIES="10.0.0.1", **HOUSE
    )
    browser = Browser(house, {"Host": "listsync:5000"})
    browser.log_in(PASSWORD)

    assert browser.post("/change", headers={"Origin": "https://sync.example.com"}).status_code == 200
    assert browser.get("/lists", headers={"Host": "sync.example.com"}).status_code == 200


def test_who_may_frame_a_page_and_whether_https_is_kept_to_is_a_setting(start_door):
    framed = start_door(
        WEB_FRAME_ANCESTORS="self,http://homeassistant.local:8123",
        WEB_BASE_URL="https://sync.example.com",
        TRUSTED_PROXIES="127.0.0.1",
        **HOUSE,
    )
    plain = start_door(**HOUSE)
    one, other = Browser(framed).get("/login").headers, Browser(plain).get("/login").headers

    assert one["Content-Security-Policy"].endswith("frame-ancestors 'self' http://homeassistant.local:8123")
    assert other["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert framed.get("/api/lists").headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert one["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in other


def test_every_form_of_a_page_carries_the_token():
    templates = {path.name: path.read_text() for path in TEMPLATES.glob("*.html") if path.name != "login.html"}
    forms = {
        name: re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL) for name, text in templates.items()
    }

    without = {name: form for name, found in forms.items() for form in found if not re.search(r"\bcsrf\b", form)}
    assert without == {}
    assert sum(map(len, forms.values())) > 20


def test_every_write_of_a_person_needs_a_page_of_ours(start_service, monkeypatch):
    monkeypatch.setattr(rates, "BURST", 5000.0)
    house = start_service(**HOUSE)
    person = Browser(house)
    person.log_in(PASSWORD)
    token, tried = person.csrf(), 0
    for route in iter_route_contexts(build_api(house.parts, ROUTES).routes):
        path = re.sub(r"\{[^}]*\}", "1", route.path)
        for method in sorted(set(route.methods) - {*SAFE}):
            if path in (*SIGNED, *DOORS) or path.startswith(ASSETS):
                continue
            tried += 1
            foreign = {"Origin": "http://evil.example", "X-CSRF-Token": token}
            none = {"Origin": None, "X-CSRF-Token": token}
            answers = [person.ask(method, path, headers=headers).status_code for headers in ({}, foreign, none)]
            assert (path, method, answers) == (path, method, [403] * 3)
    assert tried > 30
    assert person.is_in()


def test_nothing_that_is_sent_to_the_door_opens_it_or_breaks_it(start_door, monkeypatch):
    monkeypatch.setattr(rates, "BURST", 50_000.0)
    monkeypatch.setattr(rates, "FREE_FAILURES", 50_000)
    house = start_door(TRUSTED_PROXIES="127.0.0.1", WEB_AUTH_HEADER="Remote-User", WEB_AUTH_USERS="alice", **HOUSE)
    words = st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), max_size=40).map(str.strip)
    names = ("listsync_session", "__Host-listsync_session", "__Secure-listsync_session", "csrf", "listsync_theme")
    headers = st.dictionaries(
        st.sampled_from(
            ("Origin", "Sec-Fetch-Site", "X-CSRF-Token", "X-Forwarded-Proto", "X-Forwarded-For", "Referer")
        ),
        words.map(lambda word: word.encode("latin-1")),
    )
    cookies = st.dictionaries(st.sampled_from(names), words, max_size=3)
    fields = st.dictionaries(
        st.sampled_from(("password", "to", "stay", "csrf", "code", "proof", "again")), st.text(max_size=30)
    )
    paths = st.sampled_from(("/login", "/claim", "/logout", "/theme", "/password", "/lists", "/api/lists"))

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(("GET", "POST")), paths, headers, cookies, fields)
    def ask(method, path, headers, cookies, fields):
        jar = "; ".join(f"{name}={value}" for name, value in cookies.items()).encode("latin-1")
        answer = Browser(house).ask(method, path, fields=fields, headers={**headers, "Cookie": jar or None})
        assert answer.status_code < 500
        assert "session=" not in answer.headers.get("Set-Cookie", "")
        assert path in DOORS or answer.status_code in (303, 400, 401, 403, 429)
        assert not answer.headers.get("Location", "/").startswith(("//", "http"))

    ask()
