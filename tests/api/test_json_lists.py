"""JSON as programs and sources write it: every array of titles is read or counted, of any shape."""

import json

import pytest

from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import UnexpectedResponse
from list_sync.fetching.completeness import ListReading, judge
from list_sync.model.sources import FetchState, ListRef
from list_sync.model.titles import MediaIds
from tests.builders import NOON


def page_of(document):
    return parse_list(json.dumps(document).encode())


def brief(document):
    return [
        (item.label, item.media_type and item.media_type.value, named(item.ids), item.season)
        for item in page_of(document).items
    ]


def named(ids: MediaIds):
    return " ".join(f"{name}:{value}" for name in ("tmdb", "imdb", "tvdb") if (value := getattr(ids, name)))


def result_of(document):
    reading = ListReading()
    reading.add(page_of(document))
    return judge(reading, ListRef("file", "x.json"), fetched_at=NOON)


MATRIX = {"title": "The Matrix", "year": 1999, "imdb_id": "tt0133093"}
ALIEN = {"title": "Alien", "year": 1979, "imdb_id": "tt0078748"}

SHAPES = {
    "simkl backup": (
        {
            "shows": [
                {"status": "plantowatch", "show": {"title": "Breaking Bad", "year": 2008, "ids": {"tvdb": "81189"}}}
            ],
            "anime": [
                {"anime_type": "tv", "show": {"title": "Attack on Titan", "year": 2013, "ids": {"tmdb": "1429"}}},
                {"anime_type": "movie", "show": {"title": "Spirited Away", "year": 2001, "ids": {"tmdb": "129"}}},
                {"anime_type": "ova", "show": {"title": "Something", "year": 2002, "ids": {"imdb": "tt0000007"}}},
            ],
            "movies": [{"status": "plantowatch", "movie": {"title": "The Matrix", "ids": {"tmdb": "603"}}}],
        },
        [
            ("Breaking Bad (2008)", "tv", "tvdb:81189", None),
            ("Attack on Titan (2013)", "tv", "tmdb:1429", None),
            ("Spirited Away (2001)", "movie", "tmdb:129", None),
            ("Something (2002)", None, "imdb:tt0000007", None),
            ("The Matrix", "movie", "tmdb:603", None),
        ],
    ),
    "jellyfin": (
        {
            "Items": [
                {
                    "Name": "The Matrix",
                    "ProductionYear": 1999,
                    "Type": "Movie",
                    "ProviderIds": {"Tmdb": "603", "Tvdb": "9"},
                },
                {"Name": "Breaking Bad", "ProductionYear": 2008, "Type": "Series", "ProviderIds": {"Tvdb": "81189"}},
                {
                    "Name": "Season 2",
                    "ProductionYear": 2009,
                    "Type": "Season",
                    "SeriesName": "Breaking Bad",
                    "IndexNumber": 2,
                    "ProviderIds": {"Tvdb": "40719"},
                },
            ],
            "TotalRecordCount": 3,
            "StartIndex": 0,
        },
        [
            ("The Matrix (1999)", "movie", "tmdb:603", None),
            ("Breaking Bad (2008)", "tv", "tvdb:81189", None),
            ("Breaking Bad", "tv", "", 2),
        ],
    ),
    "radarr": (
        {
            "page": 1,
            "pageSize": 10,
            "totalRecords": 1,
            "records": [
                {"id": 7, "title": "The Matrix", "year": 1999, "tmdbId": 603, "imdbId": "tt0133093", "hasFile": False}
            ],
        },
        [("The Matrix (1999)", "movie", "tmdb:603 imdb:tt0133093", None)],
    ),
    "sonarr series": (
        [
            {
                "id": 7,
                "title": "Breaking Bad",
                "year": 2008,
                "tvdbId": 81189,
                "tmdbId": 1396,
                "seasons": [{"seasonNumber": 1}],
            }
        ],
        [("Breaking Bad (2008)", "tv", "tmdb:1396 tvdb:81189", None)],
    ),
    "stremio": (
        [
            {
                "_id": "tt0133093",
                "name": "The Matrix",
                "type": "movie",
                "year": "1999",
                "removed": False,
                "temp": False,
            },
            {"_id": "tt0903747", "name": "Breaking Bad", "type": "series", "year": "2008–2013", "state": {}},
            {"id": "tt0078748", "name": "Alien", "type": "movie"},
        ],
        [
            ("The Matrix (1999)", "movie", "imdb:tt0133093", None),
            ("Breaking Bad (2008)", "tv", "imdb:tt0903747", None),
            ("Alien", "movie", "imdb:tt0078748", None),
        ],
    ),
    "letterboxd-list-radarr": (
        [
            {
                "id": 80000009,
                "imdb_id": None,
                "title": "Anna",
                "release_year": "2019",
                "clean_title": "/film/anna/",
                "adult": False,
            },
            {
                "id": None,
                "imdb_id": "tt0078748",
                "title": "Alien",
                "release_year": "1979",
                "clean_title": "/film/alien/",
            },
        ],
        [("Anna (2019)", "movie", "tmdb:80000009", None), ("Alien (1979)", "movie", "imdb:tt0078748", None)],
    ),
    "mdblist": (
        {
            "movies": [{"id": 603, "adult": 0, "title": "The Matrix", "mediatype": "movie", "release_year": 1999}],
            "shows": [
                {
                    "id": 1,
                    "title": "Breaking Bad",
                    "mediatype": "show",
                    "release_year": 2008,
                    "tvdb_id": 81189,
                    "tmdb_id": None,
                }
            ],
        },
        [("The Matrix (1999)", "movie", "tmdb:603", None), ("Breaking Bad (2008)", "tv", "tvdb:81189", None)],
    ),
    "tmdb": (
        {
            "page": 1,
            "total_pages": 1,
            "total_results": 3,
            "results": [
                {"id": 603, "title": "The Matrix", "release_date": "1999-03-31", "genre_ids": [1], "vote_average": 8.2},
                {
                    "id": 1396,
                    "name": "Breaking Bad",
                    "first_air_date": "2008-01-20",
                    "genre_ids": [],
                    "poster_path": None,
                },
                {"id": 62, "media_type": "tv", "name": "X", "first_air_date": "", "genre_ids": [], "poster_path": None},
            ],
        },
        [
            ("The Matrix (1999)", "movie", "tmdb:603", None),
            ("Breaking Bad (2008)", "tv", "tmdb:1396", None),
            ("X", "tv", "tmdb:62", None),
        ],
    ),
    "a collection of TMDB": (
        {
            "id": 10,
            "name": "A Collection",
            "parts": [{"id": 603, "title": "The Matrix", "genre_ids": [], "vote_count": 1}],
        },
        [("The Matrix", "movie", "tmdb:603", None)],
    ),
    "trakt": (
        [
            {"type": "movie", "movie": {"title": "The Matrix", "year": 1999, "ids": {"trakt": 1, "tmdb": 603}}},
            {
                "type": "season",
                "season": {"number": 2, "ids": {"tvdb": 40719}},
                "show": {"title": "A", "ids": {"tvdb": 5}},
            },
            {"listed_at": "2025-01-01", "show": {"title": "B", "ids": {"tvdb": 6}}, "seasons": [{"number": 1}]},
        ],
        [
            ("The Matrix (1999)", "movie", "tmdb:603", None),
            ("A", "tv", "tvdb:5", 2),
            ("B", "tv", "tvdb:6", None),
        ],
    ),
    "plex": (
        {
            "MediaContainer": {
                "size": 2,
                "totalSize": 2,
                "Metadata": [
                    {
                        "type": "movie",
                        "title": "The Matrix",
                        "year": 1999,
                        "guid": "plex://movie/5d77",
                        "Guid": [{"id": "imdb://tt0133093"}, {"id": "tmdb://603"}, {"id": "tvdb://9"}],
                    },
                    {
                        "type": "season",
                        "title": "Season 2",
                        "parentTitle": "A",
                        "index": 2,
                        "Guid": [{"id": "tvdb://4"}],
                    },
                ],
            }
        },
        [("The Matrix (1999)", "movie", "tmdb:603 imdb:tt0133093", None), ("A", "tv", "", 2)],
    ),
    "anilist": (
        {
            "data": {
                "MediaListCollection": {
                    "hasNextChunk": False,
                    "lists": [
                        {
                            "name": "Planning",
                            "entries": [
                                {
                                    "media": {
                                        "id": 16498,
                                        "title": {
                                            "romaji": "Shingeki no Kyojin",
                                            "english": None,
                                            "native": "進撃の巨人",
                                        },
                                        "format": "TV",
                                        "startDate": {"year": 2013},
                                    }
                                }
                            ],
                        },
                        {"name": "Watching", "entries": [{"media": {"title": {"english": "A"}, "format": "MOVIE"}}]},
                    ],
                }
            }
        },
        [("Shingeki no Kyojin (2013)", "tv", "", None), ("A", "movie", "", None)],
    ),
    "yamtrack": (
        [
            {"media_id": "603", "source": "tmdb", "media_type": "movie", "title": "The Matrix"},
            {"media_id": "1396", "source": "tmdb", "media_type": "season", "title": "Breaking Bad", "season_number": 2},
            {"media_id": "16498", "source": "mal", "media_type": "anime", "title": "Attack on Titan"},
        ],
        [
            ("The Matrix", "movie", "tmdb:603", None),
            ("Breaking Bad", "tv", "tmdb:1396", 2),
            ("Attack on Titan", None, "", None),
        ],
    ),
    "tv time": (
        [
            {"uuid": "u", "id": {"tvdb": 81189, "imdb": "tt0903747"}, "title": "Breaking Bad", "seasons": []},
            {"uuid": "v", "id": {"tvdb": 12, "imdb": "tt0133093"}, "title": "The Matrix", "is_watched": False},
        ],
        [
            ("Breaking Bad", "tv", "imdb:tt0903747 tvdb:81189", None),
            ("The Matrix", None, "imdb:tt0133093", None),
        ],
    ),
    "imdb": (
        {
            "data": {
                "list": {
                    "titleListItemSearch": {
                        "total": 1,
                        "edges": [
                            {
                                "listItem": {
                                    "id": "tt0133093",
                                    "titleText": {"text": "The Matrix"},
                                    "titleType": {"id": "movie"},
                                    "releaseYear": {"year": 1999},
                                }
                            }
                        ],
                    }
                }
            }
        },
        [("The Matrix (1999)", "movie", "imdb:tt0133093", None)],
    ),
    "tvdb": (
        [
            {
                "id": 1,
                "name": "The Matrix",
                "year": "1999",
                "type": "movie",
                "remoteIds": [
                    {"id": "", "type": 2, "sourceName": "IMDB"},
                    {"id": "tt0133093", "type": 2, "sourceName": "IMDB"},
                    {"id": "", "type": 2, "sourceName": "IMDB"},
                    {"id": "603", "type": 12, "sourceName": "TheMovieDB.com"},
                ],
            }
        ],
        [("The Matrix (1999)", "movie", "tmdb:603 imdb:tt0133093", None)],
    ),
    "other words and other languages": (
        {"Filme": [{"Titel": "Matrix", "Jahr": "1999", "TMDb": 603}], "Serien": [{"título": "A", "año": 2008}]},
        [("Matrix (1999)", "movie", "tmdb:603", None), ("A (2008)", "tv", "", None)],
    ),
    "addresses": (
        [
            {"title": "The Matrix", "url": "https://www.imdb.com/title/tt0133093/"},
            {"title": "Breaking Bad", "link": "https://www.themoviedb.org/tv/1396-breaking-bad"},
            {"title": "X", "tmdb_id": "https://www.themoviedb.org/movie/62"},
            {"title": "Y", "similar_to": "tt0133093", "year": 2001},
        ],
        [
            ("The Matrix", None, "imdb:tt0133093", None),
            ("Breaking Bad", "tv", "tmdb:1396", None),
            ("X", "movie", "tmdb:62", None),
            ("Y (2001)", None, "", None),
        ],
    ),
    "ids as keys": (
        {"tt0133093": {"title": "The Matrix"}, "tt0078748": {"title": "Alien"}},
        [("The Matrix", None, "imdb:tt0133093", None), ("Alien", None, "imdb:tt0078748", None)],
    ),
    "ids and titles as texts": (
        {"movies": ["tt0133093", "Alien (1979)"]},
        [("tt0133093", None, "imdb:tt0133093", None), ("Alien (1979)", "movie", "", None)],
    ),
    "an id of its own": ([{"id": 5, "title": "X", "year": 2001}], [("X (2001)", None, "", None)]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_raw_answers_and_backups_are_read_whole(name):
    document, expected = SHAPES[name]

    assert brief(document) == expected
    assert result_of(document).state is FetchState.COMPLETE


EPISODES = {
    "trakt": {
        "type": "episode",
        "episode": {"season": 2, "number": 5, "title": "Y"},
        "show": {"title": "A", "ids": {"tvdb": 5}},
    },
    "trakt history": {
        "watched_at": "2025",
        "episode": {"season": 2, "number": 5},
        "show": {"title": "A", "ids": {"tvdb": 5}},
    },
    "sonarr": {
        "seriesId": 1,
        "tvdbId": 4,
        "seasonNumber": 2,
        "episodeNumber": 5,
        "title": "Y",
        "series": {"title": "A", "tvdbId": 5},
    },
    "sonarr without its series": {"seriesId": 1, "tvdbId": 4, "seasonNumber": 2, "episodeNumber": 5, "title": "Y"},
    "jellyfin": {"Name": "Y", "Type": "Episode", "SeriesName": "A", "ParentIndexNumber": 2, "IndexNumber": 5},
    "plex": {"type": "episode", "title": "Y", "grandparentTitle": "A", "parentIndex": 2, "index": 5},
    "plain": {"title": "A", "type": "show", "season": 2, "episode": 5, "tmdb_id": 1396},
}


@pytest.mark.parametrize("name", EPISODES)
def test_an_episode_is_counted_and_nothing_of_it_requested(name):
    page = page_of({"records": [MATRIX, EPISODES[name]]})

    assert (len(page.items), page.unsupported_kinds) == (1, {"episode": 1})


def test_what_else_cannot_be_requested_is_counted_by_its_kind():
    entries = [
        {"type": "person", "person": {"name": "Somebody", "ids": {"tmdb": 1}}},
        {"id": 1, "name": "Somebody", "known_for_department": "Acting", "poster_path": None},
        {"Name": "A Box", "Type": "BoxSet", "ProviderIds": {"Tmdb": "10"}},
        {"_id": "tt0133093", "name": "The Matrix", "type": "movie", "removed": True, "temp": False},
        {"_id": "tt0133093", "name": "The Matrix", "type": "movie", "removed": False, "temp": True},
        {"_id": "channel:1", "name": "News", "type": "tv", "removed": False, "state": {}},
        {"media": {"title": {"english": "Song"}, "format": "MUSIC"}},
    ]

    page = page_of([MATRIX, *entries])
    assert page.unsupported_kinds == {"person": 2, "collection": 1, "removed entry": 2, "channel": 1, "music": 1}
    assert page_of({"persons": [{"name": "Somebody"}], "movies": [MATRIX]}).unsupported_kinds == {"person": 1}


def test_one_null_among_good_entries_is_not_understood_and_the_others_stand():
    result = result_of([MATRIX, None, ALIEN, 7, {"foo": 1}])

    assert (result.state, len(result.items), result.not_understood) == (FetchState.PARTIAL, 2, 3)
    assert result.reason == (
        "3 of 5 entries not understood: [1] (null), [3] (neither an object nor a text), [4] (neither a title nor an id)"
    )


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"items": [MATRIX], "extra": [ALIEN]}, "extra[0]"),
        ({"movies": [MATRIX], "more": {"deep": [ALIEN]}}, "more.deep[0]"),
        ({"movies": [MATRIX], "extra": ["tt0078748"]}, "extra[0]"),
        ({"movies": [MATRIX], "extra": {"tt0078748": {"title": "Alien"}}}, "extra.tt0078748"),
        ({"data": [{"items": [MATRIX], "notNow": [ALIEN]}]}, "data[0].notNow[0]"),
    ],
)
def test_titles_under_an_unknown_name_are_counted_and_named(document, place):
    result = result_of(document)

    assert (result.state, len(result.items)) == (FetchState.PARTIAL, 1)
    assert str(result.first_not_understood[0]) == f"{place} (in an array of unknown name)"


