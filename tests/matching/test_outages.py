"""Matching through the real client while the demo server's TMDB, or the server itself, is down."""

import threading

import pytest

from list_sync.api.overseerr import OverseerrClient
from list_sync.demo.server.demo_server import DemoServer
from list_sync.errors import AuthenticationFailed, ServiceUnavailable
from list_sync.matching.resolver import KnownTitles, match_titles
from list_sync.model.matches import Match, NoMatchReason, WantedItem
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType

FIGHT_CLUB = MediaItem("Fight Club", MediaType.MOVIE, 1999)
NOWHERE = MediaItem("No Such Film As This", MediaType.MOVIE, 1999)
BY_ID = [MediaItem("", MediaType.MOVIE, ids=MediaIds(imdb=f"tt{90000000 + number}")) for number in range(30)]


@pytest.fixture
def server():
    with DemoServer(synthetic_films=30) as server:
        yield server


@pytest.fixture
def client(server):
    client = OverseerrClient(server.url, server.api_key, retry_attempts=1)
    yield client
    client.close()


def match(client, items):
    return match_titles(
        [WantedItem(item, (ListRef("file", "a"),)) for item in items],
        catalogue=client,
        knowledge=KnownTitles(),
        workers=5,
        stop=threading.Event(),
        on_learned=lambda resolutions: None,
    )


def test_while_tmdb_is_down_nothing_is_found_missing(server, client):
    server.faults.tmdb_down = True
    down = match(client, [FIGHT_CLUB, NOWHERE, BY_ID[0]])
    server.faults.tmdb_down = False
    up = match(client, [FIGHT_CLUB, NOWHERE, BY_ID[0]])

    assert [result.reason for result in down] == [NoMatchReason.LOOKUP_FAILED] * 3
    assert isinstance(up[0], Match)
    assert up[1].reason is NoMatchReason.NOT_FOUND
    assert up[2].tmdb_id == 5_000_000


def test_while_tmdb_is_down_look_ups_stop_after_a_few(server, client):
    server.faults.tmdb_down = True
    results = match(client, BY_ID)

    assert {result.reason for result in results} == {NoMatchReason.LOOKUP_FAILED}
    assert server.reads <= 5 + 4


def test_a_server_that_is_gone_stops_the_run(server, client):
    server.crash()

    with pytest.raises(ServiceUnavailable):
        match(client, [*BY_ID, FIGHT_CLUB])


def test_a_wrong_key_stops_the_run(server):
    client = OverseerrClient(server.url, "wrong-key", retry_attempts=1)

    with pytest.raises(AuthenticationFailed):
        match(client, [FIGHT_CLUB])
    client.close()
