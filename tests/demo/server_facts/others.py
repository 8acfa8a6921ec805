"""Sections 6 and 7: blocklist, watchlist, services, unknown paths and the base address."""

from __future__ import annotations

from list_sync.demo.server.users.permissions import Permission
from tests.demo.server_facts.table import Ask, Case, ask, by, case, delete, do, film, get, post
from tests.demo.server_facts.world import BOTH_KINDS, MATRIX

ENTRY = {"tmdbId": MATRIX, "mediaType": "movie", "title": "The Matrix", "user": 1}
DEPRECATED = {"Deprecation": str, "Link": str, "Sunset": str}
HTML = {"Content-Type": lambda kind: kind.startswith("text/html")}

BLOCKLISTS = (
    *(
        case(
            "6",
            f"/{word}: list, add, add again, remove, remove again",
            get(f"/{word}", 200, {"pageInfo": {"results": 0}, "results": []}),
            Ask("POST", f"/{word}", 201, json=ENTRY, text=""),
            post(f"/{word}", ENTRY, 412, {"message": by(J="Item already blacklisted", S="Item already blocklisted")}),
            get(f"/{word}?take=10&skip=0&search=matrix", 200, {"results": [{"tmdbId": MATRIX, "mediaType": "movie"}]}),
            get("/media", 200, {"results": [{"tmdbId": MATRIX, "status": 6}]}),
            delete(f"/{word}/{MATRIX}", 204),
            delete(f"/{word}/{MATRIX}", 401),
            ask(film(MATRIX), 201),
            dialects=dialects,
        )
        for word, dialects in (("blacklist", "JS"), ("blocklist", "S"))
    ),
    case("6", "/blacklist on S is marked as going", get("/blacklist", 200, answer_headers=DEPRECATED), dialects="S"),
    case(
        "6",
        "O has neither list, J no /blocklist",
        get("/blacklist", by(O=404, J=200)),
        get("/blocklist", 404),
        dialects="OJ",
    ),
    case(
        "6",
        "a list needs a permission",
        do(lambda server: server.add_user("alice")),
        do(lambda server: server.add_user("viewer", Permission.VIEW_BLOCKLIST)),
        get("/blacklist", 403, {"error": str}, user="2"),
        get("/blacklist", 200, user="3"),
        post("/blacklist", ENTRY, 403, {"error": str}, user="3"),
        dialects="JS",
    ),
    case(
        "6",
        "a film and a show with one number are confused",
        post("/blacklist", ENTRY | {"tmdbId": BOTH_KINDS}, 201),
        post("/blacklist", ENTRY | {"tmdbId": BOTH_KINDS, "mediaType": "tv"}, 412),
        dialects="JS",
    ),
)

OTHERS = (
    case(
        "6",
        "watchlist on S and J",
        post("/watchlist", ENTRY, 201),
        post("/watchlist", ENTRY, 409, {"message": ""}),
        post("/watchlist", ENTRY | {"tmdbId": 99999999}, 500),
        get("/discover/watchlist", 200, {"results": [{"tmdbId": MATRIX}]}),
        get("/user/1/watchlist", 200, {"results": [{"tmdbId": MATRIX}]}),
        get("/watchlist", 405),
        delete(f"/watchlist/{MATRIX}", 204),
        delete(f"/watchlist/{MATRIX}", 401),
        dialects="JS",
    ),
    case(
        "6",
        "no watchlist on O, but its lists are there, empty",
        post("/watchlist", ENTRY, 404),
        get("/discover/watchlist", 200, {"results": []}),
        dialects="O",
    ),
    case(
        "6",
        "Radarr and Sonarr are shown to any user",
        do(lambda server: server.add_user("alice")),
        get("/service/radarr", 200, [{"id": 0, "is4k": False, "isDefault": True}], user="2"),
        get("/service/radarr/0", 200, {"server": dict, "profiles": list, "rootFolders": list, "tags": list}, user="2"),
        get("/service/sonarr/0", 200, {"server": dict}, user="2"),
    ),
    case(
        "6",
        "an unknown path of the API",
        get(
            "/nonsense", 404, {"message": "not found", "errors": [{"path": "/api/v1/nonsense", "message": "not found"}]}
        ),
        get("/nonsense", 404, key=None),
        get("/_demo/counts", 404),
    ),
    case(
        "7",
        "a path outside the API is the front end's",
        Ask("GET", "/seerr/api/v1/status", 200, root="", answer_headers=HTML),
        Ask("GET", "/login", 200, root="", answer_headers=HTML),
    ),
    case(
        "7",
        "connections stay open for 5 s without use",
        get("/status", 200, answer_headers={"Connection": "keep-alive", "Keep-Alive": "timeout=5"}),
    ),
)

CASES: tuple[Case, ...] = (*BLOCKLISTS, *OTHERS)
