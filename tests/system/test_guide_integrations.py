"""Each snippet of the users' guide about integrations works beside a daemon, or the documents have what replaced it."""

import contextlib
import subprocess
import sys

import pytest
import requests
import yaml

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import MATRIX, REPOSITORY, House, wait_until
from tests.fakes.ports import find_free_port
from tests.fakes.users_guide import DOCKER, NEEDS_GUIDE, Flask, commands_in, read_snippets, run_snippet, stand_in

PAGE = (REPOSITORY / "docs" / "integrations.md").read_text(encoding="utf-8")
SNIPPETS = read_snippets()


@pytest.fixture(scope="module")
def server():
    with DemoServer() as server:
        yield server


@pytest.fixture(scope="module")
def house(tmp_path_factory, server):
    """A house whose daemon serves everybody, as the snippets know no token."""
    house = House(
        tmp_path_factory.mktemp("house"),
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        WEB_ENABLED="true",
        WEB_PORT=str(find_free_port()),
        WEB_AUTH="none",
    )
    house.write_list(MATRIX)
    house.start_daemon()
    yield house
    house.end()


@pytest.fixture
def in_shell(house, tmp_path):
    """Run a script of bash in the folder of the house, with `docker` and what a test gives."""

    def run(script, **commands):
        path = commands_in(tmp_path / "bin", docker=DOCKER, **commands)
        environment = house.environment({}) | {"PYTHON": sys.executable, "OUTPUT": str(house.processes[0].path)}
        environment["PATH"] = f"{path}:{environment['PATH']}"
        return subprocess.run(
            ["bash", "-c", script], cwd=house.folder, env=environment, capture_output=True, text=True, check=False
        )

    return run


def address(house):
    return f"http://127.0.0.1:{house.settings['WEB_PORT']}"


def rows_of_the_table():
    table = PAGE.partition("## The snippets of the users' guide")[2]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines() if "|" in line]
    return {row[0]: row[1:] for row in rows[2:]}


@NEEDS_GUIDE
def test_the_table_has_every_snippet_and_what_is_shorter():
    table = rows_of_the_table()

    assert set(table) == set(SNIPPETS)
    assert {name for name, (verdict, _) in table.items() if not verdict.startswith(("runs", "replaced"))} == set()


@NEEDS_GUIDE
def test_the_watcher_of_files_syncs_when_a_file_changes(house, in_shell):
    watched = "echo '/path/to/list/configs/ MODIFY imdb.txt'"

    done = in_shell(SNIPPETS["File System Monitoring"], inotifywait=f"#!/bin/sh\n{watched}\n")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("List config changed: imdb.txt\n")
    assert "Sync completed: 1 list" in done.stdout.splitlines()[-1]


@NEEDS_GUIDE
def test_the_command_of_home_assistant_syncs_and_its_sensor_has_one_word(house, in_shell):
    configuration = yaml.safe_load(SNIPPETS["Home Assistant Integration"])

    before = house.processes[0].closing_lines()
    done = in_shell(configuration["shell_command"]["trigger_listsync"])
    wait_until(lambda: house.processes[0].closing_lines() > before)
    sensor = in_shell(configuration["sensor"][0]["command"])

    assert done.returncode == 0, done.stdout + done.stderr
    assert "sync" in done.stdout.lower()
    assert sensor.stdout == "Sync completed\n"
    assert configuration["automation"][0]["action"][0]["service"] == "shell_command.trigger_listsync"


@NEEDS_GUIDE
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_the_health_check_of_the_guide_and_ours_say_the_same(house, server, monkeypatch):
    stand_in(monkeypatch, "flask", Flask=Flask, jsonify=lambda value: value)
    for name in ("OVERSEERR_URL", "OVERSEERR_API_KEY"):
        monkeypatch.setenv(name, house.settings[name])
    app = run_snippet(SNIPPETS["Health Check Endpoint"], house.data)["app"]

    with contextlib.closing(requests.get(f"{address(house)}/health")) as ours:
        status, theirs = app.ask("/health")
        assert (ours.status_code, ours.json().keys()) == (status, theirs.keys())
        assert {**ours.json(), "timestamp": ""} == {**theirs, "timestamp": ""}
