"""SIMKL: spellings, what is asked and when, kinds and ids of entries."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.errors import AuthenticationFailed, InvalidListId
from list_sync.fetching.completeness import ListReading, judge
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext
from list_sync.providers.simkl import SimklList, fetch, parse_activities, parse_items, parse_list_id
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.providers.answers import Remembering, asked_for, document, items_of, served
from tests.providers.fuzzing import JSON, changed, result_or_words

ALL = ("movies", "shows", "anime")
SETTINGS = {"SIMKL_CLIENT_ID": "client-of-the-test", "SIMKL_USER_TOKEN": "token-of-the-test"}
ACTIVITIES = served("simkl/activities.json")


@pytest.mark.parametrize(
    ("list_id", "target"),
    [
        ("plantowatch", SimklList(ALL, "plantowatch")),
        ("Plan-to-Watch", SimklList(ALL, "plantowatch")),
        ("watchlist", SimklList(ALL, "plantowatch")),
        ("movies", SimklList(("movies",), "plantowatch")),
        ("anime:completed", SimklList(("anime",), "completed")),
        ("tv/watching", SimklList(("shows",), "watching")),
        ("watching", SimklList(("shows", "anime"), "watching")),
        ("https://simkl.com/12345/movies/plantowatch/", SimklList(("movies",), "plantowatch")),
        ("simkl.com/12345/list/tv/on-hold/?x=1", SimklList(("shows",), "hold")),
    ],
)
def test_every_spelling_names_a_list(list_id: str, target: SimklList):
    assert parse_list_id(list_id) == target


@pytest.mark.parametrize(
    "list_id",
    [
        "",
        "12345",
        "movies/shows",
        "movies/watching",
        "someone",
        "https://simkl.com/5/list/123",
        "https://example.org/movies",
    ],
)
def test_anything_else_is_refused(list_id: str):
    with pytest.raises(InvalidListId):
        parse_list_id(list_id)


def test_ids_may_be_texts_and_specials_may_be_either_kind():
    anime = parse_items(document("simkl/anime.json"), "anime")

    assert anime.items == [
        MediaItem("Sample Anime", MediaType.TV, 2013, MediaIds(tmdb=9004, tvdb=81002)),
        MediaItem("Sample Anime Film", MediaType.MOVIE, 2016, MediaIds(tmdb=9005, imdb="tt9000005")),
        MediaItem("Sample OVA", None, 2018, MediaIds()),
    ]
    assert anime.unsupported == 1


def test_every_call_names_the_app_and_carries_the_token_in_a_header():
    answers = [ACTIVITIES, served("simkl/movies.json")]

    pages, asked = asked_for("simkl", fetch, "movies", answers, **SETTINGS)

    assert len(items_of(pages)) == pages[-1].total == 2
    assert [request.path for request in asked] == ["/sync/activities", "/sync/all-items/movies/plantowatch"]
    for request in asked:
        assert request.query["client_id"] == "client-of-the-test"
        assert request.query["app-name"] == "listsync"
        assert request.query["app-version"]
        assert request.headers["Authorization"] == "Bearer token-of-the-test"


def test_a_list_that_did_not_change_is_not_asked_for_again():
    later = document("simkl/activities.json")
    later["movies"]["all"] = "2026-06-01T00:00:00Z"
    changes = [document("simkl/activities.json"), document("simkl/activities.json"), later]
    answers = iter([changes[0], document("simkl/movies.json"), changes[1], changes[2], {"movies": []}])

    with ScriptedServer(lambda _: Served(next(answers))) as server:
        http = HttpClient("simkl", timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
        context = FetchContext(http=http, base_url=server.url, credentials=SETTINGS, memory=Remembering())
        counts = [list(fetch("movies", context=context))[-1].total for _ in range(3)]
        http.close()

    assert counts == [2, 2, 0]
    assert [request.path.rsplit("/", 1)[1] for request in server.asked] == [
        *("activities", "plantowatch"),
        "activities",
        *("activities", "plantowatch"),
    ]


def read_twice(anime: dict[str, object]) -> tuple[list[FetchResult], int]:
    """Return what two readings of a list that does not change come to, and how often it was asked for."""
    activities = document("simkl/activities.json")
    activities["anime"]["all"] = "2026-06-01T00:00:00Z"
    results = []
    with ScriptedServer(lambda asked: Served(activities if asked.path.endswith("activities") else anime)) as server:
        http = HttpClient("simkl", timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
        context = FetchContext(http=http, base_url=server.url, credentials=SETTINGS, memory=Remembering())
        for _ in range(2):
            reading = ListReading()
            for page in fetch("anime", context=context):
                reading.add(page)
            results.append(judge(reading, ListRef("simkl", "anime"), fetched_at=datetime(2026, 6, 2, tzinfo=UTC)))
        http.close()
    return results, len(server.asked) - 2


def test_a_list_that_did_not_change_keeps_what_cannot_be_requested():
    (first, second), asked = read_twice(document("simkl/anime.json"))

    assert second == first
    assert (second.unsupported_kinds, asked) == ({"music video": 1}, 1)


def test_an_entry_that_was_not_understood_is_not_forgotten_while_the_list_does_not_change():
    anime = document("simkl/anime.json")
    anime["anime"].append({"show": None})
    (first, second), asked = read_twice(anime)

    assert (first.state, first.not_understood) == (FetchState.PARTIAL, 1)
    assert (second, asked) == (first, 2)


def test_a_kind_that_never_changed_is_asked_for_each_time():
    answers = [ACTIVITIES, served("simkl/anime.json")]
    _, asked = asked_for("simkl", fetch, "anime", answers, **SETTINGS)

    assert parse_activities(document("simkl/activities.json"))["anime"] == ""
    assert len(asked) == 2


@pytest.mark.parametrize("missing", SETTINGS)
def test_a_setting_that_is_missing_is_named(missing: str):
    others = {name: value for name, value in SETTINGS.items() if name != missing}

    with pytest.raises(AuthenticationFailed, match=f"{missing} is not set"):
        asked_for("simkl", fetch, "movies", [ACTIVITIES], **others)


@given(JSON | changed(document("simkl/anime.json")) | changed(document("simkl/movies-broken.json")))
def test_any_json_gives_items_or_a_named_error(value: object):
    for kind in ALL:
        result_or_words(lambda document, kind=kind: parse_items(document, kind), value)
    result_or_words(parse_activities, value)


@given(st.text())
def test_any_spelling_is_a_list_or_refused(text: str):
    result_or_words(parse_list_id, text)
