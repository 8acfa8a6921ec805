import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpAnswer, HttpClient
from list_sync.api.sources.trakt import parse_entries, parse_page, read_pages
from list_sync.errors import (
    AuthenticationFailed,
    Blocked,
    InvalidListId,
    RateLimited,
    Refused,
    ResourceNotFound,
    UnexpectedResponse,
)
from list_sync.model.sources import NotUnderstood, Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, get_provider
from list_sync.providers.trakt import entries_path, fetch
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Asked, ScriptedServer, Served
from tests.providers.fuzzing import JSON, changed, result_or_words

FIXTURES = Path(__file__).parent / "fixtures" / "trakt"
CLIENT_ID = "0123456789abcdef-test-only"
FOG = MediaIds(tvdb=9100005)


def fixture(name: str) -> list:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def paging(page: int, page_count: int, item_count: int, limit: int = 100) -> dict[str, str]:
    numbers = {"Page": page, "Limit": limit, "Page-Count": page_count, "Item-Count": item_count}
    return {f"X-Pagination-{name}": str(number) for name, number in numbers.items()}


def read(list_id: str, answers, credentials=None) -> tuple[list[Page], list[Asked]]:
    with ScriptedServer(answers) as server:
        http = HttpClient("trakt", timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
        known = {"TRAKT_CLIENT_ID": CLIENT_ID} if credentials is None else credentials
        context = FetchContext(http=http, base_url=server.url, credentials=known, list_id=list_id)
        pages = list(fetch(list_id, context=context))
        http.close()
        return pages, server.asked


def film(number: int) -> dict:
    return {"type": "movie", "movie": {"title": f"Film {number}", "year": 2000, "ids": {"tmdb": number}}}


@pytest.mark.parametrize(
    ("spelling", "path"),
    [
        ("2142753", "/lists/2142753/items"),
        (" 2142753 ", "/lists/2142753/items"),
        ("trakt:2142753", "/lists/2142753/items"),
        ("lists/2142753", "/lists/2142753/items"),
        ("https://trakt.tv/lists/2142753", "/lists/2142753/items"),
        ("https://app.trakt.tv/lists/2142753?sort=rank,asc", "/lists/2142753/items"),
        ("https://trakt.tv/lists/official/some-collection?sort=rank,asc", "/lists/some-collection/items"),
        ("joe/horror", "/users/joe/lists/horror/items"),
        ("trakt:joe/horror", "/users/joe/lists/horror/items"),
        ("joe/12345", "/users/joe/lists/12345/items"),
        ("users/joe/lists/horror", "/users/joe/lists/horror/items"),
        ("https://trakt.tv/users/joe/lists/horror", "/users/joe/lists/horror/items"),
        ("https://trakt.tv/users/joe/lists/horror/?sort=rank,asc#x", "/users/joe/lists/horror/items"),
        ("HTTPS://WWW.TRAKT.TV/users/joe/lists/horror", "/users/joe/lists/horror/items"),
        ("app.trakt.tv/users/joe/lists/horror", "/users/joe/lists/horror/items"),
        ("trakt.tv/users/j.o_e-1/lists/a_b-c", "/users/j.o_e-1/lists/a_b-c/items"),
        ("https://trakt.tv/users/joe/lists/caf%C3%A9", "/users/joe/lists/caf%C3%A9/items"),
        ("joe/watchlist", "/users/joe/watchlist"),
        ("me/watchlist", "/users/me/watchlist"),
        ("me/horror", "/users/me/lists/horror/items"),
        ("https://trakt.tv/users/me/favorites", "/users/me/favorites"),
        ("users/joe/watchlist", "/users/joe/watchlist"),
        ("https://trakt.tv/users/joe/watchlist?display=movie", "/users/joe/watchlist"),
        ("https://app.trakt.tv/users/joe/watchlist", "/users/joe/watchlist"),
        ("https://trakt.tv/users/joe/watchlist/movies", "/users/joe/watchlist/movies"),
        ("https://trakt.tv/users/joe/favorites", "/users/joe/favorites"),
    ],
)
def test_every_spelling_of_a_list_is_its_path_in_the_api(spelling, path):
    assert entries_path(spelling) == path


@pytest.mark.parametrize(
    ("spelling", "words"),
    [
        ("", "use a list's number"),
        ("horror", "use a list's number"),
        ("a/b/c", "use a list's number"),
        ("../secrets", "use a list's number"),
        ("joe/..", "use a list's number"),
        ("joe/%2e%2e", "use a list's number"),
        ("joe/a%2Fb", "use a list's number"),
        ("users/joe", "use a list's number"),
        ("users/joe/lists", "use a list's number"),
        ("lists/horror", "use a list's number"),
        ("https://trakt.tv/", "use a list's number"),
        ("https://example.org/users/joe/lists/horror", "use a list's number"),
        ("https://trakt.tv.example.org/lists/1", "use a list's number"),
        ("https://trakt.tv/movies/trending", "TRAKT_SPECIAL_LISTS"),
    ],
)
def test_what_is_no_list_is_refused_with_advice(spelling, words):
    with pytest.raises(InvalidListId) as refused:
        get_provider("trakt").info.check_list_id(spelling)

    assert words in str(refused.value)


@given(st.text())
def test_any_text_is_a_path_or_an_invalid_list_id(text):
    found = result_or_words(entries_path, text)

    assert found.isprintable()
    assert not found.startswith("/") or (found.isascii() and " " not in found and ".." not in found.split("/"))


def test_pages_are_followed_by_the_answered_count_not_by_the_asked_limit():
    def answer(asked: Asked) -> Served:
        page = int(asked.query["page"])
        # Trakt cuts the 250 that were asked for down to 100, and the last page is short.
        first = (page - 1) * 100
        entries = [film(number) for number in range(first + 1, min(first + 100, 230) + 1)]
        return Served(entries, headers=paging(page, 3, 230))

    pages, asked = read("joe/horror", answer)

    assert [len(page.items) for page in pages] == [100, 100, 30]
    assert {page.total for page in pages} == {230}
    assert [request.query for request in asked] == [{"page": str(number), "limit": "250"} for number in (1, 2, 3)]
    for request in asked:
        assert (request.method, request.path) == ("GET", "/users/joe/lists/horror/items")
        assert request.headers["trakt-api-version"] == "2"
        assert request.headers["trakt-api-key"] == CLIENT_ID
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["User-Agent"].startswith("ListSync/")


def test_without_a_page_count_the_item_count_leads_on():
    answers = [
        Served([film(1), film(2)], headers={"X-Pagination-Item-Count": "3"}),
        Served([film(3)], headers={"X-Pagination-Item-Count": "3"}),
    ]

    pages, asked = read("joe/horror", answers)

    assert [len(page.items) for page in pages] == [2, 1]
    assert len(asked) == 2


def test_an_answer_without_paging_headers_is_one_page_without_a_total():
    (page,), asked = read("joe/horror", [Served([film(1)])])

    assert (len(page.items), page.total, len(asked)) == (1, None, 1)


def test_a_list_that_grows_far_beyond_its_count_is_left():
    def endless(asked: Asked) -> Served:
        page = int(asked.query["page"])
        return Served([film(page * 1000 + number) for number in range(200)], headers=paging(page, 10**8, 300))

    with pytest.raises(UnexpectedResponse, match="do not add up"):
        read("joe/horror", endless)


def test_another_page_than_the_one_asked_for_is_an_error():
    with pytest.raises(UnexpectedResponse, match="page 1 arrived, page 2"):
        read("joe/horror", [Served([film(1)], headers=paging(1, 2, 2))])


def test_a_season_is_stated_with_its_show_an_episode_and_a_person_as_what_cannot_be_requested():
    entries = parse_entries(fixture("list-page-1") + fixture("list-page-2"), service="trakt")
    page = Page.of(entries)

    assert page.unsupported_kinds == {"person": 1, "episode": 1}
    assert list(page.with_shows().items) == [
        MediaItem("The Lighthouse Keeper's Clock", MediaType.MOVIE, 1994, MediaIds(tmdb=9000001, imdb="tt9000001")),
        MediaItem("Harbour Lights", MediaType.TV, 2011, MediaIds(tmdb=9000002, imdb="tt9000002", tvdb=9100002)),
        MediaItem("Fog", MediaType.TV, 2020, FOG, season=2),
        MediaItem("Fog", MediaType.TV, 2020, FOG),
    ]


def test_the_season_of_specials_keeps_its_number_zero():
    entry = {"type": "season", "season": {"number": 0}, "show": {"title": "Fog", "year": None, "ids": {}}}

    assert parse_entries([entry], service="trakt") == [MediaItem("Fog", MediaType.TV, season=0)]


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "movie"},
        {"type": "movie", "movie": None},
        {"type": "movie", "show": {"title": "Fog", "ids": {}}},
        {"type": "show", "show": {"title": None, "year": 2020, "ids": {"tmdb": None, "imdb": "", "tvdb": 0}}},
        {"type": "season", "season": {"number": 1}},
        {},
        None,
        5,
    ],
)
def test_an_entry_that_cannot_be_read_is_not_understood_and_the_others_stand(entry):
    first, second = parse_entries([film(1), entry], service="trakt", after=250)

    assert isinstance(first, MediaItem)
    assert isinstance(second, NotUnderstood)
    assert second.place == "entry 252"


