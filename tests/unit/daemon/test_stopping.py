"""SIGHUP of a daemon, in a small process of its own."""

import os
import pty
import signal
import subprocess
import sys

from tests.fakes.patience import PATIENCE_SECONDS

PROGRAM = """
from list_sync.daemon.stopping import stopped_by_signals

with stopped_by_signals(exit_code=0) as stopping:
    stopping.take_hangups()
    stopping.on_hangup = lambda: print("hangup", flush=True)
    print("ready", flush=True)
    stopping.event.wait()
    print("stopped", flush=True)
"""


def test_a_hangup_is_a_request_until_the_terminal_is_closed_and_then_a_stop():
    terminal, stdin = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=stdin, stdout=subprocess.PIPE, text=True)
    os.close(stdin)
    try:
        assert process.stdout.readline() == "ready\n"
        for _ in range(2):
            process.send_signal(signal.SIGHUP)
            assert process.stdout.readline() == "hangup\n"

        os.close(terminal)
        process.send_signal(signal.SIGHUP)

        assert process.stdout.readline() == "stopped\n"
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
