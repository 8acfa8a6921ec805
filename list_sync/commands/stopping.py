"""Ctrl-C and SIGTERM: the first asks the work to stop, the second ends the process at once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# What the shell adds to the number of the signal that ended a process.
SIGNAL_EXIT_BASE = 128


class Stopping:
    """The stop event of a command, and the signal that set it, if one did."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.signal: int | None = None

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Ask the work to stop; leave at once when asked again, as what was sent is in the journal."""
        if self.signal is not None:
            os._exit(SIGNAL_EXIT_BASE + number)
        self.signal = number
        self.event.set()

    def exit_code(self, otherwise: int) -> int:
        """Return the exit code of a command that a signal stopped, or else the given one."""
        return SIGNAL_EXIT_BASE + self.signal if self.signal is not None else otherwise


@contextmanager
def stopped_by_signals() -> Iterator[Stopping]:
    """Give a stop event that SIGINT and SIGTERM set; only the main thread may call this."""
    stopping = Stopping()
    before = {number: signal.signal(number, stopping.on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
