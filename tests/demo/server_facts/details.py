"""Section 3: GET /movie/{id}, GET /tv/{id} and the meaning of their mediaInfo."""

from __future__ import annotations

from tests.demo.server_facts.table import MISSING, Case, ask, by, case, delete, do, fault, film, get, post, show
from tests.demo.server_facts.world import MATRIX, TWO_SEASONS, WITH_SPECIALS

NO_MOVIE = {"message": "Unable to retrieve movie."}
NO_SERIES = {"message": "Unable to retrieve series."}
FACTS = {
    "genres": ((28, "Action"),),
    "runtime": 136,
    "rating": 8.2,
    "releases": (("DE", 4, "2026-12-01"),),
    "services": (("DE", "Netflix"),),
}
PENDING = do(lambda server: server.add_user("alice"))


def status(value: object, **other: object) -> object:
    """Return a look at the film's mediaInfo."""
    return get(f"/movie/{MATRIX}", 200, {"mediaInfo": {"status": value, **other}})


BODIES = (
    case(
        "3",
        "a film's details",
        get(
            f"/movie/{MATRIX}",
            200,
            {
                "id": MATRIX,
                "title": "The Matrix",
                "originalTitle": "The Matrix",
                "releaseDate": "1999-03-30",
                "imdbId": "tt0133093",
                "externalIds": {"imdbId": "tt0133093"},
                "mediaInfo": MISSING,
                "onUserWatchlist": by(O=MISSING, JS=False),
            },
        ),
    ),
    case(
        "3",
        "a show's details",
        get(
            f"/tv/{WITH_SPECIALS}",
            200,
            {
                "id": WITH_SPECIALS,
                "name": "Black Mirror",
                "firstAirDate": "2011-12-04",
                "externalIds": {"imdbId": None, "tvdbId": 253463},
                "numberOfSeasons": 3,
                "seasons": [
                    {"seasonNumber": 0, "episodeCount": 10, "airDate": "2011-12-04"},
                    {"seasonNumber": 1},
                    {"seasonNumber": 2},
                    {"seasonNumber": 3},
                ],
                "mediaInfo": MISSING,
                "onUserWatchlist": by(O=MISSING, JS=False),
            },
        ),
    ),
    case(
        "3",
        "a show tells how far it has come, and the next episode only where one is announced",
        get(f"/tv/{TWO_SEASONS}", 200, {"status": "Returning Series", "nextEpisodeToAir": MISSING}),
        do(lambda server: server.change_show(TWO_SEASONS, status="Ended", next_episode_on="2026-12-01")),
        get(f"/tv/{TWO_SEASONS}", 200, {"status": "Ended", "nextEpisodeToAir": {"airDate": "2026-12-01"}}),
    ),
    case("3", "an unknown film is a 500", get("/movie/99999999", 500, NO_MOVIE)),
    case("3", "an unknown show is a 500", get("/tv/99999999", 500, NO_SERIES)),
    case(
        "3",
        "with TMDB down the answer is the same",
        fault(tmdb_down=True),
        get(f"/movie/{MATRIX}", 500, NO_MOVIE),
        get(f"/tv/{TWO_SEASONS}", 500, NO_SERIES),
    ),
    case(
        "3",
        "an id that is no number is refused",
        get("/movie/abc", 400, {"errors": [{"path": ".params.movieId", "errorCode": str}]}),
        get("/tv/tt123", 400),
    ),
    case("3", "a language may be given", get(f"/movie/{MATRIX}?language=de", 200)),
    case(
        "3",
        "what filters ask for is on the page of a film, a release and a service by country",
        do(lambda server: server.change_title("movie", MATRIX, **FACTS)),
        get(
            f"/movie/{MATRIX}",
            200,
            {
                "genres": [{"id": 28, "name": "Action"}],
                "originalLanguage": "en",
                "runtime": 136,
                "voteAverage": 8.2,
                "voteCount": int,
                "releases": {
                    "results": [
                        {
                            "iso_3166_1": "DE",
                            "release_dates": [{"type": 4, "release_date": "2026-12-01T00:00:00.000Z"}],
                        }
                    ]
                },
                "watchProviders": [{"iso_3166_1": "DE", "flatrate": [{"name": "Netflix"}], "buy": []}],
            },
        ),
    ),
    case(
        "3",
        "ratings of others are calls of their own, a show has only the critics'",
        get(f"/movie/{MATRIX}/ratingscombined", 404, {"message": "No ratings found."}),
        get(f"/tv/{TWO_SEASONS}/ratings", 404, {"message": "Rotten Tomatoes ratings not found."}),
        do(lambda server: server.change_title("movie", MATRIX, imdb_rating=(8.7, 2_100_000), rt_rating=83)),
        do(lambda server: server.change_title("tv", TWO_SEASONS, imdb_rating=(8.0, 9), rt_rating=59)),
        get(
            f"/movie/{MATRIX}/ratingscombined",
            200,
            {"imdb": {"criticsScore": 8.7, "criticsScoreCount": 2_100_000}, "rt": {"criticsScore": 83}},
        ),
        get(f"/tv/{TWO_SEASONS}/ratings", 200, {"criticsScore": 59, "criticsRating": "Rotten", "imdb": MISSING}),
        fault(ratings_down=True),
        get(f"/movie/{MATRIX}/ratingscombined", 500, {"message": "Unable to retrieve movie ratings."}),
    ),
)

