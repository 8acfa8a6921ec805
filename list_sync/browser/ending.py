"""The beginning and the end of a worker process: it ends with the main process, and leaves nothing behind."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from list_sync.browser.folder import clear
from list_sync.browser.processes import find_descendants, kill

_PR_SET_CHILD_SUBREAPER = 36
_ENDING_SECONDS = 2.0
_MAIN_THREAD_SECONDS = 1.0


class Answers:
    """The way to the main process; threads take turns."""

    def __init__(self, descriptor: int) -> None:
        self._connection = Connection(descriptor, readable=False)
        self._lock = threading.Lock()

    def send(self, content: bytes) -> None:
        """Send one answer; if the main process has ended, wait until another thread ends this process."""
        try:
            with self._lock:
                self._connection.send_bytes(content)
        except OSError:
            threading.Event().wait()


def become_worker(folder: Path) -> Answers:
    """Make this process a worker that ends with SIGTERM, and return the way of its answers.

    It adopts orphaned descendants, because a container may have no init process. What it prints goes to standard
    error, because SeleniumBase writes to standard output.
    """
    signal.signal(signal.SIGTERM, lambda *_: end_worker(folder))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    answers = os.dup(1)
    os.dup2(2, 1)
    return Answers(answers)


def end_with_parent(folder: Path) -> None:
    """End the worker, by a thread, when standard input ends: then the main process has ended."""

    def wait() -> None:
        sys.stdin.buffer.read()
        end_from_thread(folder)

    threading.Thread(target=wait, daemon=True).start()


def end_from_thread(folder: Path) -> NoReturn:
    """End the worker in its main thread, which then starts nothing more; if it hears no signal, end it here."""
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(_MAIN_THREAD_SECONDS)
    end_worker(folder)


def end_worker(folder: Path) -> NoReturn:
    """Kill all descendants, wait for them, remove the folder, and exit.

    A browser that ends normally stores its profile first. That is not needed, as the folder is removed.
    """
    deadline = time.monotonic() + _ENDING_SECONDS
    is_alone = False
    while not is_alone and time.monotonic() < deadline:
        kill(find_descendants(os.getpid()))
        is_alone = _reap_children()
    clear(folder)
    os._exit(0)


def _reap_children() -> bool:
    """Collect the children that have ended; return whether no other is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    threading.Event().wait(0.01)
    return False
