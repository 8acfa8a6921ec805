"""`demo`: the whole program with a bundled server and sample sources; its data is in DATA_DIR/demo."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from list_sync import log
from list_sync.commands.printing import say
from list_sync.commands.run import stay
from list_sync.commands.sync import sync_and_print
from list_sync.config import Settings, find_state_folder, load_settings
from list_sync.config.environment import DROP_FOLDER, Environment
from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.sources.sample_sources import SampleSources
from list_sync.providers import available_providers

# The demo never uses the user's own server, lists and keys.
KEPT_SETTINGS = ("DATA_DIR", "DRY_RUN", "LOG_FORMAT", "LOG_LEVEL", "MAX_WORKERS", "TZ")
# The sample sources have no pages for a browser.
OWN_SETTINGS = {"SYNC_INTERVAL": "0.02", "SELENIUM_POOL_SIZE": "0"}
PORT_FILE = "port"


def demo(*, once: bool, as_json: bool) -> int:
    """Sync the sample lists once and print every title, or sync them again about every minute."""
    kept = find_kept_settings()
    folder = find_state_folder(load_settings(kept, providers={}, dotenv=None).process.data_dir).path / "demo"
    folder.mkdir(exist_ok=True)
    with server_running(folder) as server, SampleSources() as sources:
        addresses = {"OVERSEERR_URL": server.url, "OVERSEERR_API_KEY": server.api_key, "DATA_DIR": str(folder)}
        given = {**kept, **sources.environment(folder / DROP_FOLDER), **addresses, **OWN_SETTINGS}
        settings = load_settings(given, providers=available_providers(), dotenv=None)
        if once or as_json:
            return sync_and_print(settings, as_json=as_json, everything=True)
        return stay_in(settings, folder)


def stay_in(settings: Settings, folder: Path) -> int:
    """Sync the sample lists until Ctrl-C."""
    log.configure_logging(settings.process.log_level, settings.process.log_format, zone=settings.process.zone)
    say(f"a demo server at {settings.household.overseerr_url} and sample lists; Ctrl-C ends it, {folder} keeps it all")
    say(f"DATA_DIR={folder} list-sync status (or lists, why, review) looks at it from another terminal")
    return stay(settings)


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
