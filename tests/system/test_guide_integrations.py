"""Each snippet of the users' guide about integrations works beside a daemon, or the documents have what replaced it."""

import contextlib
import functools
import hashlib
import hmac
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import prometheus_client
import pytest
import requests
import yaml

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import MATRIX, REPOSITORY, House, wait_until
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.ports import find_free_port
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.fakes.users_guide import (
    DOCKER,
    NEEDS_GUIDE,
    Flask,
    JellyfinClient,
    PlexItem,
    commands_in,
    lead_to,
    read_snippets,
    run_snippet,
    stand_in,
)

PAGE = (REPOSITORY / "docs" / "integrations.md").read_text(encoding="utf-8")
DASHBOARD = REPOSITORY / "docker" / "monitoring" / "grafana" / "dashboards" / "listsync.json"
SNIPPETS = read_snippets()
LINK = re.compile(r"\]\([\w.#-]+\)")


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
        WEBHOOK_SECRET="your-secret-key",
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
    assert {name for name, (_, shorter) in table.items() if not LINK.search(shorter)} == set()


def runs_of(house, mode):
    return house.query(f"SELECT status, lists_total FROM sync_history WHERE sync_mode = '{mode}' ORDER BY id")


def requested_films(server):
    return {row["tmdb_id"] for row in server.requests() if row["media_type"] == "movie"}


def sign(body, secret="your-secret-key"):
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


UPDATED = b'{"action": "list_updated", "list_type": "file", "list_id": "films.json"}'


@NEEDS_GUIDE
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (UPDATED, sign(UPDATED)),
        (b'{"action": "opened"}', sign(b'{"action": "opened"}')),
        (UPDATED, sign(UPDATED, secret="another")),
        (UPDATED, sign(b"another body")),
        (UPDATED, {"X-Hub-Signature-256": ""}),
    ],
)
def test_webhooks_are_answered_as_by_the_program_of_the_guide(house, monkeypatch, body, headers):
    stand_in(monkeypatch, "flask", Flask=Flask, request=Flask.request)
    program = run_snippet(SNIPPETS["Webhook-Triggered Sync"], house.data)
    program["subprocess"] = SimpleNamespace(run=lambda *_arguments, **_options: None)
    headers = {"Content-Type": "application/json", **headers}

    answer = requests.post(f"{address(house)}/sync-trigger", data=body, headers=headers, timeout=PATIENCE_SECONDS)

    assert (answer.status_code, answer.text) == program["app"].ask("/sync-trigger", body, headers)
    if answer.text == "Sync triggered":
        wait_until(lambda: ("completed", 1) in runs_of(house, "webhook"))


@NEEDS_GUIDE
def test_the_watchlist_of_plex_is_requested(house, server, monkeypatch):
    films = [
        PlexItem("The Dark Knight", 2008, "movie", "imdb://tt0468569"),
        PlexItem("Inception", 2010, "movie", "plex://movie/5d"),
    ]
    stand_in(monkeypatch, "plexapi.server", PlexServer=lambda _url, _token: SimpleNamespace(watchlist=lambda: films))
    lead_to(int(house.settings["WEB_PORT"]), monkeypatch)
    snippet = run_snippet(SNIPPETS["Plex Integration"], house.data, PLEX_URL="", PLEX_TOKEN="")

    snippet["sync_plex_watchlist_to_overseerr"]()

    wait_until(lambda: {155, 27205} <= requested_films(server))
    assert house.query("SELECT list_type, list_id FROM lists") == [("file", "films.json")]


@NEEDS_GUIDE
def test_the_favorites_of_jellyfin_are_read_with_the_calls_of_the_guide(house, monkeypatch):
    stand_in(monkeypatch, "jellyfin_apiclient_python", JellyfinClient=JellyfinClient)
    names = dict.fromkeys(("JELLYFIN_URL", "JELLYFIN_USERNAME", "JELLYFIN_PASSWORD"), "")
    snippet = run_snippet(SNIPPETS["Jellyfin Integration"], house.data, **names)

    assert snippet["get_jellyfin_watchlist"]() == list(JellyfinClient.favorites)


