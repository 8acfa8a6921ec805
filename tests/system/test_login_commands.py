"""`list-sync login` and the tokens it leaves, as real processes against services on loopback."""

import json
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest

from list_sync.config.encrypted import open_encrypted
from list_sync.demo.server.demo_server import DemoServer
from list_sync.logins import NAMES, TraktTokens
from tests.fakes.house import House, wait_until
from tests.fakes.login_services import LoginServices
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Served
from tests.fakes.terminal import on_terminal

PASSPHRASE = "passphrase of the test"
NOW = datetime.now(UTC)
ASK_FOR_TOKEN = (
    "from list_sync.logins import open_logins\n"
    "from list_sync.preparation import prepare_settings\n"
    "with open_logins(prepare_settings()) as logins: print(logins.token('trakt'))\n"
)


@pytest.fixture
def services():
    with LoginServices() as services:
        yield services


@pytest.fixture
def house(tmp_path, services):
    env = {**services.env(tmp_path / "data"), "CONFIG_PASSPHRASE": PASSPHRASE, "RETRY_ATTEMPTS": "0"}
    house = House(tmp_path, **env)
    yield house
    house.end()


def store_of(house):
    return open_encrypted(house.data / "config.enc", PASSPHRASE)


def keep_log_in(house, services, *, age_days=6):
    grant = services.grant()
    issued_at = NOW - timedelta(days=age_days)
    tokens = TraktTokens(grant["access_token"], grant["refresh_token"], issued_at, issued_at + timedelta(days=7))
    store_of(house).set({"TRAKT_LOGIN": tokens.to_text()})


def ask_for_token(house):
    return house.start("-c", ASK_FOR_TOKEN, program=())


def all_files(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ("trakt", "open https://trakt.tv/activate and type the code ABCD1234 (good for 10 min)"),
        ("plex", "open https://app.plex.tv/auth#?clientID="),
        ("simkl", "open https://simkl.com/pin and type the code 5G6JAH"),
    ],
)
def test_a_log_in_tells_what_to_do_and_is_kept_encrypted(house, services, service, told):
    services.polls = [200]

    done = house.run("login", service)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(told)
    assert f"logged in to {service}" in done.stdout
    assert NAMES[service] in store_of(house).names()
    everything = done.stdout.encode() + all_files(house.folder)
    for secret in ("access-token", "refresh-token", "plex-token", "simkl-token", "client-secret", PASSPHRASE):
        assert secret.encode() not in everything
    removed, again = house.run("login", service, "--remove"), house.run("login", service, "--remove")
    assert "is forgotten here" in removed.stdout
    assert again.stdout == f"there is no log-in to {service}\n"
    assert NAMES[service] not in store_of(house).names()


@pytest.mark.parametrize(("poll", "words"), [(418, "denied"), (410, "expired"), (409, "used already")])
def test_a_log_in_that_is_not_granted_says_why(house, services, poll, words):
    services.polls = [400, poll]

    done = house.run("login", "trakt")

    assert done.returncode == 4
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "list-sync login trakt" in done.stderr
    assert store_of(house).names() == ()


def test_what_is_missing_or_unknown_is_named(house):
    without = house.run("login", "trakt", TRAKT_CLIENT_ID="")
    unknown = house.run("login", "imdb")

    assert without.returncode == 4
    assert "TRAKT_CLIENT_ID is not set" in without.stderr
    assert "VIP" in without.stderr
    assert unknown.returncode == 2
    assert "there are plex, simkl, trakt" in unknown.stderr


@pytest.mark.parametrize("service", sorted(NAMES))
def test_ctrl_c_while_waiting_ends_at_once_and_keeps_nothing(house, services, service):
    services.polls, services.interval = [400], 10 * PATIENCE_SECONDS
    waiting = house.start("login", service)
    waiting.wait_for("open https://")

    assert waiting.stop(signal.SIGINT) == 130
    assert "nothing was stored" in waiting.output
    assert store_of(house).names() == ()


