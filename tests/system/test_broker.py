"""The connection to a real broker: what is published, which commands count, and a broker that is away."""

import json

import pytest

from list_sync.config import load_settings
from list_sync.config.messages import find_broker
from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.model.households import HOME
from list_sync.mqtt.connection import Connection
from list_sync.mqtt.device import Device
from list_sync.mqtt.discovery import Topics
from list_sync.storage.audit import find_deeds
from tests.builders import NOON
from tests.fakes.mosquitto import PASSWORD
from tests.fakes.patience import wait_until

TOPICS = Topics("1a2b3c4d", "homeassistant")


class Control:
    """A daemon that notes what it is asked."""

    def __init__(self):
        self.asked, self.paused_until, self.error = [], None, None

    def ask(self, order):
        if self.error:
            raise self.error
        self.asked.append(order)

    def pause(self, until):
        self.paused_until = until

    def find_trouble(self):
        return ""

    def find_stall(self):
        return ""

    def find_pause(self):
        return self.paused_until

    def find_next_sync(self):
        return NOON


@pytest.fixture
def control():
    return Control()


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "list_sync.db") as store:
        store.open()
        yield store


@pytest.fixture
def device(store, control):
    settings = load_settings({"WEB_BASE_URL": "https://lists.example"}, providers={}, dotenv=None)
    times = iter(range(0, 100_000, 10))
    return Device(store, settings, control, TOPICS, now=lambda: NOON, steady=lambda: next(times))


@pytest.fixture
def connect(broker, device):
    opened = []

    def connect(url=broker.url):
        connection = Connection(
            find_broker(url),
            TOPICS,
            find_news=device.find_news,
            on_command=device.press,
            pauses_seconds=(0.05,),
            look_seconds=60.0,
        )
        opened.append(connection)
        connection.start()
        return connection

    yield connect
    for connection in opened:
        connection.close()


def test_only_the_exact_payloads_of_the_buttons_do_something_and_each_has_a_line_of_the_audit_log(
    connect,
    broker,
    control,
    store,
):
    broker.send(TOPICS.command, "sync", retain=True)
    connect()
    broker.wait_for("/availability", "online")
    for payload in ("SYNC", "sync ", "", "x" * 100_000, "\u202esync", "pause", "sync"):
        broker.send(TOPICS.command, payload)
    wait_until(lambda: control.asked, "the order")

    assert len(control.asked) == 1
    assert (control.paused_until - NOON).days == 1
    wait_until(lambda: len(read_deeds(store)) == 2)
    assert [(deed.actor, deed.action, deed.outcome) for deed in read_deeds(store)] == [
        ("mqtt", "sync", "done"),
        ("mqtt", "pause", "done"),
    ]


def read_deeds(store):
    with store.reading() as connection:
        return find_deeds(connection, HOME)


def test_a_button_that_is_pressed_again_at_once_does_nothing(store, control):
    device = Device(
        store, load_settings({}, providers={}, dotenv=None), control, TOPICS, now=lambda: NOON, steady=lambda: 1.0
    )
    for _ in range(20):
        device.press("sync")

    assert len(control.asked) == 1


def test_an_order_that_fails_is_logged_and_audited_and_the_device_goes_on(device, control, store, caplog):
    control.error = StorageError("the disk is full")
    device.press("sync")

    assert "sync by MQTT: the disk is full" in caplog.text
    assert read_deeds(store)[0].outcome == "failed"


def test_what_has_not_changed_is_not_published_again(connect, broker, device):
    connection = connect()
    broker.wait_for("/availability", "online")
    wait_until(lambda: broker.find("/state") and broker.find("/config"), "the device")
    broker.heard.clear()
    connection.wake()
    broker.send("test/over", "1")
    broker.wait_for("/over", "1")

    assert [topic for topic in broker.heard if topic != "test/over"] == []
    assert json.loads(device.find_news()[TOPICS.config])["device"]["configuration_url"] == "https://lists.example"


def test_a_broker_that_comes_back_is_told_everything_again(connect, broker, caplog):
    caplog.set_level("INFO")
    connect()
    broker.wait_for("/availability", "online")
    broker.stop()
    wait_until(lambda: "cannot be used" in caplog.text, "the warning")
    broker.heard.clear()
    broker.start()
    broker.wait_for("/availability", "online")
    wait_until(lambda: broker.find("/state"), "the state")

    assert caplog.text.count("cannot be used") == 1
    assert "the broker is reached again" in caplog.text


def test_a_wrong_password_is_told_once_without_it(connect, broker, caplog):
    connect(broker.url.replace("p%40ss", "topsecret"))
    wait_until(lambda: caplog.records, "the warning")

    assert "it refuses: Not authorized" in caplog.text or "it refuses: Bad user name or password" in caplog.text
    assert "topsecret" not in caplog.text
    assert PASSWORD not in caplog.text


def test_an_encrypted_connection_is_for_a_certificate_that_is_trusted(connect, broker, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(broker.certificate))
    connect(broker.url.replace("mqtt://", "mqtts://").replace(str(broker.port), str(broker.encrypted_port)))

    broker.wait_for("/availability", "online")
    wait_until(lambda: broker.find("/state"), "the state")
