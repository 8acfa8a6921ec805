"""Sections 6 and 9: where requests go: users, Radarr and Sonarr, override rules, and what a DELETE leaves behind."""

from __future__ import annotations

import requests

from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.server.users.permissions import Permission
from tests.demo.server_facts.table import MISSING, Case, ask, by, case, delete, do, fault, film, get, show
from tests.demo.server_facts.world import DUNES, MATRIX, TWO_SEASONS
from tests.fakes.patience import PATIENCE_SECONDS

ALICE = do(lambda server: server.add_user("alice"))
TRUSTED = do(lambda server: server.change_user(2, permissions=Permission.REQUEST | Permission.AUTO_APPROVE))
REVIVE = do(lambda server: server.revive())


def _rule(**values: object):
    def change(server: DemoServer) -> None:
        server.settings.override_rules = [{"id": 1, "radarrServiceId": 0, "sonarrServiceId": None, **values}]

    return do(change)


def _default_tags(server: DemoServer) -> None:
    server.arrs.of("movie")[0].default_tags = [1]


def _arr_holds(*titles: dict[str, object]):
    def look(server: DemoServer) -> None:
        held = server.in_arrs()
        assert len(held) == len(titles), held
        assert all(wanted.items() <= found.items() for wanted, found in zip(titles, held, strict=True)), held

    return do(look)


def _radarr_lists_the_film(server: DemoServer) -> None:
    answer = requests.get(
        f"{server.root_url}/_radarr/0/api/v3/movie?tmdbId={MATRIX}",
        headers={"X-Api-Key": ARR_KEY},
        timeout=PATIENCE_SECONDS,
    )
    assert answer.json() == [answer.json()[0] | {"tmdbId": MATRIX, "hasFile": False, "qualityProfileId": 4}]


SERVICES = (
    case(
        "6",
        "the list of services names defaults and asks no Radarr",
        fault(radarr_down=True, sonarr_down=True),
        get("/service/radarr", 200, [{"name": "Radarr", "activeProfileId": 4, "activeDirectory": "/movies"}]),
        get("/service/sonarr", 200, [{"name": "Sonarr", "activeTags": [], "activeAnimeTags": []}]),
        get("/service/sonarr/0", 500, {"message": str}),
    ),
    case(
        "9",
        "/service/radarr/{id} ends the process when Radarr is down",
        fault(radarr_down=True),
        get("/service/radarr/0", drops=True),
        get("/status", drops=True),
        REVIVE,
        get("/status", 200),
    ),
    case("6", "an unknown service is 404", get("/service/radarr/7", 404), get("/service/sonarr/7", 404)),
    case(
        "6",
        "/overrideRule is for administrators",
        ALICE,
        _rule(users="2", profileId=5),
        get("/overrideRule", by(O=404, JS=200)),
        get("/overrideRule", by(O=404, JS=403), user="2"),
    ),
)

OPTIONS = (
    case(
        "9",
        "what a POST carries is kept, and no value is looked at",
        ask(film(MATRIX, serverId=0, profileId=77, rootFolder="/nowhere", tags=[9]), 201, {"profileId": 77}),
        get("/request/1", 200, {"status": 4, "profileId": 77, "rootFolder": "/nowhere", "tags": [9]}),
        _arr_holds(),
    ),
    case(
        "9",
        "tags stand in the place of the default ones, and an empty list means none",
        do(_default_tags),
        ask(film(MATRIX), 201, {"tags": None}),
        ask(film(DUNES[0], tags=[]), 201, {"tags": []}),
        get("/request/count"),
        _arr_holds({"tmdb_id": MATRIX, "tags": [1]}, {"tmdb_id": DUNES[0], "tags": []}),
    ),
    case(
        "9",
        "the profile of a title that Radarr has stays as it is",
        ask(film(MATRIX)),
        get("/request/count"),
        delete("/request/1"),
        ask(film(MATRIX, profileId=5), 201),
        get("/request/2", 200, {"status": 2, "profileId": 5}),
        _arr_holds({"profile": "HD-1080p"}),
    ),
    case(
        "9",
        "override rules win where the caller does not manage requests",
        ALICE,
        TRUSTED,
        _rule(users="2", profileId=5, tags="1"),
        ask(
            film(MATRIX, profileId=4, tags=[9]),
            201,
            by(O={"profileId": 4}, JS={"profileId": 5, "tags": [9, 1]}),
            user="2",
        ),
        ask(film(DUNES[0], profileId=4, userId=2), 201, {"profileId": 4, "requestedBy": {"id": 2}}),
    ),
    case(
        "9",
        "a rule for another user changes nothing",
        ALICE,
        _rule(users="3", profileId=5),
        ask(film(MATRIX, profileId=4), 201, {"profileId": 4}, user="2"),
    ),
    case(
        "9",
        "DELETE leaves Radarr and Sonarr as they are, and the next scan finds the title there",
        ask(film(MATRIX)),
        ask(show(TWO_SEASONS, [1])),
        get("/request/count"),
        delete("/request/1"),
        get(f"/movie/{MATRIX}", 200, {"mediaInfo": {"status": 1}}),
        _arr_holds({"tmdb_id": MATRIX, "has_file": False}, {"tmdb_id": TWO_SEASONS, "seasons": [1]}),
        do(_radarr_lists_the_film),
        do(lambda server: server.scan()),
        get(f"/movie/{MATRIX}", 200, {"mediaInfo": {"status": 3}}),
    ),
)

PEOPLE = (
    case(
        "1",
        "users are listed in pages, and only user managers see e-mail addresses",
        ALICE,
        do(lambda server: server.add_user("", plex_name="Bob", plex_id=77, address="bob@demo.invalid")),
        get(
            "/user?take=2&skip=2", 200, {"pageInfo": {"results": 3}, "results": [{"displayName": "Bob", "plexId": 77}]}
        ),
        get("/user?take=1&skip=2", 200, {"results": [{"email": "bob@demo.invalid"}]}),
        get("/user?take=1&skip=2", 200, {"results": [{"email": MISSING}]}, user="2"),
    ),
    case(
        "1",
        "the requests of a deleted user go as well",
        ALICE,
        ask(film(MATRIX), 201, user="2"),
        do(lambda server: server.delete_user(2)),
        get("/request", 200, {"results": []}),
        ask(film(MATRIX), 403, {"error": str}, user="2"),
        ask(film(MATRIX, userId=2), 500, {"message": lambda text: "Could not find any entity" in text}),
    ),
)

CASES: tuple[Case, ...] = SERVICES + OPTIONS + PEOPLE
