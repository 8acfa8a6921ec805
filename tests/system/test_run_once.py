"""One sync and out: AUTOMATED_MODE=false and SYNC_INTERVAL=0, with the exit code that says how it went."""

import json
import os
import signal
import subprocess
import sys

import pytest

from list_sync.demo.server.demo_server import DemoServer
from list_sync.files.lock import FileLock
from tests.fakes.house import House

ONCE = [{"AUTOMATED_MODE": "false"}, {"SYNC_INTERVAL": "0"}]


@pytest.fixture(scope="module")
def server():
    with DemoServer() as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    server.reset()
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        RETRY_ATTEMPTS="0",
    )
    house.write_list({"title": "The Matrix", "year": 1999, "media_type": "movie", "tmdb_id": 603})
    yield house
    house.end()


@pytest.mark.parametrize("once", ONCE)
@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, 0),
        ({"FILE_LISTS": "films.json,missing.json"}, 1),
        ({"SYNC_SCHEDULE": "at noon"}, 2),
        ({"OVERSEERR_URL": "http://127.0.0.1:9"}, 3),
        ({"OVERSEERR_API_KEY": "wrong"}, 4),
    ],
)
def test_it_syncs_once_and_its_exit_code_says_how_it_went(house, server, once, settings, code):
    done = house.run(**once, **settings)

    assert done.returncode == code, done.stdout + done.stderr
    assert len(server.requests()) == (code in (0, 1))
    assert house.leftovers() == []
    assert not (house.data / "heartbeat").exists()


def test_it_waits_for_the_sync_of_another_process_and_then_goes_by_its_own_environment(house, server):
    lock = FileLock(house.data / "run.lock")
    assert lock.acquire(timeout_seconds=0)
    waiting = house.start("run", AUTOMATED_MODE="false", DRY_RUN="true")
    waiting.wait_for("another process syncs")
    assert "sync started" not in waiting.output
    lock.release()

    assert waiting.wait() == 0
    assert "Sync completed (dry run): 1 list; 1 would request" in waiting.output
    assert server.requests() == []


PROVIDER = """
from list_sync.providers import register_provider

@register_provider("mine")
def fetch(list_id):
    return [{"title": "Fight Club", "media_type": "movie", "tmdb_id": 550}]
"""


def test_every_line_of_a_json_log_is_json_also_with_a_custom_provider(house):
    providers = house.folder / "config" / "providers"
    providers.mkdir(parents=True)
    (providers / "mine.py").write_text(PROVIDER)

    done = house.run(AUTOMATED_MODE="false", LOG_FORMAT="json", MINE_LISTS="x", IMBD_LISTS="top")

    said = [json.loads(line)["message"] for line in done.stdout.splitlines()]
    assert "Running: mine:x: 1 title, partial" in said
    assert any('no provider "imbd": is it imdb?' in message for message in said)
    assert (done.returncode, said[-1].startswith("Sync completed: 3 lists, 1 not read")) == (1, True)


def stop_before_it_starts():
    """Be a program that the container's entrypoint has just started, and that is stopped already."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_stop_while_the_container_starts_ends_it_at_once_and_well(tmp_path):
    command = [sys.executable, "-X", "importtime", "-m", "list_sync"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, preexec_fn=stop_before_it_starts)

    assert (done.returncode, done.stdout) == (0, "")
    assert "list_sync.cli" not in done.stderr
    assert not list(tmp_path.iterdir())
