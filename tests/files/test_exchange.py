import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from list_sync.errors import FolderInUse, StorageError
from list_sync.files.exchange import READY, UNFINISHED, exchanging, is_unsettled, settle
from tests.fakes.fork_server import REPOSITORY
from tests.fakes.starter import Starter
from tests.files.exchanging import NEW, OLD, lay_out

PUT = "tests.files.exchanging:put"
OPEN = "tests.files.exchanging:open_folder"
HOLDING = """
import sys
import tempfile
from pathlib import Path
from list_sync.files.exchange import exchanging
with exchanging(Path(sys.argv[1])) as exchange:
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path):
    lay_out(tmp_path / "data", OLD)
    return tmp_path / "data"


@pytest.fixture
def starter(tmp_path):
    return Starter(tmp_path, {})


def content(folder):
    return {path.name: path.read_text() if path.is_file() else content(path) for path in folder.iterdir()}


def exchange(folder, aside="before", files=NEW):
    with exchanging(folder) as prepared:
        lay_out(prepared.new, files)
        return prepared.commit(outgoing=["config.enc", ".config_key"], aside=aside)


def test_all_files_are_exchanged_and_the_former_ones_kept(folder):
    assert exchange(folder) == folder / "before"

    assert content(folder) == {**NEW, "before": OLD}
    assert (folder / "before").stat().st_mode & 0o777 == 0o700


def test_where_nothing_was_there_is_nothing_to_keep(tmp_path):
    assert exchange(tmp_path) is None
    assert content(tmp_path) == NEW


def test_files_that_are_not_exchanged_stay(folder):
    exchange(folder, files={"list_sync.db": "new"})
    (folder / "other").write_text("mine")
    with exchanging(folder) as prepared:
        lay_out(prepared.new, {"list_sync.db": "newer"})
        prepared.commit(outgoing=[], aside="before")

    assert content(folder)["other"] == "mine"
    assert content(folder)["before-2"] == {"list_sync.db": "new"}, "a folder that is there is not written into"


def test_an_exchange_that_is_not_committed_changes_nothing(folder):
    with exchanging(folder) as prepared:
        lay_out(prepared.new, NEW)

    assert content(folder) == OLD


def test_an_error_on_the_way_leaves_everything_as_it_was(folder):
    with pytest.raises(FileNotFoundError):
        exchange(folder, aside="missing/before")

    assert content(folder) == OLD


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file that somebody else cannot move")
def test_an_error_in_the_folder_of_new_files_names_the_folder_that_people_have(folder):
    with pytest.raises(StorageError, match="nothing was changed") as caught, exchanging(folder) as exchange:
        raise StorageError(f"{exchange.new / 'list_sync.db'} cannot grow: free some space in {exchange.new}")

    text = f"{folder / 'list_sync.db'} cannot grow: free some space in {folder}; nothing was changed"
    assert str(caught.value) == text


def test_a_file_that_cannot_be_moved_leaves_everything_as_it_was(tmp_path):
    # As good as a file that is mounted into the folder by itself.
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o1777)
        lay_out(Path(place), OLD)
        os.chown(Path(place) / "list_sync.db", 65534, 65534)
        os.seteuid(65534)
        try:
            with pytest.raises(PermissionError, match=r"config\.enc"):
                exchange(Path(place))
        finally:
            os.seteuid(0)

        assert content(Path(place)) == OLD


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a moment")
def test_an_exchange_that_breaks_off_between_two_new_files_is_not_said_to_have_changed_nothing():
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o777)
        os.seteuid(65534)
        try:
            with exchanging(folder) as prepared:
                (prepared.new / "first").write_text("new")
                # Whoever moves a folder elsewhere has to be able to write it (rename(2)).
                (prepared.new / "second").mkdir(mode=0o555)
                with pytest.raises(StorageError, match="cut off and cannot be completed"):
                    prepared.commit(outgoing=(), aside="before")
        finally:
            os.seteuid(0)
        assert is_unsettled(folder)
        (folder / READY / "new" / "second").chmod(0o755)
        settle(folder)

        assert sorted(path.name for path in folder.iterdir()) == ["first", "second"]


def test_two_cannot_prepare_an_exchange_at_the_same_time(folder):
    with exchanging(folder), pytest.raises(FolderInUse, match=r"restore\.unfinished"), exchanging(folder):
        raise AssertionError
    assert content(folder) == OLD


def test_what_a_living_process_prepares_is_left_alone(folder):
    command = [sys.executable, "-c", HOLDING, str(folder)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        settle(folder)
        assert (folder / UNFINISHED).is_dir()
        other.kill()
        other.communicate()
    settle(folder)

    assert content(folder) == OLD


@pytest.mark.parametrize("plan", [None, "", "{}", "[]"])
def test_an_exchange_that_cannot_be_completed_is_no_reason_to_go_on_with_half_of_it(folder, plan):
    (folder / READY).mkdir()
    if plan is not None:
        (folder / READY / "plan.json").write_text(plan)

    with pytest.raises(StorageError, match=r"a restore was cut off and cannot be completed"):
        settle(folder)
    assert is_unsettled(folder)


def test_every_kill_leaves_all_old_or_all_new_files_to_whoever_opens_the_folder_next(folder, starter):
    states = []
    for _ in starter.every_kill(str(folder), call=PUT):
        files = content(folder)
        counts = (folder / READY).exists() or files.get("list_sync.db") == "new"
        settle(folder)
        states.append(counts)
        assert content(folder) == ({**NEW, "before": OLD} if counts else OLD)
        reset(folder)

    assert content(folder) == {**NEW, "before": OLD}, starter.output
    assert states == sorted(states), "once it counts it counts"
    assert states.count(False) >= 5
    assert states.count(True) >= 10


def test_every_kill_of_those_who_complete_it_leaves_it_to_the_next_one(folder, starter):
    kills = [
        number for number in starter.every_kill(str(folder), call=PUT) if (folder / READY).exists() or reset(folder)
    ]
    reset(folder)
    for number in kills[::3]:
        starter.run(str(folder), call=PUT, kill_at=number)
        for _ in starter.every_kill(str(folder), call=OPEN):
            assert content(folder) != OLD
        assert content(folder) == {**NEW, "before": OLD}
        reset(folder)


def reset(folder):
    shutil.rmtree(folder)
    lay_out(folder, OLD)


def test_the_log_of_a_database_never_lies_beside_another_database(folder, starter):
    for _ in starter.every_kill(str(folder), call=PUT):
        found = content(folder)
        assert not (found.get("list_sync.db") == "new" and "list_sync.db-wal" in found)
        reset(folder)


def test_a_script_that_made_an_empty_database_meanwhile_loses_nothing(folder, starter):
    for _ in starter.every_kill(str(folder), call=PUT):
        if (folder / READY).exists() and not (folder / "list_sync.db").exists():
            break
        reset(folder)
    (folder / "list_sync.db").write_text("")
    settle(folder)

    assert content(folder) == {**NEW, "before": {**OLD, "list_sync.db-2": ""}}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_restores_belongs_to_whom_the_folder_belongs(folder):
    os.chown(folder, 4242, 4242)
    exchange(folder)

    assert {Path(folder / name).stat().st_uid for name in NEW} == {4242}
