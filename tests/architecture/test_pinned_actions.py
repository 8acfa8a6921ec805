"""`make pin-actions` replaces tags of actions by commits, or changes nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.patience import PATIENCE_SECONDS

SCRIPT = Path(__file__).parents[2] / ".ci" / "pin_actions.py"
RULES = 'policies:\n  "*": ref-pin\n'
OTHER = f"      - uses: someone/other@{'ab' * 20} # v1\n      - uses: ./.github/actions/ours\n"
WORKFLOW = f"""jobs:
  one:
    steps:
      - uses: actions/checkout@v7
      - name: Log in
        uses: "actions/checkout/sub/folder@v7.0.0"  # why
{OTHER}"""


@pytest.fixture
def github(tmp_path):
    """Repositories in a folder, which git reads in place of github.com; returns a function that makes one."""

    def git(folder, *arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "tag.gpgSign=false"]
        done = subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def make(name, *versions):
        folder = tmp_path / "github" / name
        folder.mkdir(parents=True)
        git(folder, "init", "--quiet")
        for version, tags in versions:
            git(folder, "commit", "--quiet", "--allow-empty", "--no-gpg-sign", "--message", version)
            for tag in tags:
                git(folder, "tag", "--force", *(["--annotate", "--message", tag] if tag == version else []), tag)
        return {version: git(folder, "rev-parse", f"{version}^{{commit}}") for version, _ in versions}

    return make


@pytest.fixture
def pin(tmp_path):
    workflow, rules = tmp_path / "one.yml", tmp_path / "zizmor.yml"
    workflow.write_text(WORKFLOW)
    rules.write_text(RULES)

    def carry_out():
        instead = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{(tmp_path / 'github').as_uri()}/.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/",
        }
        command = [sys.executable, SCRIPT, rules, workflow]
        done = subprocess.run(
            command, env=os.environ | instead, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
        return done.returncode, done.stderr, workflow.read_text(), rules.read_text()

    return carry_out


def test_each_tag_becomes_its_commit_with_the_most_exact_tag_as_a_comment(github, pin):
    commits = github("actions/checkout", ("v7.0.0", ["v7.0.0", "v7"]), ("v7.1.0", ["v7.1.0", "v7"]))

    code, said, workflow, rules = pin()

    assert (code, said) == (0, "")
    assert f"      - uses: actions/checkout@{commits['v7.1.0']} # v7.1.0\n" in workflow
    assert f"        uses: actions/checkout/sub/folder@{commits['v7.0.0']} # v7.0.0\n" in workflow
    assert workflow.endswith(OTHER)
    assert rules == RULES.replace("ref-pin", "hash-pin")
    assert pin() == (0, "", workflow, rules)


def test_a_branch_is_no_tag(github, pin, tmp_path):
    github("actions/checkout", ("v7", ["v7"]))
    (tmp_path / "one.yml").write_text("      - uses: actions/checkout@main\n")

    assert pin()[:2] == (1, "Nothing was changed: actions/checkout has no tag main\n")


@pytest.mark.parametrize("tags", [None, ["v8"]])
def test_nothing_is_changed_if_a_commit_cannot_be_looked_up(github, pin, tags):
    if tags:
        github("actions/checkout", ("v8", tags))

    code, said, workflow, rules = pin()

    assert (code, workflow, rules) == (1, WORKFLOW, RULES)
    assert said.startswith("Nothing was changed: ")
    assert len(said.splitlines()) == 1
    assert ("actions/checkout has no tag v7" if tags else "git cannot read https://github.com/actions/checkout") in said
