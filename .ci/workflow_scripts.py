"""Checks the shell scripts in workflows: with shellcheck, and that none holds an expression of the workflow.

python .ci/workflow_scripts.py FILE...
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

# GitHub puts the value into the script, which then runs it: https://docs.github.com/actions/concepts/security/script-injections
EXPRESSION = "${{"


@dataclass(frozen=True, slots=True)
class Script:
    """A script of a step, and the line of the file at which it begins."""

    file: Path
    line: int
    text: str


def main(names: list[str]) -> int:
    """Print what is wrong with the scripts of some files; return 1 if that is anything."""
    faults = [fault for name in names for script in read_scripts(Path(name)) for fault in find_faults(script)]
    for fault in faults:
        print(fault)
    return int(bool(faults) or not names)


def read_scripts(file: Path) -> Iterator[Script]:
    """Yield each value of a key `run` that is a text."""
    yield from _walk(file, yaml.compose(file.read_text(encoding="utf-8")))


def _walk(file: Path, node: yaml.Node | None) -> Iterator[Script]:
    if isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield from _walk(file, entry)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "run" and isinstance(value, yaml.ScalarNode):
                # The text of a block begins in the line after its sign.
                yield Script(file, value.start_mark.line + (2 if value.style in ("|", ">") else 1), value.value)
            else:
                yield from _walk(file, value)


def find_faults(script: Script) -> Iterator[str]:
    """Yield what is wrong with a script, with the line of the file."""
    if EXPRESSION in script.text:
        line = script.line + script.text[: script.text.index(EXPRESSION)].count("\n")
        yield f"{script.file}:{line}: pass {EXPRESSION} … }}}} by `env:`, and use the variable here"
        return
    command = [Path(sys.executable).with_name("shellcheck"), "--shell=bash", "--format=json", "-"]
    # As GitHub starts it with `shell: bash`.
    text = f"set -eo pipefail; {script.text}"
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    for found in json.loads(done.stdout):
        yield f"{script.file}:{script.line + found['line'] - 1}: SC{found['code']}: {found['message']}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
