"""The test message of the API."""

from list_sync.model.access import Scope
from list_sync.storage.tokens import add_token
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.web.conftest import NOW


def test_the_test_says_which_service_took_its_message(start_service):
    with ScriptedServer([Served("OK"), Served("no", 403)]) as receiver:
        urls = ",".join(receiver.url.replace("http://", f"json://u:{name}@") for name in ("a", "b"))
        answer = start_service(NOTIFY_URLS=urls).post("/api/notify/test")

    assert answer.json()["channels"] == [
        {"service": "JSON", "arrived": True, "reason": ""},
        {"service": "JSON (2)", "arrived": False, "reason": "it answered HTTP 403"},
    ]


def test_without_an_address_there_is_nothing_to_test_and_only_an_administrator_may(service, store):
    with store.writing() as connection:
        token = add_token(connection, "home", Scope.TRIGGER, at=NOW)

    assert service.post("/api/notify/test").status_code == 409
    assert service.post("/api/notify/test", token=token).status_code == 403
