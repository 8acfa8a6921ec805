"""What the pages show of lists.yaml, `plan`, `why` and `undo` is what the demo has and what the commands print."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from list_sync.demo.people import LISTS_NAME
from list_sync.demo.trial import CONFIG_NAME, demo_running

README, POLICY = (
    (Path(__file__).parents[3] / name).read_text(encoding="utf-8") for name in ("README.md", "docs/policy.md")
)
SAMPLES = re.findall(r"^```\n(\$ list-sync .*?)^```$", f"{README}\n{POLICY}", re.MULTILINE | re.DOTALL)
STEPS = ("plan", "why", "undo")
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
    return re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?", "DAY", text)


def find_samples():
    """Return each command that the pages show, as words, and what it prints, in the order in which they are run."""
    found = re.findall(r"^\$ list-sync (.*)\n((?:(?!\$).*\n)*)", "".join(SAMPLES), re.MULTILINE)
    return sorted(((shlex.split(command), shown) for command, shown in found), key=lambda one: STEPS.index(one[0][0]))


def test_the_commands_print_what_the_pages_show(demo, cli):
    samples = find_samples()
    printed = timeless(cli("plan").out)
    cli("sync")
    for words, shown in samples:
        if words != ["plan"]:
            printed = timeless(cli(*words, *(["--yes"] if words[0] == "undo" else [])).out)
        rest = printed
        for part in filter(None, timeless(shown).split(LEFT_OUT)):
            assert part in rest, f"list-sync {' '.join(words)} prints:\n{printed}"
            rest = rest.partition(part)[2]
    assert [words[0] for words, _ in samples] == ["plan", "plan", "why", "why", "undo"]


def test_the_lists_of_readme_are_those_of_the_demo(demo):
    shown = next(
        yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "exclusions" in text
    )
    written = yaml.safe_load((demo / CONFIG_NAME / LISTS_NAME).read_text(encoding="utf-8"))

    assert all(entry in written[key] for key in ("lists", "exclusions") for entry in shown[key])
    assert shown["pause_when"] == written["pause_when"]
