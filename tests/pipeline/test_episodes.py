"""Seasons and episodes: a season is that season, an episode never is, and EPISODES says whether it is its show."""

import io
import json
import zipfile

import pytest

from list_sync.model.report import SyncMode
from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import ScriptedServer, Served

BREAKING_BAD = {"title": "Breaking Bad", "year": 2008, "ids": {"trakt": 1388, "imdb": "tt0903747", "tmdb": 1396}}
FRIENDS = {"title": "Friends", "year": 1994, "ids": {"trakt": 1657, "imdb": "tt0108778", "tmdb": 1668, "tvdb": 79168}}
ENTRIES = [
    {"rank": 1, "type": "season", "season": {"number": 2, "ids": {"trakt": 5}}, "show": BREAKING_BAD},
    {"rank": 2, "type": "episode", "episode": {"season": 1, "number": 2, "title": "x"}, "show": FRIENDS},
    {"rank": 3, "type": "movie", "movie": {"title": "The Matrix", "year": 1999, "ids": {"trakt": 1, "tmdb": 603}}},
]
SEASON = ("Breaking Bad", 2)
SHOW = ("Friends", None)
FILM = ("The Matrix", None)
TMDB_EXPORT = """TMDb ID,IMDb ID,Type,Name,Release Date,Season Number,Episode Number,Rating,Your Rating,Date Rated
603,tt0133093,movie,"The Matrix",1999-03-31T00:00:00Z,,,8.2,9.0,2020-11-08T00:00:00Z
1396,tt0903747,tv,"Breaking Bad",2008-01-20T00:00:00Z,,,8.9,,
1399,tt0944947,tv,"Game of Thrones",2011-04-17T00:00:00Z,3,9,8.4,10.0,2021-01-01T00:00:00Z
"""
EPISODES_OF_SHOWS = [
    {"title": "Breaking Bad", "media_type": "tv", "tmdb_id": 1396, "season_number": 2, "episode_number": 5},
    {"title": "Friends", "type": "show", "season": 1, "episode": 3, "tmdb_id": 1668},
]


@pytest.fixture
def drop(tmp_path):
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


def items(result):
    return [(item.title, item.season) for item in result.items]


def requests(demo):
    return {row["tmdb_id"]: row["seasons"] for row in demo.requests()}


def put_json(drop, entries, name="list.json"):
    (drop / name).write_text(json.dumps(entries))


def put_export(drop, entries, *, is_zipped):
    if not is_zipped:
        put_json(drop, entries, "samdoe-watchlist.json")
        return
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("user-profile.json", json.dumps({"username": "samdoe"}))
        archive.writestr("lists-watchlist.json", json.dumps(entries))
    (drop / "trakt-export-2026-08-21.zip").write_bytes(buffer.getvalue())


def read_trakt(open_session, drop, way, entries, **settings):
    """Return what a Trakt list is read as by its API, from the file or from the ZIP of its export."""
    if way == "api":
        headers = {"X-Pagination-Item-Count": str(len(entries)), "X-Pagination-Page-Count": "1"}
        with ScriptedServer(lambda _: Served(entries, headers=headers)) as trakt:
            session = open_session(
                TRAKT_LISTS="samdoe/watchlist", TRAKT_CLIENT_ID="id", TRAKT_BASE_URL=trakt.url, **settings
            )
            return session.sync(mode=SyncMode.MANUAL).fetched[0]
    put_export(drop, entries, is_zipped=way == "zip")
    session = open_session(TRAKT_LISTS="samdoe/watchlist", **settings)
    return session.sync(mode=SyncMode.MANUAL).fetched[0]


WAYS = ["api", "file", "zip"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("setting", "expected", "counted"),
    [
        ({}, [SEASON, SHOW, FILM], {}),
        ({"EPISODES": "show"}, [SEASON, SHOW, FILM], {}),
        ({"EPISODES": "ignore"}, [SEASON, FILM], {"episode": 1}),
    ],
)
def test_trakts_api_its_export_and_the_zip_give_the_same_wishes(open_session, drop, way, setting, expected, counted):
    result = read_trakt(open_session, drop, way, ENTRIES, **setting)

    assert (result.state, items(result)) == (FetchState.COMPLETE, expected)
    assert (result.unsupported_kinds, result.unsupported) == (counted, len(counted))


