import json
import os
from datetime import timedelta

import pytest

from list_sync.errors import ServiceUnavailable
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.matches import NoMatchReason, Unresolved
from list_sync.model.one_time import OneTimeList
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.model.servers import HOME
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaType
from list_sync.providers import register_provider
from list_sync.storage.audit import find_deeds
from list_sync.storage.memory import load_pins, load_unresolved, save_unresolved
from list_sync.storage.orders import find_queued
from list_sync.storage.tokens import add_token
from tests.builders import a_show, an_item
from tests.storage.recording import asked, left, run, unmatched
from tests.web.conftest import NOW

HEAT = {"title": "Heat", "year": 1995, "media_type": "movie", "imdb_id": "imdb://tt0113277"}


def queued(service):
    with service.parts.store.reading() as connection:
        found = find_queued(connection, HOME)
    return found and found[1]


def deeds(service):
    with service.parts.store.reading() as connection:
        return [(deed.action, deed.target, deed.outcome) for deed in find_deeds(connection, HOME)]


@pytest.fixture
def housed(start_service):
    """A service with lists of its own."""
    return start_service(IMDB_LISTS="top,ls123456789", TRAKT_LISTS="joe/films")


@pytest.mark.parametrize(
    ("body", "lists"),
    [
        (None, ()),
        ({}, ()),
        ({"list": "imdb:top"}, (ListRef("imdb", "top"),)),
        ({"list": " IMDB:top "}, (ListRef("imdb", "top"),)),
        ({"list": "ls123456789"}, (ListRef("imdb", "ls123456789"),)),
        ({"list": "https://www.imdb.com/list/ls055592025/"}, (ListRef("imdb", "ls055592025"),)),
        ({"list": "trakt:somebody/else"}, (ListRef("trakt", "somebody/else"),)),
        ({"provider": "imdb"}, (ListRef("imdb", "top"), ListRef("imdb", "ls123456789"))),
        ({"provider": "Trakt"}, (ListRef("trakt", "joe/films"),)),
    ],
)
def test_a_sync_is_asked_for_of_all_lists_or_some(housed, body, lists):
    answer = housed.post("/api/sync", json=body)

    assert answer.status_code == 202, answer.text
    run_id = answer.json()["run_id"]
    assert answer.headers["Location"] == f"/api/runs/{run_id}"
    assert housed.get(answer.headers["Location"]).json()["status"] == "queued"
    assert queued(housed) == RunOrder(lists, mode=SyncMode.API)
    assert deeds(housed)[0][0] == "sync"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"list": "nonsense:thing"}, "is not a list of any source"),
        ({"list": "IMDb:"}, "imdb is a source: name one of its lists, as in imdb:ID"),
        ({"list": "imdb:zzz"}, "use ls…, ur…, p.…, a chart"),
        ({"list": "imdb:!!!"}, "imdb"),
        ({"list": "imdb"}, "imdb is a source: name one of its lists"),
        ({"provider": "letterboxd"}, "letterboxd has no list to sync"),
        ({"provider": "netflix"}, "no source of this name"),
        ({"list": "imdb:top", "provider": "imdb"}, "only one of"),
        ({"lists": ["imdb:top"]}, "body.lists"),
        ({"dry_run": "perhaps"}, "body.dry_run"),
        ({"custom_list": 5}, "body.custom_list"),
        ({"custom_list": ["tt0113277"]}, "body.custom_list"),
        ([], "body"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused_with_the_reason(housed, body, words):
    answer = housed.post("/api/sync", json=body)

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert words in answer.json()["detail"]
    assert queued(housed) is None


def test_equal_orders_that_wait_are_one_run(housed):
    orders = [{}, {"dry_run": True}, {"list": "imdb:top"}, {"custom_list": [HEAT]}]
    numbers = [[housed.post("/api/sync", json=body).json()["run_id"] for body in orders] for _ in range(2)]

    assert numbers[0] == numbers[1]
    assert len(set(numbers[0])) == 4


def test_a_one_time_list_is_kept_in_the_order_as_it_was_given(housed):
    housed.post("/api/sync", json={"custom_list": [HEAT, {"title": "Show", "year": 0, "imdb_id": ""}], "dry_run": True})

    order = queued(housed)
    assert (order.lists, order.dry_run) == ((), True)
    assert json.loads(order.one_time.entries) == [HEAT, {"title": "Show", "year": 0, "imdb_id": ""}]


@pytest.mark.parametrize("name", ["films.json", "/data/films.json", "./films.json", "{data}/films.json"])
def test_a_file_of_titles_is_named_by_its_name_in_the_data_folder(housed, tmp_path, name):
    (tmp_path / "films.json").write_text(json.dumps([HEAT]))

    answer = housed.post("/api/sync", json={"custom_list": name.format(data=tmp_path)})

    assert answer.status_code == 202
    assert queued(housed).one_time == OneTimeList(file="films.json")


@pytest.mark.parametrize(
    "name",
    [
        *("absent.json", "/data/absent.json", "../outside.json", "/data/../outside.json", "/etc/passwd", "link.json"),
        *("pipe.json", "folder.json", "api_token", "list_sync.db", "token.json", "huge.json", ".", "/", "a\0.json"),
        *("x" * 300 + ".json", "loop.json", "sub/../../outside.json", "~/films.json"),
    ],
)
def test_a_file_that_is_missing_or_outside_or_no_file_is_refused_at_once(housed, tmp_path, name):
    (tmp_path.parent / "outside.json").write_text("[]")
    (tmp_path / "link.json").symlink_to(tmp_path.parent / "outside.json")
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    (tmp_path / "token.json").symlink_to(tmp_path / "api_token")
    (tmp_path / "api_token").write_text("secret")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(33 * 1024 * 1024)

    answer = housed.post("/api/sync", json={"custom_list": name})

    assert answer.status_code == 422, name
    assert "custom_list" in answer.json()["detail"]
    assert queued(housed) is None


def test_a_ban_and_a_pin_hold_until_they_are_taken_back(service, store):
    run(store, asked(item=an_item("The Matrix", tmdb=603, imdb="tt0133093")))

    banned = service.post("/api/items/1/ban")
    with store.reading() as connection:
        pins = load_pins(connection, HOME)
    back = service.ask("DELETE", "/api/items/1/pin")
    again = service.ask("DELETE", "/api/items/1/pin")

    assert pins.keys() == set(banned.json()["keys"])
    assert "imdb:tt0133093" in pins
    assert (back.status_code, again.status_code) == (200, 404)
    assert [deed[0] for deed in deeds(service)] == ["unpin", "unpin", "ban"]


def test_a_title_is_snoozed_until_it_is_not(service, store):
    run(store, asked(item=an_item("The Matrix", tmdb=603, imdb="tt0133093")))

    snoozed = service.post("/api/items/1/snooze", json={"for": "30d"})
    until = service.get("/api/items/1").json()["snoozed_until"]
    ended = service.ask("DELETE", "/api/items/1/snooze")
    service.post("/api/items/1/ban")
    banned = service.post("/api/items/1/snooze", json={"for": "30d"})
    past = service.post("/api/items/1/snooze", json={"until": "2020-01-01"})

    assert [answer.status_code for answer in (snoozed, ended, banned, past)] == [200, 200, 409, 422]
    assert until > str(NOW)[:10]
    assert service.get("/api/items/1").json()["snoozed_until"] is None
    assert [deed[0] for deed in deeds(service)][-2:] == ["end snooze", "snooze"]


def test_a_pin_is_checked_as_the_command_checks_it(service, store):
    run(store, unmatched(an_item("Heat", MediaType.MOVIE, 1995)))
    service.server.titles[MediaType.MOVIE, 949] = service.server.titles[MediaType.TV, 7] = a_show(949)

    of_another_kind = service.post("/api/items/1/pin", json={"media_type": "tv", "tmdb_id": 7})
    meant = service.post("/api/items/1/pin", json={"media_type": "tv", "tmdb_id": 7, "other_kind": True})
    service.server.error = ServiceUnavailable("overseerr", "no answer")
    unchecked = service.post("/api/items/1/pin", json={"media_type": "movie", "tmdb_id": 949})

    assert of_another_kind.status_code == 422
    assert '"other_kind": true' in of_another_kind.json()["detail"]
    assert (meant.status_code, meant.json()["note"]) == (200, "")
    assert (unchecked.status_code, "could not be checked" in unchecked.json()["note"]) == (200, True)


def test_a_title_that_was_not_found_is_looked_for_anew(service, store):
    item = an_item("Heat", MediaType.MOVIE, 1995, imdb="tt0113277")
    run(store, unmatched(item, NoMatchReason.NOT_FOUND), left(ItemStatus.ALREADY_AVAILABLE, tmdb_id=5))
    key = "\n".join(item.keys)
    with store.writing() as connection:
        save_unresolved(connection, [Unresolved(key, NoMatchReason.NOT_FOUND, "", (), NOW)])
    numbers = {one["status"]: one["id"] for one in service.get("/api/items").json()["items"]}

    retried = service.post(f"/api/items/{numbers['not_found']}/retry")
    refused = service.post(f"/api/items/{numbers['already_available']}/retry")

    with store.reading() as connection:
        assert load_unresolved(connection, [key]) == ()
    assert (retried.status_code, refused.status_code) == (200, 409)


@pytest.mark.parametrize(
    ("body", "until"),
    [
        ({"for": "3d"}, "2026-11-30T12:00:00Z"),
        ({"for": "30m"}, "2026-11-27T12:30:00Z"),
        ({"until": "2026-12-01T18:00:00+01:00"}, "2026-12-01T17:00:00Z"),
        ({"until": "2026-12-01T18:00:00"}, "2026-12-01T17:00:00Z"),
    ],
)
def test_a_pause_has_a_length_or_an_end_and_can_be_ended(start_service, body, until):
    service = start_service(TZ="Europe/Berlin")

    begun = service.post("/api/pause", json=body)
    told = service.get("/api/pause").json()
    service.ask("DELETE", "/api/pause")

    assert (begun.status_code, begun.json(), told) == (200, {"paused_until": until}, {"paused_until": until})
    assert service.daemon.paused_until is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, 'give either "for" or "until"'),
        ({"for": "long"}, "body.for: write 30m, 12h, 3d or 2w"),
        ({"for": "0d"}, "body.for: write 30m"),
        ({"for": "99999w"}, "longer than 366 days"),
        ({"until": "2020-01-01T00:00:00Z"}, "the pause is over already"),
        ({"until": "x"}, "must be a time, as in 2026-12-01T18:00:00Z"),
    ],
)
def test_a_pause_that_is_none_is_refused(service, body, words):
    answer = service.post("/api/pause", json=body)

    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert service.daemon.paused_until is None


