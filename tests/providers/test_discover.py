"""The charts of the request server: spellings, what is asked for, and where a chart ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.config import load_settings
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.errors import AuthenticationFailed, InvalidListId
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import available_providers, get_provider
from list_sync.providers.discover import canonical, fetch, parse_answer, parse_list_id
from list_sync.providers.scripts import build_context
from tests.fakes.scripted_server import Asked, Served
from tests.providers.answers import asked_for, document, items_of, served
from tests.providers.fuzzing import JSON, changed, result_or_words

KEY = {"OVERSEERR_API_KEY": "key-of-the-test"}


@pytest.mark.parametrize(
    ("list_id", "path", "limit"),
    [
        ("trending", "trending", 20),
        ("trending:100", "trending", 100),
        ("Movies", "movies", 20),
        ("movies:20", "movies", 20),
        ("shows/50", "tv", 50),
        ("upcoming", "movies/upcoming", 20),
        ("movies/upcoming:40", "movies/upcoming", 40),
        ("upcoming:tv", "tv/upcoming", 20),
        ("movies:genre:27", "movies/genre/27", 20),
        ("tv/genre/16:60", "tv/genre/16", 60),
        ("movies:studio:420", "movies/studio/420", 20),
        ("tv:network:213:1000", "tv/network/213", 1000),
        ("movies:language:ko", "movies/language/ko", 20),
        ("keyword:207317", "keyword/207317/movies", 20),
    ],
)
def test_every_spelling_names_a_chart_and_a_number_of_titles(list_id: str, path: str, limit: int):
    chart = parse_list_id(list_id)

    assert (chart.path, chart.limit) == (path, limit)


@pytest.mark.parametrize(
    "list_id",
    [
        *("", "popular", "trending:0", "trending:1001", "movies:genre", "movies:network:1", "tv:studio:1", "keyword"),
        *("tv:genre:horror", "movies:language:english", "trending:20:20", "https://www.themoviedb.org/discover/movie"),
    ],
)
def test_anything_else_is_refused_with_what_is_accepted(list_id: str):
    with pytest.raises(InvalidListId, match=r"write trending|from 1 to 1,000"):
        parse_list_id(list_id)


def test_a_chart_is_read_in_pages_with_the_key_of_the_server():
    pages, asked = asked_for(
        "discover",
        fetch,
        "tv:network:213",
        [served("discover/movies-page-1.json"), served("discover/movies-page-2.json")],
        **KEY,
    )

    assert [one.path for one in asked] == ["/api/v1/discover/tv/network/213"] * 2
    assert [one.query for one in asked] == [{"page": "1"}, {"page": "2"}]
    assert {one.headers["X-Api-Key"] for one in asked} == {"key-of-the-test"}
    assert (len(items_of(pages)), pages[-1].total) == (3, 3)


def test_films_and_shows_are_stated_by_their_tmdb_number_and_people_are_counted():
    (page,), _ = asked_for("discover", fetch, "trending", [served("discover/trending.json")], **KEY)

    assert page.items == [
        MediaItem("The First Film", MediaType.MOVIE, 1994, MediaIds(tmdb=9000101)),
        MediaItem("A Show", MediaType.TV, 2019, MediaIds(tmdb=9000201)),
        MediaItem("The Second Film", MediaType.MOVIE, None, MediaIds(tmdb=9000102)),
    ]
    assert (page.unsupported_kinds, page.total) == ({"person": 1}, 4)


def endless(asked: Asked) -> Served:
    """Serve a chart of 10,000 films whose pages overlap by one: it moved between two requests."""
    page = int(asked.query["page"])
    films = [{"id": number, "mediaType": "movie", "title": "A"} for number in range(page * 19 - 18, page * 19 + 2)]
    return Served({"page": page, "totalPages": 500, "totalResults": 10_000, "results": films})


def test_a_chart_ends_after_as_many_different_titles_as_are_wanted():
    pages, asked = asked_for("discover", fetch, "movies:45", endless, **KEY)

    assert [int(one.query["page"]) for one in asked] == [1, 2, 3]
    assert {item.ids.tmdb for item in items_of(pages)} == set(range(1, 46))
    assert pages[-1].total == len(items_of(pages)) == 47


def test_the_address_of_the_server_is_a_setting_that_is_named_when_it_is_missing():
    with pytest.raises(AuthenticationFailed, match="OVERSEERR_API_KEY is not set"):
        asked_for("discover", fetch, "trending", [])


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_charts_of_each_server_are_read_with_its_address_and_key(dialect: Dialect):
    with DemoServer(dialect) as server:
        env = {
            "OVERSEERR_URL": server.url,
            "OVERSEERR_API_KEY": server.api_key,
            "DISCOVER_LISTS": "trending:50,tv,upcoming",
        }
        settings = load_settings(env, providers=available_providers(), dotenv=None)
        http = HttpClient("discover")
        context = build_context(get_provider("discover"), settings, http)
        counts = [len(items_of(fetch(one.list_id, context=context))) for one in settings.household.lists]
        http.close()

    assert counts[:2] == [50, 20]
    assert counts[2] > 0


@given(JSON | changed(document("discover/trending.json")))
def test_any_json_gives_a_page_or_a_named_error(value: object):
    result_or_words(lambda answer: parse_answer(answer, 1), value)


@given(
    st.text() | st.lists(st.sampled_from(["tv", "movies", "upcoming", "genre", "7", "language", "ko"])).map(":".join)
)
def test_a_spelling_is_refused_or_has_one_canonical_form(text: str):
    try:
        name = canonical(text)
    except InvalidListId:
        return
    assert canonical(name) == name
    assert parse_list_id(name) == parse_list_id(text)
