"""The first claim: one person with the code of the data folder chooses the password, once."""

import os
import sqlite3
import threading
from contextlib import closing

import pytest

from list_sync.errors import StorageError
from list_sync.model.servers import HOME
from list_sync.storage.audit import find_deeds
from list_sync.storage.sessions import find_password, forget_password
from list_sync.web.entrance import passwords
from list_sync.web.entrance.claiming import CODE_NAME, find_code, get_code, offer_claim
from list_sync.web.entrance.rates import FREE_LOGINS
from tests.web.browser import Browser, words_of

pytestmark = pytest.mark.usefixtures("cheap_hashes")
PASSWORD = "correct horse battery"


@pytest.fixture
def service(start_door):
    return start_door()


@pytest.fixture
def code(service, tmp_path):
    offer_claim(service.parts.settings.web, service.parts.store, tmp_path)
    return (tmp_path / CODE_NAME).read_text().strip()


def claim(browser, code, password=PASSWORD, again=None, **options):
    fields = {"proof": code, "password": password, "again": password if again is None else again}
    return browser.ask("POST", "/claim", fields=fields, **options)


def stored(store):
    with store.reading() as connection:
        return find_password(connection)


def test_the_code_chooses_the_password_once_and_logs_in(service, store, tmp_path, code):
    person = Browser(service)
    assert "/claim" in person.get("/login").text

    answer = claim(person, f" {code.lower().replace('-', ' ')} ")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert person.is_in()
    assert not (tmp_path / CODE_NAME).exists()
    assert stored(store).startswith("scrypt$")
    assert Browser(service).log_in(PASSWORD).status_code == 303
    assert claim(Browser(service), code, "another password").status_code == 409
    assert Browser(service).get("/claim").headers["Location"] == "/login"
    assert Browser(service).log_in("another password").status_code == 401


def test_of_two_claims_in_the_same_moment_one_counts(service, store, code):
    answers, barrier = [], threading.Barrier(4)

    def ask(number):
        barrier.wait()
        answers.append((claim(Browser(service), code, f"password {number} of four").status_code, number))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(status for status, _ in answers) == [303, 409, 409, 409]
    ((_, first),) = [one for one in answers if one[0] == 303]
    assert Browser(service).log_in(f"password {first} of four").status_code == 303


