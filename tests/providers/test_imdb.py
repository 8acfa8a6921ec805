import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.errors import (
    InvalidListId,
    ListSyncError,
    Private,
    ResourceNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)
from list_sync.model.sources import Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, get_provider
from list_sync.providers.imdb import fetch
from list_sync.providers.imdb.parse import parse_chart, parse_connection, parse_list, parse_profile
from list_sync.providers.imdb.urls import CHARTS, ImdbList, Kind, chart_query, list_query, parse_list_id, profile_query
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Asked, ScriptedServer, Served
from tests.providers.fuzzing import JSON, changed, result_or_words

FIXTURES = Path(__file__).parent / "fixtures" / "imdb"
KEEPER = MediaItem("The Lighthouse Keeper's Clock", MediaType.MOVIE, 1994, MediaIds(imdb="tt9000001"))


def fixture(name: str) -> dict:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def read(list_id: str, answers, **settings) -> tuple[list[Page], list[Asked]]:
    with ScriptedServer(answers) as server:
        http = HttpClient("imdb", timeout_seconds=PATIENCE_SECONDS, retry_attempts=1, **settings)
        context = FetchContext(http=http, base_url=server.url, list_id=list_id)
        pages = list(fetch(list_id, context=context))
        http.close()
        return pages, server.asked


def connection_of(*nodes: dict) -> dict:
    return {"total": len(nodes), "edges": [{"title": node} for node in nodes]}


def typed(type_id: str) -> dict:
    return {"id": "tt9000001", "titleText": {"text": "Some Title"}, "titleType": {"id": type_id}}


LISTS = (
    "ls006123300",
    "LS006123300",
    " ls006123300 ",
    "imdb:ls006123300",
    "https://www.imdb.com/list/ls006123300/",
    "https://www.imdb.com/list/ls006123300/?ref_=uspf_t_1&sort=list_order,asc&page=2",
    "http://m.imdb.com/list/ls006123300",
    "www.imdb.com/list/ls006123300#top",
    "imdb.com/list/ls006123300",
    "HTTPS://WWW.IMDB.COM/list/ls006123300/",
    "https://www.imdb.com/de/list/ls006123300/",
    "https://www.imdb.com/es-es/list/ls006123300/?ref_=x",
    "https://www.imdb.com/list/ls006123300/export",
    "/list/ls006123300/",
    "list/ls006123300",
)
WATCHLISTS = (
    "ur15738437",
    "UR15738437",
    "ur15738437/watchlist",
    "user/ur15738437/watchlist",
    "https://www.imdb.com/user/ur15738437/watchlist",
    "https://www.imdb.com/user/ur15738437/watchlist/?ref_=wl_go&view=grid",
    "https://m.imdb.com/user/ur15738437/watchlist/",
    "https://www.imdb.com/fr-ca/user/ur15738437/watchlist/",
    "https://www.imdb.com/user/ur15738437/",
)
PROFILES = (
    ("p.fl6ssabcdefgh_-9XY", "p.fl6ssabcdefgh_-9XY"),
    ("p.colneedham", "p.colneedham"),
    ("imdb:p.colneedham", "p.colneedham"),
    ("user/p.colneedham", "p.colneedham"),
    ("https://www.imdb.com/user/p.colneedham/", "p.colneedham"),
    ("https://www.imdb.com/user/p.fl6SS/watchlist/?ref_=ext_shr_lnk", "p.fl6SS"),
    ("https://m.imdb.com/pt-br/user/p.fl6SS/watchlist", "p.fl6SS"),
)
CHART_SPELLINGS = (
    ("top", "top"),
    ("TopTV", "toptv"),
    ("moviemeter", "moviemeter"),
    ("tvmeter", "tvmeter"),
    ("bottom", "bottom"),
    ("imdb:top", "top"),
    ("chart/top", "top"),
    ("https://www.imdb.com/chart/top/?ref_=nv_mv_250", "top"),
    ("https://m.imdb.com/chart/toptv", "toptv"),
    ("https://www.imdb.com/it/chart/tvmeter/", "tvmeter"),
    ("https://www.imdb.com/chart/top-english-movies/", "top-english-movies"),
    ("https://www.imdb.com/india/top-rated-tamil-movies/", "top-rated-tamil-movies"),
    ("top-rated-indian-movies", "top-rated-indian-movies"),
)


