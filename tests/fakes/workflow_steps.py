"""Steps of workflows, carried out as GitHub does, with other programs in the place of those that reach the network."""

import os
import subprocess
from pathlib import Path

import yaml

from tests.fakes.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
RECORDER = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
"""


def script_of(workflow, job, name):
    """Return the script of the step with this name."""
    (step,) = [step for step in yaml.safe_load(workflow.read_text())["jobs"][job]["steps"] if step.get("name") == name]
    return step["run"]


class Runner:
    """A folder with the programs that steps find first; each call of one is recorded."""

    def __init__(self, folder):
        self.programs = folder / "programs"
        self.work = folder / "work"
        self.summary = folder / "summary.md"
        self.output = folder / "output"
        for place in (self.programs, self.work):
            place.mkdir()

    def add_program(self, name, script="", *, recorder=RECORDER):
        """Put a program on the path; `script` is what it does after its call was recorded."""
        path = self.programs / name
        path.write_text(recorder + script)
        path.chmod(0o755)

    def run(self, script, *, code=0, **environment):
        """Run a script as GitHub does, require its exit code, and return what it printed."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.work,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(("GIT", "GH_"))},
                "PATH": f"{self.programs}:{os.environ['PATH']}",
                "CALLS": str(self.programs.parent / "calls"),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "GITHUB_OUTPUT": str(self.output),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    @property
    def calls(self):
        """Return the calls of the programs, in their order."""
        path = self.programs.parent / "calls"
        return path.read_text().splitlines() if path.exists() else []
