"""The connection to the broker, in one thread that sleeps until there is something to do; owns the library for MQTT."""

import logging
import select
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from list_sync.config.messages import Broker
from list_sync.mqtt.discovery import OFFLINE, ONLINE, Topics

logger = logging.getLogger(__name__)

SETTING = "MQTT_URL"
KEEPALIVE_SECONDS = 60
# How long the thread sleeps at most: then the state is looked at again.
LOOK_SECONDS = 15.0
CONNECT_SECONDS = 5.0
# After each failure in a row; the last one counts for all further ones.
PAUSES_SECONDS = (1.0, 5.0, 15.0, 60.0, 120.0)
CLOSING_SECONDS = 2.0
# A command is a word; the protocol would let every packet have 256 MB, which the library keeps in memory.
LARGEST_PACKET = 4096


class _Client(Client):
    """A client that keeps the beginning of each packet alone, which is more than a command needs."""

    def _sock_recv(self, bufsize: int) -> bytes:
        del self._in_packet["packet"][LARGEST_PACKET:]
        return super()._sock_recv(min(bufsize, LARGEST_PACKET))


class Connection:
    """Publishes what `find_news` returns by topic, retained, whenever it is woken, and tells of each command.

    A broker that is down or refuses holds nothing: it is warned of once, and tried again.
    """

    def __init__(
        self,
        broker: Broker,
        topics: Topics,
        *,
        find_news: Callable[[], Mapping[str, str]],
        on_command: Callable[[str], None],
        pauses_seconds: tuple[float, ...] = PAUSES_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._broker = broker
        self._topics = topics
        self._find_news = find_news
        self._on_command = on_command
        self._pauses_seconds = pauses_seconds
        self._look_seconds = look_seconds
        self._over = threading.Event()
        self._receiver, self._sender = socket.socketpair()
        for end in (self._receiver, self._sender):
            end.setblocking(False)
        self._published: dict[str, str] = {}
        self._is_connected = False
        self._is_warned = False
        self._client = self._build_client()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        """Connect and publish, in a thread."""
        self._thread.start()

    def wake(self) -> None:
        """Let the thread publish what is new; any thread may call this."""
        with suppress(OSError):
            self._sender.send(b"1")

    def close(self) -> None:
        """Say that the device is offline, and disconnect."""
        self._over.set()
        self.wake()
        if self._thread.ident is not None:
            self._thread.join(CLOSING_SECONDS)
        for end in (self._receiver, self._sender):
            end.close()

    def _build_client(self) -> Client:
        broker = self._broker
        client = _Client(CallbackAPIVersion.VERSION2, client_id=self._topics.device, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_SECONDS
        if broker.user:
            client.username_pw_set(broker.user, broker.password)
        if broker.is_encrypted:
            client.tls_set()
        client.will_set(self._topics.availability, OFFLINE, qos=1, retain=True)
        client.on_connect = self._note_connected
        # For a topic that is no text, on_message would be called, too.
        client.message_callback_add(self._topics.command, self._note_message)
        return client

    def _run(self) -> None:
        failures = 0
        while not self._over.is_set():
            trouble = self._connect() or self._serve()
            if self._over.is_set():
                break
            failures = 1 if self._is_connected else failures + 1
            self._is_connected = False
            self._warn(trouble)
            self._over.wait(self._pauses_seconds[min(failures, len(self._pauses_seconds)) - 1])
        self._say_goodbye()

    def _connect(self) -> str:
        """Open the connection; return why that failed, "" if it did not."""
        try:
            self._client.connect(self._broker.host, self._broker.port, KEEPALIVE_SECONDS)
        except OSError as error:
            return error.strerror or str(error) or "no answer"
        except ValueError:
            # Of a name that no host can have, with two dots in a row.
            return "there can be no such host"
        return ""

    def _serve(self) -> str:
        """Exchange messages until the connection ends or this is to end; return why it ended."""
        while not self._over.is_set():
            held = self._client.socket()
            if held is None:
                return self._refusal or "the connection was closed"
            if self._is_connected:
                self._publish()
            writers = [held] if self._client.want_write() else []
            # Of an encrypted connection, what is there already does not make the socket readable.
            seconds = 0.0 if getattr(held, "pending", lambda: 0)() else self._look_seconds
            readable, writable, _ = select.select([held, self._receiver], writers, [], seconds)
            self._drain(is_woken=self._receiver in readable)
            steps = [self._client.loop_misc()]
            if held in readable or seconds == 0.0:
                steps.append(self._client.loop_read())
            if writable:
                steps.append(self._client.loop_write())
            if failed := [step for step in steps if step is not MQTTErrorCode.MQTT_ERR_SUCCESS]:
                return self._refusal or _describe(failed[0])
        return ""

    def _drain(self, *, is_woken: bool) -> None:
        if is_woken:
            with suppress(OSError):
                self._receiver.recv(4096)

    def _publish(self) -> None:
        for topic, text in self._find_news().items():
            if self._published.get(topic) != text:
                self._client.publish(topic, text, qos=1, retain=True)
                self._published[topic] = text

    def _say_goodbye(self) -> None:
        if not self._is_connected:
            return
        self._client.publish(self._topics.availability, OFFLINE, qos=1, retain=True)
        self._client.disconnect()
        while self._client.want_write() and self._client.loop_write() is MQTTErrorCode.MQTT_ERR_SUCCESS:
            pass

    _refusal = ""

    def _note_connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._refusal = ""
        if code.is_failure:
            self._refusal = f"it refuses: {code.getName()}"
            return
        if self._is_warned:
            logger.info("%s: the broker is reached again", SETTING)
        self._is_connected, self._is_warned = True, False
        self._published.clear()
        client.subscribe(self._topics.command, qos=1)
        client.publish(self._topics.availability, ONLINE, qos=1, retain=True)

    def _note_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        # A retained command would be carried out again after each start.
        if not message.retain:
            self._on_command(message.payload[:100].decode("ascii", "replace"))

    def _warn(self, trouble: str) -> None:
        if not self._is_warned:
            self._is_warned = True
            place = f"{self._broker.host}:{self._broker.port}"
            logger.warning("%s: the broker at %s cannot be used: %s; it is tried again", SETTING, place, trouble)


def _describe(code: MQTTErrorCode) -> str:
    return code.name.removeprefix("MQTT_ERR_").replace("_", " ").lower()
