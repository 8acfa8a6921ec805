"""What the pages about integrations show works: each command against a daemon, each field of an answer."""

import json
import re
import subprocess

import pytest
import requests

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.sources.sample_sources import SampleSources
from tests.architecture.test_recipes import BLOCKS, documents
from tests.fakes.house import MATRIX, House
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.ports import find_free_port

PAGES = ("README.md", "integrations.md", "home-assistant.md")
COMMANDS = [text for page, kind, text in BLOCKS if page in PAGES and kind in ("", "bash") and "curl " in text]
DEFINITION, *CALLS = [text for page, kind, text in BLOCKS if page == "api.md" and kind == "bash"]
COMMANDS += [f"{DEFINITION}\n{text}" for text in CALLS if "curl " in text]
YAML = "\n".join(text for page, kind, text in BLOCKS if page in PAGES and kind == "yaml")
FIELDS = re.compile(r"(?:field: |value_json\.|\.JSON\.\w+ \")(\w+)")
# An event stream has no end.
ENDLESS = "curl -N"
TIME_IS_UP = 28


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A house whose daemon made its token itself, and reaches nothing outside this machine."""
    with DemoServer() as server, SampleSources() as sources:
        house = House(
            tmp_path_factory.mktemp("house"),
            OVERSEERR_URL=server.url,
            OVERSEERR_API_KEY=server.api_key,
            FILE_LISTS="films.json",
            IMDB_BASE_URL=sources.url("imdb"),
            HTTPS_PROXY="http://127.0.0.1:9",
            WEB_ENABLED="true",
            WEB_PORT=str(find_free_port()),
            WEBHOOK_SECRET="another-long-random-text",
        )
        house.write_list(MATRIX)
        house.start_daemon()
        yield house
        house.end()


def address(house):
    return f"http://127.0.0.1:{house.settings['WEB_PORT']}"


def token_of(house):
    return (house.data / "api_token").read_text().strip()


def run(house, commands):
    """Run commands of a page in the folder of the house, with its port in the place of 5000."""
    commands = re.sub(r"http://[\w.]+:5000", address(house), commands)
    script = f"TOKEN=$(cat data/api_token)\n{commands}"
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=house.folder,
        env=house.environment({}),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("commands", COMMANDS)
def test_commands_of_the_pages_are_answered(house, commands):
    if ENDLESS in commands:
        commands = commands.replace(ENDLESS, f"{ENDLESS} --max-time 1")

    done = run(house, commands)

    assert done.returncode in ((0, TIME_IS_UP) if ENDLESS in commands else (0,)), done.stdout + done.stderr
    assert ("Sync triggered" in done.stdout) == ("/sync-trigger" in commands)


@pytest.mark.parametrize("call", [line for text in CALLS for line in text.splitlines() if line.startswith("listsync ")])
def test_calls_of_the_page_about_the_api_reach_a_route(house, call):
    done = run(house, f"{DEFINITION}\n{call}")

    answer = json.loads(done.stdout)
    is_about_the_example = answer.get("status") in (404, 409, 422) and "/docs" not in answer["detail"]
    assert done.returncode == 0 or is_about_the_example, done.stdout


def test_every_field_that_a_sample_names_is_in_the_summary(house):
    headers = {"Authorization": f"Bearer {token_of(house)}"}
    summary = requests.get(f"{address(house)}/api/summary", headers=headers, timeout=PATIENCE_SECONDS).json()
    named = set(FIELDS.findall(YAML))

    assert {"status", "last_sync_at", "needs_review"} <= named <= set(summary)


@pytest.mark.parametrize("name", ["listsync_sync", "listsync_sync_list"])
def test_the_commands_of_home_assistant_start_a_sync(house, name):
    command = documents("configuration.yaml")[0]["rest_command"][name]
    payload = command.get("payload", "").replace("{{ list | to_json }}", json.dumps("file:films.json"))
    headers = {"Authorization": f"Bearer {token_of(house)}", "Content-Type": command.get("content_type")}
    path = command["url"].partition(":5000")[2]

    answer = requests.request(
        command["method"], address(house) + path, data=payload, headers=headers, timeout=PATIENCE_SECONDS
    )

    assert answer.status_code == 202, answer.text
