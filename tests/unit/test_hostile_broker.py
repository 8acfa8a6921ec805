"""A broker, and others who publish there, may send anything: it takes no memory, and the next command counts."""

import socket
import threading
import tracemalloc
from contextlib import closing

from list_sync.config.messages import find_broker
from list_sync.mqtt.connection import Connection
from list_sync.mqtt.discovery import Topics
from tests.fakes.patience import wait_until

TOPICS = Topics("1a2b3c4d", "homeassistant")
TOPIC = TOPICS.command.encode()
LARGE = 3_000_000


def published(topic, payload):
    """Return the packet with a message, not retained, of the least quality of service."""
    body = len(topic).to_bytes(2, "big") + topic + payload
    length, left = bytearray(), len(body)
    while left or not length:
        left, digit = divmod(left, 128)
        length.append(digit | 128 * bool(left))
    return b"\x30" + bytes(length) + body


def hear(*packets):
    """Return the commands that a device hears from a broker that sends these packets."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        broker = find_broker(f"mqtt://127.0.0.1:{listener.getsockname()[1]}")
        device = Connection(broker, TOPICS, find_news=dict, on_command=heard.append, pauses_seconds=(60.0,))
        with closing(device):
            device.start()
            client, _ = listener.accept()
            with client:
                client.recv(1000)
                client.sendall(b"\x20\x02\x00\x00")
                sending = threading.Thread(target=client.sendall, args=[b"".join(packets)], daemon=True)
                sending.start()
                wait_until(lambda: "sync" in heard, "the command")
                sending.join()
    return heard


def test_a_message_of_many_megabytes_is_not_kept_and_the_next_command_counts():
    packets = published(TOPIC, b"x" * LARGE), published(TOPIC, b"sync")
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        heard = hear(*packets)
        most = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()

    assert [len(word) for word in heard] == [100, 4]
    # The test itself joins the packets.
    assert most < 1.5 * LARGE


def test_a_topic_that_is_no_text_does_not_end_the_connection():
    assert hear(published(b"\xff\xfe", b"sync"), published(b"other", b"pause"), published(TOPIC, b"sync")) == ["sync"]
