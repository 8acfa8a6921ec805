"""Single sign-on: people come in by an issuer on loopback, and all that an attacker brings opens nothing."""

import base64
import json
import threading
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import ECKey

from list_sync.checking import look_at_everything
from list_sync.config.web import WebSettings
from list_sync.logins import open_logins
from list_sync.model.access import LoginKind
from list_sync.model.servers import HOME
from list_sync.storage.audit import find_deeds
from list_sync.web.entrance.rates import FREE_LOGINS
from list_sync.web.pages import settings as settings_page
from list_sync.web.sign_on.people import build_person
from list_sync.web.sign_on.refusals import WORDS, Reason, SignOnRefused
from tests.fakes.issuer import ACCESS, CLIENT_ID, CLIENT_SECRET, CODE, FakeIssuer, as_shared_secret, make_rsa
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.web.browser import Browser, words_of
from tests.web.conftest import NOW, TOKEN

pytestmark = pytest.mark.usefixtures("cheap_hashes")
PASSWORD = "correct horse battery"
START, BACK = "/login/oidc", "/login/oidc/callback"


@pytest.fixture
def issuer(clock):
    with FakeIssuer(now=lambda: clock.now.timestamp()) as issuer:
        yield issuer


@pytest.fixture
def start(start_door, issuer, clock):
    def start(**others):
        given = {"WEB_PASSWORD": PASSWORD, "HTTP_TIMEOUT": "60", "TRUSTED_PROXIES": "127.0.0.1", **others}
        return start_door(**issuer.settings(**given), now=clock)

    return start


@pytest.fixture
def house(start):
    return start()


def go(browser, *, to="/lists", start=START):
    """Return the address of the issuer to which the log-in leads."""
    answer = browser.get(f"{start}?{urlencode({'to': to})}")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def come_back(browser, address):
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


def log_in(browser, issuer, **options):
    return come_back(browser, issuer.log_in(go(browser, **options)))


def reason_of(answer):
    assert answer.status_code == 303
    parts = urlsplit(answer.headers["Location"])
    assert parts.path == "/login", answer.headers["Location"]
    return dict(parse_qsl(parts.query)).get("oidc")


def reason_of_or_in(answer):
    """Return why a log-in did not succeed, None if it did."""
    return None if answer.headers["Location"] == "/lists" else reason_of(answer)


def strangers(house):
    """Give browsers, each at another address, so that no one waits for the wrong log-ins of others."""
    return (Browser(house, {"X-Forwarded-For": f"192.0.2.{number}"}) for number in range(1, 255))


def deeds(store):
    with store.reading() as connection:
        return [(one.actor, one.action, one.target, one.outcome) for one in find_deeds(connection, HOME)]


def changed(address, **changes):
    parts = urlsplit(address)
    query = {name: value for name, value in (dict(parse_qsl(parts.query)) | changes).items() if value is not None}
    return parts._replace(query=urlencode(query)).geturl()


def test_a_person_of_the_list_comes_in_by_the_issuer(house, issuer, store):
    browser = Browser(house)
    asked = parse_qs(urlsplit(go(browser, to="/lists?x=1")).query)

    answer = log_in(browser, issuer, to="/lists?x=1")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/lists?x=1")
    assert browser.is_in()
    assert asked["client_id"] == [CLIENT_ID]
    assert asked["redirect_uri"] == ["http://localhost/login/oidc/callback"]
    assert (asked["response_type"], asked["scope"]) == (["code"], ["openid email"])
    assert asked["code_challenge_method"] == ["S256"]
    assert len({asked[name][0] for name in ("state", "nonce", "code_challenge")}) == 3
    assert deeds(store)[0] == ("alice@example.com", "log in by OIDC", "oidc, subject 4f3a9c21", "done")


