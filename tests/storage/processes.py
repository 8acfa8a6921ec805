"""Other processes, for what only they can show: kills, locks and two writers at once."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
OPENING = """
import sys, os, signal, time
from datetime import UTC, datetime
from pathlib import Path
from list_sync.database.store import open_store
path = Path(sys.argv[1])
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
def say(word):
    print(word, flush=True)
def wait():
    sys.stdin.readline()
"""


def start(script, *arguments):
    """Start a Python process that says words on its standard output and waits for lines on its input."""
    command = [sys.executable, "-c", OPENING + script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def hear(process):
    return process.stdout.readline().strip()


def let_go(process):
    """Let a waiting process go on, and wait for its end."""
    process.communicate("\n", timeout=PATIENCE_SECONDS)
    return process.returncode


def kill(process):
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)


@contextmanager
def as_another_user():
    """Act as a user without rights of its own; root may do everything and shows nothing."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