def test_what_lies_in_an_entry_or_beside_the_titles_is_no_entry():
    entry = {**MATRIX, "genres": [{"id": 1, "name": "Drama"}], "cast": [{"name": "Somebody"}], "similar": [ALIEN]}
    document = {"items": [entry], "genres": [{"id": 1, "name": "Drama"}], "user": {"name": "me", "ids": {"slug": "me"}}}

    assert result_of(document).state is FetchState.COMPLETE
    assert len(page_of(document).items) == 1


def test_the_only_array_of_titles_is_the_list_unless_its_name_says_no():
    assert len(page_of({"zu_sehen": [MATRIX, ALIEN]}).items) == 2
    with pytest.raises(UnexpectedResponse, match=r"deleted\[0\] \(in an array of unknown name\)"):
        page_of({"deleted": [MATRIX, ALIEN]})


def test_pages_that_were_put_together_are_one_list():
    pages = [
        {"page": 1, "total_pages": 2, "results": [MATRIX], "next": "x"},
        {"page": 2, "total_pages": 2, "results": [ALIEN]},
    ]

    assert result_of(pages).state is FetchState.COMPLETE
    assert result_of(pages[:1]).state is FetchState.PARTIAL


STATED = [
    {"total_results": 57},
    {"totalResults": 57},
    {"TotalRecordCount": 57},
    {"totalItems": "57"},
    {"total": {"value": 57, "relation": "eq"}},
    {"showing": "1 of 57"},
    {"showing": "1-1 of 57"},
    {"pagination": {"total_items": 57}},
    {"meta": {"total": 57}},
]


