"""MDBList: spellings of lists, routes, answer shapes and error bodies."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from list_sync.api.http.client import HttpAnswer, HttpClient
from list_sync.api.sources.mdblist import API_URL, find_error, parse_answer, parse_ids
from list_sync.errors import (
    AuthenticationFailed,
    InvalidListId,
    ListSyncError,
    Private,
    RateLimited,
    ResourceNotFound,
    UnexpectedResponse,
)
from list_sync.model.titles import MediaType
from list_sync.providers import FetchContext
from list_sync.providers.mdblist import PUBLIC_URL, choose_route, fetch, parse_list_id
from tests.fakes.scripted_server import Asked, ScriptedServer, Served


def answer(document: object, status: int = 200, **headers: str) -> HttpAnswer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(status, CaseInsensitiveDict(named), body, PUBLIC_URL, "mdblist")


def a_context(**more: object) -> FetchContext:
    return FetchContext(http=HttpClient("mdblist"), **{"base_url": API_URL, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "list_id",
    [
        "someone/top-films",
        " someone/top-films/ ",
        "lists/someone/top-films",
        "https://mdblist.com/lists/someone/top-films",
        "http://www.mdblist.com/lists/someone/top-films/",
        "mdblist.com/lists/someone/top-films?sort=rank&page=2#items",
        "https://mdblist.com/lists/someone/top-films/json",
        "https://mdblist.com/lists/someone/top-films/json?limit=10",
        "https://api.mdblist.com/lists/someone/top-films/items?apikey=secret",
        "HTTPS://MDBLIST.COM/Lists/someone/top-films",
    ],
)
def test_every_spelling_of_a_list_is_one_address(list_id: str):
    address = parse_list_id(list_id)

    assert address.api == "lists/someone/top-films/items"
    assert address.public == "lists/someone/top-films/json"


@pytest.mark.parametrize(
    ("list_id", "api", "public"),
    [
        ("12345", "lists/12345/items", None),
        ("https://mdblist.com/lists/12345", "lists/12345/items", None),
        ("watchlist", "watchlist/items", None),
        ("https://mdblist.com/watchlist", "watchlist/items", None),
        ("https://mdblist.com/watchlist/?sort=x", "watchlist/items", None),
        ("external/77", "external/lists/77/items", None),
        ("https://mdblist.com/lists/me/external/77", "external/lists/77/items", "lists/me/external/77/json"),
        ("o'neil/a+b ü".replace(" ", ""), "lists/o%27neil/a%2Bb%C3%BC/items", "lists/o%27neil/a%2Bb%C3%BC/json"),
        ("me/caf%C3%A9", "lists/me/caf%C3%A9/items", "lists/me/caf%C3%A9/json"),
    ],
)
def test_other_kinds_of_lists(list_id: str, api: str, public: str | None):
    assert (parse_list_id(list_id).api, parse_list_id(list_id).public) == (api, public)


@pytest.mark.parametrize(
    "list_id",
    [
        "",
        "someone",
        "a/b/c",
        "https://trakt.tv/users/a/lists/b",
        "https://mdblist.com/",
        "https://mdblist.com/movie/tt0133093",
        "https://notmdblist.com/lists/a/b",
        "../secret",
        "a/..",
        "a/%2e%2e",
        "a/b c",
        "lists/a",
        "https://mdblist.com/lists/",
    ],
)
def test_other_spellings_are_refused_with_the_forms_that_are_accepted(list_id: str):
    with pytest.raises(InvalidListId, match="user/list-name"):
        parse_list_id(list_id)


@given(st.text(max_size=80))
def test_any_text_is_a_list_or_is_refused(text: str):
    try:
        address = parse_list_id(text)
    except InvalidListId:
        return
    assert ".." not in address.api.split("/")
    assert address.api.isascii()
    assert "?" not in address.api


def test_the_api_is_used_with_a_key_and_the_public_json_without():
    address = parse_list_id("someone/top")

    assert choose_route(address, a_context(credentials={"MDBLIST_API_KEY": "k"}))[:2] == (
        f"{API_URL}/lists/someone/top/items",
        "api",
    )
    assert choose_route(address, a_context())[:2] == (f"{PUBLIC_URL}/lists/someone/top/json", "public json")
    mirrored = a_context(base_url="http://mirror", overridden=True)
    assert choose_route(address, mirrored)[0] == "http://mirror/lists/someone/top/json"


@pytest.mark.parametrize("list_id", ["12345", "watchlist", "external/5"])
def test_a_list_that_needs_a_key_says_so(list_id: str):
    with pytest.raises(AuthenticationFailed, match="MDBLIST_API_KEY is not set"):
        choose_route(parse_list_id(list_id), a_context())


def test_the_key_goes_into_the_query_and_pages_follow_the_header():
    def served(asked: Asked) -> Served:
        assert asked.query["apikey"] == "k"
        offset = int(asked.query["offset"])
        entries = [{"title": f"T{number}", "mediatype": "movie"} for number in range(offset, min(offset + 2, 5))]
        return Served(entries, headers={"X-Has-More": "true" if offset + 2 < 5 else "false"})

    with ScriptedServer(served) as server:
        context = a_context(base_url=server.url, overridden=True, credentials={"MDBLIST_API_KEY": "k"})
        pages = list(fetch("a/b", context=context))

    assert [len(page.items) for page in pages] == [2, 2, 1, 0]
    assert (pages[-1].total, pages[-1].route) == (5, "api")
    assert {asked.path for asked in server.asked} == {"/lists/a/b/items"}


@pytest.mark.parametrize(
    "document",
    [
        [{"title": "A", "mediatype": "movie"}, {"title": "B", "mediatype": "show"}],
        {"items": [{"title": "A", "mediatype": "movie"}, {"title": "B", "mediatype": "show"}]},
        {"movies": [{"title": "A", "rank": 1}], "shows": [{"title": "B", "rank": 2}]},
        {"shows": [{"title": "B", "rank": 9}], "movies": [{"title": "A", "rank": 4}]},
        {"movies": [{"title": "A"}, {"title": "B", "mediatype": "show"}]},
    ],
)
def test_every_answer_shape_is_read_in_the_order_of_its_ranks(document: object):
    read = parse_answer(answer(document))

    assert [(item.title, item.media_type) for item in read.page.items] == [
        ("A", MediaType.MOVIE),
        ("B", MediaType.TV),
    ]


@pytest.mark.parametrize("document", [[], {"movies": [], "shows": []}, {"items": []}, {"movies": []}])
def test_an_empty_answer_is_recognised(document: object):
    assert parse_answer(answer(document)).page.entries == 0


@pytest.mark.parametrize("document", [{}, {"hello": []}, None, "text", 5, {"movies": None}])
def test_any_other_shape_is_named(document: object):
    with pytest.raises(UnexpectedResponse, match="expected"):
        parse_answer(answer(document))


def test_entries_that_cannot_be_requested_are_counted():
    read = parse_answer(
        answer([{"title": "A", "mediatype": "movie"}, {"title": "P", "mediatype": "person"}, {"mediatype": "movie"}])
    )

    assert (len(read.page.items), read.page.unsupported_kinds, read.page.entries) == (1, {"person": 1}, 3)
    assert [str(entry) for entry in read.page.first_not_understood] == ["entry 3 (an entry without title and id)"]


@pytest.mark.parametrize("odd", [None, 1, []])
def test_one_odd_entry_among_good_ones_is_not_understood_and_the_others_stand(odd: object):
    page = parse_answer(answer([{"title": "A", "mediatype": "movie"}, odd])).page

    assert ([item.title for item in page.items], page.not_understood) == (["A"], 1)


@pytest.mark.parametrize(
    ("entry", "tmdb"),
    [
        ({"id": 603}, 603),
        ({"id": 603, "tmdb_id": 604}, 604),
        ({"id": 603, "tmdb_id": None}, None),
        ({"id": 603, "tmdb_id": 0}, None),
        ({"id": 603, "ids": {"tmdb": 605, "mdblist": "x"}}, 605),
        ({"id": 603, "ids": {"tmdb": 605}, "tmdb_id": 604}, 605),
        ({"id": 603, "ids": {"tmdb": None}}, None),
        ({"id": 603, "ids": {}}, 603),
        ({"id": 0}, None),
        ({"id": "tt5"}, None),
        ({}, None),
    ],
)
def test_the_tmdb_id_is_the_most_precise_one(entry: dict[str, object], tmdb: int | None):
    assert parse_ids(entry).tmdb == tmdb


def test_the_other_ids_are_read_in_every_spelling():
    assert parse_ids({"imdb_id": "tt0133093", "tvdb_id": 5}).imdb == "tt0133093"
    assert parse_ids({"tvdbid": 7}).tvdb == 7
    assert parse_ids({"tvdb_id": None, "tvdbid": 0}).tvdb is None
    assert parse_ids({"ids": {"imdb": "tt0133093", "tvdb": 9}}).tvdb == 9


@pytest.mark.parametrize(
    ("document", "status", "error"),
    [
        ({"error": "API Limit Reached!"}, 200, RateLimited),
        ({"response": False, "error": "API limit reached"}, 200, RateLimited),
        ({"error": "Invalid API key!"}, 200, AuthenticationFailed),
        ({"error": "Invalid API key!"}, 401, AuthenticationFailed),
        ({"error": "List is private"}, 200, Private),
        ({"error": "no"}, 403, Private),
        ({"error": "List not found"}, 200, ResourceNotFound),
        ({"error": "no"}, 404, ResourceNotFound),
        ({"error": "something new"}, 200, UnexpectedResponse),
    ],
)
def test_an_error_body_is_the_named_error_whatever_the_status(document: object, status: int, error: type):
    assert type(find_error(answer(document, status))) is error


def test_a_list_with_a_film_called_error_is_no_error():
    assert find_error(answer([{"title": '"error"', "error": "x"}])) is None
    assert find_error(answer({"movies": [], "error": None})) is None


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "movies",
                    "shows",
                    "items",
                    "pagination",
                    "next_cursor",
                    "title",
                    "id",
                    "ids",
                    "tmdb",
                    "rank",
                    "mediatype",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(any_json)
def test_any_json_gives_items_or_a_named_error(document: object):
    with contextlib.suppress(ListSyncError):
        assert parse_answer(answer(document)).page.entries >= 0


@given(st.binary(max_size=200))
def test_any_bytes_give_items_or_a_named_error(content: bytes):
    try:
        find_error(answer(content))
        parse_answer(answer(content))
    except ListSyncError:
        pass
