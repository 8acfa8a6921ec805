"""The folder of further households: which files are in it, and what is said if it is closed."""

import os
import tempfile
from pathlib import Path

import pytest

from list_sync.config.household_files import describe_closed, find_files


@pytest.fixture
def folder():
    """Give a folder that users without rights can enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        (Path(name) / "households").mkdir()
        (Path(name) / "households" / "large.yaml").touch()
        yield Path(name)


@pytest.mark.parametrize("closed", ["", "households"])
def test_a_closed_folder_is_told_from_one_without_files(folder, closed):
    (folder / closed).chmod(0)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        said, user = describe_closed(folder), os.geteuid()
    finally:
        if is_root:
            os.seteuid(0)
        (folder / closed).chmod(0o755)

    assert said == f"{folder}/households cannot be read: let user {user} read it"
    assert (describe_closed(folder), list(find_files(folder))) == ("", ["large"])
    assert describe_closed(folder / "elsewhere") == ""
