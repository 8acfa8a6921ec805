"""A running demo: a server and sample sources on loopback, and settings for them. Its data is in DATA_DIR/demo.

In that folder is a .env, so that every command that is run there uses the server and the lists of the demo.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from list_sync.config import Settings, find_state_folder, load_settings
from list_sync.config.environment import DOTENV, DROP_FOLDER, Environment
from list_sync.config.policy.joining import read_joined
from list_sync.config.web import WebSettings
from list_sync.demo.people import prepare_server, write_policy
from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.sources.sample_sources import SampleSources
from list_sync.files.modes import SECRET_MODE, replace_file
from list_sync.providers import available_providers

# The demo never uses the user's own server, lists and keys.
KEPT_SETTINGS = (
    *("DATA_DIR", "DRY_RUN", "LOG_FORMAT", "LOG_LEVEL", "MAX_WORKERS", "TZ"),
    *("WEB_ENABLED", "WEB_HOST", "WEB_PORT"),
)
# The sample sources have no pages for a browser.
OWN_SETTINGS = {"SYNC_INTERVAL": "0.02", "SELENIUM_POOL_SIZE": "0"}
CONFIG_NAME = "config"
PORT_FILE = "port"


@contextmanager
def demo_running() -> Iterator[Settings]:
    """Yield the settings of the demo while its server and sources run."""
    kept = find_kept_settings()
    folder = find_state_folder(load_settings(kept, providers={}, dotenv=None).process.data_dir).path / "demo"
    folder.mkdir(exist_ok=True)
    with server_running(folder) as server, SampleSources() as sources:
        prepare_server(server)
        write_policy(folder / CONFIG_NAME)
        # lists.yaml names the lists.
        reading = sources.environment(folder / DROP_FOLDER)
        reading = {name: text for name, text in reading.items() if not name.endswith("_LISTS")}
        given = {**reading, **find_addresses(server), **OWN_SETTINGS}
        write_dotenv(folder, given)
        folders = {"DATA_DIR": str(folder), "CONFIG_DIR": str(folder / CONFIG_NAME)}
        settings = load_settings({**kept, **given, **folders}, providers=available_providers(), dotenv=None)
        settings = read_joined(settings, available_providers())
        web = settings.web.model_copy(update={"web_port": find_web_port(settings.web)})
        yield replace(settings, web=web)


def find_addresses(server: DemoServer) -> dict[str, str]:
    """Return the settings for a server, and for the Radarr and Sonarr behind it."""
    return {
        "OVERSEERR_URL": server.url,
        "OVERSEERR_API_KEY": server.api_key,
        "RADARR_URL": f"{server.root_url}/_radarr/0",
        "RADARR_API_KEY": ARR_KEY,
        "SONARR_URL": f"{server.root_url}/_sonarr/0",
        "SONARR_API_KEY": ARR_KEY,
    }


def write_dotenv(folder: Path, settings: Mapping[str, str]) -> None:
    """Write settings for the commands that are run in the folder of the demo."""
    lines = [f"{name}={text}\n" for name, text in {**settings, "DATA_DIR": ".", "CONFIG_DIR": CONFIG_NAME}.items()]
    replace_file(folder / DOTENV, "".join(lines).encode(), SECRET_MODE)


def find_web_port(web: WebSettings) -> int:
    """Return the port of the service, or a free one if another program has it: a ListSync may run beside the demo."""
    for port in (web.web_port, 0):
        with suppress(OSError), socket.create_server((web.web_host, port)) as held:
            found: int = held.getsockname()[1]
            return found
    return web.web_port


def find_kept_settings() -> dict[str, str]:
    """Return the settings of the user that also apply to the demo."""
    environment = Environment.open()
    found = {name: environment.find(name) for name in KEPT_SETTINGS}
    return {name: text for name, text in found.items() if text is not None}


@contextmanager
def server_running(folder: Path) -> Iterator[DemoServer]:
    """Run the demo server with its earlier requests, at its earlier port if that is free.

    What is remembered of a server is remembered by its address.
    """
    server = DemoServer(state_file=folder / "server.jsonl", port=find_port(folder))
    try:
        try:
            server.start()
        except OSError:
            server.stop()
            server = DemoServer(state_file=folder / "server.jsonl")
            server.start()
        (folder / PORT_FILE).write_text(str(server.port))
        yield server
    finally:
        server.stop()


def find_port(folder: Path) -> int:
    """Return the port of the last demo, or 0 for any free port."""
    try:
        return int((folder / PORT_FILE).read_text())
    except (FileNotFoundError, ValueError):
        return 0
