"""An import that is killed at any moment leaves everything whole, and the same command does the rest."""

import os
import shutil
import sys
import threading
from pathlib import Path

import pytest

from list_sync.cli import main
from tests.fakes.former_program import FormerFolder
from tests.unit.commands.conftest import cli, home, only_our_providers  # noqa: F401
from tests.unit.commands.test_import import FILM, ask_as_a_person, end_state, journal

KILLED = 9
MOMENTS = 8


def build(folder, server):
    former = FormerFolder(folder).add_settings(overseerr_url=server.url, overseerr_api_key=server.api_key)
    for number in range(1, 20):
        former.add_title(f"Film {number}", FILM + number, "requested", source_list_type="imdb", source_list_id="top")
    former.add_list("imdb", "top", "3").add_run("a")
    return former.photograph()


def count_calls(arguments, die_at=None):
    """Run a command in a child that dies after so many calls of functions of ours; return the calls, or -1."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with os.fdopen(reader) as pipe:
            text = pipe.read()
        assert status in (0, KILLED)
        return int(text) if status == 0 else -1
    calls = 0

    def watch(frame, event, _):
        nonlocal calls
        if event in ("call", "c_call") and "/list_sync/" in frame.f_code.co_filename:
            calls += 1
            if calls == die_at:
                os._exit(KILLED)

    try:
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
        threading.setprofile(watch)
        sys.setprofile(watch)
        code = main(arguments)
        sys.setprofile(None)
        os.write(writer, str(calls).encode())
        os._exit(code)
    finally:
        os._exit(1)


@pytest.mark.parametrize("place", ["old", "data"])
def test_an_import_that_is_killed_is_completed_by_the_next_one(cli, home, demo, place):  # noqa: F811
    for number in range(1, 12):
        ask_as_a_person(demo, FILM + number)
    arguments = ["import", *(["old"] if place == "old" else [])]
    before = build(home / "template", demo)

    def begin():
        for name in ("old", "data", "config"):
            shutil.rmtree(home / name, ignore_errors=True)
        shutil.copytree(home / "template", home / place)

    begin()
    total = count_calls(arguments)
    whole = end_state(home)
    assert len(journal()) == 19
    for moment in range(1, MOMENTS + 1):
        begin()
        assert count_calls(arguments, die_at=total * moment // (MOMENTS + 1)) == -1

        kept = next(one for one in (home / "old", home / "data" / "listsync-0.6", home / "data") if one.is_dir())
        assert (kept / "list_sync.db").read_bytes() == before["list_sync.db"][0]
        assert cli(*arguments).code == 0
        assert end_state(home) == whole