@pytest.mark.parametrize("spelling", LISTS)
def test_every_spelling_of_a_list_is_its_id(spelling):
    assert parse_list_id(spelling) == ImdbList(Kind.LIST, "ls006123300")


@pytest.mark.parametrize("spelling", WATCHLISTS)
def test_every_spelling_of_a_user_is_the_watchlist(spelling):
    assert parse_list_id(spelling) == ImdbList(Kind.WATCHLIST, "ur15738437")


@pytest.mark.parametrize(("spelling", "profile"), PROFILES)
def test_a_profile_id_keeps_its_case(spelling, profile):
    assert parse_list_id(spelling) == ImdbList(Kind.PROFILE, profile)


@pytest.mark.parametrize(("spelling", "name"), CHART_SPELLINGS)
def test_every_spelling_of_a_chart_is_its_name(spelling, name):
    assert parse_list_id(spelling) == ImdbList(Kind.CHART, name)


@pytest.mark.parametrize("spelling", ["boxoffice", "https://www.imdb.com/chart/boxoffice/?ref_=nv_ch_cht"])
def test_the_box_office_is_a_kind_of_its_own(spelling):
    assert parse_list_id(spelling) == ImdbList(Kind.BOX_OFFICE, "boxoffice")


@pytest.mark.parametrize(
    ("spelling", "words"),
    [
        ("", "use ls…"),
        ("nonsense", "use ls…"),
        ("ls", "use ls…"),
        ("ls١٢٣٤٥٦", "use ls…"),
        ("ls123456789;drop", "use ls…"),
        ('p.a"b', "use ls…"),
        ("https://www.imdb.com/", "use ls…"),
        ("https://example.org/list/ls006123300", "use ls…"),
        ("https://imdb.com.example.org/list/ls006123300", "use ls…"),
        ("popular", "moviemeter (films) and tvmeter (shows)"),
        ("https://www.imdb.com/list/watchlist", "your own watchlist"),
        ("https://www.imdb.com/user/ur15738437/ratings/", "ratings cannot be read"),
        ("https://www.imdb.com/user/ur15738437/lists/", "open one of the lists"),
        ("https://www.imdb.com/search/title/?genres=horror", "searches cannot be read"),
        ("https://www.imdb.com/title/tt0133093/", "a single title"),
        ("https://www.imdb.com/name/nm0000206/", "a person"),
        ("https://www.imdb.com/chart/unknown", "top, toptv, moviemeter, tvmeter, bottom, boxoffice"),
    ],
)
def test_what_is_no_list_is_refused_with_advice(spelling, words):
    with pytest.raises(InvalidListId, match=r"^not a list of IMDb: [^\n]*$") as refused:
        get_provider("imdb").info.check_list_id(spelling)

    assert words in str(refused.value)


@given(st.text())
def test_any_text_is_a_target_or_an_invalid_list_id(text):
    target = result_or_words(parse_list_id, text)

    if isinstance(target, ImdbList):
        assert target.id.isascii()
        assert not set(target.id) & set('"{}\\ /')
    else:
        assert "\n" not in target


def test_a_list_query_asks_for_a_whole_page_from_its_cursor():
    question = list_query(ImdbList(Kind.LIST, "ls006123300"), "abc")

    assert question["variables"] == {"id": "ls006123300", "first": 250, "after": "abc"}
    assert "list(id: $id)" in question["query"]
    assert (
        "predefinedList(classType: WATCH_LIST, userId: $id)"
        in list_query(ImdbList(Kind.WATCHLIST, "ur1"), None)["query"]
    )
    assert profile_query("p.x")["variables"] == {"id": "p.x"}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_query_names_the_type_of_imdbs_schema(name):
    query = chart_query(ImdbList(Kind.CHART, name))["query"]

    assert f"chartTitles(chart: {{chartType: {CHARTS[name]}}}, first: 250)" in query
    assert query.count("{") == query.count("}")


def test_a_list_is_read_over_its_pages_with_the_headers_of_the_web_client():
    pages, asked = read("ls000000017", [Served(fixture("list-page-1")), Served(fixture("list-page-2"))])

    assert [(len(page.items), page.unsupported, page.total) for page in pages] == [(3, 2, 8), (3, 0, 8)]
    assert pages[0].items[0] == KEEPER
    assert [request.json["variables"]["after"] for request in asked] == [None, "b3BhcXVlLTU="]
    for request in asked:
        assert (request.method, request.path) == ("POST", "/")
        assert request.headers["x-imdb-client-name"] == "imdb-web-next"
        assert request.headers["Origin"] == "https://www.imdb.com"
        assert request.headers["Referer"] == "https://www.imdb.com/"
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["User-Agent"].startswith("ListSync/")


