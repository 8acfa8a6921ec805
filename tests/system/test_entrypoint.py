"""What the container's entrypoint makes of PUID and PGID; tests/container tries the rest of it in containers."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.fakes.patience import PATIENCE_SECONDS

SCRIPT = Path(__file__).parents[2] / "docker" / "entrypoint.sh"
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="the entrypoint looks at the numbers only as root"),
    pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv"),
]


@pytest.fixture
def open_folder():
    """Give a folder that every user may enter, with the script in it, which becomes another user and begins anew."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        shutil.copy(SCRIPT, folder)
        yield Path(folder)


def enter(folder, script=SCRIPT, **numbers):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder / "data"), **numbers}
    command = [str(script), "id", "-u"]
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


@pytest.mark.parametrize("setting", ["PUID", "PGID"])
@pytest.mark.parametrize("number", ["4294967295", "4294967296", "9" * 20, "-1", "1e3", "joe", "1000:0", "0x0"])
def test_what_is_no_number_of_a_user_or_group_is_refused_and_nothing_is_touched(tmp_path, setting, number):
    done = enter(tmp_path, **{setting: number})

    assert done.returncode == 2
    assert done.stdout.startswith("Error: ListSync cannot start: PUID=")
    assert f"{setting}={number}" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", ["0", "000"])
def test_root_is_refused(tmp_path, number):
    done = enter(tmp_path, PUID=number)

    assert done.returncode == 2
    assert "is root" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", ["", "4242", "4294967294"])
def test_any_other_number_becomes_the_user_and_the_owner_of_the_data(open_folder, number):
    done = enter(open_folder, open_folder / SCRIPT.name, PUID=number)

    assert (done.returncode, done.stdout.strip()) == (0, number or "1000")
    assert (open_folder / "data").stat().st_uid == int(number or "1000")


def test_the_folder_of_settings_is_taken_over_and_what_others_own_in_it_is_left_alone(open_folder):
    config = open_folder / "config"
    (config / "providers").mkdir(parents=True)
    for name, owner in (("lists.yaml", 0), ("providers/mine.py", 4243)):
        (config / name).touch()
        os.chown(config / name, owner, owner)
    done = enter(open_folder, open_folder / SCRIPT.name, PUID="4242", CONFIG_DIR=str(config))

    assert done.returncode == 0
    owners = {path.name: path.stat().st_uid for path in (config, *config.rglob("*"))}
    assert owners == {"config": 4242, "lists.yaml": 4242, "providers": 4242, "mine.py": 4243}


def test_a_folder_of_settings_that_is_missing_is_not_made(open_folder):
    assert enter(open_folder, open_folder / SCRIPT.name).returncode == 0
    assert [path.name for path in open_folder.iterdir() if path.is_dir()] == ["data"]
