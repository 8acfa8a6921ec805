"""Each command that changes something leaves a line in the audit log: who, what, and the outcome."""

import json
import sqlite3

import pytest
import typer

from list_sync.cli import app
from list_sync.cli.audited import Audited

# They are noted by themselves, or as a run of the history; the others only show something.
OF_THEIR_OWN = {"sync", "forget", "web token new", "web token revoke", "web claim"}
READING = {"check", "status", "history", "why", "plan", "audit", "health", "demo", "run", "lists test", "web audit"}
READING |= {"config show", "config schema", "web token list", "notify test"}


def lines(cli):
    return [(one["action"], one["target"], one["outcome"]) for one in json.loads(cli("audit", "--json").out)["audit"]][
        ::-1
    ]


def commands(group, path=""):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


def test_every_command_is_noted_or_only_reads():
    noted = {name for name, command in commands(typer.main.get_command(app)) if isinstance(command, Audited)}
    known = {name for name, _ in commands(typer.main.get_command(app))}

    assert known - noted == READING | OF_THEIR_OWN


def test_what_was_done_and_refused_is_told_with_its_arguments(cli, store):
    cli("ban", "tt0113277")
    cli("pin", "Nothing of that name", "tmdb:movie:949")
    cli("pause", "3d")
    cli("pause")
    cli("pause", "soon")
    cli("accept-reset")
    cli("sync", "--dry-run")

    assert lines(cli) == [
        ("ban", "tt0113277", "done"),
        ("pin", "Nothing of that name tmdb:movie:949", "exit code 2"),
        ("pause", "3d", "done"),
        ("pause", "soon", "exit code 2"),
    ]


def test_the_line_names_the_user_of_the_system(cli, store):
    cli("ban", "tt0113277")

    (line,) = json.loads(cli("audit", "--json").out)["audit"]
    assert line["actor"].startswith("list-sync (")


def test_where_nothing_was_synced_yet_no_database_is_made_for_a_line(cli, home):
    cli("pause", "3d")

    assert not (home / "data" / "list_sync.db").exists()


def test_a_database_of_another_version_is_not_migrated_for_a_line(cli, store, home):
    store.close()
    with sqlite3.connect(home / "data" / "list_sync.db") as connection:
        connection.execute("UPDATE schema_version SET version = 2")
    before = (home / "data" / "list_sync.db").read_bytes()

    cli("pause", "3d")

    assert (home / "data" / "list_sync.db").read_bytes() == before


@pytest.mark.parametrize("arguments", [("--all",), ("--all", "--json")])
def test_the_whole_log_can_be_exported(cli, store, arguments):
    for _ in range(102):
        cli("ban", "tt0113277")

    assert cli("audit", *arguments).out.count("tt0113277") == 102
    assert cli("audit").out.count("tt0113277") == 100
