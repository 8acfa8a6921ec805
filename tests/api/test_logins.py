import resource
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.config import load_settings, open_secrets
from list_sync.errors import (
    AuthenticationFailed,
    Blocked,
    Refused,
    ServiceUnavailable,
    SyncCancelled,
    UnexpectedResponse,
)
from list_sync.logins import NAMES, Logins, TraktTokens
from list_sync.providers import available_providers
from tests.fakes.login_services import CLIENT_SECRET, DEVICE_CODE, LoginServices
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Served

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SERVICES = sorted(NAMES)
LOST = Served("", cut_after=-1)


class Life:
    """Log-ins of a data folder whose clock and waiting are in our hands."""

    def __init__(self, services, folder, **env):
        self.services, self.now, self.waited, self.shown = services, NOON, [], []
        # A key that is there is not told of.
        (folder / ".config_key").write_text("of the test")
        env = {**services.env(folder), **env}
        env = {name: value for name, value in env.items() if value}
        self.settings = load_settings(env, providers=available_providers(), dotenv=None)
        self.seconds = 0.0
        self.stops_after = 1_000
        self.clients = []
        self.logins = Logins(self.settings, http_for=self.client, now=lambda: self.now, clock=lambda: self.seconds)

    def client(self, service):
        self.clients.append(HttpClient(service, timeout_seconds=PATIENCE_SECONDS, retry_attempts=1))
        return self.clients[-1]

    def wait(self, seconds):
        self.waited.append(seconds)
        return len(self.waited) > self.stops_after

    def log_in(self, service="trakt"):
        self.logins.log_in(service, show=self.shown.append, wait=self.wait)

    def stored(self):
        return open_secrets(self.settings.process).load()

    def pass_time(self, **much):
        self.now += timedelta(**much)
        self.seconds += timedelta(**much).total_seconds()


@pytest.fixture
def services():
    with LoginServices() as services:
        yield services


@pytest.fixture
def life(services, tmp_path):
    life = Life(services, tmp_path)
    yield life
    for client in life.clients:
        client.close()


def test_a_slow_user_is_waited_for_at_the_pace_that_trakt_asks_for(life, services):
    services.polls, services.interval = [400, 400, 400, 200], 7

    life.log_in()

    (invitation,) = life.shown
    assert (invitation.address, invitation.code) == ("https://trakt.tv/activate", "ABCD1234")
    assert DEVICE_CODE not in repr(invitation)
    assert life.waited == [7.0] * 4
    assert life.logins.token("trakt") == "access-token-1"
    assert "access-token-1" not in repr(vars(life.logins)) + repr(TraktTokens.from_text(life.stored()["TRAKT_LOGIN"]))


@pytest.mark.parametrize(
    ("poll", "kind", "words"),
    [
        (404, Refused, "does not know this code"),
        (409, Refused, "used already"),
        (410, Refused, "expired"),
        (418, Refused, "denied"),
        (401, AuthenticationFailed, "TRAKT_CLIENT_ID or TRAKT_CLIENT_SECRET"),
        (Served("<html>Just a moment", status=403, headers={"Server": "cloudflare"}), Blocked, "Cloudflare"),
        (Served("<html>hello"), UnexpectedResponse, "web page"),
        (Served({"access_token": "only one"}), UnexpectedResponse, "has no token"),
        (Served({"access_token": "a", "refresh_token": 1.5}), UnexpectedResponse, "refresh token"),
    ],
)
def test_whatever_else_trakt_answers_is_said_and_nothing_is_stored(life, services, poll, kind, words):
    services.polls = [400, poll]

    with pytest.raises(kind, match=words):
        life.log_in()

    assert life.stored() == {}
    assert CLIENT_SECRET not in words


@pytest.mark.parametrize("service", SERVICES)
def test_outages_while_waiting_are_no_answer(life, services, service):
    services.polls = [400, Served("", status=502), LOST, Served("", status=503), 200]

    life.log_in(service)

    assert NAMES[service] in life.stored()


@pytest.mark.parametrize("service", SERVICES)
def test_whoever_is_told_to_slow_down_does(life, services, service):
    services.polls = [Served("", status=429), Served("", status=429, headers={"Retry-After": "33"}), 200]

    life.log_in(service)

    first, second, third = life.waited
    assert second == first + 5
    assert third == 33


def test_simkl_says_slow_down_in_words(life, services):
    services.polls = [Served({"result": "KO", "message": "Slow down"}), 200]

    life.log_in("simkl")

    assert life.waited[1] > life.waited[0] + 4


