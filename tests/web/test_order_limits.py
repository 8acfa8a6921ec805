"""Orders that are refused: one too many, or one for an address that its caller may not name."""

from list_sync.model.access import Scope
from list_sync.storage import orders
from list_sync.storage.tokens import add_token
from tests.web.conftest import NOW


def test_only_an_admin_names_an_address_that_is_in_no_setting(start_service, store):
    known, other = "http://192.168.1.10/list.json", "http://169.254.169.254/latest/meta-data"
    house = start_service(FILE_LISTS=known)
    with store.writing() as connection:
        trigger = add_token(connection, "asker", Scope.TRIGGER, at=NOW)

    order = [(token, name) for token in (trigger, None) for name in (known, other)]
    asked = [house.post("/api/sync", token=token, json={"list": name}) for token, name in order]

    assert [one.status_code for one in asked] == [202, 403, 202, 202]
    assert "FILE_LISTS" in asked[1].json()["detail"]


def test_a_sync_that_is_one_too_many_is_asked_for_later(service, monkeypatch):
    monkeypatch.setattr(orders, "MOST_QUEUED", 1)
    service.post("/api/sync")
    answer = service.post("/api/sync", json={"fresh": True})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert answer.json()["detail"].startswith("too many syncs wait already: ask again")
    assert service.post("/api/sync").status_code == 202
