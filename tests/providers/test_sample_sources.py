"""IMDb's and Trakt's providers against the demo's sample sources, through the stage that fetches lists."""

import threading
from collections.abc import Iterator

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.demo.sources.lists import SourceEntry
from list_sync.demo.sources.sample_sources import SampleSources
from list_sync.demo.sources.trakt import CLIENT_ID
from list_sync.fetching.pool import fetch_lists
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.model.titles import MediaType
from list_sync.providers import FetchContext
from tests.fakes.patience import PATIENCE_SECONDS

COMPLETE, PARTIAL, FAILED = FetchState.COMPLETE, FetchState.PARTIAL, FetchState.FAILED
LISTS = {"imdb": "ls000600600", "trakt": "joe/horror", "trakt_special": "trending:movies"}


def entries(count: int) -> list[SourceEntry]:
    return [
        SourceEntry(f"Film {n}", "tv" if n % 5 == 0 else "movie", 1950 + n % 70, f"tt9{n:07}", 500_000 + n, 700_000 + n)
        for n in range(1, count + 1)
    ]


@pytest.fixture(scope="module")
def running() -> Iterator[SampleSources]:
    with SampleSources() as sources:
        for provider, list_id in LISTS.items():
            sources.add_list(provider, list_id, entries(600))
        yield sources


@pytest.fixture
def sources(running: SampleSources) -> Iterator[SampleSources]:
    yield running
    running.clear_faults()
    running.reset_calls()


