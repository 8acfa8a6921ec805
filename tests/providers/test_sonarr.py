"""Sonarr: spellings, what is asked, entries with and without ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.servarr import parse_library, parse_records
from list_sync.errors import AuthenticationFailed, InvalidListId
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext
from list_sync.providers.sonarr import build_server, fetch, parse_episodes, parse_list_id, parse_show
from tests.fakes.scripted_server import Asked, Served
from tests.providers.answers import asked_for, document, items_of, served
from tests.providers.fuzzing import JSON, changed, result_or_words

SETTINGS = {"SONARR_URL": "http://sonarr.invalid", "SONARR_API_KEY": "key-of-the-test"}


@pytest.mark.parametrize(
    ("list_id", "kind"),
    [
        ("wanted", "wanted"),
        (" Wanted ", "wanted"),
        ("missing", "wanted"),
        ("/wanted/missing", "wanted"),
        ("all", "all"),
        ("series", "all"),
    ],
)
def test_every_spelling_names_a_list(list_id: str, kind: str):
    assert parse_list_id(list_id) == kind


@pytest.mark.parametrize("list_id", ["", "cutoff", "12"])
def test_anything_else_is_refused(list_id: str):
    with pytest.raises(InvalidListId, match="write wanted"):
        parse_list_id(list_id)


def test_an_address_is_told_where_it_belongs():
    with pytest.raises(InvalidListId, match="SONARR_URL"):
        parse_list_id("http://192.168.1.10/wanted/missing")


def test_the_address_is_that_of_the_setting_with_its_path():
    http = HttpClient("sonarr")
    settings = {**SETTINGS, "SONARR_URL": "https://example.org/sonarr/"}
    server = build_server(FetchContext(http=http, credentials=settings))

    assert server.address == "https://example.org/sonarr/"
    assert "key-of-the-test" not in repr(server)
    http.close()


@pytest.mark.parametrize("missing", SETTINGS)
def test_a_setting_that_is_missing_is_named(missing: str):
    http = HttpClient("sonarr")
    settings = {name: value for name, value in SETTINGS.items() if name != missing}

    with pytest.raises(AuthenticationFailed, match=f"{missing} is not set"):
        build_server(FetchContext(http=http, credentials=settings))
    http.close()


def test_each_show_is_wanted_once_however_many_of_its_episodes_are():
    answers = [served("sonarr/wanted-page-1.json"), served("sonarr/wanted-page-2.json")]

    pages, asked = asked_for("sonarr", fetch, "wanted", answers, **SETTINGS)

    assert [request.query["page"] for request in asked] == ["1", "2"]
    assert {request.query["includeSeries"] for request in asked} == {"true"}
    assert {request.headers["X-Api-Key"] for request in asked} == {"key-of-the-test"}
    assert items_of(pages) == [
        MediaItem("Sample 1", MediaType.TV, 1991, MediaIds(tmdb=9001, imdb="tt9000001", tvdb=81001)),
        MediaItem("Sample 2", MediaType.TV, 1992, MediaIds(tmdb=9002, tvdb=81002)),
    ]
    assert pages[-1].total == 2


def test_many_pages_of_one_show_are_no_lost_end():
    episode = document("sonarr/wanted.json")["records"][0]

    def wanted(asked: Asked) -> Served:
        number = int(asked.query["page"])
        records = [{**episode, "id": number}]
        return Served({"page": number, "totalRecords": 12, "records": records})

    pages, asked = asked_for("sonarr", fetch, "wanted", wanted, **SETTINGS)

    assert (len(items_of(pages)), pages[-1].total, len(asked)) == (1, 1, 12)


def test_the_library_is_one_document():
    pages, asked = asked_for("sonarr", fetch, "all", [served("sonarr/series.json")], **SETTINGS)

    assert [request.path for request in asked] == ["/api/v3/series"]
    assert (len(items_of(pages)), pages[0].total) == (2, 2)


def parse(value: object) -> object:
    records, _ = parse_records(value, service="sonarr")
    return parse_episodes(records)


@given(JSON | changed(document("sonarr/wanted.json")))
def test_any_json_gives_items_or_a_named_error(value: object):
    result_or_words(parse, value)


@given(JSON | changed(document("sonarr/series.json")))
def test_any_library_gives_items_or_a_named_error(value: object):
    result_or_words(lambda value: [parse_show(entry) for entry in parse_library(value, service="sonarr")], value)


@given(st.text())
def test_any_spelling_is_a_list_or_refused(text: str):
    result_or_words(parse_list_id, text)
