"""A folder of its own, without any setting, in which a command is carried out as from the command line."""

import logging
import os
import re
import sys
from dataclasses import dataclass

import pytest

from list_sync import providers
from list_sync.cli import main
from list_sync.config import Settings
from list_sync.database.store import open_store
from list_sync.log import find_logs

OUR_SETTINGS = re.compile(
    r"(OVERSEERR|SYNC|MAX|HTTP_TIMEOUT|RETRY|CACHE|DRY|DATA|CONFIG|LOG|TZ|AUTO|TRAKT|MDBLIST|TMDB)(_|$)|.*_LISTS$"
)


@dataclass
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()


@pytest.fixture(autouse=True)
def only_our_providers(providers_as_they_were):
    """Providers that other tests' modules made would take pasted addresses as well."""
    for name, provider in list(providers._registry.items()):
        if not provider.routes[0].fetch.__module__.startswith("list_sync."):
            del providers._registry[name]


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in list(os.environ):
        if OUR_SETTINGS.match(name):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    levels = {name: logging.getLogger(name).level for name in ("", "list_sync")}
    yield tmp_path
    for log in find_logs():
        logging.getLogger().removeHandler(log)
    for name, level in levels.items():
        logging.getLogger(name or None).setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture
def cli(home, capsys):
    def carry_out(*arguments):
        capsys.readouterr()
        code = main(list(arguments))
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return carry_out


@pytest.fixture
def store(home):
    (home / "data").mkdir()
    with open_store(home / Settings().process.data_dir / "list_sync.db") as opened:
        yield opened
