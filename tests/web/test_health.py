from datetime import timedelta

import defusedxml.ElementTree
import pytest

from list_sync.backups.archive import back_up
from list_sync.errors import AuthenticationFailed, ServiceUnavailable
from list_sync.model.servers import HOME
from list_sync.web.watching.condition import Health, judge_last_sync
from tests.web.conftest import NOW

SECRET_CAUSE = "http://seerr.internal:5055 did not answer"


def test_a_new_service_is_healthy_before_its_first_sync(service):
    answer = service.get("/health", token="")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "healthy",
        "timestamp": "2026-11-27T12:00:00Z",
        "checks": {"database": "healthy", "overseerr_api": "healthy", "last_sync": "no_syncs_found"},
    }


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ServiceUnavailable("overseerr", SECRET_CAUSE), "unhealthy: no answer"),
        (AuthenticationFailed("overseerr", SECRET_CAUSE), "unhealthy: the key is refused"),
    ],
)
def test_the_cause_is_told_only_to_callers_with_a_token(service, error, words):
    service.server.error = error

    open_answer, told = service.get("/health", token=""), service.get("/health")

    assert (open_answer.status_code, told.status_code) == (503, 503)
    assert open_answer.json()["checks"]["overseerr_api"] == words
    assert open_answer.json()["status"] == "unhealthy"
    assert SECRET_CAUSE in told.json()["checks"]["overseerr_api"]


def test_a_changed_file_that_cannot_be_read_degrades_the_syncs_and_is_named_only_with_a_token(service):
    service.daemon.file_trouble = "IMDB_LISTS_FILE: lists.txt is empty"

    open_answer, told = service.get("/health", token=""), service.get("/health")

    assert open_answer.json()["checks"]["last_sync"] == "error: a changed file cannot be read"
    assert (open_answer.status_code, open_answer.json()["status"]) == (503, "degraded")
    assert "IMDB_LISTS_FILE" in told.json()["checks"]["last_sync"]


def test_the_server_is_asked_once_however_often_health_is(service):
    for _ in range(20):
        service.get("/health", token="")

    assert service.server.asked == 1


@pytest.mark.parametrize(("hours", "words"), [(47, "healthy"), (51, "stale: 2 days, 3:00:00")])
def test_a_sync_of_two_days_ago_is_stale(hours, words):
    check = judge_last_sync(NOW - timedelta(hours=hours), limit=timedelta(hours=48), now=NOW)

    assert check.words == words
    assert check.health is (Health.HEALTHY if words == "healthy" else Health.DEGRADED)


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [({"SYNC_INTERVAL": "6"}, 48), ({"SYNC_INTERVAL": "72"}, 144), ({"SYNC_SCHEDULE": "0 3 * * 1"}, 336)],
)
def test_the_limit_is_two_intervals_of_the_schedule_if_that_is_longer(start_service, store, schedule, hours):
    running = start_service(**schedule)
    with store.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO sync_history (household, sync_started, sync_completed, sync_mode, status, dry_run)"
            f" VALUES ('{HOME}', ?, ?, 'automated', 'completed', 0)",
            tuple(f"{NOW - timedelta(hours=hours - 1):%Y-%m-%d %H:%M:%S}" for _ in range(2)),
        )

    assert running.get("/health").json()["checks"]["last_sync"] == "healthy"

    with store.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE sync_history SET sync_completed = ?", (f"{NOW - timedelta(hours=hours + 1):%Y-%m-%d %H:%M:%S}",)
        )
    late = running.get("/health")

    assert late.status_code == 503
    assert late.json()["status"] == "degraded"
    assert late.json()["checks"]["last_sync"].startswith("stale: ")


def test_trouble_of_the_daemon_is_trouble_of_its_database(service):
    service.daemon.trouble = "the disk of /data is full"

    answer = service.get("/health/ready", token="")
    health = service.get("/health")

    assert (answer.status_code, answer.json()) == (503, {"status": "unhealthy"})
    assert health.json()["checks"]["database"] == "unhealthy: it cannot be used: the disk of /data is full"
    assert service.get("/health/live", token="").status_code == 200


def test_the_badge_says_the_same_word_as_health_to_everybody_and_nothing_else(service):
    well = service.get("/health/badge.svg", token="")
    service.server.error = ServiceUnavailable("overseerr", SECRET_CAUSE)
    service.daemon.trouble = "the disk is full"
    unwell = service.get("/health/badge.svg")

    assert (well.status_code, unwell.status_code) == (200, 200)
    assert well.headers["Content-Type"] == "image/svg+xml"
    assert well.headers["Cache-Control"] == "public, max-age=60"
    assert [node.text for node in defusedxml.ElementTree.fromstring(well.text).findall(".//{*}text")] == [
        "ListSync",
        "healthy",
    ]
    assert "unhealthy" in unwell.text
    assert SECRET_CAUSE not in unwell.text


def back_up_at(service, made_at):
    made = service.parts.folder / "backups" / "list-sync-20261127-120000.tar.gz"
    back_up(made, service.parts.settings.open_environment(), made_at=made_at)


def test_without_a_schedule_health_says_nothing_of_backups(service):
    back_up_at(service, NOW)

    assert "backup" not in service.get("/health", token="").json()


@pytest.mark.parametrize(("hours", "state"), [(2, "healthy"), (47, "healthy"), (50, "stale: 2 days, 2:00:00")])
def test_old_backups_are_told_and_change_no_status(start_service, hours, state):
    service = start_service(BACKUP_SCHEDULE="24h")
    back_up_at(service, NOW - timedelta(hours=hours))
    answer = service.get("/health", token="")

    assert (answer.status_code, answer.json()["status"]) == (200, "healthy")
    assert answer.json()["backup"] == {"state": state, "age_seconds": hours * 3600}


def test_why_no_backup_could_be_made_is_told_only_to_callers_with_a_token(start_service):
    service = start_service(BACKUP_SCHEDULE="24h")
    assert service.get("/health", token="").json()["backup"] == {"state": "no_backups_found"}
    service.daemon.backup_trouble = SECRET_CAUSE

    open_answer, told = service.get("/health", token=""), service.get("/health")
    assert open_answer.json()["backup"] == {"state": "unhealthy: no backup could be made"}
    assert SECRET_CAUSE in told.json()["backup"]["state"]
    assert open_answer.status_code == 200


def test_the_age_of_the_last_backup_is_a_metric(start_service):
    service = start_service(BACKUP_SCHEDULE="12h")
    assert "\nlistsync_backup_age_seconds " not in service.get("/metrics").text
    back_up_at(service, NOW - timedelta(hours=3))

    lines = service.get("/metrics").text.splitlines()
    assert {"listsync_backup_age_seconds 10800.0", "listsync_backup_interval_seconds 43200.0"} <= set(lines)
    assert "listsync_backup_failed 0.0" in lines


@pytest.mark.parametrize(
    ("trouble", "words"), [("the disk is full", "The disk is full."), ("", "The last good one is 3 days old.")]
)
def test_missing_backups_need_you(start_service, trouble, words):
    service = start_service(BACKUP_SCHEDULE="24h")
    back_up_at(service, NOW - timedelta(days=3))
    service.daemon.backup_trouble = trouble
    (need,) = [one for one in service.get("/api/overview").json()["needs"] if one["kind"] == "backup"]

    assert (need["head"], need["path"]) == ("No new backup was made", "/settings/backups")
    assert need["text"].startswith(words)
