"""Section 1: authentication, users and CSRF protection."""

from __future__ import annotations

import requests

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.server.users.permissions import Permission
from tests.demo.server_facts.table import MISSING, Ask, Case, ask, by, case, delete, do, film, get, post, show
from tests.demo.server_facts.world import MATRIX, TWO_SEASONS
from tests.fakes.patience import PATIENCE_SECONDS

NO_ACCESS = {
    "status": 403,
    "error": "You do not have permission to access this endpoint",
    "message": MISSING,
}
NO_COOKIE = {
    "message": "cookie 'connect.sid' required",
    "errors": [{"path": "/api/v1/auth/me", "message": "cookie 'connect.sid' required"}],
}
ALICE = do(lambda server: server.add_user("alice"))
INVALID_TOKEN = {"message": "invalid csrf token"}


def protect(server: DemoServer) -> None:
    """Switch CSRF protection on."""
    server.settings.csrf_protection = True


def _with_cookies(server: DemoServer) -> None:
    first = requests.get(f"{server.url}/api/v1/status", timeout=PATIENCE_SECONDS)
    jar = {cookie.name: cookie for cookie in first.cookies}
    assert sorted(jar) == ["XSRF-TOKEN", "_csrf"]
    assert all(cookie.secure for cookie in jar.values())
    token = jar["XSRF-TOKEN"].value
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in jar.items())
    headers = {"X-Api-Key": server.api_key, "Cookie": cookies, "X-XSRF-TOKEN": token}
    answer = requests.post(f"{server.url}/api/v1/request", json=film(MATRIX), headers=headers, timeout=PATIENCE_SECONDS)
    assert answer.status_code == 201, answer.text
    headers["X-XSRF-TOKEN"] = f"x{token}"
    answer = requests.post(f"{server.url}/api/v1/request", json=film(MATRIX), headers=headers, timeout=PATIENCE_SECONDS)
    assert answer.status_code == 403
    assert answer.json() == INVALID_TOKEN


def _log_in(server: DemoServer) -> None:
    server.add_user("alice")
    body = {"email": "alice@demo.invalid", "password": "demo"}
    answer = requests.post(f"{server.url}/api/v1/auth/local", json=body, timeout=PATIENCE_SECONDS)
    assert answer.status_code == 200
    attributes = answer.headers["Set-Cookie"]
    assert attributes.startswith("connect.sid=s%3A")
    assert "Max-Age=2592000" in attributes
    cookie = {"Cookie": attributes.partition(";")[0]}
    who = requests.get(f"{server.url}/api/v1/auth/me", headers=cookie, timeout=PATIENCE_SECONDS)
    assert who.json()["displayName"] == "alice"


KEYS = (
    case("1", "the key acts as user 1", get("/auth/me", 200, {"id": 1, "permissions": 2})),
    *(
        case("1", f"the key's header in any letter case: {name}", get("/auth/me", 200, key_header=name))
        for name in ("x-api-key", "X-API-KEY", "X-Api-Key")
    ),
    case(
        "1",
        "X-API-User acts as that user, with that user's permissions",
        ALICE,
        get("/auth/me", 200, {"id": 2, "displayName": "alice", "permissions": 32}, user="2"),
        ask(film(MATRIX), 201, {"status": 1, "requestedBy": {"id": 2}}, user="2"),
        post("/request/1/approve", status=403, body=NO_ACCESS, user="2"),
    ),
    case("1", "spaces around X-API-User are fine", ALICE, get("/auth/me", 200, {"id": 2}, user="2  ")),
    case("1", "an empty X-API-User is user 1", get("/auth/me", 200, {"id": 1}, user="")),
    *(
        case("1", f"X-API-User {user} is nobody", ALICE, get("/auth/me", 403, NO_ACCESS, user=user))
        for user in ("0", "-1", "999", "1.5")
    ),
    case("1", "no key and no cookie", get("/auth/me", 401, NO_COOKIE, key=None)),
    case(
        "1",
        "a wrong key looks like a missing permission",
        get("/auth/me", 403, NO_ACCESS, key="wrong"),
        get("/request", 403, NO_ACCESS, key="wrong"),
        post("/request", film(MATRIX), 403, NO_ACCESS, key="wrong"),
    ),
    case(
        "1",
        "a bogus cookie is refused like a wrong key",
        get("/auth/me", 403, NO_ACCESS, key=None, headers={"Cookie": "connect.sid=s%3Abogus.sig"}),
    ),
    case(
        "1",
        "a wrong key with a non-numeric user does not end the process",
        get("/auth/me", 403, NO_ACCESS, key="wrong", user="abc"),
    ),
    case(
        "1",
        "a missing permission has the same answer",
        ALICE,
        ask(film(MATRIX)),
        post("/request/1/decline", status=403, body=NO_ACCESS, user="2"),
        delete("/media/1", 403, NO_ACCESS, user="2"),
    ),
)

OPEN = (
    case(
        "1",
        "GET /status needs no key and is no key test",
        get(
            "/status",
            200,
            {
                "version": str,
                "commitTag": str,
                "updateAvailable": False,
                "commitsBehind": int,
                "restartRequired": False,
            },
            key=None,
        ),
        get("/status", 200, {"version": str}, key="wrong"),
    ),
    case(
        "1",
        "GET /settings/public needs no key and tells the dialects apart",
        get(
            "/settings/public",
            200,
            {
                "initialized": True,
                "applicationTitle": str,
                "movie4kEnabled": False,
                "series4kEnabled": False,
                "partialRequestsEnabled": True,
                "hideAvailable": False,
                "locale": str,
                "hideBlocklisted": by(OJ=MISSING, S=False),
                "mediaServerType": by(O=MISSING, JS=int),
                "region": by(O=str, JS=MISSING),
            },
            key=None,
        ),
    ),
)

