"""Section 4: POST /request."""

from __future__ import annotations

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.server.users.permissions import Permission
from tests.demo.server_facts.table import (
    MISSING,
    Ask,
    Case,
    Do,
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
from tests.demo.server_facts.world import (
    ADULT,
    ALIEN,
    ALIENS,
    AMELIE,
    MATRIX,
    NO_SEASONS,
    ONLY_SPECIALS,
    SAME_TVDB,
    TWO_SEASONS,
    UNRELEASED,
    WITH_SPECIALS,
)

NOTHING_LEFT = {"message": "No seasons available to request"}
DUPLICATE = {"message": "Request for this media already exists.", "error": MISSING}


def user(permissions: int = Permission.REQUEST, **quotas: int) -> Do:
    """Add user 2."""
    return do(lambda server: server.add_user("alice", permissions, **quotas))


def seasons(*numbers: int) -> dict[str, object]:
    """Match a request for exactly these seasons."""
    return {"seasons": [{"seasonNumber": number} for number in numbers]}


def refusal(message: str) -> dict[str, object]:
    """Match one of the servers' own refusals."""
    return {"message": message, "error": MISSING}


def invalid(body: object, path: str) -> Ask:
    """Return a POST that validation refuses because of one field."""
    return ask(body, 400, {"message": str, "errors": [{"path": path, "message": str, "errorCode": str}]})


def _stand_by(server: DemoServer) -> None:
    server.faults.processing_seconds = 3600.0


BODY = (
    case("4", "mediaType is required", invalid({"mediaId": MATRIX}, ".body.mediaType")),
    case("4", "mediaId is required", invalid({"mediaType": "movie"}, ".body.mediaId")),
    case("4", "mediaType is movie or tv", invalid(film(MATRIX, mediaType="person"), ".body.mediaType")),
    case("4", "mediaId as a text is refused", invalid(film(MATRIX, mediaId="603"), ".body.mediaId")),
    case("4", "is4k as a text is refused", invalid(film(MATRIX, is4k="false"), ".body.is4k")),
    case("4", "userId as a text is refused", invalid(film(MATRIX, userId="1"), ".body.userId")),
    case("4", "userId null is fine", ask(film(MATRIX, userId=None), 201, {"requestedBy": {"id": 1}})),
    *(
        case("4", f"seasons as {value!r} are refused", invalid(show(TWO_SEASONS, value), ".body.seasons"))
        for value in (None, "1", ["1"], [-1])
    ),
    case(
        "4",
        "seasons left out of a show's request is a 500",
        ask(
            {"mediaType": "tv", "mediaId": TWO_SEASONS, "is4k": False},
            500,
            {"message": "Cannot read properties of undefined (reading 'filter')"},
        ),
        get("/media", 200, {"results": []}),
    ),
    case(
        "4",
        "a Content-Type other than JSON",
        Ask("POST", "/request", 415, data='{"mediaType": "movie"}', headers={"Content-Type": "text/plain"}),
        Ask("POST", "/request", 415, data="mediaType=movie"),
    ),
    case(
        "4",
        "a body that is not JSON",
        Ask("POST", "/request", 400, {"message": str}, data="{", headers={"Content-Type": "application/json"}),
    ),
    case(
        "4",
        "PUT /request is not a method",
        Ask("PUT", "/request", 405, {"message": "PUT method not allowed"}, json=film(MATRIX)),
    ),
)

CREATED = (
    case(
        "4",
        "created: a film",
        ask(
            film(MATRIX),
            201,
            {
                "id": 1,
                "type": "movie",
                "status": 2,
                "is4k": False,
                "media": {"id": 1, "tmdbId": MATRIX, "mediaType": "movie", "status": 2, "status4k": 1},
                "requestedBy": {"id": 1, "displayName": "admin"},
                "modifiedBy": {"id": 1},
                "seasons": [],
                "createdAt": str,
                "updatedAt": str,
                "tags": None,
                "serverId": None,
                "profileId": None,
                "rootFolder": None,
                "isAutoRequest": False,
            },
        ),
    ),
    case(
        "4",
        "created: a show",
        ask(
            show(TWO_SEASONS, [1, 2]),
            201,
            {"type": "tv", "media": {"tvdbId": 71001, "status": 2, "seasons": []}} | seasons(1, 2),
        ),
    ),
    case(
        "4",
        "server, profile, folder and tags are kept; an unknown server is accepted",
        ask(
            film(MATRIX, serverId=77, profileId=4, rootFolder="/movies", tags=[1, 2]),
            201,
            {"serverId": 77, "profileId": 4, "rootFolder": "/movies", "tags": [1, 2]},
        ),
    ),
    case(
        "4",
        "duplicate film",
        ask(film(MATRIX)),
        ask(film(MATRIX), 409, DUPLICATE),
        get("/request", 200, {"pageInfo": {"results": 1}}),
    ),
    case(
        "4", "duplicate film, by another user", user(), ask(film(MATRIX)), ask(film(MATRIX), 409, DUPLICATE, user="2")
    ),
    case(
        "4",
        "duplicate film while its request failed: only a retry helps",
        ask(film(MATRIX)),
        do(lambda server: server.fail_request(1)),
        ask(film(MATRIX), 409, DUPLICATE),
        post("/request/1/retry", status=200, body={"status": 2}),
        ask(film(MATRIX), 409, DUPLICATE),
    ),
    case(
        "4",
        "duplicate film whose first request was declined is accepted",
        ask(film(MATRIX)),
        post("/request/1/decline"),
        ask(film(MATRIX), 201),
    ),
    case(
        "4",
        "duplicate film whose first request is completed: accepted by S, 409 on J and O where it stays approved",
        ask(film(MATRIX)),
        do(lambda server: server.make_available("movie", MATRIX)),
        ask(film(MATRIX), by(OJ=409, S=201)),
    ),
    case(
        "4",
        "same title, other quality",
        ask(film(MATRIX)),
        ask(film(MATRIX, is4k=True), 201, {"is4k": True, "media": {"status4k": 2}}),
        ask(film(MATRIX, is4k=True), 409, DUPLICATE),
    ),
)

SEASONS = (
    case(
        "4",
        "nothing left: all requested",
        ask(show(TWO_SEASONS, "all")),
        ask(show(TWO_SEASONS, "all"), 202, NOTHING_LEFT | {"id": MISSING}),
    ),
    case(
        "4",
        "nothing left: all available",
        do(lambda server: server.make_available("tv", TWO_SEASONS)),
        ask(show(TWO_SEASONS, "all"), 202, NOTHING_LEFT),
    ),
    case("4", "nothing left: []", ask(show(TWO_SEASONS, []), 202, NOTHING_LEFT)),
    case("4", "nothing left: no seasons in TMDB", ask(show(NO_SEASONS, "all"), 202, NOTHING_LEFT)),
    case("4", "nothing left: only specials (J, S); requested by O", ask(show(ONLY_SPECIALS, "all"), by(JS=202, O=201))),
    case(
        "4",
        "some left: only those, in a new request",
        ask(show(TWO_SEASONS, [1])),
        ask(show(TWO_SEASONS, [1, 2]), 201, {"id": 2} | seasons(2)),
        ask(show(TWO_SEASONS, [1, 2]), 202, NOTHING_LEFT),
    ),
    case(
        "4",
        "seasons that were declined are left again",
        ask(show(TWO_SEASONS, [1])),
        post("/request/1/decline"),
        ask(show(TWO_SEASONS, [1]), 201, seasons(1)),
    ),
    case(
        "4",
        "seasons in 4K are separate",
        ask(show(TWO_SEASONS, [1])),
        ask(show(TWO_SEASONS, [1], is4k=True), 201, seasons(1)),
    ),
    case(
        "4",
        '"all" on a show with specials: with season 0 on O only',
        ask(show(WITH_SPECIALS, "all"), 201, by(O=seasons(0, 1, 2, 3), JS=seasons(1, 2, 3))),
    ),
    case(
        "4",
        '"all" with special episodes enabled: with season 0',
        do(lambda server: setattr(server.settings, "special_episodes_enabled", True)),
        ask(show(WITH_SPECIALS, "all"), 201, seasons(0, 1, 2, 3)),
    ),
    case("4", "a season that TMDB does not have is accepted", ask(show(TWO_SEASONS, [99]), 201, seasons(99))),
)

PERMISSIONS = (
    *(
        case(
            "4",
            f"no permission: {words}, with {permissions!r}",
            user(permissions),
            ask(body, 403, refusal(f"You do not have permission to make {words} requests."), user="2"),
        )
        for words, permissions, body in (
            ("movie", Permission.NONE, film(MATRIX)),
            ("series", Permission.NONE, show(TWO_SEASONS, [1])),
            ("4K movie", Permission.REQUEST, film(MATRIX, is4k=True)),
            ("4K series", Permission.REQUEST, show(TWO_SEASONS, [1], is4k=True)),
            ("movie", Permission.REQUEST_TV, film(MATRIX)),
            ("series", Permission.REQUEST_MOVIE, show(TWO_SEASONS, [1])),
        )
    ),
    *(
        case("4", f"one bit is enough: {bit.name}", user(bit), ask(body, 201, user="2"))
        for bit, body in (
            (Permission.REQUEST_MOVIE, film(MATRIX)),
            (Permission.REQUEST_TV, show(TWO_SEASONS, [1])),
            (Permission.REQUEST_4K, film(MATRIX, is4k=True)),
            (Permission.REQUEST_4K_TV, show(TWO_SEASONS, [1], is4k=True)),
        )
    ),
    *(
        case(
            "4",
            f"userId without the two managing permissions: {who}",
            user(permissions),
            ask(
                film(MATRIX, userId=number),
                403,
                refusal("You do not have permission to modify the request user."),
                user="2",
            ),
        )
        for who, permissions, number in (
            ("another's id", Permission.REQUEST, 1),
            ("the own id", Permission.REQUEST, 2),
            ("with MANAGE_REQUESTS alone", Permission.REQUEST | Permission.MANAGE_REQUESTS, 1),
        )
    ),
    case(
        "4",
        "userId unknown",
        ask(
            film(MATRIX, userId=99),
            500,
            {"message": lambda text: text.startswith('Could not find any entity of type "User"')},
        ),
    ),
    case(
        "4",
        "auto-approval follows the calling user: key of user 1 with userId is approved in the other's name",
        user(),
        ask(film(MATRIX, userId=2), 201, {"status": 2, "requestedBy": {"id": 2}, "modifiedBy": {"id": 1}}),
    ),
    case(
        "4",
        "auto-approval follows the calling user: X-API-User is pending",
        user(),
        ask(film(MATRIX), 201, {"status": 1, "requestedBy": {"id": 2}, "modifiedBy": None}, user="2"),
        get(f"/movie/{MATRIX}", 200, {"mediaInfo": {"status": 2}}),
    ),
    case(
        "4",
        "a user with AUTO_APPROVE is approved",
        user(Permission.REQUEST | Permission.AUTO_APPROVE),
        ask(film(MATRIX), 201, {"status": 2, "modifiedBy": {"id": 2}}, user="2"),
    ),
    case(
        "4",
        "five meanings of 403 with a message, and one with an error",
        user(Permission.REQUEST, movie_quota=1),
        do(lambda server: server.add_user("nobody", Permission.NONE)),
        ask(film(MATRIX), user="2"),
        ask(film(ALIEN), 403, refusal("Movie Quota exceeded."), user="2"),
        ask(film(ALIEN), 403, refusal("You do not have permission to make movie requests."), user="3"),
        ask(film(ALIEN, userId=1), 403, refusal("You do not have permission to modify the request user."), user="2"),
        ask(film(ALIEN), 403, {"error": str, "message": MISSING}, key="wrong"),
        ask(film(ALIEN), 403, {"error": str, "message": MISSING}, user="99"),
    ),
    case(
        "4",
        "permission follows the target user",
        user(Permission.NONE),
        ask(film(MATRIX, userId=2), 403, refusal("You do not have permission to make movie requests.")),
    ),
)

QUOTAS = (
    case(
        "4",
        "film quota used up",
        user(movie_quota=2),
        ask(film(MATRIX), user="2"),
        ask(film(ALIEN), user="2"),
        ask(film(ALIENS), 403, refusal("Movie Quota exceeded."), user="2"),
        ask(show(TWO_SEASONS, [1]), 201, user="2"),
    ),
    case(
        "4",
        "film quota used up, for an admin with that user's id too",
        user(movie_quota=1),
        ask(film(MATRIX), user="2"),
        ask(film(ALIEN, userId=2), 403, refusal("Movie Quota exceeded.")),
        ask(film(ALIEN), 201),
    ),
    case(
        "4",
        "series quota: refused as a whole when more seasons are asked for than remain",
        user(tv_quota=2),
        ask(show(WITH_SPECIALS, [1, 2, 3]), 403, refusal("Series Quota exceeded."), user="2"),
        ask(show(WITH_SPECIALS, [1, 2]), 201, user="2"),
        ask(show(TWO_SEASONS, [1]), 403, refusal("Series Quota exceeded."), user="2"),
    ),
    case(
        "4",
        "a declined request gives its quota back",
        user(movie_quota=1),
        ask(film(MATRIX), user="2"),
        post("/request/1/decline"),
        ask(film(ALIEN), 201, user="2"),
    ),
)

REFUSED = (
    *(
        case(
            "4",
            f"blocklisted, in {quality}",
            do(lambda server: server.blocklist("movie", MATRIX)),
            ask(
                film(MATRIX, is4k=quality == "4K"),
                403,
                {"message": by(J="This media is blacklisted.", S="This media is blocklisted."), "error": MISSING},
            ),
            dialects="JS",
        )
        for quality in ("HD", "4K")
    ),
    *(
        case(
            "4",
            f"unknown TMDB id: a {words}",
            ask(
                body,
                500,
                {
                    "message": by(
                        OS=f"[TMDB] Failed to fetch {words} details: Request failed with status code 404",
                        J=lambda text, words=words: text.startswith(
                            f'[TMDB] Failed to fetch {words} details: 404 Not Found: {{"success":false'
                        ),
                    )
                },
            ),
            get("/media", 200, {"results": []}),
        )
        for words, body in (("movie", film(99999999)), ("TV show", show(99999999, [1])))
    ),
    *(
        case(
            "4",
            f"TMDB answers {status}",
            fault(tmdb_down=True, tmdb_status=status),
            ask(
                film(MATRIX),
                500,
                {
                    "message": by(
                        OS=f"[TMDB] Failed to fetch movie details: Request failed with status code {status}", J=str
                    )
                },
            ),
            fault(tmdb_down=False),
            ask(film(MATRIX), 201),
        )
        for status in (500, 429)
    ),
    case(
        "4",
        "another show holds the same tvdbId",
        ask(show(SAME_TVDB[0], [1]), 201),
        ask(show(SAME_TVDB[1], [1]), 500, {"message": "SQLITE_CONSTRAINT: UNIQUE constraint failed: media.tvdbId"}),
        ask(show(SAME_TVDB[1], [1]), 500),
        get("/media", 200, {"pageInfo": {"results": 1}}),
    ),
    *(
        case("4", f"accepted: {what}", ask(film(tmdb), 201))
        for what, tmdb in (("no date", UNRELEASED), ("adult", ADULT), ("not English", AMELIE))
    ),
)

AFTERWARDS = (
    case(
        "4",
        "no 4K server: accepted, media status 3 although nothing is sent anywhere",
        get("/settings/public", 200, {"movie4kEnabled": False, "series4kEnabled": False}),
        ask(film(MATRIX, is4k=True), 201),
        get(f"/movie/{MATRIX}", 200, {"mediaInfo": {"status": 1, "status4k": 3}}),
    ),
    case(
        "4",
        "with 4K servers the public settings say so",
        do(lambda server: setattr(server.settings, "movie_4k_enabled", True)),
        get("/settings/public", 200, {"movie4kEnabled": True, "series4kEnabled": False}),
        get("/service/radarr", 200, [{"is4k": False}, {"is4k": True}]),
    ),
    case(
        "4",
        "Radarr refuses: 201, a moment later request status 4 and media status 3",
        fault(radarr_refuses=True),
        ask(film(MATRIX), 201, {"status": 2, "media": {"status": 2}}),
        get("/request/1", 200, {"status": 4, "media": {"status": 3}}),
    ),
    case(
        "4",
        "the POST's body shows media status 2, a later look 3",
        ask(film(MATRIX), 201, {"media": {"status": 2}}),
        get(f"/movie/{MATRIX}", 200, {"mediaInfo": {"status": 3}}),
    ),
    case(
        "4",
        "until Radarr was called the media status stays 2",
        do(_stand_by),
        ask(film(MATRIX)),
        get(f"/movie/{MATRIX}", 200, {"mediaInfo": {"status": 2, "requests": [{"status": 2}]}}),
    ),
    case(
        "4",
        "some approved requests stay at media status 2 on O",
        *(ask(film(tmdb)) for tmdb in range(800001, 800021)),
        get("/request/20", 200, {"status": 2, "media": {"status": by(O=2, JS=3)}}),
        get("/request/19", 200, {"status": 2, "media": {"status": 3}}),
    ),
)

ADMINISTRATION = (
    *(
        case(
            "4",
            f"POST /request/{{id}}/{word}",
            user(),
            ask(film(MATRIX), user="2"),
            post(f"/request/1/{word}", status=200, body={"id": 1, "status": status}),
            post(f"/request/1/{word}", status=403, body={"status": 403, "error": str}, user="2"),
            post(f"/request/9/{word}", status=404, body={"message": "Request not found."}),
        )
        for word, status in (("approve", 2), ("decline", 3), ("retry", 2))
    ),
    case("4", "an unknown word for a request's status", ask(film(MATRIX)), post("/request/1/frobnicate", status=400)),
    case(
        "4",
        "DELETE /request/{id}, and again",
        ask(film(MATRIX)),
        Ask("DELETE", "/request/1", 204, text=""),
        delete("/request/1", 404, {"message": "Request not found."}),
    ),
    case(
        "4",
        "DELETE of one's own while it is pending; later or another's only with MANAGE_REQUESTS",
        user(),
        ask(film(MATRIX), user="2"),
        delete("/request/1", 204, user="2"),
        ask(film(ALIEN), user="2"),
        post("/request/2/approve"),
        delete("/request/2", by(OJS=401), {"message": str}, user="2"),
        ask(film(ALIENS)),
        delete("/request/3", 401, user="2"),
        delete("/request/3", 204),
    ),
)

CASES: tuple[Case, ...] = (
    *BODY,
    *CREATED,
    *SEASONS,
    *PERMISSIONS,
    *QUOTAS,
    *REFUSED,
    *AFTERWARDS,
    *ADMINISTRATION,
)