def test_the_session_is_as_any_other(house, issuer, store, clock):
    browser = Browser(house)
    log_in(browser, issuer)
    morsel = browser.attributes["listsync_session"]
    assert (morsel["httponly"], morsel["samesite"], morsel["max-age"]) == (True, "lax", "")
    assert browser.csrf()
    assert browser.post("/theme", {"theme": "dark"}).status_code == 303
    assert browser.post("/theme", {"theme": "dark"}, csrf="x").status_code == 403

    clock.wait(hours=13)

    assert not browser.is_in()
    log_in(browser, issuer)
    kept = browser.copy()
    assert browser.post("/logout").headers["Location"] == "/login?ended=true"
    assert not kept.is_in()
    assert deeds(store)[0][:2] == ("alice@example.com", "log out")


def test_a_log_in_ends_the_earlier_session_of_the_browser(house, issuer):
    browser = Browser(house)
    browser.log_in(PASSWORD)
    before = browser.copy()

    log_in(browser, issuer)

    assert browser.is_in()
    assert not before.is_in()


@pytest.mark.parametrize(
    ("allowed", "claims", "is_let_in"),
    [
        ("alice@example.com", {}, True),
        ("ALICE@example.COM", {}, True),
        ("4f3a9c21", {}, True),
        ("sub:4f3a9c21", {"email": None}, True),
        ("group:media", {"groups": ["media", "users"]}, True),
        ("group:media", {"groups": "media"}, True),
        ("alice@example.com", {"email_verified": False}, False),
        ("alice@example.com", {"email_verified": None}, False),
        ("alice@example.com", {"email_verified": "true"}, False),
        ("alice@example.com", {"email": ["alice@example.com"]}, False),
        ("alice@example.com", {"sub": "alice@example.com", "email": None}, False),
        ("kate@example.com", {"email": "\N{KELVIN SIGN}ate@example.com"}, False),
        ("alice", {"preferred_username": "alice", "name": "alice", "email": None}, False),
        ("media", {"groups": ["media"]}, False),
        ("group:media", {"groups": {"media": True}}, False),
        ("group:media", {"groups": ["/media", "media2", 7]}, False),
        ("4f3a9c2", {}, False),
        ("", {}, False),
    ],
)
def test_who_may_log_in(allowed, claims, is_let_in):
    web = WebSettings(oidc_allowed=allowed)
    stated = {"sub": "4f3a9c21", "email": "alice@example.com", "email_verified": True} | claims
    person = build_person(stated["sub"], [stated])

    if is_let_in:
        assert person.require_kind(web) is LoginKind.OIDC
    else:
        with pytest.raises(SignOnRefused, match="neither in OIDC_ALLOWED nor in OIDC_READERS"):
            person.require_kind(web)


def test_a_person_who_is_on_no_list_is_named_in_the_log_alone(start, issuer, caplog, store):
    issuer.changes = {"email_verified": False}
    browser = Browser(start())

    answer = log_in(browser, issuer)

    assert reason_of(answer) == Reason.UNLISTED
    assert not browser.is_in()
    who = "the person with the subject 4f3a9c21 (alice@example.com, which the issuer did not verify)"
    assert any(who in one for one in caplog.messages)
    assert "4f3a9c21" not in browser.get(answer.headers["Location"]).text
    assert deeds(store)[0] == ("not logged in", "log in by OIDC", "", "refused")


def test_what_the_token_leaves_out_is_asked_for_and_counts_only_for_the_same_person(start, issuer):
    issuer.changes = {"email": None, "email_verified": None}
    issuer.metadata = {"userinfo_endpoint": f"{issuer.issuer}/userinfo"}
    issuer.info = {"email": "alice@example.com", "email_verified": True}
    assert log_in(Browser(house := start()), issuer).headers["Location"] == "/lists"

    issuer.info |= {"sub": "another"}
    assert reason_of(log_in(Browser(house), issuer)) == Reason.TOKEN
    # A word that an address is verified counts for no other address.
    issuer.info = {"email": "mallory@example.com", "email_verified": True}
    issuer.changes = {"email": "alice@example.com", "email_verified": None}
    assert reason_of(log_in(Browser(house), issuer)) == Reason.UNLISTED


def test_a_reader_looks_and_changes_nothing(start, issuer):
    browser = Browser(start(OIDC_ALLOWED="root@example.com", OIDC_READERS="alice@example.com"))
    log_in(browser, issuer)

    assert browser.is_in()
    answer = browser.post("/api/sync", headers={"X-CSRF-Token": browser.csrf()}, csrf="", json={})
    assert answer.status_code == 403


