"""The settings of messages and of the broker: what is accepted, and faults that do not repeat an address."""

import pytest

from list_sync.config import load_settings
from list_sync.config.messages import Broker, find_addresses, find_broker
from list_sync.errors import ConfigError
from list_sync.model.notices import Topic

DISCORD = "https://discord.com/api/webhooks/123456789012345678/abc-DEF_1"


def load(**variables):
    return load_settings(variables, providers={}, dotenv=None).process


def test_addresses_stand_between_commas_or_line_breaks_and_may_hold_commas_themselves():
    process = load(
        NOTIFY_URLS="ntfy://ntfy.sh/a, mailto://u:p@x.org?to=a@x.org,b@x.org\n json://h/a", DISCORD_WEBHOOK_URL=DISCORD
    )
    found = find_addresses(process.notify_urls, process.discord_webhook_url)

    assert [one.text for one in found] == [
        "ntfy://ntfy.sh/a",
        "mailto://u:p@x.org?to=a@x.org,b@x.org",
        "json://h/a",
        DISCORD,
    ]
    assert "u:p" not in repr(found) + repr(process)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("NOTIFY_URLS", "topsecret"),
        ("NOTIFY_URLS", "json://h, topsecret and more"),
        ("DISCORD_WEBHOOK_URL", "topsecret"),
        ("MQTT_URL", "http://topsecret@host"),
        ("MQTT_URL", "mqtt://u:topsecret@"),
        ("MQTT_URL", "mqtt://u:topsecret@host:0"),
        ("MQTT_URL", "mqtt://u:topsecret@host:99999"),
        ("MQTT_URL", "mqtt://u:topsecret@host/#/x"),
        ("MQTT_URL", "mqtt://u:topsecret@host?x=1"),
    ],
)
def test_a_fault_names_the_setting_and_not_the_address(name, text):
    with pytest.raises(ConfigError) as raised:
        load(**{name: text})

    assert str(raised.value).startswith(f"{name}: ")
    assert "topsecret" not in str(raised.value)


def test_what_to_tell_is_a_choice_of_words():
    assert load().notify_on == tuple(Topic)
    assert load(NOTIFY_ON="Attention, failed").notify_on == (Topic.FAILED, Topic.ATTENTION)
    with pytest.raises(ConfigError, match=r"NOTIFY_ON: .*everything.* is none of new, left, failed, attention"):
        load(NOTIFY_ON="everything")


def test_the_address_of_a_broker_has_all_its_parts():
    assert find_broker("mqtt://192.168.1.20") == Broker("192.168.1.20", 1883)
    assert find_broker("mqtts://me:p%40ss@broker.lan/ha/disc") == Broker(
        "broker.lan", 8883, is_encrypted=True, user="me", password="p@ss", prefix="ha/disc"
    )
    assert "p@ss" not in repr(find_broker("mqtt://me:p%40ss@h"))