@pytest.mark.parametrize("service", SERVICES)
def test_a_code_that_nobody_approves_expires(life, services, service):
    services.polls, services.expires_in = [400], 0.6

    def wait(seconds):
        return threading.Event().wait(min(seconds, 0.3))

    with pytest.raises(Refused, match=f"expired before it was approved: `list-sync login {service}`"):
        life.logins.log_in(service, show=life.shown.append, wait=wait)

    assert life.stored() == {}


def test_plex_forgets_a_pin_that_has_expired(life, services):
    services.polls = [400, 404]

    with pytest.raises(Refused, match="expired"):
        life.log_in("plex")


@pytest.mark.parametrize("service", SERVICES)
def test_whoever_gives_up_leaves_nothing_behind(life, services, service):
    services.polls, life.stops_after = [400], 2

    with pytest.raises(SyncCancelled, match="nothing was stored"):
        life.log_in(service)

    assert life.stored() == {}


@pytest.mark.parametrize(
    ("service", "setting", "advice"),
    [
        ("trakt", "TRAKT_CLIENT_ID", "only VIP members"),
        ("trakt", "TRAKT_CLIENT_SECRET", "same app"),
        ("simkl", "SIMKL_CLIENT_ID", "simkl.com/settings/developer"),
    ],
)
def test_a_setting_that_is_missing_is_named_with_advice(services, tmp_path, service, setting, advice):
    with pytest.raises(AuthenticationFailed, match=f"{setting} is not set: .*{advice}"):
        Life(services, tmp_path, **{setting: ""}).log_in(service)

    assert services.asked == []


@pytest.mark.parametrize(("service", "setting"), [("trakt", "TRAKT_CLIENT_ID"), ("simkl", "SIMKL_CLIENT_ID")])
def test_an_app_that_is_refused_is_named(services, tmp_path, service, setting):
    life = Life(services, tmp_path, **{setting: "another"})

    with pytest.raises(AuthenticationFailed, match=f"{setting}.* was refused"):
        life.log_in(service)
    life.clients[0].close()


def test_the_log_in_to_plex_is_one_address_and_one_identifier_for_ever(life, services):
    life.log_in("plex")
    (invitation,) = life.shown
    identifier = life.stored()["PLEX_CLIENT_IDENTIFIER"]

    assert invitation.code == ""
    assert invitation.address.startswith("https://app.plex.tv/auth#?")
    assert f"clientID={identifier}" in invitation.address
    assert "code=strongcode" in invitation.address
    assert life.stored()["PLEX_TOKEN"] == "plex-token"
    life.logins.remove("plex")
    services.polls = [200]
    life.log_in("plex")
    assert {asked.headers["X-Plex-Client-Identifier"] for asked in services.asked} == {identifier}


def test_a_token_of_a_log_in_stands_in_for_a_setting(life, services, tmp_path):
    life.log_in("plex")
    services.polls = [200]
    life.log_in("simkl")

    found = life.logins.find_credentials(
        ["PLEX_TOKEN", "SIMKL_USER_TOKEN", "SIMKL_CLIENT_ID", "PLEX_CLIENT_IDENTIFIER"]
    )
    assert found == {"PLEX_TOKEN": "plex-token", "SIMKL_USER_TOKEN": "simkl-token"}
    later = Life(services, tmp_path).settings.household.credentials
    assert later["PLEX_TOKEN"].get_secret_value() == "plex-token"
    set_by_hand = Life(services, tmp_path, PLEX_TOKEN="by-hand").settings.household.credentials
    assert set_by_hand["PLEX_TOKEN"].get_secret_value() == "by-hand"


def test_what_a_log_in_gives_is_checked_for_a_place_before_the_user_is_troubled(life, services, tmp_path):
    (tmp_path / "config.enc").write_bytes(b"something else")

    with pytest.raises(Exception, match=r"config\.enc"):
        life.log_in()

    assert services.asked == []


def test_nobody_logged_in_means_no_token_and_no_file(life, tmp_path):
    assert life.logins.token("trakt") is None
    assert life.logins.token("plex") is None
    assert life.logins.find_credentials(["PLEX_TOKEN"]) == {}
    assert life.logins.describe() == ()
    assert [file.name for file in tmp_path.iterdir()] == [".config_key"]


def test_a_log_in_is_renewed_when_a_third_of_its_life_is_left_and_the_refresh_token_rotates(life, services):
    life.log_in()
    life.pass_time(days=4)
    assert life.logins.token("trakt") == "access-token-1"

    life.pass_time(days=1)
    assert life.logins.token("trakt") == "access-token-2"
    assert life.logins.token("trakt") == "access-token-2"

    life.pass_time(days=6)
    assert life.logins.token("trakt") == "access-token-3"
    assert services.used == ["refresh-token-1", "refresh-token-2"]
    assert life.logins.describe()[0].expires_at == life.now + timedelta(days=7)