def test_a_terminal_shows_address_and_code_apart(house, services):
    services.polls = [200]

    code, printed = on_terminal(house, "login", "trakt")

    assert code == 0
    assert "Open  " in printed
    assert "https://trakt.tv/activate" in printed
    assert "ABCD1234" in printed
    assert "Ctrl-C gives up" in printed


def test_a_token_that_is_set_wins_and_that_is_said(house, services):
    services.polls = [200]

    done = house.run("login", "plex", PLEX_TOKEN="by-hand")

    assert "PLEX_TOKEN is set in environment, and is used instead" in done.stdout
    assert "by-hand" not in done.stdout + done.stderr


def test_one_s_own_watchlist_becomes_requests_and_check_tells_of_the_log_in(house, services):
    services.polls = [200]
    with DemoServer() as server:
        env = {
            "OVERSEERR_URL": server.url,
            "OVERSEERR_API_KEY": server.api_key,
            "TRAKT_LISTS": "me/watchlist",
        }
        without = house.run("sync", "--json", **env)
        assert house.run("login", "trakt").returncode == 0
        done = house.run("sync", "--json", **env)
        check = house.run("check", **env)

    assert without.returncode == 1
    assert "list-sync login trakt" in json.loads(without.stdout)["lists"][0]["error"]
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"] == {"requested": 1}
    assert json.loads(done.stdout)["lists"][0]["state"] == "complete"
    assert "ok   logged in to trakt until" in check.stdout
    assert "access-token" not in without.stdout + done.stdout + done.stderr + check.stdout


def test_check_says_when_a_log_in_has_to_be_made_again(house, services):
    keep_log_in(house, services, age_days=8)
    services.refresh_tokens.clear()
    asked = ask_for_token(house)
    assert asked.wait() == 0
    assert asked.output.splitlines()[-1] == "None"
    assert "list-sync login trakt" in asked.output

    check = house.run("check", "--offline")

    assert "fix  the log-in to trakt ended at" in check.stdout
    assert "list-sync login trakt" in check.stdout


def test_several_processes_renew_once(house, services):
    keep_log_in(house, services)

    asking = [ask_for_token(house) for _ in range(4)]
    for process in asking:
        process.wait()

    assert {process.output for process in asking} == {"access-token-2\n"}
    assert services.paths() == ["/oauth/token"]


def test_a_process_killed_before_trakt_renews_leaves_a_log_in_that_renews_itself(house, services):
    keep_log_in(house, services)
    first = ask_for_token(house)
    services.renewal_answer, services.before_renewal = Served(cut_after=-1), first.kill
    wait_until(lambda: first.process.poll() is not None)
    services.renewal_answer, services.before_renewal = None, lambda: None

    second = ask_for_token(house)

    assert second.wait() == 0
    assert second.output == "access-token-2\n"


def test_a_process_killed_between_renewal_and_storing_leaves_the_old_token_and_a_word_about_it(house, services):
    keep_log_in(house, services)
    first = ask_for_token(house)
    services.after_renewal = first.kill
    wait_until(lambda: first.process.poll() is not None)
    assert services.used == ["refresh-token-1"]

    second, third = ask_for_token(house), ask_for_token(house)

    assert (second.wait(), third.wait()) == (0, 0)
    for process in (second, third):
        assert process.output.splitlines()[-1] == "access-token-1"
    assert "list-sync login trakt" in second.output + third.output
    assert services.paths().count("/oauth/token") == 2
    services.polls = [200]
    assert house.run("login", "trakt").returncode == 0


@pytest.mark.parametrize("milliseconds", [0, 5, 20])
def test_a_process_killed_at_any_moment_after_the_answer_leaves_a_token_that_works(house, services, milliseconds):
    keep_log_in(house, services)
    first = ask_for_token(house)
    wait_until(lambda: services.used)
    time.sleep(milliseconds / 1000)
    first.kill()

    second = ask_for_token(house)

    assert second.wait() == 0
    assert second.output.splitlines()[-1] in services.access_tokens
    assert store_of(house).names() == ("TRAKT_LOGIN",)
