"""MDBList's external lists as the second way to IMDb's and Trakt's lists."""

import contextlib
import threading
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.mirror import Mirrored, find_external_list
from list_sync.errors import InvalidListId, ListSyncError, NotOffered, UnexpectedResponse
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.providers import FetchContext, get_provider
from list_sync.providers.trakt import is_mirrored, spelling_of
from tests.fakes.one_list import fetch_list
from tests.fakes.scripted_server import Asked, ScriptedServer, Served

KEY = {"MDBLIST_API_KEY": "test-key"}
BLOCKED = Served("<html><script>window.gokuProps = {}</script></html>", 202, {"x-amzn-waf-action": "challenge"})
EXTERNAL = [
    {"id": 11, "name": "Netflix Top 10", "source": "flixpatrol", "items": 10},
    {"id": 12, "name": "Watch soon", "source": "imdb", "items": 3, "url": "https://www.imdb.com/list/ls055592025/"},
    {"id": 13, "name": "ls055592026", "source": "imdb", "items": 1, "items_show": 0},
    {"id": 14, "name": "Horror Films", "source": "trakt", "items": 2, "items_show": 1},
]


def entries(first: int, count: int) -> list[dict[str, object]]:
    return [
        {"id": number, "title": f"Film {number}", "mediatype": "movie", "release_year": 2000}
        for number in range(first, first + count)
    ]


class Mdblist:
    """Both the source that is shut and MDBList with the external lists of one user."""

    def __init__(self, external: object = EXTERNAL, pages: Sequence[Served] = (), shut: Served = BLOCKED) -> None:
        self.external = external
        self.pages = list(pages) or [Served(entries(1, 3), headers={"X-Has-More": "false"})]
        self.shut = shut
        self.read: list[str] = []

    def __call__(self, asked: Asked) -> Served:
        if not asked.path.startswith("/external/lists/"):
            return self.shut
        assert asked.query["apikey"] == KEY["MDBLIST_API_KEY"]
        if asked.path == "/external/lists/user":
            return Served(self.external)
        self.read.append(asked.path)
        return self.pages[len(self.read) - 1]


def fetch(source: str, world: Mdblist, credentials: Mapping[str, str] = KEY) -> FetchResult:
    provider, _, list_id = source.partition(":")
    with ScriptedServer(world) as server:
        context = FetchContext(
            http=HttpClient(provider, retry_attempts=1),
            base_url=server.url,
            overridden=True,
            credentials=credentials,
            base_urls={provider: server.url, "mdblist": server.url},
        )
        return fetch_list(ListRef(provider, list_id), make_context=lambda _: context, stop=threading.Event())


@pytest.mark.parametrize(
    ("source", "number"), [("imdb:ls055592025", 12), ("imdb:ls055592026", 13), ("trakt:joe/horror-films", 14)]
)
def test_the_mirror_serves_where_the_source_is_shut(source: str, number: int):
    world = Mdblist()
    result = fetch(source, world)

    assert (result.state, result.route, len(result.items)) == (FetchState.COMPLETE, "mdblist", 3)
    assert world.read == [f"/external/lists/{number}/items"]
    assert [attempt.outcome.value for attempt in result.attempts][-1] == "served"


def test_the_mirror_is_read_page_by_page_until_nothing_more_follows():
    pages = [
        Served(entries(1, 3), headers={"X-Has-More": "true"}),
        Served(entries(4, 2), headers={"X-Has-More": "false"}),
    ]

    assert len(fetch("imdb:ls055592025", Mdblist(pages=pages)).items) == 5


def test_a_list_that_nobody_mirrors_says_what_to_do():
    result = fetch("imdb:ls999999999", Mdblist())

    assert result.state is FetchState.FAILED
    assert [attempt.outcome.value for attempt in result.attempts[:2]] == ["blocked", "skipped"]
    assert "add it at mdblist.com as an external list" in result.attempts[1].reason
    assert "other ways: list-sync lists test imdb:ls999999999" in (result.reason or "")
    assert '"Watch soon"' in result.attempts[1].reason


