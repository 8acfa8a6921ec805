"""A daemon without a server: the pages of the set-up, and nothing else, until a server is set."""

import os
import re
import signal
import threading

import pytest
import requests

from list_sync.commands.run import set_up_and_stay
from list_sync.config import load_settings
from list_sync.daemon.heartbeat import find_trouble
from list_sync.demo.server.demo_server import DemoServer
from list_sync.preparation import prepare_settings
from list_sync.providers import available_providers
from list_sync.setting_up import wait_for_server
from tests.fakes.patience import PATIENCE_SECONDS, wait_until
from tests.fakes.ports import find_free_port
from tests.web.browser import Browser

TOKEN = "the-token-of-the-owner-of-this-house"
HTML = {"Accept": "text/html"}


class SetUp:
    """A set-up that waits in a thread, and what it came to."""

    def __init__(self, port):
        self.address, self.stop, self.found = f"http://127.0.0.1:{port}", threading.Event(), []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        wait_until(self.answers)

    def run(self):
        self.found.append(wait_for_server(prepare_settings(), self.stop))

    def answers(self):
        try:
            return self.get("/health/live").ok
        except requests.ConnectionError:
            return False

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def ask(self, method, path, *, headers=(), **options):
        given = {"Authorization": f"Bearer {TOKEN}", **dict(headers)}
        return requests.request(
            method, self.address + path, headers=given, timeout=PATIENCE_SECONDS, allow_redirects=False, **options
        )


@pytest.fixture
def set_up(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("OVERSEERR")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    port = find_free_port()
    for name, text in {"DATA_DIR": str(tmp_path), "WEB_PORT": str(port), "API_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, text)
    running = SetUp(port)
    yield running
    running.stop.set()
    running.thread.join()
    for one in running.found[0][1] if running.found[0] else ():
        one.close()


def test_only_the_set_up_is_served_and_every_page_leads_to_it(set_up):
    health = set_up.get("/health")
    assert (health.status_code, health.json()["checks"]["overseerr_api"][:21]) == (503, "unhealthy: not set up")
    for path in ("/", "/lists", "/plan", "/no-such-page"):
        answer = set_up.get(path, headers=HTML)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/start")
    page = set_up.get("/start", headers=HTML)
    assert page.status_code == 200
    assert "Save and connect" in page.text
    assert "No server is set yet" in page.text
    assert "Sync now" not in page.text
    assert set_up.get("/settings", headers=HTML).status_code == 200
    assert set_up.get("/api/lists").status_code == 404
    assert set_up.ask("POST", "/api/sync", json={}).status_code == 405


def save_server(set_up, **fields):
    return set_up.ask("POST", "/start/server", data=fields, headers=HTML)


def test_a_server_that_is_saved_on_the_page_ends_the_set_up_and_the_port_stays_open(set_up):
    wrong = save_server(set_up, address="no address", key="k")
    assert wrong.status_code == 422
    assert 'value="no address"' in wrong.text
    assert "OVERSEERR_URL (from" not in wrong.text
    assert set_up.get("/start", headers=HTML).status_code == 200

    with DemoServer() as demo:
        refused = save_server(set_up, address=demo.url, key="not-the-key-of-the-server")
        assert refused.status_code == 422
        assert re.search('id="key-note">(<svg.*</svg>)?overseerr: the server refused the API key', refused.text)
        assert refused.text.count('aria-invalid="true"') == 1
        assert "not-the-key-of-the-server" not in refused.text
        assert save_server(set_up, address=demo.url, key=demo.api_key).headers["Location"] == "/start"
        set_up.thread.join()

    settings, sockets = set_up.found[0]
    assert settings.household.overseerr_url == demo.url
    assert settings.household.overseerr_api_key.get_secret_value() == demo.api_key
    assert [f"http://127.0.0.1:{one.getsockname()[1]}" for one in sockets] == [set_up.address]


def test_a_server_that_does_not_answer_yet_is_saved_at_the_second_try(set_up):
    address = f"http://127.0.0.1:{find_free_port()}"
    asked = save_server(set_up, address=address, key="the-key-of-the-server")
    assert asked.status_code == 422
    assert "Save all the same" in asked.text
    assert "the-key-of-the-server" not in asked.text
    draft = re.search(r'name="draft" value="([^"]+)"', asked.text)[1]

    assert save_server(set_up, draft=draft).headers["Location"] == "/start"
    set_up.thread.join()

    settings, _ = set_up.found[0]
    assert settings.household.overseerr_url == address
    assert settings.household.overseerr_api_key.get_secret_value() == "the-key-of-the-server"


def test_health_says_that_no_server_is_set(set_up, tmp_path):
    assert "no server is set yet" in wait_until(lambda: find_trouble(tmp_path / "heartbeat"))
    set_up.stop.set()
    set_up.thread.join()
    assert not (tmp_path / "heartbeat").exists()


def test_a_server_that_was_set_while_another_daemon_ended_is_used_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {"DATA_DIR": str(tmp_path), "WEB_PORT": str(find_free_port())}.items():
        monkeypatch.setenv(name, text)
    settings, stop = prepare_settings(), threading.Event()
    (tmp_path / ".env").write_text("OVERSEERR_URL=http://seerr.example:5055\nOVERSEERR_API_KEY=the-key\n")
    too_late = threading.Timer(60, stop.set)
    too_late.start()

    found, sockets = wait_for_server(settings, stop)

    too_late.cancel()
    assert found.household.overseerr_url == "http://seerr.example:5055"
    for one in sockets:
        one.close()


def test_a_signal_while_the_ports_are_handed_over_ends_the_daemon_and_a_hangup_does_not(monkeypatch):
    def wait(_settings, stop):
        os.kill(os.getpid(), signal.SIGHUP)
        stop.set()
        return None, ()

    monkeypatch.setattr("list_sync.setting_up.wait_for_server", wait)

    assert set_up_and_stay(None) == 0


def test_a_stop_ends_the_set_up(set_up):
    set_up.stop.set()
    set_up.thread.join()

    assert set_up.found == [None]


@pytest.mark.parametrize(
    ("settings", "waits"),
    [
        ({}, True),
        ({"OVERSEERR_URL": "http://seerr:5055"}, False),
        ({"OVERSEERR_API_KEY": "key-of-the-server"}, False),
        ({"AUTOMATED_MODE": "false"}, False),
        ({"SYNC_INTERVAL": "0"}, False),
        ({"WEB_ENABLED": "false"}, False),
    ],
)
def test_only_a_daemon_with_a_service_and_without_any_server_waits(settings, waits):
    assert load_settings(settings, providers=available_providers(), dotenv=None).needs_set_up is waits


def test_a_person_can_claim_the_door_before_a_server_is_set(set_up, tmp_path):
    wait_until((tmp_path / "claim_token").exists)
    person = Browser(set_up)
    assert person.get("/").headers["Location"].startswith("/login")

    code = (tmp_path / "claim_token").read_text()
    fields = {"proof": code, "password": "correct horse battery", "again": "correct horse battery"}
    assert person.ask("POST", "/claim", fields=fields).headers["Location"] == "/"

    assert person.get("/").headers["Location"] == "/start"
    assert person.get("/start").status_code == 200
    assert not (tmp_path / "claim_token").exists()
