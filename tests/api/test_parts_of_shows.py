"""A season or an episode of a list is never its whole show, however the list names it."""

import json

import pytest

from list_sync.api.saved_lists.recognise import parse_list

BREAKING_BAD = {"title": "Breaking Bad", "type": "tv", "tmdb_id": 1396}


def read(text: str):
    """Return what each title of a text came to, and what cannot be requested."""
    page = parse_list(text.encode())
    ids = [" ".join(str(one) for one in (item.ids.tmdb, item.ids.imdb, item.ids.tvdb) if one) for item in page.items]
    titles = [(item.title, own, item.season) for item, own in zip(page.items, ids, strict=True)]
    return titles, dict(page.unsupported_kinds)


def read_json(*entries: object):
    return read(json.dumps(entries))


def feed(*items: str) -> str:
    return f"<rss><channel>{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"


@pytest.mark.parametrize(
    "episode",
    [
        {"season": 2, "ep": 3},
        {"season": 2, "number": 3},
        {"season": 2, "episodeNum": 3},
        {"season": 2, "episode": 0},
        {"season": 2, "episode": {"number": 3}},
        {"season_episode": "S02E03"},
        {"episode": "2x03"},
        {"url": "https://trakt.tv/shows/breaking-bad/seasons/2/episodes/3"},
        {"guid": "com.plexapp.agents.thetvdb://81189/2/3?lang=en"},
        {"guid": "plex://episode/5d9c0874ba2e21001f1a2b3c"},
    ],
)
def test_an_episode_in_any_words_requests_neither_its_season_nor_its_show(episode):
    assert read_json(BREAKING_BAD | episode) == ([], {"episode": 1})


@pytest.mark.parametrize(
    "line",
    ["Friends S01E03 (1994)", "tt0108778 Friends S01E03", '["Friends S01E03 (1994)"]', "Friends: Season 1, Episode 3"],
)
def test_a_line_that_names_an_episode_is_one(line):
    assert read(f"{line}\n") == ([], {"episode": 1})


def test_zeros_of_a_program_for_films_are_neither_season_nor_episode():
    film = {"title": "Alien", "year": 1979, "season": 0, "episode": 0}

    assert read_json(film, film | {"type": "movie"}) == ([("Alien", "", None)] * 2, {})
    assert read_json({"title": "Friends", "tmdb_id": 1668, "season": 0}) == ([("Friends", "1668", 0)], {})


def test_seasons_and_episodes_of_tmdb_have_numbers_of_their_own():
    shape = {"poster_path": "/x", "vote_average": 8, "vote_count": 4, "season_number": 2, "air_date": "2009"}
    season, episode = shape | {"id": 3573, "name": "Season 2"}, shape | {"id": 62161, "name": "Pilot"}

    assert read_json(season, season | {"name": "Book Two"}) == ([], {"season": 2})
    assert read_json(season | {"show_id": 1396}) == ([("", "1396", 2)], {})
    assert read_json(episode | {"episode_number": 1, "show_id": 1396}) == ([], {"episode": 1})
    ((_, show),) = parse_list(json.dumps([episode | {"episode_number": 1, "show_id": 1396}]).encode()).episodes
    assert show.ids.tmdb == 1396


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"title": "Breaking Bad", "ids": {"trakt": 3950, "tmdb": 3573, "tvdb": 40719}}, ("Breaking Bad", "", 2)),
        (
            {"show_title": "Breaking Bad", "show_ids": {"tmdb": 1396}, "ids": {"tmdb": 3573}},
            ("Breaking Bad", "1396", 2),
        ),
        ({"title": "Season 2", "show_title": "Breaking Bad", "tmdb_id": 3573}, ("Breaking Bad", "", 2)),
    ],
)
def test_numbers_of_a_season_are_not_those_of_its_show(entry, expected):
    assert read_json({"type": "season", "season": 2} | entry) == ([expected], {})


def test_a_season_without_the_name_of_its_show_cannot_be_requested():
    table = "TMDb ID,Type,Name,Season Number\n3573,season,Season 2,2\n"

    assert read(table) == ([], {"season": 1})


@pytest.mark.parametrize("named", [{"seasons": [2, 3]}, {"season": [2, 3]}, {"season_numbers": [2, 3]}])
def test_an_entry_that_names_several_seasons_requests_those(named):
    assert read_json(BREAKING_BAD | named) == ([("Breaking Bad", "1396", 2), ("Breaking Bad", "1396", 3)], {})


def test_a_request_of_a_media_server_wants_its_seasons_and_not_the_whole_show():
    media = {"id": 7, "mediaType": "tv", "tmdbId": 1396, "seasons": [{"seasonNumber": 5, "status": 5}]}
    asked = [{"id": 1, "seasonNumber": 2, "status": 2}, {"id": 2, "seasonNumber": 3, "status": 2}]
    request = {"id": 4, "type": "tv", "status": 2, "media": media}

    assert read_json(request | {"seasons": asked}) == ([("", "1396", 2), ("", "1396", 3)], {})
    assert read_json(request | {"seasons": []}) == ([("", "1396", None)], {})


