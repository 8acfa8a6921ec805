import socket

import pytest

from list_sync.config.web import WebSettings
from list_sync.web.serving import Service


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
