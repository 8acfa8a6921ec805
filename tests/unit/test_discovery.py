"""What Home Assistant is told of the device."""

import json
from datetime import UTC, datetime

from list_sync.model.mood import Mood
from list_sync.mqtt.discovery import State, Topics, build_config

TOPICS = Topics("1a2b3c4d", "homeassistant")


def test_one_message_describes_the_device_with_all_its_entities():
    config = build_config(TOPICS, page="https://lists.example")
    components = config["components"]

    assert TOPICS.config == "homeassistant/device/listsync_1a2b3c4d/config"
    assert config["device"]["configuration_url"] == "https://lists.example"
    assert config["origin"]["name"] == "ListSync"
    assert {one["platform"] for one in components.values()} == {"sensor", "binary_sensor", "button"}
    assert len({one["unique_id"] for one in components.values()}) == len(components) == 10
    assert components["status"]["options"] == ["error", "running", "paused", "attention", "ok"]
    assert len(json.dumps(config)) < 4000


def test_without_an_address_of_the_pages_the_device_has_no_link():
    assert "configuration_url" not in build_config(TOPICS, page="")["device"]


def test_every_entity_finds_its_value_in_the_state():
    state = State(Mood.ATTENTION, datetime(2026, 11, 28, 3, 0, tzinfo=UTC), None, 2, 30, 4).to_json()
    components = build_config(TOPICS, page="")["components"]
    shown = {name for name, one in components.items() if one["platform"] != "button"}

    assert state == {
        "status": "attention",
        "last_sync": "2026-11-28T03:00:00+00:00",
        "next_sync": None,
        "requested_today": 2,
        "waiting": 30,
        "needs_review": 4,
        "problem": "ON",
    }
    assert {components[name]["value_template"] for name in shown} == {f"{{{{ value_json.{name} }}}}" for name in state}
