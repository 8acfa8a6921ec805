"""Which lists of ours the import lists of Radarr and Sonarr mean, and what each of their options becomes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.config.naming import find_list
from list_sync.errors import InvalidListId, UnexpectedResponse
from list_sync.importing.arrs.lists import parse_exclusions, parse_import_lists
from list_sync.importing.arrs.sources import find_sources
from list_sync.importing.arrs.terms import Place, build_terms, find_service
from list_sync.model.arrs import ArrNames, ArrService
from list_sync.model.titles import MediaType
from list_sync.providers import available_providers
from tests.providers.fuzzing import JSON
from tests.unit.commands.import_lists import of_radarr, of_sonarr

MOVIE, TV = MediaType.MOVIE, MediaType.TV
NAMES = ArrNames({1: "Any", 4: "HD-1080p", 7: "7"}, ("/movies/", "/kids"), {1: "kids", 2: "2"})
SERVICE = ArrService(0, "Radarr", is_default=True, profile_id=4, root_folder="/movies")
SECRET = "planted-secret-0123456789"


def parse(row):
    return parse_import_lists([row], service="radarr")[0]


def sources_of(row, kind=MOVIE):
    return find_sources(parse(row), kind)


def lists_of(row, kind=MOVIE):
    """Return the lists that are meant, as lists.yaml names them."""
    return [find_list(one.spelling, available_providers()).source for one in sources_of(row, kind)]


def terms_of(row, kind=MOVIE, *, names=NAMES, service=SERVICE):
    return build_terms(parse(row), sources_of(row, kind)[0], Place(kind, names, service))


@pytest.mark.parametrize(
    ("implementation", "fields", "meant"),
    [
        ("TraktListImport", {"username": "Bob", "listname": "My Best: Films  of '94"}, "trakt:Bob/my-best-films-of-94"),
        ("TraktListImport", {"username": "bob", "listname": "watchlist"}, "trakt:users/bob/lists/watchlist"),
        ("TraktUserImport", {"authUser": "bob", "traktListType": 0}, "trakt:users/bob/watchlist/movies"),
        ("TraktUserImport", {"authUser": "a", "username": "bob", "traktListType": 1}, "trakt:users/bob/history/movies"),
        ("TraktPopularImport", {"traktListType": 0}, "trakt_special:trending:movies"),
        ("TraktPopularImport", {"traktListType": "3"}, "trakt_special:boxoffice:movies"),
        ("TraktPopularImport", {"traktListType": 7}, "trakt_special:watched:movies:all"),
        ("TraktPopularImport", {"traktListType": 9}, "trakt_special:favorited:movies:monthly"),
        ("IMDbListImport", {"listId": "ls055592025"}, "imdb:ls055592025"),
        ("IMDbListImport", {"listId": "ur12345678"}, "imdb:ur12345678"),
        ("IMDbListImport", {"listId": "top250"}, "imdb:top"),
        ("IMDbListImport", {"listId": "popular"}, "imdb:moviemeter"),
        ("TMDbListImport", {"listId": "8219"}, "tmdb:8219"),
        ("TMDbListImport", {"listId": 8219}, "tmdb:8219"),
        ("TMDbCollectionImport", {"collectionId": "10"}, "tmdb:collection/10"),
        ("TMDbCompanyImport", {"companyId": "420"}, "discover:movies:studio:420:1000"),
        ("TMDbKeywordImport", {"keywordId": "9715"}, "discover:keyword:9715:1000"),
        ("TMDbPopularImport", {"tMDbListType": 2}, "discover:movies:60"),
        ("TMDbPopularImport", {"tMDbListType": 4}, "discover:upcoming:60"),
        ("StevenLuImport", {"link": "https://s3.amazonaws.com/popular-movies/movies.json"}, "stevenlu:stevenlu"),
        ("StevenLu2Import", {"source": 0, "minScore": 5}, "stevenlu:stevenlu"),
        ("StevenLu2Import", {"source": 2, "minScore": 7}, "stevenlu:movies-metacritic-min70"),
        ("StevenLu2Import", {"source": 1, "minScore": 8}, "stevenlu:movies-imdb-min8"),
        ("RadarrListImport", {"url": "https://mdblist.com/lists/bob/best/json"}, "mdblist:bob/best"),
        (
            "RadarrListImport",
            {"url": "https://letterboxd-list-radarr.onrender.com/dave/list/official-top-250/"},
            "letterboxd:dave/official-top-250",
        ),
        ("RadarrListImport", {"url": "https://api.radarr.video/v2/list/imdb/top250"}, "imdb:top"),
        ("RadarrListImport", {"url": "https://example.org/x.json"}, "file:https://example.org/x.json"),
        ("RSSImport", {"link": "https://rss.plex.tv/ab12-cd34"}, "plex:https://rss.plex.tv/ab12-cd34"),
        ("PlexRssImport", {"url": "https://rss.plex.tv/ab12-cd34"}, "plex:https://rss.plex.tv/ab12-cd34"),
        ("PlexImport", {"accessToken": SECRET}, "plex:movies"),
        ("SimklUserImport", {"simklListType": 0}, "simkl:movies"),
        ("SimklUserImport", {"listType": 3}, "simkl:movies/completed"),
    ],
)
def test_an_import_list_of_radarr_becomes_a_list(implementation, fields, meant):
    assert lists_of(of_radarr("One", implementation, **fields)) == [meant]


@pytest.mark.parametrize(
    ("implementation", "fields", "meant"),
    [
        ("TraktUserImport", {"authUser": "bob", "traktListType": 0}, ["trakt:users/bob/watchlist/shows"]),
        ("TraktPopularImport", {"traktListType": 3}, ["trakt_special:watched:shows"]),
        ("TraktPopularImport", {"traktListType": 10}, ["trakt_special:favorited:shows:all"]),
        ("ImdbListImport", {"listId": "ls055592025"}, ["imdb:ls055592025"]),
        ("CustomImport", {"baseUrl": "https://mdblist.com/lists/bob/shows/json"}, ["mdblist:bob/shows"]),
        ("MDBListImport", {"listUrl": "https://mdblist.com/lists/bob/shows", "apiKey": SECRET}, ["mdblist:bob/shows"]),
        ("PlexImport", {"accessToken": SECRET}, ["plex:shows"]),
        ("SimklUserImport", {"listType": 0, "showType": 0}, ["simkl:shows/watching"]),
        ("SimklUserImport", {"listType": 1, "showType": 1}, ["simkl:anime"]),
        (
            "AniListImport",
            {"username": "ann", "importCurrent": True, "importPlanning": True},
            ["anilist:ann/Watching", "anilist:ann"],
        ),
        (
            "AniListImport",
            {
                "username": "ann",
                **dict.fromkeys(
                    ("importCurrent", "importPlanning", "importCompleted", "importDropped", "importPaused"), True
                ),
                "importRepeating": True,
            },
            ["anilist:ann/all"],
        ),
    ],
)
def test_an_import_list_of_sonarr_becomes_lists(implementation, fields, meant):
    assert lists_of(of_sonarr("One", implementation, **fields), TV) == meant


@pytest.mark.parametrize(
    ("implementation", "fields", "reason"),
    [
        ("TraktUserImport", {"authUser": "bob", "traktListType": 2}, "collections of Trakt"),
        ("TraktListImport", {"username": "", "listname": "x"}, "names no user"),
        ("TraktPopularImport", {"traktListType": 99}, "not known"),
        ("TraktSmartListImport", {"smartList": "x"}, "smart lists"),
        ("TMDbPersonImport", {"personId": "1"}, "titles of a person"),
        ("TMDbUserImport", {"accessToken": SECRET, "accountId": "1"}, "an account at TMDB"),
        ("TMDbPopularImport", {"tMDbListType": 3}, "imdb:top is the nearest"),
        ("RadarrImport", {"baseUrl": "http://10.0.0.1:7878", "apiKey": SECRET}, "radarr:all, if RADARR_URL"),
        ("CouchPotatoImport", {"apiKey": SECRET}, "CouchPotato cannot be read"),
        ("MyAnimeListImport", {"accessToken": SECRET}, "AniList takes its lists over"),
        ("RadarrListImport", {"url": "not an address"}, "no address"),
        ("SomethingNewImport", {}, "no source of the kind SomethingNewImport"),
        ("", {}, "no kind"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_is_near(implementation, fields, reason):
    words = sources_of(of_radarr("One", implementation, **fields))

    assert isinstance(words, str)
    assert reason in words
    assert SECRET not in words


def test_a_list_that_may_hold_both_kinds_takes_those_of_the_program():
    mixed = {"url": "https://mdblist.com/lists/bob/best"}

    assert terms_of(of_radarr("One", "RadarrListImport", **mixed)).stated == {"filters": {"kind": "movie"}}
    assert terms_of(of_sonarr("One", "CustomImport", **mixed), TV).stated == {"filters": {"kind": "tv"}}
    assert terms_of(of_radarr("One", "TMDbCollectionImport", collectionId="10")).stated == {}


@pytest.mark.parametrize("options", [{"enabled": False}, {"enableAuto": False}, {"monitor": "none"}])
def test_what_downloads_nothing_in_radarr_is_off(options):
    terms = terms_of(of_radarr("One", "TMDbCollectionImport", options=options, collectionId="10"))

    assert terms.stated == {"enabled": "off"}
    assert "so it is off here" in terms.notes[0]


@pytest.mark.parametrize(
    ("monitor", "stated"),
    [
        ("all", {}),
        ("missing", {}),
        ("firstSeason", {"seasons": "first"}),
        ("pilot", {"seasons": "first"}),
        ("lastSeason", {"seasons": "latest"}),
        ("future", {"seasons": "future"}),
        ("existing", {"enabled": "off"}),
        ("none", {"enabled": "off"}),
        ("aWordOfTomorrow", {"enabled": "off"}),
    ],
)
def test_what_sonarr_monitors_becomes_the_seasons(monitor, stated):
    row = of_sonarr("One", "PlexImport", options={"shouldMonitor": monitor})

    assert terms_of(row, TV, names=ArrNames(), service=None).stated == stated


def test_filters_of_charts_are_taken_where_there_are_such():
    tmdb = of_radarr(
        "One",
        "TMDbPopularImport",
        tMDbListType=2,
        filterCriteria__minVoteAverage="6.5",
        filterCriteria__minVotes="100",
        filterCriteria__includeGenreIds="28|12",
        filterCriteria__excludeGenreIds="27,53",
        filterCriteria__languageCode=2,
        filterCriteria__certification="PG",
    )
    trakt = of_radarr(
        "Two",
        "TraktPopularImport",
        traktListType=1,
        limit=50,
        years="1990-1999",
        genres="science-fiction,drama",
        rating="60-100",
        certification="NR,G,PG,PG-13,R,NC-17",
        traktAdditionalParameters=f"&x={SECRET}",
    )

    assert terms_of(tmdb).stated["filters"] == {
        "rating": {"from": "tmdb", "min": "6.5", "votes": "100"},
        "genres": ["Action", "Adventure"],
        "exclude_genres": ["Horror", "Thriller"],
        "languages": ["en"],
    }
    assert terms_of(tmdb).left == ("certification",)
    assert terms_of(trakt).stated == {
        "limit": "50",
        "filters": {"year": "1990-1999", "genres": ["Science Fiction", "Drama"]},
    }
    assert terms_of(trakt).left == ("rating", "additional parameters")


def test_profile_folder_and_tags_are_stated_where_the_server_would_take_others():
    usual = of_radarr("One", "PlexImport", options={"rootFolderPath": "/movies/"})
    other = of_radarr(
        "One", "PlexImport", options={"qualityProfileId": 1, "rootFolderPath": "/kids", "tags": [1, 2, 9]}
    )
    by_number = of_radarr("One", "PlexImport", options={"qualityProfileId": 7})

    assert terms_of(usual).stated == {}
    assert terms_of(other).stated == {"server": {"profile": "Any", "root_folder": "/kids", "tags": ["kids", "2"]}}
    assert terms_of(by_number).stated == {"server": {"profile": "7"}}
    assert terms_of(other, service=None).stated == {}


def test_a_radarr_for_4k_that_is_not_the_default_is_named():
    service = ArrService(3, "Radarr 4K", is_4k=True, profile_id=4, root_folder="/movies")

    stated = terms_of(of_radarr("One", "PlexImport"), service=service).stated
    assert stated == {"quality": "4k", "server": {"name": "Radarr 4K"}}
    assert find_service(NAMES, [service, SERVICE]) == SERVICE
    assert find_service(NAMES, [ArrService(1, "Another", profile_id=4, root_folder="/films")]) is None


def test_exclusions_are_read_by_the_number_that_each_program_has():
    films = parse_exclusions([{"tmdbId": 603, "movieTitle": "The Matrix"}, {"tmdbId": 603}, {"tmdbId": 0}, None], MOVIE)
    shows = parse_exclusions([{"tvdbId": 121361, "title": "Game of\nThrones"}, {"title": "x"}], TV)

    assert [(one.number, one.name) for one in films] == [(603, "The Matrix")]
    assert [(one.number, one.name) for one in shows] == [(121361, "Game of Thrones")]


@pytest.mark.parametrize("document", [{}, "<html>", None, 3, [None], ["x"], [[]]])
def test_an_answer_that_is_no_list_of_import_lists_is_refused(document):
    with pytest.raises(UnexpectedResponse):
        parse_import_lists(document, service="radarr")


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "name": JSON,
            "implementation": st.sampled_from(
                ["TraktListImport", "AniListImport", "TMDbPopularImport", "StevenLu2Import"]
            )
            | JSON,
            "fields": st.lists(st.fixed_dictionaries({"name": st.text(max_size=9) | JSON, "value": JSON})) | JSON,
            "shouldMonitor": JSON,
            "qualityProfileId": JSON,
            "rootFolderPath": JSON,
            "tags": JSON,
        },
    ),
    st.sampled_from(MediaType),
)
def test_any_import_list_becomes_lists_or_a_reason(row, kind):
    one = parse(row)
    found = find_sources(one, kind)

    assert found
    for source in [] if isinstance(found, str) else found:
        with contextlib.suppress(InvalidListId):
            find_list(source.spelling, available_providers())
        assert build_terms(one, source, Place(kind, NAMES, SERVICE)).stated is not None