@NEEDS_GUIDE
def test_what_sonarr_and_radarr_miss_is_requested(house, server):
    def answer(_asked):
        show = {"title": "Severance", "year": 2022, "imdbId": "tt11280740"}
        film = {"title": "Dune", "year": 2021, "imdbId": "tt1160419"}
        no_ids = {"title": "Parasite", "year": 2019, "imdbId": ""}
        nothing = {"title": "A film without a year", "year": 0, "imdbId": ""}
        return Served({"records": [{"series": show, **film}, {"series": show, **no_ids}, {"series": show, **nothing}]})

    with ScriptedServer(answer) as arr:
        names = {f"{name}_{part}": arr.url for name in ("SONARR", "RADARR") for part in ("URL", "API_KEY")}
        snippet = run_snippet(SNIPPETS["Sonarr/Radarr Integration"], house.data, requests=requests, **names)
        titles = snippet["sync_with_arr_wanted"]()

    asked = requests.post(f"{address(house)}/api/sync", json={"custom_list": titles}, timeout=PATIENCE_SECONDS)

    assert asked.status_code == 202, asked.text
    wait_until(lambda: {438631, 496243} <= requested_films(server))


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

    with contextlib.closing(requests.get(f"{address(house)}/health", timeout=PATIENCE_SECONDS)) as ours:
        status, theirs = app.ask("/health")
        assert (ours.status_code, ours.json().keys()) == (status, theirs.keys())
        assert {**ours.json(), "timestamp": ""} == {**theirs, "timestamp": ""}

    # A sync that an earlier test asked for may still be writing.
    wait_until(lambda: app.ask("/metrics") == (200, figures_of(house)))


def figures_of(house):
    return requests.get(
        f"{address(house)}/metrics", headers={"Accept": "application/json"}, timeout=PATIENCE_SECONDS
    ).json()


@pytest.fixture
def own_registry(monkeypatch):
    """Let metrics that a snippet defines be forgotten after the test."""
    registry = prometheus_client.CollectorRegistry()
    for name in ("Gauge", "Counter", "Histogram"):
        kind = getattr(prometheus_client, name)
        monkeypatch.setattr(prometheus_client, name, functools.partial(kind, registry=registry))
    return registry


def metrics_of(house):
    return requests.get(f"{address(house)}/metrics", timeout=PATIENCE_SECONDS).text


@NEEDS_GUIDE
def test_the_exporter_of_the_guide_and_ours_count_the_same_lists(house, own_registry):
    snippet = run_snippet(SNIPPETS["Prometheus Metrics"], house.data)
    snippet["collect_metrics"]()

    theirs, ours = prometheus_client.generate_latest(own_registry).decode(), metrics_of(house)

    assert 'listsync_active_lists{provider="file"} 1.0' in theirs.splitlines()
    assert 'listsync_active_lists{provider="file"} 1.0' in ours.splitlines()
    assert {name for name in names_in(theirs) if not name.endswith("_created")} <= names_in(ours)


def names_in(metrics):
    return set(re.findall(r"^# TYPE (\w+)", metrics, re.MULTILINE))


@NEEDS_GUIDE
def test_the_dashboard_of_the_guide_asks_for_metrics_that_are_there_and_ours_begins_with_its_panels(house):
    panels = json.loads(SNIPPETS["Grafana Dashboard"])["dashboard"]["panels"]
    asked = {name for panel in panels for name in re.findall(r"listsync_\w+", panel["targets"][0]["expr"])}
    ours = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]

    assert asked <= names_in(metrics_of(house))
    assert [panel["title"] for panel in ours if panel["type"] != "row"][:3] == [panel["title"] for panel in panels]
