"""TMDB asked directly: by the user's own key, and never to the harm of a sync."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.tmdb import TmdbCatalogue, parse_found
from list_sync.errors import UnexpectedResponse
from list_sync.model.matches import Candidate
from list_sync.model.titles import MediaType
from tests.fakes.catalogue import FakeCatalogue
from tests.fakes.scripted_server import ScriptedServer, Served

FILM = {"id": 603, "title": "The Matrix", "original_title": "The Matrix", "release_date": "1999-03-30"}
SHOW = {"id": 1399, "name": "Game of Thrones", "original_name": "Game of Thrones", "first_air_date": ""}
ANSWER = {"movie_results": [FILM], "tv_results": [SHOW], "person_results": [], "tv_episode_results": []}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ANSWER, "id", "title"]), inner),
)


class MediaServer(FakeCatalogue):
    """The media-request server, which counts how often it is asked."""

    def __init__(self):
        super().__init__()
        self.asked = 0

    def find_by_imdb(self, imdb_id):
        self.asked += 1
        return (Candidate(MediaType.MOVIE, 1, "from the server"),)

    def find_by_tvdb(self, tvdb_id):
        return self.find_by_imdb(str(tvdb_id))


@pytest.fixture
def ask():
    """Return a function that opens a catalogue over prepared answers of TMDB."""
    opened = []

    def open_catalogue(*answers, key="0123456789abcdef0123456789abcdef"):
        source = ScriptedServer(answers)
        source.__enter__()
        http = HttpClient("tmdb", retry_attempts=1)
        opened.extend((http.close, lambda: source.__exit__(None, None, None)))
        server = MediaServer()
        return TmdbCatalogue(server, http, key=key, base_url=source.url), server, source

    yield open_catalogue
    for close in opened:
        close()


def test_ids_are_looked_up_at_tmdb_and_not_on_the_server(ask):
    catalogue, server, source = ask(Served(ANSWER))

    found = catalogue.find_by_imdb("tt0133093")

    assert [(one.media_type, one.tmdb_id, one.title, one.year) for one in found] == [
        (MediaType.MOVIE, 603, "The Matrix", 1999),
        (MediaType.TV, 1399, "Game of Thrones", None),
    ]
    assert server.asked == 0
    assert source.asked[0].path == "/3/find/tt0133093"
    assert source.asked[0].query["external_source"] == "imdb_id"


def test_a_tvdb_number_names_shows_only(ask):
    catalogue, _, _ = ask(Served(ANSWER))

    assert [one.media_type for one in catalogue.find_by_tvdb(121361)] == [MediaType.TV]


def test_a_read_access_token_goes_into_a_header_and_a_key_into_the_query(ask):
    by_key, _, keyed = ask(Served(ANSWER))
    by_token, _, tokened = ask(Served(ANSWER), key="head.body.signature")
    by_key.find_by_imdb("tt0133093")
    by_token.find_by_imdb("tt0133093")

    assert "api_key" in keyed.asked[0].query
    assert tokened.asked[0].headers["Authorization"] == "Bearer head.body.signature"
    assert "api_key" not in tokened.asked[0].query
    assert "0123456789abcdef" not in repr(by_key)


@pytest.mark.parametrize("bad", [Served({"status_code": 7}, status=401), Served("<html>", status=503), Served("[]")])
def test_when_tmdb_fails_the_server_is_asked_for_the_rest_and_the_key_is_not_told(ask, caplog, bad):
    catalogue, server, source = ask(bad)

    assert catalogue.find_by_imdb("tt0133093")[0].title == "from the server"
    assert catalogue.find_by_tvdb(121361)[0].title == "from the server"

    assert server.asked == 2
    assert len(source.asked) == 1
    assert "TMDB_KEY" in caplog.text
    assert "0123456789abcdef" not in caplog.text


@given(json_values)
def test_whatever_tmdb_answers_is_titles_or_a_named_error(document):
    try:
        found = parse_found(document)
    except UnexpectedResponse:
        return
    assert all(isinstance(one, Candidate) for one in found)
