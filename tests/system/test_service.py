"""The service as a part of the daemon's process: its port, its token, and its end."""

import json
import signal
import socket
from contextlib import ExitStack, closing

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import MATRIX, House, wait_until
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.ports import find_free_port

TOKEN = "the-token-of-the-owner-of-this-house"
LIBRARIES = {
    "fastapi",
    "starlette",
    "uvicorn",
    "anyio",
    "h11",
    "prometheus_client",
    "list_sync.web",
    "list_sync.service",
}
# Runs the program as its users do, and prints which modules were imported.
TOLD = """
import atexit, sys
from list_sync.__main__ import main
atexit.register(lambda: print("imported:", *sys.modules, file=sys.__stderr__))
sys.exit(main())
"""
SCRIPT = """
import sys
from list_sync.api.overseerr import OverseerrClient
from list_sync.config import load_env_config
from list_sync.main import run_sync
from tests.fakes.patience import PATIENCE_SECONDS
url, api_key, user_id, *_ = load_env_config()
run_sync(OverseerrClient(url, api_key, user_id), automated_mode=False)
print("imported:", *sys.modules, file=sys.stderr)
"""


@pytest.fixture
def open_house(tmp_path, server):
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        WEB_ENABLED="true",
        WEB_PORT=str(find_free_port()),
    )
    house.write_list(MATRIX)
    yield house
    house.end()


def address_of(house):
    return f"http://127.0.0.1:{house.settings['WEB_PORT']}"


def ask(house, path, method="GET", **options):
    token = (house.data / "api_token").read_text().strip()
    return requests.request(
        method,
        address_of(house) + path,
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE_SECONDS,
        **options,
    )


def imported(text):
    modules = text.rpartition("imported:")[2].split()
    return {one for name in modules for one in (name, name.partition(".")[0])}


def test_the_first_start_makes_a_token_for_its_owner_and_the_log_names_the_file_only(open_house):
    daemon = open_house.start_daemon()
    file = open_house.data / "api_token"

    assert file.stat().st_mode & 0o777 == 0o600
    assert ask(open_house, "/api/summary").status_code == 200
    told = f"the service listens at {address_of(open_house)}, its token is in {file.relative_to(open_house.folder)}\n"
    assert daemon.output.count(told) == 1
    assert file.read_text().strip() not in daemon.output
    assert daemon.stop(signal.SIGTERM) == 0

    again = open_house.start_daemon(API_TOKEN="a-token-of-the-settings")
    assert f"the service listens at {address_of(open_house)}, its token is in API_TOKEN\n" in again.output


def test_a_token_of_the_command_line_counts_at_once_and_ends_at_once(open_house):
    open_house.start_daemon()
    token = open_house.run("web", "token", "new", "phone", "--scope", "trigger").stdout.strip()

    def status():
        return requests.get(
            f"{address_of(open_house)}/api/summary",
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE_SECONDS,
        ).status_code

    assert status() == 200
    open_house.run("web", "token", "revoke", "phone")
    assert status() == 401


def test_a_stop_ends_streams_slow_requests_and_a_run_in_time(tmp_path):
    with DemoServer(latency_seconds=0.5) as server, ExitStack() as stack:
        house = House(
            tmp_path,
            OVERSEERR_URL=server.url,
            OVERSEERR_API_KEY=server.api_key,
            FILE_LISTS="films.json",
            WEB_ENABLED="true",
            WEB_PORT=str(find_free_port()),
        )
        stack.callback(house.end)
        house.write_list(*({"media_type": "movie", "tmdb_id": number} for number in (278, 238, 240, 242, 155, 603)))
        daemon = house.start_daemon(synced=False)
        token = (house.data / "api_token").read_text().strip()
        head = f"Host: localhost\r\nAuthorization: Bearer {token}\r\n"
        begun = [
            f"GET /api/events HTTP/1.1\r\n{head}\r\n",
            f"GET /health HTTP/1.1\r\n{head}\r\n",
            f"POST /api/sync HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
            "GET /api/items HTTP/1.1\r\nHost:",
            "",
        ]
        for text in begun:
            connection = stack.enter_context(
                closing(socket.create_connection(("127.0.0.1", int(house.settings["WEB_PORT"]))))
            )
            connection.sendall(text.encode())
        wait_until(lambda: server.calls, "a call of the run")

        assert daemon.stop(signal.SIGTERM) == 0
        assert house.leftovers() == []


def test_a_port_that_is_taken_is_one_warning_and_the_sync_goes_on(open_house, server):
    with closing(socket.create_server(("127.0.0.1", int(open_house.settings["WEB_PORT"])))):
        daemon = open_house.start_daemon()

        assert daemon.output.count("cannot be opened") == 1
        assert f"WEB_PORT: 127.0.0.1:{open_house.settings['WEB_PORT']} cannot be opened" in daemon.output
        assert daemon.state_word() == "Sync completed\n"
        assert server.writes == 1
        assert "service   its port cannot be opened: the log says why" in open_house.run("status").stdout
        assert daemon.stop(signal.SIGTERM) == 0


