"""GET /discover/…: the charts, as the servers' source and OpenAPI documents have them."""

from __future__ import annotations

from tests.demo.server_facts.table import MISSING, Case, ask, case, fault, film, get
from tests.demo.server_facts.world import ADULT, MATRIX

CHARTS = ("trending", "movies", "movies/genre/28", "movies/studio/420", "movies/language/en", "movies/upcoming")
SHOWS = ("tv", "tv/genre/18", "tv/network/213", "tv/language/en", "tv/upcoming")


def kinds(*allowed: str):
    """Match entries of these kinds only, the most popular first, without films for adults."""
    return lambda rows: {row["mediaType"] for row in rows} <= set(allowed) and ADULT not in [row["id"] for row in rows]


CASES: tuple[Case, ...] = (
    case(
        "6",
        "popular films, twenty a page, with the state on the server",
        ask(film(MATRIX)),
        get("/discover/movies?page=1", 200, {"page": 1, "totalPages": 3, "keywords": [], "results": kinds("movie")}),
        get("/discover/movies?page=1", 200, {"results": lambda rows: len(rows) == 20 and rows[0]["id"] == MATRIX}),
        get("/discover/movies", 200, {"results": lambda rows: rows[0]["mediaInfo"]["status"] == 3}),
        get("/discover/movies?page=4", 200, {"page": 4, "results": []}),
    ),
    case(
        "6",
        "each chart has its kind",
        *(get(f"/discover/{path}", 200, {"results": kinds("movie")}) for path in CHARTS[1:]),
        *(get(f"/discover/{path}", 200, {"results": kinds("tv")}) for path in SHOWS),
        get("/discover/keyword/207317/movies", 200, {"keywords": MISSING, "results": kinds("movie")}),
        get(
            "/discover/trending?page=1",
            200,
            {"results": lambda rows: {row["mediaType"] for row in rows} == {"movie", "tv", "person"}},
        ),
    ),
    case(
        "6",
        "a chart names its genre, studio, network or language",
        get("/discover/movies/genre/28", 200, {"genre": {"id": 28, "name": "Action"}}),
        get("/discover/movies/studio/420", 200, {"studio": {"id": 420}}),
        get("/discover/tv/network/213", 200, {"network": {"id": 213}}),
        get("/discover/tv/language/en", 200, {"language": {"iso_639_1": "en"}}),
    ),
    case(
        "6",
        "an unknown genre or language is not found, an unknown studio, network or keyword is a failure",
        get("/discover/movies/genre/1", 404, {"message": "Genre not found."}),
        get("/discover/tv/genre/horror", 404, {"message": "Genre not found."}),
        get("/discover/movies/language/xx", 404, {"message": "Language not found."}),
        get("/discover/movies/studio/1", 500, {"message": "Unable to retrieve movies by studio."}),
        get("/discover/tv/network/1", 500, {"message": "Unable to retrieve series by network."}),
        get("/discover/keyword/1/movies", 500, {"message": "Unable to retrieve movies by keyword."}),
        get("/discover/keyword/x/movies", 400),
    ),
    case(
        "6",
        "language is that of the original where a chart has filters, and that of the texts elsewhere",
        get("/discover/movies?language=ja", 200, {"totalResults": 0}),
        get("/discover/movies/genre/28?language=ja", 200, {"results": lambda rows: len(rows) > 0}),
    ),
    case(
        "6",
        "a failing TMDB and a page that TMDB does not have are failures",
        get("/discover/movies?page=501", 500, {"message": "Unable to retrieve popular movies."}),
        fault(tmdb_down=True),
        get("/discover/trending", 500, {"message": "Unable to retrieve trending items."}),
        get("/discover/tv/upcoming", 500, {"message": "Unable to retrieve upcoming series."}),
    ),
    case(
        "6",
        "the charts need a key, and no other parameter",
        get("/discover/movies", 403, key="wrong"),
        get("/discover/movies?take=20", 400),
    ),
)
