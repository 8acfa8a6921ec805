"""StevenLu: spellings of feeds and what is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.errors import InvalidListId
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers.stevenlu import feed_url, fetch, parse_feed, parse_list_id
from tests.providers.answers import asked_for, document, served
from tests.providers.fuzzing import JSON, changed, result_or_words


@pytest.mark.parametrize(
    ("list_id", "feed"),
    [
        ("stevenlu", "movies"),
        ("StevenLu", "movies"),
        ("movies", "movies"),
        ("all-movies", "all-movies"),
        ("movies-metacritic-min70", "movies-metacritic-min70"),
        ("movies-metacritic-min70.json", "movies-metacritic-min70"),
        ("https://movies.stevenlu.com", "movies"),
        ("https://movies.stevenlu.com/", "movies"),
        ("movies.stevenlu.com/movies-imdb-min7.json", "movies-imdb-min7"),
        ("https://popular-movies-data.stevenlu.com/movies.json?x=1", "movies"),
        ("https://s3.amazonaws.com/popular-movies/movies.json", "movies"),
    ],
)
def test_every_spelling_names_a_feed(list_id: str, feed: str):
    assert parse_list_id(list_id) == feed


@pytest.mark.parametrize("list_id", ["", "series", "movies/../x", "https://movies.stevenlu.com/about"])
def test_anything_else_is_refused(list_id: str):
    with pytest.raises(InvalidListId, match="write stevenlu"):
        parse_list_id(list_id)


def test_other_addresses_are_the_business_of_the_file_provider():
    with pytest.raises(InvalidListId, match="FILE_LISTS"):
        parse_list_id("https://example.org/movies.json")


def test_a_feed_is_one_document():
    pages, asked = asked_for("stevenlu", fetch, "movies-imdb-min8", [served("stevenlu/movies.json")])

    assert [request.path for request in asked] == ["/movies-imdb-min8.json"]
    assert feed_url("https://example.org", "stevenlu") == "https://example.org/movies.json"
    assert pages[0].total == 2
    assert pages[0].items == [
        MediaItem("Sample Film", MediaType.MOVIE, None, MediaIds(tmdb=9001, imdb="tt9000001")),
        MediaItem("Second Sample", MediaType.MOVIE, None, MediaIds(imdb="tt9000002")),
    ]


def test_entries_without_title_and_id_are_not_understood():
    page = parse_feed(document("stevenlu/movies-broken.json"))

    assert (page.items, page.not_understood, page.total) == ([], 1, 1)


@given(JSON | changed(document("stevenlu/movies.json")))
def test_any_json_gives_items_or_a_named_error(value: object):
    result_or_words(parse_feed, value)


@given(st.text())
def test_any_spelling_is_a_feed_or_refused(text: str):
    result_or_words(parse_list_id, text)
