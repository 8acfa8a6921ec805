"""What each command imports: nothing that it does not use."""

import subprocess
import sys

import pytest

from list_sync.database.store import open_store
from list_sync.files.lock import FileLock
from tests.fakes.house import House

HEALTH = ("list_sync.config.settings", "list_sync.storage", "list_sync.api", "list_sync.providers")
NETWORK = ("alembic", "cryptography", "requests", "rich", "selectolax", "tenacity", "urllib3")
OTHER_DATABASE = "sqlalchemy.dialects.postgresql"
UNUSED_BY_PROVIDERS = ("list_sync.browser.pool", "list_sync.api.mediaserver.payloads")
LIBRARIES = ("alembic", "cryptography", "pydantic", "requests", "rich", "selectolax", "sqlalchemy", "typer", "urllib3")
HEAVY = {*NETWORK, OTHER_DATABASE, "list_sync.providers", "list_sync.main", "list_sync.fetching"}
# Runs the program as its users do, and prints which modules were imported.
TOLD = """
import atexit, sys
from list_sync.__main__ import main
atexit.register(lambda: print(*sys.modules, file=sys.__stderr__))
sys.exit(main())
"""


@pytest.fixture
def house(tmp_path):
    return House(tmp_path, OVERSEERR_URL="http://127.0.0.1:9", OVERSEERR_API_KEY="key", SYNC_INTERVAL="0")


@pytest.fixture
def imported(house):
    def run(*arguments):
        command = [sys.executable, "-c", TOLD, *arguments]
        done = subprocess.run(command, cwd=house.folder, env=house.environment({}), capture_output=True, text=True)
        modules = done.stderr.splitlines()[-1].split()
        return {one for name in modules for one in (name, name.partition(".")[0])}

    return run


def test_health_of_a_living_daemon_reads_no_settings_and_imports_no_library(house, imported):
    house.run("status")
    house.data.mkdir(exist_ok=True)
    with FileLock(house.data / "daemon.lock"), open_store(house.data / "list_sync.db"):
        assert not imported("health") & {*LIBRARIES, *HEALTH}


def test_help_needs_neither_database_nor_settings(imported):
    assert not imported("--help") & {"sqlalchemy", "pydantic", "requests", "rich", "list_sync.config"}


@pytest.mark.parametrize(
    "command", ["status", "history", "review", "why Heat", "pin Heat --remove", "ban Heat --remove", "pause off"]
)
def test_what_only_asks_the_database_reads_no_provider_and_needs_no_network(house, imported, command):
    house.run("status")

    assert not imported(*command.split()) & {
        *NETWORK,
        OTHER_DATABASE,
        "list_sync.providers",
        "list_sync.main",
        "list_sync.fetching",
    }


@pytest.mark.parametrize("command", ["config show", "config encrypt --yes", "lists", "check --offline"])
def test_what_needs_the_settings_of_providers_makes_no_client(house, imported, command):
    used = imported(*command.split())

    assert "list_sync.providers.imdb" in used
    assert not used & {
        "requests",
        "urllib3",
        "tenacity",
        "rich",
        "list_sync.main",
        "list_sync.pipeline",
        OTHER_DATABASE,
    }
    assert not used & {OTHER_DATABASE, *(UNUSED_BY_PROVIDERS if command != "check --offline" else ())}
    assert ("sqlalchemy" in used) == (command in ("lists", "check --offline"))


@pytest.mark.parametrize("command", ["sync", "run"])
def test_one_sync_without_a_terminal_draws_no_bars_and_imports_nothing_for_rare_cases(house, imported, command):
    rare = {"alembic", "cryptography", "rich", "ruamel", "selenium", "seleniumbase", "redis", "list_sync.demo"}
    rare |= {
        "ruamel",
        "list_sync.config.policy.forms",
        "watchfiles",
        "anyio",
        "fastapi",
        "uvicorn",
        "prometheus_client",
        "apprise",
        "paho",
        "list_sync.web",
        "list_sync.service",
    }

    used = imported(command)

    assert "list_sync.pipeline" in used
    assert not used & rare


def test_a_daemon_loads_no_cryptography_before_there_is_a_config_enc_or_an_issuer():
    rare = {"authlib", "cryptography", "joserfc"}
    program = f"import sys, list_sync.service; sys.exit(len({rare} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