@pytest.mark.parametrize("stated", STATED)
def test_a_total_that_is_more_than_there_is_makes_the_list_partial(stated):
    result = result_of({**stated, "items": [MATRIX]})

    assert (result.state, result.expected) == (FetchState.PARTIAL, 57)
    assert result.reason == "1 entry read where the source states 57"


MORE = [
    {"has_more": True},
    {"hasMore": True},
    {"next": "https://example.org/list?page=2"},
    {"nextPage": 2},
    {"nextPageToken": "abc"},
    {"page": 1, "total_pages": 3},
    {"page": 3, "total_pages": 3},
    {"page": "1 of 3"},
    {"pagination": {"has_more": True}},
    {"pagination": {"next_cursor": "abc"}},
    {"pageInfo": {"hasNextPage": True, "endCursor": "x"}},
    {"links": {"next": "https://example.org"}},
]


@pytest.mark.parametrize("stated", MORE)
def test_a_document_that_says_that_more_follows_is_partial(stated):
    result = result_of({**stated, "items": [MATRIX]})

    assert (result.state, result.expected, len(result.items)) == (FetchState.PARTIAL, 1, 1)
    assert not result.is_good


def test_a_document_that_states_no_more_than_it_holds_is_complete():
    paging = {"total": 1, "page": 1, "total_pages": 1, "has_more": False, "next": None, "count": 1, "size": 1}

    assert result_of({**paging, "pagination": {"page": 1, "pages": 1}, "items": [MATRIX]}).state is FetchState.COMPLETE
    assert result_of({"total": 1, "items": [MATRIX, ALIEN]}).state is FetchState.COMPLETE
    assert result_of({"items": [MATRIX], "user": {"stats": {"total": 57}}}).state is FetchState.COMPLETE


