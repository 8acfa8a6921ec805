"""Two programs, a person and a failing poster on a server that gives the numbers of lost requests away again.

`OVERLAP_ROUNDS=50` in the environment makes fifty rounds of it.
"""

import os
import threading
from collections import Counter
from contextlib import contextmanager

import pytest
import requests

from list_sync.demo.catalogue.synthetic import synthetic_tmdb_id
from list_sync.demo.server.demo_server import DemoServer
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.requesting import lost, verify
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.shelf import Bench, synthetic

ROUNDS = int(os.environ.get("OVERLAP_ROUNDS", "2"))
GOOD_ENDS = {"requested", "already_requested"}
FILMS = [synthetic(number) for number in range(40)]
SHOWS = {1396: range(1, 6), 1399: range(1, 9), 1398: range(1, 7)}
WISHES = [*FILMS, *(MediaItem("", MediaType.TV, None, MediaIds(tmdb=tmdb)) for tmdb in SHOWS)]
UNKNOWN_FILM = 999_999_999


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    monkeypatch.setattr(verify, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(lost, "PAUSE_SECONDS", 0.01)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_only_our_own_doubles_are_withdrawn_and_every_title_is_there_once(number, tmp_path):
    with DemoServer(synthetic_films=300) as server:
        person = server.add_user("alice")
        second = server.add_user("lists") if number % 2 else 1
        programs = [
            Bench(tmp_path, server, name="a"),
            Bench(tmp_path, server, name="b", terms=Terms(requester_id=second)),
        ]
        with withdrawals(server) as withdrawn:
            everyone_at_once(server, programs, person)
            # On a busy machine the others may never pause: then a run reports titles as lost, and the next asks again.
            reports = [one.sync(*WISHES) for one in programs]
        rows = server.requests()

    ours = {1, second}
    assert [row for row, earlier in withdrawn if row["requested_by"] not in ours or not earlier] == []
    told_lost = [report.counts for report in reports if report.counts.keys() - GOOD_ENDS]
    assert told_lost == []
    asked = Counter((row["tmdb_id"], season) for row in rows for season in row["seasons"] or [None])
    wanted = {(film.ids.tmdb, None) for film in FILMS} | {(show, season) for show in SHOWS for season in SHOWS[show]}
    assert {title: asked[title] for title in wanted} == dict.fromkeys(wanted, 1)


@contextmanager
def withdrawals(server):
    """Record each request that is deleted, with those for the same title that are older."""
    deleted = []
    transitions = server.backend.transitions
    delete = transitions.delete_request

    def record(row):
        rows = {one["id"]: one for one in server.requests()}
        mine = rows[row.id]
        same = [
            one for one in rows.values() if (one["tmdb_id"], one["media_type"]) == (mine["tmdb_id"], mine["media_type"])
        ]
        deleted.append((mine, [one for one in same if one["id"] < row.id]))
        delete(row)

    transitions.delete_request = record
    yield deleted


def everyone_at_once(server, programs, person):
    over = threading.Event()
    post = [
        threading.Thread(
            target=click, args=(server, person, [synthetic_tmdb_id(number) for number in range(200, 260)])
        ),
        threading.Thread(target=fail, args=(server, person, over)),
    ]
    syncs = [threading.Thread(target=lambda one=one: one.sync(*WISHES)) for one in programs]
    for thread in (*post, *syncs):
        thread.start()
    for thread in (post[0], *syncs):
        thread.join()
    over.set()
    post[1].join()


def click(server, person, films):
    for tmdb in films:
        ask(server, person, tmdb)


def fail(server, person, over):
    """Send requests that are refused, each of which takes rows of others along."""
    for _ in range(200):
        if over.wait(0.01):
            return
        ask(server, person, UNKNOWN_FILM)


def ask(server, user, tmdb):
    body = {"mediaType": "movie", "mediaId": tmdb, "is4k": False}
    headers = {"X-Api-Key": server.api_key, "X-API-User": str(user)}
    requests.post(f"{server.url}/api/v1/request", json=body, headers=headers, timeout=PATIENCE_SECONDS)
