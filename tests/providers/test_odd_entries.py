"""One entry of odd shape among good ones: it is shown as not understood, and the others are kept, at any source."""

import json

import pytest

from list_sync.api.sources.servarr import parse_library, parse_records
from list_sync.model.sources import Page
from list_sync.providers import anilist, jellyfin, plex, radarr, simkl, sonarr, stevenlu, tmdb
from list_sync.providers.imdb.parse import parse_connection
from tests.providers.answers import answer

FILM = {"title": "The Matrix", "year": 1999, "tmdbId": 603}
SHOW = {"title": "Breaking Bad", "year": 2008, "tvdbId": 81189}
ANIME = {"media": {"title": {"english": "A"}, "format": "TV"}}


def plex_page(entries):
    container = {"MediaContainer": {"totalSize": 2, "Metadata": entries}}
    listing = plex.parse_listing(answer(json.dumps(container).encode(), "plex"), start=0)
    return Page.of(plex.read_item(entry, None, f"entry {n}") for n, entry in enumerate(listing.entries, 1))


def sonarr_page(entries):
    records, _ = parse_records({"records": entries, "totalRecords": len(entries)}, service="sonarr")
    return Page.of(sonarr.parse_episodes(records))


def imdb_page(entries):
    return parse_connection({"total": len(entries), "edges": entries})


PAGES = {
    "anilist": (anilist.parse_entries, ANIME),
    "imdb": (imdb_page, {"title": {"id": "tt0133093"}}),
    "jellyfin": (
        lambda entries: jellyfin.parse_items({"Items": entries, "TotalRecordCount": 2}),
        {"Name": "The Matrix", "Type": "Movie"},
    ),
    "plex": (plex_page, {"type": "movie", "title": "The Matrix", "Guid": [{"id": "tmdb://603"}]}),
    "plex feed": (
        lambda entries: plex.parse_feed({"items": entries})[0],
        {"title": "The Matrix (1999)", "category": "movie"},
    ),
    "radarr": (lambda entries: radarr.parse_movies(parse_library(entries, service="radarr"), total=2), FILM),
    "simkl": (lambda entries: simkl.parse_items({"movies": entries}, "movies"), {"movie": {"title": "The Matrix"}}),
    "sonarr": (sonarr_page, {"seriesId": 1, "series": SHOW}),
    "stevenlu": (stevenlu.parse_feed, FILM),
    "tmdb": (lambda entries: tmdb.parse_list({"results": entries}, 1).page, {"id": 603, "title": "The Matrix"}),
    "a collection of tmdb": (lambda entries: tmdb.parse_collection({"parts": entries}), {"id": 603, "title": "A"}),
}


@pytest.mark.parametrize("odd", [None, 5, "text", [], {}, {"media": None}])
@pytest.mark.parametrize("source", PAGES)
def test_one_odd_entry_is_not_understood_and_the_others_stand(source, odd):
    parse, good = PAGES[source]

    page = parse([odd, good])

    assert (len(page.items), page.unsupported, page.not_understood) == (1, 0, 1)
    assert page.first_not_understood[0].place == "entry 1"
