"""Section 0: the seven rules (rule 2, on parallel calls, is in test_server_overlap.py)."""

from __future__ import annotations

from tests.demo.server_facts.table import (
    MISSING,
    Ask,
    Case,
    ask,
    by,
    case,
    delete,
    do,
    fault,
    film,
    get,
    post,
    show,
)
from tests.demo.server_facts.world import MATRIX, NO_TVDB, TWO_SEASONS

WITHOUT_4K = {"mediaType": "movie", "mediaId": MATRIX}
SEASONS_WITHOUT_4K = {"mediaType": "tv", "mediaId": TWO_SEASONS, "seasons": [1]}
EMPTY = {"results": [], "totalResults": 0}
RESERVED = ":/@!$'()*+,;"

DUPLICATES = (
    case(
        "0.1",
        "is4k left out: the same film is accepted again and again",
        ask(WITHOUT_4K, 201),
        ask(WITHOUT_4K, 201),
        ask(WITHOUT_4K, 201),
        get("/request", 200, {"pageInfo": {"results": 3}}),
    ),
    case(
        "0.1",
        "is4k left out: a film that was asked for with is4k is accepted again",
        ask(film(MATRIX), 201),
        ask(WITHOUT_4K, 201, {"is4k": False}),
    ),
    case(
        "0.1",
        "is4k left out: the same seasons are requested again",
        ask(SEASONS_WITHOUT_4K, 201),
        ask(SEASONS_WITHOUT_4K, 201, {"seasons": [{"seasonNumber": 1}]}),
    ),
    case("0.1", "is4k sent: a film is a duplicate", ask(film(MATRIX)), ask(film(MATRIX), 409)),
    case(
        "0.1",
        "is4k sent: seasons that were asked for are not available to request",
        ask(show(TWO_SEASONS, [1])),
        ask(show(TWO_SEASONS, [1]), 202),
    ),
)

STATES = (
    case(
        "0.3",
        "an available film without a request is accepted",
        do(lambda server: server.set_media("movie", MATRIX, status=5)),
        ask(film(MATRIX), 201, {"media": {"status": 5}}),
    ),
    case(
        "0.3",
        "after a declined first request every further one is accepted, even while the second is pending",
        ask(film(MATRIX)),
        do(lambda server: server.decline(1)),
        ask(film(MATRIX), 201),
        ask(film(MATRIX), 201),
        ask(film(MATRIX), 201),
    ),
    case(
        "0.3",
        "seasons that are available are checked",
        do(lambda server: server.set_media("tv", TWO_SEASONS, status=4, seasons={1: 5})),
        ask(show(TWO_SEASONS, [1]), 202, {"message": "No seasons available to request"}),
        ask(show(TWO_SEASONS, [1, 2]), 201, {"seasons": [{"seasonNumber": 2}]}),
    ),
)

OUTAGES = (
    *(
        case(
            "0.4",
            f"TMDB answers {status}: a search by {what} is an empty 200",
            fault(tmdb_down=True, tmdb_status=status),
            get(f"/search?query={query}", 200, EMPTY),
            fault(tmdb_down=False),
            get(f"/search?query={query}", 200, {"totalResults": lambda total: total > 0}),
        )
        for status in (500, 429)
        for what, query in (("title", "matrix"), ("year", "matrix%20year%3A1999"), ("tmdb:", f"tmdb%3A{MATRIX}"))
    ),
    *(
        case(
            "0.4",
            f"TMDB answers {status}: a search by {what} is a 500, and the error is not cached",
            fault(tmdb_down=True, tmdb_status=status),
            get(f"/search?query={query}", 500, {"message": str}),
            fault(tmdb_down=False),
            get(f"/search?query={query}", 200, {"totalResults": 1}),
        )
        for status in (500, 429)
        for what, query in (("imdb:", "imdb%3Att0133093"), ("tvdb:", "tvdb%3A253463"))
    ),
)


def passing(seconds):
    """Return the passing of time for what the server keeps of TMDB's answers."""
    return do(lambda server: server.let_pass(seconds))


CACHES = (
    *(
        case(
            "2",
            f"what {query} found is kept for five minutes, also while TMDB is down",
            get(f"/search?query={query}", 200, found),
            fault(tmdb_down=True),
            passing(299),
            get(f"/search?query={query}", 200, found),
            passing(2),
            get(f"/search?query={query}", *gone),
        )
        for query, found, gone in (
            ("imdb%3Att0133093", {"totalResults": 1}, (500, {"message": str})),
            ("tvdb%3A253463", {"totalResults": 1}, (500, {"message": str})),
            ("matrix%20year%3A1999", {"totalResults": 1}, (200, EMPTY)),
            ("matrix", {"totalResults": lambda total: total > 1}, (200, EMPTY)),
        )
    ),
    case(
        "9",
        "an id that TMDB does not know is an empty 200, and during an outage a 500",
        get("/search?query=imdb%3Att9123456789", 200, EMPTY),
        fault(tmdb_down=True),
        get("/search?query=imdb%3Att9123456780", 500, {"message": str}),
    ),
    case(
        "3",
        "details are kept for twelve hours, and a request is made by them while TMDB is down",
        get(f"/movie/{MATRIX}", 200),
        fault(tmdb_down=True),
        passing(12 * 3_600 - 1),
        get(f"/movie/{MATRIX}", 200),
        ask(film(MATRIX), 201),
        passing(2),
        get(f"/movie/{MATRIX}", 500),
    ),
    case(
        "0.4",
        "TMDB fails at some call and answers the next",
        fault(tmdb_good_calls=1, tmdb_bad_calls=1),
        get("/search?query=imdb%3Att0133093", 200, {"totalResults": 1}),
        get("/search?query=tvdb%3A253463", 500, {"message": str}),
        get("/search?query=tvdb%3A253463", 200, {"totalResults": 1}),
    ),
)

