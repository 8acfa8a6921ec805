"""A daemon whose lists.yaml changes while it runs, as a process of its own."""

import json
import signal

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import MATRIX, House, wait_until

FIGHT_CLUB = {"title": "Fight Club", "year": 1999, "media_type": "movie", "tmdb_id": 550}


@pytest.fixture
def server():
    with DemoServer(post_seconds=0) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, WEB_ENABLED="false")
    house.write_list(MATRIX)
    house.write_list(FIGHT_CLUB, name="more.json")
    house.policy = tmp_path / "config" / "lists.yaml"
    house.policy.parent.mkdir()
    house.policy.write_text("caps: {per_run: 5}\nlists: [file:films.json]\n")
    yield house
    house.end()


def test_a_daemon_follows_its_lists_and_their_schedules_and_keeps_them_while_the_file_is_wrong(house, server):
    daemon = house.start_daemon(MAX_REQUESTS_PER_RUN="3", SYNC_INTERVAL="24")
    assert ": lists.yaml replaces MAX_REQUESTS_PER_RUN (3): 5" in daemon.output

    house.policy.write_text("lists: [file:films.json, {source: file:more.json, schedule: 6h, name: More}]\n")
    daemon.wait_for("1 new list: file:more.json; other caps")
    wait_until(lambda: len(server.requests()) == 2, "the sync of the new list")

    def find_next():
        lists = json.loads(house.run("lists", "--json").stdout)["lists"]
        return [one["next_sync_at"] for one in lists]

    wait_until(lambda: len(set(find_next()) - {None}) == 2, "the times of both schedules")
    later, sooner = find_next()
    assert sooner < later
    assert "every 24 hours, 1 list by its own schedule; next sync at " in house.run("status").stdout

    house.policy.write_text("lists: [file:films.json]\nbrake: perhaps\n")
    wait_until(lambda: house.run("health").returncode == 1, "the trouble")
    told = 'the policy stays as it was: config/lists.yaml:2:8: brake: "perhaps"'
    assert told in house.run("health").stdout
    assert "policy    config/lists.yaml:2:8: brake" in house.run("status").stdout
    assert house.run("check", "--offline").returncode == 2

    house.policy.write_text("lists: [file:films.json]\n")
    daemon.wait_for("1 list not set any more")
    assert house.run("health").returncode == 0
    assert daemon.output.count("the policy stays as it was") == 1
    assert daemon.stop(signal.SIGTERM) == 0
    assert "Traceback" not in daemon.output


def test_a_daemon_that_takes_over_goes_by_what_is_set_then_and_not_at_its_own_start(house, server):
    house.policy.write_text("lists: [{source: file:films.json, enabled: false}]\n")
    first = house.start_daemon(synced=False)
    first.wait_for("Sync completed")
    second = house.start()
    second.wait_for("another ListSync works in")
    house.policy.write_text("exclusions: [{movie: 550}]\nlists: [file:films.json, file:more.json]\n")
    first.kill()

    second.wait_for("Sync completed")

    assert [row["tmdb_id"] for row in server.requests()] == [603]
    assert second.stop(signal.SIGTERM) == 0
    assert "Traceback" not in second.output
