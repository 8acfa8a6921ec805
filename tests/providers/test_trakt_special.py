import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.errors import AuthenticationFailed, InvalidListId
from list_sync.model.sources import Page
from list_sync.model.titles import MediaType
from list_sync.providers import FetchContext, get_provider
from list_sync.providers.trakt_special import Chart, fetch, parse_list_id
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Asked, ScriptedServer, Served
from tests.providers.fuzzing import result_or_words

FIXTURES = Path(__file__).parent / "fixtures" / "trakt"


def fixture(name: str) -> list:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def paging(page: int, page_count: int, item_count: int) -> dict[str, str]:
    numbers = {"Page": page, "Page-Count": page_count, "Item-Count": item_count}
    return {f"X-Pagination-{name}": str(number) for name, number in numbers.items()}


def read(list_id: str, answers, *, limit: int | None) -> tuple[list[Page], list[Asked]]:
    with ScriptedServer(answers) as server:
        http = HttpClient("trakt_special", timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
        context = FetchContext(
            http=http, base_url=server.url, credentials={"TRAKT_CLIENT_ID": "test-only"}, limit=limit, list_id=list_id
        )
        pages = list(fetch(list_id, context=context))
        http.close()
        return pages, server.asked


def chart_of(length: int, cap: int):
    """Return a source whose chart has `length` entries and that cuts every page down to `cap`."""

    def answer(asked: Asked) -> Served:
        page, size = int(asked.query["page"]), min(int(asked.query["limit"]), cap)
        numbers = range((page - 1) * size + 1, min(page * size, length) + 1)
        entries = [{"movie": {"title": f"Film {n}", "year": 2000, "ids": {"tmdb": n}}} for n in numbers]
        return Served(entries, headers=paging(page, -(-length // size), length))

    return answer


@pytest.mark.parametrize(
    ("spelling", "path"),
    [
        ("trending:movies", "/movies/trending"),
        ("trending:movie", "/movies/trending"),
        ("Trending:Movies", "/movies/trending"),
        (" trending : movies ", "/movies/trending"),
        ("movies:trending", "/movies/trending"),
        ("movies/trending", "/movies/trending"),
        ("trakt:trending:movies", "/movies/trending"),
        ("trakt_special:trending:movies", "/movies/trending"),
        ("popular:shows", "/shows/popular"),
        ("popular:show", "/shows/popular"),
        ("popular:tv", "/shows/popular"),
        ("anticipated:movies", "/movies/anticipated"),
        ("watched:movies", "/movies/watched/weekly"),
        ("watched:movies:monthly", "/movies/watched/monthly"),
        ("collected:shows:all", "/shows/collected/all"),
        ("favorited:movies", "/movies/favorited/weekly"),
        ("recommended:movies", "/movies/favorited/weekly"),
        ("streaming:shows", "/shows/streaming/weekly"),
        ("boxoffice:movies", "/movies/boxoffice"),
        ("box-office:movies", "/movies/boxoffice"),
        ("https://trakt.tv/movies/trending", "/movies/trending"),
        ("https://trakt.tv/movies/trending?genres=horror&page=2", "/movies/trending"),
        ("https://app.trakt.tv/shows/popular/", "/shows/popular"),
        ("http://www.trakt.tv/movies/watched/yearly#x", "/movies/watched/yearly"),
        ("trakt.tv/movies/boxoffice", "/movies/boxoffice"),
    ],
)
def test_every_spelling_of_a_chart_is_its_path_in_the_api(spelling, path):
    assert parse_list_id(spelling).path == path


@pytest.mark.parametrize(
    ("spelling", "words"),
    [
        ("", "write kind:movies or kind:shows"),
        ("trending", "write kind:movies or kind:shows"),
        ("movies", "write kind:movies or kind:shows"),
        ("trending:books", "write kind:movies or kind:shows"),
        ("nonsense:movies", "trending, popular, anticipated"),
        ("movies:shows", "write kind:movies or kind:shows"),
        ("trending:movies:weekly", "a period"),
        ("watched:movies:hourly", "daily, weekly, monthly, yearly, all"),
        ("watched:movies:weekly:x", "write kind:movies"),
        ("boxoffice:shows", "films only, write boxoffice:movies"),
        ("https://trakt.tv/shows/boxoffice", "films only"),
        ("https://trakt.tv/users/joe/lists/horror", "write kind:movies"),
        ("https://example.org/movies/trending", "write kind:movies"),
        ("joe/horror", "write kind:movies"),
    ],
)
def test_what_is_no_chart_is_refused_with_advice(spelling, words):
    with pytest.raises(InvalidListId) as refused:
        get_provider("trakt_special").info.check_list_id(spelling)

    assert words in str(refused.value)


@given(st.text(alphabet=":/ amovieshwtrdnglk.?#", max_size=30) | st.text())
def test_any_text_is_a_chart_or_an_invalid_list_id(text):
    found = result_or_words(parse_list_id, text)

    assert isinstance(found, Chart) or "\n" not in found


def test_a_chart_is_cut_at_the_limit_and_says_so_in_its_total():
    (page,), asked = read("trending:movies", chart_of(900, cap=250), limit=30)

    assert (len(page.items), page.total) == (30, 30)
    assert asked[0].query == {"page": "1", "limit": "30"}


def test_the_limit_is_20_where_none_is_set():
    (page,), _ = read("trending:movies", chart_of(900, cap=250), limit=None)

    assert (len(page.items), page.total) == (20, 20)


def test_a_chart_that_is_shorter_than_the_limit_is_whole():
    (page,), _ = read("trending:movies", chart_of(7, cap=250), limit=20)

    assert (len(page.items), page.total) == (7, 7)


@pytest.mark.parametrize(("cap", "sizes"), [(250, [250, 50]), (100, [100, 100, 100])])
def test_a_limit_over_a_page_is_read_over_several_whatever_trakt_cuts_them_to(cap, sizes):
    pages, _ = read("trending:movies", chart_of(900, cap=cap), limit=300)

    assert [len(page.items) for page in pages] == sizes
    assert [page.total for page in pages] == [300] * len(sizes)
    assert len({item.ids.tmdb for page in pages for item in page.items}) == 300


def test_without_a_count_a_short_chart_is_unproven_and_a_full_one_is_whole():
    (short,), _ = read("trending:movies", [Served(fixture("trending-movies"))], limit=20)
    (full,), _ = read("trending:movies", [Served(fixture("trending-movies"))], limit=3)

    assert (len(short.items), short.total) == (3, None)
    assert (len(full.items), full.total) == (3, 3)


def test_the_popular_chart_holds_bare_entries_of_its_own_kind():
    (page,), _ = read("popular:shows", [Served(fixture("popular-shows"), headers=paging(1, 1, 2))], limit=20)

    assert [(item.title, item.media_type) for item in page.items] == [
        ("Harbour Lights", MediaType.TV),
        ("Fog", MediaType.TV),
    ]


def test_the_box_office_is_whole_without_paging_headers():
    (page,), _ = read("boxoffice:movies", [Served(fixture("boxoffice"))], limit=20)
    (cut,), _ = read("boxoffice:movies", [Served(fixture("boxoffice"))], limit=1)

    assert (len(page.items), page.total) == (2, 2)
    assert (len(cut.items), cut.total) == (1, 1)


def test_a_missing_client_id_is_said_before_anything_is_asked():
    context = FetchContext(http=HttpClient("trakt_special"), base_url="http://127.0.0.1:9")

    with pytest.raises(AuthenticationFailed, match=r"TRAKT_CLIENT_ID is not set: .*DISCOVER_LISTS=trending"):
        list(fetch("trending:movies", context=context))