def test_what_is_said_around_the_entries_or_deep_inside_counts():
    listed = {"name": "Planning", "entries": [MATRIX]}
    deep = {"total": 57, "items": {"item": [MATRIX]}}

    assert result_of({"data": {"lists": [listed], "hasNextChunk": True}}).state is FetchState.PARTIAL
    assert result_of({"data": {"lists": [listed], "hasNextChunk": False}}).state is FetchState.COMPLETE
    assert result_of({"response": {"pageInfo": {"hasNextPage": True}, "data": {"list": [MATRIX]}}}).is_good is False
    assert result_of({"response": deep}).expected == 57
    assert result_of({"result": {"limits": {"start": 0, "end": 1, "total": 57}, "movies": [MATRIX]}}).expected == 57


def test_each_of_several_lists_must_hold_what_it_states():
    films, shows = {"total": 3, "items": [MATRIX]}, {"total": 2, "items": [ALIEN, ALIEN]}

    assert result_of({"movies": films, "shows": shows}).state is FetchState.PARTIAL
    assert result_of({"movies": films | {"total": 1}, "shows": shows}).state is FetchState.COMPLETE
    assert result_of([films, shows | {"total": 3}]).state is FetchState.COMPLETE


@pytest.mark.parametrize(
    "error", [{"success": False, "status_message": "Invalid key"}, {"errors": [{"message": "x"}]}, {"status": "error"}]
)
def test_an_error_that_was_saved_in_place_of_a_list_or_of_its_rest_is_no_whole_list(error):
    assert result_of(error | {"results": []}).state is FetchState.PARTIAL
    assert result_of(error | {"data": {"items": [MATRIX]}}).state is FetchState.PARTIAL
    well = {"success": True, "error": None, "errors": [], "status": 0}
    assert result_of(well | {"items": []}).state is FetchState.COMPLETE


