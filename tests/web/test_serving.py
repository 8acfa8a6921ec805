import socket
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import requests

from list_sync.config.web import WebSettings
from list_sync.web.entrance import connections, gate
from list_sync.web.entrance.serving import Service
from tests.fakes.patience import PATIENCE_SECONDS, wait_until


def test_an_answer_does_not_wait_until_its_beginning_is_acknowledged(service):
    service.get("/health/live")
    (listening,) = service.service._server.servers[0].sockets

    assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "WEB_PORT: 127.0.0.1:{port} cannot be opened (Address already in use): free the port, or set another;"),
        (
            {"web_host": "192.0.2.1"},
            "WEB_HOST: 192.0.2.1 is no address of this machine: write 127.0.0.1, or 0.0.0.0 for all its addresses;",
        ),
    ],
)
def test_a_port_that_cannot_be_opened_is_told_with_what_to_do(caplog, settings, words):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        web = WebSettings().model_copy(update={"web_port": port, **settings})
        service = Service(None, web, "", end_streams=lambda: None)
        service.start()

    assert service.ports == ()
    assert words.format(port=port) in caplog.text


def test_requests_that_wait_for_a_locked_database_leave_room_for_others(service, store, monkeypatch):
    monkeypatch.setattr(gate, "TURN_SECONDS", PATIENCE_SECONDS)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other, ThreadPoolExecutor(6) as threads:
        other.execute("BEGIN IMMEDIATE")
        waiting = [threads.submit(service.post, "/api/sync") for _ in range(6)]
        connections = service.service._server.server_state.connections
        wait_until(lambda: len(connections) == 6, "six requests")

        assert service.get("/health/live").status_code == 200
        assert service.get("/api/runs").status_code == 200
        assert not any(one.done() for one in waiting)
        other.execute("ROLLBACK")

    assert [one.result().status_code for one in waiting] == [202] * 6


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"web_host": "0.0.0.0"}, "ports 5000, 8000 of every address, its token is in data/api_token"),
        ({"web_host": "::1"}, "http://[::1]:5000, http://[::1]:8000, its token is in data/api_token"),
        (
            {"web_host": "::", "web_auth": "none"},
            "ports 5000, 8000 of every address, open to everybody (WEB_AUTH=none)",
        ),
    ],
)
def test_it_is_told_where_the_service_listens(settings, words):
    web = WebSettings().model_copy(update=settings)
    service = Service(None, web, "data/api_token", end_streams=lambda: None)
    service.ports = (5000, 8000, 5000)

    assert service.description == words


def test_a_request_that_waits_for_its_turn_ends_with_the_service_and_is_no_fault(start_service, monkeypatch, caplog):
    monkeypatch.setattr(gate, "WRITERS", 0)
    monkeypatch.setattr(gate, "TURN_SECONDS", PATIENCE_SECONDS)
    house = start_service()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(house.post, "/api/sync")
        wait_until(lambda: house.service._server.server_state.tasks, "the request")
        house.service.stop()
        assert isinstance(waiting.exception(), requests.ConnectionError)

    assert "Exception" not in caplog.text


def test_what_was_asked_is_answered_before_the_next_service_takes_the_ports(start_service, store, monkeypatch):
    monkeypatch.setattr(connections, "ENDING_SECONDS", 0.0)
    monkeypatch.setattr(gate, "TURN_SECONDS", PATIENCE_SECONDS)
    house = start_service()
    service, ended = house.service, threading.Event()
    monkeypatch.setattr(service, "_end_streams", ended.set)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other, ThreadPoolExecutor(2) as threads:
        other.execute("BEGIN IMMEDIATE")
        waiting = threads.submit(house.post, "/api/sync")
        wait_until(lambda: service._server.server_state.tasks, "the request")
        handing = threads.submit(service.hand_over, service._settings)
        assert ended.wait(PATIENCE_SECONDS)
        other.execute("ROLLBACK")

        assert waiting.result().status_code == 202
        kept = handing.result()

    assert [one.getsockname()[1] for one in kept] == list(service.ports)
    for one in kept:
        one.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
def test_every_address_is_served_and_a_metrics_port_that_is_the_main_one_too_has_everything(start_service, address):
    if not socket.has_dualstack_ipv6():
        pytest.skip("this system has no sockets for both kinds of addresses")
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as free:
        port = free.getsockname()[1]
    running = start_service(WEB_HOST="::", WEB_PORT=str(port), METRICS_PORT=str(port))

    assert running.service.ports == (port,)
    for path in ("/api/summary", "/metrics"):
        headers = {"Authorization": f"Bearer {running.token}"}
        assert (
            running.session.get(f"http://{address}:{port}{path}", headers=headers, timeout=PATIENCE_SECONDS).status_code
            == 200
        )
