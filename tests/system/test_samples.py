"""What README shows of the program is what the program prints."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.terminal_picture import PICTURE, build_picture, run_on_a_terminal
from tests.fakes.patience import PATIENCE_SECONDS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Return a folder in which the demo ran once, and what it printed on a terminal."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, run_on_a_terminal("demo", "--once", data_dir=folder)


def test_the_picture_is_that_of_the_demo(demo):
    _, output = demo

    assert build_picture(output) == PICTURE.read_text(encoding="utf-8"), "make picture writes it"
    assert "http" not in re.sub('xmlns="[^"]*"|<!--.*?-->', "", build_picture(output))


def test_the_sample_of_review_is_that_of_the_demo(demo):
    folder, _ = demo
    sample = re.search(r"^```\n(Anna .*?)^```$", README, re.MULTILINE | re.DOTALL)[1]
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder / "demo")}
    command = [sys.executable, "-m", "list_sync", "review"]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )

    assert sample in done.stdout
