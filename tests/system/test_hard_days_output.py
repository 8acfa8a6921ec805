"""A daemon whose output nobody takes: stuck, full, closed or read by nobody; it goes on, and stops in time."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.hard_days import films
from tests.fakes.house import EVERY_SECOND, House, wait_until
from tests.fakes.patience import PATIENCE_SECONDS

CLOSED = "import os, sys; os.close(1); os.close(2); os.execv(sys.executable, [sys.executable, '-m', 'list_sync'])"


@pytest.fixture
def server():
    with DemoServer(synthetic_films=50) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        SYNC_INTERVAL=EVERY_SECOND,
    )
    house.write_list(*films(2))
    return house


def stuck():
    """Return both ends of a pipe that takes nothing more."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while os.write(writer, b"." * 1000):
            continue
    os.set_blocking(writer, True)
    return [reader, writer]


def unread():
    """Return the writing end of a pipe without a reader."""
    reader, writer = os.pipe()
    os.close(reader)
    return [writer]


def full():
    return [os.open("/dev/full", os.O_WRONLY)]


def nothing():
    return [os.open(os.devnull, os.O_WRONLY)]


@pytest.mark.parametrize(
    ("ends", "program"),
    [
        (stuck, ("-m", "list_sync")),
        (unread, ("-m", "list_sync")),
        (full, ("-m", "list_sync")),
        (nothing, ("-c", CLOSED)),
    ],
    ids=["stuck", "unread", "full", "closed"],
)
def test_whatever_becomes_of_its_output_a_daemon_syncs_again_and_again_and_stops_in_time(house, server, ends, program):
    opened = ends()
    environment = house.environment({})
    process = subprocess.Popen(
        [sys.executable, *program], cwd=house.folder, env=environment, stdout=opened[-1], stderr=opened[-1]
    )
    try:
        wait_until((house.data / "heartbeat").exists, "a daemon")
        wait_until(lambda: house.query("SELECT count(*) FROM sync_history WHERE status = 'completed'")[0][0] >= 2)
        assert len(server.requests()) == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)
        for end in opened:
            os.close(end)
    assert house.leftovers() == []
