"""What each kind of token can do at the real routes, and what it cannot."""

import json
import re

import pytest
from fastapi.routing import iter_route_contexts

from list_sync.model.access import Scope
from list_sync.storage.tokens import add_token
from list_sync.web.app import build_api
from list_sync.web.entrance import rates
from list_sync.web.entrance.paths import ASSETS, DOORS, FEEDS, SIGNED, WATCHED
from tests.web.conftest import NOW

# Everybody may send these: they open the door, leave it, or choose the colours of one browser.
OF_EVERYBODY = {"POST /login", "POST /logout", "POST /claim", "POST /theme", *(f"POST {path}" for path in SIGNED)}
OF_A_TRIGGER = {
    "POST /api/sync",
    "POST /api/runs/{run_id}/cancel",
    "POST /api/items/{item_id}/retry",
    "POST /api/pause",
    "DELETE /api/pause",
    "POST /runs",
    "POST /runs/pause",
    "POST /runs/{run_id}/cancel",
    "POST /items/{item_id}/retry",
}
SECRET_OF_AN_ADMIN = re.compile(
    r"^GET /(api/)?(settings|log|audit|tokens|backups|bundle|check|policy|logins|start|add)\b"
)


@pytest.fixture
def refused(service, store, monkeypatch):
    """Return which routes refuse a token of a scope, and which do not."""
    monkeypatch.setattr(rates, "BURST", 10_000.0)
    routes = [
        (method, route.path)
        for route in iter_route_contexts(build_api(service.parts).routes)
        for method in sorted(route.methods or ())
        if method not in ("HEAD", "OPTIONS") and not route.path.startswith("/api/events")
    ]

    def refused(scope):
        with store.writing() as connection:
            token = add_token(connection, f"a-{scope}", scope, at=NOW)
        answers = {}
        for method, path in routes:
            body = None if method == "GET" else {}
            place = re.sub(r"\{[^}]*\}", "1", path)
            answer = service.ask(method, place, token=token, json=body, allow_redirects=False)
            answers[f"{method} {path}"] = answer.status_code == 403
        return answers

    return refused


def test_a_reader_changes_nothing_and_reads_nothing_of_an_administrator(refused):
    answers = refused(Scope.READ)
    taken = {route for route, is_refused in answers.items() if not is_refused}

    assert {route for route in taken if not route.startswith("GET ")} == OF_EVERYBODY
    assert [route for route in taken if SECRET_OF_AN_ADMIN.match(route)] == []
    assert len([route for route in answers if SECRET_OF_AN_ADMIN.match(route)]) >= 15


def test_a_trigger_asks_for_runs_and_decides_nothing(refused):
    answers = refused(Scope.TRIGGER)
    taken = {route for route, is_refused in answers.items() if not is_refused}

    assert {route for route in taken if not route.startswith("GET ")} == OF_EVERYBODY | OF_A_TRIGGER
    assert [route for route in taken if SECRET_OF_AN_ADMIN.match(route)] == []


def test_a_reader_of_feeds_reads_the_feeds_and_what_everybody_reads(refused):
    taken = {route.removeprefix("GET ") for route, is_refused in refused(Scope.FEED).items() if not is_refused}
    open_to_all = {path for path in taken if path in WATCHED or path in DOORS or path.startswith(ASSETS)}

    assert taken - open_to_all - OF_EVERYBODY == set(FEEDS)


def test_a_one_time_list_reads_no_file_outside_the_data_folder_and_none_that_holds_secrets(service, store, tmp_path):
    with store.writing() as connection:
        token = add_token(connection, "phone", Scope.TRIGGER, at=NOW)
    outside = tmp_path.parent / "outside.json"
    outside.write_text(json.dumps([{"title": "outside"}]))
    (tmp_path / "link.json").symlink_to(outside)
    (tmp_path / "api_token").write_text("a-secret")
    (tmp_path / "pipe.json").mkdir()

    for name in ("../outside.json", str(outside), "/data/../../outside.json", "link.json", "api_token", "pipe.json"):
        answer = service.post("/api/sync", token=token, json={"custom_list": name})
        assert (name, answer.status_code) == (name, 422), answer.text
        assert "a-secret" not in answer.text
    (tmp_path / "films.json").write_text(json.dumps([{"title": "Heat", "year": 1995}]))
    assert service.post("/api/sync", token=token, json={"custom_list": "films.json"}).status_code == 202