USERS = (
    case(
        "1",
        "GET /auth/me shows quotas, counts and settings",
        ask(film(MATRIX)),
        get(
            "/auth/me",
            200,
            {
                "id": 1,
                "email": str,
                "username": "admin",
                "displayName": "admin",
                "permissions": int,
                "movieQuotaLimit": None,
                "movieQuotaDays": None,
                "tvQuotaLimit": None,
                "tvQuotaDays": None,
                "requestCount": 1,
                "userType": int,
                "settings": dict,
                "warnings": by(O=MISSING, JS=[]),
                "jellyfinUsername": by(O=MISSING, JS=None),
            },
        ),
    ),
    case("1", "a log-in opens a session of 30 days", do(_log_in)),
    case(
        "1",
        "a log-in's answer holds the password's hash on O and J",
        post(
            "/auth/local",
            {"email": "admin@demo.invalid", "password": "demo"},
            200,
            {"password": by(OJ=lambda text: text.startswith("$2b$"), S=MISSING)},
            key=None,
        ),
    ),
    case(
        "1",
        "a wrong log-in",
        post(
            "/auth/local",
            {"email": "admin@demo.invalid", "password": "wrong"},
            403,
            {"message": "Access denied.", "error": MISSING},
            key=None,
        ),
    ),
    case(
        "1",
        "GET /user lists ten unless told",
        do(lambda server: [server.add_user(f"user{number}") for number in range(14)]),
        get("/user", 200, {"pageInfo": {"results": 15, "pageSize": 10, "pages": 2, "page": 1}}),
        get("/user?take=1000", 200, {"results": lambda rows: len(rows) == 15}),
        get("/user?take=5&skip=10", 200, {"results": lambda rows: [row["id"] for row in rows] == [11, 12, 13, 14, 15]}),
    ),
    case(
        "1",
        "any user may list users, without e-mail addresses",
        ALICE,
        get("/user", 200, {"results": [{"id": 1, "email": MISSING}, {"id": 2, "email": MISSING}]}, user="2"),
        get("/user", 200, {"results": [{"id": 1, "email": str}, {"id": 2, "email": str}]}),
    ),
    case(
        "1",
        "GET /user/{id}/quota counts films once and shows by seasons",
        do(lambda server: server.add_user("alice", movie_quota=3, tv_quota=5)),
        ask(film(MATRIX), user="2"),
        ask(show(TWO_SEASONS, [1, 2]), user="2"),
        get(
            "/user/2/quota",
            200,
            {
                "movie": {"days": 7, "limit": 3, "used": 1, "remaining": 2, "restricted": False},
                "tv": {"days": 7, "limit": 5, "used": 2, "remaining": 3, "restricted": False},
            },
            user="2",
        ),
        get("/user/1/quota", 403, {"message": str, "error": MISSING}, user="2"),
        get("/user/1/quota", 200, {"movie": {"limit": MISSING, "restricted": False}}),
    ),
    case(
        "1",
        "GET /user/{id}/requests shows one user's",
        ALICE,
        ask(film(MATRIX)),
        ask(show(TWO_SEASONS, [1]), user="2"),
        get("/user/2/requests", 200, {"results": [{"id": 2}], "pageInfo": {"results": 1}}, user="2"),
        get("/user/1/requests", 403, {"message": str}, user="2"),
        get("/user/2/requests", 200, {"results": [{"id": 2}]}),
    ),
    case("1", "an unknown user", get("/user/99", 404, {"message": "User not found."})),
)

CSRF = (
    case("1", "CSRF protection: GET works", do(protect), get("/auth/me", 200, {"id": 1})),
    case(
        "1",
        "CSRF protection: POST, PUT and DELETE are refused, with the API key too",
        do(protect),
        ask(film(MATRIX), 403, INVALID_TOKEN),
        Ask("PUT", "/request/1", 403, INVALID_TOKEN, json={}),
        delete("/request/1", 403, INVALID_TOKEN),
        post("/auth/local", {"email": "admin@demo.invalid", "password": "demo"}, 403, INVALID_TOKEN),
        ask(film(MATRIX), 403, INVALID_TOKEN, headers={"X-XSRF-TOKEN": "made-up"}),
    ),
    case(
        "1",
        "CSRF protection: with both cookies and the token sent back, a POST works",
        do(protect),
        do(_with_cookies),
    ),
)

MANAGERS = (
    case(
        "1",
        "MANAGE_REQUESTS is enough to approve, REQUEST_VIEW to see all requests",
        do(lambda server: server.add_user("manager", Permission.REQUEST | Permission.MANAGE_REQUESTS)),
        do(lambda server: server.add_user("viewer", Permission.REQUEST | Permission.REQUEST_VIEW)),
        ask(film(MATRIX)),
        post("/request/1/decline", status=200, body={"status": 3}, user="2"),
        get("/request", 200, {"results": [{"id": 1}]}, user="3"),
    ),
)

CASES: tuple[Case, ...] = (*KEYS, *OPEN, *USERS, *CSRF, *MANAGERS)