def test_ids_that_cannot_be_are_left_out():
    ids = {"tmdb": -5, "imdb": "nm0000206", "tvdb": 10**12}
    entry = {"type": "show", "show": {"title": "Fog\x07", "year": 3, "ids": ids}}

    assert parse_entries([entry], service="trakt") == [MediaItem("Fog", MediaType.TV)]


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, AuthenticationFailed, "TRAKT_CLIENT_ID"),
        (403, AuthenticationFailed, "only VIP members"),
        (404, ResourceNotFound, "make the list public"),
        (420, Refused, "limits"),
        (423, Refused, "locked"),
        (426, Refused, "VIP"),
    ],
)
def test_a_status_of_trakt_says_what_to_do(status, kind, words):
    with pytest.raises(kind) as raised:
        read("joe/horror", [Served(b"", status)])

    assert words in str(raised.value)
    assert CLIENT_ID not in str(raised.value)


def test_a_rate_limit_carries_its_pause():
    with pytest.raises(RateLimited) as raised:
        read("joe/horror", [Served(b"", 429, {"Retry-After": "120"})])

    assert raised.value.retry_after == 120


def test_cloudflares_page_is_a_block_with_advice_and_not_a_bad_client_id():
    with pytest.raises(Blocked) as raised:
        read("joe/horror", [Served("<html>Sorry, you have been blocked</html>", 403, {"Server": "cloudflare"})])

    assert "HTTPS_PROXY" in str(raised.value)


