"""Lists as people and small programs write them: what is plain to a reader is read, what is doubtful is said."""

import json

import pytest

from list_sync.api.saved_lists.recognise import parse_list


def read(text: str):
    """Return what each entry of a text came to: its label, kind, ids and season."""
    page = parse_list(text.encode())
    assert page.entries == (page.total if page.total is not None else page.entries)
    return [
        " ".join(
            filter(
                None,
                (
                    item.label,
                    item.media_type and item.media_type.value,
                    item.ids.imdb if item.title else "",
                    f"tmdb:{item.ids.tmdb}" if item.ids.tmdb and (item.title or item.ids.imdb) else "",
                    f"S{item.season}" if item.season else "",
                ),
            )
        )
        for item in page.items
    ]


def left_out(text: str):
    page = parse_list(text.encode())
    return dict(page.unsupported_kinds), [str(one) for one in page.first_not_understood]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            "https://www.imdb.com/title/tt0078748/ https://www.themoviedb.org/movie/348-alien",
            "movie tt0078748 tmdb:348",
        ),
        ('"https://www.imdb.com/title/tt0078748/, https://www.themoviedb.org/movie/348"', "movie tt0078748 tmdb:348"),
        ("https://www.imdb.com/title/tt0078748/;https://letterboxd.com/film/alien/", "tt0078748"),
        (
            "IMDb: https://www.imdb.com/title/tt0078748/ | TMDB: https://www.themoviedb.org/movie/348",
            "movie tt0078748 tmdb:348",
        ),
        ("[IMDb](https://www.imdb.com/title/tt0078748/)", "tt0078748"),
        ('"=HYPERLINK(""https://www.imdb.com/title/tt0078748/"",""Alien"")"', "tt0078748"),
        ("see https://www.imdb.com/title/tt0078748/ for more", ""),
        ("not https://www.imdb.com/title/tt0078748/", ""),
    ],
)
def test_a_cell_of_nothing_but_addresses_names_the_title_and_prose_does_not(cell, expected):
    assert read(f"Title,Links\nAlien,{cell}\n") == [f"Alien {expected}".strip()]


def test_addresses_of_two_films_in_one_cell_are_not_understood():
    cell = "https://www.imdb.com/title/tt0078748/ https://www.imdb.com/title/tt0133093/"
    text = f"Title,Links\nAlien,{cell}\nPsycho,\n"

    assert read(text) == ["Psycho"]
    assert left_out(text)[1] == ["line 2 (ids that do not belong to one title: tt0078748, tt0133093)"]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (
            {"links": "https://www.imdb.com/title/tt0078748/ https://www.themoviedb.org/movie/348"},
            "movie tt0078748 tmdb:348",
        ),
        ({"urls": ["https://www.imdb.com/title/tt0078748/"]}, "tt0078748"),
        ({"external_links": [{"site": "IMDb", "url": "https://www.imdb.com/title/tt0078748/"}]}, "tt0078748"),
        ({"ids": ["imdb:tt0078748", "tmdb:348"]}, "tt0078748 tmdb:348"),
        ({"ids": "tt0078748, tmdb:movie:348"}, "movie tt0078748 tmdb:348"),
    ],
)
def test_values_of_json_that_hold_several_addresses_name_the_title(links, expected):
    assert read(json.dumps([{"title": "Alien", **links}])) == [f"Alien {expected}"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- [The Matrix](https://www.imdb.com/title/tt0133093/)", "The Matrix tt0133093"),
        (
            "- [ ] [Inception (2010)](https://www.themoviedb.org/movie/27205-inception)",
            "Inception (2010) movie tmdb:27205",
        ),
        ("1. tt0133093", "tt0133093"),
        ("+ <https://www.imdb.com/title/tt0133093/>", "tt0133093"),
        ("- [x] Psycho (1960)", "Psycho (1960)"),
        ("☐ Psycho (1960)", "Psycho (1960)"),
        ("tt0133093 // The Matrix", "tt0133093"),
        ("tt0133093 - The Matrix", "tt0133093"),
        ("Psycho, 1960", "Psycho (1960)"),
        ('"Good, the Bad and the Ugly, The",1966', "Good, the Bad and the Ugly, The (1966)"),
        ("com.plexapp.agents.imdb://tt0133093?lang=en", "tt0133093"),
        ("https://www.imdb.com/title/tt0903747/episodes/?season=2", "tt0903747 tv S2"),
    ],
)
def test_lines_of_notes_are_read_after_their_marks(line, expected):
    assert read(f"tt0078748\n{line}\n") == ["tt0078748", expected]


@pytest.mark.parametrize("line", ["tt0133093 was no good", "skip this: https://www.imdb.com/title/tt0133093/"])
def test_what_a_line_says_of_an_id_does_not_ask_for_it(line):
    assert read(f"tt0078748\n{line}\n") == ["tt0078748"]
    assert len(left_out(f"tt0078748\n{line}\n")[1]) == 1