def test_other_terms_end_the_sessions_of_the_issuer(start, issuer):
    browser = Browser(start())
    log_in(browser, issuer)

    for others in ({"OIDC_ALLOWED": "bob@example.com"}, {"OIDC_CLIENT_ID": "other"}, {"OIDC_READERS": "alice"}):
        assert not Browser(start(**others), cookies=browser.cookies).is_in()
    assert Browser(start(), cookies=browser.cookies).is_in()


NOT_MEANT = [
    {"iss": "https://evil.example"},
    {"iss": None},
    {"aud": "another-client"},
    {"aud": ["another-client"]},
    {"aud": []},
    {"aud": None},
    {"aud": [CLIENT_ID, "another-client"]},
    {"azp": "another-client"},
    {"nonce": "another"},
    {"nonce": None},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "x" * 256},
    {"sub": "a\nb"},
    {"exp": None},
    {"exp": "never"},
    {"exp": True},
    {"iat": None},
    {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
]


def test_a_token_that_is_not_meant_for_this_log_in_opens_nothing(house, issuer, store):
    for browser, change in zip(strangers(house), NOT_MEANT, strict=False):
        issuer.changes = change
        assert (change, reason_of(log_in(browser, issuer))) == (change, Reason.TOKEN)
        assert not browser.is_in()

    assert deeds(store)[0] == ("not logged in", "log in by OIDC", "", "refused")


def test_clocks_may_differ_by_a_minute(house, issuer):
    cases = [("exp", -30, True), ("exp", -120, False)]
    cases += [(name, seconds, is_right) for name in ("iat", "nbf") for seconds, is_right in ((30, True), (120, False))]
    for browser, (name, seconds, is_right) in zip(strangers(house), cases, strict=False):
        issuer.changes = {name: NOW.timestamp() + seconds}
        assert reason_of_or_in(log_in(browser, issuer)) == (None if is_right else Reason.CLOCK)
        assert browser.is_in() is is_right


def forge_none(issuer):
    issuer.header = {"alg": "none"}


def forge_shared_secret(issuer):
    issuer.alg, issuer.sign_with = "HS256", as_shared_secret(issuer.keys[0])


def forge_foreign_key(issuer):
    issuer.sign_with = ECKey.generate_key("P-256", {"kid": "first"})


def forge_key_in_the_head(issuer):
    issuer.sign_with = ECKey.generate_key("P-256", {"kid": "mine"})
    issuer.header = {"jwk": issuer.sign_with.as_dict(private=False), "kid": "mine"}


def forge_unknown_kid(issuer):
    issuer.header = {"kid": "../../dev/null"}


def forge_what_must_be_understood(issuer):
    issuer.header = {"crit": ["exp"], "exp": 1}


def forge_encryption_key(issuer):
    issuer.keys = [ECKey.generate_key("P-256", {"kid": "first", "use": "enc"})]


FORGERIES = [
    forge_none,
    forge_shared_secret,
    forge_foreign_key,
    forge_key_in_the_head,
    forge_unknown_kid,
    forge_what_must_be_understood,
    forge_encryption_key,
]


def test_a_token_that_the_issuer_did_not_sign_opens_nothing(house, issuer, clock):
    keys = issuer.keys
    for browser, forge in zip(strangers(house), FORGERIES, strict=False):
        issuer.keys, issuer.header, issuer.alg, issuer.sign_with = keys, {}, "ES256", None
        forge(issuer)
        clock.wait(minutes=11)
        assert (forge, reason_of(log_in(browser, issuer))) == (forge, Reason.TOKEN)
        assert not browser.is_in()


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(("bits", "is_let_in"), [(2048, True), (1024, False)])
def test_a_key_that_can_be_guessed_signs_nothing(house, issuer, bits, is_let_in):
    issuer.keys, issuer.alg = [make_rsa(bits)], "RS256"

    log_in(browser := Browser(house), issuer)

    assert browser.is_in() is is_let_in


