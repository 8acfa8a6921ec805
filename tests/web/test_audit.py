from datetime import timedelta

from list_sync.errors import StorageError
from list_sync.model.access import Deed, Scope
from list_sync.model.servers import HOME
from list_sync.storage.audit import find_deeds, note_deed
from list_sync.storage.pruning import prune
from list_sync.storage.tokens import add_token
from tests.web.conftest import NOW
from tests.web.small_routes import SMALL


def deeds(store):
    with store.reading() as connection:
        return [(one.actor, one.action, one.target, one.outcome) for one in find_deeds(connection, HOME)]


def a_deed(target, *, at=NOW):
    return Deed(at, "API_TOKEN", "127.0.0.1", "pin", target, "200 OK")


def test_a_request_that_changes_something_leaves_a_line_with_who_where_and_what_came_of_it(start_service, store):
    running = start_service(routes=SMALL)
    with store.writing() as connection:
        token = add_token(connection, "home assistant", Scope.TRIGGER, at=NOW)

    running.post("/api/ask", json={"title": "Heat"})
    running.post("/api/ask", json={"title": "Ran"}, token=token)
    running.ask("DELETE", "/api/all", token=token)
    running.post("/api/ask", json={"title": 3})

    assert deeds(store) == [
        ("API_TOKEN", "POST /api/ask", "", "422 Unprocessable Entity"),
        ("home assistant", "DELETE /api/all", "", "403 Forbidden"),
        ("home assistant", "ask", "Ran", "done"),
        ("API_TOKEN", "ask", "Heat", "done"),
    ]
    with store.reading() as connection:
        assert {deed.address for deed in find_deeds(connection, HOME)} == {"127.0.0.1"}


def test_reading_and_what_never_came_in_leave_no_line(start_service, store):
    running = start_service(routes=SMALL)

    running.get("/api/look")
    running.post("/api/ask", json={}, token="")
    running.post("/api/ask", json={}, token="wrong")
    running.post("/api/no-such-route", json={})

    assert deeds(store) == []


def test_a_request_that_failed_leaves_a_line(start_service, store):
    running = start_service(routes=SMALL)

    answer = running.post("/api/fail")

    assert answer.status_code == 500
    assert deeds(store) == [("API_TOKEN", "POST /api/fail", "", "500 Internal Server Error")]


def test_a_secret_in_the_wrong_place_of_an_address_is_not_stored(service, store):
    service.post("/api/items/ls_a-secret/pin", json={})
    service.post("/api/lists/ls_a-secret")
    service.ask("DELETE", "/api/pause/ls_a-secret")

    assert deeds(store) == [("API_TOKEN", "POST /api/items/{item_id}/pin", "", "422 Unprocessable Entity")]


def test_a_long_text_is_stored_shortened(start_service, store):
    running = start_service(routes=SMALL)

    running.post("/api/ask", json={"title": "x" * 1000})

    assert deeds(store) == [("API_TOKEN", "ask", "x" * 300, "done")]


def test_a_change_is_answered_although_its_line_cannot_be_written(start_service, store, monkeypatch, caplog):
    running = start_service(routes=SMALL)

    def fail():
        raise StorageError("the disk is full")

    monkeypatch.setattr(store, "writing", fail)

    assert running.post("/api/ask", json={}).status_code == 200
    assert "the audit log has no line about ask by API_TOKEN: the disk is full" in caplog.text


def test_lines_go_with_the_runs_of_their_time(store):
    with store.writing() as connection:
        note_deed(connection, HOME, a_deed("old", at=NOW - timedelta(days=41)))
        note_deed(connection, HOME, a_deed("new", at=NOW - timedelta(days=39)))
        prune(connection, HOME, before=NOW - timedelta(days=40))

    assert [target for _, _, target, _ in deeds(store)] == ["new"]


def test_of_very_many_lines_the_last_are_kept(store):
    with store.writing() as connection:
        note_deed(connection, HOME, a_deed("first"))
        note_deed(connection, HOME, a_deed("second"))
        connection.exec_driver_sql("UPDATE audit_log SET id = id + 99999 WHERE target = 'second'")
        note_deed(connection, HOME, a_deed("third"))
        note_deed(connection, HOME, a_deed("fourth"))

    assert [target for _, _, target, _ in deeds(store)] == ["fourth", "third", "second"]