def test_json_lines_are_read_and_a_broken_one_is_named():
    text = '{"title": "The Matrix", "year": 1999}\r\n\r\n{"imdb_id": "tt0078748"}\n{"imdb_id": "tt01\n{"x": 1}\n'

    assert read(text) == ["The Matrix (1999)", "tt0078748"]
    assert left_out(text)[1] == ["line 5 (neither a title nor an id)", "line 4 (incomplete JSON)"]


def test_a_document_that_is_one_title_is_a_list_of_one():
    assert read('{"title": "The Matrix", "year": 1999}') == ["The Matrix (1999)"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"id": 550, "media_type": "movie"}, "tmdb:550 movie"),
        (
            {"adult": False, "id": 603, "original_title": "The Matrix", "popularity": 8.1, "video": False},
            "The Matrix movie tmdb:603",
        ),
        ({"id": 1396, "original_name": "Breaking Bad", "popularity": 8.1}, "Breaking Bad tv tmdb:1396"),
        (
            {"id": 7, "content": {"id": 8, "tmdbId": 603, "title": "The Matrix", "type": "movie"}},
            "The Matrix movie tmdb:603",
        ),
        ({"lot": "show", "source": "tmdb", "identifier": "1396"}, "tmdb:1396 tv"),
        ({"id": 348, "title": "Psycho", "release_year": 1960, "mediatype": "movie"}, "Psycho (1960) movie"),
        ({"id": 348, "title": "Psycho", "year": 1960, "type": "movie"}, "Psycho (1960) movie"),
        ({"ratingKey": "348", "title": "Psycho", "year": 1960, "type": "movie"}, "Psycho (1960) movie"),
    ],
)
def test_an_id_is_tmdbs_only_where_its_shape_or_its_source_says_so(entry, expected):
    assert read(json.dumps([entry])) == [expected]


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "348", "type": "movie"},
        {"lot": "anime", "source": "anilist", "identifier": "348"},
        {"lot": "movie", "source": "tvdb", "identifier": "550"},
    ],
)
def test_an_id_that_does_not_say_whose_it_is_is_not_understood(entry):
    text = json.dumps([{"title": "Alien", "year": 1979}, entry])

    assert read(text) == ["Alien (1979)"]
    assert left_out(text)[1] == ["[1] (an id of unknown source: call it tmdb_id, imdb_id or tvdb_id)"]


def test_yamtracks_numbers_are_those_of_the_source_that_a_row_names():
    text = (
        "media_id,source,media_type,title,season_number,episode_number\n"
        "603,tmdb,movie,The Matrix,,\n1396,tmdb,season,Breaking Bad,2,\n1396,tmdb,episode,Breaking Bad,2,5\n"
        "603,mal,anime,Cowboy Bebop,,\n1942,igdb,game,Witcher,,\n"
    )

    assert read(text) == ["The Matrix movie tmdb:603", "Breaking Bad tv tmdb:1396 S2", "Cowboy Bebop"]
    assert left_out(text) == ({"episode": 1, "game": 1}, [])


def test_numbers_of_a_season_in_a_table_of_trakt_are_not_taken_for_those_of_its_show():
    text = "type,title,year,trakt_id,tmdb_id,tvdb_id,season_number\nseason,Breaking Bad,2008,3951,3573,40719,2\n"

    assert read(text) == ["Breaking Bad (2008) tv S2"]


@pytest.mark.parametrize(
    "text",
    [
        "Show,Season,Episode\nFriends,S02,E05\n",
        "tv_show_name,episode_season_number,episode_number\nFriends,2,5\n",
        '[{"type": "episode", "title": "Pilot", "grandparentTitle": "Friends", "parentIndex": 1, "index": 1}]',
        '{"Items": [{"Name": "Pilot", "Type": "Episode", "SeriesName": "Friends", "ProviderIds": {"Tvdb": "303821"}}]}',
    ],
)
def test_an_episode_names_its_show_and_not_the_ids_of_its_own(text):
    page = parse_list(text.encode())
    ((_, show),) = page.episodes

    assert page.items == []
    assert (show.label, bool(show.ids)) == ("Friends", False)


def test_all_seasons_are_the_show_and_a_title_with_an_episodes_number_is_one():
    text = "Title,Season\nFriends,All\nFriends - S01E03,\nBreaking Bad,Season 2\n"

    assert read(text) == ["Friends", "Breaking Bad tv S2"]
    assert left_out(text) == ({"episode": 1}, [])


@pytest.mark.parametrize("statement", [{"truncated": True}, {"isLastPage": False}, {"movieCount": 9}])
def test_more_than_it_holds_is_said_in_many_words(statement):
    page = parse_list(json.dumps({"items": [{"title": "Alien", "year": 1979}], **statement}).encode())

    assert page.total == 9 or page.halt


def test_groups_by_year_are_read():
    assert read('{"2024": [{"title": "Alien", "year": 1979}], "2023": [{"title": "Psycho", "year": 1960}]}') == [
        "Alien (1979)",
        "Psycho (1960)",
    ]
