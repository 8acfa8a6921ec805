"""A real broker of MQTT of its own: Debian's mosquitto on a port of loopback, ended with the test."""

import json
import shutil
import subprocess
from urllib.parse import quote

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.fakes.patience import wait_until
from tests.fakes.ports import find_free_port
from tests.fakes.tls import write_certificate

USER, PASSWORD = "listsync", "p@ss/word"
PROGRAM = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")


class Mosquitto:
    """A broker that can be stopped and started again on the same port, and a client that hears everything."""

    def __init__(self, folder) -> None:
        self._folder = folder
        self.port = find_free_port()
        self.encrypted_port = find_free_port()
        self.certificate = write_certificate(folder)
        self._process = None
        self.heard: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"mqtt://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}"

    def start(self) -> None:
        passwords = self._folder / "passwords"
        if not passwords.exists():
            passwords.write_text(f"{USER}:{PASSWORD}\n")
            subprocess.run(["mosquitto_passwd", "-U", passwords], check=True, capture_output=True)
            passwords.chmod(0o644)
        configuration = self._folder / "mosquitto.conf"
        listener = (
            f"listener {self.encrypted_port} 127.0.0.1\ncertfile {self.certificate}\nkeyfile {self._folder}/key.pem\n"
        )
        common = f"password_file {passwords}\nallow_anonymous false\nuser root\n"
        configuration.write_text(f"{common}listener {self.port} 127.0.0.1\n{listener}")
        log = self._folder / "log"
        with log.open("w") as written:
            self._process = subprocess.Popen([PROGRAM, "-v", "-c", configuration], stdout=written, stderr=written)
        wait_until(lambda: "running" in log.read_text(), "the start of mosquitto")
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="listener")
        self.client.username_pw_set(USER, PASSWORD)
        self.client.on_message = self._hear
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.connect("127.0.0.1", self.port)
        self.client.loop_start()

    def stop(self) -> None:
        if self._process is not None:
            self.client.loop_stop()
            self.client.disconnect()
            self._process.kill()
            self._process.wait()
            self._process = None

    def send(self, topic, payload, *, retain=False) -> None:
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(60)

    def find(self, ending):
        return next((text for topic, text in self.heard.items() if topic.endswith(ending)), None)

    def state(self):
        return json.loads(self.find("/state") or "{}")

    def wait_for(self, ending, text):
        wait_until(lambda: self.find(ending) == text, f"{text} at {ending}")

    def _hear(self, _client, _data, message) -> None:
        self.heard[message.topic] = message.payload.decode()


@pytest.fixture
def broker(tmp_path):
    if PROGRAM is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    folder = tmp_path / "broker"
    folder.mkdir()
    found = Mosquitto(folder)
    found.start()
    yield found
    found.stop()