_NOT_ENCODED = {
    "message": "Parameter 'query' must be url encoded. Its value may not contain reserved characters.",
    "errors": [{"path": ".query.query", "message": str}],
}
QUERIES = (
    *(
        case("0.5", f"a bare {sign} in the query is refused", get(f"/search?query=the{sign}matrix", 400, _NOT_ENCODED))
        for sign in RESERVED
    ),
    *(
        case("0.5", f"an encoded {sign} in the query is fine", get(f"/search?query=matrix%{ord(sign):02X}", 200))
        for sign in RESERVED
    ),
    case("0.5", "+ for a space is refused", get("/search?query=the+matrix", 400, _NOT_ENCODED)),
    case("0.5", "%20 for a space is fine", get("/search?query=the%20matrix", 200, {"totalResults": 2})),
    *(
        case(
            "0.5",
            f"an unknown query parameter is refused: GET {path}",
            get(
                f"{path}{'&' if '?' in path else '?'}surprise=1",
                400,
                {
                    "message": "Unknown query parameter 'surprise'",
                    "errors": [{"path": ".query.surprise", "message": "Unknown query parameter 'surprise'"}],
                },
            ),
        )
        for path in (
            "/status",
            "/settings/public",
            "/auth/me",
            "/user",
            "/user/1",
            "/user/1/quota",
            "/user/1/requests",
            "/user/1/watchlist",
            "/search?query=matrix",
            f"/movie/{MATRIX}",
            f"/tv/{TWO_SEASONS}",
            "/media",
            "/request",
            "/request/1",
            "/request/count",
            "/discover/watchlist",
            "/service/radarr",
            "/service/sonarr",
            "/service/radarr/0",
        )
    ),
    case(
        "0.5",
        "an unknown query parameter is refused on POST and DELETE too",
        post("/request?surprise=1", film(MATRIX), 400),
        delete("/request/1?surprise=1", 400),
        post("/request/1/approve?surprise=1", status=400),
        delete("/media/1?surprise=1", 400),
    ),
    case(
        "0.5",
        "unknown fields of a request's body are ignored",
        ask(film(MATRIX, surprise=1, title="The Matrix"), 201, {"surprise": MISSING}),
    ),
)

DEATHS = (
    case(
        "0.6",
        "an X-API-User that is no number ends the process",
        get("/auth/me", user="abc", drops=True),
        get("/status", user="abc", drops=True),
        post("/request", film(MATRIX), user="alice", drops=True),
        do(lambda server: _expect(server.deaths, 3)),
        do(lambda server: _expect(server.requests(), [])),
        get("/auth/me", 200, {"id": 1}),
    ),
    case("0.6", "GET /blocklist?take=0 ends Seerr's process", get("/blocklist?take=0", drops=True), dialects="S"),
    case("0.6", "GET /blacklist?take=0 does not end Jellyseerr's", get("/blacklist?take=0", 200), dialects="J"),
)

NO_TVDB_ID = (
    case(
        "0.7",
        "a show without tvdb id: its details say so",
        get(f"/tv/{NO_TVDB}", 200, {"externalIds": {"tvdbId": None}}),
        get(f"/tv/{TWO_SEASONS}", 200, {"externalIds": {"tvdbId": 71001}}),
    ),
    case(
        "0.7",
        "a show without tvdb id: Seerr accepts and then deletes request and media",
        ask(show(NO_TVDB, [1]), 201, {"status": 2}),
        get("/request", 200, {"results": []}),
        get("/media", 200, {"results": []}),
        get(f"/tv/{NO_TVDB}", 200, {"mediaInfo": MISSING}),
        dialects="S",
    ),
    case(
        "0.7",
        "a show without tvdb id: Jellyseerr answers 500 and keeps a media row without request",
        ask(show(NO_TVDB, [1]), 500),
        get("/request", 200, {"results": []}),
        get("/media", 200, {"results": [{"tmdbId": NO_TVDB, "status": 2, "tvdbId": None}]}),
        dialects="J",
    ),
    case(
        "0.7",
        "a show without tvdb id: Overseerr dies, then answers 500, and keeps a media row without request",
        ask(show(NO_TVDB, [1]), drops=True),
        do(lambda server: _expect(server.deaths, 1)),
        ask(show(NO_TVDB, [1]), 500),
        get("/request", 200, {"results": []}),
        get("/media", 200, {"results": [{"tmdbId": NO_TVDB, "status": 2, "tvdbId": None}]}),
        dialects="O",
    ),
    case(
        "0.7",
        "a tvdbId in the body: accepted by Seerr, still 500 on the others once the media row is there",
        Ask("POST", "/request", json=show(NO_TVDB, [1]), drops=by(O=True, JS=False)),
        get("/request"),
        ask(show(NO_TVDB, [1], tvdbId=99001), by(OJ=500, S=201)),
        get("/request", 200, {"pageInfo": {"results": by(OJ=0, S=1)}}),
    ),
)


def _expect(actual: object, expected: object) -> None:
    assert actual == expected


CASES: tuple[Case, ...] = (*DUPLICATES, *STATES, *OUTAGES, *CACHES, *QUERIES, *DEATHS, *NO_TVDB_ID)
