"""Section 2: GET /search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.demo.server_facts.table import MISSING, Case, ask, by, case, do, film, get, show
from tests.demo.server_facts.world import (
    ADULT,
    ALIEN,
    ALIENS,
    AMELIE,
    BOTH_KINDS,
    MATRIX,
    PERSON_OF_BOTH,
    SAME_TVDB,
    TWO_SEASONS,
    UNRELEASED,
)

EMPTY = {"results": [], "totalResults": 0}


def finds(*expected: tuple[str, int]) -> Callable[[list[dict[str, Any]]], bool]:
    """Match results that are exactly these, in this order."""
    return lambda rows: [(row["mediaType"], row["id"]) for row in rows] == list(expected)


def numbers(rows: list[dict[str, Any]]) -> list[int]:
    """Return the ids of results."""
    return [row["id"] for row in rows]


SHAPES = (
    case(
        "2",
        "a film in a result has no imdb id and no mediaInfo",
        get(
            f"/search?query=tmdb%3A{MATRIX}",
            200,
            {
                "page": 1,
                "totalPages": 1,
                "totalResults": 1,
                "results": [
                    {
                        "id": MATRIX,
                        "mediaType": "movie",
                        "title": "The Matrix",
                        "originalTitle": "The Matrix",
                        "releaseDate": "1999-03-30",
                        "originalLanguage": "en",
                        "popularity": 80.0,
                        "voteCount": 100,
                        "adult": False,
                        "genreIds": [],
                        "posterPath": "/movie603.png",
                        "imdbId": MISSING,
                        "externalIds": MISSING,
                        "mediaInfo": MISSING,
                    }
                ],
            },
        ),
    ),
    case(
        "2",
        "a show in a result has name and firstAirDate",
        get(
            f"/search?query=tmdb%3A{TWO_SEASONS}",
            200,
            {
                "results": [
                    {
                        "mediaType": "tv",
                        "name": "Alien Nation",
                        "originalName": "Alien Nation",
                        "firstAirDate": "1989-09-18",
                        "title": MISSING,
                        "adult": MISSING,
                        "tvdbId": MISSING,
                    }
                ]
            },
        ),
    ),
    case(
        "2",
        "no date is an empty text",
        get(f"/search?query=tmdb%3A{UNRELEASED}", 200, {"results": [{"releaseDate": ""}]}),
    ),
    case(
        "2",
        "mediaInfo is there once the server knows the title, without requests",
        ask(film(MATRIX)),
        get(
            f"/search?query=tmdb%3A{MATRIX}",
            200,
            {"results": [{"mediaInfo": {"status": 3, "status4k": 1, "requests": MISSING, "watchlists": list}}]},
        ),
    ),
    case(
        "2",
        "mediaInfo in a search has seasons on O and J only",
        do(lambda server: server.set_media("tv", TWO_SEASONS, status=4, seasons={1: 5})),
        get(
            f"/search?query=tmdb%3A{TWO_SEASONS}",
            200,
            {"results": [{"mediaInfo": {"status": 4, "seasons": by(OJ=[{"seasonNumber": 1}], S=MISSING)}}]},
        ),
    ),
    case(
        "2",
        "films, shows, collections and people are mixed",
        get(
            "/search?query=alien",
            200,
            {
                "results": lambda rows: (
                    [(row["mediaType"], row["id"]) for row in rows[:3]]
                    == [("movie", ALIEN), ("tv", TWO_SEASONS), ("movie", ALIENS)]
                    and {row["mediaType"] for row in rows[3:]} == {"collection"}
                )
            },
        ),
        get("/search?query=keanu", 200, {"results": [{"mediaType": "person", "name": "Keanu Reeves"}]}),
    ),
)

PAGES = (
    case(
        "2",
        "twenty a page, page 1 unless told",
        get(
            "/search?query=dune",
            200,
            {"page": 1, "totalPages": 3, "totalResults": 45, "results": lambda rows: len(rows) == 20},
        ),
        get("/search?query=dune&page=3", 200, {"page": 3, "results": lambda rows: len(rows) == 5}),
        get("/search?query=dune&page=4", 200, {"results": []}),
    ),
    case(
        "2",
        "page 0 and pages over 500 are empty",
        get("/search?query=dune&page=0", 200, EMPTY),
        get("/search?query=dune&page=501", 200, EMPTY),
    ),
    case("2", "nothing known by that text", get("/search?query=zzyzx", 200, EMPTY)),
    case("2", "a blank query", get("/search?query=%20", 200, EMPTY)),
    case(
        "2",
        "an empty query is refused",
        get("/search?query=", 400, {"message": "Empty value found for query parameter 'query'"}),
    ),
    case("2", "a missing query is refused", get("/search", 400, {"errors": [{"path": ".query.query"}]})),
    case("2", "a page that is no number is refused", get("/search?query=dune&page=x", 400)),
    case("2", "a language may be given", get("/search?query=dune&language=de", 200, {"totalResults": 45})),
)

PREFIXES = (
    case("2", "imdb: finds a film", get("/search?query=imdb%3Att0133093", 200, {"results": finds(("movie", MATRIX))})),
    case(
        "2", "imdb: finds a show", get("/search?query=imdb%3Att0096531", 200, {"results": finds(("tv", TWO_SEASONS))})
    ),
    case("2", "imdb: finds a person", get("/search?query=imdb%3Anm0000206", 200, {"results": finds(("person", 6384))})),
    case(
        "2",
        "imdb: in any letter case",
        get("/search?query=IMDB%3ATT0133093", 200, {"results": finds(("movie", MATRIX))}),
    ),
    case("2", "imdb: of an episode finds nothing", get("/search?query=imdb%3Att0505811", 200, EMPTY)),
    case("2", "imdb: of nothing known", get("/search?query=imdb%3Att9999999", 200, EMPTY)),
    case("2", "tvdb: finds a show", get("/search?query=tvdb%3A71001", 200, {"results": finds(("tv", TWO_SEASONS))})),
    case(
        "2",
        "tvdb: finds both shows that share one",
        get("/search?query=tvdb%3A71006", 200, {"results": finds(("tv", SAME_TVDB[0]), ("tv", SAME_TVDB[1]))}),
    ),
    case(
        "2",
        "tmdb: finds the film, the show and the person with that number",
        get(
            f"/search?query=tmdb%3A{BOTH_KINDS}",
            200,
            {"results": finds(("movie", BOTH_KINDS), ("tv", BOTH_KINDS), ("person", PERSON_OF_BOTH))},
        ),
    ),
    case(
        "2",
        "year: behind the title, exactly that year, films before shows",
        get("/search?query=alien%20year%3A1979", 200, {"results": finds(("movie", ALIEN))}),
        get("/search?query=alien%20year%3A1989", 200, {"results": finds(("tv", TWO_SEASONS))}),
        get("/search?query=alien%20year%3A1980", 200, EMPTY),
    ),
    case(
        "2",
        "year: before the title",
        get("/search?query=year%3A1999%20matrix", 200, {"results": finds(("movie", MATRIX))}),
    ),
    *(
        case("2", f"not a prefix: {text}", get(f"/search?query={text}", 200, {"results": []}))
        for text in (
            "tt0133093",
            f"movie%3A{MATRIX}",
            "matrix%20y%3A1999",
            "imdb%3A%20tt0133093",
            "The%20Matrix%20%281999%29",
            "The%20Matrix%201999",
        )
    ),
)

TEXTS = (
    case(
        "2",
        "a title search ignores case and accents and takes the beginnings of words",
        get("/search?query=AMELIE", 200, {"results": finds(("movie", AMELIE))}),
        get("/search?query=am%C3%A9l", 200, {"results": finds(("movie", AMELIE))}),
    ),
    case(
        "2",
        "a title search finds original and alternative titles",
        get("/search?query=fabuleux%20destin", 200, {"results": finds(("movie", AMELIE))}),
        get("/search?query=%E3%82%A2%E3%83%A1%E3%83%AA", 200, {"results": finds(("movie", AMELIE))}),
    ),
    case(
        "2",
        "an adult title is not found by title, but can be requested by id",
        get("/search?query=matrix%20of%20desire", 200, {"results": []}),
        get("/search?query=matrix%20year%3A1999", 200, {"results": finds(("movie", MATRIX))}),
        ask(film(ADULT), 201),
    ),
    case(
        "2",
        "a request leaves a search as it was",
        ask(show(TWO_SEASONS, [1])),
        get("/search?query=alien%20nation", 200, {"totalResults": 1}),
    ),
)

CASES: tuple[Case, ...] = (*SHAPES, *PAGES, *PREFIXES, *TEXTS)
