"""Hostile documents and servers as lists of a container with little memory: the other lists are read."""

import re
import subprocess

import pytest

from tests.container.compose import REPOSITORY
from tests.container.engine import DOCKER, IMAGE, LABEL, TIMEOUT_SECONDS
from tests.container.home import films, ids
from tests.container.memory import Watch
from tests.fakes.hostile_documents import hostile_documents
from tests.fakes.hostile_servers import DRIPS, FLOODS, FOREIGN, LIBRARIES, ODDITIES, path_of

# Just below the largest file that is read.
SIZE = 31_000_000
LITTLE = ("--memory", "256m", "--restart", "unless-stopped")
STATE = "{{.RestartCount}} {{.State.OOMKilled}} {{.State.Running}}"
REFUSED = re.compile(r"WARNING Running: (\w+:\S+)(?:: | is incomplete, )")
# Those that take the most memory.
HARDEST = ("arrays", "objects", "small entries", "keys", "lines", "elements in an entry", "nested elements")
SERVERS = [*(f"drip {name}" for name in DRIPS), *FLOODS, *FOREIGN, *ODDITIES]
SERVE = """
import sys
servers = ManyHostileServers()
threading.Thread(target=servers.serve, daemon=True).start()
print(servers.url, flush=True)
sys.stdin.read()
"""
ASK = "import requests; answer = requests.get('http://127.0.0.1:5000/health'); print(answer.status_code, answer.text)"


@pytest.fixture
def servers(neighbours):
    """Give the address of the servers on the loopback that the neighbours share with the containers under test."""
    program = (REPOSITORY / "tests" / "fakes" / "hostile_servers.py").read_text() + SERVE
    start = [DOCKER, "run", "--interactive", "--rm", "--label", LABEL, *neighbours.network, "--user", "65534:65534"]
    python = ["--entrypoint", "/opt/list-sync/bin/python", IMAGE, "-u", "-c", program]
    with subprocess.Popen([*start, *python], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(TIMEOUT_SECONDS)


@pytest.fixture
def assert_survived(home, neighbours, start, record_property):
    """Sync the lists of some settings beside a good one; all of theirs must fail, and nothing else."""
    home.write_list(*films(range(20)))

    def assert_survived(refused, **settings):
        container = start(home=home, options=LITTLE, **settings)
        with Watch(container) as memory:
            container.wait_for("next sync at", seconds=300)
        record_property("MB", memory.peak >> 20)

        assert container.inspect(STATE) == "0 false true"
        assert set(ids(range(20))) <= set(neighbours.requested())
        assert container.execute("list-sync", "health").stdout == "healthy\n"
        assert container.execute("python", "-c", ASK).stdout.startswith('200 {"status":"healthy"')
        assert sorted(set(REFUSED.findall(container.log))) == sorted(refused), container.log

    return assert_survived


def test_documents_leave_the_other_lists_and_the_container_alone(home, assert_survived):
    documents = hostile_documents(SIZE)
    names = [path_of(name) for name in HARDEST]
    for name, file in zip(HARDEST, names, strict=True):
        (home.data / "drop" / file).write_bytes(documents[name])

    assert_survived([f"file:{name}" for name in names], FILE_LISTS=",".join([*names, "films.json"]))


def test_servers_leave_the_other_lists_and_the_container_alone(servers, assert_survived):
    lists = [f"{servers}/{path_of(name)}" for name in SERVERS]

    assert_survived(
        [f"file:{name}" for name in lists],
        FILE_LISTS=",".join([*lists, "films.json"]),
        HTTP_TIMEOUT="1",
        RETRY_ATTEMPTS="0",
    )


@pytest.mark.parametrize("name", LIBRARIES)
def test_libraries_leave_the_other_lists_and_the_container_alone(name, servers, assert_survived):
    settings = {
        f"{service}_{what}": text
        for service in ("RADARR", "SONARR", "JELLYFIN")
        for what, text in {"URL": f"{servers}/{path_of(name)}", "API_KEY": "key"}.items()
    }
    lists = ["radarr:all", "radarr:wanted", "sonarr:all", "sonarr:wanted", "jellyfin:favorites"]

    assert_survived(
        lists,
        **settings,
        FILE_LISTS="films.json",
        RADARR_LISTS="all,wanted",
        SONARR_LISTS="all,wanted",
        JELLYFIN_LISTS="favorites",
        JELLYFIN_USER="anna",
        HTTP_TIMEOUT="5",
        RETRY_ATTEMPTS="0",
    )
