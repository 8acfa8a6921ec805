"""The commands of the documents exist with their options, and those in blocks of code run with the demo."""

import shlex
from pathlib import Path

import pytest
import typer
from dotenv import dotenv_values

from list_sync.cli import app
from list_sync.demo.trial import demo_running
from tests.fakes.documented import find_commands

PROGRAM = typer.main.get_command(app)
UsageError = typer.BadParameter.__base__
COMMANDS = find_commands()
# They stay, or need a person, the internet, a provider of the reader's own, or a run (which the shown samples have).
NOT_RUN = {"run", "login", "demo", "--sync-now", "--sources", "filmclub:classics", "undo"}
IN_BLOCKS = dict.fromkeys(one.arguments for one in COMMANDS if one.is_in_block and one.arguments)


def can_run(words):
    """Return whether a command can run with the demo, in its folder."""
    if words[0] == "import":
        return "--from" in words  # Otherwise it needs a folder of 0.6.
    return NOT_RUN.isdisjoint(words) and (words[0] != "restore" or Path(words[-1]).exists())


def problem_of(arguments):
    """Return what is wrong with a command line: a command or an option that is not there, or too many words."""
    command, rest = PROGRAM, list(arguments)
    try:
        while True:
            context = command.context_class(command, info_name="list-sync", **command.context_settings)
            _, rest, _ = command.make_parser(context).parse_args(rest)
            if not rest or not hasattr(command, "commands"):
                break
            command, rest = command.commands[rest[0]], rest[1:]
    except KeyError as error:
        return f"there is no command {error}"
    except UsageError as error:
        return error.message
    most = sum(one.param_type_name == "argument" for one in command.params)
    return f"too many words: {rest}" if len(rest) > most else ""


@pytest.mark.parametrize("line", ["lists tets", "sync --dry", "plan --config", "history now", "web token make"])
def test_a_command_line_that_is_wrong_is_found(line):
    assert problem_of(shlex.split(line))


def test_every_command_and_option_of_the_documents_exists():
    assert len(COMMANDS) > 100
    assert {str(one): problem for one in COMMANDS if (problem := problem_of(one.arguments))} == {}


def test_the_commands_in_blocks_of_code_run_with_the_demo(home, cli, monkeypatch):
    with demo_running() as settings:
        # As in a container: the data folder is called data where commands are run.
        folder = settings.process.data_dir.resolve()
        (folder / "data").symlink_to(folder)
        given = {**dotenv_values(folder / ".env"), "DATA_DIR": "data", "CONFIG_DIR": "config"}
        (folder / ".env").write_text("".join(f"{name}={text}\n" for name, text in given.items()))
        monkeypatch.chdir(folder)
        done = {
            shlex.join(words): cli(*words, *(["--trust"] if words[0] == "restore" else []))
            for words in IN_BLOCKS
            if can_run(words)
        }

    assert {"check", "sync", "web claim"} <= set(done)
    assert {line: answer.out + answer.err for line, answer in done.items() if answer.code} == {}
