"""The guide's own few lines of Python, run as `python -c` in an empty folder with only the environment set."""

import re

import pytest

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.sources.sample_sources import SampleSources
from tests.fakes.house import EVERY_SECOND, REPOSITORY, House

GUIDE = REPOSITORY.parent / "shared" / "guide" / "advanced-usage.md"
ONE_LINER = """
from list_sync.main import run_sync
from list_sync.config import load_env_config
url, key, user, _, _, _ = load_env_config()
from list_sync.api.overseerr import OverseerrClient
client = OverseerrClient(url, key, user)
run_sync(client, automated_mode=False)
"""


@pytest.fixture(scope="module")
def servers():
    with DemoServer() as server, SampleSources() as sources:
        yield server, sources


@pytest.fixture
def house(tmp_path, servers):
    server, sources = servers
    server.reset()
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        IMDB_LISTS="top",
        IMDB_BASE_URL=sources.url("imdb"),
    )
    yield house
    house.end()


def run_python(house, text, **settings):
    return house.run(text, program=("-c",), **settings)


def test_it_is_as_in_the_guide():
    if not GUIDE.exists():
        pytest.skip("the guide is not beside the repository")
    found = re.search(r'python -c "(\n.*?)"', GUIDE.read_text(), re.DOTALL)

    assert found[1] == ONE_LINER


def test_it_works_in_an_empty_folder(house, servers):
    assert list(house.folder.iterdir()) == []

    done = run_python(house, ONE_LINER)

    assert done.returncode == 0, done.stderr
    assert "Sync completed: 1 list" in done.stdout.splitlines()[-1]
    assert len(servers[0].requests()) > 0
    assert house.query("SELECT sync_mode, status FROM sync_history") == [("manual", "completed")]
    assert house.leftovers() == []


def test_it_works_beside_a_daemon_on_the_same_folder(house):
    daemon = house.start_daemon(SYNC_INTERVAL=EVERY_SECOND)

    done = run_python(house, ONE_LINER)

    assert done.returncode == 0, done.stderr
    assert "Sync completed" in done.stdout
    assert daemon.process.poll() is None
    assert house.query("SELECT count(*) FROM sync_history WHERE sync_mode = 'manual' AND status = 'completed'") == [
        (1,)
    ]
    assert "Error" not in daemon.output


def test_without_a_server_it_names_the_setting(house):
    done = run_python(house, ONE_LINER, OVERSEERR_URL="")

    assert done.returncode == 1
    assert "ConfigError: OVERSEERR_URL" in done.stderr
