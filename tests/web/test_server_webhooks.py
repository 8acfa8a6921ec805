import pytest

from list_sync.model.titles import MediaType
from list_sync.web.entrance.rates import FREE_FAILURES
from list_sync.web.notifications import Notification, parse_notification

WEBHOOK_SECRET = "the-secret-of-the-webhooks-of-this-house"
# The default template of the servers, with the values of one notification.
AVAILABLE = {
    "notification_type": "MEDIA_AVAILABLE",
    "event": "Movie Request Now Available",
    "subject": "The Matrix (1999)",
    "message": "Set in the 22nd century, …",
    "image": "https://image.tmdb.org/t/p/w600_and_h900_bestv2/x.jpg",
    "media": {"media_type": "movie", "tmdbId": "603", "tvdbId": "", "status": "AVAILABLE", "status4k": "UNKNOWN"},
    "request": {"request_id": "7", "requestedBy_email": "a@b.invalid", "requestedBy_username": "alice"},
    "issue": None,
    "comment": None,
    "extra": [],
}
MATRIX = (MediaType.MOVIE, 603)
TEST = {**AVAILABLE, "notification_type": "TEST_NOTIFICATION", "media": None, "request": None}


@pytest.fixture
def service(start_service):
    return start_service(WEBHOOK_SECRET=WEBHOOK_SECRET)


def post(running, message, authorization=WEBHOOK_SECRET):
    answer = running.post("/hooks/overseerr", token="", json=message, headers={"Authorization": authorization})
    return answer.status_code, answer.text


@pytest.mark.parametrize("authorization", [WEBHOOK_SECRET, f"Bearer {WEBHOOK_SECRET}", f"bearer  {WEBHOOK_SECRET} "])
def test_what_the_server_tells_is_read_from_the_server(service, authorization):
    assert post(service, AVAILABLE, authorization) == (200, "Noted")
    assert service.daemon.refreshed == [(MATRIX, False)]


def test_the_test_notification_is_answered_well(service):
    assert post(service, TEST) == (200, "No action taken")
    assert service.daemon.refreshed == []


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer", "Basic abc", WEBHOOK_SECRET[:-1], "ä" * 9])
def test_a_wrong_secret_is_refused(service, authorization):
    assert post(service, AVAILABLE, authorization.encode()) == (401, "Unauthorized")
    assert service.daemon.refreshed == []


def test_a_secret_may_have_letters_of_any_language(start_service):
    running = start_service(WEBHOOK_SECRET="Geheimnis-für-alle-Häuser")

    assert post(running, AVAILABLE, "Bearer Geheimnis-für-alle-Häuser".encode()) == (200, "Noted")


def test_a_token_is_not_the_secret_nor_the_secret_a_token(service):
    assert post(service, AVAILABLE, f"Bearer {service.token}") == (401, "Unauthorized")
    assert service.get("/api/events", token=WEBHOOK_SECRET).status_code == 401


def test_without_a_secret_there_is_no_such_address(start_service):
    status, text = post(start_service(), AVAILABLE)

    assert status == 404
    assert "WEBHOOK_SECRET" in text


def test_wrong_secrets_are_slowed_down(service):
    answers = [post(service, AVAILABLE, "wrong")[0] for _ in range(FREE_FAILURES + 1)]

    assert answers == [401] * FREE_FAILURES + [429]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (AVAILABLE, Notification(MATRIX, False)),
        ({**AVAILABLE, "notification_type": "MEDIA_AUTO_APPROVED"}, Notification(MATRIX, True)),
        ({**AVAILABLE, "media": {"media_type": "tv", "tmdbId": 1396}}, Notification((MediaType.TV, 1396), False)),
        # Templates that people wrote.
        ({"type": "movie", "tmdb": "603"}, Notification(MATRIX, False)),
        ({"{{media}}": {"media_tmdbid": "603", "media_type": "movie"}}, Notification(MATRIX, False)),
        ({"tmdbId": "1396", "tvdbId": "81189"}, Notification((MediaType.TV, 1396), False)),
        ({"data": {"deep": {"mediaType": "TV", "tmdb_id": "1396"}}}, Notification((MediaType.TV, 1396), False)),
        (TEST, Notification(None, False)),
        ({"media_type": "movie", "tmdbId": "0"}, Notification(None, False)),
        ({"media_type": "movie", "tmdbId": "603; DROP TABLE"}, Notification(None, False)),
        ({"media_type": "movie", "tmdbId": "9" * 30}, Notification(None, False)),
        ({"media_type": "person", "tmdbId": "603"}, Notification(None, False)),
        ({"media_type": "movie", "tmdbId": True}, Notification(None, False)),
        ([], Notification(None, False)),
        ("text", Notification(None, False)),
        (None, Notification(None, False)),
    ],
)
def test_the_title_is_found_in_every_template(message, expected):
    assert parse_notification(message) == expected
