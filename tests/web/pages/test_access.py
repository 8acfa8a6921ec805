"""Tokens, the audit log and backups, as pages and as the API gives them."""

import re

from list_sync.database.known_backups import find_backups
from list_sync.model.access import Deed
from list_sync.model.servers import HOME
from list_sync.storage.audit import note_deed
from tests.web.conftest import NOW

HTML = {"Accept": "text/html"}


def test_a_token_is_shown_once_works_and_can_be_revoked(service, open_page):
    made = service.post("/settings/tokens", data={"name": "prometheus", "scope": "read"}, headers=HTML).text
    token = re.search(r'id="token">(ls_[^<]+)<', made)[1]

    assert service.get("/api/lists", token=token).status_code == 200
    assert service.get("/api/settings", token=token).status_code == 403
    page = open_page("/settings/tokens")
    assert "prometheus read" in page.find("tbody tr")[0]
    others = (page.text, open_page("/settings/audit").text, service.get("/api/tokens").text)
    assert [text for text in others if token in text] == []
    service.post("/settings/tokens/revoke", data={"name": "prometheus"}, headers=HTML)
    assert service.get("/api/lists", token=token).status_code == 401


def test_a_token_that_cannot_be_made_says_why_beside_the_name(service):
    wrong = {
        ("", "read"): "The name of a token has 1 to 60",
        ("API_TOKEN", "read"): "is the name of another",
        ("x", "all"): "The scope is one of",
    }
    for (name, scope), words in wrong.items():
        answer = service.post("/settings/tokens", data={"name": name, "scope": scope}, headers=HTML)
        assert answer.status_code == 422
        assert words in answer.text


def test_a_name_that_is_taken_is_a_conflict(service):
    order = {"name": "one", "scope": "read"}

    assert service.post("/api/tokens", json=order).status_code == 201
    assert service.post("/api/tokens", json=order).status_code == 409
    assert service.ask("DELETE", "/api/tokens/other").status_code == 404


def test_the_audit_log_has_pages_and_shows_hostile_names_as_they_are(service, open_page, store):
    with store.writing() as connection:
        for number in range(60):
            note_deed(connection, HOME, Deed(NOW, "me", "", "pin", f"<b>{number}</b>", "200 OK"))

    first = open_page("/settings/audit")
    assert len(first.find("tbody tr")) == 50
    assert "<b>59</b>" in first.find("tbody tr")[0]
    (older,) = [node.attributes["href"] for node in first.tree.css(".pager a") if "cursor" in node.attributes["href"]]
    assert len(open_page(older).find("tbody tr")) == 10


def test_a_backup_is_made_beside_the_others_and_is_not_sent(service, open_page, tmp_path):
    assert "No backups in the data folder" in open_page("/settings/backups").text

    answer = service.post("/settings/backups", headers=HTML)
    assert "The backup is" in answer.text
    (backup,) = find_backups(tmp_path)
    assert str(backup.path.name) in open_page("/settings/backups").text.replace(" ", "")
    assert service.get(f"/settings/backups/{backup.path.name}", headers=HTML).status_code == 404
    (told,) = service.get("/api/backups").json()["items"]
    assert (told["size"], told["verified"], told["scheduled"]) == (backup.path.stat().st_size, True, False)


def test_the_page_of_backups_says_how_they_are_made_by_themselves(service, start_service, open_page):
    assert "BACKUP_SCHEDULE says when it should" in open_page("/settings/backups").text
    service.daemon.backup_trouble = "the disk is full"
    assert "The disk is full. Syncs go on" in open_page("/settings/backups").text

    scheduled = start_service(BACKUP_SCHEDULE="30 3 * * *", BACKUP_KEEP="3")
    scheduled.daemon.next_backup = NOW
    page = open_page("/settings/backups", running=scheduled)
    assert "BACKUP_SCHEDULE ( 30 3 * * * ): next today, 12:00 . The newest 3 of these stay." in page.text
    told = scheduled.get("/api/backups").json()
    assert (told["schedule"], told["next_at"]) == ("30 3 * * *", "2026-11-27T12:00:00Z")


def test_the_support_bundle_is_a_text_with_what_helpers_ask_for(start_service):
    running = start_service(IMDB_LISTS="top", MAX_REQUESTS_PER_DAY="20")
    answer = running.get("/settings/bundle", headers=HTML)

    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = answer.text.splitlines()
    assert "MAX_REQUESTS_PER_DAY = 20 (environment)" in lines
    assert "OVERSEERR_API_KEY = (set, hidden) (environment)" in lines
    assert "imdb:top: not read yet, 0, by -: -" in lines
    assert "database: healthy" in lines
