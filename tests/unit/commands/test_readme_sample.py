"""What README shows of lists.yaml, `plan`, `why` and `undo` is what the demo has and what the commands print."""

import re
from pathlib import Path

import pytest
import yaml

from list_sync.demo.people import LISTS_NAME
from list_sync.demo.trial import CONFIG_NAME, demo_running

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SAMPLE = re.search(r"^```\n(\$ list-sync plan\n.*?)^```$", README, re.MULTILINE | re.DOTALL)[1]
LEFT_OUT = "…\n"


@pytest.fixture
def demo(home, monkeypatch):
    """Be in the folder of a running demo, with lines of the length that README has."""
    with demo_running() as settings:
        monkeypatch.setenv("COLUMNS", "120")
        folder = settings.process.data_dir.resolve()
        monkeypatch.chdir(folder)
        yield folder


def timeless(text):
    return re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", "DAY", text)


def test_the_commands_print_what_readme_shows(demo, cli):
    for command, shown in re.findall(r"^\$ list-sync (.*)\n((?:(?!\$).*\n)*)", SAMPLE, re.MULTILINE):
        if command.startswith("why"):
            cli("sync")
        words = [first or second for first, second in re.findall(r'"(.*?)"|(\S+)', command)]
        printed = timeless(cli(*words, *(["--yes"] if words[0] == "undo" else [])).out)
        for part in filter(None, timeless(shown).split(LEFT_OUT)):
            assert part in printed, f"list-sync {command} prints:\n{printed}"
            printed = printed.partition(part)[2]


def test_the_lists_of_readme_are_those_of_the_demo(demo):
    shown = next(
        yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "exclusions" in text
    )
    written = yaml.safe_load((demo / CONFIG_NAME / LISTS_NAME).read_text(encoding="utf-8"))

    assert all(entry in written[key] for key in ("lists", "exclusions") for entry in shown[key])
    assert shown["pause_when"] == written["pause_when"]