def test_what_is_no_token_opens_nothing(house, issuer):
    odd = ["", "x", "a.b.c", "....", "e30.e30.e30", 7, ["x"], "\u20ac.b.c", "e30." + "A" * 200_000 + ".e30"]
    for browser, token in zip(strangers(house), odd, strict=False):
        issuer.answers["/token"] = Served({"access_token": ACCESS, "id_token": token})
        assert reason_of(log_in(browser, issuer)) == Reason.TOKEN


def test_new_keys_are_read_once_they_sign_and_at_most_once_a_minute(house, issuer, clock):
    log_in(Browser(house), issuer)
    issuer.rotate()
    assert reason_of(log_in(Browser(house), issuer)) == Reason.TOKEN
    assert issuer.paths().count("/keys") == 1

    clock.wait(seconds=61)
    assert log_in(Browser(house), issuer).headers["Location"] == "/lists"
    assert issuer.paths().count("/keys") == 2
    forge_unknown_kid(issuer)
    for _ in range(3):
        assert reason_of(log_in(Browser(house), issuer)) == Reason.TOKEN
    assert issuer.paths().count("/keys") == 2


def test_an_answer_fits_only_the_browser_and_the_log_in_that_asked_for_it(house, issuer):
    victim, attacker = Browser(house), Browser(house)
    of_attacker = issuer.log_in(go(attacker))
    assert reason_of(come_back(victim, of_attacker)) == Reason.BROWSER
    own = issuer.log_in(go(victim))
    state = dict(parse_qsl(urlsplit(of_attacker).query))["state"]
    for address in (
        changed(own, state=state),
        changed(own, state=None),
        changed(own, state="x" * 43),
        changed(own, state="é"),
    ):
        assert reason_of(come_back(victim, address)) == Reason.BROWSER
    # The code of the attacker with the state of the victim (login CSRF): its proof is in another browser.
    code = dict(parse_qsl(urlsplit(of_attacker).query))["code"]
    assert reason_of(come_back(victim, changed(own, code=code))) == Reason.CODE
    assert not victim.is_in()
    assert not attacker.is_in()


def test_a_cookie_that_was_changed_counts_for_nothing(house, issuer):
    browser = Browser(house)
    address = issuer.log_in(go(browser))
    ((name, value),) = browser.cookies.items()
    begun, secret, to = value.split(".")
    elsewhere = base64.urlsafe_b64encode(b"//evil.example").decode().rstrip("=")
    for other in (
        f"{int(begun) + 1}.{secret}.{to}",
        f"{begun}.{secret}.{elsewhere}",
        f"{begun}.{secret}",
        "",
        "..",
        "x",
    ):
        browser.cookies[name] = other
        assert reason_of(come_back(browser, address)) == Reason.BROWSER


def test_an_answer_counts_once_also_if_the_issuer_does_not_mind(house, issuer):
    issuer.is_single_use = False
    browser = Browser(house)
    address = issuer.log_in(go(browser))
    kept = browser.copy()

    assert come_back(browser, address).headers["Location"] == "/lists"

    assert reason_of(come_back(kept, address)) == Reason.BROWSER
    # Who is in already is led on.
    assert come_back(browser, address).headers["Location"] == "/"


def test_a_log_in_takes_ten_minutes_at_most(house, issuer, clock):
    browser = Browser(house)
    address = issuer.log_in(go(browser))

    clock.wait(minutes=10, seconds=1)

    assert reason_of(come_back(browser, address)) == Reason.BROWSER


def test_two_tabs_and_two_people_log_in_at_once(house, issuer):
    browser, other = Browser(house), Browser(house)
    addresses = [issuer.log_in(go(one)) for one in (browser, browser, other)]
    for one, address in zip((browser, browser, other), reversed(addresses), strict=True):
        come_back(one, address)
    # The answers of the one browser came back to it; the other person got one of them, which opened nothing.
    assert browser.is_in()
    assert not other.is_in()

    come_back(other, issuer.log_in(go(other)))
    assert other.is_in()


