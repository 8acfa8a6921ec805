"""SIGTERM and Ctrl-C: the first one sets the stop event, a second one ends the process at once; SIGHUP of a daemon.

A thread receives the signals, because the main thread may wait in a call that Python cannot interrupt. If the work does
not end in time, this thread ends the process. That is safe at any moment: each request is in the journal before it is
sent, and the next start looks for it.
"""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from list_sync.workers import Stop

# Docker kills 10 seconds after its SIGTERM, and we promise to be gone within 8.
GIVE_UP_AFTER_SECONDS = 5.5
GIVING_UP_SECONDS = 1.0
# Enough to print a report; Python itself would wait for all threads that still wait for an answer.
PRINTING_SECONDS = 1.0
# The shell adds this to the number of the signal that ended a process.
SIGNAL_EXIT_BASE = 128
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
OVER = 0


class Stopping:
    """The stop event of a command, and the signal that set it, if one did.

    `on_giving_up` is called from another thread when the work did not end in time, and so is `on_hangup` after a
    SIGHUP, if the process takes that signal.
    """

    def __init__(self, *, exit_code: int | None = None) -> None:
        self.event = Stop()
        self.signal: int | None = None
        self._began_at_terminal = False
        self.on_giving_up: Callable[[], object] = lambda: None
        self.on_hangup: Callable[[], object] = lambda: None
        self._exit_code = exit_code
        self._receiver, self._sender = os.pipe()
        os.set_blocking(self._sender, False)
        self._watchdog = threading.Thread(target=self._watch, name="signals", daemon=True)

    def exit_code(self, otherwise: int) -> int:
        """Return the exit code of a command that a signal stopped, or else the given one."""
        if self.signal is None:
            return otherwise
        return SIGNAL_EXIT_BASE + self.signal if self._exit_code is None else self._exit_code

    def start(self) -> None:
        """Take over the signals; only the main thread may call this."""
        self._wakeup_before = signal.set_wakeup_fd(self._sender, warn_on_full_buffer=False)
        self._before: dict[int, Any] = {number: signal.signal(number, _ignore) for number in STOP_SIGNALS}
        self._watchdog.start()

    def take_hangups(self) -> None:
        """Take over SIGHUP, which ends other processes; of a terminal that was closed it is a stop."""
        self._began_at_terminal = os.isatty(0)
        self._before[signal.SIGHUP] = signal.signal(signal.SIGHUP, _ignore)

    def _has_lost_terminal(self) -> bool:
        return self._began_at_terminal and not os.isatty(0)

    def end(self) -> None:
        """Give the signals back; after a stop, end the process soon, even if other threads still wait."""
        os.write(self._sender, bytes([OVER]))
        if self.signal is not None:
            return
        self._watchdog.join()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        for end in (self._receiver, self._sender):
            os.close(end)

    def _watch(self) -> None:
        received = self._receive(None)
        if received == OVER:
            return
        self.signal = received
        self.event.set()
        if self._receive(GIVE_UP_AFTER_SECONDS) == OVER:
            self._receive(PRINTING_SECONDS)
        else:
            giving_up = threading.Thread(target=self.on_giving_up, daemon=True)
            giving_up.start()
            giving_up.join(GIVING_UP_SECONDS)
        os._exit(self.exit_code(0))

    def _receive(self, seconds: float | None) -> int | None:
        """Return the next event: a stop signal, or OVER; None if there is none in time."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._receiver], [], [], left)[0]:
                return None
            received = os.read(self._receiver, 1)[0]
            if received == signal.SIGHUP and not self._has_lost_terminal():
                self.on_hangup()
                continue
            if received == signal.SIGHUP:
                received = signal.SIGTERM
            if received in STOP_SIGNALS and self.signal is not None:
                os._exit(SIGNAL_EXIT_BASE + received)
            if received == OVER or received in STOP_SIGNALS:
                return received


@contextmanager
def stopped_by_signals(*, exit_code: int | None = None) -> Iterator[Stopping]:
    """Give a stop event that SIGINT and SIGTERM set; `exit_code` is the shell's 130 and 143 unless it is given.

    Only the main thread may call this.
    """
    stopping = Stopping(exit_code=exit_code)
    stopping.start()
    try:
        yield stopping
    finally:
        stopping.end()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Leave the signal to the watchdog; without a handler in Python the signal would end the process."""
