"""Starts commands as processes of their own, again and again, and kills them if that is wanted."""

import os
import signal
import threading
from contextlib import contextmanager, suppress

from tests.fakes.fork_server import fork
from tests.fakes.patience import PATIENCE_SECONDS

KILLED = -signal.SIGKILL


class Starter:
    """Runs commands in a folder with settings of its own."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = {**os.environ, **environment}

    def run(self, *arguments, kill_after=None, on_start=lambda _pid: None, **more):
        """Return the exit code of a command that may be killed after seconds, or at the nth change of a file.

        `on_start` is handed the number of the process once it runs.
        """
        with (self.folder / "output.log").open("a") as output:
            files = {"stdout": output, "stderr": output}
            process = fork(arguments, folder=self.folder, environment=self.environment, **files, **more)
        on_start(process.pid)
        with killed_after(process.pid, kill_after):
            return process.wait(PATIENCE_SECONDS)

    def every_kill(self, *arguments, step=1, **more):
        """Run a command, killed at its first change of a file, then at later ones, until it ends by itself."""
        number = 1
        while self.run(*arguments, kill_at=number, **more) == KILLED:
            yield number
            number += step

    @property
    def output(self):
        return (self.folder / "output.log").read_text()


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