MEDIA_INFO = (
    case(
        "3",
        "mediaInfo of a requested film",
        ask(film(MATRIX)),
        get(
            f"/movie/{MATRIX}",
            200,
            {
                "mediaInfo": {
                    "id": 1,
                    "mediaType": "movie",
                    "tmdbId": MATRIX,
                    "tvdbId": None,
                    "imdbId": None,
                    "status": 3,
                    "status4k": 1,
                    "serviceId": int,
                    "serviceId4k": None,
                    "externalServiceId": int,
                    "externalServiceId4k": None,
                    "externalServiceSlug": str,
                    "externalServiceSlug4k": None,
                    "serviceUrl": str,
                    "serviceUrl4k": MISSING,
                    "mediaAddedAt": None,
                    "createdAt": str,
                    "updatedAt": str,
                    "lastSeasonChange": str,
                    "downloadStatus": [],
                    "downloadStatus4k": [],
                    "ratingKey": None,
                    "ratingKey4k": None,
                    "jellyfinMediaId": by(O=MISSING, JS=None),
                    "jellyfinMediaId4k": by(O=MISSING, JS=None),
                    "seasons": [],
                    "issues": [],
                    "requests": [
                        {
                            "id": 1,
                            "status": 2,
                            "type": "movie",
                            "is4k": False,
                            "isAutoRequest": False,
                            "serverId": None,
                            "profileId": None,
                            "rootFolder": None,
                            "tags": None,
                            "requestedBy": {"id": 1},
                            "modifiedBy": {"id": 1},
                            "seasons": [],
                            "media": {"tmdbId": MATRIX},
                        }
                    ],
                }
            },
        ),
    ),
    case(
        "3",
        "requests are shown to every user",
        PENDING,
        ask(film(MATRIX)),
        get(f"/movie/{MATRIX}", 200, {"mediaInfo": {"requests": [{"requestedBy": {"id": 1}}]}}, user="2"),
    ),
    case(
        "3",
        "media.seasons stays empty until a scan has seen files: requested seasons are in requests",
        ask(show(TWO_SEASONS, [1])),
        get(
            f"/tv/{TWO_SEASONS}",
            200,
            {"mediaInfo": {"tvdbId": 71001, "seasons": [], "requests": [{"seasons": [{"seasonNumber": 1}]}]}},
        ),
        do(lambda server: server.make_available("tv", TWO_SEASONS, [1])),
        get(
            f"/tv/{TWO_SEASONS}",
            200,
            {"mediaInfo": {"status": 4, "seasons": [{"seasonNumber": 1, "status": 5, "status4k": 1}]}},
        ),
    ),
)

STATUSES = (
    case(
        "3",
        "2 PENDING until approval, then 3",
        PENDING,
        ask(film(MATRIX), user="2"),
        status(2),
        post("/request/1/approve"),
        status(3),
    ),
    case("3", "3 PROCESSING once approved", ask(film(MATRIX)), status(3)),
    case("3", "4 PARTIALLY_AVAILABLE", do(lambda server: server.set_media("movie", MATRIX, status=4)), status(4)),
    case("3", "5 AVAILABLE", do(lambda server: server.make_available("movie", MATRIX)), status(5)),
    case(
        "3",
        "6 blocklisted (J, S)",
        do(lambda server: server.blocklist("movie", MATRIX)),
        status(6, status4k=6),
        dialects="JS",
    ),
    case("3", "7 DELETED (S)", do(lambda server: server.set_media("movie", MATRIX, status=7)), status(7), dialects="S"),
    case(
        "3",
        "7 may be requested again (S)",
        do(lambda server: server.set_media("movie", MATRIX, status=7)),
        ask(film(MATRIX), 201, {"media": {"status": 2}}),
        dialects="S",
    ),
    case("3", "HD and 4K are independent", ask(film(MATRIX, is4k=True)), status(1, status4k=3)),
    case(
        "3",
        "request statuses: pending, approved, declined, failed",
        PENDING,
        ask(film(MATRIX), 201, {"status": 1}, user="2"),
        post("/request/1/approve", status=200, body={"status": 2}),
        post("/request/1/decline", status=200, body={"status": 3}),
        do(lambda server: server.fail_request(1)),
        get("/request/1", 200, {"status": 4}),
    ),
    case(
        "3",
        "a request of what became available: completed on S, approved on J and O",
        ask(film(MATRIX)),
        do(lambda server: server.make_available("movie", MATRIX)),
        get("/request/1", 200, {"status": by(OJ=2, S=5), "media": {"status": 5}}),
    ),
    case(
        "3",
        "declining the only request sets media back to 1, the row stays",
        ask(film(MATRIX)),
        post("/request/1/decline"),
        status(1, id=1),
    ),
    case(
        "3",
        "deleting the only request sets media back to 1, the row stays",
        ask(film(MATRIX)),
        delete("/request/1"),
        status(1, id=1, requests=[]),
    ),
    case(
        "3",
        "a row with status 1 may be requested",
        ask(film(MATRIX)),
        delete("/request/1"),
        ask(film(MATRIX), 201, {"media": {"id": 1, "status": 2}}),
    ),
)

CASES: tuple[Case, ...] = (*BODIES, *MEDIA_INFO, *STATUSES)