def test_bare_numbers_in_an_array_of_ids_are_counted():
    page = page_of({"tmdb": [348, 603], "imdb": ["tt0133093"], "items": [ALIEN]})

    assert (len(page.items), page.not_understood) == (1, 3)


@pytest.mark.parametrize("size", [1, 100_000])
def test_arrays_with_the_same_key_are_one_and_an_empty_value_replaces_none(size):
    rest = '"imdb_id": "tt0078748", "imdb_id": ""'
    text = f'{{"items": [{{"title": "Dune", "note": "{"x" * size}"}}], "items": [{{"title": "Alien", {rest}}}]}}'

    assert [item.ids.imdb for item in parse_list(text.encode()).items] == [None, "tt0078748"]


def test_a_title_that_a_program_wrote_as_a_number_is_a_title():
    assert brief([{"title": 300, "year": 2006}]) == [("300 (2006)", None, "", None)]


@pytest.mark.parametrize("ids", [["tt0133093", "tt0078748", "tt0113277"] * 2, ["movie:603", "tv:1399"] * 4])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_an_array_of_ids_on_one_line_is_read_to_both_its_ends(ids, separators):
    for document in (ids, {"ids": ids}, {"items": ids}):
        page = parse_list(json.dumps(document, separators=separators).encode())

        assert (len(page.items), page.not_understood) == (len(ids), 0), document


def test_an_array_of_ids_that_breaks_off_is_broken_json_and_no_text():
    with pytest.raises(UnexpectedResponse, match="incomplete JSON"):
        parse_list(b'["tt0133093","tt0078748","tt0113277","tt0133094","tt01')
