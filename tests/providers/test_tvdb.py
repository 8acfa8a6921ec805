"""TheTVDB: spellings, the token, films that are looked up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.errors import AuthenticationFailed, InvalidListId
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext
from list_sync.providers.tvdb import fetch, parse_data, parse_film, parse_list, parse_list_id
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Asked, ScriptedServer, Served
from tests.providers.answers import Remembering, asked_for, document, items_of, served
from tests.providers.fuzzing import JSON, changed, result_or_words

LOGIN, LIST, SHOWS, MOVIE = (served(f"tvdb/{name}.json") for name in ("login", "list", "list-shows", "movie"))


@pytest.mark.parametrize(
    ("list_id", "name"),
    [
        ("8194", "8194"),
        ("lists/8194", "8194"),
        ("marvel-cinematic-universe", "marvel-cinematic-universe"),
        ("https://thetvdb.com/lists/marvel-cinematic-universe", "marvel-cinematic-universe"),
        ("https://www.thetvdb.com/lists/8194/?x=1#y", "8194"),
        ("thetvdb.com/lists/star-wars", "star-wars"),
    ],
)
def test_every_spelling_names_a_list(list_id: str, name: str):
    assert parse_list_id(list_id) == name


@pytest.mark.parametrize(
    "list_id",
    [
        "",
        "two words",
        "user/12/favorites",
        "https://thetvdb.com/user/12/favorites",
        "https://thetvdb.com/series/sample",
        "https://thetvdb.com/lists",
        "https://example.org/lists/8194",
    ],
)
def test_anything_else_is_refused(list_id: str):
    with pytest.raises(InvalidListId):
        parse_list_id(list_id)


def test_shows_are_known_by_their_number_and_films_by_the_ids_that_thetvdb_knows():
    pages, asked = asked_for("tvdb", fetch, "8194", [LOGIN, LIST, MOVIE], TVDB_KEY="key-of-the-test")

    assert items_of(pages) == [
        MediaItem("", MediaType.TV, None, MediaIds(tvdb=81001)),
        MediaItem("", MediaType.TV, None, MediaIds(tvdb=81002)),
        MediaItem("Muster Film", MediaType.MOVIE, 1999, MediaIds(tmdb=9001, imdb="tt9000001")),
    ]
    assert (pages[-1].total, sum(page.unsupported for page in pages)) == (4, 1)
    assert [request.path for request in asked] == ["/login", "/lists/8194/extended", "/movies/31/extended"]
    assert asked[0].json == {"apikey": "key-of-the-test"}
    assert {request.headers["Authorization"] for request in asked[1:]} == {"Bearer token-of-the-test"}


def test_a_name_is_looked_up_first_and_a_pin_goes_with_the_key():
    found = Served({"status": "success", "data": {"id": 8194}})

    _, asked = asked_for("tvdb", fetch, "samples", [LOGIN, found, SHOWS], TVDB_KEY="key", TVDB_PIN="pin")

    assert [request.path for request in asked] == ["/login", "/lists/slug/samples", "/lists/8194/extended"]
    assert asked[0].json == {"apikey": "key", "pin": "pin"}


class Tvdb:
    """A small TheTVDB whose tokens run out when it is told so."""

    def __init__(self) -> None:
        self.logins = 0
        self.is_token_good = True

    def __call__(self, asked: Asked) -> Served:
        if asked.path == "/login":
            self.logins += 1
            self.is_token_good = True
            return Served({"status": "success", "data": {"token": f"token-{self.logins}"}})
        if not self.is_token_good:
            return Served({"status": "failure", "message": "Unauthorized"}, 401)
        return MOVIE if "/movies/" in asked.path else LIST


@pytest.fixture
def tvdb():
    return Tvdb()


@pytest.fixture
def server(tvdb):
    with ScriptedServer(tvdb) as server:
        yield server


@pytest.fixture
def context(server):
    http = HttpClient("tvdb", timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
    yield FetchContext(http=http, base_url=server.url, credentials={"TVDB_KEY": "key"}, memory=Remembering())
    http.close()


def test_the_token_and_the_films_are_asked_for_once_and_a_token_that_ran_out_again(tvdb, server, context):
    list(fetch("8194", context=context))
    list(fetch("8194", context=context))
    assert tvdb.logins == 1
    tvdb.is_token_good = False
    pages = list(fetch("8194", context=context))

    assert (tvdb.logins, len(items_of(pages))) == (2, 3)
    assert sum("/movies/" in request.path for request in server.asked) == 1


def test_a_refused_token_is_not_forgotten_if_another_list_has_a_new_one(tvdb, context):
    list(fetch("8194", context=context))
    tvdb.is_token_good = False
    ask = context.http.get_json

    def ask_while_another_list_gets_a_token(*arguments, **more):
        context.http.get_json = ask
        try:
            return ask(*arguments, **more)
        finally:
            list(fetch("8194", context=context))

    context.http.get_json = ask_while_another_list_gets_a_token
    pages = list(fetch("8194", context=context))

    assert (tvdb.logins, len(items_of(pages))) == (2, 3)


def test_a_missing_key_is_named():
    with pytest.raises(AuthenticationFailed, match="TVDB_KEY is not set"):
        asked_for("tvdb", fetch, "8194", [LOGIN])


def parse(value: object) -> object:
    data = parse_data(value)
    return parse_film(data), parse_list(data)


@given(JSON | changed(document("tvdb/list.json")) | changed(document("tvdb/movie.json")))
def test_any_json_gives_items_or_a_named_error(value: object):
    result_or_words(parse, value)


@given(st.text())
def test_any_spelling_is_a_list_or_refused(text: str):
    result_or_words(parse_list_id, text)