def test_a_run_that_waits_is_cancelled_and_one_that_works_is_stopped(service, store):
    waiting = service.post("/api/sync", json={}).json()["run_id"]
    cancelled = service.post(f"/api/runs/{waiting}/cancel")
    again = service.post(f"/api/runs/{waiting}/cancel")
    working = service.post("/api/sync", json={}).json()["run_id"]
    with store.writing() as connection:
        connection.exec_driver_sql(f"UPDATE sync_history SET status = 'running' WHERE id = {working}")
    service.daemon.carried_out = (working,)

    # Without its lock, the process of the run would be gone.
    with FileLock(store.path.with_name(RUN_LOCK)):
        stopped = service.post(f"/api/runs/{working}/cancel")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert (again.status_code, stopped.status_code) == (409, 200)
    assert service.post("/api/runs/4711/cancel").status_code == 404


def test_what_a_token_does_not_allow_is_refused(service, store):
    with store.writing() as connection:
        reads, triggers = (
            add_token(connection, name, scope, at=NOW - timedelta(1))
            for name, scope in (("reader", Scope.READ), ("asker", Scope.TRIGGER))
        )
    answers = {
        (name, path): service.ask(method, path, token=token, json=body).status_code
        for name, token in (("reader", reads), ("asker", triggers))
        for method, path, body in (
            ("GET", "/api/items", None),
            ("POST", "/api/sync", {}),
            ("POST", "/api/items/1/ban", None),
        )
    }

    assert answers == {
        ("reader", "/api/items"): 200,
        ("reader", "/api/sync"): 403,
        ("reader", "/api/items/1/ban"): 403,
        ("asker", "/api/items"): 200,
        ("asker", "/api/sync"): 202,
        ("asker", "/api/items/1/ban"): 403,
    }


def test_a_check_of_a_custom_provider_that_fails_is_an_answer_in_words(housed):
    @register_provider("odd", check=lambda list_id: {}[list_id])
    def fetch(list_id):
        return []

    answer = housed.post("/api/sync", json={"list": "odd:thing"})

    assert (answer.status_code, answer.json()["detail"]) == (422, "odd does not accept this list")