def read(sources: SampleSources, provider: str, list_id: str, *, limit: int = 600, **keys: str) -> FetchResult:
    http = HttpClient(provider, timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
    context = FetchContext(
        http=http,
        base_url=sources.url(provider),
        overridden=True,
        credentials={"TRAKT_CLIENT_ID": CLIENT_ID} | keys,
        limit=limit if provider == "trakt_special" else None,
        list_id=list_id,
    )
    (result,) = fetch_lists(
        [ListRef(provider, list_id)], make_context=lambda _: context, workers=1, stop=threading.Event()
    )
    http.close()
    return result


@pytest.mark.parametrize("provider", LISTS)
def test_a_list_of_several_pages_is_read_whole_and_in_order(sources, provider):
    result = read(sources, provider, LISTS[provider])

    assert (result.state, result.reason, result.expected) == (COMPLETE, None, 600)
    assert [item.title for item in result.items] == [entry.title for entry in entries(600)]
    assert {item.media_type for item in result.items} == {MediaType.MOVIE, MediaType.TV}
    assert len(sources.calls) == 3


@pytest.mark.parametrize(
    ("provider", "list_id", "spelling"),
    [
        ("imdb", "ur90000018", "https://www.imdb.com/de/user/ur90000018/watchlist/?ref_=x"),
        ("imdb", "p.someone", "https://m.imdb.com/user/p.someone/watchlist/"),
        ("imdb", "toptv", "https://www.imdb.com/chart/toptv/?ref_=nv_tvv_250"),
        ("imdb", "boxoffice", "boxoffice"),
        ("imdb", "top-rated-telugu-movies", "https://www.imdb.com/india/top-rated-telugu-movies/"),
        ("trakt", "2142753", "https://app.trakt.tv/lists/2142753?sort=rank,asc"),
        ("trakt", "joe/watchlist", "https://trakt.tv/users/joe/watchlist?display=movie"),
        ("trakt", "joe/favorites", "https://trakt.tv/users/joe/favorites"),
        ("trakt_special", "popular:shows", "https://trakt.tv/shows/popular"),
        ("trakt_special", "watched:movies", "watched:movies"),
        ("trakt_special", "collected:movies:monthly", "collected:movies:monthly"),
        ("trakt_special", "boxoffice:movies", "boxoffice:movies"),
    ],
)
def test_each_kind_of_list_is_found_where_its_source_keeps_it(sources, provider, list_id, spelling):
    kind = "tv" if "show" in list_id else "movie"
    sources.add_list(provider, list_id, [SourceEntry("Fog", kind, 2020, "tt9000005", 9000005, 9100005)])

    result = read(sources, provider, spelling)

    assert (result.state, [item.label for item in result.items]) == (COMPLETE, ["Fog (2020)"])


@pytest.mark.parametrize(
    ("fault", "state", "words"),
    [
        ("html", FAILED, "web page"),
        ("truncated", FAILED, "breaks off"),
        ("garbage10mb", FAILED, "not JSON"),
        ("status:500", FAILED, "trouble"),
        ("status:429", FAILED, "rate limited"),
        ("limit", FAILED, "rate limited"),
        ("drop", FAILED, "ended the connection"),
        ("cut", FAILED, "ended the connection"),
        ("waf202", FAILED, "blocked"),
        ("cloudflare403", FAILED, "blocked"),
        ("cloudflare1015", FAILED, "rate limited"),
        ("null", FAILED, ""),
        ("drift", FAILED, ""),
        ("missing", FAILED, "not found"),
        ("private", FAILED, "private"),
        ("die_in_the_middle", PARTIAL, "ended the connection"),
        ("repeat_page", PARTIAL, "repeats"),
        ("short", PARTIAL, "states 600"),
        ("clamp", COMPLETE, ""),
    ],
)
@pytest.mark.parametrize("provider", ["imdb", "trakt"])
def test_a_failing_source_is_told_by_name_and_never_taken_for_a_whole_list(sources, provider, fault, state, words):
    sources.fault(provider, LISTS[provider], fault)

    result = read(sources, provider, LISTS[provider])

    assert (result.state, result.reason) == (state, result.reason)
    assert words in (result.reason or "")
    assert (state is FAILED) == (not result.items)
    assert "\n" not in (result.reason or "")


def test_entries_that_cannot_be_requested_are_counted(sources):
    odd = [
        SourceEntry("Fog", "tv", 2020, "tt9000005"),
        SourceEntry("Mist", "tv", 2020, "tt9000015", source_type="tvEpisode"),
        SourceEntry("Fog: The Game", "movie", 2021, "tt9000016", source_type="videoGame"),
        SourceEntry("Fog Special", "tv", 2021, "tt9000017", source_type="tvSpecial"),
    ]
    sources.add_list("imdb", "ls000000018", odd)

    result = read(sources, "imdb", "ls000000018")

    assert (result.state, result.unsupported) == (COMPLETE, 2)
    assert [(item.title, item.media_type) for item in result.items] == [("Fog", MediaType.TV), ("Fog Special", None)]


def test_seasons_and_episodes_on_trakt_stand_for_their_show(sources):
    odd = [
        SourceEntry("Fog", "tv", 2020, "tt9000005", 9000005, 9100005, season=2, source_type="season"),
        SourceEntry("Ebb", "tv", 2001, "tt9000006", 9000006, 9100006, season=1, source_type="episode"),
        SourceEntry("Ada Nobody", "movie", None, "nm9000001", 9000007, source_type="person"),
    ]
    sources.add_list("trakt", "joe/odd", odd)

    result = read(sources, "trakt", "joe/odd")

    assert (result.state, result.unsupported) == (COMPLETE, 1)
    assert [(item.title, item.season) for item in result.items] == [("Fog", 2), ("Ebb", None)]


def test_a_chart_is_complete_with_as_many_titles_as_were_asked_for(sources):
    result = read(sources, "trakt_special", "trending:movies", limit=30)

    assert (result.state, len(result.items), result.expected) == (COMPLETE, 30, 30)


def test_a_client_id_that_is_not_known_is_told_with_what_to_do(sources):
    result = read(sources, "trakt", "joe/horror", TRAKT_CLIENT_ID="deleted-app")

    assert result.state is FAILED
    assert "TRAKT_CLIENT_ID was refused" in result.reason
    assert "deleted-app" not in result.reason


@pytest.mark.parametrize("provider", ["imdb", "trakt"])
def test_an_empty_list_is_complete(sources, provider):
    list_id = {"imdb": "ls000000019", "trakt": "joe/empty"}[provider]
    sources.add_list(provider, list_id, [])

    result = read(sources, provider, list_id)

    assert (result.state, result.items, result.expected) == (COMPLETE, (), 0)


@pytest.mark.parametrize("provider", ["imdb", "trakt"])
def test_a_list_of_twenty_thousand_is_read_whole(sources, provider):
    list_id = {"imdb": "ls000020000", "trakt": "joe/everything"}[provider]
    sources.add_list(provider, list_id, entries(20_000))

    result = read(sources, provider, list_id)

    assert (result.state, len(result.items), result.expected) == (COMPLETE, 20_000, 20_000)
    assert len(sources.calls) == 80
