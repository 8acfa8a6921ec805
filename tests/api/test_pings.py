"""Pings of a monitor: what is sent to which address, and what a monitor that fails does to a sync."""

import logging
import threading
from datetime import timedelta

import pytest
from pydantic import SecretStr

from list_sync.api.pings import LAST_PING_SECONDS, Monitor, Ping, build_address
from list_sync.errors import StorageError, SyncCancelled
from list_sync.model.exit_codes import FailureKind
from list_sync.model.report import SyncReport
from tests.builders import NOON
from tests.fakes.patience import wait_until
from tests.fakes.scripted_server import ScriptedServer, Served

KEY = "0a1b2c3d-secret"
DONE = SyncReport(1, NOON, NOON + timedelta(seconds=5), dry_run=False)
FAILED = SyncReport(
    2, NOON, NOON, dry_run=False, error="overseerr: connection refused", failure=FailureKind.UNREACHABLE
)
STOPPED = SyncReport(3, NOON, NOON, dry_run=False, error="stopped while it waited", failure=FailureKind.STOPPED)


def tell(address, *reports, error=None, dry_run=False, stop=None):
    monitor = Monitor(address and SecretStr(address), stop=stop or threading.Event())
    for report in reports:
        try:
            with monitor.told(dry_run=dry_run) as tell_end:
                if report is None:
                    raise error
                tell_end(report)
        except type(error):
            continue
    monitor.close()


def calls(server):
    return [(one.method, one.path, one.body.decode()) for one in server.asked]


def test_a_check_learns_of_the_start_and_the_end_of_each_sync_with_its_last_line():
    with ScriptedServer([Served("OK")]) as server:
        tell(f"{server.url}/{KEY}", DONE, FAILED)

    assert calls(server) == [
        ("POST", f"/{KEY}/start", ""),
        ("POST", f"/{KEY}", DONE.closing_line),
        ("POST", f"/{KEY}/start", ""),
        ("POST", f"/{KEY}/fail", FAILED.closing_line),
    ]


def test_a_sync_that_breaks_off_fails_and_one_that_is_stopped_ends_without_a_ping():
    with ScriptedServer([Served("OK")]) as server:
        tell(f"{server.url}/{KEY}", None, error=StorageError("the disk is full"))
        tell(f"{server.url}/{KEY}", None, error=SyncCancelled("stopped"))
        tell(f"{server.url}/{KEY}", STOPPED)

    start = ("POST", f"/{KEY}/start", "")
    assert calls(server) == [start, ("POST", f"/{KEY}/fail", "Error: the disk is full"), start, start]


def test_a_push_monitor_gets_its_own_address_with_its_query_and_no_start():
    with ScriptedServer([Served({"ok": True})]) as server:
        tell(f"{server.url}/api/push/{KEY}?status=up&msg=OK&ping=", DONE, FAILED)

    up, down = server.asked
    assert (up.method, up.path, up.query) == ("GET", f"/api/push/{KEY}", {"status": "up", "msg": "OK", "ping": ""})
    assert (down.method, down.path) == ("GET", f"/api/push/{KEY}")
    assert down.query == {"status": "down", "msg": FAILED.closing_line, "ping": ""}


def test_the_query_of_a_check_stays_behind_the_ending():
    assert build_address("https://hc.example/key/slug/?create=1", Ping("/fail")) == (
        "https://hc.example/key/slug/fail?create=1"
    )


def test_a_dry_run_and_a_missing_address_send_nothing():
    with ScriptedServer([Served("OK")]) as server:
        tell(f"{server.url}/{KEY}", DONE, dry_run=True)
        tell(None, DONE)

    assert server.asked == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Served("no such check", status=404), "the monitor answered HTTP 404"),
        (Served("OK (not found)"), "the monitor has no such check"),
        (Served("x" * 200_000), "an answer over 100000 bytes"),
    ],
)
def test_a_monitor_that_refuses_is_logged_once_without_its_address(caplog, answer, words):
    with ScriptedServer([answer]) as server:
        tell(f"{server.url}/{KEY}", DONE, DONE)

    (line,) = caplog.messages
    assert words in line
    assert line.startswith("HEALTHCHECKS_URL: ")
    assert KEY not in line


def test_an_outage_is_logged_again_after_a_ping_has_arrived(caplog):
    answers = [Served("OK"), Served("", status=404), Served("", status=404), Served("OK"), Served("", status=404)]
    with ScriptedServer(answers) as server:
        tell(f"{server.url}/{KEY}", DONE, DONE, FAILED)

    assert len(caplog.messages) == 2


def test_a_monitor_that_cannot_be_reached_is_named_by_its_host_alone(caplog):
    with ScriptedServer([Served("OK")]) as server:
        address = server.url
    tell(f"{address}/{KEY}?create=1", DONE)

    assert caplog.messages[0].startswith("HEALTHCHECKS_URL: 127.0.0.1:")
    assert KEY not in caplog.text


def test_a_monitor_that_drips_holds_no_sync_and_a_stop_ends_the_waiting(caplog):
    stop, ended = threading.Event(), threading.Event()
    caplog.set_level(logging.DEBUG, "list_sync")
    with ScriptedServer([Served("x" * 1000, slow_bytes=True)]) as server:
        monitor = Monitor(SecretStr(f"{server.url}/{KEY}"), stop=stop)
        with monitor.told(dry_run=False) as tell_end:
            wait_until(lambda: server.asked, "the first ping")
            tell_end(DONE)
        # The sync went through although its first ping still hangs.
        stop.set()
        closing = threading.Thread(target=lambda: (monitor.close(), ended.set()))
        closing.start()
        assert ended.wait(LAST_PING_SECONDS)
        closing.join()
    assert KEY not in caplog.text