@pytest.mark.parametrize("way", WAYS)
def test_the_specials_are_a_season_and_one_without_number_is_counted(open_session, drop, way):
    entries = [
        {"type": "season", "season": {"number": 0, "ids": {"trakt": 5}}, "show": BREAKING_BAD},
        {"type": "season", "season": {"ids": {"trakt": 6}}, "show": FRIENDS},
    ]
    result = read_trakt(open_session, drop, way, entries)

    assert (items(result), result.unsupported_kinds) == ([("Breaking Bad", 0)], {"season": 1})


def test_from_a_zip_the_season_and_the_show_of_the_episode_are_requested(open_session, drop, demo):
    put_export(drop, ENTRIES[:2], is_zipped=True)
    open_session(TRAKT_LISTS="samdoe/watchlist").sync(mode=SyncMode.MANUAL)

    assert requests(demo) == {1396: [2], 1668: list(range(1, 11))}


def test_episodes_in_json_are_counted_and_nothing_of_them_is_requested(open_session, drop, demo):
    put_json(drop, EPISODES_OF_SHOWS)
    (result,) = open_session(FILE_LISTS="list.json").sync(mode=SyncMode.MANUAL).fetched

    assert (result.state, result.items, result.unsupported_kinds) == (FetchState.COMPLETE, (), {"episode": 2})
    assert requests(demo) == {}


def test_episodes_in_files_are_their_shows_where_the_setting_says_so(open_session, drop):
    put_json(drop, EPISODES_OF_SHOWS)
    (drop / "tmdb.csv").write_text(TMDB_EXPORT)
    (drop / "ids.txt").write_text("https://www.themoviedb.org/tv/1399-x/season/3/episode/9\n")
    session = open_session(FILE_LISTS="list.json,tmdb.csv,ids.txt", EPISODES="Show")
    json_list, csv_list, id_list = session.sync(mode=SyncMode.MANUAL, dry_run=True).fetched

    assert items(json_list) == [("Breaking Bad", None), ("Friends", None)]
    assert items(csv_list) == [FILM, ("Breaking Bad", None), ("Game of Thrones", None)]
    assert [(item.ids.tmdb, item.season) for item in id_list.items] == [(1399, None)]


def test_a_row_of_an_episode_in_tmdbs_export_requests_no_season(open_session, drop, demo):
    (drop / "tmdb.csv").write_text(TMDB_EXPORT)
    (result,) = open_session(FILE_LISTS="tmdb.csv").sync(mode=SyncMode.MANUAL).fetched

    assert (items(result), result.unsupported_kinds) == ([FILM, ("Breaking Bad", None)], {"episode": 1})
    assert requests(demo).keys() == {603, 1396}


def test_an_episode_whose_show_is_not_stated_is_counted_with_any_setting(open_session, drop):
    put_json(
        drop, [{"type": "episode", "title": "Ozymandias", "imdb_id": "tt2301451"}, {"tmdb_id": 603, "type": "movie"}]
    )
    (result,) = open_session(FILE_LISTS="list.json", EPISODES="show").sync(mode=SyncMode.MANUAL).fetched

    assert (len(result.items), result.unsupported_kinds) == (1, {"episode": 1})


def test_an_entry_of_a_season_requests_that_season(open_session, drop, demo):
    put_json(drop, [{"type": "season", "title": "Breaking Bad", "tmdb_id": 1396, "season_number": 2}])
    open_session(FILE_LISTS="list.json").sync(mode=SyncMode.MANUAL)

    assert requests(demo) == {1396: [2]}


def test_an_entry_of_the_specials_never_requests_the_whole_show(open_session, drop, demo):
    put_json(drop, [{"type": "season", "title": "Breaking Bad", "tmdb_id": 1396, "season_number": 0}])
    (outcome,) = open_session(FILE_LISTS="list.json").sync(mode=SyncMode.MANUAL).outcomes

    assert outcome.result.wanted.item.season == 0
    assert requests(demo).get(1396, [0]) == [0]
