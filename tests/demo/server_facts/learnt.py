"""Section 9: what was learnt since: statuses, counts, more keys, and a Radarr that does not answer."""

from __future__ import annotations

import requests

from list_sync.demo.server.demo_server import DemoServer
from tests.demo.server_facts.table import MISSING, Case, ask, by, case, delete, do, fault, film, get, post, show
from tests.demo.server_facts.world import ALIEN, ALIENS, DUNES, MATRIX, TWO_SEASONS
from tests.fakes.patience import PATIENCE_SECONDS

USER = do(lambda server: server.add_user("alice"))
HANGS_SECONDS = 2 * PATIENCE_SECONDS


def _is_answered(server: DemoServer, path: str, *, within: float) -> bool:
    try:
        answer = requests.get(f"{server.url}/api/v1{path}", headers={"X-Api-Key": server.api_key}, timeout=within)
    except requests.ReadTimeout:
        return False
    assert answer.status_code == 200, answer.text
    return True


def _only_the_requests_are_slow(server: DemoServer) -> None:
    for path in ("/request?take=1", "/request?take=1&filter=failed"):
        assert not _is_answered(server, path, within=0.1), path
    for path in ("/media", "/request/count", f"/movie/{MATRIX}"):
        assert _is_answered(server, path, within=PATIENCE_SECONDS), path


def _totals(server: DemoServer) -> dict[str, int]:
    headers = {"X-Api-Key": server.api_key}
    body: dict[str, int] = requests.get(
        f"{server.url}/api/v1/request/count", headers=headers, timeout=PATIENCE_SECONDS
    ).json()
    return body


def _failed_is_what_is_left_over(server: DemoServer) -> None:
    counts = _totals(server)
    assert "failed" not in counts
    assert counts["total"] - sum(counts.get(word, 0) for word in ("pending", "approved", "declined", "completed")) == 2


def _a_scan_deletes(server: DemoServer) -> None:
    words = ("total", "pending", "approved", "declined", "completed")
    before = [_totals(server)[word] for word in words]
    server.set_media("movie", MATRIX, status=7)
    assert [_totals(server)[word] for word in words] == before


STATUSES = (
    case(
        "9",
        "POST /request/{id}/pending does not exist",
        ask(film(MATRIX)),
        post("/request/1/pending", status=400),
        get("/request/1", 200, {"status": 2}),
    ),
    case(
        "9",
        "POST /media/{id}/deleted is taken and changes nothing",
        ask(film(MATRIX)),
        post("/media/1/deleted", {}, 200, {"id": 1, "status": 3}),
        get("/media", 200, {"results": [{"status": 3}]}),
        dialects="S",
    ),
    case(
        "9",
        "a declined request leaves a film at 1 and a show at 3",
        ask(film(MATRIX)),
        ask(show(TWO_SEASONS, [1])),
        post("/request/1/decline"),
        post("/request/2/decline"),
        get("/media", 200, {"results": [{"mediaType": "tv", "status": 3}, {"mediaType": "movie", "status": 1}]}),
    ),
    case(
        "9",
        "a declined request of a show that was never approved leaves it at 1",
        USER,
        ask(show(TWO_SEASONS, [1]), user="2"),
        post("/request/1/decline"),
        get("/media", 200, {"results": [{"mediaType": "tv", "status": 1}]}),
    ),
    case(
        "9",
        "a show made available without seasons has none, and its request stays approved",
        ask(show(TWO_SEASONS, [1, 2])),
        post("/media/1/available", {}, 200, {"status": 5, "seasons": []}),
        get("/request/1", 200, {"status": 2}),
    ),
    case(
        "9",
        "a show made available with seasons has these",
        ask(show(TWO_SEASONS, [1])),
        post(
            "/media/1/available",
            {"seasons": [{"seasonNumber": 1}]},
            200,
            {"seasons": [{"seasonNumber": 1, "status": 5, "status4k": 1}]},
        ),
        get("/request/1", 200, {"status": by(OJ=2, S=5)}),
    ),
    case(
        "9",
        "what is approved automatically is 2 and its media 3 right after the POST",
        ask(film(MATRIX), 201, {"status": 2, "media": {"status": 2}}),
        get("/request/1", 200, {"status": 2, "media": {"status": 3}}),
    ),
)

COUNTS = (
    case(
        "9",
        "/request/count has no failed count, and what is left over is their number",
        USER,
        ask(film(MATRIX), user="2"),
        *(ask(film(tmdb)) for tmdb in (ALIEN, ALIENS, *DUNES[:4])),
        do(lambda server: (server.fail_request(2), server.fail_request(3), server.decline(4))),
        do(lambda server: server.make_available("movie", DUNES[1])),
        do(_failed_is_what_is_left_over),
        get("/request?take=1&filter=failed", 200, {"pageInfo": {"results": 2}, "results": [{"id": 3, "status": 4}]}),
    ),
    case(
        "9",
        "a scan that finds a title gone moves no count",
        ask(film(MATRIX)),
        do(lambda server: server.make_available("movie", MATRIX)),
        do(_a_scan_deletes),
        get("/media?take=1", 200, {"pageInfo": {"results": 1}, "results": [{"status": 7}]}),
        get("/request?take=1", 200, {"pageInfo": {"results": 1}, "results": [{"id": 1, "status": 5}]}),
        dialects="S",
    ),
    case(
        "9",
        "a Radarr that accepts and never answers slows GET /request alone",
        ask(film(MATRIX)),
        fault(arr_hangs_seconds=HANGS_SECONDS),
        do(_only_the_requests_are_slow),
        dialects="JS",
    ),
)

KEYS = (
    case(
        "9",
        "seven more keys of /settings/public",
        get(
            "/settings/public",
            200,
            {
                name: by(O=MISSING, JS=kind)
                for name, kind in {
                    "mediaServerLogin": bool,
                    "jellyfinExternalHost": str,
                    "jellyfinForgotPasswordUrl": str,
                    "discoverRegion": str,
                    "streamingRegion": str,
                    "userEmailRequired": bool,
                    "youtubeUrl": str,
                }.items()
            },
        ),
    ),
    case(
        "9",
        "users have warnings",
        ask(film(MATRIX)),
        get("/user", 200, {"results": [{"id": 1, "warnings": by(O=MISSING, JS=[])}]}),
        get("/request", 200, {"results": [{"requestedBy": {"warnings": by(O=MISSING, JS=[])}}]}),
    ),
    case(
        "9",
        "media rows say where Radarr or Sonarr has the title",
        ask(film(MATRIX, is4k=True)),
        get("/media", 200, {"results": [{"serviceUrl": MISSING, "serviceUrl4k": str, "serviceId4k": 1}]}),
        delete("/request/1"),
        get("/media", 200, {"results": [{"serviceUrl": MISSING, "serviceUrl4k": MISSING, "serviceId4k": None}]}),
    ),
)

CASES: tuple[Case, ...] = (*STATUSES, *COUNTS, *KEYS)