def test_an_answer_of_another_issuer_is_refused(house, issuer):
    for iss in ("https://evil.example", "", issuer.issuer + "/"):
        browser = Browser(house)
        assert reason_of(come_back(browser, changed(issuer.log_in(go(browser)), iss=iss))) == Reason.TOKEN
    assert CODE not in "".join(asked.body.decode() for asked in issuer.asked)


def test_an_issuer_that_states_itself_must_do_so(start, issuer):
    issuer.metadata = {"authorization_response_iss_parameter_supported": True}
    house = start()
    browser = Browser(house)
    assert reason_of(come_back(browser, changed(issuer.log_in(go(browser)), iss=None))) == Reason.TOKEN
    assert log_in(browser, issuer).headers["Location"] == "/lists"


def test_a_parameter_that_comes_twice_is_refused(house, issuer):
    browser = Browser(house)
    address = issuer.log_in(go(browser))

    assert reason_of(come_back(browser, f"{address}&code=other")) == Reason.TOKEN


def test_a_person_who_stops_at_the_issuer_is_told_so_in_our_words(house, issuer):
    browser = Browser(house)
    denied = changed(issuer.log_in(go(browser)), code=None, error="access_denied", error_description="<b>call us</b>")

    answer = come_back(browser, denied)

    assert reason_of(answer) == Reason.DENIED
    page = words_of(browser.get(answer.headers["Location"]))
    assert WORDS[Reason.DENIED][0] in page
    assert "call us" not in page


BROKEN = [
    ("/.well-known/openid-configuration", Served("", status=503), Reason.DOWN),
    ("/.well-known/openid-configuration", Served(cut_after=-1), Reason.DOWN),
    ("/.well-known/openid-configuration", Served("<html><title>Login</title>"), Reason.ODD),
    ("/.well-known/openid-configuration", Served("[]"), Reason.ODD),
    ("/.well-known/openid-configuration", Served("{"), Reason.ODD),
    ("/.well-known/openid-configuration", Served({"issuer": "https://evil.example"}), Reason.ODD),
    ("/.well-known/openid-configuration", Served(b" " * 300_000), Reason.ODD),
    ("/.well-known/openid-configuration", Served("", 302, {"Location": "http://127.0.0.1:9/x"}), Reason.ODD),
    ("/keys", Served("", status=500), Reason.DOWN),
    ("/keys", Served("7"), Reason.ODD),
]


def test_an_issuer_that_does_not_answer_is_told_of_and_the_password_opens(house, issuer, clock):
    browser = Browser(house)
    for path, served, reason in BROKEN:
        issuer.answers = {path: served}
        answer = browser.get(START)
        assert (served, reason_of(answer)) == (served, reason)
        page = browser.get(answer.headers["Location"])
        assert (page.status_code, WORDS[reason][0] in words_of(page)) == (200, True)
        clock.wait(minutes=11)
    assert browser.log_in(PASSWORD).status_code == 303
    assert browser.is_in()


NO_TOKENS = [
    (Served("", status=502), Reason.DOWN),
    (Served({"error": "invalid_client"}, status=401), Reason.CLIENT),
    (Served({"error": "invalid_grant"}, status=400), Reason.CODE),
    (Served({"error": "invalid_request"}, status=400), Reason.ODD),
    (Served("", 307, {"Location": "http://127.0.0.1:9/x"}), Reason.ODD),
    (Served("null"), Reason.ODD),
    (Served({}), Reason.TOKEN),
    (Served(b"[" * 100_000), Reason.ODD),
    (Served(b"x" * 300_000), Reason.ODD),
]


def test_a_code_that_gives_no_token_opens_nothing(house, issuer):
    for browser, (served, reason) in zip(strangers(house), NO_TOKENS, strict=False):
        issuer.answers = {"/token": served}
        assert (served, reason_of(log_in(browser, issuer))) == (served, reason)
        assert not browser.is_in()


