"""The sample sources answer plain requests as facts about the real ones say: IMDb, MDBList, Trakt."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from list_sync.demo.sources.sample_sources import SampleSources, SourceEntry
from tests.demo.sample_sources import (
    ENTRIES,
    TRAKT,
    WATCHLIST_QUERY,
    Entries,
    ask_imdb,
    get_mdblist,
    get_trakt,
    imdb_list,
    imdb_page,
    made_entry,
    paging_of,
)
from tests.fakes.patience import PATIENCE_SECONDS


@pytest.fixture
def sources() -> Iterator[SampleSources]:
    with SampleSources() as running:
        running.add_list("imdb", "ls000000001", Entries(627), name="Long")
        running.add_list("mdblist", "joe/long", Entries(2_345))
        running.add_list("trakt", "joe/long", Entries(627))
        yield running


def test_imdb_answers_a_bare_403_without_the_marks_of_its_web_client(sources: SampleSources) -> None:
    def ask(**headers: str) -> requests.Response:
        body = {"query": '{ list(id: "ls000000001") { id } }'}
        return requests.post(f"{sources.url('imdb')}/", json=body, headers=headers, timeout=PATIENCE_SECONDS)

    refused = ask()
    assert (refused.status_code, refused.headers["Content-Type"], refused.headers["Server"]) == (
        403,
        "text/html",
        "awselb/2.0",
    )
    assert len(refused.content) == 118
    assert b"<title>403 Forbidden</title>" in refused.content
    assert ask(Origin="https://www.imdb.com").status_code == 403
    assert ask(Origin="https://www.imdb.com", Referer="https://www.imdb.com/").json()["data"]["list"]["id"]
    assert ask(**{"x-imdb-client-name": "imdb-web-next"}).status_code == 200


def test_imdb_gives_at_most_250_a_page_and_a_cursor_on_the_last_one_too(sources: SampleSources) -> None:
    first = imdb_page(sources, "ls000000001", first=1000)
    second = imdb_page(sources, "ls000000001", after=first["pageInfo"]["endCursor"])
    last = imdb_page(sources, "ls000000001", after=second["pageInfo"]["endCursor"])

    assert [len(page["edges"]) for page in (first, second, last)] == [250, 250, 127]
    assert [page["total"] for page in (first, second, last)] == [627] * 3
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, last)] == [True, True, False]
    assert last["pageInfo"]["endCursor"]
    assert last["edges"][-1] == {
        "node": {"absolutePosition": 627, "createdDate": "2026-08-01T12:00:00.000Z"},
        "title": {
            "id": "tt8000626",
            "titleText": {"text": "Made Up 626"},
            "originalTitleText": {"text": "Made Up 626"},
            "titleType": {"id": "movie"},
            "releaseYear": {"year": 2016},
        },
    }
    assert (
        imdb_list(sources, "ls000000001", after="bogus").json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    )


def test_imdb_says_null_for_missing_forbidden_for_private_and_zero_for_empty(sources: SampleSources) -> None:
    sources.add_list("imdb", "ur000000002", [made_entry(1)], private=True)
    sources.add_list("imdb", "ls000000003", [])

    assert imdb_list(sources, "ls999999999").json()["data"] == {"list": None}
    assert "errors" not in imdb_list(sources, "ls999999999").json()
    private = ask_imdb(sources, WATCHLIST_QUERY, id="ur000000002", first=250)
    assert private.status_code == 200
    assert private.json()["data"] == {"predefinedList": None}
    assert private.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    empty = imdb_page(sources, "ls000000003")
    assert empty == {"total": 0, "pageInfo": {"hasNextPage": False, "endCursor": None}, "edges": []}


def test_imdb_knows_profiles_watchlists_charts_and_the_box_office(sources: SampleSources) -> None:
    sources.add_list("imdb", "p.abc_Def", [made_entry(1)])
    sources.add_list("imdb", "boxoffice", Entries(60))

    profile = ask_imdb(sources, "query P($id: ID!) { userProfile(input: {profileId: $id}) { userId } }", id="p.abc_Def")
    user_id = profile.json()["data"]["userProfile"]["userId"]
    assert user_id.startswith("ur")
    watchlist = ask_imdb(sources, WATCHLIST_QUERY, id=user_id, first=10).json()["data"]["predefinedList"]
    assert watchlist["titleListItemSearch"]["total"] == 1

    chart = "chartTitles(chart:{chartType:TOP_RATED_MOVIES}, first:3)"
    query = (
        f"{{ {chart} {{ total edges{{ currentRank node{{ id titleText{{text}} releaseYear{{year endYear}} }} }} }} }}"
    )
    top = ask_imdb(sources, query).json()["data"]["chartTitles"]
    assert (top["total"], [edge["currentRank"] for edge in top["edges"]]) == (30, [1, 2, 3])
    assert top["edges"][0]["node"]["id"] == "tt0111161"

    office = ask_imdb(sources, "{ boxOfficeWeekendChart(limit: 50) { entries { title { id } } } }").json()["data"]
    assert len(office["boxOfficeWeekendChart"]["entries"]) == 50


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ list(id: $id) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ list(id: "ls000000001") { nonsense } }', "GRAPHQL_VALIDATION_FAILED"),
        ('{ list(id: "ls000000001") }', "GRAPHQL_VALIDATION_FAILED"),
        ("{ chartTitles(chart: {chartType: BEST_OF_ALL}, first: 1) { total } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query { list(", "GRAPHQL_VALIDATION_FAILED"),
        (f'{{ list(id: "ls000000001") {{ titleListItemSearch(first: 0) {{ {ENTRIES} }} }} }}', "BAD_USER_INPUT"),
    ],
)
def test_imdb_refuses_what_its_schema_does_not_allow(sources: SampleSources, query: str, code: str) -> None:
    answer = ask_imdb(sources, query)

    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_mdblist_pages_by_limit_and_offset_and_says_whether_more_follows(sources: SampleSources) -> None:
    lengths, more, offset = [], "true", 0
    while more == "true":
        answer = get_mdblist(sources, "lists/joe/long/items", limit=5000, offset=offset)
        page = answer.json()
        assert int(answer.headers["X-Total-Items"]) == len(page["movies"])
        lengths.append(len(page["movies"]))
        more, offset = answer.headers["X-Has-More"], offset + lengths[-1]

    assert lengths == [1000, 1000, 345]
    assert len(get_mdblist(sources, "lists/joe/long/items").json()["movies"]) == 100
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= answer.headers.keys()


def test_mdblist_items_have_tmdb_ids_and_ranks_with_gaps(sources: SampleSources) -> None:
    sources.add_list("mdblist", "123", [SourceEntry("Odd", "movie", 2024), SourceEntry("Dark", "tv", 2017, tvdb=5)])
    sources.add_list("mdblist", "watchlist", Entries(3))
    sources.add_list("mdblist", "external/7", Entries(3))

    answer = get_mdblist(sources, "lists/123/items").json()
    assert answer["movies"][0] | {"id": 0, "adult": 0, "language": ""} == {
        **{"id": 0, "rank": 1, "adult": 0, "title": "Odd", "imdb_id": None, "tmdb_id": None, "tvdb_id": None},
        **{"language": "", "mediatype": "movie", "release_year": 2024},
    }
    assert (answer["shows"][0]["rank"], answer["shows"][0]["mediatype"], answer["shows"][0]["tvdb_id"]) == (
        3,
        "show",
        5,
    )
    assert [entry["title"] for entry in get_mdblist(sources, "lists/123/items", unified="true").json()] == [
        "Odd",
        "Dark",
    ]
    assert get_mdblist(sources, "lists/123/items/show").json()["movies"] == []
    assert len(get_mdblist(sources, "external/lists/7/items").json()["movies"]) == 3
    [meta] = get_mdblist(sources, "lists/joe/long").json()
    assert (meta["user_name"], meta["slug"], meta["items"]) == ("joe", "long", 2_345)

    first = get_mdblist(sources, "watchlist/items", limit=2).json()
    last = get_mdblist(sources, "watchlist/items", limit=2, cursor=first["pagination"]["next_cursor"]).json()
    assert [entry["title"] for entry in last["movies"]] == ["Made Up 2"]
    assert last["pagination"] == {"next_cursor": None}


def test_mdblist_has_a_public_json_without_a_key(sources: SampleSources) -> None:
    answer = get_mdblist(sources, "lists/joe/long/json", key=None)

    assert len(answer.json()) == 2_345
    assert answer.json()[1] == {
        **{"id": 7_000_001, "rank": 3, "adult": 0, "title": "Made Up 1", "tvdbid": 0, "imdb_id": "tt8000001"},
        **{"mediatype": "movie", "release_year": 1951},
    }
    part = get_mdblist(sources, "lists/joe/long/json", key=None, limit=1000, offset=2000).json()
    assert (len(part), part[0]["title"]) == (345, "Made Up 2000")
    assert get_mdblist(sources, "lists/joe/long/json", key=None, limit=1000, offset=2345).json() == []
    assert get_mdblist(sources, "lists/joe/none/json", key=None).status_code == 404


def test_mdblist_puts_its_errors_into_the_body(sources: SampleSources) -> None:
    sources.add_list("mdblist", "joe/secret", [made_entry(1)], private=True)
    sources.fault("mdblist", "joe/long", "limit")

    limited = get_mdblist(sources, "lists/joe/long/items")
    assert (limited.status_code, limited.json()) == (200, {"error": "API Limit Reached!"})
    wrong_key = get_mdblist(sources, "lists/joe/long/items", key="wrong")
    assert (wrong_key.status_code, wrong_key.json()) == (403, {"error": "Invalid API key!"})
    assert get_mdblist(sources, "lists/joe/secret/items").status_code == 403
    missing = get_mdblist(sources, "lists/joe/none/items")
    assert (missing.status_code, list(missing.json())) == (404, ["error"])


def test_trakt_pages_by_100_unless_asked_and_cuts_down_to_250(sources: SampleSources) -> None:
    assert paging_of(get_trakt(sources, "users/joe/lists/long/items")) == (1, 100, 7, 627)
    large = get_trakt(sources, "users/joe/lists/long/items", page=3, limit=1000)
    assert paging_of(large) == (3, 250, 3, 627)
    assert len(large.json()) == 127
    beyond = get_trakt(sources, "users/joe/lists/long/items", page=4, limit=250)
    assert (beyond.status_code, beyond.json(), paging_of(beyond)) == (200, [], (4, 250, 3, 627))
    limit = json.loads(large.headers["X-Ratelimit"])
    assert limit.keys() == {"name", "period", "limit", "remaining", "until"}
    assert (limit["period"], limit["limit"]) == (300, 500)
    assert "X-Runtime" in large.headers


def test_trakt_wraps_every_entry_in_its_type(sources: SampleSources) -> None:
    mixed = [
        SourceEntry("Deadpool", "movie", 2016, "tt1431045", 293660),
        SourceEntry("Castle", "tv", 2009, "tt1219024", 1419, 83462),
        SourceEntry("Castle", "tv", 2009, "tt1219024", 1419, 83462, season=2, source_type="season"),
        SourceEntry("Castle", "tv", 2009, "tt1219024", 1419, 83462, season=8, source_type="episode"),
        SourceEntry("Keanu Reeves", tmdb=6384, source_type="person"),
    ]
    sources.add_list("trakt", "joe/watchlist", mixed)
    sources.add_list("trakt", "4711", mixed)

    rows = get_trakt(sources, "users/joe/watchlist").json()
    assert [row["type"] for row in rows] == ["movie", "show", "season", "episode", "person"]
    assert all({"rank", "id", "listed_at", "notes", row["type"]} <= row.keys() for row in rows)
    assert rows[0]["movie"]["ids"].keys() == {"trakt", "slug", "imdb", "tmdb"}
    assert rows[1]["show"]["ids"]["tvdb"] == 83462
    assert (rows[2]["season"]["number"], rows[2]["show"]["title"]) == (2, "Castle")
    assert (rows[3]["episode"]["season"], rows[3]["show"]["title"]) == (8, "Castle")
    assert rows[4]["person"]["name"] == "Keanu Reeves"
    for path in ("users/joe/watchlist/movie,show", "lists/4711/items/movie,show"):
        assert [row["type"] for row in get_trakt(sources, path).json()] == ["movie", "show"]
    assert len(get_trakt(sources, "users/joe/watchlist/shows").json()) == 1


def test_trakt_wants_a_client_id_and_a_real_user_agent(sources: SampleSources) -> None:
    path = "users/joe/lists/long/items"

    edge = get_trakt(sources, path, headers=TRAKT | {"User-Agent": "python"})
    assert (edge.status_code, edge.headers["Server"], "X-Runtime" in edge.headers) == (403, "cloudflare", False)
    assert "Sorry, you have been blocked" in edge.text
    for headers in ({"trakt-api-key": ""}, {"trakt-api-key": "0" * 64}):
        refused = get_trakt(sources, path, headers=TRAKT | headers)
        assert (refused.status_code, "X-Runtime" in refused.headers) == (403, True)


def test_trakt_hides_private_lists_behind_404(sources: SampleSources) -> None:
    sources.add_list("trakt", "joe/secret", [made_entry(1)], private=True)
    sources.add_list("trakt", "joe/empty", [])

    assert get_trakt(sources, "users/joe/lists/none/items").status_code == 404
    assert get_trakt(sources, "users/joe/lists/secret/items").status_code == 404
    empty = get_trakt(sources, "users/joe/lists/empty/items")
    assert (empty.status_code, empty.json()) == (200, [])


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("movies/trending", {"watchers", "movie"}),
        ("shows/anticipated", {"list_count", "show"}),
        ("movies/watched/weekly", {"watcher_count", "play_count", "collected_count", "collector_count", "movie"}),
        ("shows/collected/weekly", {"watcher_count", "play_count", "collected_count", "collector_count", "show"}),
        ("movies/favorited/weekly", {"user_count", "movie"}),
        ("movies/popular", {"title", "year", "ids"}),
        ("movies/boxoffice", {"revenue", "movie"}),
    ],
)
def test_trakts_charts(sources: SampleSources, path: str, keys: set[str]) -> None:
    folder, chart = path.split("/")[:2]
    sources.add_list("trakt_special", f"{chart}:{folder}", Entries(120, "movie" if folder == "movies" else "tv"))

    answer = get_trakt(sources, path)

    assert answer.json()[0].keys() == keys
    is_box_office = chart == "boxoffice"
    assert len(answer.json()) == (10 if is_box_office else 100)
    assert ("X-Pagination-Page" in answer.headers) is not is_box_office


def test_long_lists_are_made_while_they_are_read(sources: SampleSources) -> None:
    entries = Entries(100_000)
    sources.add_list("imdb", "ls000000009", entries)
    sources.add_list("trakt", "joe/huge", entries)

    assert imdb_page(sources, "ls000000009")["total"] == 100_000
    assert paging_of(get_trakt(sources, "users/joe/lists/huge/items", page=400, limit=250)) == (400, 250, 400, 100_000)
    assert entries.made == 500
