"""TMDB: spellings, keys of both versions, pages and entries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.sources.tmdb import is_token
from list_sync.errors import AuthenticationFailed, InvalidListId, UnexpectedResponse
from list_sync.model.sources import Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers.tmdb import (
    TmdbList,
    fetch,
    find_error,
    parse_collection,
    parse_entry,
    parse_list,
    parse_list_id,
)
from tests.fakes.scripted_server import Served
from tests.providers.answers import answer, asked_for, document, items_of, served
from tests.providers.fuzzing import JSON, changed, result_or_words

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "head.body.signature"


@pytest.mark.parametrize(
    ("list_id", "target"),
    [
        ("12345", TmdbList("list", 12345)),
        (" 12345-the-name ", TmdbList("list", 12345)),
        ("list/12345", TmdbList("list", 12345)),
        ("https://www.themoviedb.org/list/12345", TmdbList("list", 12345)),
        ("https://www.themoviedb.org/list/12345-the-name?language=de#x", TmdbList("list", 12345)),
        ("themoviedb.org/list/12345/", TmdbList("list", 12345)),
        ("https://www.themoviedb.org/collection/10-star-wars-collection", TmdbList("collection", 10)),
        ("collection/10", TmdbList("collection", 10)),
        ("collection:10", TmdbList("collection", 10)),
    ],
)
def test_every_spelling_names_a_list(list_id: str, target: TmdbList):
    assert parse_list_id(list_id) == target


@pytest.mark.parametrize(
    "list_id",
    [
        "",
        "0",
        "name",
        "movie/603",
        "https://www.themoviedb.org/movie/603-the-matrix",
        "https://www.themoviedb.org/u/someone/watchlist",
        "https://www.themoviedb.org/list/name",
        "https://example.org/list/12345",
    ],
)
def test_anything_else_is_refused(list_id: str):
    with pytest.raises(InvalidListId):
        parse_list_id(list_id)


def test_a_v3_key_reads_version_3_and_travels_in_the_query():
    answers = [served("tmdb/list-page-1.json"), served("tmdb/list-page-2.json")]

    pages, asked = asked_for("tmdb", fetch, "12345", answers, TMDB_KEY=KEY)

    assert [(request.path, request.query) for request in asked] == [
        ("/3/list/12345", {"page": "1", "api_key": KEY}),
        ("/3/list/12345", {"page": "2", "api_key": KEY}),
    ]
    assert [item.ids.tmdb for item in items_of(pages)] == [9001, 9002, 9003, 9004, 9005]


def test_a_v4_token_reads_version_4_and_travels_in_a_header():
    pages, asked = asked_for("tmdb", fetch, "12345", [served("tmdb/list-v4.json")], TMDB_KEY=TOKEN)

    assert (asked[0].path, asked[0].query) == ("/4/list/12345", {"page": "1"})
    assert asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert pages[0].total == 2
    assert (is_token(KEY), is_token(TOKEN)) == (False, True)


def test_a_list_that_states_entries_but_no_pages_is_read_on():
    first = Served({"items": [{"id": 1, "title": "One"}], "item_count": 2})
    second = Served({"items": [{"id": 2, "title": "Two"}], "item_count": 2})

    pages, asked = asked_for("tmdb", fetch, "12345", [first, second], TMDB_KEY=KEY)

    assert (len(items_of(pages)), len(asked)) == (2, 2)


def test_another_page_than_was_asked_for_is_an_error():
    with pytest.raises(UnexpectedResponse, match="page 1 came where page 2"):
        parse_list(document("tmdb/list-page-1.json"), 2)


@pytest.mark.parametrize(
    ("entry", "item"),
    [
        (
            {"id": 1, "media_type": "movie", "title": "One", "release_date": "1999-03-31"},
            MediaItem("One", MediaType.MOVIE, 1999, MediaIds(tmdb=1)),
        ),
        ({"id": 1, "title": "", "release_date": ""}, MediaItem("", MediaType.MOVIE, None, MediaIds(tmdb=1))),
        (
            {"id": 2, "name": "Two", "first_air_date": "2011-01-01"},
            MediaItem("Two", MediaType.TV, 2011, MediaIds(tmdb=2)),
        ),
        ({"id": 3, "media_type": "person", "name": "Someone"}, Unsupported("person")),
    ],
)
def test_an_entry_is_a_film_or_a_show_by_its_number(entry: dict, item: MediaItem | Unsupported):
    assert parse_entry(entry) == item


@pytest.mark.parametrize("odd", [None, {"id": 0, "title": "Zero"}, 5])
def test_one_odd_entry_among_good_ones_is_not_understood_and_the_others_stand(odd: object):
    good = {"id": 1, "media_type": "movie", "title": "One"}
    page = parse_list({"results": [good, odd], "total_results": 42}, 1, after=20).page

    assert ([item.title for item in page.items], page.total) == (["One"], 42)
    assert [entry.place for entry in page.first_not_understood] == ["entry 22"]


def test_a_missing_key_is_named():
    with pytest.raises(AuthenticationFailed, match="TMDB_KEY is not set"):
        asked_for("tmdb", fetch, "12345", [served("tmdb/list.json")])


def test_an_error_is_never_without_advice():
    assert "make a free one" in str(find_error(answer("tmdb/bad-key.json", "tmdb", status=401)))
    assert "make the list public" in str(find_error(answer("tmdb/private.json", "tmdb", status=401)))
    assert "TMDB_KEY" in str(find_error(answer(b"no JSON", "tmdb", status=401)))
    assert find_error(answer(b"", "tmdb", status=500)) is None


LISTS = [document(f"tmdb/{name}.json") for name in ("list", "list-v4", "list-broken")]


@given(JSON | st.one_of([changed(value) for value in LISTS]) | changed(document("tmdb/collection.json")))
def test_any_json_gives_items_or_a_named_error(value: object):
    result_or_words(lambda document: parse_list(document, 1), value)
    result_or_words(parse_collection, value)


@given(st.text())
def test_any_spelling_is_a_list_or_refused(text: str):
    result_or_words(parse_list_id, text)