def test_a_disc_of_one_season_requests_that_season_and_a_film_of_such_a_name_itself():
    table = (
        "Title,IMDb,Type\nBreaking Bad - Season 2,tt0903747,DVD\nFriends: The Complete First Season,tt0108778,Blu-ray\n"
        "Open Season 2,tt1107365,DVD\nOpen Season: Season 2,tt1107366,movie\n"
    )
    titles, _ = read(table)

    assert [season for _, _, season in titles] == [2, 1, None, None]


@pytest.mark.parametrize(
    ("address", "season"),
    [
        ("https://trakt.tv/shows/breaking-bad/seasons/2", 2),
        ("https://thetvdb.com/series/breaking-bad/seasons/official/2", 2),
        ("https://www.themoviedb.org/tv/1396-breaking-bad/season/2?language=de", 2),
        ("https://www.imdb.com/title/tt0903747/episodes/?season=2", 2),
        ("https://trakt.tv/shows/breaking-bad", None),
        ("https://example.org/season/2", None),
    ],
)
def test_an_address_of_a_season_beside_an_id_requests_that_season(address, season):
    assert read(f"Title,IMDb,URL\nBreaking Bad,tt0903747,{address}\n")[0][0][2] == season


def test_a_feed_of_seasons_and_episodes_requests_no_whole_show_and_no_film():
    tmdb = "https://www.themoviedb.org/tv/1396-breaking-bad/season/2"
    text = feed(
        f"<title>Breaking Bad (2009)</title><link>{tmdb}</link>",
        f"<title>Pilot (2009)</title><link>{tmdb}/episode/1</link>",
        "<title>Pilot (2008)</title><link>https://trakt.tv/shows/breaking-bad/seasons/1/episodes/1</link>",
        "<title>Friends S01E03 (1994)</title>",
    )

    assert read(text) == ([("Breaking Bad", "1396", 2)], {"episode": 3})


def test_a_season_of_the_year_is_no_season_of_an_anime():
    assert read_json({"title": "Bebop", "type": "TV", "season": "SPRING"})[0] == [("Bebop", "", None)]
    assert read("Title,Type,Season\nBebop,TV,Spring 1998\n")[0] == [("Bebop", "", None)]


def test_kodis_counts_are_no_episodes_and_its_bare_number_is_not_imdbs():
    show = {"tvshowid": 1, "title": "Breaking Bad", "imdbnumber": "81189", "season": 5, "episode": 62}
    season = {
        "seasonid": 4,
        "tvshowid": 1,
        "title": "Season 2",
        "showtitle": "Breaking Bad",
        "season": 2,
        "episode": 13,
    }
    episode = {"episodeid": 9, "tvshowid": 1, "title": "Pilot", "showtitle": "Breaking Bad", "season": 1, "episode": 1}
    text = json.dumps({"result": {"tvshows": [show], "seasons": [season], "episodes": [episode]}})

    assert read(text) == ([("Breaking Bad", "", None), ("Breaking Bad", "", 2)], {"episode": 1})


def test_a_title_with_its_details_is_that_title_and_not_its_seasons():
    season = {"id": 3573, "name": "Season 2", "season_number": 2, "poster_path": "/x", "vote_average": 8}
    show = {"id": 1396, "name": "Breaking Bad", "first_air_date": "2008", "vote_count": 4, "seasons": [season]}
    sonarr = {"title": "Breaking Bad", "tvdbId": 81189, "seasons": [{"seasonNumber": 1}], "alternateTitles": [show]}

    assert read(json.dumps(show | {"created_by": [{"id": 1, "name": "V"}]})) == ([("Breaking Bad", "1396", None)], {})
    assert read(json.dumps(sonarr)) == ([("Breaking Bad", "81189", None)], {})
    assert read(json.dumps({"name": "Mine", "imdb_id": "tt0903747", "items": ["tt0133093"]}))[0] == [
        ("", "tt0133093", None)
    ]
    empty = {"id": 8, "name": "Mine", "poster_path": "/x", "backdrop_path": "/y", "results": [], "total_results": 0}
    assert read(json.dumps(empty)) == ([], {})


def test_a_season_that_is_called_a_film_is_not_understood():
    page = parse_list(b"Title,Type,TMDB,Season\nBreaking Bad,movie,1396,2\nAlien,movie,348,\n")

    assert [item.ids.tmdb for item in page.items] == [348]
    assert [str(one) for one in page.first_not_understood] == [
        "line 2 (season 2 of a film: correct its type or its season)"
    ]
