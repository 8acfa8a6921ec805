"""A folder with settings in which the program runs as processes of its own, each ended at the latest with the test."""

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fakes.fork_server import fork
from tests.fakes.patience import PATIENCE_SECONDS, wait_until

__all__ = ["MATRIX", "REPOSITORY", "House", "Running", "wait_until"]

REPOSITORY = Path(__file__).parents[2]
MATRIX = {"title": "The Matrix", "year": 1999, "media_type": "movie", "tmdb_id": 603}
# Of a SYNC_INTERVAL below the shortest that people may set.
EVERY_SECOND = "0.0003"
EVERY_TWO_SECONDS = "0.0006"
QUICK_INTERVAL = REPOSITORY / "tests" / "fakes" / "quick_interval"
WORDS = re.compile("Sync completed|Error|Running")
OURS = ("-m", "list_sync")


class House:
    """One data folder, its settings, and the processes that were started there."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.data = folder / "data"
        self.settings = settings
        self.processes = []

    def environment(self, settings):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        # Daemons side by side would want the same port.
        ours = {"WEB_ENABLED": "false", **self.settings, **settings}
        is_quick = ours.get("SYNC_INTERVAL") in (EVERY_SECOND, EVERY_TWO_SECONDS)
        path = f"{QUICK_INTERVAL}{os.pathsep}{REPOSITORY}" if is_quick else str(REPOSITORY)
        # A process that may only write small files would leave cut-off bytecode, which no later process can load.
        python = {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        return {**kept, **python, **ours}

    def write_list(self, *entries, name="films.json"):
        (self.data / "drop").mkdir(parents=True, exist_ok=True)
        (self.data / "drop" / name).write_text(json.dumps(entries))

    def run(self, *arguments, program=OURS, text="", **settings):
        """Run a command to its end, with a text on its stdin."""
        command = [sys.executable, *program, *arguments]
        environment = self.environment(settings)
        with contextlib.ExitStack() as files:
            stdin, stdout, stderr = (files.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3))
            stdin.write(text)
            stdin.seek(0)
            process = launch(command, self.folder, environment, stdout, stderr, stdin)
            code = process.wait(PATIENCE_SECONDS)
            texts = [os.pread(file.fileno(), 1 << 26, 0).decode() for file in (stdout, stderr)]
        return subprocess.CompletedProcess(command, code, *texts)

    def start(self, *arguments, program=OURS, **settings):
        """Start a process, which writes what it prints into a file of its own."""
        process = Running(self.folder / f"output-{len(self.processes) + 1}")
        process.start([sys.executable, *program, *arguments], self.folder, self.environment(settings))
        self.processes.append(process)
        return process

    def start_daemon(self, *, synced=True, **settings):
        """Start a daemon and wait for its first sync to end well, or only to begin."""
        daemon = self.start(**settings)
        daemon.wait_for("Sync completed" if synced else "sync started")
        return daemon

    def query(self, statement):
        with contextlib.closing(sqlite3.connect(self.data / "list_sync.db")) as connection:
            return connection.execute(statement).fetchall()

    def leftovers(self):
        """Return the names of what SQLite leaves beside a database that was not closed."""
        return sorted(path.name for path in self.data.glob("*.db-*"))

    def delete_database(self):
        """Delete the database; a process at work may take away its own files at the same moment."""
        for path in self.data.glob("list_sync.db*"):
            path.unlink(missing_ok=True)

    def end(self):
        for process in self.processes:
            process.kill()


def launch(command, folder, environment, stdout, stderr, stdin=None):
    """Start a process; the program itself comes from the server of processes, which spares it the imports."""
    if command[1:3] == list(OURS):
        files = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
        return fork(command[3:], folder=folder, environment=environment, **files)
    return subprocess.Popen(command, cwd=folder, env=environment, stdin=stdin, stdout=stdout, stderr=stderr)


class Running:
    """One process and its output."""

    def __init__(self, output):
        self.path = output
        self.process = None

    def start(self, command, folder, environment):
        with self.path.open("w") as output:
            self.process = launch(command, folder, environment, output, output)

    @property
    def output(self):
        return self.path.read_text()

    def wait_for(self, text, *, times=1):
        def is_there():
            assert self.process.poll() is None or self.output.count(text) >= times, self.output
            return self.output.count(text) >= times

        wait_until(is_there, f"{text!r} in the log")

    def closing_lines(self):
        """Return how many runs were closed; the repeated closing lines hold the same time and are not counted."""
        return len(set(re.findall(r"^.*(?:INFO Sync completed|ERROR Error).*$", self.output, re.MULTILINE)))

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, number):
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def state_word(self):
        """Return what the guide's Home Assistant sensor sees: whole lines, as docker shows them.

        At the end of a file there may be a part of a line, because the kernel writes page by page.
        """
        whole_lines = self.output.rpartition("\n")[0] + "\n"
        command = r'tail -n 1 | grep -o "Sync completed\|Error\|Running"'
        return subprocess.run(["sh", "-c", command], input=whole_lines, capture_output=True, text=True).stdout

    def rss_megabytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