def test_without_a_key_the_reason_names_it():
    result = fetch("imdb:ls055592025", Mdblist(), credentials={})

    assert "needs MDBLIST_API_KEY" in result.attempts[1].reason
    assert "other ways: list-sync lists test imdb:ls055592025" in (result.reason or "")


def test_a_key_that_is_refused_is_the_mirrors_failure_not_the_sources():
    world = Mdblist(external={"error": "Invalid API key!"})
    result = fetch("imdb:ls055592025", world)

    assert [attempt.outcome.value for attempt in result.attempts[:2]] == ["blocked", "needs_key"]
    assert KEY["MDBLIST_API_KEY"] not in str(result)


def test_two_lists_of_one_name_are_not_guessed_at():
    wanted = Mirrored("trakt", "joe/horror", lambda text: False, ("horror",))
    twice = [{"id": number, "name": "Horror", "source": "trakt"} for number in (1, 2)]

    with pytest.raises(NotOffered, match=r'2 external lists .* name the right one "joe/horror"'):
        find_external_list(twice, wanted)


def test_an_address_counts_for_more_than_a_name():
    def names(text: str) -> bool:
        if "://" not in text:
            raise InvalidListId("no address")
        return text.endswith("/right")

    document = [
        {"id": 1, "name": "horror", "source": "trakt"},
        {"id": 2, "name": "else", "source": "Trakt List", "link": "https://trakt.tv/right"},
    ]

    assert find_external_list(document, Mirrored("trakt", "joe/horror", names, ("horror",))) == 2


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("trakt:alice/horror", "https://trakt.tv/users/joe/lists/horror"),
        ("trakt:alice/horror", "joe/horror"),
        ("letterboxd:alice/horror", "https://letterboxd.com/joe/list/horror/"),
    ],
)
def test_a_list_of_the_same_name_of_another_user_is_not_the_mirror(source: str, address: str):
    external = [{"id": 7, "name": "Horror", "source": source.partition(":")[0], "items": 3, "address": address}]
    world = Mdblist(external=external)
    result = fetch(source, world)

    assert (result.state, world.read) == (FetchState.FAILED, [])
    attempt = next(one for one in result.attempts if one.route == "mdblist")
    assert 'or name it "alice/horror" there' in attempt.reason


@pytest.mark.parametrize(
    ("source", "name", "address"),
    [
        ("trakt:alice/horror", "Horror", "https://trakt.tv/lists/12345"),
        ("trakt:alice/horror", "alice/horror", "https://trakt.tv/users/joe/lists/horror"),
        ("letterboxd:alice/horror", "Horror", "https://boxd.it/abcd"),
        ("imdb:ur12345678", "ur12345678", "https://www.imdb.com/user/p.abc123/watchlist/"),
    ],
)
def test_an_address_that_may_mean_the_list_and_a_name_that_does_are_the_mirror(source: str, name: str, address: str):
    external = [{"id": 7, "name": name, "source": source.partition(":")[0], "items": 3, "address": address}]
    result = fetch(source, Mdblist(external=external))

    assert (result.state, result.route) == (FetchState.COMPLETE, "mdblist")


@pytest.mark.parametrize("document", [None, 42, {"lists": []}, [1], "x"])
def test_an_answer_of_another_form_is_a_change_of_the_source(document: object):
    with pytest.raises(UnexpectedResponse):
        find_external_list(document, Mirrored("imdb", "ls1", lambda text: False))


def test_mdblist_mirrors_no_watchlists_of_trakt():
    assert is_mirrored("joe/horror")
    assert not is_mirrored("joe/watchlist")
    assert "mdblist" not in [route.name for route in get_provider("trakt").routes_of("joe/watchlist")]


def test_a_list_is_spelled_the_short_way():
    assert spelling_of("/users/joe/lists/horror/items") == "joe/horror"
    assert spelling_of("/lists/2142753/items") == "2142753"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "name", "source", "url", "items"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(json_values | st.lists(st.fixed_dictionaries({"source": st.just("imdb")}, optional={"id": json_values})))
def test_whatever_mdblist_says_of_external_lists_it_is_a_number_or_a_named_error(document: object):
    wanted = Mirrored("imdb", "ls1", lambda text: text == "ls1", ("x",))
    with contextlib.suppress(ListSyncError):
        assert find_external_list(document, wanted) > 0
