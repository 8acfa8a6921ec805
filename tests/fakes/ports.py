"""Ports for processes that tests start, because these must be told one."""

import random
import socket
from contextlib import suppress

# Below the ports that the system itself gives to connections, so that none of these takes one meanwhile.
RANGE = range(20_000, 32_000)


def find_free_port():
    """Return a port of 127.0.0.1 at which nothing listens."""
    for port in random.sample(RANGE, len(RANGE)):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("every port is taken")