def test_a_slow_issuer_holds_up_no_password(start_door, issuer, clock):
    issuer.answers["/.well-known/openid-configuration"] = Served(b" " * 100_000, slow_bytes=True)
    house = start_door(**issuer.settings(WEB_PASSWORD=PASSWORD, HTTP_TIMEOUT="0.5"), now=clock)
    browser = Browser(house)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(Browser(house).get(START)))
    waiting.start()

    assert browser.log_in(PASSWORD).status_code == 303

    waiting.join()
    assert reason_of(answers[0]) == Reason.DOWN


ASTRAY = [
    ("token_endpoint", "http://169.254.169.254/latest"),
    ("token_endpoint", "http://127.0.0.1:9/token"),
    ("jwks_uri", "http://localhost:9/keys"),
    ("jwks_uri", "file:///etc/passwd"),
    ("jwks_uri", None),
    ("authorization_endpoint", "javascript:alert(1)"),
    ("authorization_endpoint", "http://user:pass@x.example/"),
    ("authorization_endpoint", "http://x.example/\r\nSet-Cookie: a=b"),
    ("authorization_endpoint", ["http://x.example"]),
    ("end_session_endpoint", "//x.example"),
]


def test_an_issuer_leads_nowhere_into_the_network(house, issuer, clock):
    with ScriptedServer([Served({})]) as inside:
        cases = [*ASTRAY, ("token_endpoint", f"{inside.url}/token"), ("jwks_uri", f"{inside.url}/keys")]
        for browser, (name, address) in zip(strangers(house), cases, strict=False):
            issuer.metadata = {name: address}
            answer = browser.get(START)
            if name == "token_endpoint":
                answer = come_back(browser, issuer.log_in(answer.headers["Location"]))
            assert (address, reason_of(answer)) in ((address, Reason.ODD), (address, Reason.DOWN))
            clock.wait(minutes=11)
    assert inside.asked == []


def test_a_log_in_leads_to_no_other_site(house, issuer):
    for to in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/login/oidc",
        "/logout",
        "/x\r\ny",
        "x" * 600,
    ):
        browser = Browser(house)
        assert log_in(browser, issuer, to=to).headers["Location"] == "/"
    for site in ("cross-site", "same-site"):
        answer = Browser(house).get(START, headers={"Sec-Fetch-Site": site})
        assert answer.headers["Location"] == "/login?to=%2F"
        assert "set-cookie" not in answer.headers


def test_wrong_answers_wait_as_wrong_passwords_do(house, issuer):
    issuer.changes = {"nonce": "another"}
    for _ in range(FREE_LOGINS):
        assert reason_of(log_in(Browser(house), issuer)) == Reason.TOKEN
    asked = len(issuer.asked)
    browser = Browser(house)
    address = issuer.log_in(go(browser))

    assert reason_of(come_back(browser, address)) == Reason.WAIT
    assert len(issuer.asked) == asked
    assert Browser(house).log_in(PASSWORD).status_code == 429


def test_below_a_path_and_behind_a_proxy_with_https(start, issuer):
    house = start(WEB_BASE_URL="https://listsync.example.com/sync", WEB_BASE_PATH="/sync")
    browser = Browser(house, {"Host": "listsync.example.com", "X-Forwarded-Proto": "https"})
    page = browser.get("/sync/login?to=/lists").text
    assert 'href="https://listsync.example.com/sync/login/oidc?to=%2Flists"' in page

    there = go(browser, start=f"/sync{START}")
    assert parse_qs(urlsplit(there).query)["redirect_uri"] == [f"https://listsync.example.com/sync{BACK}"]
    (morsel,) = [one for name, one in browser.attributes.items() if name.startswith("__Secure-listsync_oidc_")]
    assert (morsel["path"], morsel["secure"], morsel["httponly"], morsel["samesite"]) == ("/sync", True, True, "lax")
    assert morsel["max-age"] == "600"
    answer = come_back(browser, issuer.log_in(there))

    assert answer.headers["Location"] == "/sync/lists"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert browser.get("/sync/lists").status_code == 200
    # What was begun is over in the browser, too.
    assert [name for name in browser.cookies if "oidc" in name] == []


