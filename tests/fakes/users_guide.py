"""The snippets of the users' guide about integrations, and the smallest stand-ins for the programs that they need.

A stand-in has the names that the snippet uses and nothing else. Beside these, two things are replaced: the folder
`/data` of a container is the data folder of the test, and `listsync:5000` leads to the port of the test.
"""

import json
import re
import sys
import types
from dataclasses import dataclass

import pytest
import urllib3.util.connection

from tests.fakes.house import REPOSITORY

GUIDE = REPOSITORY.parent / "shared" / "guide" / "advanced-usage.md"
SECTIONS = ("Event-Driven Sync", "Integration Examples", "Monitoring and Alerting")
NEEDS_GUIDE = pytest.mark.skipif(not GUIDE.exists(), reason="the users' guide is not beside the repository")


def read_snippets():
    """Return the code blocks of the sections about integrations, by the heading above each."""
    snippets, level, heading, code = {}, 0, "", None
    for line in GUIDE.read_text(encoding="utf-8").splitlines() if GUIDE.exists() else ():
        found = re.match(r"(#+) \W*(.+)", line)
        if line.startswith("```"):
            if code is not None and level:
                snippets[heading] = "\n".join(code)
            code = [] if code is None else None
        elif code is not None:
            code.append(line)
        elif found:
            heading = found[2]
            level = len(found[1]) if heading in SECTIONS else level if len(found[1]) > level else 0
    return snippets


def run_snippet(code, data, **names):
    """Run a snippet of Python as a module that is imported, with some names already there; return its names."""
    code = re.sub(r"(?<=open\(')/data/|(?<=connect\(')/data/", f"{data}/", code)
    names = {"__name__": "snippet", **names}
    exec(compile(code, "snippet", "exec"), names)  # noqa: S102 (of the guide)
    return names


def lead_to(port, monkeypatch):
    """Let connections to listsync:5000 lead to a port of this machine, as in a network of containers."""
    connect = urllib3.util.connection.create_connection

    def connect_here(address, *arguments, **options):
        here = ("127.0.0.1", port) if address == ("listsync", 5000) else address
        return connect(here, *arguments, **options)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect_here)


class Flask:
    """As much of Flask as the snippets use: routes, `request` and `jsonify`."""

    request = types.SimpleNamespace()

    def __init__(self, _name):
        self.routes = {}

    def route(self, path, **_options):
        return lambda function: self.routes.setdefault(path, function)

    def ask(self, path, body=b"", headers=None):
        """Return the status and the body of an answer."""
        vars(self.request).update(data=body, headers=headers or {}, json=json.loads(body) if body else None)
        answer = self.routes[path]()
        text, status = answer if isinstance(answer, tuple) else (answer, 200)
        return status, text


@dataclass
class PlexItem:
    """A title of a watchlist, as the snippet reads it."""

    title: str
    year: int | None
    type: str
    guid: str


class JellyfinClient:
    """A client with the calls of the snippet, of which today's library has none that works so."""

    favorites = ({"Name": "The Matrix", "ProductionYear": 1999, "Type": "Movie", "ProviderIds": {"Tmdb": "603"}},)

    def __init__(self):
        self.config = types.SimpleNamespace(app=lambda *_names: None, data={})
        self.auth = types.SimpleNamespace(connect=lambda _url: None, login=lambda _user, _password: None, user_id="1")
        self.jellyfin = types.SimpleNamespace(user_items=lambda _user, _query: {"Items": list(self.favorites)})


def stand_in(monkeypatch, path, **names):
    """Put a module with these names, and the packages above it, where `import` finds it."""
    parts = path.split(".")
    for end in range(1, len(parts) + 1):
        module = types.ModuleType(".".join(parts[:end]))
        monkeypatch.setitem(sys.modules, module.__name__, module)
    vars(module).update(names)


# What the snippets ask of docker: `docker logs NAME --tail 1`, `docker exec NAME python …`, `docker run … python …`.
DOCKER = """#!/bin/bash
# The same commands without a container; the log is the file OUTPUT.
case "$1" in
  logs) exec tail -n "$4" "$OUTPUT" ;;
  *) while [ "$1" != python ]; do shift; done ;;
esac
shift
exec "$PYTHON" "$@"
"""


def commands_in(folder, **texts):
    """Write commands for a shell into a folder and return it."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder
