"""The commands of the documents exist, run with the demo, and print what the documents show."""

import shlex

import pytest
import typer
from dotenv import dotenv_values

from list_sync.cli import app
from list_sync.demo.trial import demo_running
from list_sync.model.exit_codes import ExitCode
from tests.architecture.test_docs import ROOT
from tests.fakes.documented import find_commands, find_samples, plain
from tests.fakes.house import House

PROGRAM = typer.main.get_command(app)
UsageError = typer.BadParameter.__base__
COMMANDS = find_commands()
# Samples of a page may go on where another page began; the first sync comes after the first plan.
STORY = (("plan",), ("sync",), ("why", "Gladiator II"), ("why", "Ex Machina"), ("undo", "2"))
# They need a person, a daemon, the internet, or a provider of the reader's own.
NOT_RUN = ("run", "login", "demo", "--sync-now", "filmclub:classics")
IN_BLOCKS = {one.arguments: one for one in COMMANDS if one.is_in_block and one.arguments}
RUN = [one for arguments, one in IN_BLOCKS.items() if set(NOT_RUN).isdisjoint(arguments) and arguments not in STORY]
YES = {"undo": ("--yes",), "restore": ("--trust",)}


@pytest.fixture
def demo(tmp_path):
    """A demo whose server and sources run, but no daemon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATA_DIR", str(tmp_path))
        with demo_running() as settings:
            folder = settings.process.data_dir
            # Where a container starts its commands, the data folder is called data.
            (tmp_path / "data").symlink_to(folder)
            given = {**dotenv_values(folder / ".env"), "DATA_DIR": "data", "CONFIG_DIR": "data/config"}
            yield House(tmp_path, COLUMNS="120", **given)


def run(house, arguments):
    return house.run(*arguments, *YES.get(arguments[0], ()))


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
def test_a_command_that_is_not_there_is_found(line):
    assert problem_of(shlex.split(line))


def test_every_command_and_option_of_the_documents_exists():
    assert len(COMMANDS) > 100
    assert {str(one): problem for one in COMMANDS if (problem := problem_of(one.arguments))} == {}


def test_what_the_documents_show_of_the_output_is_what_the_demo_prints(demo):
    printed = {arguments: plain(run(demo, arguments).stdout) for arguments in STORY}

    for page in (ROOT / "README.md", ROOT / "docs" / "policy.md"):
        for arguments, pieces in find_samples(page):
            rest = printed[arguments]
            for piece in pieces:
                assert piece in rest, f"{page.name}: {shlex.join(arguments)}\n{piece}\n{rest}"
                rest = rest.partition(piece)[2]


def test_commands_in_blocks_run_with_the_demo(demo):
    done = {str(one): run(demo, one.arguments) for one in RUN}

    assert len(done) >= 10
    assert {name: one.stdout + one.stderr for name, one in done.items() if one.returncode != ExitCode.OK} == {}
