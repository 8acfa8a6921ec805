"""Real answers of IMDb and Trakt, for test_real_samples.py.

Left out are IMDb's suggestions, which are look-ups and no lists, and the feed of the endpoint that is gone.
"""

import json
from collections.abc import Callable, Sequence

from list_sync.api.http.classifier import classify
from list_sync.api.sources.trakt import explain_status, parse_entries, parse_page
from list_sync.errors import Blocked, ListSyncError, Private, RateLimited, ResourceNotFound, UnexpectedResponse
from list_sync.model.sources import Page
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers.imdb.parse import parse_chart, parse_connection, parse_list, parse_profile
from list_sync.providers.imdb.parse import parse_page as parse_web_page
from list_sync.providers.imdb.urls import Kind
from tests.providers.real_samples import RealSample, as_answer

Parse = Callable[[bytes], Sequence[MediaItem]]


def imdb_list(content: bytes) -> Sequence[MediaItem]:
    return parse_list(json.loads(content), Kind.LIST).page.items


def imdb_watchlist(content: bytes) -> Sequence[MediaItem]:
    return parse_list(json.loads(content), Kind.WATCHLIST).page.items


def imdb_chart(content: bytes) -> Sequence[MediaItem]:
    return parse_chart(json.loads(content), Kind.CHART).items


def imdb_search(content: bytes) -> Sequence[MediaItem]:
    page = parse_connection(json.loads(content)["data"]["mainSearch"])
    # Twenty entries, of which two persons and a game cannot be requested.
    assert (len(page.items) + page.unsupported, page.unsupported) == (20, 3)
    return page.items


def imdb_user_of_profile(content: bytes) -> Sequence[MediaItem]:
    assert parse_profile(json.loads(content)) == "ur15738437"
    return ()


def imdb_page(content: bytes) -> Sequence[MediaItem]:
    page = parse_web_page(content.decode(), Kind.LIST)
    assert page.total == 35
    return page.items


def imdb_answer(status: int, **headers: str) -> Callable[[bytes], ListSyncError | None]:
    return lambda content: classify(as_answer(content, service="imdb", status=status, **headers))


def titles_of(entries: Sequence[object], bare: MediaType | None) -> tuple[MediaItem, ...]:
    return tuple(Page.of(parse_entries(entries, service="trakt", bare=bare)).with_shows().items)


def trakt_entries(bare: MediaType | None = None) -> Parse:
    def parse(content: bytes) -> Sequence[MediaItem]:
        page = parse_page(as_answer(content, service="trakt"), number=1)
        return titles_of(page.entries, bare)

    return parse


def trakt_title(media_type: MediaType) -> Parse:
    return lambda content: titles_of([json.loads(content)], media_type)


def trakt_limit(content: bytes) -> ListSyncError | None:
    recorded = json.loads(content)
    headers = {name.replace("-", "_"): value for name, value in recorded["headers"].items()}
    page = f"<html><title>{recorded['title']}</title></html>".encode()
    return classify(as_answer(page, service="trakt", status=429, **headers), explain=explain_status)


