"""Every command that reads: its width on a terminal, its --json, and the help."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from list_sync.cli import main
from list_sync.model.releases import Release
from list_sync.model.report import FailureKind
from list_sync.model.shown import shown_time
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState
from list_sync.storage.releases import keep_releases
from tests.builders import NOON, a_list, a_result
from tests.unit.commands.records import for_review, record, requested

READING = [
    ("status",),
    ("history",),
    ("lists",),
    ("review",),
    ("why", "Heat"),
    ("why", "Nothing"),
    ("check", "--offline"),
    ("config", "show"),
    ("health",),
    ("lists", "test", "file:none.csv"),
    ("web", "token", "list"),
    ("web", "audit"),
]
ADDRESS = "https://trakt.tv/users/a-long-user-name/lists/the-best-films-of-ten-years"
WHY = "not found, or private: check the spelling, make the list public, or log in as its owner (TRAKT_LISTS); "


@pytest.fixture
def troubled(store, monkeypatch):
    """A data folder with lists that failed, a run that failed, and a title to review."""
    monkeypatch.setenv("TRAKT_LISTS", ADDRESS)
    monkeypatch.setenv("IMDB_LISTS", "ls000000001,top")
    failed = a_result(source=a_list("trakt", ADDRESS), state=FetchState.FAILED, reason=WHY * 3)
    record(store, requested(), for_review(), fetched=(failed,))
    error = "overseerr: http://192.168.100.100:5055/overseerr cannot be reached: connection refused; tried again"
    record(store, error=error, failure=FailureKind.UNREACHABLE, minutes=5)


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("command", [*READING, ("--help",), ("lists", "--help"), ("sync", "--help"), ("web", "--help")])
def test_no_line_is_wider_than_the_terminal_and_no_address_is_cut(cli, troubled, monkeypatch, command, width):
    monkeypatch.setenv("COLUMNS", str(width))

    answer = cli(*command)

    lines = [*answer.lines, *answer.err.splitlines()]
    assert lines
    assert [line for line in lines if len(line) > width] == []
    assert answer.out.count("https://trakt.tv") == answer.out.count(ADDRESS)
    assert "…" not in answer.out


@pytest.mark.parametrize("command", READING)
def test_every_reading_command_prints_one_object_with_json(cli, troubled, command):
    answer = cli(*command, "--json")

    assert isinstance(json.loads(answer.out), dict)
    assert answer.code == cli(*command).code


@pytest.mark.parametrize(
    "command", [("status",), ("history",), ("lists",), ("review",), ("why", "x"), ("web", "audit")]
)
def test_json_is_one_object_too_where_nothing_was_synced_yet(cli, command):
    answer = cli(*command, "--json")

    assert isinstance(json.loads(answer.out), dict)
    assert "nothing has been synced yet" in answer.err


def test_the_list_of_commands_ends_no_sentence_early(cli, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    text = cli("--help").out

    assert "..." not in text.replace("[ARGS]...", "")
    assert "once with AUTOMATED_MODE=false." in " ".join(text.split())


def test_completion_knows_the_commands(capsys, monkeypatch):
    monkeypatch.setenv("COMP_WORDS", "list-sync his")
    monkeypatch.setenv("COMP_CWORD", "1")
    monkeypatch.setenv("_LIST_SYNC_COMPLETE", "complete_bash")

    with pytest.raises(SystemExit):
        main([])
    assert capsys.readouterr().out.split() == ["history"]


def test_lists_and_status_say_since_when_a_source_changed_and_which_release_reads_it_again(cli, store, monkeypatch):
    monkeypatch.setenv("IMDB_LISTS", "ls1,ls2")
    attempts = (Attempt("graphql", AttemptOutcome.DRIFTED, "no edges"), Attempt("mdblist", AttemptOutcome.SERVED))
    lists = [
        replace(a_result(source=a_list("imdb", name)), route="mdblist", attempts=attempts) for name in ("ls1", "ls2")
    ]
    record(store, fetched=lists)
    with store.writing() as connection:
        keep_releases(connection, [Release("99.0.0", NOON, ("imdb/graphql",))], at=NOON)

    status, shown = cli("status"), cli("lists")
    (fault,) = json.loads(cli("status", "--json").out)["sources"]
    document = json.loads(cli("lists", "--json").out)

    since = shown_time(parse_utc(fault["since"]), UTC)[:-3]
    sentence = (
        f"imdb changed its form at {since} (by graphql, all 2 lists). Until that is over, they are read by mdblist. "
        "ListSync 99.0.0 reads it again: update."
    )
    assert f"source    {sentence}" in status.lines
    assert sentence in shown.lines
    assert f"graphql drifted since {since}" in shown.out
    assert fault["text"] == sentence
    assert {name: fault[name] for name in ("provider", "route", "outcome", "lists", "others", "mended_in")} == {
        "provider": "imdb",
        "route": "graphql",
        "outcome": "drifted",
        "lists": ["imdb:ls1", "imdb:ls2"],
        "others": ["mdblist"],
        "mended_in": "99.0.0",
    }
    assert document["sources"] == [fault]
    (known, _) = document["lists"][0]["routes"]
    assert known == {"route": "graphql", "outcome": "drifted", "since": fault["since"], "at": fault["since"]}


def parse_utc(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
