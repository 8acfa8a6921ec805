import pytest

from list_sync.version import __version__


def test_the_version_is_printed(cli):
    assert cli("--version").out == f"list-sync {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("sync", "--lists", "x"),
        ("history", "--limit", "0"),
        ("history", "--limit", "x"),
        ("why",),
        ("--sync-now", "sync"),
    ],
)
def test_a_wrong_command_line_is_one_line_on_stderr_and_2(cli, arguments):
    answer = cli(*arguments)

    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1
    command = f" {arguments[0]}" if arguments[0] in ("sync", "history", "why") else ""
    assert f"list-sync{command} --help" in answer.err


@pytest.mark.parametrize("text", ["imdb", "Trakt", "imdb:", ":top", "frobnicate:x", "imdb:nonsense"])
def test_a_list_that_cannot_be_is_refused_before_anything_else(cli, text):
    answer = cli("sync", "--list", text)

    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1


def test_without_a_server_a_sync_names_the_setting(cli):
    answer = cli("sync")

    assert answer.code == 2
    assert answer.err.startswith("Error: OVERSEERR_URL")


@pytest.mark.parametrize(
    "command", ["run", "sync", "check", "status", "history", "why", "lists", "review", "pin", "ban"]
)
def test_every_command_has_help(cli, command):
    answer = cli(command, "--help")

    assert answer.code == 0
    assert answer.out.startswith(f"Usage: list-sync {command}")
