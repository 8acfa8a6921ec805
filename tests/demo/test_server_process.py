"""The demo server as a process of its own: its line, its control, its state file and its end."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from list_sync.demo.server.backend import API_KEY
from list_sync.demo.server.demo_server import DemoServer, Dialect
from tests.demo.server_facts.world import ALIEN, MATRIX, TWO_SEASONS, WORLD
from tests.fakes.patience import PATIENCE_SECONDS

FIRST_FILM = 5_000_000


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "list_sync.demo", "--synthetic-films", "100", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().removeprefix("listening ").strip()
        finally:
            if process.poll() is None:
                process.kill()


def ask(url: str, tmdb: int) -> int:
    body = {"mediaType": "movie", "mediaId": tmdb, "is4k": False}
    headers = {"X-Api-Key": API_KEY}
    return requests.post(f"{url}/api/v1/request", json=body, headers=headers, timeout=PATIENCE_SECONDS).status_code


def look(url: str, name: str) -> Any:
    return requests.get(f"{url}/_demo/{name}", timeout=PATIENCE_SECONDS).json()


def steer(url: str, name: str, values: dict[str, Any] | None = None) -> requests.Response:
    return requests.post(f"{url}/_demo/{name}", json=values or {}, timeout=PATIENCE_SECONDS)


def test_it_ends_at_once_on_sigterm_and_keeps_what_it_answered(tmp_path: Path) -> None:
    state = str(tmp_path / "server" / "state.jsonl")
    with running("--state", state) as (process, url):
        assert ask(url, FIRST_FILM) == 201
        assert steer(url, "users", {"name": "alice", "permissions": 32, "movie_quota": 3}).json() == {"id": 2}
        assert steer(url, "media", {"kind": "movie", "tmdb": FIRST_FILM + 5, "status": 5}).json() == {"id": 2}
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0

    with running("--state", state) as (process, url):
        assert [row["tmdb_id"] for row in look(url, "requests")] == [FIRST_FILM]
        assert [row["tmdb_id"] for row in look(url, "media")] == [FIRST_FILM, FIRST_FILM + 5]
        assert ask(url, FIRST_FILM) == 409
        assert ask(url, FIRST_FILM + 1) == 201
        assert [row["id"] for row in look(url, "requests")] == [1, 2]


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    state = str(tmp_path / "state.jsonl")
    with running("--state", state) as (process, url):
        assert [ask(url, FIRST_FILM + number) for number in range(5)] == [201] * 5
        process.kill()
        process.wait(PATIENCE_SECONDS)

    with running("--state", state) as (_, url):
        assert len(look(url, "requests")) == 5


def test_it_is_steered_over_http_without_being_counted() -> None:
    with running("--dialect", "jellyseerr", "--latency-ms", "1", "--post-ms", "0") as (_, url):
        assert ask(url, FIRST_FILM) == 201
        assert ask(url, FIRST_FILM) == 409
        assert look(url, "counts") == {
            "reads": 0,
            "writes": 2,
            "deaths": 0,
            "posts_by_title": {f"movie:{FIRST_FILM}:hd": 2},
            "answers_by_title": {f"movie:{FIRST_FILM}:hd": [201, 409]},
        }
        assert steer(url, "reset-counts").status_code == 200
        assert look(url, "counts")["writes"] == 0
        steer(url, "decline", {"id": 1})
        assert look(url, "requests")[0]["status"] == 3
        steer(url, "wipe")
        assert (look(url, "requests"), look(url, "media")) == ([], [])
        steer(url, "faults", {"down_status": 503})
        assert ask(url, FIRST_FILM) == 503
        assert look(url, "faults")["down_status"] == 503


@pytest.mark.parametrize(
    ("name", "values"),
    [("faults", {"nonsense": 1}), ("decline", {}), ("users", {"nickname": "x"}), ("blocklist", {"kind": "movie"})],
)
def test_a_mistake_in_steering_is_named(name: str, values: dict[str, Any]) -> None:
    with DemoServer(Dialect.SEERR, WORLD) as server:
        answer = steer(server.root_url, name, values)

    assert answer.status_code == 400
    assert answer.json()["message"]


def test_an_unknown_control_is_not_found() -> None:
    with DemoServer(Dialect.SEERR, WORLD) as server:
        assert steer(server.root_url, "nonsense").status_code == 404


def test_dying_in_the_middle_ends_the_process() -> None:
    with running() as (process, url):
        steer(url, "faults", {"die_in_the_middle": 1})
        assert ask(url, FIRST_FILM) == 201
        with pytest.raises(requests.ConnectionError):
            ask(url, FIRST_FILM + 1)
        assert process.wait(PATIENCE_SECONDS) == 1


def test_everything_is_in_the_state_file(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    with DemoServer(Dialect.SEERR, WORLD, state_file=state, post_seconds=0.0) as server:
        server.add_user("alice", movie_quota=3)
        for tmdb in (MATRIX, ALIEN):
            assert ask(server.url, tmdb) == 201
        server.delete_request(1)
        server.set_media("tv", TWO_SEASONS, status=4, seasons={1: 5})
        server.blocklist("movie", 194)
        before = (server.requests(), server.media(), dict(server.backend.state.users), server.backend.state.blocks)

    for _ in range(2):
        with DemoServer(Dialect.SEERR, WORLD, state_file=state) as server:
            again = server.backend.state
            assert (server.requests(), server.media(), again.users, again.blocks) == before
            assert (again.next_ids["request"], again.next_ids["media"]) == (3, 5)


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    with DemoServer(Dialect.SEERR, WORLD, state_file=state, post_seconds=0.0) as server:
        assert ask(server.url, MATRIX) == 201
    with state.open("a") as file:
        file.write('["request",{"id":7,"media')

    with DemoServer(Dialect.SEERR, WORLD, state_file=state) as server:
        assert [row["tmdb_id"] for row in server.requests()] == [MATRIX]


def test_requests_that_wait_go_on_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    with DemoServer(Dialect.SEERR, WORLD, state_file=state, post_seconds=0.0) as server:
        ask(server.url, MATRIX)

    with DemoServer(Dialect.SEERR, WORLD, state_file=state) as server:
        server.faults.auto_available_seconds = 0.0
        assert server.media()[0]["status"] == 5
