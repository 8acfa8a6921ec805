"""Radarr: spellings, what is asked, entries with and without ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.servarr import parse_library, parse_records
from list_sync.errors import AuthenticationFailed, InvalidListId
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext
from list_sync.providers.radarr import build_server, fetch, parse_list_id, parse_movies
from tests.providers.answers import asked_for, document, items_of, served
from tests.providers.fuzzing import JSON, changed, result_or_words

SETTINGS = {"RADARR_URL": "http://radarr.invalid", "RADARR_API_KEY": "key-of-the-test"}


@pytest.mark.parametrize(
    ("list_id", "kind"),
    [
        ("wanted", "wanted"),
        (" Wanted ", "wanted"),
        ("missing", "wanted"),
        ("/wanted/missing", "wanted"),
        ("all", "all"),
        ("movies", "all"),
    ],
)
def test_every_spelling_names_a_list(list_id: str, kind: str):
    assert parse_list_id(list_id) == kind


@pytest.mark.parametrize("list_id", ["", "cutoff", "12"])
def test_anything_else_is_refused(list_id: str):
    with pytest.raises(InvalidListId, match="write wanted"):
        parse_list_id(list_id)


def test_an_address_is_told_where_it_belongs():
    with pytest.raises(InvalidListId, match="RADARR_URL"):
        parse_list_id("http://192.168.1.10/wanted/missing")


def test_the_address_is_that_of_the_setting_with_its_path():
    http = HttpClient("radarr")
    settings = {**SETTINGS, "RADARR_URL": "https://example.org/radarr/"}
    server = build_server(FetchContext(http=http, credentials=settings))

    assert server.address == "https://example.org/radarr/"
    assert "key-of-the-test" not in repr(server)
    http.close()


@pytest.mark.parametrize("missing", SETTINGS)
def test_a_setting_that_is_missing_is_named(missing: str):
    http = HttpClient("radarr")
    settings = {name: value for name, value in SETTINGS.items() if name != missing}

    with pytest.raises(AuthenticationFailed, match=f"{missing} is not set"):
        build_server(FetchContext(http=http, credentials=settings))
    http.close()


def test_what_is_wanted_is_read_to_its_end():
    answers = [served("radarr/wanted-page-1.json"), served("radarr/wanted-page-2.json")]

    pages, asked = asked_for("radarr", fetch, "wanted", answers, **SETTINGS)

    assert [request.path for request in asked] == ["/api/v3/wanted/missing"] * 2
    assert [request.query["page"] for request in asked] == ["1", "2"]
    assert {request.headers["X-Api-Key"] for request in asked} == {"key-of-the-test"}
    assert items_of(pages) == [
        MediaItem("Sample 1", MediaType.MOVIE, 1991, MediaIds(tmdb=9001, imdb="tt9000001")),
        MediaItem("Sample 2", MediaType.MOVIE, 1992, MediaIds(tmdb=9002)),
        MediaItem("Sample 3", MediaType.MOVIE, 1993, MediaIds(tmdb=9003, imdb="tt9000003")),
    ]


def test_the_library_is_one_document():
    pages, asked = asked_for("radarr", fetch, "all", [served("radarr/movies.json")], **SETTINGS)

    assert [request.path for request in asked] == ["/api/v3/movie"]
    assert (len(items_of(pages)), pages[0].total) == (3, 3)


def parse(value: object) -> object:
    records, total = parse_records(value, service="radarr")
    return parse_movies(records, total=total)


@given(JSON | changed(document("radarr/wanted.json")))
def test_any_json_gives_items_or_a_named_error(value: object):
    result_or_words(parse, value)


@given(JSON | changed(document("radarr/movies.json")))
def test_any_library_gives_items_or_a_named_error(value: object):
    result_or_words(lambda value: parse_movies(parse_library(value, service="radarr"), total=0), value)


@given(st.text())
def test_any_spelling_is_a_list_or_refused(text: str):
    result_or_words(parse_list_id, text)
