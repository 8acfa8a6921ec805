"""IMDb's web pages, as a browser gets them. The documents are made here: of their kind only a list is on record."""

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync import footprint
from list_sync.api.http.client import HttpClient
from list_sync.browser import BrowserPool
from list_sync.errors import NotOffered, Private, ResourceNotFound, TooLarge, UnexpectedResponse
from list_sync.providers import FetchContext, get_provider
from list_sync.providers.imdb.parse import page_url, parse_page
from list_sync.providers.imdb.urls import CHARTS, Kind, parse_list_id
from tests.providers.fuzzing import changed, result_or_words


def node(number):
    return {
        "id": f"tt900{number:04d}",
        "titleText": {"text": f"Title {number}"},
        "titleType": {"id": "movie"},
        "releaseYear": {"year": 1990},
    }


def connection(*numbers, total=None):
    return {"total": total or len(numbers), "edges": [{"listItem": node(number)} for number in numbers]}


def list_page(*numbers, total=None, owner="list"):
    column = {owner: {"titleListItemSearch": connection(*numbers, total=total)}}
    return {"totalItems": total or len(numbers), "mainColumnData": column}


def html(properties):
    data = json.dumps({"props": {"pageProps": properties}})
    return f'<html><body><script id="__NEXT_DATA__" type="application/json">{data}</script></body></html>'


def titles(page):
    return [item.title for item in page.items]


def test_a_list_and_a_watchlist_are_read_from_the_data_of_their_pages():
    page = parse_page(html(list_page(1, 2)), Kind.LIST)

    assert (titles(page), page.total) == (["Title 1", "Title 2"], 2)
    assert parse_page(html(list_page(1, 2, owner="predefinedList")), Kind.PROFILE) == page


def test_the_total_of_the_page_counts_where_its_list_states_none():
    properties = list_page(1, 2, total=300)
    del properties["mainColumnData"]["list"]["titleListItemSearch"]["total"]

    assert parse_page(html(properties), Kind.LIST).total == 300


@pytest.mark.parametrize(
    "document", [html({}) + "<a>" * 100_001, html({}) + " " * 8_400_000], ids=["many tags", "very long"]
)
def test_a_page_that_is_too_large_to_be_one_of_imdbs_is_not_parsed(document):
    with pytest.raises(UnexpectedResponse, match="too large to be one of IMDb's"):
        parse_page(document, Kind.LIST)


def test_the_data_of_a_page_may_become_only_so_much(monkeypatch):
    monkeypatch.setattr(footprint, "LIMIT_BYTES", 2_000_000)

    with pytest.raises(TooLarge):
        parse_page(html({"rows": [{}] * 100_000}), Kind.LIST)


def test_a_list_that_really_is_empty_is_empty():
    page = parse_page(html({"mainColumnData": {"list": {"titleListItemSearch": {"total": 0, "edges": []}}}}), Kind.LIST)

    assert (page.items, page.total) == ([], 0)


def test_a_chart_is_whole_and_so_is_the_box_office():
    chart = {"chartTitles": {"edges": [{"currentRank": number, "node": node(number)} for number in (1, 2)]}}
    releases = [{"node": {"release": {"titles": [node(number)]}}} for number in (3, 4)]

    page = parse_page(html({"pageData": chart}), Kind.CHART)
    assert (titles(page), page.total) == (["Title 1", "Title 2"], 2)
    page = parse_page(html({"pageData": {"topGrossingReleases": {"edges": releases}}}), Kind.BOX_OFFICE)
    assert (titles(page), page.total) == (["Title 3", "Title 4"], 2)


@pytest.mark.parametrize(
    ("properties", "error"),
    [
        ({"mainColumnData": {"list": None}}, ResourceNotFound),
        ({"mainColumnData": {"list": None}, "aboveTheFoldData": {"visibility": "PRIVATE"}}, Private),
        ({"mainColumnData": {}}, UnexpectedResponse),
        ({}, UnexpectedResponse),
    ],
)
def test_a_page_without_a_list_says_why(properties, error):
    with pytest.raises(error):
        parse_page(html(properties), Kind.LIST)


@given(st.text(), st.sampled_from(Kind))
def test_any_text_gives_items_or_a_named_error(text, kind):
    result_or_words(lambda document: parse_page(document, kind), text)


@given(changed(list_page(1, 2)), st.sampled_from(Kind))
def test_any_change_of_a_page_gives_items_or_a_named_error(properties, kind):
    result_or_words(lambda document: parse_page(html(document), kind), properties)


@given(changed({"pageData": {"releases": {"edges": [{"node": {"release": {"titles": [node(1)]}}}]}}}))
def test_any_change_of_the_box_office_gives_items_or_a_named_error(properties):
    result_or_words(lambda document: parse_page(html(document), Kind.BOX_OFFICE), properties)


@pytest.mark.parametrize(
    ("list_id", "address"),
    [
        ("ls000000001", "https://www.imdb.com/list/ls000000001/?page=2"),
        ("ur0000001", "https://www.imdb.com/user/ur0000001/watchlist/?page=2"),
        ("p.someone", "https://www.imdb.com/user/p.someone/watchlist/?page=2"),
        ("top", "https://www.imdb.com/chart/top/"),
        ("boxoffice", "https://www.imdb.com/chart/boxoffice/"),
        ("top-rated-english-movies", "https://www.imdb.com/chart/top-english-movies/"),
        ("top-rated-tamil-movies", "https://www.imdb.com/india/top-rated-tamil-movies/"),
    ],
)
def test_every_kind_of_list_has_its_address(list_id, address):
    assert page_url("https://www.imdb.com", parse_list_id(list_id), 2) == address


@pytest.mark.parametrize("chart", CHARTS)
def test_the_address_of_a_chart_names_that_chart(chart):
    assert CHARTS[parse_list_id(page_url("https://www.imdb.com", parse_list_id(chart), 1)).id] == CHARTS[chart]


def test_without_a_browser_the_route_is_skipped_with_the_reason(tmp_path):
    pool = BrowserPool(0, stop=threading.Event(), folder=tmp_path)
    context = FetchContext(http=HttpClient("imdb"), base_url="http://127.0.0.1:9", overridden=True, browser=pool)
    provider = get_provider("imdb")
    route = next(route for route in provider.routes if route.name == "browser")

    with pytest.raises(NotOffered, match="SELENIUM_POOL_SIZE=0"):
        list(provider.pages("ls000000001", context, route=route))
