"""What was asked for in one user's name between two moments, read newest first and no further than needed."""

from datetime import UTC, datetime, timedelta

import pytest

from list_sync.api.mediaserver import bulk as overseerr_bulk
from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.server.dialects import Dialect
from list_sync.model.limits import EVERYONE
from list_sync.model.titles import MediaType, Quality
from tests.api.overseerr_world import FILM, OTHER_FILM, SHOW, WORLD, a_client
from tests.fakes.scripted_server import ScriptedServer, Served

NOW = datetime.now(UTC)
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)


@pytest.fixture(params=list(Dialect))
def server(request):
    with DemoServer(request.param, WORLD, synthetic_films=200, post_seconds=0) as running:
        yield running


def ask(client, requester_id, since=YESTERDAY, until=TOMORROW, enough=9):
    return client.fetch_asked(requester_id, since=since, until=until, enough=enough).keys()


def request_films(client, numbers, requester_id=1):
    for number in numbers:
        answer = client.create_request(
            media_type=MediaType.MOVIE, tmdb_id=5_000_000 + number, quality=Quality.HD, requester_id=requester_id
        )
        assert answer.request_id


def test_only_the_users_own_requests_are_counted_by_title_and_quality(server):
    alice = server.add_user("alice")
    client = a_client(server)
    client.create_request(media_type=MediaType.MOVIE, tmdb_id=FILM, quality=Quality.HD)
    client.create_request(media_type=MediaType.MOVIE, tmdb_id=FILM, quality=Quality.UHD)
    client.create_request(media_type=MediaType.MOVIE, tmdb_id=OTHER_FILM, quality=Quality.HD, requester_id=alice)
    for season in (1, 2):
        client.create_request(media_type=MediaType.TV, tmdb_id=SHOW, quality=Quality.HD, seasons=[season])

    assert ask(client, 1) == {
        (MediaType.MOVIE, FILM, Quality.HD),
        (MediaType.MOVIE, FILM, Quality.UHD),
        (MediaType.TV, SHOW, Quality.HD),
    }
    assert ask(client, alice) == {(MediaType.MOVIE, OTHER_FILM, Quality.HD)}
    assert ask(client, EVERYONE) == ask(client, 1) | ask(client, alice)
    assert ask(client, 1, since=TOMORROW) == ask(client, 1, until=YESTERDAY) == frozenset()
    client.close()


def test_pages_are_read_until_there_are_enough(server, monkeypatch):
    monkeypatch.setattr(overseerr_bulk, "MARGIN", 0)
    client = a_client(server)
    for season in (1, 2):
        client.create_request(media_type=MediaType.TV, tmdb_id=SHOW, quality=Quality.HD, seasons=[season])
    request_films(client, range(3))
    before = client.calls.reads

    assert len(ask(client, 1, enough=4)) == 4
    assert client.calls.reads == before + 1
    assert len(ask(client, 1, enough=5)) == 4
    assert client.calls.reads == before + 2
    client.close()


@pytest.mark.parametrize(
    ("created", "counts"),
    [
        ((NOW - timedelta(hours=23)).isoformat(), True),
        ((NOW - timedelta(hours=25)).isoformat(), False),
        ("2099-01-01T00:00:00.000Z", False),
        ("yesterday", False),
        (None, False),
    ],
    ids=["today", "before", "by a wrong clock", "no time", "not told"],
)
def test_a_request_counts_by_when_it_was_made(created, counts):
    row = {"id": 1, "type": "movie", "media": {"tmdbId": 603}, "createdAt": created, "is4k": False}
    with ScriptedServer([Served({"pageInfo": {"results": 1}, "results": [row]})]) as server:
        client = a_client(server)
        assert (ask(client, 1) == {(MediaType.MOVIE, 603, Quality.HD)}) is counts
        client.close()