def test_nothing_of_a_log_in_is_in_a_log_a_page_or_the_audit_log(house, issuer, store, caplog):
    caplog.set_level("DEBUG")
    browser, texts = Browser(house), []
    for served in (Served({"error": "invalid_grant"}, status=400), Served("", status=500), None):
        issuer.answers = {"/token": served} if served else {}
        address = issuer.log_in(go(browser))
        answer = come_back(browser, address)
        texts += [answer.text, json.dumps(dict(answer.headers) | {"Set-Cookie": ""})]
        texts.append(browser.get(answer.headers["Location"]).text)
    state = dict(parse_qsl(urlsplit(address).query))["state"]
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("list_sync")]
    texts += [*ours, str(deeds(store)), repr(house.parts.settings)]

    assert browser.is_in()
    for secret in (CODE, ACCESS, CLIENT_SECRET, state, issuer.make_token("x")[:20]):
        assert not any(secret in text for text in texts)


def test_without_the_password_only_the_issuer_and_the_token_open(start, issuer):
    house = start(WEB_PASSWORD_LOGIN="false")
    browser = Browser(house)
    page = words_of(browser.get("/login"))
    assert "Log in with 127.0.0.1" in page
    assert "Password" not in page
    assert browser.log_in(PASSWORD).status_code == 401

    issuer.answers["/.well-known/openid-configuration"] = Served("", status=503)
    assert reason_of(browser.get(START)) == Reason.DOWN
    assert browser.log_in(TOKEN).status_code == 303
    assert browser.is_in()
    assert browser.get("/claim").headers["Location"] == "/login"


def test_without_a_list_of_people_the_page_says_how(start, issuer):
    page = words_of(Browser(start(OIDC_ALLOWED="")).get("/login"))

    assert "Set OIDC_ALLOWED to e-mail addresses, subjects, or group:NAME." in page


def test_the_address_to_register_is_shown_by_the_check_and_the_setting(start_service, issuer):
    service = start_service(**issuer.settings(), routes=(), pages=(settings_page.routes,))
    address = "http://localhost/login/oidc/callback"
    found = look_at_everything(service.parts.settings, open_logins=open_logins, open_session=None)

    assert any(one.text.endswith(address) for one in found)
    page = Browser(service)
    page.log_in(TOKEN)
    assert address in page.get("/settings/OIDC_ISSUER").text.replace("<wbr>", "")


def test_groups_are_asked_for_only_where_they_decide(start, issuer):
    browser = Browser(start(OIDC_ALLOWED="group:media"))
    assert parse_qs(urlsplit(go(browser)).query)["scope"] == ["openid email groups"]


def test_people_log_out_at_the_issuer_too_if_it_can(start, issuer):
    issuer.metadata = {"end_session_endpoint": f"{issuer.issuer}/end?realm=home"}
    house = start()
    browser = Browser(house)
    log_in(browser, issuer)
    ended = browser.get(browser.post("/logout").headers["Location"])
    assert 'href="http://localhost/login/oidc/end"' in ended.text

    there = urlsplit(browser.get("/login/oidc/end").headers["Location"])
    assert (there.path, dict(parse_qsl(there.query))) == (
        "/end",
        {"realm": "home", "client_id": CLIENT_ID, "post_logout_redirect_uri": "http://localhost/login"},
    )


def test_an_issuer_without_a_log_out_is_told_of(house):
    assert reason_of(Browser(house).get("/login/oidc/end")) == Reason.NO_END


def test_without_an_issuer_there_is_no_way_to_one(start_door):
    house = start_door(WEB_PASSWORD=PASSWORD)

    for path in (START, BACK, "/login/oidc/end"):
        assert Browser(house).get(path).status_code == 404
    assert "oidc" not in Browser(house).get("/login").text


def test_any_bytes_as_claims_and_keys_open_nothing_and_break_nothing(house, issuer):
    odd = [None, 7, "x", [], {}, [[]], {"keys": 7}, {"keys": [7, {}, {"kty": "RSA"}, {"kty": "EC", "crv": "x"}]}]
    for document in odd:
        issuer.answers["/keys"] = Served(document)
        answer = Browser(house).get(START)
        assert answer.status_code == 303
        house.parts.now.wait(minutes=11)
