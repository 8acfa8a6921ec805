"""Plans over HTTP: asked for, looked at page by page, applied once, saved as a file and discarded."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.correcting.plan_files import read_plan
from list_sync.model.access import Scope
from list_sync.model.households import HOME
from list_sync.model.plans import LineKind, PlanLine, PlannedList, PlannedServer, SavedPlan, UserQuotaUse
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.orders import cancel, find_queued
from list_sync.storage.plans import keep_plan
from list_sync.storage.runs import start_run
from list_sync.storage.tokens import add_token
from tests.web.conftest import NOW

REQUESTS, WAITS = 5, 3


def line(number, kind=LineKind.REQUEST, **more):
    return PlanLine(kind, f"Film {number}", MediaType.MOVIE, 100 + number, Quality.HD, listed_by="imdb:top", **more)


def a_plan(service, **more):
    lines = [line(number) for number in range(REQUESTS)]
    lines += [line(number, LineKind.WAIT, reason="caps.per_day=5 is reached") for number in range(50, 50 + WAITS)]
    plan = SavedPlan(
        made_by="list-sync",
        made_at=NOW,
        expires_at=NOW + timedelta(days=1),
        lists=(PlannedList("imdb:top", "complete", 8, "digest"),),
        policy=service.parts.present.policy.fingerprint,
        household=HOME,
        server=PlannedServer("", ""),
        lines=tuple(lines),
        summary="8 titles",
    )
    return replace(plan, **more)


def keep(service, quotas=(), **more):
    """Store a dry run with its plan; return the number of the run."""
    with service.parts.store.writing() as connection:
        run_id = start_run(connection, HOME, mode=SyncMode.API, started_at=NOW, dry_run=True)
        keep_plan(connection, HOME, run_id, a_plan(service, **more), quotas=quotas, now=NOW)
    return run_id


def queued(service):
    with service.parts.store.reading() as connection:
        return find_queued(connection, HOME)


def test_a_plan_is_asked_for_as_a_dry_run(service):
    assert service.get("/api/plan").json() == {"plan": None, "making": None, "held": None}

    answer = service.post("/api/plan", json={"list": "imdb:top"})

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/runs/{answer.json()['run_id']}"
    _, order = queued(service)
    assert (order.dry_run, [str(ref) for ref in order.lists], order.asked_by) == (True, ["imdb:top"], "API_TOKEN")
    assert service.get("/api/plan").json()["making"]["run_id"] == answer.json()["run_id"]


def test_a_plan_is_read_in_pages_with_what_waits_and_can_be_saved_as_a_file(service, tmp_path):
    run_id = keep(service)

    first = service.get(f"/api/plan/{run_id}?limit=3").json()
    rest = service.get(f"/api/plan/{run_id}?limit=3&cursor={first['lines']['next_cursor']}").json()

    assert first["counts"] == {"request": REQUESTS, "wait": WAITS}
    assert [(one["cause"], one["titles"]) for one in first["waits"]] == [("day_cap", WAITS)]
    assert [one["number"] for one in first["lines"]["items"] + rest["lines"]["items"]] == list(range(REQUESTS))
    assert rest["lines"]["next_cursor"] is None
    saved = service.get(f"/api/plan/{run_id}/file")
    assert saved.headers["Content-Disposition"] == f'attachment; filename="plan-{run_id}.json"'
    (tmp_path / "plan.json").write_bytes(saved.content)
    assert read_plan(tmp_path / "plan.json") == a_plan(service)


def test_caps_and_quotas_are_shown_with_what_the_ticked_lines_take(start_service):
    service = start_service(MAX_REQUESTS_PER_DAY="20", MAX_REQUESTS_PER_RUN="7")
    show = PlanLine(LineKind.REQUEST, "Show", MediaType.TV, 7, Quality.HD, seasons=(1, 2, 3), requester_id=4)
    quotas = (
        UserQuotaUse(4, MediaType.TV, used=2, most=10, days=7),
        UserQuotaUse(4, MediaType.MOVIE, used=0, most=9, days=None),
    )
    run_id = keep(service, quotas, lines=(show, line(1, requester_id=4), line(2, requester_id=4, apply=False)))

    room = service.get(f"/api/plan/{run_id}").json()["room"]

    assert [(one["name"], one["used"], one["ticked"], one["most"]) for one in room] == [
        ("One sync", 0, 2, 7),
        ("user 4, in 24 hours", 0, 2, 20),
        ("Quota of user 4", 2, 3, 10),
        ("Quota of user 4", 0, 1, 9),
    ]


def test_exactly_the_named_lines_are_applied_and_a_plan_is_applied_once(service):
    run_id = keep(service)

    applied = service.post(f"/api/plan/{run_id}/apply", json={"lines": [0, 3, 50]})

    assert applied.status_code == 202
    number, order = queued(service)
    assert (number, order) == (applied.json()["run_id"], RunOrder(mode=SyncMode.API, applies=run_id))
    assert [one["apply"] for one in json.loads(service.get(f"/api/plan/{run_id}/file").text)["lines"][:REQUESTS]] == [
        True,
        False,
        False,
        True,
        False,
    ]
    again = service.post(f"/api/plan/{run_id}/apply")
    assert again.status_code == 409
    assert f"was applied by run {number}" in again.json()["detail"]
    assert service.ask("DELETE", f"/api/plan/{run_id}").status_code == 409
    with service.parts.store.writing() as connection:
        cancel(connection, number, at=NOW)
    assert service.post(f"/api/plan/{run_id}/apply").status_code == 202


def test_a_plan_that_does_not_hold_any_more_says_everything_that_changed_and_nothing_is_asked_for(service):
    run_id = keep(service, policy="another", expires_at=NOW, server=PlannedServer("2026", "seerr"))

    objections = service.get(f"/api/plan/{run_id}").json()["objections"]
    answer = service.post(f"/api/plan/{run_id}/apply")

    assert [words.split()[1] for words in objections] == ["plan", "plan", "policy"]
    assert answer.status_code == 409
    assert all(words in answer.json()["detail"] for words in objections)
    assert queued(service) is None


def test_nothing_is_applied_while_nothing_may_be_sent(start_service):
    service = start_service(DRY_RUN="true")

    assert "DRY_RUN" in service.post(f"/api/plan/{keep(service)}/apply").json()["detail"]
    assert "DRY_RUN" in service.post("/api/runs/1/undo").json()["detail"]


def test_a_plan_can_be_discarded(service):
    run_id = keep(service)

    assert service.ask("DELETE", f"/api/plan/{run_id}").status_code == 204
    for method, path in (("GET", ""), ("GET", "/file"), ("POST", "/apply"), ("DELETE", "")):
        assert service.ask(method, f"/api/plan/{run_id}{path}").status_code == 404


def test_a_plan_of_a_list_and_of_a_source_at_once_is_refused_in_words(service):
    answer = service.post("/api/plan", json={"list": "imdb:top", "provider": "imdb"})

    assert answer.status_code == 422
    assert "give only one of list and provider" in answer.text


@pytest.mark.parametrize("path", ["/api/plan", "/api/plan/1/apply", "/api/runs/1/undo"])
def test_only_an_admin_plans_applies_and_undoes(service, store, path):
    with store.writing() as connection:
        token = add_token(connection, "trigger", Scope.TRIGGER, at=NOW)

    assert service.post(path, token=token).status_code == 403
