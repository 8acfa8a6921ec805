"""Plex: spellings, pages of the watchlist in JSON and XML, ids, feeds."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.errors import AuthenticationFailed, InvalidListId, UnexpectedResponse
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext
from list_sync.providers.plex import (
    PlexList,
    fetch,
    parse_entry,
    parse_feed,
    parse_list_id,
    parse_listing,
    parse_xml_container,
)
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.providers.answers import Remembering, answer, asked_for, content, document, items_of, served
from tests.providers.fuzzing import JSON, changed, result_or_words


@pytest.mark.parametrize(
    ("list_id", "target"),
    [
        ("watchlist", PlexList()),
        ("Watchlist", PlexList()),
        ("movies", PlexList("1")),
        ("watchlist/shows", PlexList("2")),
        ("watchlist:movies", PlexList("1")),
        ("https://watch.plex.tv/watchlist", PlexList()),
        ("https://app.plex.tv/desktop/#!/provider/tv.plex.provider.discover/watchlist", PlexList()),
        ("https://rss.plex.tv/00000000-1111-2222", PlexList(feed="00000000-1111-2222")),
        ("rss.plex.tv/00000000-1111-2222?format=json", PlexList(feed="00000000-1111-2222")),
    ],
)
def test_every_spelling_names_a_list(list_id: str, target: PlexList):
    assert parse_list_id(list_id) == target


@pytest.mark.parametrize(
    "list_id",
    ["", "friends", "https://watch.plex.tv/movie/sample", "https://rss.plex.tv/", "https://example.org/watchlist"],
)
def test_anything_else_is_refused(list_id: str):
    with pytest.raises(InvalidListId):
        parse_list_id(list_id)


def test_the_address_of_a_feed_is_kept_out_of_sight():
    assert "0000" not in repr(parse_list_id("https://rss.plex.tv/00000000-1111-2222"))


def test_the_watchlist_is_asked_for_page_by_page_with_the_token_in_a_header():
    answers = [served("plex/watchlist-page-1.json"), served("plex/watchlist-page-2.json")]

    pages, asked = asked_for("plex", fetch, "movies", answers, PLEX_TOKEN="token-of-the-test")

    assert [request.query["X-Plex-Container-Start"] for request in asked] == ["0", "2"]
    assert {request.query["type"] for request in asked} == {"1"}
    assert {request.headers["X-Plex-Token"] for request in asked} == {"token-of-the-test"}
    assert [page.total for page in pages] == [3, 3]
    assert items_of(pages)[:2] == [
        MediaItem("Sample 1", MediaType.MOVIE, 1991, MediaIds(tmdb=9001, imdb="tt9000001")),
        MediaItem("Sample 2", MediaType.TV, 1992, MediaIds(tmdb=9002, imdb="tt9000002", tvdb=81002)),
    ]


def test_xml_is_read_like_json():
    listing = parse_listing(answer("plex/watchlist.xml", "plex", Content_Type="application/xml"), start=0)

    assert listing.total == 2
    assert [parse_entry(entry) for entry in listing.entries] == [
        MediaItem("Sample 1 & More", MediaType.MOVIE, 1991, MediaIds(tmdb=9001, imdb="tt9000001")),
        MediaItem("Sample 2", MediaType.TV, 1992, MediaIds(tvdb=81002)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><MediaContainer/>',
        '<!DOCTYPE x [<!ATTLIST Video a CDATA "b">]><MediaContainer/>'.encode("utf-16"),
        b"<MediaContainer>",
        b"<MediaContainer>" + b"<a>" * 2_000_000,
        b"<rss/>",
        b'<?xml version="1.0" encoding="nonsense"?><MediaContainer/>',
    ],
)
def test_xml_that_cannot_be_read_is_an_error(text: bytes):
    with pytest.raises(UnexpectedResponse, match="XML"):
        parse_xml_container(text)


def test_ids_that_are_missing_are_asked_for_once():
    answers = iter(
        [
            served("plex/watchlist-without-ids.json"),
            served("plex/metadata.json"),
            served("plex/watchlist-without-ids.json"),
        ]
    )
    with ScriptedServer(lambda _: next(answers)) as server:
        http = HttpClient("plex", timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
        context = FetchContext(
            http=http, base_url=server.url, credentials={"PLEX_TOKEN": "token"}, memory=Remembering()
        )
        reads = [items_of(fetch("watchlist", context=context)) for _ in range(2)]
        http.close()

    assert reads[0] == reads[1] == [MediaItem("Sample 3", MediaType.MOVIE, 1993, MediaIds(tmdb=9003, imdb="tt9000003"))]
    assert [request.path for request in server.asked][1] == "/library/metadata/5d03"


def test_other_entries_than_were_asked_for_are_an_error():
    with pytest.raises(UnexpectedResponse, match="entries from 0 on came"):
        parse_listing(answer("plex/watchlist.json", "plex"), start=100)


def test_a_feed_is_followed_by_its_cursor_and_needs_no_token():
    first = document("plex/feed.json") | {"links": {"next": "https://rss.plex.tv/0?cursor=abc&format=xml"}}

    pages, asked = asked_for("plex", fetch, "https://rss.plex.tv/0000-1", [Served(first), served("plex/feed.json")])

    assert [(request.path, request.query) for request in asked] == [
        ("/0000-1", {"format": "json"}),
        ("/0000-1", {"format": "json", "cursor": "abc"}),
    ]
    assert pages[0].items == [
        MediaItem("Sample 1", MediaType.MOVIE, 1991, MediaIds(tmdb=9001, imdb="tt9000001")),
        MediaItem("Sample 2", MediaType.TV, None, MediaIds(tvdb=81002)),
    ]


def test_a_missing_token_is_named():
    with pytest.raises(AuthenticationFailed, match="PLEX_TOKEN is not set"):
        asked_for("plex", fetch, "watchlist", [served("plex/watchlist.json")])


def parse(value: object) -> object:
    listing = parse_listing(answer(json.dumps(value).encode(), "plex"), start=0)
    return [parse_entry(entry) for entry in listing.entries]


@given(JSON | changed(document("plex/watchlist.json")) | changed(document("plex/watchlist-broken.json")))
def test_any_json_gives_items_or_a_named_error(value: object):
    result_or_words(parse, value)


@given(JSON | changed(document("plex/feed.json")))
def test_any_feed_gives_items_or_a_named_error(value: object):
    result_or_words(parse_feed, value)


XML = content("plex/watchlist.xml")


@given(
    st.binary()
    | st.builds(lambda at, new: XML[:at] + new + XML[at + 1 :], st.integers(0, len(XML)), st.binary(max_size=4))
)
def test_any_bytes_give_items_or_a_named_error(body: bytes):
    result_or_words(lambda body: parse_listing(answer(body, "plex", Content_Type="application/xml"), start=0), body)


@given(st.text())
def test_any_spelling_is_a_list_or_refused(text: str):
    result_or_words(parse_list_id, text)
