"""Starts commands as processes of their own, again and again, quickly, and kills them if that is wanted."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.fakes.patience import PATIENCE_SECONDS

REPOSITORY = Path(__file__).parents[2]
KILLED = -signal.SIGKILL


class Starter:
    """Runs commands in a folder with settings of its own."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.process = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "tests" / "fakes" / "quick_start.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def run(self, *arguments, kill_after=None, on_start=lambda _pid: None, **more):
        """Return the exit code of a command that may be killed after seconds, or at the nth change of a file.

        `on_start` is handed the number of the process once it runs.
        """
        order = {"folder": str(self.folder), "environment": self.environment, "arguments": arguments, **more}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        on_start(pid)
        with killed_after(pid, kill_after):
            answered, code = map(int, self.process.stdout.readline().split())
        assert answered == pid
        return code

    def every_kill(self, *arguments, step=1, **more):
        """Run a command, killed at its first change of a file, then at later ones, until it ends by itself."""
        number = 1
        while self.run(*arguments, kill_at=number, **more) == KILLED:
            yield number
            number += step

    @property
    def output(self):
        return (self.folder / "output.log").read_text()

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE_SECONDS)
        self.process.stdout.close()


@contextmanager
def killed_after(pid, seconds):
    """Kill a process a while from now, unless it ends before that."""
    if seconds is None:
        yield
        return
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        yield
        return
    timer = threading.Timer(seconds, kill, [process])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        os.close(process)


def kill(process):
    # By a descriptor, as the number may be another process's by now.
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, signal.SIGKILL)


@contextmanager
def starting(folder, **environment):
    starter = Starter(folder, environment)
    try:
        yield starter
    finally:
        starter.close()
