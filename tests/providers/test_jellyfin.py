"""Jellyfin: spellings, the user, pages of favourites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.errors import AuthenticationFailed, InvalidListId, ResourceNotFound
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers.jellyfin import fetch, find_user, parse_items, parse_list_id
from tests.providers.answers import asked_for, document, items_of, served
from tests.providers.fuzzing import JSON, changed, result_or_words

SETTINGS = {"JELLYFIN_URL": "http://jellyfin.invalid", "JELLYFIN_API_KEY": "key-of-the-test", "JELLYFIN_USER": "alice"}
USERS = served("jellyfin/users.json")
ALICE, BOB = "000000000000000000000000000000a1", "000000000000000000000000000000b2"


@pytest.mark.parametrize(
    ("list_id", "kinds"),
    [
        ("favorites", "Movie,Series"),
        ("Favourites", "Movie,Series"),
        ("favorites/movies", "Movie"),
        (" favourites:shows ", "Series"),
    ],
)
def test_every_spelling_names_the_favourites(list_id: str, kinds: str):
    assert parse_list_id(list_id) == kinds


@pytest.mark.parametrize("list_id", ["", "watchlist", "favorites/music"])
def test_anything_else_is_refused(list_id: str):
    with pytest.raises(InvalidListId, match="write favorites"):
        parse_list_id(list_id)


def test_an_address_is_told_where_it_belongs():
    with pytest.raises(InvalidListId, match="JELLYFIN_URL"):
        parse_list_id("http://192.168.1.10:8096/web/#/home.html")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("alice", ALICE), ("BOB", BOB), (BOB, BOB), ("00000000-0000-0000-0000-0000000000B2", BOB)],
)
def test_a_user_is_found_by_name_or_id(wanted: str, found: str):
    assert find_user(document("jellyfin/users.json"), wanted) == found


def test_a_user_that_is_not_there_is_named_by_its_setting_and_others_are_not_told():
    with pytest.raises(ResourceNotFound, match="JELLYFIN_USER names none of the 2 users") as caught:
        find_user(document("jellyfin/users.json"), "carol")
    assert "alice" not in str(caught.value).lower()


def test_favourites_are_read_to_their_end_with_the_key_in_headers():
    answers = [USERS, served("jellyfin/favorites-page-1.json"), served("jellyfin/favorites-page-2.json")]

    pages, asked = asked_for("jellyfin", fetch, "favorites", answers, **SETTINGS)

    assert [request.path for request in asked] == ["/Users", *[f"/Users/{ALICE}/Items"] * 2]
    assert [request.query["StartIndex"] for request in asked[1:]] == ["0", "2"]
    assert asked[1].query["Filters"] == "IsFavorite"
    assert {request.headers["X-Emby-Token"] for request in asked} == {"key-of-the-test"}
    assert {request.headers["Authorization"] for request in asked} == {'MediaBrowser Token="key-of-the-test"'}
    assert items_of(pages) == [
        MediaItem("Sample 1", MediaType.MOVIE, 1991, MediaIds(tmdb=9001, imdb="tt9000001")),
        MediaItem("Sample 2", MediaType.MOVIE, 1992, MediaIds(tmdb=9002, imdb="tt9000002")),
        MediaItem("Sample 3", MediaType.TV, 1993, MediaIds(tmdb=9003, imdb="tt9000003", tvdb=81003)),
    ]


def test_an_entry_without_ids_is_known_by_its_name_and_year():
    page = parse_items(document("jellyfin/favorites.json"))

    assert page.items[2] == MediaItem("Sample 3", MediaType.MOVIE, 1993)


@pytest.mark.parametrize("missing", ["JELLYFIN_API_KEY", "JELLYFIN_USER"])
def test_a_setting_that_is_missing_is_named(missing: str):
    others = {name: value for name, value in SETTINGS.items() if name != missing}

    with pytest.raises(AuthenticationFailed, match=f"{missing} is not set"):
        asked_for("jellyfin", fetch, "favorites", [USERS], **others)


@given(JSON | changed(document("jellyfin/favorites.json")))
def test_any_json_gives_items_or_a_named_error(value: object):
    result_or_words(parse_items, value)


@given(JSON | changed(document("jellyfin/users.json")))
def test_any_users_give_one_or_a_named_error(value: object):
    result_or_words(lambda document: find_user(document, "alice"), value)


@given(st.text())
def test_any_spelling_is_a_list_or_refused(text: str):
    result_or_words(parse_list_id, text)
