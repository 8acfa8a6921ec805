"""Requests as bytes, for those that no HTTP client sends."""

import re
import socket
from contextlib import closing, suppress

PATIENCE_SECONDS = 60


def connect(running, *, receive_bytes=None):
    """Return a connection to a service; with `receive_bytes`, the system keeps no more for a reader that is slow."""
    connection = socket.socket()
    connection.settimeout(PATIENCE_SECONDS)
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.connect(("127.0.0.1", running.service.ports[0]))
    return connection


def read_all(connection):
    """Return everything that arrives until the other side closes."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        # Closed while something of ours was not read: what arrived before counts.
        parts.append(b"")
    return b"".join(parts)


def send_raw(running, request):
    """Return all that a service answers to these bytes; the last request must close the connection."""
    with closing(connect(running)) as connection:
        # It may be refused before all of it is sent.
        with suppress(ConnectionError):
            connection.sendall(request)
        return read_all(connection)


def request_of(method, target, *lines, token="", host="localhost", body=b""):
    """Return a request that closes its connection; `lines` are further headers."""
    head = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *lines]
    if token:
        head.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def statuses(answer):
    """Return the status of each answer in these bytes."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def ask_raw(running, method, target, *lines, **options):
    """Send a request and return the status of its answer."""
    (status,) = statuses(send_raw(running, request_of(method, target, *lines, **options)))
    return status
