"""Reading the servers' JSON: what counts is taken, what is new is ignored, what has drifted is a named error."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.mediaserver import payloads, rows, users
from list_sync.errors import UnexpectedResponse
from list_sync.model.matches import Candidate
from list_sync.model.servers import (
    Availability,
    Dialect,
    Fingerprint,
    MediaState,
    RequestStatus,
    ServerInfo,
    ServerRequest,
)
from list_sync.model.titles import MediaType, Quality

MOVIE, TV = MediaType.MOVIE, MediaType.TV


def a_page(*rows, total=None):
    return {
        "pageInfo": {"pages": 1, "pageSize": 1000, "results": len(rows) if total is None else total, "page": 1},
        "results": list(rows),
    }


def a_media_row(**changes):
    row = {"id": 4, "mediaType": "movie", "tmdbId": 603, "tvdbId": None, "status": 5, "status4k": 1, "seasons": []}
    return row | {"downloadStatus": [], "ratingKey": "12", "fieldOfTomorrow": {"a": 1}} | changes


def a_request_row(**changes):
    row = {
        "id": 9,
        "type": "tv",
        "status": 2,
        "is4k": False,
        "media": {"id": 4, "tmdbId": 1399, "mediaType": "tv", "status": 3},
        "requestedBy": {"id": 2, "displayName": "alice"},
        "seasons": [{"id": 1, "seasonNumber": 1, "status": 2}, {"id": 2, "seasonNumber": 0, "status": 2}],
    }
    return row | changes


@pytest.mark.parametrize(
    ("own_keys", "dialect"),
    [
        ({"region": ""}, Dialect.OVERSEERR),
        ({"mediaServerType": 1}, Dialect.JELLYSEERR),
        ({"mediaServerType": 1, "hideBlocklisted": False}, Dialect.SEERR),
    ],
)
def test_the_public_settings_tell_the_three_forks_apart(own_keys, dialect):
    settings = {"initialized": True, "applicationTitle": "x", "movie4kEnabled": True, "series4kEnabled": False}

    assert payloads.parse_public_settings(settings | own_keys) == ServerInfo(
        dialect, movie_4k=True, series_4k=False, name="x"
    )


def test_settings_of_some_other_program_are_not_taken_for_an_overseerr():
    with pytest.raises(UnexpectedResponse, match="OVERSEERR_URL"):
        payloads.parse_public_settings({"appName": "Radarr"})


def test_a_media_row_keeps_what_counts_and_tolerates_new_fields():
    (state,) = payloads.parse_media_page(a_page(a_media_row())).rows

    assert state == MediaState(MOVIE, 603, Availability.AVAILABLE, Availability.UNKNOWN)


def test_the_seasons_of_a_media_row_are_kept_in_both_qualities():
    seasons = [{"seasonNumber": 0, "status": 1, "status4k": 1}, {"seasonNumber": 2, "status": 5, "status4k": 3}]
    (state,) = payloads.parse_media_page(a_page(a_media_row(mediaType="tv", seasons=seasons))).rows

    assert state.seasons == {0: Availability.UNKNOWN, 2: Availability.AVAILABLE}
    assert state.seasons_4k == {0: Availability.UNKNOWN, 2: Availability.PROCESSING}


@pytest.mark.parametrize("number", [0, 8, 99, -1, None, "5", 5.0, True])
def test_a_status_that_we_do_not_know_is_unrecognised(number):
    (state,) = payloads.parse_media_page(a_page(a_media_row(status=number, status4k=number))).rows

    assert (state.availability, state.availability_4k) == (Availability.UNRECOGNISED, Availability.UNRECOGNISED)


@pytest.mark.parametrize("changes", [{"mediaType": "music"}, {"tmdbId": None}, {"tmdbId": 0}, {"tmdbId": "603"}])
def test_a_row_that_is_no_film_or_show_is_counted_but_left_out(changes):
    page = payloads.parse_media_page(a_page(a_media_row(**changes)))

    assert page.rows == ()
    assert page.entries == ((4, None),)


def test_a_request_row_tells_title_quality_status_seasons_and_requester():
    (request,) = payloads.parse_request_page(a_page(a_request_row())).rows

    assert request == ServerRequest(9, TV, 1399, Quality.HD, RequestStatus.APPROVED, frozenset({0, 1}), 2)


def test_a_request_in_an_unknown_state_is_unrecognised():
    (request,) = payloads.parse_request_page(a_page(a_request_row(status=6))).rows

    assert request.status is RequestStatus.UNRECOGNISED


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"results": []},
        {"pageInfo": {}, "results": []},
        {"pageInfo": {"results": 1}},
        a_page("row"),
        a_page({"mediaType": "movie", "tmdbId": 603}),
        {"pageInfo": {"results": "2"}, "results": []},
    ],
)
def test_a_page_of_another_shape_is_an_error_and_not_an_empty_page(body):
    with pytest.raises(UnexpectedResponse):
        payloads.parse_media_page(body)


def test_the_counts_that_move_by_themselves_are_left_out():
    counts = {
        "total": 9,
        "movie": 4,
        "tv": 5,
        "pending": 2,
        "approved": 6,
        "declined": 1,
        "processing": 3,
        "available": 2,
    }

    assert payloads.parse_fingerprint(counts, media=3) == Fingerprint(9, 2, 1, 3, 0)


def test_a_user_is_named_as_the_server_shows_them_and_the_password_hash_stays_behind():
    user = users.parse_user({"id": 3, "displayName": "Alice", "username": "al", "password": "$2b$12$secret"})

    assert (user.user_id, user.name) == (3, "Alice")
    assert "secret" not in repr(user)


def test_a_user_without_any_name_is_called_by_number():
    assert users.parse_user({"id": 3, "displayName": "", "username": None}).name == "user 3"


A_SHOW = {
    "id": 1399,
    "name": "Game of Thrones",
    "originalName": "Game of Thrones",
    "firstAirDate": "2011-04-17",
    "externalIds": {"imdbId": "tt0944947", "tvdbId": 121361},
    "seasons": [{"seasonNumber": 1, "episodeCount": 10}, {"seasonNumber": 0, "episodeCount": 5}],
    "numberOfSeasons": 1,
}


def test_anime_is_told_by_its_keyword_among_shows_alone():
    anime = {"keywords": [{"id": 210024, "name": "anime"}]}

    assert payloads.parse_details(TV, 1399, A_SHOW | anime).is_anime
    assert not payloads.parse_details(TV, 1399, A_SHOW | {"keywords": [{"id": 1, "name": "anime"}]}).is_anime
    assert not payloads.parse_details(MOVIE, 603, {"id": 603, "title": "Akira"} | anime).is_anime


def test_details_of_a_show_tell_its_seasons_specials_included_and_its_ids():
    details = payloads.parse_details(TV, 1399, A_SHOW)

    assert details.season_numbers == (0, 1)
    assert (details.tvdb_id, details.imdb_id, details.year) == (121361, "tt0944947", 2011)
    assert details.state == MediaState(TV, 1399)


@pytest.mark.parametrize(
    ("next_episode", "day"),
    [
        ({"airDate": "2026-12-01", "seasonNumber": 2, "episodeNumber": 1}, date(2026, 12, 1)),
        ({"airDate": "2026-12-01T02:00:00.000Z"}, date(2026, 12, 1)),
        ({"airDate": None}, None),
        ({"airDate": ""}, None),
        ({"airDate": "soon"}, None),
        ({}, None),
        (None, None),
        ("2026-12-01", None),
    ],
)
def test_details_of_a_show_tell_how_far_it_has_come_and_when_its_next_episode_airs(next_episode, day):
    details = payloads.parse_details(TV, 1399, A_SHOW | {"status": "Ended", "nextEpisodeToAir": next_episode})

    assert (details.status, details.next_episode_on) == ("Ended", day)


@pytest.mark.parametrize("status", [None, "", 7, ["Ended"]])
def test_a_show_without_a_status_has_none(status):
    details = payloads.parse_details(TV, 1399, A_SHOW | {"status": status})

    assert (details.status, payloads.parse_details(TV, 1399, A_SHOW).next_episode_on) == (None, None)


@pytest.mark.parametrize("ids", [None, {}, {"tvdbId": None}, {"tvdbId": 0}, {"tvdbId": "121361"}])
def test_a_show_without_a_tvdb_number_has_none(ids):
    assert payloads.parse_details(TV, 1399, A_SHOW | {"externalIds": ids}).tvdb_id is None


def test_details_tell_what_the_server_knows_of_the_title():
    info = a_media_row(
        mediaType="tv",
        tmdbId=1399,
        status=4,
        seasons=[{"seasonNumber": 1, "status": 5, "status4k": 1}],
        requests=[a_request_row(id=8), a_request_row(id=9, is4k=True, status=3)],
    )

    state = payloads.parse_details(TV, 1399, A_SHOW | {"mediaInfo": info}).state

    assert state.availability is Availability.PARTIALLY_AVAILABLE
    assert state.seasons == {1: Availability.AVAILABLE}
    assert [(request.request_id, request.quality, request.status) for request in state.requests] == [
        (9, Quality.UHD, RequestStatus.DECLINED),
        (8, Quality.HD, RequestStatus.APPROVED),
    ]


def test_details_of_a_film_have_no_seasons_and_no_tvdb_number():
    body = {"id": 603, "title": "The Matrix", "releaseDate": "", "imdbId": None, "externalIds": {"tvdbId": 5}}
    details = payloads.parse_details(MOVIE, 603, body)

    assert (details.title, details.year, details.imdb_id, details.tvdb_id) == ("The Matrix", None, None, None)
    assert details.season_numbers == ()


@pytest.mark.parametrize(
    ("countries", "codes"),
    [
        ({"originCountry": ["GB"], "productionCountries": [{"iso_3166_1": "US", "name": "United States"}]}, ("GB",)),
        ({"originCountry": [], "productionCountries": [{"iso_3166_1": "gb"}, {"name": "France"}]}, ("GB",)),
        ({"originCountry": None, "productionCountries": "GB"}, ()),
        ({}, ()),
    ],
)
def test_details_tell_the_countries_of_a_title(countries, codes):
    assert payloads.parse_details(TV, 1399, A_SHOW | countries).countries == codes


@pytest.mark.parametrize(
    "body", [None, [], {}, A_SHOW | {"id": 1}, A_SHOW | {"seasons": None}, A_SHOW | {"mediaInfo": 5}]
)
def test_details_of_another_shape_or_title_are_an_error(body):
    with pytest.raises(UnexpectedResponse):
        payloads.parse_details(TV, 1399, body)


def test_a_search_gives_films_and_shows_and_leaves_people_and_collections_out():
    body = {
        "page": 1,
        "totalPages": 2,
        "totalResults": 24,
        "results": [
            {
                "id": 603,
                "mediaType": "movie",
                "title": "Matrix",
                "originalTitle": "The Matrix",
                "releaseDate": "1999-03-31",
            },
            {"id": 6384, "mediaType": "person", "name": "Keanu Reeves"},
            {"id": 2344, "mediaType": "collection", "title": "The Matrix Collection"},
            {
                "id": 77,
                "mediaType": "tv",
                "name": "M",
                "originalName": "N",
                "firstAirDate": "",
                "popularity": 3.5,
                "originCountry": ["US", "", None, 7],
            },
        ],
    }

    page = payloads.parse_search(body)

    assert page.candidates == (
        Candidate(MOVIE, 603, "Matrix", "The Matrix", 1999),
        Candidate(TV, 77, "M", "N", None, 3.5, ("US",)),
    )
    assert (page.page, page.total_pages, page.total_results) == (1, 2, 24)


@pytest.mark.parametrize(
    "body",
    [None, {}, {"results": []}, {"page": 1, "totalPages": 1, "totalResults": 1, "results": [{"mediaType": "tv"}]}],
)
def test_a_search_of_another_shape_is_an_error_and_not_an_empty_answer(body):
    with pytest.raises(UnexpectedResponse):
        payloads.parse_search(body)


def test_the_access_check_is_known_by_its_key():
    assert rows.has_access_error({"status": 403, "error": "You do not have permission to access this endpoint"})
    assert not rows.has_access_error({"message": "Movie Quota exceeded."})


KEYS = [
    *("id", "pageInfo", "results", "mediaType", "type", "tmdbId", "status", "status4k", "seasons", "seasonNumber"),
    *("media", "requestedBy", "requests", "mediaInfo", "externalIds", "tvdbId", "imdbId", "page", "totalPages"),
    *("originCountry", "productionCountries", "iso_3166_1", "profileId", "serverId", "rootFolder", "tags"),
    *("totalResults", "popularity", "releaseDate", "initialized", "mediaServerType", "total", "pending", "declined"),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["movie", "tv"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8),
    max_leaves=20,
)
PARSERS = [
    payloads.parse_public_settings,
    users.parse_user,
    users.parse_user_page,
    payloads.parse_media_page,
    payloads.parse_request_page,
    payloads.parse_timed_page,
    users.parse_quotas,
    lambda body: payloads.parse_fingerprint(body, media=1),
    payloads.parse_search,
    lambda body: payloads.parse_details(TV, 1, body),
    lambda body: payloads.parse_details(MOVIE, 1, body),
]


@given(st.sampled_from(PARSERS), json_values)
def test_any_json_is_a_value_or_a_named_error(parse, body):
    with contextlib.suppress(UnexpectedResponse):
        parse(body)


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), json_values), max_size=3), st.sampled_from(["media", "request"]))
def test_any_row_in_a_sound_page_is_a_value_or_a_named_error(found, kind):
    parse = payloads.parse_media_page if kind == "media" else payloads.parse_request_page
    try:
        page = parse(a_page(*found))
    except UnexpectedResponse:
        return
    assert len(page.entries) == len(found)
    assert all(row.tmdb_id > 0 for row in page.rows)


def test_names_of_titles_are_one_line_that_is_not_endless():
    row = {"id": 603, "mediaType": "movie", "title": "a" + "\u0301" * 60_000, "originalTitle": "The\nMatrix\x1b"}

    (found,) = payloads.parse_search({"page": 1, "totalPages": 1, "totalResults": 1, "results": [row]}).candidates

    assert (len(found.title), found.original_title) == (500, "The Matrix")
