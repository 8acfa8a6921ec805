"""A limit of memory that is hit: one clear line, nothing half done, and the next sync goes on."""

import signal

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.hard_days import films, give_memory, limit_memory, need_limits
from tests.fakes.house import EVERY_SECOND, House, wait_until

SHORT = "there is not enough memory: give ListSync more (mem_limit, pids_limit), or lower MAX_WORKERS"
TINY = (
    "-c",
    (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_AS, (60 * 2**20, -1));"
        " os.execv(sys.executable, [sys.executable, '-m', 'list_sync', *sys.argv[1:]])"
    ),
)


@pytest.fixture
def server():
    with DemoServer(synthetic_films=2_000) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    need_limits()
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        SYNC_INTERVAL=EVERY_SECOND,
    )
    house.write_list(*films(3))
    yield house
    house.end()


def test_a_command_for_which_the_memory_does_not_suffice_ends_with_one_line(house, server):
    done = house.run("sync", program=TINY)

    assert done.returncode == 1
    assert (done.stdout, done.stderr) == ("", f"Error: {SHORT}\n")
    assert server.requests() == []


def test_a_list_for_which_the_memory_does_not_suffice_fails_by_name_and_is_read_when_there_is_more(house, server):
    daemon = house.start_daemon(MAX_REQUESTS_PER_RUN="20", LOG_LEVEL="WARNING")
    unknown = {"media_type": "movie", "year": 1999}
    house.write_list(*films(200), *({**unknown, "title": f"Film Of No Name {n}"} for n in range(20_000)))
    limit_memory(daemon, more=6 * 2**20)
    daemon.wait_for(f"file:films.json: {SHORT}")
    daemon.wait_for("Sync completed: 1 list; 3 already requested")
    give_memory(daemon)
    house.write_list(*films(10))

    wait_until(lambda: len(server.requests()) >= 10)
    wait_until(lambda: daemon.state_word() == "Sync completed\n")
    assert house.query("SELECT count(*) FROM sync_history WHERE status = 'running'")[0][0] <= 1
    assert set(server.posts_by_title().values()) == {1}
    assert daemon.stop(signal.SIGTERM) == 0
    assert "Traceback" not in daemon.output