def test_the_cursor_of_the_last_page_is_not_followed():
    pages, asked = read("ls000000017", [Served(fixture("list-page-2"))])

    assert (len(pages), len(asked)) == (1, 1)


def test_a_profile_is_turned_into_its_user_before_the_watchlist_is_read():
    pages, asked = read("p.colneedham", [Served(fixture("profile")), Served(fixture("watchlist"))])

    assert [len(page.items) for page in pages] == [2]
    assert [request.json["variables"]["id"] for request in asked] == ["p.colneedham", "ur90000017"]


def test_an_unknown_profile_is_not_found():
    with pytest.raises(ResourceNotFound):
        read("p.nobody", [Served({"data": {"userProfile": None}})])


def test_a_list_whose_cursors_never_end_is_left():
    def endless(asked: Asked) -> Served:
        answer = fixture("list-page-1")
        position = len(asked.json["variables"]["after"] or "")
        answer["data"]["list"]["titleListItemSearch"]["pageInfo"]["endCursor"] = "x" * (position + 1)
        return Served(answer)

    with pytest.raises(UnexpectedResponse, match="never end"):
        read("ls000000017", endless)


@pytest.mark.parametrize(
    "change",
    [{"edges": [], "total": 900}, {"pageInfo": {"hasNextPage": True, "endCursor": None}}],
    ids=["a page without entries", "no cursor"],
)
def test_a_page_that_promises_more_and_gives_no_way_on_is_an_error(change):
    answer = fixture("list-page-1")
    answer["data"]["list"]["titleListItemSearch"].update(change)

    with pytest.raises(UnexpectedResponse):
        read("ls000000017", [Served(answer)])


def test_the_same_cursor_twice_is_an_error():
    with pytest.raises(UnexpectedResponse, match="never end"):
        read("ls000000017", [Served(fixture("list-page-1"))])


def test_a_stopped_run_asks_nothing():
    stop = threading.Event()
    stop.set()

    with pytest.raises(ListSyncError):
        read("ls000000017", [Served(fixture("list-page-2"))], stop=stop)


def test_the_box_office_answers_titles():
    (page,), asked = read("boxoffice", [Served(fixture("box-office"))])

    assert [item.label for item in page.items] == ["Storm Warning (2026)", "Storm Warning 2 (2026)"]
    assert page.total == 2
    assert "boxOfficeWeekendChart" in asked[0].json["query"]


@pytest.mark.parametrize(
    ("type_id", "media_type"),
    [
        ("movie", MediaType.MOVIE),
        ("tvMovie", MediaType.MOVIE),
        ("video", MediaType.MOVIE),
        ("short", MediaType.MOVIE),
        ("tvSeries", MediaType.TV),
        ("tvMiniSeries", MediaType.TV),
        ("tvSpecial", None),
        ("tvShort", None),
    ],
)
def test_a_type_says_what_a_title_is_where_it_can(type_id, media_type):
    (item,) = parse_connection(connection_of(typed(type_id))).items

    assert item.media_type is media_type


@pytest.mark.parametrize("type_id", ["tvEpisode", "videoGame", "musicVideo", "podcastSeries", "podcastEpisode"])
def test_a_type_that_cannot_be_requested_is_counted(type_id, caplog):
    page = parse_connection(connection_of(typed(type_id), typed("movie")))

    assert (len(page.items), page.unsupported) == (1, 1)
    assert not caplog.records


def test_a_type_that_is_not_known_leaves_the_kind_to_the_look_up_by_id():
    page = parse_connection(connection_of(typed("hologram"), typed("movie")))

    assert [item.media_type for item in page.items] == [None, MediaType.MOVIE]
    assert page.items[0].ids.imdb


def test_a_person_is_counted():
    page = parse_connection(connection_of({"id": "nm0000206"}, {"id": "tt0133093"}))

    assert page.items == [MediaItem("", ids=MediaIds(imdb="tt0133093"))]
    assert (page.total, page.unsupported_kinds) == (2, {"person": 1})


