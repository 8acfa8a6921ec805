"""Pins the actions of workflows: replaces each tag by its commit, and keeps the tag as a comment.

    python .ci/pin_actions.py SETTINGS_OF_ZIZMOR FILE...

A tag can be moved to other code, a commit cannot. The commits are asked of github.com with git. If one is missing,
nothing is changed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

USES = re.compile(r"(uses: +)[\"']?([\w.-]+/[\w.-]+)((?:/[\w.-]+)*)@([\w./-]+)[\"']?(?: +#.*)?$", re.MULTILINE)
PINNED = re.compile(r"[0-9a-f]{40}")


class CannotPin(Exception):
    """Why nothing was changed."""


def main(settings: str, *names: str) -> int:
    """Pin what is not pinned yet, and have zizmor insist on that from then on; return 1 if a commit cannot be asked."""
    texts = {Path(name): Path(name).read_text(encoding="utf-8") for name in names}
    try:
        pinned = {path: USES.sub(_pin, text) for path, text in texts.items()}
    except CannotPin as error:
        print(f"Nothing was changed: {error}", file=sys.stderr)
        return 1
    for path, text in pinned.items():
        if text != texts[path]:
            path.write_text(text, encoding="utf-8")
            print(f"{path}: pinned")
    rules = Path(settings)
    rules.write_text(rules.read_text(encoding="utf-8").replace('"*": ref-pin', '"*": hash-pin'), encoding="utf-8")
    return 0


def _pin(found: re.Match[str]) -> str:
    uses, repository, folder, tag = found.groups()
    if PINNED.fullmatch(tag):
        return found[0]
    commits = fetch_tags(repository)
    if tag not in commits:
        raise CannotPin(f"{repository} has no tag {tag}")
    # The longest name says most, as v7.1.0 does beside v7.
    exact = max((name for name in commits if commits[name] == commits[tag] and name.startswith(tag)), key=len)
    return f"{uses}{repository}{folder}@{commits[tag]} # {exact}"


@cache
def fetch_tags(repository: str) -> Mapping[str, str]:
    """Return the commits of the tags of a repository; raise CannotPin if git cannot read it."""
    address = f"https://github.com/{repository}"
    command = ["git", "ls-remote", "--tags", address]
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        raise CannotPin(f"{address} does not answer") from None
    if done.returncode:
        raise CannotPin(f"git cannot read {address}: {' '.join(done.stderr.split())}")
    lines = (line.split("\t") for line in done.stdout.splitlines())
    commits = {name.removeprefix("refs/tags/"): commit for commit, name in lines}
    # A tag with a message is an object of its own; git states its commit as NAME^{}.
    return {name: commits.get(f"{name}^{{}}", commit) for name, commit in commits.items() if not name.endswith("^{}")}


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