def test_wrong_codes_wait_as_wrong_passwords_do_and_are_logged(service, code, caplog, store):
    browser = Browser(service)

    answers = [claim(browser, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA").status_code for _ in range(FREE_LOGINS + 1)]

    assert answers == [401] * FREE_LOGINS + [429]
    assert claim(browser, code).status_code == 429
    assert stored(store) is None
    assert caplog.messages.count("authentication failure: a wrong log-in from 127.0.0.1") == FREE_LOGINS
    assert code not in caplog.text


def test_a_password_that_cannot_be_one_is_told_and_nothing_is_used_up(service, code):
    faults = [
        ("short", None, "at least 10 characters"),
        ("long enough for us", "long enough for  us", "differ"),
        ("x" * 1001, None, "at most 1000 characters"),
        ("", None, "at least 10 characters"),
    ]
    for password, again, words in faults:
        answer = claim(Browser(service), code, password, again)
        assert (words, answer.status_code, words in words_of(answer)) == (words, 422, True)
        assert code not in answer.text
    assert claim(Browser(service), code).status_code == 303


def test_there_is_nothing_to_claim_without_a_code(service, store):
    for code in ("", " ", "-", "None"):
        assert claim(Browser(service), code).status_code == 401
    assert stored(store) is None


@pytest.mark.parametrize("settings", [{"WEB_PASSWORD": PASSWORD}, {"WEB_AUTH": "none"}])
def test_with_a_password_in_the_settings_there_is_no_claim(start_door, tmp_path, settings):
    running = start_door(**settings)
    code = get_code(tmp_path)

    offer_claim(running.parts.settings.web, running.parts.store, tmp_path)

    assert not (tmp_path / CODE_NAME).exists()
    get_code(tmp_path)
    assert claim(Browser(running), code, headers={"Sec-Fetch-Site": "same-origin"}).status_code in (403, 409)
    assert Browser(running).get("/claim").status_code == 303


def test_the_code_is_for_the_owner_of_the_folder_and_never_in_the_log(service, tmp_path, caplog):
    caplog.set_level("DEBUG")
    offer_claim(service.parts.settings.web, service.parts.store, tmp_path)
    code = (tmp_path / CODE_NAME).read_text().strip()

    assert (tmp_path / CODE_NAME).stat().st_mode & 0o777 == 0o600
    assert len(code.replace("-", "")) == 25
    assert code not in caplog.text
    assert "list-sync web claim" in caplog.text
    assert str(tmp_path / CODE_NAME) in caplog.text


BROKEN = (
    lambda path: path.write_text(""),
    lambda path: path.write_text("---"),
    lambda path: path.symlink_to("/etc/hostname"),
    lambda path: (path.write_text("AAAAA"), path.chmod(0o666)),
    os.mkfifo,
    lambda path: path.mkdir(),
)


def test_a_file_that_is_not_surely_ours_claims_nothing_and_stops_nothing(service, store, tmp_path, caplog):
    path = tmp_path / CODE_NAME
    for break_it in BROKEN:
        caplog.clear()
        break_it(path)
        offer_claim(service.parts.settings.web, store, tmp_path)
        assert str(path) in caplog.text
        assert find_code(tmp_path) is None
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    path.mkdir()
    assert [claim(Browser(service), code).status_code for code in ("", "AAAAA", "---")] == [401] * 3
    assert stored(store) is None


def test_a_database_that_cannot_be_read_never_opens_the_claim(service, store, tmp_path, code, monkeypatch, caplog):
    claim(Browser(service), code)

    def fail():
        raise StorageError("the database is damaged")

    monkeypatch.setattr(store, "reading", fail)
    offer_claim(service.parts.settings.web, store, tmp_path)

    assert not (tmp_path / CODE_NAME).exists()
    assert "the database is damaged" in caplog.text
    assert claim(Browser(service), code, "another password").status_code == 503
    assert Browser(service).get("/claim").status_code == 503
    assert Browser(service).get("/login").status_code == 200


def test_a_password_can_be_changed_and_every_session_ends(service, code, store):
    person, other = Browser(service), Browser(service)
    claim(person, code)
    other.log_in(PASSWORD)
    before = person.copy()
    fields = {"proof": PASSWORD, "password": "another password", "again": "another password"}

    assert "Change the password" in words_of(person.get("/password"))
    assert person.post("/password", fields | {"proof": "wrong"}).status_code == 401
    answer = person.post("/password", fields)

    assert (answer.status_code, person.is_in(), before.is_in(), other.is_in()) == (303, True, False, False)
    assert other.log_in(PASSWORD).status_code == 401
    assert other.log_in("another password").status_code == 303
    with store.reading() as connection:
        lines = [(one.actor, one.action, one.outcome) for one in find_deeds(connection, HOME)]
    assert ("dashboard", "claim", "done") in lines
    assert ("dashboard", "change the password", "done") in lines
    assert not any("password" in one[0] or PASSWORD in str(one) for one in lines)


def test_only_a_password_that_was_chosen_can_be_changed_here(start_door, service):
    fields = {"password": "another password", "again": "another password"}
    fixed = Browser(start_door(WEB_PASSWORD=PASSWORD))
    fixed.log_in(PASSWORD)

    assert fixed.post("/password", fields | {"proof": PASSWORD}).status_code == 409
    unclaimed = Browser(service)
    unclaimed.log_in(service.token)
    assert unclaimed.post("/password", fields | {"proof": service.token}).status_code == 409


def test_a_reset_ends_every_session_and_the_password(service, store, code):
    person = Browser(service)
    claim(person, code)

    with store.writing() as connection:
        forget_password(connection)

    assert not person.is_in()
    assert Browser(service).log_in(PASSWORD).status_code == 401


def test_a_session_of_a_restored_database_counts_for_nothing(service, store, code):
    person = Browser(service)
    claim(person, code)
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("UPDATE web_password SET hash = ?", (passwords.hash_password("of a stranger"),))
        connection.commit()

    assert not person.is_in()


def test_no_secret_of_the_door_is_in_the_log_the_database_or_a_page(service, store, tmp_path, code, caplog):
    caplog.set_level("DEBUG")
    person = Browser(service)
    pages = [claim(person, "AAAAA-BBBBB"), claim(person, code)]
    cookies = list(person.cookies.values())
    person.log_in("a wrong password")
    person.log_in(service.token)
    cookies += person.cookies.values()
    tokens = [person.csrf(), person.csrf()]
    pages += [person.get(path) for path in ("/lists", "/password", "/api/lists", "/login", "/no-such-page")]
    pages += [person.post("/theme", {"theme": "dark"}), person.post("/logout")]
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("list_sync.db*")).decode("latin-1")

    for secret in (code, PASSWORD, service.token, "a wrong password", *cookies, *tokens):
        assert secret not in caplog.text
        assert secret not in kept
    for secret in (code, PASSWORD, service.token, "a wrong password", *cookies):
        assert not any(secret in page.text for page in pages)