def test_a_title_that_was_taken_away_is_not_understood():
    page = parse_connection({"total": 2, "edges": [{"title": None}, {"title": {"id": "tt0133093"}}]})

    assert (len(page.items), page.unsupported, page.total) == (1, 0, 2)
    assert [str(entry) for entry in page.first_not_understood] == ["entry 1 (an entry without the id of a title)"]


@pytest.mark.parametrize("field", ["title", "listItem"])
def test_the_title_may_be_called_title_or_list_item(field):
    node = fixture("watchlist")["data"]["predefinedList"]["titleListItemSearch"]["edges"][0]["title"]

    page = parse_connection({"total": 1, "edges": [{"node": {"absolutePosition": 1, "id": "li5"}, field: node}]})

    assert page.items == [KEEPER]


def test_control_characters_and_odd_years_do_not_reach_an_item():
    node = {"id": "tt9000001", "titleText": {"text": "A\x00 \x1b[31m  B\n"}, "releaseYear": {"year": 99999}}

    (item,) = parse_connection(connection_of(node)).items

    assert (item.title, item.year) == ("A [31m B", None)


def error_answer(code: str | None, message: str = "words", *, data: object = None, **extensions: object) -> dict:
    return {"errors": [{"message": message, "extensions": {"code": code, **extensions}}], "data": data}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error_answer("FORBIDDEN"), Private),
        (error_answer("RESOURCE_NOT_FOUND"), ResourceNotFound),
        (error_answer(None, "Not found"), ResourceNotFound),
        (error_answer("BAD_USER_INPUT"), UnexpectedResponse),
        (error_answer("GRAPHQL_VALIDATION_FAILED"), UnexpectedResponse),
        (error_answer("INTERNAL_SERVER_ERROR"), ServiceUnavailable),
        (error_answer("THROTTLED", isRetryable=True), ServiceUnavailable),
        (error_answer("SOMETHING_NEW"), UnexpectedResponse),
        (error_answer("FORBIDDEN", data=fixture("list-page-2")["data"]), Private),
        ({"errors": ["text"]}, UnexpectedResponse),
        ({"errors": "text"}, UnexpectedResponse),
        ({"errors": [], "data": {"list": None}}, ResourceNotFound),
        ({"data": {}}, UnexpectedResponse),
        ({"data": {"list": {}}}, UnexpectedResponse),
        ({"data": {"list": {"titleListItemSearch": {"edges": []}}}}, UnexpectedResponse),
    ],
)
def test_an_answer_without_a_list_is_its_named_error(answer, kind):
    with pytest.raises(kind):
        parse_list(answer, Kind.LIST)


def test_a_long_error_becomes_one_short_line():
    with pytest.raises(UnexpectedResponse) as raised:
        parse_list(error_answer("BAD_USER_INPUT", "first\nsecond " * 500), Kind.LIST)

    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 400


def test_an_empty_list_is_empty_and_not_an_error():
    batch = parse_list(fixture("list-empty"), Kind.LIST)

    assert (batch.page, batch.cursor) == (Page([], total=0), None)


PARSERS = {
    "list": (lambda document: parse_list(document, Kind.LIST), fixture("list-page-1")),
    "watchlist": (lambda document: parse_list(document, Kind.WATCHLIST), fixture("watchlist")),
    "chart": (lambda document: parse_chart(document, Kind.CHART), fixture("chart")),
    "box office": (lambda document: parse_chart(document, Kind.BOX_OFFICE), fixture("box-office")),
    "profile": (parse_profile, fixture("profile")),
    "errors": (lambda document: parse_list(document, Kind.LIST), fixture("private")),
}


def assert_read_or_named(parse, document: object) -> None:
    result = result_or_words(parse, document)
    page = getattr(result, "page", result)
    if isinstance(page, Page):
        assert all(item.ids.imdb for item in page.items)
        assert page.entries or page.total is not None
    else:
        assert isinstance(result, str)
        assert "\n" not in result


@pytest.mark.parametrize("name", PARSERS)
@given(document=JSON)
def test_any_json_is_read_or_a_named_error(name, document):
    assert_read_or_named(PARSERS[name][0], document)


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_any_change_to_a_valid_answer_is_read_or_a_named_error(name, data):
    parse, document = PARSERS[name]

    assert_read_or_named(parse, data.draw(changed(document)))
