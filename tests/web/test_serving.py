import socket


def test_an_answer_does_not_wait_until_its_beginning_is_acknowledged(service):
    service.get("/health/live")
    (listening,) = service.service._server.servers[0].sockets

    assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
