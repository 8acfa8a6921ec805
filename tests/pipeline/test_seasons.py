"""Seasons that the server does not take, in all three dialects."""

import sqlite3
from contextlib import closing

import pytest

from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.model.titles import MediaIds, MediaItem, MediaType

SHOW = next(
    title
    for title in load_catalogue().titles
    if title.kind == "tv" and title.tvdb and {0, 1} <= {season.number for season in title.seasons}
)
SPECIALS = MediaItem(SHOW.title, MediaType.TV, None, MediaIds(tmdb=SHOW.tmdb), 0)
FIRST = MediaItem(SHOW.title, MediaType.TV, None, MediaIds(tmdb=SHOW.tmdb), 1)


@pytest.fixture(params=[Dialect.JELLYSEERR, Dialect.SEERR])
def demo(request):
    with DemoServer(request.param) as server:
        yield server


def forget_the_server(bench):
    with closing(sqlite3.connect(f"{bench.folder}/{bench.name}.db")) as connection, connection:
        connection.execute("DELETE FROM server_fingerprints")


def test_specials_that_the_server_does_not_take_are_explained_and_asked_for_once(bench, demo):
    reports = [bench.sync(SPECIALS), bench.sync(SPECIALS)]
    forget_the_server(bench)
    reports.append(bench.sync(SPECIALS))

    assert [report.counts for report in reports] == [{"unsupported": 1}] * 3
    assert demo.writes == 1


def test_a_season_that_is_wanted_after_the_specials_were_refused_is_asked_for(bench, demo):
    bench.sync(SPECIALS)

    assert bench.sync(SPECIALS, FIRST).counts == {"requested": 1}
    assert [row["seasons"] for row in demo.requests()] == [[1]]
