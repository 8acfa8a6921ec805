"""A list that ends the process twice in a row is left alone for a day, and the others are read."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from list_sync.database.store import open_store
from list_sync.fetching.interrupted import PAUSE
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchState
from list_sync.storage.list_memory import ListMemory
from tests.fakes import deadly_lists
from tests.fakes.deadly_lists import read
from tests.fakes.patience import PATIENCE_SECONDS

LISTS = ("first", "deadly", "last")


def end_uncleanly(folder: Path, *names: str) -> None:
    """Read lists in a process that one of them ends."""
    environment = {**os.environ, "PARENT_OF_DEADLY_LISTS": str(os.getpid())}
    command = [sys.executable, "-m", "tests.fakes.deadly_lists", str(folder), *names]
    assert subprocess.run(command, env=environment, timeout=PATIENCE_SECONDS, check=False).returncode == -9


def rows(folder: Path) -> dict[str, int]:
    with open_store(folder / "memory.db") as store:
        return {key.list_id: one.unclean_ends for key, one in ListMemory(store, HOME).load_readings().items()}


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    """Return a folder in which one list ended the process twice."""
    end_uncleanly(tmp_path, *LISTS)
    end_uncleanly(tmp_path, *LISTS)
    return tmp_path


def test_the_list_that_ended_two_processes_fails_by_name_and_the_others_are_read(twice: Path):
    results = read(twice, *LISTS)

    assert {name: result.state for name, result in results.items()} == {
        "first": FetchState.COMPLETE,
        "deadly": FetchState.FAILED,
        "last": FetchState.COMPLETE,
    }
    reason = results["deadly"].reason or ""
    assert reason.startswith("ListSync ended 2 times while it was being read")
    assert "left alone until" in reason
    assert reason.endswith("(MORTAL_LISTS)")
    assert rows(twice) == {"deadly": 2}


def test_it_is_read_again_after_a_day(twice: Path):
    assert read(twice, *LISTS, later=PAUSE - timedelta(minutes=5))["deadly"].state is FetchState.FAILED

    assert read(twice, *LISTS, later=PAUSE)["deadly"].state is FetchState.COMPLETE
    assert rows(twice) == {}


def test_it_is_read_again_when_its_setting_or_its_file_changes(twice: Path):
    assert read(twice, "deadly")["deadly"].state is FetchState.FAILED
    assert read(twice, "deadly", url="http://127.0.0.1:1")["deadly"].state is FetchState.COMPLETE

    end_uncleanly(twice, "deadly")
    end_uncleanly(twice, "deadly")
    # The copy of the last good reading stands in.
    assert read(twice, "deadly")["deadly"].state is FetchState.STALE
    (twice / "drop").mkdir()
    (twice / "drop" / "deadly").write_text("Heat (1995)")
    assert read(twice, "deadly")["deadly"].state is FetchState.COMPLETE


def test_after_one_unclean_end_each_list_of_it_is_read_alone_after_the_others(tmp_path: Path):
    end_uncleanly(tmp_path, "deadly", "first")

    results = read(tmp_path, "deadly", "new", "first")

    assert {result.state for result in results.values()} == {FetchState.COMPLETE}
    assert deadly_lists.asked == ["new", "deadly", "first"]
    assert rows(tmp_path) == {}


def test_an_orderly_end_leaves_no_row(tmp_path: Path):
    read(tmp_path, *LISTS)

    assert rows(tmp_path) == {}
