import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.model.servers import HOME
from list_sync.model.sources import ListRef
from list_sync.storage import deliveries, orders
from list_sync.web.entrance.rates import FREE_FAILURES
from tests.fakes.patience import PATIENCE_SECONDS
from tests.web.conftest import NOW

WEBHOOK_SECRET = "the-secret-of-the-webhooks-of-this-house"
UPDATED = {"action": "list_updated", "list_type": "imdb", "list_id": "ls123456789"}


# The code of the users' guide (advanced usage, "Webhook-Triggered Sync"), which senders share with it.
def verify_signature(payload, signature):
    expected = "sha256=" + hmac.new(WEBHOOK_SECRET.encode(), payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)


def sign(payload, secret=WEBHOOK_SECRET):
    return f"sha256={hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()}"


@pytest.fixture
def service(start_service):
    return start_service(WEBHOOK_SECRET=WEBHOOK_SECRET)


def post(running, message, *, signature=None, **headers):
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    headers = {"X-Hub-Signature-256": sign(payload) if signature is None else signature, **headers}
    answer = running.post("/sync-trigger", token="", data=payload, headers=headers)
    return answer.status_code, answer.text


def queued(store):
    with store.reading() as connection:
        found = orders.find_queued(connection, HOME)
    return found and found[1]


def count_queued(store):
    with store.reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM sync_history WHERE status = 'queued'").scalar()


@pytest.mark.parametrize(
    "message",
    [
        UPDATED,
        {"Action": "LIST_UPDATED", "List_Type": "IMDB", "LIST_ID": "ls123456789"},
        {**UPDATED, "list_id": "https://www.imdb.com/list/ls123456789/", "sender": "watcher"},
    ],
)
def test_a_list_that_was_updated_is_synced_alone_and_read_anew(service, store, message):
    payload = json.dumps(message).encode()
    assert verify_signature(payload, sign(payload))

    answer = service.post("/sync-trigger", token="", data=payload, headers={"X-Hub-Signature-256": sign(payload)})

    assert (answer.status_code, answer.text) == (200, "Sync triggered")
    assert answer.headers["Content-Type"].startswith("text/plain")
    order = queued(store)
    assert order == RunOrder((ListRef("imdb", "ls123456789"),), mode=SyncMode.WEBHOOK)


def test_several_lists_come_in_the_form_of_a_setting_and_numbers_as_numbers(service, store):
    assert post(service, {**UPDATED, "list_id": "top, ls123456789"}) == (200, "Sync triggered")
    assert queued(store).lists == (ListRef("imdb", "top"), ListRef("imdb", "ls123456789"))
    assert post(service, {**UPDATED, "list_type": "mdblist", "list_id": 2410}) == (200, "Sync triggered")


@pytest.mark.parametrize("message", [{}, {"action": "ping"}, {**UPDATED, "action": "list_deleted"}, [], None, 5, "x"])
def test_other_messages_do_nothing(service, store, message):
    assert post(service, message) == (200, "No action taken")
    assert count_queued(store) == 0


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        sign(json.dumps(UPDATED).encode(), "another secret"),
        sign(json.dumps(UPDATED).encode()).removeprefix("sha256="),
        "sha1=" + "0" * 40,
        "sha256=\xe4" * 3,
    ],
)
def test_a_wrong_signature_is_refused_in_the_words_of_the_guide(service, store, signature):
    assert post(service, UPDATED, signature=signature) == (401, "Unauthorized")
    assert count_queued(store) == 0


def test_the_body_is_looked_at_only_after_its_signature(service):
    assert post(service, b"{ no json", signature="") == (401, "Unauthorized")
    assert post(service, b"{ no json")[0] == 400
    assert post(service, b"[" * 40 + b"]" * 40)[0] == 400


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"list_type": "imbd"}, "is it imdb?"),
        ({"list_type": None}, "list_type"),
        ({"list_type": ["imdb"]}, "list_type"),
        ({"list_id": ""}, "no list is named"),
        ({"list_id": True}, "list_id"),
        ({"list_id": "no such form!"}, "not a list of IMDb"),
        ({"list_id": "x" * 100_000}, "imdb"),
    ],
)
def test_a_list_that_cannot_be_one_is_named(service, store, changed, words):
    status, text = post(service, {**UPDATED, **changed})

    assert status == 422
    assert words in json.loads(text)["detail"]
    assert count_queued(store) == 0


def test_an_address_must_be_in_a_setting(start_service):
    known, other = "http://192.168.1.10/list.json", "http://192.168.1.1/"
    house = start_service(WEBHOOK_SECRET=WEBHOOK_SECRET, FILE_LISTS=known)
    asked = [post(house, {**UPDATED, "list_type": "file", "list_id": name})[0] for name in (known, other)]

    assert asked == [200, 403]


def test_without_a_secret_there_are_no_webhooks(start_service):
    status, text = post(start_service(), UPDATED)

    assert status == 404
    assert "WEBHOOK_SECRET" in json.loads(text)["detail"]


def test_a_token_is_no_signature_and_an_open_service_needs_one_too(start_service):
    running = start_service(WEBHOOK_SECRET=WEBHOOK_SECRET, WEB_AUTH="none")

    assert running.post("/sync-trigger", json=UPDATED).text == "Unauthorized"


@pytest.mark.parametrize("header", ["X-Delivery-ID", "X-GitHub-Delivery"])
def test_a_delivery_that_is_sent_again_starts_nothing(service, store, header):
    assert post(service, UPDATED, **{header: "7f9c"}) == (200, "Sync triggered")
    with store.writing() as connection:
        orders.cancel(connection, 1, at=NOW)

    assert post(service, UPDATED, **{header: "7f9c"}) == (200, "No action taken")
    assert count_queued(store) == 0
    assert post(service, UPDATED, **{header: "7fa0"}) == (200, "Sync triggered")
    assert count_queued(store) == 1


def test_a_delivery_that_comes_several_times_at_once_is_taken_once(service):
    payload = json.dumps(UPDATED).encode()
    headers = {"X-Hub-Signature-256": sign(payload), "X-Delivery-ID": "7f9c"}
    with ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(
                requests.post,
                f"{service.address}/sync-trigger",
                data=payload,
                headers=headers,
                timeout=PATIENCE_SECONDS,
            )
            for _ in range(8)
        ]

    assert sorted(one.result().text for one in asked) == ["No action taken"] * 7 + ["Sync triggered"]
    assert service.daemon.woken == 1


def test_a_message_without_a_delivery_id_that_is_repeated_is_one_queued_sync(service, store):
    for _ in range(3):
        assert post(service, UPDATED) == (200, "Sync triggered")

    assert count_queued(store) == 1


def test_deliveries_are_kept_a_week_and_not_more_than_some(store, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST", 3)
    with store.writing() as connection:
        for number in range(5):
            deliveries.note_delivery(connection, f"d{number}", at=NOW + timedelta(minutes=number))
        assert [deliveries.is_known(connection, f"d{number}") for number in range(5)] == [
            False,
            False,
            True,
            True,
            True,
        ]
        deliveries.note_delivery(connection, "late", at=NOW + timedelta(days=8))
        assert not deliveries.is_known(connection, "d4")


def test_wrong_signatures_are_slowed_down(service, caplog):
    for _ in range(FREE_FAILURES):
        assert post(service, UPDATED, signature="sha256=0") == (401, "Unauthorized")

    assert post(service, UPDATED)[0] == 429
    assert caplog.text.count("authentication failure: a wrong signature or secret from 127.0.0.1") == FREE_FAILURES
    assert WEBHOOK_SECRET not in caplog.text
