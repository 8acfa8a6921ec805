"""A daemon as a device at a real broker of MQTT."""

import json
import signal

import pytest

from tests.fakes.house import House, wait_until
from tests.fakes.mosquitto import PASSWORD

MATRIX = {"title": "The Matrix", "media_type": "movie", "tmdb_id": 603}


@pytest.fixture
def house(tmp_path, broker, demo):
    house = House(
        tmp_path,
        OVERSEERR_URL=demo.url,
        OVERSEERR_API_KEY=demo.api_key,
        SELENIUM_POOL_SIZE="0",
        FILE_LISTS="films.json",
        MQTT_URL=broker.url,
        SYNC_INTERVAL="1",
    )
    house.write_list(MATRIX)
    yield house
    house.end()


def test_a_daemon_is_a_device_with_states_and_buttons_until_it_ends(house, broker):
    daemon = house.start_daemon()
    broker.wait_for("/availability", "online")
    wait_until(lambda: broker.state().get("requested_today") == 1, "the state after the sync")
    (topic,) = (topic for topic in broker.heard if topic.endswith("/command") or topic.endswith("/state"))
    command = topic.replace("/state", "/command")
    broker.send(command, "sync")
    wait_until(lambda: house.query("SELECT COUNT(*) FROM sync_history")[0][0] == 2, "the second run")
    broker.send(command, "pause")
    wait_until(lambda: broker.state()["status"] == "paused", "the pause")
    broker.send(command, "resume")
    wait_until(lambda: broker.state()["status"] == "ok", "the end of the pause")
    audit = house.run("audit", "--json").stdout
    code = daemon.stop(signal.SIGTERM)
    broker.wait_for("/availability", "offline")

    assert code == 0
    assert [deed["action"] for deed in json.loads(audit)["audit"]] == ["resume", "pause", "sync"]
    assert PASSWORD not in daemon.output + audit + str(broker.heard)


def test_the_broker_says_that_a_killed_daemon_is_offline(house, broker):
    daemon = house.start_daemon(LOG_LEVEL="DEBUG")
    broker.wait_for("/availability", "online")
    daemon.stop(signal.SIGKILL)
    broker.wait_for("/availability", "offline")

    assert PASSWORD not in daemon.output
