import os
import subprocess
import sys

import pytest

from list_sync.config import find_state_folder
from list_sync.errors import ConfigError

ASK = """
import os, sys
from pathlib import Path
from list_sync.config import find_state_folder
from list_sync.errors import ConfigError
if os.getuid() == 0: os.setuid(65534)
try: folder = find_state_folder(Path(sys.argv[1]))
except ConfigError as error: print(error)
else: print(folder.path); print(folder.note)
"""


def ask_without_rights(folder):
    for parent in folder.parents:
        if parent.stat().st_uid == os.getuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(0o711)
    done = subprocess.run([sys.executable, "-c", ASK, str(folder)], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_missing_data_folder_is_made(tmp_path):
    folder = find_state_folder(tmp_path / "a" / "data")

    assert folder.path.is_dir()
    assert folder.note is None
    assert folder.database == tmp_path / "a" / "data" / "list_sync.db"


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "data").write_text("")

    with pytest.raises(ConfigError, match=r"DATA_DIR: .* is a file"):
        find_state_folder(tmp_path / "data")
    with pytest.raises(ConfigError, match=r"DATA_DIR: .* cannot be made"):
        find_state_folder(tmp_path / "data" / "below")


def test_only_a_writable_logs_folder_takes_the_state_and_a_database_beside_it_is_named(tmp_path):
    data = tmp_path / "data"
    (data / "logs").mkdir(parents=True)
    (data / "logs").chmod(0o777)
    (data / "list_sync.db").write_text("")
    data.chmod(0o555)

    path, note = ask_without_rights(data)

    assert path == str(data / "logs")
    assert f"kept in {data / 'logs'}" in note
    assert f"{data / 'list_sync.db'} is not used" in note


def test_a_folder_nobody_lets_us_write_is_refused_with_a_way_out(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o555)

    (problem,) = ask_without_rights(data)

    assert problem.startswith(f"DATA_DIR: {data} cannot be written; ")
    assert "chown" in problem or "read-only" in problem