def test_status_and_the_log_say_that_the_service_is_open(open_house):
    daemon = open_house.start_daemon(WEB_AUTH="none")

    assert daemon.output.count("WEB_AUTH=none: everybody who reaches the port may read and change everything") == 1
    described = f"{address_of(open_house)}, open to everybody (WEB_AUTH=none)"
    assert f"service   {described}" in open_house.run("status").stdout.splitlines()
    assert json.loads(open_house.run("status", "--json").stdout)["service"] == described
    assert requests.post(f"{address_of(open_house)}/api/sync", json={}, timeout=PATIENCE_SECONDS).status_code == 202
    assert not (open_house.data / "api_token").exists()


def test_status_says_where_a_locked_service_listens_while_the_daemon_lives(open_house):
    daemon = open_house.start_daemon()

    assert (
        f"service   {address_of(open_house)}, its token is in data/api_token"
        in open_house.run("status").stdout.splitlines()
    )
    daemon.stop(signal.SIGTERM)
    assert "service" not in open_house.run("status").stdout


def test_a_misspelt_word_does_not_open_the_service(open_house):
    done = open_house.run(WEB_AUTH="None")

    assert done.returncode == 2
    assert "WEB_AUTH" in done.stdout


@pytest.mark.parametrize(
    ("program", "settings"),
    [
        (("-c", TOLD, "run"), {"AUTOMATED_MODE": "false"}),
        (("-c", TOLD, "run"), {"SYNC_INTERVAL": "0"}),
        (("-c", TOLD, "sync"), {}),
        (("-c", SCRIPT), {}),
    ],
)
def test_one_sync_opens_no_port_makes_no_token_and_imports_no_library_of_the_service(open_house, program, settings):
    with closing(socket.create_server(("127.0.0.1", int(open_house.settings["WEB_PORT"])))):
        done = open_house.run(program=program, **settings)

    assert "Sync completed" in done.stdout + done.stderr
    assert "cannot be opened" not in done.stdout + done.stderr
    assert not (open_house.data / "api_token").exists()
    assert not imported(done.stderr) & LIBRARIES


def test_a_daemon_without_the_service_imports_none_of_it(open_house):
    daemon = open_house.start(program=("-c", TOLD), WEB_ENABLED="false")
    daemon.wait_for("Sync completed")

    assert daemon.stop(signal.SIGTERM) == 0
    assert "list_sync.daemon" in imported(daemon.output)
    assert not imported(daemon.output) & LIBRARIES
    assert not (open_house.data / "api_token").exists()


def test_the_demo_serves_at_a_free_port_and_says_which(tmp_path):
    port = find_free_port()
    house = House(tmp_path, WEB_ENABLED="true", WEB_PORT=str(port))
    try:
        with closing(socket.create_server(("127.0.0.1", port))):
            demo = house.start("demo")
            demo.wait_for("the service listens at http://127.0.0.1:")
            demo.wait_for("next sync at")
        other = demo.output.partition("the service listens at ")[2].partition(",")[0]
        token = (house.data / "demo" / "api_token").read_text().strip()

        assert other != f"http://127.0.0.1:{port}"
        assert (
            requests.get(
                f"{other}/api/summary", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS
            ).status_code
            == 200
        )
        assert demo.stop(signal.SIGTERM) == 0
    finally:
        house.end()


def test_without_any_server_the_set_up_is_served_and_then_the_daemon_syncs(open_house, server):
    house = open_house
    daemon = house.start(OVERSEERR_URL="", OVERSEERR_API_KEY="", API_TOKEN=TOKEN)
    daemon.wait_for("no server is set yet")
    browser = requests.Session()
    # As browsers do: a page whose connection ends before its answer is asked for again.
    browser.mount("http://", HTTPAdapter(max_retries=Retry(3, allowed_methods={"GET"}, backoff_factor=0.1)))
    browser.headers.update({"Authorization": f"Bearer {TOKEN}", "Accept": "text/html"})
    form = {"address": server.url, "key": server.api_key}
    # The next page follows at once, and waits for the service of the daemon.
    page = browser.post(f"{address_of(house)}/start/server", data=form, timeout=PATIENCE_SECONDS)

    assert (page.status_code, page.url) == (200, f"{address_of(house)}/start")
    daemon.wait_for("the server is set: syncing begins")
    daemon.wait_for("Sync completed")
    assert len(server.requests()) == 1
    daemon.signal(signal.SIGTERM)
    assert daemon.wait() == 0
