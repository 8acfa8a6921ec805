"""Section 5: GET /media, GET /request and GET /request/count."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from list_sync.demo.server.demo_server import DemoServer
from tests.demo.server_facts.table import ALL, MISSING, Case, Step, ask, by, case, delete, do, film, get, post, show
from tests.demo.server_facts.world import ALIEN, ALIENS, DUNES, MATRIX, TWO_SEASONS, WITH_SPECIALS

USER = do(lambda server: server.add_user("alice"))
NOT_ALLOWED = {"message": "You do not have permission to view this user's requests."}


def numbers(*expected: int) -> Callable[[list[dict[str, Any]]], bool]:
    """Match rows with exactly these ids, in this order."""
    return lambda rows: [row["id"] for row in rows] == list(expected)


def count(expected: int) -> Callable[[list[Any]], bool]:
    """Match a list of this length."""
    return lambda rows: len(rows) == expected


def _fill(server: DemoServer) -> None:
    for tmdb in DUNES[:30]:
        server.set_media("movie", tmdb)


def _one_of_each(server: DemoServer) -> None:
    for tmdb, status in zip(DUNES, (1, 2, 3, 4, 5), strict=False):
        server.set_media("movie", tmdb, status=status, status4k=5 if status == 1 else 1)


def _age(server: DemoServer) -> None:
    with server.backend.state.lock:
        for row in (*server.backend.state.media.values(), *server.backend.state.requests.values()):
            row.created = row.updated = time.time() - 1000


def _order(moves: object) -> dict[str, object]:
    def check(rows: list[dict[str, Any]]) -> bool:
        return (rows[0]["updatedAt"] > rows[0]["createdAt"]) is moves

    return {"results": check}


def moved(path: str, letters: str) -> Step:
    """Look whether updatedAt of the only row moved: in these dialects it does, in the others not."""
    bodies = {letter: _order(letter in letters) for letter in ALL}
    return get(path, 200, by(**bodies))


MEDIA = (
    case(
        "5",
        "a media row: ids and statuses, no title, no requests",
        ask(show(TWO_SEASONS, [1])),
        do(lambda server: server.make_available("tv", TWO_SEASONS, [1])),
        get(
            "/media",
            200,
            {
                "results": [
                    {
                        "id": 1,
                        "mediaType": "tv",
                        "tmdbId": TWO_SEASONS,
                        "tvdbId": 71001,
                        "status": 4,
                        "status4k": 1,
                        "seasons": [{"seasonNumber": 1, "status": 5, "status4k": 1}],
                        "createdAt": str,
                        "updatedAt": str,
                        "mediaAddedAt": str,
                        "title": MISSING,
                        "name": MISSING,
                        "requests": MISSING,
                    }
                ]
            },
        ),
    ),
    case(
        "5",
        "any user sees all media rows",
        USER,
        ask(film(MATRIX)),
        get("/media", 200, {"results": numbers(1)}, user="2"),
    ),
    case(
        "5",
        "twenty rows unless told",
        do(_fill),
        get("/media", 200, {"pageInfo": {"pages": 2, "pageSize": 20, "results": 30, "page": 1}, "results": count(20)}),
    ),
    case(
        "5",
        "take=100000",
        do(_fill),
        get("/media?take=100000", 200, {"pageInfo": {"pages": 1, "results": 30}, "results": count(30)}),
    ),
    case(
        "5",
        "take=0 is the default",
        do(_fill),
        get("/media?take=0", 200, {"pageInfo": {"pageSize": 20}, "results": count(20)}),
    ),
    case("5", "take=-1 is everything", do(_fill), get("/media?take=-1", 200, {"results": count(30)})),
    case("5", "take=1.5 is a database error", get("/media?take=1.5", 500, {"message": str})),
    case("5", "take that is no number", get("/media?take=x", 400, {"errors": [{"path": ".query.take"}]})),
    case(
        "5",
        "take and skip, newest first",
        do(_fill),
        get("/media?take=3&skip=3", 200, {"pageInfo": {"page": 2}, "results": numbers(27, 26, 25)}),
    ),
    case("5", "a page behind the end", do(_fill), get("/media?take=20&skip=40", 200, {"results": []})),
    *(
        case(
            "5",
            f"filter={word} looks at status only",
            do(_one_of_each),
            get(f"/media?filter={word}", 200, {"results": numbers(*ids)}),
        )
        for word, ids in (
            ("all", (5, 4, 3, 2, 1)),
            ("available", (5,)),
            ("partial", (4,)),
            ("allavailable", (5, 4)),
            ("processing", (3,)),
            ("pending", (2,)),
        )
    ),
    case(
        "5",
        "filter=deleted: S takes it and returns everything",
        do(_one_of_each),
        get("/media?filter=deleted", by(OJ=400, S=200), by(OJ={}, S={"results": count(5)})),
    ),
    case("5", "an unknown filter or sort", get("/media?filter=nonsense", 400), get("/media?sort=nonsense", 400)),
    case(
        "5",
        "sort=mediaAdded",
        ask(film(MATRIX)),
        ask(film(ALIEN)),
        do(lambda server: server.make_available("movie", MATRIX)),
        get("/media?sort=mediaAdded", 200, {"results": numbers(1, 2)}),
        get("/media?sort=added", 200, {"results": numbers(2, 1)}),
    ),
    case(
        "5",
        "blocklisted titles are rows with status 6, and their requests are not listed",
        ask(film(MATRIX)),
        ask(film(ALIEN)),
        do(lambda server: server.blocklist("movie", MATRIX)),
        get("/media", 200, {"results": [{"id": 2, "status": 3}, {"id": 1, "status": 6}]}),
        get("/request", 200, {"pageInfo": {"results": 1}, "results": numbers(2)}),
        dialects="JS",
    ),
)

REQUESTS = (
    case(
        "5",
        "a request row: media, seasons, requester",
        ask(show(TWO_SEASONS, [1])),
        get(
            "/request",
            200,
            {
                "pageInfo": {"pages": 1, "pageSize": 20, "results": 1, "page": 1},
                "results": [
                    {
                        "id": 1,
                        "type": "tv",
                        "status": 2,
                        "is4k": False,
                        "media": {"tmdbId": TWO_SEASONS, "tvdbId": 71001, "status": 3},
                        "seasons": [{"seasonNumber": 1, "status": 2}],
                        "requestedBy": {"id": 1},
                        "modifiedBy": {"id": 1},
                        "profileName": by(O=MISSING, JS=None),
                        "canRemove": by(OJ=MISSING, S=False),
                    }
                ],
            },
        ),
    ),
    case(
        "5",
        "all requests for an admin, one's own otherwise",
        USER,
        ask(film(MATRIX)),
        ask(film(ALIEN), user="2"),
        get("/request", 200, {"results": numbers(2, 1)}),
        get("/request", 200, {"results": numbers(2), "pageInfo": {"results": 1}}, user="2"),
        get("/request?requestedBy=2", 200, {"results": numbers(2)}),
        get("/request?requestedBy=2", 200, {"results": numbers(2)}, user="2"),
        get("/request?requestedBy=1", 403, NOT_ALLOWED, user="2"),
    ),
    case(
        "5",
        "take is unlimited, newest first",
        *(ask(film(tmdb)) for tmdb in DUNES[:22]),
        get("/request", 200, {"results": count(20)}),
        get("/request?take=1000", 200, {"results": count(22)}),
        get("/request?take=2&skip=1&sort=added", 200, {"results": numbers(21, 20)}),
        get("/request?take=0", 200, {"results": count(20)}),
        get("/request?take=-1", 200, {"results": count(22)}),
    ),
    *(
        case(
            "5",
            f"filter={word}",
            USER,
            ask(film(MATRIX), user="2"),
            ask(film(ALIEN)),
            ask(film(ALIENS)),
            ask(film(DUNES[0])),
            do(lambda server: (server.fail_request(3), server.make_available("movie", DUNES[0]))),
            get(f"/request?filter={word}", 200, {"results": by(OJ=numbers(*others), S=numbers(*seerr))}),
        )
        for word, others, seerr in (
            ("all", (4, 3, 2, 1), (4, 3, 2, 1)),
            ("approved", (4, 2), (2,)),
            ("available", (4,), (4,)),
            ("pending", (1,), (1,)),
            ("processing", (2,), (2,)),
            ("unavailable", (2, 1), (2, 1)),
            ("failed", (3,), (3,)),
        )
    ),
    case(
        "5",
        "filter=completed and deleted exist on S only",
        ask(film(MATRIX)),
        do(lambda server: server.make_available("movie", MATRIX)),
        get("/request?filter=completed", by(OJ=400, S=200), by(OJ={}, S={"results": numbers(1)})),
        get("/request?filter=deleted", by(OJ=400, S=200), by(OJ={}, S={"results": []})),
    ),
    case(
        "5",
        "mediaType on S, sortDirection on S and J",
        ask(film(MATRIX)),
        ask(show(TWO_SEASONS, [1])),
        get("/request?mediaType=tv", by(OJ=400, S=200), by(OJ={}, S={"results": numbers(2)})),
        get("/request?sortDirection=asc", by(O=400, JS=200), by(O={}, JS={"results": numbers(1, 2)})),
    ),
    case(
        "5",
        "an unknown filter or sort of requests",
        get("/request?filter=nonsense", 400),
        get("/request?sort=nonsense", 400),
    ),
    case(
        "5",
        "GET /request/count",
        USER,
        ask(film(MATRIX), user="2"),
        ask(film(ALIEN)),
        ask(film(ALIENS)),
        ask(show(TWO_SEASONS, [1])),
        do(lambda server: (server.decline(3), server.make_available("tv", TWO_SEASONS))),
        get(
            "/request/count",
            200,
            {
                "total": 4,
                "movie": 3,
                "tv": 1,
                "pending": 1,
                "approved": by(OJ=2, S=1),
                "declined": 1,
                "processing": 1,
                "available": 1,
                "completed": by(OJ=MISSING, S=1),
            },
        ),
    ),
    case(
        "5",
        "one request",
        USER,
        ask(film(MATRIX)),
        get("/request/1", 200, {"id": 1, "media": {"tmdbId": MATRIX}}),
        get("/request/9", 404, {"message": "Request not found."}),
        get("/request/1", 403, {"message": str}, user="2"),
    ),
)

CHANGES = (
    case(
        "5",
        "updatedAt of a request does not move on S when it is declined",
        ask(film(MATRIX)),
        do(_age),
        post("/request/1/decline"),
        moved("/request", "OJ"),
    ),
    case(
        "5",
        "updatedAt of a media row does not move on S when its request is declined",
        ask(film(MATRIX)),
        do(_age),
        post("/request/1/decline"),
        moved("/media", "OJ"),
    ),
    case(
        "5",
        "updatedAt of a media row does not move on S when a scan makes it available",
        ask(film(MATRIX)),
        do(_age),
        do(lambda server: server.make_available("movie", MATRIX)),
        moved("/media", "OJ"),
    ),
    case(
        "5",
        "updatedAt of a request moves nowhere when its title becomes available",
        ask(film(MATRIX)),
        do(_age),
        do(lambda server: server.make_available("movie", MATRIX)),
        moved("/request", ""),
    ),
    case(
        "5",
        "updatedAt of a media row does not move on S when seasons arrive",
        ask(show(TWO_SEASONS, "all")),
        do(_age),
        do(lambda server: server.make_available("tv", TWO_SEASONS, [1])),
        moved("/media", "OJ"),
    ),
    case(
        "5",
        "sort=modified shows a decline first on J and O only",
        ask(film(MATRIX)),
        ask(film(ALIEN)),
        do(_age),
        post("/request/1/decline"),
        get("/request?sort=modified&take=1", 200, {"results": by(OJ=numbers(1), S=numbers(2))}),
        get("/media?sort=modified&take=1", 200, {"results": by(OJ=numbers(1), S=numbers(2))}),
    ),
    case(
        "5",
        "deletions show only in the totals",
        ask(film(MATRIX)),
        ask(film(ALIEN)),
        delete("/request/1"),
        get("/request?take=1", 200, {"pageInfo": {"results": 1}}),
        get("/request/count", 200, {"total": 1}),
        get("/media?take=1", 200, {"pageInfo": {"results": 2}}),
    ),
    case(
        "5",
        "deleting a media row deletes its requests",
        ask(film(MATRIX)),
        delete("/media/1"),
        get("/request", 200, {"results": []}),
        get("/request/count", 200, {"total": 0}),
        get(f"/movie/{MATRIX}", 200, {"mediaInfo": MISSING}),
        delete("/media/1", 404),
    ),
    case(
        "5",
        "seasons [2,3] where 2 is requested: only 3",
        ask(show(WITH_SPECIALS, [2])),
        ask(show(WITH_SPECIALS, [2, 3]), 201, {"seasons": [{"seasonNumber": 3}]}),
    ),
    case(
        "5",
        '"all" once everything else is requested: season 0 on O, nothing left on J and S',
        ask(show(WITH_SPECIALS, [1, 2, 3])),
        ask(
            show(WITH_SPECIALS, "all"), by(O=201, JS=202), by(O={"seasons": [{"seasonNumber": 0}]}, JS={"id": MISSING})
        ),
    ),
    case(
        "5",
        "rows added while paging shift the pages",
        *(ask(film(tmdb)) for tmdb in DUNES[:4]),
        get("/request?take=2", 200, {"results": numbers(4, 3)}),
        ask(film(MATRIX)),
        get("/request?take=2&skip=2", 200, {"results": numbers(3, 2)}),
    ),
)

STATUSES = (
    *(
        case(
            "5",
            f"POST /media/{{id}}/{word}",
            USER,
            ask(show(TWO_SEASONS, [1])),
            post(f"/media/1/{word}", {}, 200, {"id": 1, "status": status}),
            post(f"/media/1/{word}", {}, 403, {"error": str}, user="2"),
            post(f"/media/9/{word}", {}, 404),
        )
        for word, status in (("available", 5), ("processing", 3), ("pending", 2), ("unknown", 1), ("partial", 4))
    ),
    case("5", "partial is for shows only", ask(film(MATRIX)), post("/media/1/partial", {}, 400, {"message": str})),
    case("5", "an unknown word for a media status", ask(film(MATRIX)), post("/media/1/nonsense", {}, 400)),
    case(
        "5",
        "a media status in 4K",
        ask(film(MATRIX)),
        post("/media/1/available", {"is4k": True}, 200, {"status": 3, "status4k": 5}),
    ),
    case(
        "5",
        "DELETE /media/{id} needs MANAGE_REQUESTS",
        USER,
        ask(film(MATRIX)),
        delete("/media/1", 403, {"error": str}, user="2"),
        delete("/media/1", 204),
    ),
)

CASES: tuple[Case, ...] = (*MEDIA, *REQUESTS, *CHANGES, *STATUSES)