def test_the_next_tokens_are_in_the_store_before_they_are_used(life, services):
    life.log_in()
    life.pass_time(days=6)
    token = life.logins.token("trakt")

    kept = TraktTokens.from_text(life.stored()["TRAKT_LOGIN"])
    assert (kept.access_token, kept.refresh_token) == (token, "refresh-token-2")


def test_many_workers_renew_once(life, services):
    life.log_in()
    life.pass_time(days=6)
    tokens = []
    workers = [threading.Thread(target=lambda: tokens.append(life.logins.token("trakt"))) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert tokens == ["access-token-2"] * 8
    assert services.paths().count("/oauth/token") == 1


def test_while_trakt_is_down_the_log_in_goes_on_as_long_as_it_lives(life, services, caplog):
    life.log_in()
    services.renewal_answer = Served("", status=503)
    life.pass_time(days=6)

    assert [life.logins.token("trakt") for _ in range(5)] == ["access-token-1"] * 5
    assert services.paths().count("/oauth/token") == 1
    assert len(caplog.records) == 1
    assert "could not be renewed, and is good until 2026-11-29 12:00 UTC" in caplog.text

    life.pass_time(days=2)
    with pytest.raises(ServiceUnavailable):
        life.logins.token("trakt")
    services.renewal_answer = None
    life.pass_time(minutes=6)
    assert life.logins.token("trakt") == "access-token-2"


def test_a_refused_renewal_asks_for_a_new_log_in_and_is_not_tried_again(life, services, caplog):
    life.log_in()
    services.refresh_tokens.clear()
    life.pass_time(days=6)

    assert [life.logins.token("trakt") for _ in range(3)] == ["access-token-1"] * 3
    assert services.paths().count("/oauth/token") == 1
    assert "list-sync login trakt" in caplog.text
    assert life.logins.describe()[0].is_renewed is False

    life.pass_time(days=2)
    assert life.logins.token("trakt") is None
    assert "the log-in has ended" in caplog.text
    assert services.paths().count("/oauth/token") == 1
    services.polls = [200]
    life.log_in()
    assert life.logins.token("trakt") == "access-token-2"


@contextmanager
def full_disk():
    """No file can grow, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_renewal_is_asked_for_that_could_not_be_stored(life, services, caplog):
    life.log_in()
    life.pass_time(days=6)

    with full_disk():
        assert life.logins.token("trakt") == "access-token-1"

    assert "cannot be written" in caplog.text
    assert "/oauth/token" not in services.paths()


def test_an_answer_that_is_lost_is_not_asked_for_twice(life, services):
    life.log_in()
    services.renewal_answer = LOST
    life.pass_time(days=6)

    assert life.logins.token("trakt") == "access-token-1"
    assert services.paths().count("/oauth/token") == 1


def test_a_log_in_that_is_removed_is_gone(life):
    life.log_in()

    assert life.logins.remove("trakt") is True
    assert life.logins.remove("trakt") is False
    assert life.logins.token("trakt") is None
    assert life.logins.account("trakt") == ""


@given(
    access=st.text(),
    refresh=st.text(),
    issued=st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    life=st.timedeltas(timedelta(0), timedelta(days=900)),
)
def test_tokens_are_read_as_they_were_written(access, refresh, issued, life):
    tokens = TraktTokens(access, refresh, issued, issued + life)

    read = TraktTokens.from_text(tokens.to_text())

    assert (read.access_token, read.refresh_token) == (access, refresh)
    assert abs(read.issued_at - issued) < timedelta(seconds=1)
    assert abs(read.expires_at - tokens.expires_at) < timedelta(seconds=1)


@given(st.text())
def test_any_other_text_asks_for_a_new_log_in(text):
    with pytest.raises(AuthenticationFailed, match="list-sync login trakt"):
        TraktTokens.from_text(text)


@pytest.mark.parametrize("years", [14, -56])
def test_tokens_that_a_wrong_clock_dated_are_renewed_once_when_it_is_right(life, services, years):
    life.pass_time(days=365 * years)
    life.log_in()
    life.pass_time(days=-365 * years)

    tokens = [life.logins.token("trakt") for _ in range(3)]

    assert tokens == ["access-token-2"] * 3
    assert services.used == ["refresh-token-1"]
    assert life.logins.describe()[0].expires_at == NOON + timedelta(days=7)