SAMPLES = (
    RealSample(
        "imdb/graphql-list-ls006123300-2026-08.json",
        imdb_list,
        3,
        (("Charlie Bartlett", 2007, "tt0423977"), ("Runaways", 2017, "tt1236246"), ("Unbroken", 2014, "tt1809398")),
    ),
    RealSample("imdb/graphql-userprofile-p-to-ur-2026-08.json", imdb_user_of_profile),
    RealSample(
        "imdb/graphql-list-ls055350410-p1-2026-08.json",
        imdb_list,
        3,
        (("", None, "tt0039152"), ("", None, "tt0057569"), ("", None, "tt0013442")),
    ),
    RealSample(
        "imdb/graphql-list-ls055350410-p2-2026-08.json",
        imdb_list,
        2,
        (("", None, "tt0047162"), ("", None, "tt0023694")),
    ),
    RealSample(
        "imdb/graphql-watchlist-private-forbidden-2026-08.json", imdb_watchlist, error=Private, words="make it public"
    ),
    RealSample("imdb/graphql-watchlist-unknown-user.json", imdb_watchlist, error=ResourceNotFound, words="not found"),
    RealSample("imdb/graphql-list-missing-null.json", imdb_list, error=ResourceNotFound, words="not found"),
    RealSample("imdb/graphql-list-empty.json", imdb_list, 0),
    RealSample("imdb/graphql-bad-user-input-2026.json", imdb_list, error=UnexpectedResponse, words="needs an update"),
    RealSample(
        "imdb/graphql-403-missing-headers.html",
        imdb_answer(403, Server="awselb/2.0", Content_Type="text/html"),
        error=Blocked,
        words="blocked",
    ),
    RealSample(
        "imdb/waf-challenge-202.html",
        imdb_answer(202, x_amzn_waf_action="challenge", Content_Type="text/html"),
        error=Blocked,
        words="challenge",
    ),
    RealSample(
        "imdb/graphql-chart-top-2026.json",
        imdb_chart,
        3,
        (("", None, "tt0111161"), ("", None, "tt0068646"), ("", None, "tt0468569")),
    ),
    RealSample(
        "imdb/chart-top250-2023-12-chartTitles.json",
        imdb_chart,
        250,
        (
            ("The Shawshank Redemption", 1994, "tt0111161"),
            ("The Godfather", 1972, "tt0068646"),
            ("The Dark Knight", 2008, "tt0468569"),
        ),
    ),
    RealSample(
        "imdb/nextdata-list-reduced-2026-04.html",
        imdb_page,
        3,
        (
            ("Forrest Gump", 1994, "tt0109830"),
            ("The Avengers", 2012, "tt0848228"),
            ("Game of Thrones", 2011, "tt0944947"),
        ),
    ),
    RealSample(
        "imdb/graphql-persisted-TitleListMainPage-reduced.json",
        imdb_list,
        2,
        (("RuPaul's Drag Race", 2009, "tt1353056"), ("The Real Housewives of Salt Lake City", 2020, "tt11363282")),
    ),
    RealSample(
        "imdb/graphql-mainsearch-2026.json",
        imdb_search,
        17,
        (
            ("The Matrix", 1999, "tt0133093"),
            ("The Matrix Reloaded", 2003, "tt0234215"),
            ("The Matrix Resurrections", 2021, "tt10838180"),
        ),
    ),
    RealSample(
        "trakt/user-list-items-mixed-2018.json",
        trakt_entries(),
        3,
        # The third is an episode, which stands for its show.
        (("The Walking Dead", 2010, "tt1520211"), ("Deadpool", 2016, "tt1431045"), ("Castle", 2009, "tt1219024")),
    ),
    RealSample(
        "trakt/sync-watchlist-episodes-2018.json",
        trakt_entries(),
        2,
        (("Stranger Things", 2016, "tt4574334"), ("Stranger Things", 2016, "tt4574334")),
    ),
    RealSample("trakt/sync-watchlist-shows-2018.json", trakt_entries(), 1, (("White Collar", 2009, "tt1358522"),)),
    RealSample("trakt/sync-watchlist-empty-2018.json", trakt_entries(), 0),
    RealSample(
        "trakt/sync-history-movies-default-page-2018.json",
        trakt_entries(),
        10,
        (("Mortal Engines", 2018, "tt1571234"), ("The Mule", 2018, "tt7959026"), ("Justice League", 2017, "tt0974015")),
    ),
    RealSample(
        "trakt/movies-trending-2017-reduced.json",
        trakt_entries(MediaType.MOVIE),
        8,
        (
            ("Moana", 2016, "tt3521164"),
            ("Passengers", 2016, "tt1355644"),
            ("Fantastic Beasts and Where to Find Them", 2016, "tt3183660"),
        ),
    ),
    RealSample(
        "trakt/movies-popular-2017-reduced.json",
        trakt_entries(MediaType.MOVIE),
        9,
        (("Deadpool", 2016, "tt1431045"), ("The Dark Knight", 2008, "tt0468569"), ("Inception", 2010, "tt1375666")),
    ),
    RealSample(
        "trakt/movies-boxoffice-2017-reduced.json",
        trakt_entries(MediaType.MOVIE),
        9,
        (
            ("Get Out", 2017, "tt5052448"),
            ("The Lego Batman Movie", 2017, "tt4116284"),
            ("John Wick: Chapter 2", 2017, "tt4425200"),
        ),
    ),
    RealSample("trakt/users-watched-movies-2021.json", trakt_entries(), 1, (("Inside Out", 2015, "tt2096673"),)),
    RealSample(
        "trakt/search-movie-2021.json",
        trakt_entries(),
        3,
        (
            ("Harry Potter and the Philosopher's Stone", 2001, "tt0241527"),
            ("Harry Potter Series", 2011, 548281),
            ("R-Rated Harry Potter", 2015, "tt5324298"),
        ),
    ),
    RealSample("trakt/search-show-2021.json", trakt_entries(), 1, (("Shameless", 2011, "tt1586680"),)),
    RealSample("trakt/search-by-imdb-id-2016.json", trakt_entries(), 1, (("The Flash", 2014, "tt3107288"),)),
    RealSample("trakt/search-empty-2021.json", trakt_entries(), 0),
    RealSample(
        "trakt/movie-481-extended-full-2021.json",
        trakt_title(MediaType.MOVIE),
        1,
        (("The Matrix", 1999, "tt0133093"),),
    ),
    RealSample(
        "trakt/show-1399-extended-full-2021.json", trakt_title(MediaType.TV), 1, (("House", 2004, "tt0412142"),)
    ),
    RealSample("trakt/cloudflare-429-1015-headers.meta.json", trakt_limit, error=RateLimited, words="a pause of 300 s"),
)