def test_a_missing_client_id_is_said_before_anything_is_asked():
    with pytest.raises(AuthenticationFailed, match=r"TRAKT_CLIENT_ID is not set: .*oauth/applications.*VIP"):
        read("joe/horror", [Served([])], credentials={})


def test_an_invalid_list_id_needs_no_client_id_to_be_told():
    with pytest.raises(InvalidListId):
        read("horror", [Served([])], credentials={})


def assert_read_or_named(document: object, headers: dict[str, str]) -> None:
    def parse(document: object) -> object:
        answer = HttpAnswer(200, headers, json.dumps(document).encode(), "http://x/", "trakt")
        return parse_entries(parse_page(answer, number=1).entries, service="trakt", bare=MediaType.MOVIE)

    result = result_or_words(parse, document)
    if isinstance(result, str):
        assert "\n" not in result
    else:
        assert all(item.title or item.ids for item in result if isinstance(item, MediaItem))
        assert len(result) == len(document)


HEADERS = st.dictionaries(
    st.sampled_from(["X-Pagination-Page", "X-Pagination-Page-Count", "X-Pagination-Item-Count"]),
    st.text(max_size=12) | st.integers().map(str),
)


@given(JSON | st.lists(JSON, max_size=4), HEADERS)
def test_any_json_is_read_or_a_named_error(document, headers):
    assert_read_or_named(document, headers)


@given(changed(fixture("list-page-1") + fixture("list-page-2")), HEADERS)
def test_any_change_to_a_valid_list_is_read_or_a_named_error(document, headers):
    assert_read_or_named(document, headers)


@given(changed(fixture("trending-movies") + fixture("popular-shows")), HEADERS)
def test_any_change_to_a_valid_chart_is_read_or_a_named_error(document, headers):
    assert_read_or_named(document, headers)


def test_reading_stops_at_the_number_that_is_wanted():
    with ScriptedServer([Served([film(1), film(2)], headers=paging(1, 9, 18, 2))]) as server:
        http = HttpClient("trakt", retry_attempts=1)
        pages = list(read_pages(http, f"{server.url}/movies/trending", client_id="x", wanted=2))
        http.close()

    assert len(pages) == 1
    assert server.asked[0].query == {"page": "1", "limit": "2"}


class LoggedIn:
    """A log-in as a provider sees it."""

    def token(self, service: str) -> str | None:
        return {"trakt": "token-of-the-test"}.get(service)


def read_logged_in(list_id: str, answers) -> tuple[list[Page], list[Asked]]:
    with ScriptedServer(answers) as server, contextlib.closing(HttpClient("trakt", retry_attempts=1)) as http:
        credentials = {"TRAKT_CLIENT_ID": CLIENT_ID}
        context = FetchContext(http=http, base_url=server.url, credentials=credentials, tokens=LoggedIn())
        return list(fetch(list_id, context=context)), server.asked


def test_with_a_log_in_every_page_is_asked_for_in_its_owners_name():
    def answer(asked: Asked) -> Served:
        return Served([film(int(asked.query["page"]))], headers=paging(int(asked.query["page"]), 2, 2))

    pages, asked = read_logged_in("me/watchlist", answer)

    assert [item.ids.tmdb for page in pages for item in page.items] == [1, 2]
    assert {one.path for one in asked} == {"/users/me/watchlist"}
    assert {one.headers["Authorization"] for one in asked} == {"Bearer token-of-the-test"}
    assert {one.headers["trakt-api-key"] for one in asked} == {CLIENT_ID}


def test_without_a_log_in_nothing_is_sent_of_one_and_me_is_nobody():
    _, asked = read("joe/horror", [Served([])])
    assert "Authorization" not in asked[0].headers

    with pytest.raises(AuthenticationFailed, match="list-sync login trakt"):
        read("me/watchlist", [Served([])])


def test_a_log_in_that_is_refused_says_how_to_make_it_again():
    with pytest.raises(AuthenticationFailed, match=r"log in again \(list-sync login trakt\)") as refused:
        read_logged_in("joe/horror", [Served("", status=401)])

    assert "token-of-the-test" not in str(refused.value)


def test_lists_of_whoever_logged_in_cannot_be_followed_elsewhere():
    routes = {
        spelling: [route.name for route in get_provider("trakt").routes_of(spelling)]
        for spelling in ("me/horror", "joe/horror")
    }

    assert "mdblist" in routes["joe/horror"]
    assert "mdblist" not in routes["me/horror"]
