import json
from datetime import UTC, datetime

import pytest

from list_sync.model.access import Deed, Scope
from list_sync.model.servers import HOME
from list_sync.storage.audit import note_deed
from list_sync.storage.sessions import claim, find_password
from list_sync.storage.tokens import find_token

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def test_a_token_is_printed_alone_on_stdout_and_stored_as_a_digest(cli, store, home):
    made = cli("web", "token", "new", "prometheus")
    token = made.out.strip()

    assert (made.code, made.out) == (0, f"{token}\n")
    assert made.err == "the token prometheus has the scope read; it is not shown again\n"
    with store.reading() as connection:
        assert find_token(connection, token).scope is Scope.READ
    assert token.encode() not in (home / "data" / "list_sync.db").read_bytes()
    assert token not in cli("web", "token", "list").out + cli("web", "audit").out


def test_tokens_are_listed_with_scope_and_use_and_revoked_by_name(cli, store):
    cli("web", "token", "new", "home assistant", "--scope", "trigger")
    cli("web", "token", "new", "phone", "--scope", "admin")

    (one, two) = json.loads(cli("web", "token", "list", "--json").out)["tokens"]
    assert (one["name"], one["scope"], one["last_used_at"]) == ("home assistant", "trigger", None)
    assert (two["name"], two["scope"]) == ("phone", "admin")
    assert cli("web", "token", "list").lines[0].split() == ["NAME", "SCOPE", "MADE", "LAST", "USED"]

    assert cli("web", "token", "revoke", "phone").out == "the token phone is revoked\n"
    assert len(cli("web", "token", "list").lines) == 2
    gone = cli("web", "token", "revoke", "phone")
    assert (gone.code, gone.out) == (2, "")
    assert "there is no token phone" in gone.err


def test_a_token_can_be_made_before_the_first_sync(cli, home):
    assert cli("web", "token", "new", "early").code == 0
    assert [line.split()[0] for line in cli("web", "token", "list").lines] == ["NAME", "early"]


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\nb", "naïve", "API_TOKEN", "WEB_AUTH=none"])
def test_a_name_that_could_be_taken_for_another_is_refused(cli, store, name):
    answer = cli("web", "token", "new", name)

    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1


def test_a_name_is_given_once_and_a_scope_is_one_of_four_words(cli, store):
    cli("web", "token", "new", "phone")

    again, wrong = cli("web", "token", "new", "phone"), cli("web", "token", "new", "other", "--scope", "root")

    assert (again.code, wrong.code, again.out + wrong.out) == (2, 2, "")
    assert "there is a token phone" in again.err
    assert "Invalid value for '--scope': 'root' is not one of 'feed', 'read', 'trigger', 'admin'." in wrong.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [(["web"], "Missing command."), (["web", "token"], "Missing command."), (["web", "token", "new"], "Missing arg")],
)
def test_a_command_that_is_not_complete_names_the_help_that_goes_with_it(cli, home, words, reason):
    answer = cli(*words)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"Error: {reason}")
    assert f"({' '.join(['list-sync', *words])} --help shows what there is)" in answer.err


def test_the_audit_log_shows_the_last_changes_first(cli, store):
    with store.writing() as connection:
        note_deed(connection, HOME, Deed(NOW, "phone", "192.168.1.7", "sync", "imdb:top", "202 Accepted"))
    cli("web", "token", "new", "phone")
    cli("web", "token", "revoke", "phone")

    told = [
        (one["actor"], one["action"], one["target"]) for one in json.loads(cli("web", "audit", "--json").out)["audit"]
    ]
    assert told == [
        ("list-sync web", "token revoke", "phone"),
        ("list-sync web", "token new", "phone (read)"),
        ("phone", "sync", "imdb:top"),
    ]
    last = cli("web", "audit").lines[-1]
    assert last.split("  ")[-1] == "202 Accepted"
    assert "192.168.1.7" in last


def test_the_code_of_the_first_claim_is_printed_alone_and_is_the_same_until_it_is_used(cli, home):
    first, again = cli("web", "claim"), cli("web", "claim")

    assert (first.code, first.out) == (0, again.out)
    assert first.out.strip() == (home / "data" / "claim_token").read_text().strip()
    assert "open /claim" in first.err


def test_a_chosen_password_ends_the_claim_and_a_reset_begins_it_anew(cli, store, home):
    first = cli("web", "claim").out
    with store.writing() as connection:
        claim(connection, "scrypt$…", at=NOW)
        connection.exec_driver_sql(
            "INSERT INTO web_sessions VALUES ('d', 'dashboard', 'password', 's', '2026-11-27 12:00:00', "
            "'2026-11-27 12:00:00', 60, '2027-11-27 12:00:00')"
        )

    refused = cli("web", "claim")
    reset = cli("web", "claim", "--reset")

    assert (refused.code, refused.out) == (2, "")
    assert "list-sync web claim --reset" in refused.err
    assert reset.code == 0
    assert reset.out != first
    with store.reading() as connection:
        assert find_password(connection) is None
        assert connection.exec_driver_sql("SELECT count(*) FROM web_sessions").scalar() == 0
    assert "claim reset" in cli("audit").out
    assert cli("audit").out == cli("web", "audit").out
    assert reset.out.strip() not in cli("audit", "--json").out


def test_with_a_password_in_the_settings_there_is_no_code(cli, monkeypatch, home):
    monkeypatch.setenv("WEB_PASSWORD", "correct horse battery")

    answer = cli("web", "claim", "--reset")

    assert (answer.code, answer.out) == (2, "")
    assert "WEB_PASSWORD" in answer.err
    assert not (home / "data" / "claim_token").exists()
