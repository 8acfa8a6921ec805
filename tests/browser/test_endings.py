import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from list_sync.browser.folder import make_browser_folder
from list_sync.demo.server.demo_server import DemoServer
from tests.browser.sightings import command_line, folders, processes_at_work_in
from tests.fakes.patience import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def temporary(short_folder):
    folder = short_folder / "tmp"
    folder.mkdir()
    return folder


@pytest.fixture
def state(short_folder):
    folder = short_folder / "state"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(browser_installed, temporary):
    kept = {name: text for name, text in os.environ.items() if name in ("PATH", "LANG")}
    return {**kept, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT), "HOME": str(temporary)}


def begin(environment, *arguments):
    return subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def start_the_next_browser(temporary):
    """Make and remove the folder of a browser: on a busy machine, this clears away what its predecessor left."""
    for folder in folders(temporary):
        os.utime(folder, (0, 0))
    make_browser_folder([temporary]).remove()


def test_three_pages_leave_no_process_no_file_and_next_to_no_memory(environment, temporary, state, site, capsys):
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.three_pages", f"{site.url}/scripted", str(state)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    said = json.loads(done.stdout)
    with capsys.disabled():
        sys.stdout.write(f"\n{said['processes during']} processes, then none; grew by {said['grown kilobytes']} kB\n")

    assert said["pages"] == 3
    assert said["processes during"] > 5
    # Not by what is new in the system's temporary folder, which other browsers use at the same time.
    assert {Path(place).parent.parent for place in said["temporary folders"]} == {temporary}
    assert said["processes after"] == 0
    assert said["left in folders"] == []
    assert said["imported"] == []
    assert said["grown kilobytes"] < 20 * 1024
    assert processes_at_work_in(temporary) == []


def test_a_killed_process_takes_its_browser_along(environment, temporary, state, site):
    process = begin(environment, "-m", "tests.browser.three_pages", f"{site.url}/scripted", str(state), "--stay")
    with process:
        process.stdout.readline()
        wait_until(lambda: len(processes_at_work_in(temporary)) > 5)
        process.kill()

    wait_until(lambda: processes_at_work_in(temporary) == [])
    start_the_next_browser(temporary)
    assert folders(temporary) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sync_that_is_stopped_while_a_page_comes_ends_in_time_and_leaves_nothing(
    environment, temporary, state, site, number
):
    with DemoServer() as server:
        settings = {
            "OVERSEERR_URL": server.url,
            "OVERSEERR_API_KEY": server.api_key,
            "DATA_DIR": str(state),
            "IMDB_LISTS": "ls000000001",
            "IMDB_BASE_URL": f"{site.url}/never",
            "HTTP_TIMEOUT": "0.2",
            "RETRY_ATTEMPTS": "1",
        }
        with begin({**environment, **settings}, "-m", "list_sync", "sync") as process:
            wait_until(lambda: any("/chromium" in line for line in map(command_line, processes_at_work_in(temporary))))
            process.send_signal(number)
            process.wait(PATIENCE_SECONDS)
            output = process.stdout.read()

    assert process.returncode == 128 + number, output
    wait_until(lambda: processes_at_work_in(temporary) == [])
    start_the_next_browser(temporary)
    assert folders(temporary) == []
    assert folders(state) == []
