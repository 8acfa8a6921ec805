"""Real answers of TMDB, TheTVDB, Plex, Radarr, Sonarr, AniList and SIMKL, for test_real_samples.py.

No real answers of AniList's, SIMKL's and StevenLu's lists are at hand; their parsers are tested on our own only.
"""

import json
from collections.abc import Sequence

from list_sync.api.http.classifier import classify
from list_sync.api.sources.servarr import parse_library
from list_sync.errors import ListSyncError, RateLimited, ServiceUnavailable, UnexpectedResponse
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import anilist, radarr, simkl, sonarr, tmdb, tvdb
from list_sync.providers.plex import parse
from tests.providers.real_samples import RealSample, as_answer

Read = Sequence[MediaItem] | ListSyncError | None


def tmdb_list(content: bytes) -> Read:
    page = tmdb.parse_list(json.loads(content), 1).page
    assert page.total == 4
    return page.items


def tmdb_entries(content: bytes) -> Read:
    document = json.loads(content)
    entries = document.get("results") or document.get("movie_results") or [document]
    return [item for item in map(tmdb.parse_entry, entries) if item is not None]


def tvdb_list(content: bytes) -> Read:
    entities = tvdb.parse_list(tvdb.parse_data(json.loads(content)))
    assert [entity["order"] for entity in entities] == [1, 2, 3, 4, 5]
    return [
        MediaItem("", MediaType.TV, ids=MediaIds(tvdb=entity["seriesId"])) for entity in entities if entity["seriesId"]
    ]


def plex_xml(content: bytes) -> Read:
    listing = parse.parse_listing(as_answer(content, service="plex", Content_Type="application/xml"), start=0)
    assert listing.total == 3
    return [item for item in map(parse.parse_entry, listing.entries) if item is not None]


def plex_empty(content: bytes) -> Read:
    listing = parse.parse_listing(as_answer(content, service="plex"), start=300)
    assert listing.total == 16
    return [item for item in map(parse.parse_entry, listing.entries) if item is not None]


def plex_metadata(content: bytes) -> Read:
    listing = parse.parse_listing(as_answer(content, service="plex"), start=0)
    assert all(parse.find_numbers(entry) for entry in listing.entries)
    return [item for item in map(parse.parse_entry, listing.entries) if item is not None]


def plex_feed(content: bytes) -> Read:
    page, cursor = parse.parse_feed(json.loads(content))
    assert (cursor, page.unsupported) == ("", 0)
    return page.items


def radarr_library(content: bytes) -> Read:
    return radarr.parse_movies(parse_library(json.loads(content), service="radarr"), total=4).items


def sonarr_library(content: bytes) -> Read:
    return [sonarr.parse_show(entry) for entry in parse_library(json.loads(content), service="sonarr")]


def anilist_status(status: int):
    def parse(content: bytes) -> Read:
        answer = as_answer(content, service="anilist", status=status, Content_Type="application/json")
        return classify(answer, explain=anilist.find_error)

    return parse


def simkl_list(content: bytes) -> Read:
    return simkl.parse_items(json.loads(content), "movies").items


DESPICABLE = (
    ("Despicable Me 2", 2013, "tt1690953"),
    ("Sinister 2", 2015, "tt2752772"),
    ("Crimson Peak", 2015, "tt2554274"),
)

SAMPLES = (
    RealSample(
        "tmdb/list-v3-shape.json", tmdb_list, 2, (("Star Wars", None, 11), ("The Empire Strikes Back", None, 1891))
    ),
    RealSample("tmdb/find-tt0936501-2017.json", tmdb_entries, 1, (("Taken", 2008, 8681),)),
    RealSample("tmdb/search-movie-the-matrix-2017.json", tmdb_entries, 20, (("The Matrix", 1999, 603),)),
    RealSample("tmdb/movie-603-2017.json", tmdb_entries, 1, (("The Matrix", 1999, 603),)),
    RealSample("tmdb/configuration.json", tmdb_list, error=UnexpectedResponse, words="entries"),
    RealSample("tvdb/v4-list-extended-shape-2026.json", tvdb_list, 2),
    RealSample("tvdb/user-favorites-v3-2019.json", tvdb_list, error=UnexpectedResponse, words="entries"),
    RealSample(
        "plex/watchlist-all-2024-09.xml",
        plex_xml,
        3,
        (("Avatar: The Way of Water", 2022, None), ("Black Adam", 2022, None), ("Amsterdam", 2022, None)),
    ),
    RealSample("plex/watchlist-empty-2023.json", plex_empty, 0),
    RealSample("plex/metadata-item-with-guids-2023.json", plex_metadata, 1, (("The Test", 2020, None),)),
    RealSample(
        "plex/rss-watchlist-json-2023.json",
        plex_feed,
        7,
        (
            ("Enola Holmes 2", 2022, "tt14641788"),
            ("Past Lives", 2023, "tt13238346"),
            ("Taylor Swift: The Eras Tour", 2023, "tt28814949"),
        ),
    ),
    RealSample("plex/graphql-friend-watchlist-2023.json", plex_feed, error=UnexpectedResponse, words="entries"),
    RealSample("radarr/movie-list-4-items-2020.json", radarr_library, 4, DESPICABLE),
    RealSample("radarr/movie-lookup-imdb-2020.json", radarr_library, error=UnexpectedResponse, words="library"),
    RealSample("sonarr/series-list-2020.json", sonarr_library, 1, (("Game of Thrones", 2010, "tt0944947"),)),
    RealSample("sonarr/series-lookup-tvdb-81189-2020.json", sonarr_library, 1, (("Breaking Bad", 2008, None),)),
    RealSample("anilist/error-429.json", anilist_status(429), error=RateLimited, words="Too Many Requests"),
    RealSample(
        "anilist/error-403-api-disabled-2026-08.json",
        anilist_status(403),
        error=ServiceUnavailable,
        words="temporarily disabled",
    ),
    RealSample("simkl/pin-pending.json", simkl_list, error=UnexpectedResponse, words="without movies"),
    RealSample("simkl/pin-request.json", simkl_list, error=UnexpectedResponse, words="without movies"),
)
